//! `aisle evaluate`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use aisle_trainer::evaluate::{LackFigures, SearchFigures, SearchReport, search_report, write_run};
use anyhow::Context;
use clap::{Args, Subcommand};

use super::artifact::ArtifactDir;
use super::baskets::Baskets;
use super::intents::Intents;
use super::measure::{read_judged_queries, run_queries};
use super::output::print_json;

#[derive(Debug, Subcommand)]
pub(super) enum Evaluate {
    Intents(Intents),
    Search(Search),
    Baskets(Baskets),
}

/// How well products are found.
///
/// Queries have the columns query_id and query, and kind where there are kinds; judgements have
/// query_id, sku and grade (0 to 3). Files may be gzipped. A query of the kind `none`, or without a
/// relevant product, counts only for whether it is told that the shop has nothing like it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle evaluate search --artifact my-shop/artifact --queries queries.csv --judgements grades.csv
  aisle evaluate search --artifact my-shop/artifact --queries queries.csv --judgements grades.csv --held-out
  aisle evaluate search --artifact my-shop/artifact --queries queries.csv --run found.csv")]
pub(super) struct Search {
    #[command(flatten)]
    artifact: ArtifactDir,
    /// Queries; may be given several times.
    #[arg(long, value_name = "CSV", required = true)]
    queries: Vec<PathBuf>,
    /// Grades of products for the queries; figures are computed from them. May be given several
    /// times.
    #[arg(long, value_name = "CSV", required_unless_present = "run")]
    judgements: Vec<PathBuf>,
    /// Only the half of the queries that training leaves out when they lie in the shop's folder.
    #[arg(long)]
    held_out: bool,
    /// Where to write the first 25 products of each query: query_id,sku,rank.
    #[arg(long, value_name = "CSV")]
    run: Option<PathBuf>,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

impl Evaluate {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        match self {
            Self::Intents(command) => command.run(out),
            Self::Search(command) => command.run(out),
            Self::Baskets(command) => command.run(out),
        }
    }
}

impl Search {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let (mut queries, judgements) = read_judged_queries(&self.queries, &self.judgements)?;
        queries.retain(|query| !self.held_out || query.is_held_out());
        let engine = self.artifact.open()?;
        let run = run_queries(&engine, &queries)?.results;
        if let Some(path) = &self.run {
            let failed = || format!("{} cannot be written", path.display());
            let file = File::create(path).with_context(failed)?;
            write_run(&run, BufWriter::new(file)).with_context(failed)?;
        }
        if self.judgements.is_empty() {
            return Ok(());
        }
        let report = search_report(&run, &judgements);
        if self.json { print_json(out, &report) } else { print_search(out, &report) }
    }
}

fn print_search(out: &mut dyn Write, report: &SearchReport) -> anyhow::Result<()> {
    writeln!(
        out,
        "{:<14}{:>8}{:>9}{:>7}{:>7}{:>8}{:>7}{:>11}{:>12}",
        "", "queries", "nDCG@10", "P@10", "R@25", "R25cap", "MRR", "judged@10", "wrong lack"
    )?;
    let all = [("all", &report.overall)].into_iter();
    for (name, f) in all.chain(report.by_kind.iter().map(|(kind, f)| (kind.as_str(), f))) {
        let SearchFigures { queries, ndcg10, p10, r25, r25cap, mrr, judged10, wrong_lack } = f;
        writeln!(
            out,
            "{name:<14}{queries:>8}{ndcg10:>9.3}{p10:>7.3}{r25:>7.3}{r25cap:>8.3}{mrr:>7.3}{judged10:>11.3}{wrong_lack:>12.3}"
        )?;
    }
    let LackFigures { queries, told } = report.lack;
    if queries > 0 {
        writeln!(out, "\nnothing is relevant to {queries} more; told of {told:.3} of them")?;
    }
    Ok(())
}
