//! `aisle generate`

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use aisle_core::artifact::{ENCODER_FILE, INDEX_FILE, RANKER_FILE};
use aisle_trainer::generate::{drafts, generate_shop};
use aisle_trainer::read::{Product, read_shop};
use aisle_trainer::train::index_shop;
use anyhow::Context;
use clap::Args;
use serde::Serialize;

use super::artifact::{ArtifactDir, read};
use super::output::print_json;

/// Makes a catalogue of any size to measure with, from the words and prices of a shop.
///
/// Writes the catalogue's artifact, with the models of the given one, and beside it catalogue.json
/// (the products as other search engines take them) and drafts.json (what is typed on the way to
/// them).
#[derive(Debug, Args)]
#[command(after_help = "Example:
  aisle generate --shop demo-site/data --artifact demo-site/artifact --products 100000 --out big

The same shop, artifact, size and seed give the same bytes.")]
pub(super) struct Generate {
    /// The shop's folder.
    #[arg(long, value_name = "DIR")]
    shop: PathBuf,
    #[command(flatten)]
    artifact: ArtifactDir,
    /// Number of products.
    #[arg(long)]
    products: usize,
    /// Where to write.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Seed of everything random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

/// What `--json` writes.
#[derive(Serialize)]
struct Told {
    products: usize,
    index_bytes: u64,
}

/// A product as other search engines take it.
#[derive(Serialize)]
struct Entry<'a> {
    id: usize,
    sku: &'a str,
    title: &'a str,
    category: &'a str,
    tags: String,
}

impl Generate {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let engine = self.artifact.open()?;
        let shop = read_shop(&self.shop)
            .with_context(|| format!("the shop in {} cannot be read", self.shop.display()))?;
        let made = generate_shop(&shop, self.products, self.seed);
        let models =
            (read(&self.artifact.dir, ENCODER_FILE)?, read(&self.artifact.dir, RANKER_FILE)?);
        let artifact = index_shop(&made, &engine, models.0, models.1)?;
        let entries: Vec<Entry<'_>> = made.products.iter().enumerate().map(entry).collect();
        let written = || format!("{} cannot be written", self.out.display());
        artifact.write(&self.out).with_context(written)?;
        fs::write(self.out.join("catalogue.json"), serde_json::to_vec(&entries)?)
            .with_context(written)?;
        fs::write(self.out.join("drafts.json"), serde_json::to_vec(&drafts(&made, self.seed))?)
            .with_context(written)?;
        let index_bytes = artifact.manifest.files.get(INDEX_FILE).map_or(0, |check| check.bytes);
        let products = entries.len();
        if self.json {
            return print_json(out, &Told { products, index_bytes });
        }
        writeln!(out, "{products} products, index of {index_bytes} bytes")?;
        Ok(())
    }
}

fn entry((id, product): (usize, &Product)) -> Entry<'_> {
    Entry {
        id,
        sku: &product.sku,
        title: &product.title,
        category: &product.category,
        tags: product.tags.join(" "),
    }
}
