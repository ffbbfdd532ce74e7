//! `aisle ask`

use std::io::Write;

use aisle_core::answer::{Answer, Question, compose, ground};
use aisle_core::protocol::{ProductCard, Source, Understanding};
use aisle_core::route::{Route, likely_intent, route};
use aisle_core::words::ENGLISH;
use aisle_engine::Engine;
use clap::Args;
use serde::Serialize;

use super::artifact::ArtifactDir;
use super::output::{print_json, product_line, shown};

const ON_DEVICE: &str = "Answered on the shopper's device.";
const AT_THE_WORKER: &str = "Sent to the worker. Without a language model it answers:";

/// Asks a shop's chat a question and tells how it would be answered.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle ask --artifact my-shop/artifact \"how long does delivery take?\"
  aisle ask --artifact my-shop/artifact --json \"do you have red mugs\"")]
pub(super) struct Ask {
    #[command(flatten)]
    artifact: ArtifactDir,
    /// What the shopper sends.
    #[arg(required = true, value_name = "QUESTION")]
    words: Vec<String>,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

/// What `--json` writes.
#[derive(Serialize)]
struct Told<'a> {
    /// What the model makes of the question.
    understanding: &'a Understanding,
    /// `local_section`, `local_products` or `edge`.
    route: &'static str,
    /// The text of the answer; where the route is `edge`, that of a worker without a language model.
    answer: &'a str,
    /// What the answer rests on.
    sources: &'a [Source],
    /// What is shown with it.
    products: &'a [ProductCard],
}

impl Ask {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let engine = self.artifact.open()?;
        let text = self.words.join(" ");
        let understanding = engine.understand(&text)?;
        let (route, answer) = answer(&engine, &text, &understanding);
        if self.json {
            let told = Told {
                understanding: &understanding,
                route: name(route),
                answer: &answer.text,
                sources: &answer.sources,
                products: &answer.products,
            };
            return print_json(out, &told);
        }
        for score in &understanding.intents {
            writeln!(out, "{:>6.1}%  {}", 100.0 * score.probability, shown(&score.intent))?;
        }
        let place = if route == Route::Edge { AT_THE_WORKER } else { ON_DEVICE };
        writeln!(out, "\n{place}\n\n{}", shown(&answer.text))?;
        for source in &answer.sources {
            writeln!(out, "  from: {} ({})", shown(&source.title), shown(&source.url))?;
        }
        for card in &answer.products {
            writeln!(out, "{}", product_line(card))?;
        }
        Ok(())
    }
}

/// Where a question is answered, and how.
fn answer(engine: &Engine, text: &str, understanding: &Understanding) -> (Route, Answer) {
    match (route(text, understanding), &understanding.answer) {
        (Route::LocalSection, Some(found)) => {
            let (text, sources) = (found.text.clone(), vec![found.source.clone()]);
            (Route::LocalSection, Answer { text, sources, ..Answer::default() })
        }
        (Route::LocalProducts, _) => {
            let (text, products) = (ENGLISH.found.to_owned(), understanding.products.clone());
            (Route::LocalProducts, Answer { text, products, ..Answer::default() })
        }
        _ => {
            let (vector, intent) = (&understanding.vector, likely_intent(understanding));
            let question = Question { text, vector, intent };
            let grounding = ground(engine.index(), &question);
            (Route::Edge, compose(&ENGLISH, &engine.manifest().shop, &question, &grounding))
        }
    }
}

fn name(route: Route) -> &'static str {
    match route {
        Route::LocalSection => "local_section",
        Route::LocalProducts => "local_products",
        Route::Edge => "edge",
    }
}
