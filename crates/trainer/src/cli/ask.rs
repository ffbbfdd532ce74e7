//! `aisle ask`

use std::io::Write;

use aisle_core::answer::{Answer, Question, compose, ground};
use aisle_core::route::{Route, likely_intent, route};
use aisle_core::words::ENGLISH;
use clap::Args;

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

impl Ask {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let engine = self.artifact.open()?;
        let text = self.words.join(" ");
        let understanding = engine.understand(&text)?;
        if self.json {
            return print_json(out, &understanding);
        }
        for score in &understanding.intents {
            writeln!(out, "{:>6.1}%  {}", 100.0 * score.probability, shown(&score.intent))?;
        }
        writeln!(out)?;
        let (place, answer) = match (route(&text, &understanding), &understanding.answer) {
            (Route::LocalSection, Some(found)) => {
                let (text, sources) = (found.text.clone(), vec![found.source.clone()]);
                (ON_DEVICE, Answer { text, sources, ..Answer::default() })
            }
            (Route::LocalProducts, _) => {
                let (text, products) = (ENGLISH.found.to_owned(), understanding.products.clone());
                (ON_DEVICE, Answer { text, products, ..Answer::default() })
            }
            _ => {
                let (vector, intent) = (&understanding.vector, likely_intent(&understanding));
                let question = Question { text: &text, vector, intent };
                let grounding = ground(engine.index(), &question);
                (AT_THE_WORKER, compose(&ENGLISH, &engine.manifest().shop, &question, &grounding))
            }
        };
        writeln!(out, "{place}\n\n{}", shown(&answer.text))?;
        for source in &answer.sources {
            writeln!(out, "  from: {} ({})", shown(&source.title), shown(&source.url))?;
        }
        for card in &answer.products {
            writeln!(out, "{}", product_line(card))?;
        }
        Ok(())
    }
}
