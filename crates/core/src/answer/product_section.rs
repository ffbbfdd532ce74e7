//! Sections that are about one product, such as what its reviewers say: they answer only who asks
//! about that product, by its name or on its page.

use super::{Question, Setting};
use crate::index::Index;
use crate::page::product_handle;
use crate::protocol::SectionAnswer;
use crate::text::{is_stopword, normalize, tokens};

/// Intents that such a section can answer.
const INTENTS: [&str; 3] = ["product_question", "size_fit", "product_compare"];
/// Share of the words of a product's handle that name it.
const NAMED: f32 = 0.5;
/// What speaks for a section whose product is asked about: as much as for one whose intent is.
const WEIGHT: f32 = 1.0;

/// What speaks for a section by its product: nothing for one that is about none, and no number for
/// one that is not asked for.
pub(super) fn weight(
    index: &Index,
    section: u32,
    question: &Question<'_>,
    setting: &Setting,
) -> Option<f32> {
    let Some(answer) = index.section_answer(section) else { return Some(0.0) };
    let Some(handle) = product_handle(&answer.source.url) else { return Some(0.0) };
    let is_asked = question.intent.is_none_or(|intent| INTENTS.contains(&intent));
    let is_here = setting.looks_at.as_ref().is_some_and(|product| product.handle == handle);
    (is_asked && asks_about(question.text, handle, is_here, &answer)).then_some(WEIGHT)
}

/// Whether a question names the product, or is asked on its page, and has something else in it that
/// the section speaks of.
fn asks_about(text: &str, handle: &str, is_here: bool, answer: &SectionAnswer) -> bool {
    let asked = words(text);
    let name = words(handle);
    let has = |list: &[String], word: &String| list.iter().any(|known| alike(known, word));
    let named = name.iter().filter(|word| has(&asked, word)).count();
    let is_named = !name.is_empty() && named as f32 >= NAMED * name.len() as f32;
    if !is_named && !is_here {
        return false;
    }
    let said = words(&format!("{} {}", answer.source.title, answer.text));
    asked.iter().any(|word| !has(&name, word) && has(&said, word))
}

fn words(text: &str) -> Vec<String> {
    let normal = normalize(&text.replace('-', " "));
    tokens(&normal).filter(|word| !is_stopword(word)).map(str::to_owned).collect()
}

/// Whether two words are the same but for a short ending, such as run and runs.
fn alike(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short == long || short.len() >= 3 && long.starts_with(short) && long.len() - short.len() <= 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Surroundings, compose, ground, ground_in};
    use crate::index::{Document, IndexBuilder, NewProduct, NewSection};
    use crate::words::ENGLISH;

    fn index() -> Index {
        let section = |title: &str, text: &str, intents: &[&str]| NewSection {
            title: title.into(),
            text: text.into(),
            intents: intents.iter().map(|i| (*i).into()).collect(),
            vector: vec![],
        };
        let product = |title: &str| NewProduct {
            sku: title.into(),
            handle: title.to_lowercase().replace(' ', "-"),
            title: title.into(),
            price_minor: 100,
            available: true,
            ..NewProduct::default()
        };
        let reviews = |title: &str, quote: &str| Document {
            title: format!("What reviewers say about {title}"),
            url: format!("/products/{}", title.to_lowercase().replace(' ', "-")),
            sections: vec![
                section(&format!("Quality of {title}"), "“Well made.”", &[]),
                section(&format!("Size and fit of {title}: does it run small?"), quote, &[]),
            ],
        };
        let builder = IndexBuilder {
            labels: ["size_fit", "return_policy", "product_question"].map(String::from).to_vec(),
            products: vec![product("Amelia Dress"), product("Linen Shirt")],
            documents: vec![
                Document {
                    title: "Sizes".into(),
                    url: "/pages/sizes".into(),
                    sections: vec![section("Size guide", "Measure yourself.", &["size_fit"])],
                },
                Document {
                    title: "Returns".into(),
                    url: "/pages/returns".into(),
                    sections: vec![section(
                        "Returns",
                        "Return within 30 days.",
                        &["return_policy"],
                    )],
                },
                reviews("Amelia Dress", "“Runs small, order a size up.”"),
                reviews("Linen Shirt", "“Runs large.”"),
            ],
            ..IndexBuilder::default()
        };
        Index::open(&builder.build(&str::to_owned).unwrap()).unwrap()
    }

    #[test]
    fn reviews_answer_who_asks_about_their_product() {
        let index = index();
        for (text, intent, expected) in [
            (
                "does the amelia dress run small?",
                Some("size_fit"),
                "“Runs small, order a size up.”",
            ),
            ("does the amelia dress run small?", None, "“Runs small, order a size up.”"),
            ("linen shirts, do they run small?", Some("size_fit"), "“Runs large.”"),
            ("what is the quality of the linen shirt", Some("product_question"), "“Well made.”"),
            ("does it run small?", Some("size_fit"), "Measure yourself."),
            ("which size do I need", Some("size_fit"), "Measure yourself."),
            ("can I return the amelia dress", Some("return_policy"), "Return within 30 days."),
        ] {
            let question = Question { text, vector: &[], intent };
            let answer = compose(&ENGLISH, "Shop", &question, &ground(&index, &question));
            assert_eq!(answer.text.lines().next(), Some(expected), "{text}");
        }
    }

    #[test]
    fn on_its_page_a_product_needs_no_name() {
        let around = |page| Surroundings { page: Some(page), ..Surroundings::default() };
        let text = "does it run small?";
        let question = Question { text, vector: &[], intent: Some("size_fit") };
        for (page, expected) in [
            ("/products/amelia-dress", "“Runs small, order a size up.”"),
            ("/products/linen-shirt", "“Runs large.”"),
            ("/pages/sizes", "Measure yourself."),
        ] {
            let grounding = ground_in(&index(), &question, &around(page));
            let answer = compose(&ENGLISH, "Shop", &question, &grounding);
            assert_eq!(answer.text.lines().next(), Some(expected), "{page}");
        }
    }

    #[test]
    fn reviews_of_other_products_ground_nothing() {
        let question =
            Question { text: "does the amelia dress run small?", vector: &[], intent: None };
        let grounding = ground(&index(), &question);
        assert!(!grounding.sections.is_empty());
        assert!(grounding.sections.iter().all(|s| s.source.url != "/products/linen-shirt"));
    }
}
