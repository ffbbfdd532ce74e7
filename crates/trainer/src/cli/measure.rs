//! Running an artifact over judged data.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use aisle_core::index::Index;
use aisle_core::protocol::Understanding;
use aisle_core::route::route;
use aisle_core::search::{Query, lack};
use aisle_engine::Engine;
use aisle_trainer::evaluate::{FoundProducts, RUN_LENGTH, RoutedMessage, ScoredMessage};
use aisle_trainer::read::{
    Example, Judgements, ReadError, SearchQuery, Warning, read_examples, read_judgements,
    read_queries,
};
use anyhow::bail;
use clap::Args;

use super::output::{print_warnings, progress_bar};
use super::search::find_products;

/// Judged data that a command can do without.
#[derive(Debug, Args)]
pub(super) struct JudgedFiles {
    /// Messages with their right intents: text and intent, divided by tabs; may be given several
    /// times, as may the others.
    #[arg(long, value_name = "TSV")]
    messages: Vec<PathBuf>,
    /// Queries: query_id, query, and kind where there are kinds.
    #[arg(long, value_name = "CSV", requires = "judgements")]
    queries: Vec<PathBuf>,
    /// Grades of products for the queries: query_id, sku, grade (0 to 3).
    #[arg(long, value_name = "CSV", requires = "queries")]
    judgements: Vec<PathBuf>,
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
        if !self.messages.is_empty() {
            judged.messages = Some(read_all(&self.messages, read_examples)?);
        }
        if !self.queries.is_empty() {
            let (mut queries, judgements) = read_judged_queries(&self.queries, &self.judgements)?;
            queries.retain(|query| !self.held_out || query.is_held_out());
            judged.search = Some((queries, judgements));
        }
        Ok(judged)
    }
}

/// A share from 0 to 1, as an argument.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("not from 0 to 1".to_owned()) }
}

/// What a reader makes of a file.
type Read<T> = Result<(T, Vec<Warning>), ReadError>;

/// What is in several files, one after the other; what cannot be used is warned of.
pub(super) fn read_all<T>(
    paths: &[PathBuf],
    read: impl Fn(&Path) -> Read<Vec<T>>,
) -> Result<Vec<T>, ReadError> {
    let mut all = Vec::new();
    for path in paths {
        let (found, warnings) = read(path)?;
        print_warnings(&warnings);
        all.extend(found);
    }
    Ok(all)
}

/// Queries and the grades for them, each of several files. Of a pair that is judged twice, the
/// first grade counts; two queries of one id are an error.
pub(super) fn read_judged_queries(
    queries: &[PathBuf],
    judgements: &[PathBuf],
) -> anyhow::Result<(Vec<SearchQuery>, Judgements)> {
    let queries = read_all(queries, read_queries)?;
    let mut ids = HashSet::new();
    if let Some(twice) = queries.iter().find(|query| !ids.insert(query.id.as_str())) {
        bail!("two of the files have a query {}", twice.id);
    }
    let mut graded = Judgements::new();
    for path in judgements {
        let (found, warnings) = read_judgements(path)?;
        print_warnings(&warnings);
        for (query, grades) in found {
            let known = graded.entry(query).or_default();
            grades.into_iter().for_each(|(sku, grade)| {
                known.entry(sku).or_insert(grade);
            });
        }
    }
    Ok((queries, graded))
}

/// Leaves of a message what stands after a share of its characters, at least one, has been typed.
pub(super) fn cut(example: &mut Example, share: f64) {
    let kept = (example.text.chars().count() as f64 * share).round() as usize;
    example.text = example.text.chars().take(kept.max(1)).collect();
}

/// The intents that a section of the shop's documents answers.
pub(super) fn answerable(index: &Index) -> BTreeSet<String> {
    let intents = index.sections().flat_map(|section| index.intents(section));
    intents.filter_map(|intent| index.labels().get(usize::from(*intent)).cloned()).collect()
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

/// Where messages are answered.
pub(super) fn route_messages(
    engine: &Engine,
    messages: &[Example],
) -> anyhow::Result<Vec<RoutedMessage>> {
    let routed = timed("routing", messages, |message| {
        let understood = engine.understand(&message.text)?;
        let understood = Understanding { confident: true, ..understood };
        Ok(RoutedMessage {
            intent: message.intent.clone(),
            predicted: understood.intents.first().map_or_else(String::new, |i| i.intent.clone()),
            best_first: understood.intents.iter().map(|intent| intent.probability).collect(),
            if_sure: route(&message.text, &understood),
        })
    })?;
    Ok(routed.results)
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
