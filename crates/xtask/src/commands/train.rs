//! `cargo xtask train`

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::child;
use crate::project::Project;

/// Where the trainer keeps its base encoder.
const BASE: &str = "crates/trainer/base/encoder.onnx";

/// Trains the demo shop's artifact anew, from the data in demo-site/data.
///
/// The same data, base and code give the same bytes. The base encoder is committed; to rebuild it
/// too takes the public text sets and the lessons that crates/trainer/base/README.md names.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cargo xtask train
  cargo xtask train --base --public public-sets --lessons lessons.tsv.gz")]
pub(super) struct Train {
    /// Rebuild the base encoder first.
    #[arg(long, requires_all = ["public", "lessons"])]
    base: bool,
    /// The folder of public text sets.
    #[arg(long, value_name = "DIR", requires = "base")]
    public: Option<PathBuf>,
    /// The lessons, as crates/trainer/base/judge.py writes them.
    #[arg(long, value_name = "TSV", requires = "base")]
    lessons: Option<PathBuf>,
}

impl Train {
    pub(super) fn run(&self, project: &Project) -> Result<()> {
        if let (Some(public), Some(lessons)) = (&self.public, &self.lessons) {
            // Relative to where the user is, not to the root.
            let (public, lessons) = (std::path::absolute(public)?, std::path::absolute(lessons)?);
            child::show(&mut train_base(&build(project)?, project, &public, &lessons))?;
        }
        // The base is part of the trainer, which is built again when it has changed.
        child::show(&mut train_shop(&build(project)?, project))
    }
}

/// The trainer, built for speed.
fn build(project: &Project) -> Result<PathBuf> {
    let mut cargo = project.cargo();
    cargo.args(["build", "--release", "--package=aisle-trainer"]);
    child::run(project, "building aisle-trainer for speed", &mut cargo)?;
    Ok(project.program("release", "aisle"))
}

fn train_base(trainer: &Path, project: &Project, public: &Path, lessons: &Path) -> Command {
    let mut command = Command::new(trainer);
    command.arg("train-base").arg("--public").arg(public).arg("--lessons").arg(lessons);
    command.args(["--out", BASE]);
    command.current_dir(&project.root);
    command
}

fn train_shop(trainer: &Path, project: &Project) -> Command {
    let mut command = Command::new(trainer);
    command.args(["train", "--shop", "demo-site/data", "--out", "demo-site/artifact"]);
    command.current_dir(&project.root);
    command
}
