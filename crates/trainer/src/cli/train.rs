//! `aisle train`

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use aisle_core::artifact::Manifest;
use aisle_engine::{Engine, Files};
use aisle_trainer::read::{Shop, read_shop};
use aisle_trainer::train::{Artifact, Config, committed_base, confirmed, train_shop, unanswered};
use anyhow::Context;
use clap::Args;
use serde::Serialize;

use super::output::{entry, print_json, print_warnings, shown, stage_bar};

/// Trains a shop's artifact from the shop's own data.
///
/// The shop's folder holds shop.toml (name, currency, actions, questions) and products.csv
/// (Shopify's product format), and where there are any: documents/*.md, examples.tsv (text, intent),
/// sales.csv (InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice, CustomerID), reviews.csv (sku,
/// rating, title, text), chats.jsonl, and queries.csv (query_id, query) with judgements.csv
/// (query_id, sku, grade from 0 to 3), of which half is kept out for
/// `aisle evaluate search --held-out`; `aisle import` writes products, sales, reviews and chats from
/// what a shop has. Tables may be gzipped. Rows that cannot be used are named and left out. From
/// chats.jsonl the questions without an answer are written to unanswered.tsv beside the artifact, and
/// how the training went to training.json, which `aisle report` draws.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle train --shop my-shop/data --out my-shop/artifact
  aisle train --shop my-shop/data --out my-shop/artifact --seed 7 --json

The same data, base and seed give the same bytes.")]
pub(super) struct Train {
    /// The shop's folder.
    #[arg(long, value_name = "DIR")]
    shop: PathBuf,
    /// Where to write the artifact.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A base encoder of your own, as `aisle train-base` writes it.
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// Seed of everything random.
    #[arg(long, default_value_t = Config::default().seed)]
    seed: u64,
    /// Passes over the messages; with 0 the encoder stays as the base is.
    #[arg(long, default_value_t = Config::default().shop_epochs)]
    epochs: usize,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

/// Beside the artifact: questions that shoppers asked without getting an answer.
const UNANSWERED_FILE: &str = "unanswered.tsv";

#[derive(Serialize)]
struct Summary<'a> {
    products: usize,
    documents: usize,
    examples: usize,
    sales: usize,
    reviews: usize,
    chats: usize,
    /// Messages of the conversations that became examples.
    confirmed: usize,
    unanswered: usize,
    warnings: usize,
    seconds: f64,
    manifest: &'a Manifest,
}

impl Train {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let started = Instant::now();
        let base = match &self.base {
            Some(path) => {
                fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?
            }
            None => committed_base().to_vec(),
        };
        let bar = stage_bar();
        bar.set_message("reading the shop");
        let shop = read_shop(&self.shop)
            .with_context(|| format!("the shop in {} cannot be read", self.shop.display()))?;
        bar.suspend(|| print_warnings(&shop.warnings));
        let config = Config { seed: self.seed, shop_epochs: self.epochs, ..Config::default() };
        let artifact = train_shop(&shop, &base, &config, &|stage, done, all| {
            bar.set_message(stage.to_owned());
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        })?;
        bar.finish_and_clear();
        check(&artifact)?;
        artifact
            .write(&self.out)
            .with_context(|| format!("{} cannot be written", self.out.display()))?;
        let questions = unanswered(&shop.chats);
        if !shop.chats.is_empty() {
            let path = self.out.join(UNANSWERED_FILE);
            let lines = questions.iter().map(|u| format!("{}\t{}\n", u.count, u.question));
            fs::write(&path, "count\tquestion\n".to_owned() + &lines.collect::<String>())
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        let summary = Summary {
            products: shop.products.len(),
            documents: shop.documents.len(),
            examples: shop.examples.len(),
            sales: shop.sales.len(),
            reviews: shop.reviews.len(),
            chats: shop.chats.len(),
            confirmed: confirmed(&shop.chats).len(),
            unanswered: questions.len(),
            warnings: shop.warnings.len(),
            seconds: started.elapsed().as_secs_f64(),
            manifest: &artifact.manifest,
        };
        if self.json { print_json(out, &summary) } else { self.print(out, &shop, &summary) }
    }

    fn print(&self, out: &mut dyn Write, shop: &Shop, summary: &Summary<'_>) -> anyhow::Result<()> {
        let Summary { products, documents, examples, sales, .. } = summary;
        let Summary { reviews, chats, confirmed, unanswered, seconds, manifest, .. } = summary;
        writeln!(out, "{}: trained in {seconds:.1} s", shown(&shop.profile.name))?;
        writeln!(
            out,
            "from {products} products, {documents} documents, {examples} examples, {sales} sales"
        )?;
        if *reviews + *chats > 0 {
            writeln!(
                out,
                "and {reviews} reviews, {chats} conversations, of which {confirmed} messages became \
                 examples; {unanswered} questions without an answer in {UNANSWERED_FILE}"
            )?;
        }
        if *documents == 0 {
            writeln!(
                out,
                "no documents: what shoppers ask of delivery, returns or the shop is not answered; \
                 put what the shop says of them into {}/documents as Markdown",
                self.shop.display()
            )?;
        }
        for (file, check) in &manifest.files {
            entry(out, file, &format!("{} bytes", check.bytes))?;
        }
        for (name, figure) in &manifest.evaluation {
            entry(out, name, &format!("{figure:.4}"))?;
        }
        writeln!(out, "written to {}", self.out.display())?;
        Ok(())
    }
}

/// Opens the artifact as a browser does, so that none is written that would be refused there.
fn check(artifact: &Artifact) -> anyhow::Result<()> {
    Engine::open(Files {
        manifest: &artifact.manifest_json,
        encoder: &artifact.encoder,
        ranker: &artifact.ranker,
        index: &artifact.index,
    })
    .context("the trained artifact cannot be opened")?;
    Ok(())
}
