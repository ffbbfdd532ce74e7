//! `cargo xtask tidy`

use anyhow::Result;
use clap::Args;

use crate::project::Project;
use crate::tidy;

/// Checks the rules of the house that no compiler checks.
///
/// Who may depend on whom, where web-sys, workers-rs, tract and serde derives may be, that every
/// version is in the root Cargo.toml, that files are short and nothing is left to do. Each place
/// that breaks a rule is named with what it is and why the rule is there.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  cargo xtask tidy")]
pub(super) struct Tidy {}

impl Tidy {
    pub(super) fn run(&self, project: &Project) -> Result<()> {
        tidy::check(project)
    }
}
