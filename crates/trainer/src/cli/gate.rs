//! `aisle gate`

use std::io::Write;
use std::path::{Path, PathBuf};

use aisle_engine::Engine;
use aisle_trainer::evaluate::{
    Compared, Contender, Decision, Limits, Refusal, decide, intent_figures, search_report,
};
use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;

use super::artifact::ArtifactDir;
use super::measure::{Judged, JudgedFiles, run_queries, score_messages, share};
use super::output::{print_json, shown};

/// Refuses an artifact that is worse than the one in use.
///
/// Both artifacts are run over the judged messages and queries that are given, and the candidate is
/// refused when a figure is worse by more than the margin: in-scope accuracy, top-3 accuracy,
/// out-of-scope recall, false rejection (lower is better), calibration error (lower is better) and
/// nDCG@10 of search. Without judged data the figures in the two manifests are compared; they are of
/// the messages that each training kept out, which are others when the shop's examples have changed.
///
/// A candidate is also refused when it cannot be opened, has another currency or other intents, or
/// lacks too many of the products that the current one has. The status is 0 when the candidate may
/// be used and 1 when not; every reason is told.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle gate --current live/artifact --candidate new/artifact
  aisle gate --current live/artifact --candidate new/artifact --messages judged.tsv \\
    --queries queries.csv --judgements grades.csv --margin 0.02
  aisle gate --current live/artifact --candidate new/artifact --json && publish new/artifact

With few messages the margin is less than one of them: of 50, one is 0.02.")]
pub(super) struct Gate {
    /// The artifact in use.
    #[arg(long, value_name = "DIR")]
    current: PathBuf,
    /// The artifact that is to take its place.
    #[arg(long, value_name = "DIR")]
    candidate: PathBuf,
    #[command(flatten)]
    judged: JudgedFiles,
    /// How much worse a figure may be, from 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.01, value_parser = share)]
    margin: f64,
    /// Share of the current products that may be missing, from 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, value_parser = share)]
    max_lost: f64,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Told<'a> {
    accepted: bool,
    refusals: Vec<String>,
    margin: f64,
    max_lost: f64,
    lost_products: usize,
    figures: &'a [Compared],
}

impl Gate {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let judged = self.judged.read()?;
        let open = |dir: &Path| ArtifactDir { dir: dir.to_owned() }.open();
        let current = open(&self.current).context("the current artifact cannot be opened")?;
        let decision = match open(&self.candidate) {
            Ok(candidate) => {
                let limits = Limits { margin: self.margin, max_lost: self.max_lost };
                decide(&contender(&current, &judged)?, &contender(&candidate, &judged)?, limits)
            }
            Err(error) => {
                let refusals = vec![Refusal::CannotBeOpened(format!("{error:#}"))];
                Decision { refusals, ..Decision::default() }
            }
        };
        self.tell(out, &decision)
    }

    fn tell(&self, out: &mut dyn Write, decision: &Decision) -> anyhow::Result<()> {
        let refusals: Vec<String> =
            decision.refusals.iter().map(|refusal| shown(&refusal.to_string())).collect();
        let accepted = refusals.is_empty();
        let reasons = refusals.join("; ");
        if self.json {
            let told = Told {
                accepted,
                refusals,
                margin: self.margin,
                max_lost: self.max_lost,
                lost_products: decision.lost_products,
                figures: &decision.compared,
            };
            print_json(out, &told)?;
        } else {
            print(out, decision)?;
        }
        out.flush()?;
        if !accepted {
            bail!("the candidate is refused: {reasons}");
        }
        Ok(())
    }
}

fn print(out: &mut dyn Write, decision: &Decision) -> anyhow::Result<()> {
    if !decision.compared.is_empty() {
        writeln!(out, "{:<22}{:>9}{:>11}", "", "current", "candidate")?;
    }
    for Compared { figure, current, candidate, worse } in &decision.compared {
        let mark = if *worse { "  worse" } else { "" };
        writeln!(out, "{:<22}{current:>9.4}{candidate:>11.4}{mark}", figure.words())?;
    }
    if decision.lost_products > 0 {
        writeln!(out, "{} products of the current artifact are gone", decision.lost_products)?;
    }
    if decision.refusals.is_empty() {
        writeln!(out, "The candidate may be used.")?;
    }
    Ok(())
}

/// What an artifact brings to the comparison: figures on the judged data, or else its own.
fn contender(engine: &Engine, judged: &Judged) -> anyhow::Result<Contender> {
    let (manifest, index) = (engine.manifest(), engine.index());
    let mut contender = Contender {
        currency: manifest.currency.clone(),
        labels: manifest.labels.iter().cloned().collect(),
        skus: index.products().filter_map(|at| Some(index.card(at)?.sku)).collect(),
        ..Contender::default()
    };
    if let Some(messages) = &judged.messages {
        let scored = score_messages(engine, messages)?.results;
        let in_scope = manifest.thresholds.in_scope;
        contender.add_intents(&intent_figures(&scored, &manifest.labels, in_scope));
    }
    if let Some((queries, judgements)) = &judged.search {
        let run = run_queries(engine, queries)?.results;
        contender.add_search(&search_report(&run, judgements));
    }
    if judged.messages.is_none() && judged.search.is_none() {
        contender.add_evaluation(&manifest.evaluation);
    }
    Ok(contender)
}
