use std::collections::BTreeMap;

use aisle_core::artifact::{FileCheck, Thresholds};
use html5gum::{Token, Tokenizer};

use super::*;
use crate::evaluate::SearchFigures;

/// Elements that have no end tag.
const VOID: [&str; 2] = ["meta", "wbr"];
const HOSTILE: &str = "</style><script>alert('1')</script>\"onload=x<svg>&lt;";

fn manifest(shop: &str, labels: &[&str]) -> Manifest {
    Manifest {
        format: 7,
        featuriser: 3,
        seed: 11,
        shop: shop.to_owned(),
        currency: "GBP".to_owned(),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        vector_length: 64,
        temperature: 1.0,
        thresholds: Thresholds { min_probability: 0.7, min_margin: 0.1, in_scope: 0.15 },
        files: [("encoder.onnx", 1_500_000), ("index.bin", 2_500), ("ranker.onnx", 500)]
            .map(|(file, bytes)| (file.to_owned(), FileCheck { bytes, crc32: 0 }))
            .into(),
        evaluation: BTreeMap::from([("top3_accuracy".to_owned(), 0.8125)]),
    }
}

const CURVE: [LearningPoint; 3] = [
    LearningPoint { passes: 0, learnt: 0.25, held_out: 0.25 },
    LearningPoint { passes: 1, learnt: 0.75, held_out: 0.5 },
    LearningPoint { passes: 2, learnt: 1.0, held_out: 0.5625 },
];

fn scored(right: &str, probabilities: [f32; 3]) -> ScoredMessage {
    ScoredMessage { intent: right.to_owned(), probabilities: probabilities.to_vec() }
}

fn page(shop: &str, labels: [&str; 3], kind: &str) -> String {
    let messages = [
        scored(labels[0], [0.9, 0.1, 0.0]),
        scored(labels[0], [0.2, 0.8, 0.0]),
        scored(labels[0], [0.2, 0.8, 0.0]),
        scored(labels[1], [0.1, 0.9, 0.0]),
    ];
    let overall = SearchFigures { queries: 3, ndcg10: 0.4375, ..SearchFigures::default() };
    let by_kind = [(kind.to_owned(), SearchFigures { ndcg10: 0.625, ..overall })].into();
    let milliseconds: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
    render(&Report {
        manifest: &manifest(shop, &labels),
        contents: Contents { products: 3_791, sections: 43, actions: 9 },
        messages: Some(&messages),
        search: Some(SearchReport { overall, by_kind, ..SearchReport::default() }),
        times: Times::of("understand", &milliseconds).into_iter().collect(),
        learning_curve: &CURVE,
    })
}

/// Names of the elements in order, and the text outside of tags and the stylesheet; fails where
/// tags are not closed in the order in which they were opened.
fn read(page: &str) -> (Vec<String>, String) {
    let (mut open, mut all, mut text) = (Vec::new(), Vec::new(), String::new());
    // The tokenizer alone does not know that a stylesheet is not markup.
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    let page = [head, body].concat();
    for Ok(token) in Tokenizer::new(&page) {
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8(tag.name.to_vec()).unwrap();
                for attribute in tag.attributes.keys() {
                    let attribute = String::from_utf8(attribute.to_vec()).unwrap();
                    assert!(attribute != "style" && !attribute.starts_with("on"), "{attribute}");
                    assert!(!["src", "href"].contains(&&*attribute), "{attribute}");
                }
                if !VOID.contains(&&*name) {
                    open.push(name.clone());
                }
                all.push(name);
            }
            Token::EndTag(tag) => {
                let name = String::from_utf8(tag.name.to_vec()).unwrap();
                assert_eq!(open.pop(), Some(name), "{all:?}");
            }
            Token::String(more) => text += str::from_utf8(&more).unwrap(),
            Token::Error(error) => assert_eq!(error.to_string(), "", "{all:?}"),
            Token::Comment(_) | Token::Doctype(_) => {}
        }
        text.push('\n');
    }
    assert!(open.is_empty(), "{open:?}");
    (all, text)
}

#[test]
fn figures_appear_in_a_page_that_is_whole() {
    let (elements, text) = read(&page("Mugs & more", ["deny", "invoice", "refund"], "typo"));
    let expected = [
        "Artifact of Mugs & more",
        "3791",
        "1.50 MB",
        "2.5 KB",
        "500 B",
        // Half of the messages are right, all in the top three, deny was taken for invoice twice.
        "50.0%",
        "66.7%",
        "At 0.70, the artifact's own, 100.0% of the messages are left",
        "typo",
        "0.438",
        "0.625",
        "50.00 ms",
        "95.00 ms",
        "top3 accuracy",
        "81.2%",
        "At the end 56.2% of the messages kept out are right, and 100.0% of those learnt from.",
    ];
    for figure in expected {
        assert!(text.contains(figure), "{figure}: {text}");
    }
    let count = |name: &str| elements.iter().filter(|element| *element == name).count();
    assert_eq!((count("script"), count("link"), count("img")), (0, 0, 0));
    // Two curves in two charts; three and two kinds of mark in their legends, three charts, the
    // matrix and one bar.
    assert_eq!((count("polyline"), count("svg")), (4, 10));
    assert_eq!(count("circle"), CURVE.len());
}

#[test]
fn a_learning_curve_runs_from_the_first_to_the_last_pass() {
    let drawn = charts::learning(&CURVE).into_string();
    // From the left of the plot to its right; higher is a smaller number.
    assert!(drawn.contains("points=\"58.0,194.5 204.0,133.0 350.0,117.6\""), "{drawn}");
    assert!(drawn.contains("2 passes: 56% kept out, 100% learnt."), "{drawn}");
    let long: Vec<LearningPoint> =
        (0..=40).map(|passes| LearningPoint { passes, learnt: 1.0, held_out: 1.0 }).collect();
    let labels = charts::learning(&long).into_string().matches("y=\"273.0\"").count();
    assert_eq!(labels, 11);
}

#[test]
fn hostile_names_stay_text() {
    let plain = page("a", ["b", "c", "d"], "e");
    let hostile = page(HOSTILE, [HOSTILE, "c", "d"], HOSTILE);
    assert_eq!(read(&hostile).0, read(&plain).0);
    assert!(read(&hostile).1.contains(HOSTILE));
    assert!(!hostile.contains("<script"));
}

#[test]
fn the_policy_allows_the_stylesheet_that_is_there() {
    let page = page("a", ["b", "c", "d"], "e");
    let styles = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = STANDARD.encode(Sha256::digest(styles));
    assert!(page.contains(&format!("style-src 'sha256-{hash}'")));
}

#[test]
fn without_judged_data_there_is_what_the_manifest_says() {
    let report = Report {
        manifest: &manifest("Mugs", &["deny"]),
        contents: Contents::default(),
        messages: None,
        search: None,
        times: vec![],
        learning_curve: &[],
    };
    let (elements, text) = read(&render(&report));
    assert!(text.contains("top3 accuracy") && !elements.iter().any(|element| element == "svg"));
    let empty = render(&Report { messages: Some(&[]), ..report });
    assert!(read(&empty).1.contains("0 judged messages"));
    assert!(!empty.contains("NaN"));
}

#[test]
fn times_are_summed_up_by_nearest_rank() {
    let of = |all: &[u64]| {
        let all: Vec<Duration> = all.iter().copied().map(Duration::from_millis).collect();
        Times::of("work", &all).map(|t| (t.texts, t.median.as_millis(), t.p95.as_millis()))
    };
    assert_eq!(of(&[]), None);
    assert_eq!(of(&[7]), Some((1, 7, 7)));
    assert_eq!(of(&[9, 1, 5, 3]), Some((4, 3, 9)));
}
