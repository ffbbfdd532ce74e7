//! `aisle report`

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use aisle_trainer::evaluate::{IntentFigures, SearchReport, intent_figures, search_report};
use aisle_trainer::report::{Contents, Report as Page, Times, render};
use aisle_trainer::train::{TRAINING_FILE, TrainingLog};
use anyhow::Context;
use clap::Args;
use serde::Serialize;

use super::artifact::ArtifactDir;
use super::measure::{JudgedFiles, run_queries, score_messages};
use super::output::print_json;

/// Writes a page on what an artifact is and how good.
///
/// One HTML file that loads nothing and runs nothing. With judged messages it shows the figures of
/// the intents, how far probabilities can be trusted, what a threshold costs and which intents are
/// taken for which; with judged queries, the figures of search by kind. How long the artifact took
/// for each text is measured on the way. Without judged data there are the artifact's own figures.
/// How training went is drawn from training.json, where that still lies beside the artifact.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  aisle report --artifact my-shop/artifact --out report.html
  aisle report --artifact my-shop/artifact --messages judged.tsv --queries queries.csv \\
    --judgements grades.csv --held-out --out report.html")]
pub(super) struct Report {
    #[command(flatten)]
    artifact: ArtifactDir,
    #[command(flatten)]
    judged: JudgedFiles,
    /// Where to write the page.
    #[arg(long, value_name = "HTML")]
    out: PathBuf,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

/// What `--json` writes: the figures that the page shows.
#[derive(Serialize)]
struct Told<'a> {
    page: &'a Path,
    intents: Option<IntentFigures>,
    search: Option<&'a SearchReport>,
    times: Vec<Time<'a>>,
}

#[derive(Serialize)]
struct Time<'a> {
    work: &'a str,
    texts: usize,
    median_ms: f64,
    p95_ms: f64,
}

fn told<'a>(path: &'a Path, page: &'a Page<'_>) -> Told<'a> {
    let Page { manifest, search, times, .. } = page;
    let in_scope = manifest.thresholds.in_scope;
    let intents = page.messages.map(|found| intent_figures(found, &manifest.labels, in_scope));
    let time = |times: &'a Times| Time {
        work: &times.work,
        texts: times.texts,
        median_ms: 1e3 * times.median.as_secs_f64(),
        p95_ms: 1e3 * times.p95.as_secs_f64(),
    };
    Told { page: path, intents, search: search.as_ref(), times: times.iter().map(time).collect() }
}

impl Report {
    pub(super) fn run(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let judged = self.judged.read()?;
        let engine = self.artifact.open()?;
        let index = engine.index();
        let mut times = Vec::new();
        let messages = match &judged.messages {
            Some(messages) => {
                let scored = score_messages(&engine, messages)?;
                times.extend(Times::of("understand a message", &scored.times));
                Some(scored.results)
            }
            None => None,
        };
        let search = match &judged.search {
            Some((queries, judgements)) => {
                let run = run_queries(&engine, queries)?;
                times.extend(Times::of("understand a query and find products", &run.times));
                Some(search_report(&run.results, judgements))
            }
            None => None,
        };
        let training = training(&self.artifact)?;
        let page = Page {
            manifest: engine.manifest(),
            contents: Contents {
                products: index.products().len(),
                sections: index.sections().len(),
                actions: index.actions().len(),
            },
            messages: messages.as_deref(),
            search,
            times,
            learning_curve: &training.learning_curve,
        };
        fs::write(&self.out, render(&page))
            .with_context(|| format!("{} cannot be written", self.out.display()))?;
        if self.json {
            return print_json(out, &told(&self.out, &page));
        }
        writeln!(out, "written to {}", self.out.display())?;
        Ok(())
    }
}

/// What the artifact's training saw; nothing where the file is no longer there.
fn training(artifact: &ArtifactDir) -> anyhow::Result<TrainingLog> {
    let path = artifact.dir.join(TRAINING_FILE);
    match fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is not what `aisle train` writes", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(TrainingLog::default()),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}
