//! Running an artifact over judged data.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use aisle_core::search::{Query, lack};
use aisle_engine::Engine;
use aisle_trainer::evaluate::{FoundProducts, RUN_LENGTH, ScoredMessage};
use aisle_trainer::read::{
    Example, Judgements, SearchQuery, read_examples, read_judgements, read_queries,
};
use clap::Args;

use super::output::{print_warnings, progress_bar};
use super::search::find_products;

/// Judged data that a command can do without.
#[derive(Debug, Args)]
pub(super) struct JudgedFiles {
    /// Messages with their right intents: text and intent, divided by tabs.
    #[arg(long, value_name = "TSV")]
    messages: Option<PathBuf>,
    /// Queries: query_id, query, and kind where there are kinds.
    #[arg(long, value_name = "CSV", requires = "judgements")]
    queries: Option<PathBuf>,
    /// Grades of products for the queries: query_id, sku, grade (0 to 3).
    #[arg(long, value_name = "CSV", requires = "queries")]
    judgements: Option<PathBuf>,
    /// Only the half of the queries that training leaves out when they lie in the shop's folder.
    #[arg(long, requires = "queries")]
    held_out: bool,
}

/// What is in the files that were given.
pub(super) struct Judged {
    pub(super) messages: Option<Vec<Example>>,
    pub(super) search: Option<(Vec<SearchQuery>, Judgements)>,
}

impl JudgedFiles {
    pub(super) fn read(&self) -> anyhow::Result<Judged> {
        let mut judged = Judged { messages: None, search: None };
        if let Some(path) = &self.messages {
            let (messages, warnings) = read_examples(path)?;
            print_warnings(&warnings);
            judged.messages = Some(messages);
        }
        if let (Some(queries), Some(judgements)) = (&self.queries, &self.judgements) {
            let (mut queries, warnings) = read_queries(queries)?;
            print_warnings(&warnings);
            queries.retain(|query| !self.held_out || query.is_held_out());
            let (judgements, warnings) = read_judgements(judgements)?;
            print_warnings(&warnings);
            judged.search = Some((queries, judgements));
        }
        Ok(judged)
    }
}

/// What came out, in the order of what went in, and how long each took.
pub(super) struct Timed<T> {
    pub(super) results: Vec<T>,
    pub(super) times: Vec<Duration>,
}

/// What the artifact makes of messages.
pub(super) fn score_messages(
    engine: &Engine,
    messages: &[Example],
) -> anyhow::Result<Timed<ScoredMessage>> {
    timed("evaluating", messages, |message| {
        let probabilities = engine.predict(&message.text)?.probabilities;
        Ok(ScoredMessage { intent: message.intent.clone(), probabilities })
    })
}

/// What the artifact finds for queries.
pub(super) fn run_queries(
    engine: &Engine,
    queries: &[SearchQuery],
) -> anyhow::Result<Timed<FoundProducts>> {
    timed("searching", queries, |query| {
        let found = find_products(engine, &query.text, RUN_LENGTH)?;
        let skus = found.into_iter().map(|card| card.sku).collect();
        let is_lack = lack(engine.index(), &Query::draft(&query.text)).is_some();
        Ok(FoundProducts { query: query.clone(), skus, is_lack })
    })
}

fn timed<I, T>(
    what: &'static str,
    inputs: &[I],
    work: impl Fn(&I) -> anyhow::Result<T>,
) -> anyhow::Result<Timed<T>> {
    let bar = progress_bar(what, inputs.len());
    let mut all = Timed { results: Vec::new(), times: Vec::new() };
    for input in inputs {
        let started = Instant::now();
        all.results.push(work(input)?);
        all.times.push(started.elapsed());
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(all)
}
