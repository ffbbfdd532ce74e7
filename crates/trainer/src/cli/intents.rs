//! `aisle evaluate intents`

use std::io::Write;
use std::path::PathBuf;

use aisle_trainer::evaluate::{IntentFigures, RoutingFigures, intent_figures, routing_figures};
use aisle_trainer::read::read_examples;
use clap::Args;
use serde::Serialize;

use super::artifact::ArtifactDir;
use super::measure::{answerable, cut, read_all, route_messages, score_messages, share};
use super::output::{entry, percent, print_json};

/// How well intents are recognised, and how much is answered on the device.
///
/// The file has the columns text and intent, divided by tabs; it may be gzipped, and other columns
/// are ignored. A message is predicted to have its most probable intent. For out-of-scope recall
/// and false rejection it is refused when the probability of being in scope, of all intents but
/// `out_of_scope` together, is below the artifact's threshold. What is answered on the device is
/// decided as the chat decides it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle evaluate intents --artifact my-shop/artifact --file judged.tsv --json
  aisle evaluate intents --artifact my-shop/artifact --file judged.tsv --cut 0.6")]
pub(super) struct Intents {
    #[command(flatten)]
    artifact: ArtifactDir,
    /// Messages with their right intents; may be given several times.
    #[arg(long, value_name = "TSV", required = true)]
    file: Vec<PathBuf>,
    /// Judge the messages as they stand after this share of their characters, at least one, has been
    /// typed.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    cut: Option<f64>,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Figures {
    #[serde(flatten)]
    intents: IntentFigures,
    #[serde(flatten)]
    routing: RoutingFigures,
}

impl Intents {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let mut examples = read_all(&self.file, read_examples)?;
        if let Some(share) = self.cut {
            examples.iter_mut().for_each(|example| cut(example, share));
        }
        let engine = self.artifact.open()?;
        let messages = score_messages(&engine, &examples)?.results;
        let routed = route_messages(&engine, &examples)?;
        let manifest = engine.manifest();
        let thresholds = manifest.thresholds;
        let figures = Figures {
            intents: intent_figures(&messages, &manifest.labels, thresholds.in_scope),
            routing: routing_figures(&routed, &answerable(engine.index()), thresholds.into()),
        };
        if self.json { print_json(out, &figures) } else { print(out, &figures) }
    }
}

fn print(out: &mut dyn Write, Figures { intents, routing }: &Figures) -> anyhow::Result<()> {
    entry(out, "messages", &intents.messages.to_string())?;
    for (name, share) in [
        ("accuracy", intents.accuracy),
        ("in-scope accuracy", intents.in_scope_accuracy),
        ("right one in the top three", intents.top3_accuracy),
        ("out-of-scope recall", intents.out_of_scope_recall),
        ("false rejection", intents.false_rejection),
        ("macro F1", intents.macro_f1),
        ("expected calibration error", intents.expected_calibration_error),
    ] {
        entry(out, name, &percent(share))?;
    }
    entry(out, "that a document answers", &routing.answerable_messages.to_string())?;
    for (name, share) in [
        ("  answered on the device", routing.answered_locally),
        ("  of these answers wrong", routing.wrong_locally),
    ] {
        entry(out, name, &percent(share))?;
    }
    entry(out, "all answers on the device", &routing.local_answers.to_string())?;
    entry(out, "  wrong", &percent(routing.wrong_of_local_answers))?;
    writeln!(
        out,
        "\n{:<20}{:>9}{:>11}{:>9}{:>8}",
        "intent", "messages", "precision", "recall", "F1"
    )?;
    for (intent, figure) in &intents.per_intent {
        writeln!(
            out,
            "{intent:<20}{:>9}{:>11}{:>9}{:>8}",
            figure.messages,
            percent(figure.precision),
            percent(Some(figure.recall)),
            percent(Some(figure.f1))
        )?;
    }
    Ok(())
}
