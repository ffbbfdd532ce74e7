//! Retrieval and the built-in answerer together.

use super::*;
use crate::index::tests::small_shop;
use crate::index::{Document, Index, IndexBuilder, NewSection};
use crate::protocol::{Message, ProductCard, Role, SectionAnswer, Source};
use crate::words::{ENGLISH, Words};
use proptest::prelude::*;

fn ask(text: &str, intent: Option<&str>) -> Answer {
    let index = small_shop();
    let question = Question { text, vector: &[], intent };
    compose(&ENGLISH, "Shop", &question, &ground(&index, &question))
}

#[test]
fn answers_rest_on_what_the_shop_has() {
    for (text, intent, source, product) in [
        ("how long do I have to return something", None, Some("Returns: How long you have"), None),
        ("do you ship abroad", Some("delivery_options"), Some("Delivery: Countries"), None),
        ("a red mug please", Some("product_search"), None, Some("red-spot-mug")),
        ("red mug", None, None, Some("red-spot-mug")),
        ("55 inch television", Some("product_search"), None, None),
    ] {
        let answer = ask(text, intent);
        assert_eq!(answer.sources.first().map(|s| s.title.as_str()), source, "{text}");
        assert_eq!(answer.products.first().map(|p| p.handle.as_str()), product, "{text}");
        assert!(!answer.text.is_empty());
        assert_eq!(answer.found_nothing, source.is_none() && product.is_none(), "{text}");
    }
    assert!(!ask("hello", Some("greeting")).found_nothing, "nothing was asked for");
}

#[test]
fn of_sections_that_fit_alike_the_first_of_its_document_answers() {
    let section = |title: &str| NewSection {
        title: title.into(),
        text: "You may return goods.".into(),
        intents: vec!["return_policy".into()],
        vector: vec![],
    };
    let titles = ["Trade", "Your returns", "Abroad"];
    let builder = IndexBuilder {
        labels: vec!["return_policy".into()],
        documents: vec![
            Document { sections: vec![section("Home")], ..Document::default() },
            Document { sections: titles.map(section).to_vec(), ..Document::default() },
        ],
        ..IndexBuilder::default()
    };
    let index = Index::open(&builder.build(&str::to_owned).unwrap()).unwrap();
    let leading: Vec<bool> = (0..5).map(|at| index.leads_document(at)).collect();
    assert_eq!(leading, [true, true, false, false, false]);
    let question = Question { text: "return", vector: &[], intent: Some("return_policy") };
    let best = ground(&index, &question).sections.into_iter().next().unwrap();
    assert!(index.leads_document(best.source.section), "{}", best.source.title);
}

#[test]
fn what_is_not_there_is_said_to_be_not_there() {
    assert!(ask("who won the world cup", None).text.contains("could not find"));
}

#[test]
fn why_there_is_no_such_product_is_said() {
    for (text, said) in [
        ("a grand piano", "Shop has nothing like that. "),
        ("a red mug under £1", "nothing like that at this price"),
        ("a red mug without spots", "only with what you do not want: spots."),
    ] {
        let answer = ask(text, Some("product_search"));
        assert!(answer.text.contains(said), "{text}: {}", answer.text);
        assert!(answer.products.is_empty(), "{text}");
    }
}

pub(super) fn message(text: String) -> Message {
    Message::new(1, Role::Shopper, &text, 0)
}

#[test]
fn an_empty_section_is_no_answer() {
    let question = Question { text: "x", vector: &[], intent: Some("return_policy") };
    let section = |text: &str| SectionAnswer {
        text: text.into(),
        source: Source { section: 0, title: "Returns".into(), url: String::new() },
    };
    let grounding = Grounding { sections: vec![section(" \n")], ..Grounding::default() };
    assert!(compose(&ENGLISH, "Shop", &question, &grounding).text.contains("could not find"));
    let grounding = Grounding { sections: vec![section(""), section("Thirty")], ..grounding };
    assert_eq!(compose(&ENGLISH, "Shop", &question, &grounding).text, "Thirty");
}

/// Groundings of any size, as a hostile shop could have them.
pub(super) fn groundings() -> impl Strategy<Value = Grounding> {
    let index = small_shop();
    let card = index.card(0).unwrap();
    let section = index.section_answer(0).unwrap();
    let lengths = || prop::collection::vec(0usize..20_000, 0..8);
    (lengths(), lengths(), any::<bool>()).prop_map(
        move |(sections, products, asks_for_products)| Grounding {
            sections: sections
                .into_iter()
                .map(|length| {
                    let mut section = section.clone();
                    section.text = "§".repeat(length);
                    section.source.title = "t".repeat(length);
                    section
                })
                .collect(),
            products: products
                .into_iter()
                .map(|length| ProductCard { title: "€".repeat(length), ..card.clone() })
                .collect(),
            asks_for_products,
            ..Grounding::default()
        },
    )
}

proptest! {
    #[test]
    fn an_answer_is_never_empty(
        grounding in groundings(),
        text in "\\PC{0,20}",
        intent in prop::option::of("[a-z_]{0,9}|greeting|closing|affirm|deny|product_search"),
    ) {
        let question = Question { text: &text, vector: &[], intent: intent.as_deref() };
        let answer = compose(&ENGLISH, "", &question, &grounding);
        prop_assert!(!answer.text.trim().is_empty());
        prop_assert!(answer.sources.iter().all(|s| grounding.sections.iter().any(|g| g.source == *s)));
    }

    #[test]
    fn chunks_join_to_the_text(text in "\\PC{0,80}") {
        prop_assert_eq!(chunks(&text).concat(), text);
    }
}

#[test]
fn the_answerer_speaks_the_shops_language() {
    let index = small_shop();
    let ask = |text, intent| {
        let question = Question { text, vector: &[], intent };
        let grounding = ground(&index, &question);
        compose(Words::for_locale("fr-FR"), "La Boutique", &question, &grounding)
    };
    assert!(ask("bonjour", Some("greeting")).text.starts_with("Bonjour ! Posez-moi"));
    let found = ask("red mug", Some("product_search"));
    assert!(!found.products.is_empty() && found.text.starts_with("Voici ce que"), "{}", found.text);
    let nothing = ask("qwxyz", None).text;
    assert!(nothing.contains("de La Boutique. Essayez"), "{nothing}");
}
