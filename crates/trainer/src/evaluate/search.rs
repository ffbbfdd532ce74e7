//! Figures of product search against graded judgements.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;

use serde::Serialize;

use crate::read::{Judgements, SearchQuery};

/// Products of a query that a run holds.
pub const RUN_LENGTH: usize = 25;
/// Least grade that counts as relevant.
const RELEVANT: u8 = 2;
/// Results that most figures look at.
const TOP: usize = 10;

/// What was found for a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundProducts {
    /// The query.
    pub query: SearchQuery,
    /// SKUs, best first, none twice.
    pub skus: Vec<String>,
    /// Whether it is said that the shop has nothing like what is asked for.
    pub is_lack: bool,
}

/// Means over the queries that have a relevant judgement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SearchFigures {
    /// Queries judged.
    pub queries: usize,
    /// Discounted cumulative gain of the first 10 over the best one possible; gain 2^grade - 1,
    /// discount 1 / log2(rank + 1), the ideal from all judged products.
    pub ndcg10: f64,
    /// Share of relevant products among the first 10.
    pub p10: f64,
    /// Share of all relevant products that are in the first 25.
    pub r25: f64,
    /// The same over at most 25 relevant products.
    pub r25cap: f64,
    /// Mean reciprocal rank of the first relevant product.
    pub mrr: f64,
    /// Share of the first 10 that is judged; when it is low, the other figures are too.
    pub judged10: f64,
    /// Share of the queries for which it is said, wrongly, that nothing like it is here.
    pub wrong_lack: f64,
}

/// The queries that nothing in the shop is relevant to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct LackFigures {
    /// Such queries.
    pub queries: usize,
    /// Share of them for which it is said that nothing like it is here.
    pub told: f64,
}

/// Figures of all queries and by kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SearchReport {
    /// Over all queries.
    #[serde(flatten)]
    pub overall: SearchFigures,
    /// By kind of query, where there are kinds.
    pub by_kind: BTreeMap<String, SearchFigures>,
    /// Over the queries that nothing is relevant to.
    pub lack: LackFigures,
}

/// Kind of the queries that nothing in the shop is relevant to.
const NOTHING: &str = "none";

/// Scores a run. Queries without a relevant judgement are left out of the means; where something
/// else was judged for them, or their kind is `none`, they tell how often a lack is told.
pub fn search_report(run: &[FoundProducts], judgements: &Judgements) -> SearchReport {
    let mut all = Vec::new();
    let mut kinds: BTreeMap<String, Vec<SearchFigures>> = BTreeMap::new();
    let mut lacks: Vec<f64> = Vec::new();
    for found in run {
        let judged = judgements.get(&found.query.id);
        let Some(figures) = judged.and_then(|judged| score(found, judged)) else {
            if judged.is_some() || found.query.kind == NOTHING {
                lacks.push(share(found.is_lack));
            }
            continue;
        };
        all.push(figures);
        if !found.query.kind.is_empty() {
            kinds.entry(found.query.kind.clone()).or_default().push(figures);
        }
    }
    let by_kind = kinds.into_iter().map(|(kind, figures)| (kind, mean(&figures))).collect();
    let told = lacks.iter().fold(0.0, |sum, told| sum + told) / lacks.len().max(1) as f64;
    let lack = LackFigures { queries: lacks.len(), told };
    SearchReport { overall: mean(&all), by_kind, lack }
}

fn share(it: bool) -> f64 {
    f64::from(u8::from(it))
}

/// Writes a run as CSV: `query_id,sku,rank`, the rank from 1, at most [`RUN_LENGTH`] a query.
pub fn write_run(run: &[FoundProducts], out: impl Write) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["query_id", "sku", "rank"])?;
    for found in run {
        for (sku, rank) in found.skus.iter().take(RUN_LENGTH).zip(1..) {
            writer.write_record([found.query.id.as_str(), sku, &i32::to_string(&rank)])?;
        }
    }
    writer.flush()?;
    Ok(())
}

/// Figures of one query; nothing when no product is relevant to it.
fn score(found: &FoundProducts, judgements: &BTreeMap<String, u8>) -> Option<SearchFigures> {
    let relevant = judgements.values().filter(|grade| **grade >= RELEVANT).count();
    if relevant == 0 {
        return None;
    }
    let mut seen = HashSet::new();
    let unique: Vec<&String> = found.skus.iter().filter(|sku| seen.insert(sku.as_str())).collect();
    let grade = |sku: &&String| judgements.get(*sku).copied().unwrap_or(0);
    let grades: Vec<u8> = unique.iter().take(RUN_LENGTH).map(grade).collect();
    let top: Vec<u8> = grades.iter().take(TOP).copied().collect();
    let mut ideal: Vec<u8> = judgements.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    ideal.truncate(TOP);
    let hits = |grades: &[u8]| grades.iter().filter(|grade| **grade >= RELEVANT).count() as f64;
    let first = unique.iter().position(|sku| grade(sku) >= RELEVANT);
    let judged = unique.iter().take(TOP).filter(|sku| judgements.contains_key(**sku)).count();
    Some(SearchFigures {
        queries: 1,
        ndcg10: gain(&top) / gain(&ideal),
        p10: hits(&top) / TOP as f64,
        r25: hits(&grades) / relevant as f64,
        r25cap: hits(&grades) / relevant.min(RUN_LENGTH) as f64,
        mrr: first.map_or(0.0, |at| 1.0 / (at + 1) as f64),
        judged10: if top.is_empty() { 1.0 } else { judged as f64 / top.len() as f64 },
        wrong_lack: share(found.is_lack),
    })
}

/// Discounted cumulative gain of grades in the order of their ranks.
fn gain(grades: &[u8]) -> f64 {
    let at_rank =
        |(grade, rank): (&u8, u32)| (f64::from(*grade).exp2() - 1.0) / f64::from(rank).log2();
    grades.iter().zip(2..).map(at_rank).sum()
}

fn mean(all: &[SearchFigures]) -> SearchFigures {
    if all.is_empty() {
        return SearchFigures::default();
    }
    let of =
        |figure: fn(&SearchFigures) -> f64| all.iter().map(figure).sum::<f64>() / all.len() as f64;
    SearchFigures {
        queries: all.len(),
        ndcg10: of(|f| f.ndcg10),
        p10: of(|f| f.p10),
        r25: of(|f| f.r25),
        r25cap: of(|f| f.r25cap),
        mrr: of(|f| f.mrr),
        judged10: of(|f| f.judged10),
        wrong_lack: of(|f| f.wrong_lack),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(id: &str, kind: &str, skus: &[&str]) -> FoundProducts {
        FoundProducts {
            query: SearchQuery { id: id.into(), text: "mug".into(), kind: kind.into() },
            skus: skus.iter().map(|sku| (*sku).into()).collect(),
            is_lack: skus.is_empty(),
        }
    }

    fn judgements(rows: &[(&str, &str, u8)]) -> Judgements {
        let mut all = Judgements::new();
        for (id, sku, grade) in rows {
            all.entry((*id).into()).or_default().insert((*sku).into(), *grade);
        }
        all
    }

    #[test]
    fn a_query_is_scored_by_grade_and_rank() {
        let judged = judgements(&[("q", "A", 3), ("q", "B", 2), ("q", "C", 0)]);
        let best = 7.0 + 3.0 / 3_f64.log2();
        // skus, ndcg10, p10, r25, mrr, judged10
        let cases: [(&[&str], [f64; 5]); 5] = [
            (&["A", "B"], [1.0, 0.2, 1.0, 1.0, 1.0]),
            (&["B", "A"], [(3.0 + 7.0 / 3_f64.log2()) / best, 0.2, 1.0, 1.0, 1.0]),
            (&["X", "C", "A"], [3.5 / best, 0.1, 0.5, 1.0 / 3.0, 2.0 / 3.0]),
            (&["A", "A", "B"], [1.0, 0.2, 1.0, 1.0, 1.0]),
            (&[], [0.0, 0.0, 0.0, 0.0, 1.0]),
        ];
        for (skus, expected) in cases {
            let f = search_report(&[found("q", "", skus)], &judged).overall;
            let figures = [f.ndcg10, f.p10, f.r25, f.mrr, f.judged10];
            for (figure, value) in figures.into_iter().zip(expected) {
                assert!((figure - value).abs() < 1e-12, "{skus:?}: {figures:?}");
            }
        }
    }

    #[test]
    fn kinds_are_apart_and_queries_without_relevant_products_left_out() {
        let judged = judgements(&[("q1", "A", 2), ("q2", "A", 1), ("q3", "A", 3)]);
        let run = [
            found("q1", "head", &["A"]),
            found("q2", "none", &["A"]),
            found("q3", "typo", &["B"]),
            found("q4", "typo", &["A"]),
            found("q5", "none", &[]),
        ];
        let report = search_report(&run, &judged);
        assert_eq!((report.overall.queries, report.overall.ndcg10), (2, 0.5));
        let kinds: Vec<(&str, f64)> =
            report.by_kind.iter().map(|(kind, f)| (kind.as_str(), f.ndcg10)).collect();
        assert_eq!(kinds, [("head", 1.0), ("typo", 0.0)]);
        assert_eq!(report.lack, LackFigures { queries: 2, told: 0.5 });
        assert_eq!(report.overall.wrong_lack, 0.0);
        assert_eq!(search_report(&[found("q1", "", &[])], &judged).overall.wrong_lack, 1.0);
        assert_eq!(search_report(&[], &judged), SearchReport::default());
    }

    #[test]
    fn a_run_is_written_for_other_tools() {
        let mut many: Vec<String> = (0..30).map(|n| n.to_string()).collect();
        many[0] = "A,\"1".into();
        let query = SearchQuery { id: "q1".into(), text: String::new(), kind: String::new() };
        let mut out = Vec::new();
        write_run(&[FoundProducts { query, skus: many, is_lack: false }], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("query_id,sku,rank\nq1,\"A,\"\"1\",1\nq1,1,2\n"), "{text}");
        assert_eq!(text.lines().count(), 1 + RUN_LENGTH);
    }
}
