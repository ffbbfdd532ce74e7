//! `cargo xtask deploy`

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::child;
use crate::dist::{self, cloud};
use crate::project::Project;
use crate::setup;

/// Deploys the worker with its files to Cloudflare.
///
/// It is the same build that workerd runs. Who is asked to pay for it is wrangler's to find out:
/// log in with `npx wrangler login` in worker/deploy, or set CLOUDFLARE_API_TOKEN. Secrets are set
/// with `npx wrangler secret put`; docs/operations.md has their names.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cargo xtask deploy --dry-run           checks everything and sends nothing
  cargo xtask deploy --name my-shop-chat")]
pub(super) struct Deploy {
    /// Does everything but send it.
    #[arg(long)]
    dry_run: bool,
    /// The worker's name there.
    #[arg(long, default_value = "aisle")]
    name: String,
}

impl Deploy {
    pub(super) fn run(&self, project: &Project) -> Result<()> {
        dist::build(project)?;
        setup::for_deploy(project)?;
        let folder = cloud::assemble(project, &self.name)?;
        let mut wrangler = Command::new("node");
        wrangler
            .arg(project.root.join("worker/deploy/node_modules/wrangler/bin/wrangler.js"))
            .args(["deploy", "--config", cloud::CONFIG])
            .env("WRANGLER_SEND_METRICS", "false")
            .current_dir(&folder);
        if self.dry_run {
            wrangler.args(["--dry-run", "--outdir", "sent"]);
        }
        child::show(&mut wrangler)
    }
}
