//! Whether a newly trained artifact may take the place of the one in use.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use thiserror::Error;

use super::{IntentFigures, SearchReport};

/// What a difference may be larger than the margin by: figures of a manifest have 32 bits.
const ROUNDING: f64 = 1e-6;

/// A figure that is compared. Its name in JSON is that of the manifest's `evaluation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// See [`IntentFigures::in_scope_accuracy`].
    InScopeAccuracy,
    /// See [`IntentFigures::top3_accuracy`].
    Top3Accuracy,
    /// See [`IntentFigures::out_of_scope_recall`].
    OutOfScopeRecall,
    /// See [`IntentFigures::false_rejection`].
    FalseRejection,
    /// See [`IntentFigures::expected_calibration_error`].
    ExpectedCalibrationError,
    /// See [`super::SearchFigures::ndcg10`], over all queries.
    SearchNdcg10,
}

impl Figure {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::InScopeAccuracy,
        Self::Top3Accuracy,
        Self::OutOfScopeRecall,
        Self::FalseRejection,
        Self::ExpectedCalibrationError,
        Self::SearchNdcg10,
    ];

    /// Its key in a manifest's `evaluation`.
    pub fn key(self) -> &'static str {
        match self {
            Self::InScopeAccuracy => "in_scope_accuracy",
            Self::Top3Accuracy => "top3_accuracy",
            Self::OutOfScopeRecall => "out_of_scope_recall",
            Self::FalseRejection => "false_rejection",
            Self::ExpectedCalibrationError => "expected_calibration_error",
            Self::SearchNdcg10 => "search_ndcg10",
        }
    }

    /// Its name in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::InScopeAccuracy => "in-scope accuracy",
            Self::Top3Accuracy => "top-3 accuracy",
            Self::OutOfScopeRecall => "out-of-scope recall",
            Self::FalseRejection => "false rejection",
            Self::ExpectedCalibrationError => "calibration error",
            Self::SearchNdcg10 => "search nDCG@10",
        }
    }

    fn is_better_low(self) -> bool {
        matches!(self, Self::FalseRejection | Self::ExpectedCalibrationError)
    }

    /// How much worse the candidate is; negative where it is better.
    fn loss(self, current: f64, candidate: f64) -> f64 {
        if self.is_better_low() { candidate - current } else { current - candidate }
    }
}

/// What is known of an artifact that takes part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contender {
    /// ISO 4217 code of its prices.
    pub currency: String,
    /// The intents that it tells apart.
    pub labels: BTreeSet<String>,
    /// SKUs of its products.
    pub skus: BTreeSet<String>,
    /// Its figures, on the same data as the other's.
    pub figures: BTreeMap<Figure, f64>,
}

impl Contender {
    /// Takes over the figures of intents that there are.
    pub fn add_intents(&mut self, figures: &IntentFigures) {
        let all = [
            (Figure::InScopeAccuracy, figures.in_scope_accuracy),
            (Figure::Top3Accuracy, figures.top3_accuracy),
            (Figure::OutOfScopeRecall, figures.out_of_scope_recall),
            (Figure::FalseRejection, figures.false_rejection),
            (Figure::ExpectedCalibrationError, figures.expected_calibration_error),
        ];
        self.figures.extend(all.into_iter().filter_map(|(figure, value)| Some((figure, value?))));
    }

    /// Takes over the figure of search, where a query was judged.
    pub fn add_search(&mut self, report: &SearchReport) {
        if report.overall.queries > 0 {
            self.figures.insert(Figure::SearchNdcg10, report.overall.ndcg10);
        }
    }

    /// Takes over the figures that a manifest holds under the known keys.
    pub fn add_evaluation(&mut self, evaluation: &BTreeMap<String, f32>) {
        for figure in Figure::ALL {
            if let Some(value) = evaluation.get(figure.key()) {
                self.figures.insert(figure, f64::from(*value));
            }
        }
    }
}

/// What a candidate may lose; both shares of 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// How much worse a figure may be.
    pub margin: f64,
    /// Share of the current products that may be missing.
    pub max_lost: f64,
}

/// A reason to keep the current artifact.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    /// The candidate cannot be used at all.
    #[error("the candidate cannot be opened: {0}")]
    CannotBeOpened(String),
    /// Prices would be shown in another currency.
    #[error("the currency is {candidate} and was {current}")]
    OtherCurrency {
        /// The current artifact's.
        current: String,
        /// The candidate's.
        candidate: String,
    },
    /// Intents would appear or vanish.
    #[error("the intents are others: {}", changes(.missing, .new))]
    OtherLabels {
        /// Only the current artifact has them.
        missing: Vec<String>,
        /// Only the candidate has them.
        new: Vec<String>,
    },
    /// Too much of the catalogue would be gone.
    #[error("{lost} of {products} products are gone; at most {:.1}% may be", 100.0 * .max_lost)]
    LostProducts {
        /// Products of the current artifact that the candidate lacks.
        lost: usize,
        /// Products of the current artifact.
        products: usize,
        /// The limit that was passed.
        max_lost: f64,
    },
    /// A figure is worse by more than the margin.
    #[error(
        "{} {} from {current:.4} to {candidate:.4}, by more than the margin of {margin}",
        .figure.words(), if .figure.is_better_low() { "rose" } else { "fell" }
    )]
    Worse {
        /// Which one.
        figure: Figure,
        /// The current artifact's.
        current: f64,
        /// The candidate's.
        candidate: f64,
        /// The margin that was passed.
        margin: f64,
    },
    /// A figure of the current artifact has nothing to be compared with.
    #[error("{} was {current:.4} and is not known of the candidate", .figure.words())]
    Unknown {
        /// Which one.
        figure: Figure,
        /// The current artifact's.
        current: f64,
    },
    /// Nothing speaks for the candidate.
    #[error("no figure can be compared; give judged messages or queries")]
    NothingToCompare,
}

fn changes(missing: &[String], new: &[String]) -> String {
    [("missing", missing), ("new", new)]
        .into_iter()
        .filter(|(_, labels)| !labels.is_empty())
        .map(|(what, labels)| format!("{what} {}", labels.join(", ")))
        .collect::<Vec<String>>()
        .join("; ")
}

/// A figure of both artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Which one.
    pub figure: Figure,
    /// The current artifact's.
    pub current: f64,
    /// The candidate's.
    pub candidate: f64,
    /// Worse by more than the margin.
    pub worse: bool,
}

/// What the gate says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decision {
    /// Why the candidate is refused; it is accepted where there is no reason.
    pub refusals: Vec<Refusal>,
    /// The figures that both have.
    pub compared: Vec<Compared>,
    /// Products of the current artifact that the candidate lacks.
    pub lost_products: usize,
}

/// Compares a candidate with the current artifact. All reasons to refuse it are given, not just the
/// first. A figure that only the candidate has is no reason.
pub fn decide(current: &Contender, candidate: &Contender, limits: Limits) -> Decision {
    let mut refusals = Vec::new();
    if current.currency != candidate.currency {
        refusals.push(Refusal::OtherCurrency {
            current: current.currency.clone(),
            candidate: candidate.currency.clone(),
        });
    }
    let only = |a: &Contender, b: &Contender| a.labels.difference(&b.labels).cloned().collect();
    let (missing, new): (Vec<String>, Vec<String>) =
        (only(current, candidate), only(candidate, current));
    if !missing.is_empty() || !new.is_empty() {
        refusals.push(Refusal::OtherLabels { missing, new });
    }
    let lost_products = current.skus.difference(&candidate.skus).count();
    let products = current.skus.len();
    if lost_products as f64 > limits.max_lost * products as f64 + ROUNDING {
        let max_lost = limits.max_lost;
        refusals.push(Refusal::LostProducts { lost: lost_products, products, max_lost });
    }
    let mut compared = Vec::new();
    for (figure, was) in &current.figures {
        let (figure, current) = (*figure, *was);
        let Some(candidate) = candidate.figures.get(&figure).copied() else {
            refusals.push(Refusal::Unknown { figure, current });
            continue;
        };
        let is_fine = figure.loss(current, candidate) <= limits.margin + ROUNDING;
        if !is_fine {
            let margin = limits.margin;
            refusals.push(Refusal::Worse { figure, current, candidate, margin });
        }
        compared.push(Compared { figure, current, candidate, worse: !is_fine });
    }
    if current.figures.is_empty() {
        refusals.push(Refusal::NothingToCompare);
    }
    Decision { refusals, compared, lost_products }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::SearchFigures;

    const LIMITS: Limits = Limits { margin: 0.01, max_lost: 0.2 };

    fn contender(figures: &[(Figure, f64)]) -> Contender {
        let strings = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect();
        Contender {
            currency: "GBP".into(),
            labels: strings(&["deny", "invoice"]),
            skus: strings(&["1", "2", "3", "4", "5"]),
            figures: figures.iter().copied().collect(),
        }
    }

    fn reasons(current: &Contender, candidate: &Contender) -> Vec<String> {
        let decision = decide(current, candidate, LIMITS);
        decision.refusals.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_figure_may_be_worse_by_the_margin_and_no_more() {
        use Figure::*;
        // figure, current, candidate, the reason
        let cases = [
            (InScopeAccuracy, 0.84, 0.84, ""),
            (InScopeAccuracy, 0.84, 0.83, ""),
            (InScopeAccuracy, f64::from(0.84_f32), f64::from(0.83_f32), ""),
            (InScopeAccuracy, 0.84, 0.99, ""),
            (InScopeAccuracy, 0.84, 0.8299, "in-scope accuracy fell from 0.8400 to 0.8299"),
            (Top3Accuracy, 0.9, 0.5, "top-3 accuracy fell from 0.9000 to 0.5000"),
            (OutOfScopeRecall, 0.6, 0.58, "out-of-scope recall fell from 0.6000 to 0.5800"),
            (FalseRejection, 0.05, 0.06, ""),
            (FalseRejection, 0.05, 0.0, ""),
            (FalseRejection, 0.05, 0.07, "false rejection rose from 0.0500 to 0.0700"),
            (ExpectedCalibrationError, 0.03, 0.01, ""),
            (ExpectedCalibrationError, 0.03, 0.05, "calibration error rose from 0.0300 to 0.0500"),
            (SearchNdcg10, 0.5, 0.4, "search nDCG@10 fell from 0.5000 to 0.4000"),
            (SearchNdcg10, 0.5, f64::NAN, "search nDCG@10 fell from 0.5000 to NaN"),
        ];
        for (figure, was, is, reason) in cases {
            let expected: Vec<String> = (!reason.is_empty())
                .then(|| format!("{reason}, by more than the margin of 0.01"))
                .into_iter()
                .collect();
            let (current, candidate) = (contender(&[(figure, was)]), contender(&[(figure, is)]));
            assert_eq!(reasons(&current, &candidate), expected, "{figure:?} {was} {is}");
            let compared = decide(&current, &candidate, LIMITS).compared;
            assert_eq!(compared.iter().filter(|c| c.worse).count(), expected.len());
        }
    }

    #[test]
    fn everything_else_that_is_refused() {
        let figures = [(Figure::Top3Accuracy, 0.9), (Figure::SearchNdcg10, 0.5)];
        let current = contender(&figures);
        type Change = fn(&mut Contender);
        let cases: [(Change, &[&str]); 7] = [
            (|_| {}, &[]),
            (|c| c.currency = "EUR".into(), &["the currency is EUR and was GBP"]),
            (
                |c| c.labels = ["deny".into(), "loyalty".into()].into(),
                &["the intents are others: missing invoice; new loyalty"],
            ),
            (|c| _ = c.skus.remove("1"), &[]),
            (
                |c| c.skus = ["1", "2", "3", "6", "7", "8"].map(String::from).into(),
                &["2 of 5 products are gone; at most 20.0% may be"],
            ),
            (
                |c| _ = c.figures.remove(&Figure::Top3Accuracy),
                &["top-3 accuracy was 0.9000 and is not known of the candidate"],
            ),
            (
                |c| *c = Contender::default(),
                &[
                    "the currency is  and was GBP",
                    "the intents are others: missing deny, invoice",
                    "5 of 5 products are gone; at most 20.0% may be",
                    "top-3 accuracy was 0.9000 and is not known of the candidate",
                    "search nDCG@10 was 0.5000 and is not known of the candidate",
                ],
            ),
        ];
        for (change, expected) in cases {
            let mut candidate = contender(&figures);
            change(&mut candidate);
            assert_eq!(reasons(&current, &candidate), expected);
        }
        let (none, one) = (contender(&[]), contender(&[(Figure::FalseRejection, 0.5)]));
        let nothing = "no figure can be compared; give judged messages or queries";
        assert_eq!(reasons(&none, &none), [nothing]);
        assert_eq!(reasons(&none, &one), [nothing]);
    }

    #[test]
    fn figures_are_taken_over_where_there_are_any() {
        let mut contender = Contender::default();
        contender.add_search(&SearchReport::default());
        contender.add_intents(&IntentFigures::default());
        contender.add_evaluation(&[("accuracy".to_owned(), 0.5)].into());
        assert!(contender.figures.is_empty());
        let overall = SearchFigures { queries: 2, ndcg10: 0.25, ..SearchFigures::default() };
        contender.add_search(&SearchReport { overall, ..SearchReport::default() });
        contender.add_intents(&IntentFigures { top3_accuracy: Some(0.5), ..Default::default() });
        contender.add_evaluation(&[("false_rejection".to_owned(), 0.125)].into());
        let figures = [
            (Figure::Top3Accuracy, 0.5),
            (Figure::FalseRejection, 0.125),
            (Figure::SearchNdcg10, 0.25),
        ];
        assert_eq!(contender.figures, figures.into());
    }

    #[test]
    fn a_figure_has_one_name() {
        for figure in Figure::ALL {
            assert_eq!(serde_json::to_value(figure).unwrap(), figure.key());
        }
    }
}
