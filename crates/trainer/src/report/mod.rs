//! A page for a person: what an artifact is and how good, in one HTML file.
//!
//! The page loads nothing and runs nothing; its own policy allows its one stylesheet by its hash.

mod charts;
mod learning;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use aisle_core::artifact::Manifest;

use crate::evaluate::{
    Confusion, Coverage, Mistake, ScoredMessage, SearchReport, coverage, intent_figures,
    reliability,
};
use crate::train::LearningPoint;

const STYLES: &str = include_str!("report.css");
/// Mistakes that are listed.
const MISTAKES: usize = 15;

/// What goes into the page.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// The artifact's manifest.
    pub manifest: &'a Manifest,
    /// What its index holds.
    pub contents: Contents,
    /// Judged messages, where there are any.
    pub messages: Option<&'a [ScoredMessage]>,
    /// Figures of judged queries, where there are any.
    pub search: Option<SearchReport>,
    /// How long the artifact took.
    pub times: Vec<Times>,
    /// How its training went; empty where that is not known.
    pub learning_curve: &'a [LearningPoint],
}

/// Counts of an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Products.
    pub products: usize,
    /// Sections of documents.
    pub sections: usize,
    /// Actions.
    pub actions: usize,
}

/// How long one kind of work took over some texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// What was done with a text.
    pub work: String,
    /// How many texts.
    pub texts: usize,
    /// Half of them took no longer.
    pub median: Duration,
    /// 95 of 100 took no longer.
    pub p95: Duration,
}

impl Times {
    /// Sums up measured times, by nearest rank; nothing for none.
    pub fn of(work: &str, measured: &[Duration]) -> Option<Self> {
        let mut sorted = measured.to_vec();
        sorted.sort_unstable();
        let rank = |percent: usize| {
            sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied()
        };
        let (median, p95) = (rank(50)?, rank(95)?);
        Some(Self { work: work.to_owned(), texts: sorted.len(), median, p95 })
    }
}

/// Writes the page.
pub fn render(report: &Report<'_>) -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLES));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
    );
    let title = format!("Artifact of {}", report.manifest.shop);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLES)) }
            }
            body {
                main {
                    header { p.kicker { "Aisle report" } h1 { (title) } }
                    (artifact(report))
                    @if let Some(messages) = report.messages { (intents(report.manifest, messages)) }
                    @if let Some(search) = &report.search { (found(search)) }
                    @if !report.times.is_empty() { (times(&report.times)) }
                    (learning::training(report.manifest, report.learning_curve))
                }
            }
        }
    }
    .into_string()
}

fn artifact(report: &Report<'_>) -> Markup {
    let (manifest, contents) = (report.manifest, report.contents);
    let thresholds = manifest.thresholds;
    html! {
        section {
            h2 { "What it is" }
            (tiles(&[
                ("products", contents.products.to_string()),
                ("document sections", contents.sections.to_string()),
                ("actions", contents.actions.to_string()),
                ("intents", manifest.labels.len().to_string()),
                ("currency", manifest.currency.clone()),
            ]))
            p {
                "Answers on the device from a probability of "
                (format!("{:.2}", thresholds.min_probability)) " and a margin of "
                (format!("{:.2}", thresholds.min_margin)) " to the second intent. Below "
                (format!("{:.2}", thresholds.in_scope)) " a message counts as out of scope. Format "
                (manifest.format) ", text features " (manifest.featuriser) ", seed "
                (manifest.seed) "."
            }
            table {
                thead { tr { th scope="col" { "file" } th.number scope="col" { "size" } } }
                tbody {
                    @for (file, check) in &manifest.files {
                        tr { th scope="row" { (file) } td.number { (size(check.bytes)) } }
                    }
                    tr.sum {
                        th scope="row" { "together" }
                        td.number { (size(manifest.files.values().map(|f| f.bytes).sum())) }
                    }
                }
            }
        }
    }
}

fn intents(manifest: &Manifest, messages: &[ScoredMessage]) -> Markup {
    let labels = &manifest.labels;
    let figures = intent_figures(messages, labels, manifest.thresholds.in_scope);
    let confusion = Confusion::of(messages, labels);
    let curve = coverage(messages, labels);
    let threshold = f64::from(manifest.thresholds.min_probability);
    html! {
        section {
            h2 { "Intents" }
            p {
                (figures.messages) " judged messages, " (figures.in_scope_messages) " of them in scope."
            }
            (tiles(&[
                ("accuracy", percent(figures.accuracy)),
                ("in-scope accuracy", percent(figures.in_scope_accuracy)),
                ("right one in the top three", percent(figures.top3_accuracy)),
                ("out-of-scope recall", percent(figures.out_of_scope_recall)),
                ("false rejection", percent(figures.false_rejection)),
                ("macro F1", percent(figures.macro_f1)),
                ("calibration error", percent(figures.expected_calibration_error)),
            ]))
            div.pair {
                figure {
                    figcaption {
                        h3 { "Does a probability mean what it says?" }
                        p {
                            "A bar on the diagonal: of messages with that probability, that many are
                             right. Below it the model is too sure. A faint bar stands for fewer than
                             ten messages."
                        }
                    }
                    (charts::reliability(&reliability(messages, labels)))
                }
                figure {
                    figcaption {
                        h3 { "What does a threshold cost?" }
                        p {
                            "Asking for a higher probability leaves fewer messages, and more of
                             those that are left are right." (at_threshold(&curve, threshold))
                        }
                    }
                    (charts::coverage(&curve, threshold))
                }
            }
            (mistakes(&confusion.worst(MISTAKES)))
            figure {
                figcaption {
                    h3 #matrix { "Which intents are taken for which?" }
                    p {
                        "A row for each intent, a column for what it was taken for; the stronger the
                         colour, the larger the share of the row. Right ones are on the diagonal."
                    }
                }
                div.scroll role="region" aria-labelledby="matrix" tabindex="0" {
                    (charts::confusion(&confusion))
                }
            }
        }
    }
}

/// What the curve says at the artifact's own threshold.
fn at_threshold(curve: &[Coverage], threshold: f64) -> String {
    let distance = |point: &&Coverage| (point.threshold - threshold).abs();
    let nearest = curve.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
    nearest.map_or_else(String::new, |point| {
        format!(
            " At {:.2}, the artifact's own, {} of the messages are left and {} of those are right.",
            point.threshold,
            percent(Some(point.coverage)),
            percent(point.accuracy),
        )
    })
}

fn mistakes(mistakes: &[Mistake<'_>]) -> Markup {
    html! {
        h3 { "The most frequent mistakes" }
        @if mistakes.is_empty() {
            p { "None." }
        } @else {
            table {
                thead {
                    tr {
                        th scope="col" { "intent" }
                        th scope="col" { "taken for" }
                        th.number scope="col" { "messages" }
                        th.number scope="col" { "of the intent" }
                    }
                }
                tbody {
                    @for mistake in mistakes {
                        tr {
                            th scope="row" { (parted(mistake.right)) }
                            td { (parted(mistake.taken_for)) }
                            td.number { (mistake.messages) }
                            td.number { (percent(Some(mistake.share))) }
                        }
                    }
                }
            }
        }
    }
}

fn found(report: &SearchReport) -> Markup {
    let overall = &report.overall;
    html! {
        section {
            h2 { "Search" }
            p { (overall.queries) " judged queries that have a relevant product." }
            (tiles(&[
                ("nDCG@10", format!("{:.3}", overall.ndcg10)),
                ("precision at 10", format!("{:.3}", overall.p10)),
                ("recall at 25", format!("{:.3}", overall.r25)),
                ("reciprocal rank", format!("{:.3}", overall.mrr)),
                ("judged of the first 10", percent(Some(overall.judged10))),
            ]))
            @if !report.by_kind.is_empty() {
                h3 { "nDCG@10 by kind of query" }
                table {
                    thead {
                        tr {
                            th scope="col" { "kind" }
                            th.number scope="col" { "queries" }
                            th.number scope="col" { "nDCG@10" }
                            td.bar {}
                        }
                    }
                    tbody {
                        @for (kind, figures) in &report.by_kind {
                            tr {
                                th scope="row" { (kind) }
                                td.number { (figures.queries) }
                                td.number { (format!("{:.3}", figures.ndcg10)) }
                                td.bar { (charts::bar(figures.ndcg10)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn times(times: &[Times]) -> Markup {
    let milliseconds = |time: Duration| format!("{:.2} ms", 1_000.0 * time.as_secs_f64());
    html! {
        section {
            h2 { "Time" }
            p {
                "Measured natively, on the machine that wrote this report, one text at a time. A
                 browser is slower."
            }
            table {
                thead {
                    tr {
                        th scope="col" { "work" }
                        th.number scope="col" { "texts" }
                        th.number scope="col" { "median" }
                        th.number scope="col" { "95th percentile" }
                    }
                }
                tbody {
                    @for t in times {
                        tr {
                            th scope="row" { (t.work) }
                            td.number { (t.texts) }
                            td.number { (milliseconds(t.median)) }
                            td.number { (milliseconds(t.p95)) }
                        }
                    }
                }
            }
        }
    }
}

fn tiles(all: &[(&str, String)]) -> Markup {
    html! {
        dl.tiles {
            @for (name, value) in all { div { dt { (name) } dd { (value) } } }
        }
    }
}

/// A name that may go on in a new line after each of its words.
fn parted(name: &str) -> Markup {
    html! { @for part in name.split_inclusive('_') { (part) wbr; } }
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}%", 100.0 * share))
}

/// A length in decimal units, as a download shows it.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        _ => format!("{:.2} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests;
