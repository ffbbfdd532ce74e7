//! `aisle benchmark`

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use aisle_trainer::read::read_labelled;
use aisle_trainer::train::{
    BenchmarkFigures, Config, LabelledSet, benchmark_encoder, committed_base,
};
use anyhow::Context;
use clap::{Args, Subcommand};

use super::measure::read_all;
use super::output::{percent, print_json, stage_bar};

#[derive(Debug, Subcommand)]
pub(super) enum Benchmark {
    Encoder(EncoderBenchmark),
}

/// How good the base encoder becomes on a labelled set of its own.
///
/// The files have the columns text and label (or intent), divided by tabs; they may be gzipped. All
/// of the encoder is trained, with a fresh head for the set's labels, and judged rounded to 8 bits
/// as it would ship. Where the label `oos` is present, a text is refused below a threshold that
/// refuses 5% of the development texts in scope.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  aisle benchmark encoder --train clinc/train.tsv --dev clinc/dev.tsv --test clinc/test.tsv --json")]
pub(super) struct EncoderBenchmark {
    /// Texts to learn from; may be given several times, as may the others.
    #[arg(long, value_name = "TSV", required = true)]
    train: Vec<PathBuf>,
    /// Texts to choose the threshold on.
    #[arg(long, value_name = "TSV", required = true)]
    dev: Vec<PathBuf>,
    /// Texts to judge by.
    #[arg(long, value_name = "TSV", required = true)]
    test: Vec<PathBuf>,
    /// A base encoder of your own, as `aisle train-base` writes it.
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// Passes over the training texts.
    #[arg(long, default_value_t = 20)]
    epochs: usize,
    /// Seed of everything random.
    #[arg(long, default_value_t = Config::default().seed)]
    seed: u64,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

impl Benchmark {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let Self::Encoder(command) = self;
        command.run(out)
    }
}

impl EncoderBenchmark {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let base = match &self.base {
            Some(path) => {
                fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?
            }
            None => committed_base().to_vec(),
        };
        let part = |paths: &[PathBuf]| read_all(paths, read_labelled);
        let (train, dev, test) = (part(&self.train)?, part(&self.dev)?, part(&self.test)?);
        let bar = stage_bar();
        let set = LabelledSet { train: &train, dev: &dev, test: &test };
        let figures =
            benchmark_encoder(&base, set, self.epochs, self.seed, &|stage, done, all| {
                bar.set_message(stage.to_owned());
                bar.set_length(all as u64);
                bar.set_position(done as u64);
            })?;
        bar.finish_and_clear();
        if self.json { print_json(out, &figures) } else { print(out, &figures) }
    }
}

fn print(out: &mut dyn Write, figures: &BenchmarkFigures) -> anyhow::Result<()> {
    let BenchmarkFigures { texts, labels, parameters, bytes, .. } = figures;
    writeln!(out, "{:<22}{}", "in-scope accuracy", percent(Some(figures.in_scope_accuracy)))?;
    if figures.false_rejection.is_some() {
        writeln!(out, "{:<22}{}", "out-of-scope recall", percent(figures.out_of_scope_recall))?;
        writeln!(out, "{:<22}{}", "false rejection", percent(figures.false_rejection))?;
    }
    writeln!(out, "{texts} texts, {labels} labels, {parameters} parameters, {bytes} bytes")?;
    Ok(())
}
