//! `aisle score`

use std::io::Write;
use std::path::PathBuf;

use aisle_core::protocol::{Signals, Suggestion};
use aisle_core::rank::top_intents;
use aisle_trainer::read::read_texts;
use clap::Args;
use serde::Serialize;

use super::artifact::ArtifactDir;
use super::measure::read_all;
use super::output::{progress_bar, shown};

/// Runs the model over texts, one a line, and writes what it makes of each.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle score --artifact my-shop/artifact --file messages.txt
  aisle score --artifact my-shop/artifact --file messages.txt --json > scores.ndjson

With --json, one object a line: text, probabilities (in the order of the manifest's labels),
vector, suggestions.")]
pub(super) struct Score {
    #[command(flatten)]
    artifact: ArtifactDir,
    /// Texts, one a line; may be gzipped, and given several times.
    #[arg(long, value_name = "TEXTS", required = true)]
    file: Vec<PathBuf>,
    /// Write one JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Scored<'a> {
    text: &'a str,
    probabilities: Vec<f32>,
    vector: Vec<i8>,
    suggestions: Vec<Suggestion>,
}

impl Score {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let texts = read_all(&self.file, |path| Ok((read_texts(path)?, vec![])))?;
        let engine = self.artifact.open()?;
        let bar = progress_bar("scoring", texts.len());
        for text in &texts {
            let prediction = engine.predict(text)?;
            if self.json {
                let scored = Scored {
                    text,
                    probabilities: prediction.probabilities,
                    vector: prediction.vector,
                    suggestions: engine.suggest(text, &Signals::default())?,
                };
                serde_json::to_writer(&mut *out, &scored)?;
                writeln!(out)?;
            } else {
                let best = top_intents(&prediction.probabilities, 1);
                let at = best.first().copied().unwrap_or(0);
                let intent = engine.manifest().labels.get(at).map_or("", String::as_str);
                let probability = prediction.probabilities.get(at).copied().unwrap_or(0.0);
                let percent = 100.0 * probability;
                writeln!(out, "{percent:>6.1}%  {:<18}  {}", shown(intent), shown(text))?;
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }
}
