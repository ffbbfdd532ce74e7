//! `aisle ask`

use std::io::Write;

use aisle_core::route::{Route, route};
use clap::Args;

use super::artifact::ArtifactDir;
use super::output::{print_json, product_line, shown};

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
        let understanding = engine.understand(&self.words.join(" "))?;
        if self.json {
            return print_json(out, &understanding);
        }
        for score in &understanding.intents {
            writeln!(out, "{:>6.1}%  {}", 100.0 * score.probability, shown(&score.intent))?;
        }
        writeln!(out)?;
        let place = match route(&understanding) {
            Route::LocalSection | Route::LocalProducts => "Answered on the shopper's device.",
            Route::Edge => "Sent to the worker. What the shop has for it:",
        };
        writeln!(out, "{place}")?;
        if let Some(answer) = &understanding.answer {
            let source = &answer.source;
            let (text, title, url) =
                (shown(&answer.text), shown(&source.title), shown(&source.url));
            writeln!(out, "\n{text}\n  from: {title} ({url})")?;
        }
        if !understanding.products.is_empty() {
            writeln!(out)?;
        }
        for card in &understanding.products {
            writeln!(out, "{}", product_line(card))?;
        }
        Ok(())
    }
}
