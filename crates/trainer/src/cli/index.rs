//! `aisle index`

use std::io::Write;
use std::path::{Path, PathBuf};

use aisle_core::artifact::{ENCODER_FILE, Manifest, RANKER_FILE};
use aisle_trainer::read::read_shop;
use aisle_trainer::train::{Artifact, index_shop};
use anyhow::Context;
use clap::Args;
use serde::Serialize;

use super::artifact::{ArtifactDir, read};
use super::output::{print_json, print_warnings};

/// Makes a shop's artifact with the models of another one: in seconds, for a catalogue, documents or
/// reviews that changed. `aisle train` learns from them as well.
///
/// The shop's folder is that of `aisle train`. What is measured in the artifact is of its models.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  aisle index --shop my-shop/data --models my-shop/artifact --out my-shop/next")]
pub(super) struct Index {
    /// The shop's folder.
    #[arg(long, value_name = "DIR")]
    shop: PathBuf,
    /// The artifact whose models are taken.
    #[arg(long, value_name = "DIR")]
    models: PathBuf,
    /// Where to write the artifact.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

/// What `--json` writes.
#[derive(Serialize)]
struct Told<'a> {
    products: usize,
    manifest: &'a Manifest,
}

impl Index {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let (products, artifact) = index(&self.shop, &self.models, &self.out)?;
        if self.json {
            return print_json(out, &Told { products, manifest: &artifact.manifest });
        }
        writeln!(out, "{products} products indexed; written to {}", self.out.display())?;
        Ok(())
    }
}

/// Indexes the shop of a folder with the models of an artifact. Gives how many products it has, and
/// what was written.
pub(super) fn index(shop: &Path, models: &Path, out: &Path) -> anyhow::Result<(usize, Artifact)> {
    let found = read_shop(shop)
        .with_context(|| format!("the shop in {} cannot be read", shop.display()))?;
    print_warnings(&found.warnings);
    let engine = ArtifactDir { dir: models.to_owned() }.open()?;
    let (encoder, ranker) = (read(models, ENCODER_FILE)?, read(models, RANKER_FILE)?);
    let artifact = index_shop(&found, &engine, encoder, ranker)?;
    artifact.write(out).with_context(|| format!("{} cannot be written", out.display()))?;
    Ok((found.products.len(), artifact))
}
