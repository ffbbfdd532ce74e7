//! `aisle calibrate`

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use aisle_core::artifact::{MANIFEST_FILE, Manifest, Thresholds};
use aisle_trainer::evaluate::{
    RoutingFigures, in_scope_threshold, intent_figures, local_thresholds, routing_figures,
};
use aisle_trainer::read::read_examples;
use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;

use super::artifact::ArtifactDir;
use super::measure::{answerable, read_all, route_messages, score_messages, share};
use super::output::{entry, percent, print_json};

/// Figures of the manifest that were measured with the former thresholds.
const OF_THRESHOLDS: [&str; 2] = ["out_of_scope_recall", "false_rejection"];

/// Chooses an artifact's thresholds on judged messages, and writes them into its manifest.
///
/// The file has the columns text and intent, divided by tabs; it may be gzipped. As many messages
/// out of scope are refused, and as many messages answered on the device, as the two shares allow.
/// On other messages the shares will be a little higher. The manifest loses the two figures that
/// were measured with the former thresholds, so `aisle gate` asks for --messages.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  aisle calibrate --artifact my-shop/artifact --file judged.tsv --false-rejection 0.05 --wrong 0.01")]
pub(super) struct Calibrate {
    #[command(flatten)]
    artifact: ArtifactDir,
    /// Messages with their right intents; may be given several times.
    #[arg(long, value_name = "TSV", required = true)]
    file: Vec<PathBuf>,
    /// The most of the messages in scope that may be refused, from 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = share)]
    false_rejection: f64,
    /// The most of the answers on the device that may be wrong, from 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = share)]
    wrong: f64,
    /// Tell the thresholds, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Told {
    thresholds: Thresholds,
    out_of_scope_recall: Option<f64>,
    false_rejection: Option<f64>,
    #[serde(flatten)]
    routing: RoutingFigures,
}

impl Calibrate {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let examples = read_all(&self.file, read_examples)?;
        let engine = self.artifact.open()?;
        let labels = &engine.manifest().labels;
        let messages = score_messages(&engine, &examples)?.results;
        let Some(in_scope) = in_scope_threshold(&messages, labels, self.false_rejection) else {
            bail!("none of the messages is in scope");
        };
        let routed = route_messages(&engine, &examples)?;
        let Some(policy) = local_thresholds(&routed, self.wrong) else {
            bail!("whatever the thresholds, more than {} of the answers are wrong", self.wrong);
        };
        let thresholds = Thresholds {
            min_probability: policy.min_probability,
            min_margin: policy.min_margin,
            in_scope,
        };
        let figures = intent_figures(&messages, labels, in_scope);
        let told = Told {
            thresholds,
            out_of_scope_recall: figures.out_of_scope_recall,
            false_rejection: figures.false_rejection,
            routing: routing_figures(&routed, &answerable(engine.index()), policy),
        };
        if !self.dry_run {
            self.write(engine.manifest(), thresholds)?;
        }
        if self.json { print_json(out, &told) } else { print(out, &told) }
    }

    fn write(&self, manifest: &Manifest, thresholds: Thresholds) -> anyhow::Result<()> {
        let mut manifest = Manifest { thresholds, ..manifest.clone() };
        manifest.evaluation.retain(|figure, _| !OF_THRESHOLDS.contains(&figure.as_str()));
        let path = self.artifact.dir.join(MANIFEST_FILE);
        fs::write(&path, serde_json::to_vec_pretty(&manifest)?)
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}

fn print(out: &mut dyn Write, told: &Told) -> anyhow::Result<()> {
    let Thresholds { min_probability, min_margin, in_scope } = told.thresholds;
    for (name, threshold) in
        [("min_probability", min_probability), ("min_margin", min_margin), ("in_scope", in_scope)]
    {
        entry(out, name, &format!("{threshold:.3}"))?;
    }
    for (name, share) in [
        ("out-of-scope recall", told.out_of_scope_recall),
        ("false rejection", told.false_rejection),
        ("answered on the device", told.routing.answered_locally),
        ("wrong there", told.routing.wrong_of_local_answers),
    ] {
        entry(out, name, &percent(share))?;
    }
    Ok(())
}
