//! `aisle inspect`

use std::io::Write;

use aisle_core::artifact::Manifest;
use clap::Args;
use serde::Serialize;

use super::artifact::ArtifactDir;
use super::output::{entry, print_json, shown};

/// Tells what is in an artifact, after checking every file of it.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  aisle inspect --artifact my-shop/artifact --json")]
pub(super) struct Inspect {
    #[command(flatten)]
    artifact: ArtifactDir,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Contents<'a> {
    products: usize,
    sections: usize,
    actions: usize,
    completions: usize,
    terms: usize,
    manifest: &'a Manifest,
}

impl Inspect {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let engine = self.artifact.open()?;
        let (manifest, index) = (engine.manifest(), engine.index());
        let contents = Contents {
            products: index.products().len(),
            sections: index.sections().len(),
            actions: index.actions().len(),
            completions: index.completions().len(),
            terms: index.terms().len(),
            manifest,
        };
        if self.json {
            return print_json(out, &contents);
        }
        let mut line = |name: &str, value: String| entry(out, name, &value);
        line("shop", shown(&manifest.shop))?;
        line("currency", shown(&manifest.currency))?;
        line("products", contents.products.to_string())?;
        line("document sections", contents.sections.to_string())?;
        line("actions", contents.actions.to_string())?;
        line("completions", contents.completions.to_string())?;
        line("terms", contents.terms.to_string())?;
        line("intents", manifest.labels.len().to_string())?;
        line("vector length", manifest.vector_length.to_string())?;
        line("seed", manifest.seed.to_string())?;
        line("format, featuriser", format!("{}, {}", manifest.format, manifest.featuriser))?;
        let thresholds = manifest.thresholds;
        line(
            "answers on the device",
            format!(
                "probability >= {:.2}, margin >= {:.2}",
                thresholds.min_probability, thresholds.min_margin
            ),
        )?;
        line("in scope", format!("probability >= {:.2}", thresholds.in_scope))?;
        for (file, check) in &manifest.files {
            line(file, format!("{} bytes", check.bytes))?;
        }
        for (name, figure) in &manifest.evaluation {
            line(name, format!("{figure:.4}"))?;
        }
        Ok(())
    }
}
