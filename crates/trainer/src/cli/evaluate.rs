//! `aisle evaluate`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use aisle_trainer::evaluate::{
    IntentFigures, LackFigures, SearchFigures, SearchReport, intent_figures, search_report,
    write_run,
};
use aisle_trainer::read::{read_examples, read_judgements, read_queries};
use anyhow::Context;
use clap::{Args, Subcommand};

use super::artifact::ArtifactDir;
use super::baskets::Baskets;
use super::measure::{run_queries, score_messages};
use super::output::{percent, print_json, print_warnings};

#[derive(Debug, Subcommand)]
pub(super) enum Evaluate {
    Intents(Intents),
    Search(Search),
    Baskets(Baskets),
}

/// How well intents are recognised.
///
/// The file has the columns text and intent, divided by tabs; it may be gzipped, and other columns
/// are ignored. A message is predicted to have its most probable intent. For out-of-scope recall
/// and false rejection it is refused when the probability of being in scope, of all intents but
/// `out_of_scope` together, is below the artifact's threshold.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  aisle evaluate intents --artifact my-shop/artifact --file judged.tsv --json")]
pub(super) struct Intents {
    #[command(flatten)]
    artifact: ArtifactDir,
    /// Messages with their right intents.
    #[arg(long, value_name = "TSV")]
    file: PathBuf,
    /// Write JSON.
    #[arg(long)]
    json: bool,
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
    /// Queries.
    #[arg(long, value_name = "CSV")]
    queries: PathBuf,
    /// Grades of products for the queries; figures are computed from them.
    #[arg(long, value_name = "CSV", required_unless_present = "run")]
    judgements: Option<PathBuf>,
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

impl Intents {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let (examples, warnings) = read_examples(&self.file)?;
        print_warnings(&warnings);
        let engine = self.artifact.open()?;
        let messages = score_messages(&engine, &examples)?.results;
        let manifest = engine.manifest();
        let figures = intent_figures(&messages, &manifest.labels, manifest.thresholds.in_scope);
        if self.json { print_json(out, &figures) } else { print_intents(out, &figures) }
    }
}

fn print_intents(out: &mut dyn Write, figures: &IntentFigures) -> anyhow::Result<()> {
    writeln!(out, "{:<28}{}", "messages", figures.messages)?;
    for (name, share) in [
        ("accuracy", figures.accuracy),
        ("in-scope accuracy", figures.in_scope_accuracy),
        ("right one in the top three", figures.top3_accuracy),
        ("out-of-scope recall", figures.out_of_scope_recall),
        ("false rejection", figures.false_rejection),
        ("macro F1", figures.macro_f1),
        ("expected calibration error", figures.expected_calibration_error),
    ] {
        writeln!(out, "{name:<28}{}", percent(share))?;
    }
    writeln!(
        out,
        "\n{:<20}{:>9}{:>11}{:>9}{:>8}",
        "intent", "messages", "precision", "recall", "F1"
    )?;
    for (intent, figure) in &figures.per_intent {
        writeln!(
            out,
            "{intent:<20}{:>9}{:>11}{:>9}{:>8}",
            figure.messages,
            percent(figure.precision),
            percent(Some(figure.recall)),
            percent(Some(figure.f1))
        )?;
    }
    Ok(())
}

impl Search {
    fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let (mut queries, warnings) = read_queries(&self.queries)?;
        print_warnings(&warnings);
        queries.retain(|query| !self.held_out || query.is_held_out());
        let judgements = match &self.judgements {
            Some(path) => {
                let (judgements, warnings) = read_judgements(path)?;
                print_warnings(&warnings);
                Some(judgements)
            }
            None => None,
        };
        let engine = self.artifact.open()?;
        let run = run_queries(&engine, &queries)?.results;
        if let Some(path) = &self.run {
            let failed = || format!("{} cannot be written", path.display());
            let file = File::create(path).with_context(failed)?;
            write_run(&run, BufWriter::new(file)).with_context(failed)?;
        }
        match judgements {
            Some(judgements) => {
                let report = search_report(&run, &judgements);
                if self.json { print_json(out, &report) } else { print_search(out, &report) }
            }
            None => Ok(()),
        }
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
