//! `aisle publish`

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use aisle_core::artifact::{ENCODER_FILE, INDEX_FILE, MANIFEST_FILE, RANKER_FILE};
use aisle_core::protocol::PublishArtifact;
use anyhow::{Context, Result};
use clap::Args;
use sha2::{Digest, Sha256};

use super::artifact::ArtifactDir;
use super::desk::{Desk, Worker};
use super::output::print_json;

/// Puts an artifact in use on a worker.
///
/// The four files are sent under their hashes, then all are put in use at once. Nothing changes
/// for shoppers before that, or if the worker refuses one of them. Publishing an artifact again
/// that was published before only puts it in use.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  AISLE_ADMIN_KEY=... aisle publish --worker https://chat.example --shop my-shop --artifact new
  aisle gate --current live --candidate new && aisle publish --worker ... --shop ... --artifact new")]
pub(super) struct Publish {
    #[command(flatten)]
    worker: Worker,
    /// Folder of the artifact.
    #[arg(long, value_name = "DIR")]
    artifact: PathBuf,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

impl Publish {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<()> {
        // What this machine cannot open is not sent anywhere.
        ArtifactDir { dir: self.artifact.clone() }.open()?;
        let desk = Desk::open(&self.worker)?;
        let mut files = BTreeMap::new();
        for name in [MANIFEST_FILE, ENCODER_FILE, RANKER_FILE, INDEX_FILE] {
            let path = self.artifact.join(name);
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            let sha256: String =
                Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            desk.store(&sha256, &bytes).with_context(|| name.to_owned())?;
            files.insert(name.to_owned(), sha256);
        }
        let now = desk.publish(&PublishArtifact { files })?;
        if self.json {
            return print_json(out, &now);
        }
        writeln!(out, "in use: {}", now.current.as_deref().unwrap_or("the worker's folder"))?;
        Ok(())
    }
}
