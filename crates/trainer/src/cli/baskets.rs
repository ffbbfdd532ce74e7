//! `aisle evaluate baskets`

use std::io::Write;
use std::path::PathBuf;

use aisle_core::index::Index;
use aisle_core::recommend::{Among, Purchase, Shopper, Wanted, recommend};
use aisle_trainer::evaluate::{
    BasketFigures, BasketReport, Customer, LIST_LENGTH, Lists, basket_report, customers,
};
use aisle_trainer::read::read_sales;
use anyhow::bail;
use clap::Args;

use super::artifact::ArtifactDir;
use super::measure::read_all;
use super::output::{print_json, progress_bar};

/// How well the next basket of a customer is predicted.
///
/// History and targets are sales (InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice,
/// CustomerID) and may be gzipped. For every customer with a history, ten products are recommended
/// as of the beginning of the targets, and compared with the customer's first basket in them:
/// overall, among what the customer had bought before (repeat), and among what not (novel). Codes
/// that are not five digits and at most two letters are no products; what is sold out today counts,
/// because it was not then.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  aisle evaluate baskets --artifact my-shop/artifact --history spring.csv --history summer.csv \\
    --targets autumn.csv.gz --json")]
pub(super) struct Baskets {
    #[command(flatten)]
    artifact: ArtifactDir,
    /// Sales before the targets; may be given several times.
    #[arg(long, value_name = "CSV", required = true)]
    history: Vec<PathBuf>,
    /// Sales that hold the baskets to be predicted; may be given several times.
    #[arg(long, value_name = "CSV", required = true)]
    targets: Vec<PathBuf>,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

impl Baskets {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let engine = self.artifact.open()?;
        let index = engine.index();
        let read = |paths: &[PathBuf]| read_all(paths, |path| read_sales(path, index.currency()));
        let (history, targets) = (read(&self.history)?, read(&self.targets)?);
        let Some(now) = targets.iter().map(|sale| sale.at).min() else {
            let names: Vec<String> = self.targets.iter().map(|p| p.display().to_string()).collect();
            bail!("{} holds no sale", names.join(", "));
        };
        let customers = customers(&history, &targets);
        let bar = progress_bar("recommending", customers.len());
        let lists: Vec<Lists> = customers
            .iter()
            .map(|customer| {
                bar.inc(1);
                lists(index, customer, now)
            })
            .collect();
        bar.finish_and_clear();
        let report = basket_report(customers.iter().zip(&lists));
        if self.json { print_json(out, &report) } else { print_baskets(out, &report) }
    }
}

fn lists(index: &Index, customer: &Customer, now: i64) -> Lists {
    let history: Vec<Purchase> = customer
        .history
        .iter()
        .filter_map(|sale| {
            let product = index.product_by_sku(&sale.sku)?;
            Some(Purchase { product, at: sale.at, quantity: sale.quantity })
        })
        .collect();
    let shopper = Shopper { history: &history, ..Shopper::default() };
    let best = |among| {
        let wanted = Wanted { among, sold_out: true, ..Wanted::best(LIST_LENGTH) };
        let list = recommend(index, &shopper, now, wanted);
        list.into_iter().filter_map(|r| Some(index.card(r.product)?.sku)).collect()
    };
    Lists { overall: best(Among::All), repeat: best(Among::Bought), novel: best(Among::New) }
}

fn print_baskets(out: &mut dyn Write, report: &BasketReport) -> anyhow::Result<()> {
    writeln!(
        out,
        "{:<10}{:>11}{:>8}{:>10}{:>12}",
        "", "customers", "HR@10", "nDCG@10", "recall@10"
    )?;
    let BasketReport { overall, repeat, novel } = report;
    for (name, figures) in [("overall", overall), ("repeat", repeat), ("novel", novel)] {
        let BasketFigures { hr10, ndcg10, recall10, customers } = figures;
        writeln!(out, "{name:<10}{customers:>11}{hr10:>8.3}{ndcg10:>10.3}{recall10:>12.3}")?;
    }
    Ok(())
}
