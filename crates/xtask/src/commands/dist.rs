//! `cargo xtask dist`

use anyhow::Result;
use clap::Args;

use crate::dist::{self, Part};
use crate::project::Project;

/// Builds what is served and deployed: site, worker and artifacts.
///
/// The loader, the widget and the engine go to target/dist/site, the edge worker with workerd's
/// configuration to target/dist/worker, the demo shop's artifact to target/dist/artifacts. What has
/// not changed is not built again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cargo xtask dist
  cargo xtask dist worker     this part only; the others stay as they are")]
pub(super) struct Dist {
    /// Parts to build, to build only those.
    #[arg(value_enum, value_name = "PART")]
    parts: Vec<Part>,
}

impl Dist {
    pub(super) fn run(&self, project: &Project) -> Result<()> {
        if self.parts.is_empty() {
            dist::build(project)?;
        } else {
            dist::build_parts(project, &self.parts)?;
        }
        println!("{}", project.dist().display());
        Ok(())
    }
}
