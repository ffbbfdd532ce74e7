//! `aisle train-base`

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use aisle_trainer::read::read_lessons;
use aisle_trainer::train::{BaseData, Config, general_messages, read_public, train_base};
use anyhow::Context;
use clap::Args;
use serde::Serialize;

use super::output::{print_json, print_warnings, stage_bar};

/// Rebuilds the base encoder that every shop's training starts from.
///
/// Merchants need not do this: `aisle train` carries a base. The folder of public sets holds
/// intents/train.tsv.gz with the columns text and intent; the messages that ship with the trainer
/// are added to them. The lessons have the columns text and vector (signed bytes in base64).
#[derive(Debug, Args)]
#[command(after_help = "Example:
  aisle train-base --public public-sets --lessons lessons.tsv.gz \\
    --out crates/trainer/base/encoder.onnx

The same data and seed give the same bytes.")]
pub(super) struct TrainBase {
    /// The folder of public sets.
    #[arg(long, value_name = "DIR")]
    public: PathBuf,
    /// Texts with the vectors of a larger model, as `crates/trainer/base/teach.py` writes them.
    #[arg(long, value_name = "TSV")]
    lessons: PathBuf,
    /// Passes over the lessons.
    #[arg(long, default_value_t = Config::default().lesson_epochs)]
    lesson_epochs: usize,
    /// Passes over the messages.
    #[arg(long, default_value_t = Config::default().base_epochs)]
    epochs: usize,
    /// Where to write the encoder.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Seed of everything random.
    #[arg(long, default_value_t = Config::default().seed)]
    seed: u64,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

/// What `--json` writes.
#[derive(Serialize)]
struct Told {
    bytes: usize,
    public_messages: usize,
    lessons: usize,
    seconds: f64,
}

impl TrainBase {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let started = Instant::now();
        let (public, warnings) = read_public(&self.public)?;
        print_warnings(&warnings);
        let (lessons, warnings) = read_lessons(&self.lessons)?;
        print_warnings(&warnings);
        let config = Config {
            seed: self.seed,
            lesson_epochs: self.lesson_epochs,
            base_epochs: self.epochs,
            ..Config::default()
        };
        let bar = stage_bar();
        let data = BaseData { lessons: &lessons, public: &public, own: general_messages() };
        let base = train_base(data, &config, &|stage, done, all| {
            bar.set_message(stage.to_owned());
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        })?;
        bar.finish_and_clear();
        let failed = || format!("{} cannot be written", self.out.display());
        if let Some(dir) = self.out.parent() {
            fs::create_dir_all(dir).with_context(failed)?;
        }
        fs::write(&self.out, &base).with_context(failed)?;
        let (messages, seconds) = (public.len(), started.elapsed().as_secs_f64());
        if self.json {
            let (bytes, lessons) = (base.len(), lessons.len());
            let told = Told { bytes, public_messages: messages, lessons, seconds };
            return print_json(out, &told);
        }
        writeln!(
            out,
            "{}: {} bytes from {messages} public messages in {seconds:.1} s",
            self.out.display(),
            base.len()
        )?;
        Ok(())
    }
}
