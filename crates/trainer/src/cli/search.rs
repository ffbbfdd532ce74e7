//! `aisle search`

use std::io::Write;

use aisle_core::index::DocumentKind;
use aisle_core::protocol::ProductCard;
use aisle_core::rank::Session;
use aisle_core::search::Query;
use aisle_engine::{Engine, EngineError};
use clap::Args;

use super::artifact::ArtifactDir;
use super::output::{print_json, product_line};

/// Searches a shop's products as its chat does.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle search --artifact my-shop/artifact \"red mugs\"
  aisle search --artifact my-shop/artifact --limit 3 --json lantern")]
pub(super) struct Search {
    #[command(flatten)]
    artifact: ArtifactDir,
    /// What the shopper types.
    #[arg(required = true, value_name = "QUERY")]
    words: Vec<String>,
    /// Most products shown.
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

impl Search {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let engine = self.artifact.open()?;
        let found = find_products(&engine, &self.words.join(" "), self.limit)?;
        if self.json {
            return print_json(out, &found);
        }
        for card in &found {
            writeln!(out, "{}", product_line(card))?;
        }
        if found.is_empty() {
            writeln!(out, "No product found.")?;
        }
        Ok(())
    }
}

/// The products that the engine ranks best for a query.
pub(super) fn find_products(
    engine: &Engine,
    text: &str,
    limit: usize,
) -> Result<Vec<ProductCard>, EngineError> {
    let prediction = engine.predict(text)?;
    let ranked = engine.rank(&Query::draft(text), &prediction, &Session::default())?;
    Ok(ranked
        .iter()
        .filter(|(_, candidate)| candidate.kind == DocumentKind::Product)
        .filter_map(|(_, candidate)| engine.index().card(candidate.document))
        .take(limit)
        .collect())
}
