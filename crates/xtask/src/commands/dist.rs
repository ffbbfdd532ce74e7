//! `cargo xtask dist`

use anyhow::Result;
use clap::Args;

use crate::dist;
use crate::project::Project;

/// Builds what is served and deployed: site, worker and artifacts.
///
/// The loader, the widget and the engine go to target/dist/site, the edge worker with workerd's
/// configuration to target/dist/worker, the demo shop's artifact to target/dist/artifacts. What has
/// not changed is not built again.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  cargo xtask dist")]
pub(super) struct Dist {}

impl Dist {
    pub(super) fn run(&self, project: &Project) -> Result<()> {
        dist::build(project)?;
        println!("{}", project.dist().display());
        Ok(())
    }
}
