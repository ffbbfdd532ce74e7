//! Opening an artifact's folder.

use std::fs;
use std::path::{Path, PathBuf};

use aisle_core::artifact::{ENCODER_FILE, INDEX_FILE, MANIFEST_FILE, RANKER_FILE};
use aisle_engine::{Engine, Files};
use anyhow::Context;
use clap::Args;

/// Where the artifact is.
#[derive(Debug, Args)]
pub(super) struct ArtifactDir {
    /// The artifact's folder, as `aisle train` writes it.
    #[arg(long = "artifact", value_name = "DIR")]
    pub(super) dir: PathBuf,
}

impl ArtifactDir {
    pub(super) fn open(&self) -> anyhow::Result<Engine> {
        let manifest = read(&self.dir, MANIFEST_FILE)?;
        let encoder = read(&self.dir, ENCODER_FILE)?;
        let ranker = read(&self.dir, RANKER_FILE)?;
        let index = read(&self.dir, INDEX_FILE)?;
        Engine::open(Files {
            manifest: &manifest,
            encoder: &encoder,
            ranker: &ranker,
            index: &index,
        })
        .with_context(|| format!("the artifact in {} cannot be used", self.dir.display()))
    }
}

pub(super) fn read(dir: &Path, file: &str) -> anyhow::Result<Vec<u8>> {
    let path = dir.join(file);
    fs::read(&path).with_context(|| {
        format!("{} cannot be read; is {} an artifact's folder?", path.display(), dir.display())
    })
}
