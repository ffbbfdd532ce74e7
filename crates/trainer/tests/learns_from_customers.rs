//! Reviews and former conversations change what training makes of a shop.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod importing;

use aisle_core::answer::{Question, compose, ground};
use aisle_core::search::{Query, Resolved, search_words};
use aisle_core::words::ENGLISH;
use aisle_engine::{Engine, Files};
use aisle_trainer::import::{import_chats, import_reviews};
use aisle_trainer::read::Shop;
use aisle_trainer::train::{Config, committed_base, train_shop, unanswered};
use importing::Folders;

/// What shoppers of this shop ask in a word of their own.
const TOPIC: &str = "glorp";
const INTENT: &str = "warranty";

fn shop_folder() -> Folders {
    let folders = Folders::new();
    let products = "Handle,Title,Variant SKU,Variant Price\namelia-dress,Amelia Dress,D1,40\n\
        linen-shirt,Linen Shirt,S1,30\nred-mug,Red Mug,M1,4\ntea-towel,Tea Towel,T1,6\n";
    folders.write("shop/products.csv", products.as_bytes());
    let sizes = "# Sizes\n\n## Size guide\nintents: size_fit\n\nMeasure yourself.\n";
    folders.write("shop/documents/sizes.md", sizes.as_bytes());
    folders
}

fn trained(shop: &Shop) -> Engine {
    let config = Config { shop_epochs: 2, ranker_queries: 40, ..Config::default() };
    let artifact = train_shop(shop, committed_base(), &config, &|_, _, _| {}).unwrap();
    Engine::open(Files {
        manifest: &artifact.manifest_json,
        encoder: &artifact.encoder,
        ranker: &artifact.ranker,
        index: &artifact.index,
    })
    .unwrap()
}

/// Titles of the products that a word finds.
fn found(engine: &Engine, text: &str) -> Vec<String> {
    let index = engine.index();
    let matches = search_words(index, &Resolved::new(index, &Query::message(text)));
    let titles = matches.iter().filter_map(|found| index.card(found.document));
    titles.map(|card| card.title).collect()
}

fn answer(engine: &Engine, text: &str) -> String {
    let question = Question { text, vector: &[], intent: Some("size_fit") };
    compose(&ENGLISH, "Shop", &question, &ground(engine.index(), &question)).text
}

/// The probability of the intent, and whether it is the most probable one.
fn judged(engine: &Engine, text: &str) -> (f32, bool) {
    let at = engine.manifest().labels.iter().position(|label| label == INTENT).unwrap();
    let probabilities = engine.predict(text).unwrap().probabilities;
    (probabilities[at], probabilities.iter().all(|other| *other <= probabilities[at]))
}

#[test]
fn reviews_and_conversations_change_the_result() {
    let folders = shop_folder();
    let before = trained(&folders.shop());

    let reviews = "sku,rating,text\nD1,5,\"Runs small, order a size up. Wore it to a garden party.\"\n\
        D1,4,It runs small in the waist. Perfect for a garden party.\n\
        D1,3,Lovely for a garden party.\nS1,5,Soft.\nS1,5,Nice and light.\nS1,4,Light.\n";
    folders.write("r.csv", reviews.as_bytes());
    folders.import(&import_reviews, "r.csv", &[]).unwrap();
    let chats: String = (0..40)
        .map(|at| {
            let text = format!("{TOPIC} {}", ["please", "now", "for mine", "again"][at % 4]);
            format!(
                "{{\"id\":\"{at}\",\"messages\":[{{\"role\":\"shopper\",\"text\":\"{text} {}\",\
                 \"intent\":\"{INTENT}\",\"intent_by\":\"agent\",\"answered\":{}}}]}}\n",
                char::from(b'a' + (at % 26) as u8),
                at >= 4,
            )
        })
        .collect();
    folders.write("c.jsonl", chats.as_bytes());
    folders.import(&import_chats, "c.jsonl", &[]).unwrap();
    let shop = folders.shop();
    assert!(shop.warnings.is_empty(), "{:?}", shop.warnings);
    let after = trained(&shop);

    assert_eq!(found(&before, "garden party"), Vec::<String>::new());
    assert_eq!(found(&after, "garden party"), ["Amelia Dress"]);

    let question = "does the amelia dress run small?";
    assert_eq!(answer(&before, question).lines().next(), Some("Measure yourself."));
    let answered = answer(&after, question);
    assert!(answered.contains("“Runs small, order a size up.” (rated 5 of 5)"), "{answered}");
    assert_eq!(answer(&after, "does it run small?").lines().next(), Some("Measure yourself."));

    let ((untaught, _), (taught, is_best)) = (judged(&before, TOPIC), judged(&after, TOPIC));
    assert!(is_best && taught > 10.0 * untaught, "{untaught} and then {taught}");

    let open = unanswered(&shop.chats);
    assert_eq!(open.iter().map(|u| u.count).sum::<usize>(), 4);
    assert!(open[0].question.starts_with(TOPIC));
}
