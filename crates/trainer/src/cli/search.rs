//! `aisle search`

use std::io::Write;

use aisle_core::answer::lack_told;
use aisle_core::index::DocumentKind;
use aisle_core::protocol::{LackReason, ProductCard};
use aisle_core::rank::Session;
use aisle_core::search::{Query, lack};
use aisle_core::words::ENGLISH;
use aisle_engine::{Engine, EngineError};
use clap::Args;
use serde::Serialize;

use super::artifact::ArtifactDir;
use super::output::{print_json, product_line, shown};

/// Searches a shop's products as its chat does. Where none is what is asked for, it says so above
/// what comes closest.
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
        let text = self.words.join(" ");
        let lack = lack(engine.index(), &Query::draft(&text));
        let products = find_products(&engine, &text, self.limit)?;
        if self.json {
            let lack = lack.as_ref().map(LackReason::from);
            return print_json(out, &Found { lack, products });
        }
        if let Some(lack) = &lack {
            writeln!(out, "{}", shown(&lack_told(&ENGLISH, &engine.manifest().shop, lack)))?;
        }
        for card in &products {
            writeln!(out, "{}", product_line(card))?;
        }
        if products.is_empty() && lack.is_none() {
            writeln!(out, "No product found.")?;
        }
        Ok(())
    }
}

/// What is written as JSON.
#[derive(Debug, Serialize)]
struct Found {
    /// Why no product is what is asked for; null where one is.
    lack: Option<LackReason>,
    /// Best first.
    products: Vec<ProductCard>,
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
