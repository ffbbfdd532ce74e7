//! One table: what is typed, and what must come first.

use super::*;
use crate::index::tests::small_shop;
use crate::index::{Index, IndexBuilder, NewProduct};
use proptest::prelude::*;

fn best(query: &Query) -> Option<String> {
    let index = small_shop();
    let mut found = search_words(&index, &Resolved::new(&index, query));
    found.retain(|m| index.products().contains(&m.document));
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.document.cmp(&b.document)));
    found.first().and_then(|m| index.card(m.document)).map(|c| c.handle)
}

#[test]
fn words_prefixes_plurals_and_typos_find_the_product() {
    for (draft, expected) in [
        ("blue mug", Some("blue-spot-mug")),
        ("blue mugs", Some("blue-spot-mug")),
        ("ther", Some("wall-thermometer")),
        ("wall the", Some("wall-thermometer")),
        ("termometer", Some("wall-thermometer")),
        ("wall thermomter ", Some("wall-thermometer")),
        ("t-li", Some("heart-t-light-holder")),
        ("a blue mug for my nan", Some("blue-spot-mug")),
        ("22003", Some("heart-t-light-holder")),
        ("spotmug ", Some("red-spot-mug")),
        ("spotmu", Some("red-spot-mug")),
        ("television", None),
        ("", None),
        ("the", Some("wall-thermometer")),
    ] {
        assert_eq!(best(&Query::draft(draft)).as_deref(), expected, "{draft:?}");
    }
}

#[test]
fn a_finished_word_is_a_prefix_only_where_nobody_has_it() {
    assert_eq!(best(&Query::message("ther")).as_deref(), Some("wall-thermometer"));
    assert_eq!(best(&Query::draft("ther ")).as_deref(), Some("wall-thermometer"));
    let index = small_shop();
    let found = |text: &str| search_words(&index, &Resolved::new(&index, &Query::message(text)));
    assert_eq!(found("red").len(), 1);
    assert_eq!(found("th"), []);
}

#[test]
fn spellings_and_words_written_apart_are_one() {
    let product = |title: &str| NewProduct {
        sku: title.into(),
        handle: title.into(),
        title: title.into(),
        available: true,
        ..NewProduct::default()
    };
    let titles = ["Grey Teacup", "Colour Box", "Cup Rack", "Tea Tin", "Wood Bowl"];
    let builder =
        IndexBuilder { products: titles.map(product).to_vec(), ..IndexBuilder::default() };
    let index = Index::open(&builder.build(&str::to_owned).unwrap()).unwrap();
    for (text, expected) in [
        ("gray", "Grey Teacup"),
        ("color", "Colour Box"),
        ("tea cup", "Grey Teacup"),
        ("teacups", "Grey Teacup"),
        ("wooden bowl", "Wood Bowl"),
    ] {
        let mut found = search_words(&index, &Resolved::new(&index, &Query::message(text)));
        found.sort_by(|a, b| b.coverage.total_cmp(&a.coverage));
        let best = found.first().and_then(|m| index.title(m.document));
        assert_eq!(best.as_deref(), Some(expected), "{text}");
    }
    assert_eq!(
        search_words(&index, &Resolved::new(&index, &Query::message("bowl not wooden"))),
        []
    );
}

#[test]
fn what_is_said_around_a_thing_counts_less() {
    let index = small_shop();
    let coverage = |text: &str| {
        let found = search_words(&index, &Resolved::new(&index, &Query::message(text)));
        found.iter().map(|m| m.coverage).fold(0.0, f32::max)
    };
    assert!(coverage("really nice red mug") > 0.6);
    assert!(coverage("zebra oboe red mug") < 0.6);
}

#[test]
fn what_is_not_wanted_or_costs_too_much_is_not_found() {
    let index = small_shop();
    let found = |text: &str| {
        let matches = search_words(&index, &Resolved::new(&index, &Query::message(text)));
        let products = matches.iter().filter_map(|m| index.card(m.document));
        let mut handles: Vec<String> = products.map(|card| card.handle).collect();
        handles.sort();
        handles
    };
    for (text, expected) in [
        ("mug", &["blue-spot-mug", "red-spot-mug"][..]),
        ("mug not red", &["blue-spot-mug"]),
        ("spot mug without blue or red", &[]),
        ("unheart holder", &[]),
        ("mug under £2.50", &["blue-spot-mug", "red-spot-mug"]),
        ("mug under £2", &[]),
        ("mug over £2", &["blue-spot-mug", "red-spot-mug"]),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn a_page_about_what_is_denied_is_still_found() {
    let index = small_shop();
    let resolved = Resolved::new(&index, &Query::message("goods not returned"));
    let sections: Vec<u32> = search_words(&index, &resolved)
        .iter()
        .map(|m| m.document)
        .filter(|document| index.sections().contains(document))
        .collect();
    assert_eq!(sections.len(), 1);
}

#[test]
fn a_title_is_matched_by_what_it_names() {
    let index = small_shop();
    let fit = |query: &str, title: &str| {
        Resolved::new(&index, &Query::message(query)).title_fit(&index, title)
    };
    assert_eq!(fit("blue mugs", "Blue Spot Mug").names_it, 1.0);
    assert_eq!(fit("blue", "Blue Spot Mug").names_it, 0.0);
    assert!((fit("blue mug", "Blue Spot Mug").share - 2.0 / 3.0).abs() < 1e-6);
    assert_eq!(fit("lantern", "Blue Spot Mug"), TitleFit::default());
    assert_eq!(fit("blue", ""), TitleFit::default());
    // All of the query, most of a shorter title, and its words side by side.
    let (whole, part) = (fit("red spot", "Red Spot Mug"), fit("red spot", "Blue Spot Mug"));
    assert!(whole.coverage == 1.0 && part.coverage < 1.0);
    assert!(whole.score > fit("red spot", "Red Spot Mug Wall Holder").score);
    assert_eq!((whole.phrase, part.phrase), (1.0, 0.0));
    assert_eq!(fit("red spot", "Spot Red").phrase, 0.0);
    // A T-light is no light.
    assert!(fit("light", "Heart T-Light Holder").coverage < 0.7);
    assert_eq!(fit("t-light", "Heart T-Light Holder").coverage, 1.0);
}

#[test]
fn coverage_counts_what_the_shop_does_not_know() {
    let index = small_shop();
    let coverage = |text: &str| {
        let found = search_words(&index, &Resolved::new(&index, &Query::message(text)));
        found.iter().map(|m| m.coverage).fold(0.0, f32::max)
    };
    assert!(coverage("red mug") > 0.99);
    assert!(coverage("red mug zanzibar") < 0.8);
    assert!(coverage("zanzibar") == 0.0);
}

#[test]
fn a_text_without_spaces_is_searched_as_fast_as_another() {
    let index = small_shop();
    // As one word of as many different letters as a message may have, this would take gigabytes.
    let text: String = ('\u{4e00}'..).take(crate::protocol::MAX_MESSAGE_CHARS).collect();
    assert_eq!(search_words(&index, &Resolved::new(&index, &Query::draft(&text))), []);
    let typo = format!("{}x", "thermometer".repeat(3));
    assert_eq!(search_words(&index, &Resolved::new(&index, &Query::draft(&typo))), []);
}

proptest! {
    #[test]
    fn any_text_is_searched(text in "\\PC{0,200}") {
        let index = small_shop();
        for m in search_words(&index, &Resolved::new(&index, &Query::draft(&text))) {
            prop_assert!(m.score.is_finite() && (0.0..=1.0).contains(&m.coverage));
            prop_assert!(index.kind(m.document).is_some());
        }
    }
}
