//! `cargo xtask check`

use anyhow::Result;
use clap::Args;

use super::test;
use crate::progress::Stages;
use crate::project::Project;
use crate::{child, setup};

/// The packages that run as WebAssembly.
const WASM_PACKAGES: [&str; 3] =
    ["--package=aisle-widget", "--package=aisle-worker", "--package=aisle-engine"];

/// Checks what a reviewer would: format, lints, tidiness, and the tests that need no browser.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  cargo xtask check")]
pub(super) struct Check {}

impl Check {
    pub(super) fn run(&self, project: &Project) -> Result<()> {
        let mut stages = Stages::begin();
        stages.run("format", || {
            let mut cargo = project.cargo();
            child::show(cargo.args(["fmt", "--all", "--check"]))
        })?;
        stages.run("lints", || {
            let mut cargo = project.cargo();
            cargo.args([
                "clippy",
                "--quiet",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ]);
            child::show(&mut cargo)
        })?;
        stages.run("lints for WebAssembly", || {
            setup::wasm_target(project)?;
            let mut cargo = project.cargo();
            cargo.args(["clippy", "--quiet", "--target", setup::WASM_TARGET]);
            cargo.args(WASM_PACKAGES).args(["--", "-D", "warnings"]);
            child::show(&mut cargo)
        })?;
        test::fast(project, &mut stages)?;
        stages.end();
        Ok(())
    }
}
