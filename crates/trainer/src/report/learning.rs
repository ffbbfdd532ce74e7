//! How a training went: accuracy pass by pass, and what it says of itself in the end.

use maud::{Markup, html};

use aisle_core::artifact::Manifest;

use super::{charts, percent};
use crate::train::LearningPoint;

/// The section; nothing where neither is known.
pub(super) fn training(manifest: &Manifest, curve: &[LearningPoint]) -> Markup {
    html! {
        @if !manifest.evaluation.is_empty() || !curve.is_empty() {
            section {
                h2 { "What training says of itself" }
                @if !manifest.evaluation.is_empty() { (evaluation(manifest)) }
                @if let Some(last) = curve.last() {
                    figure {
                        figcaption {
                            h3 { "Accuracy pass by pass" }
                            p {
                                "Before the first pass over the examples and after each. Where the
                                 line of the messages kept out still climbs, more passes help; where
                                 it falls while the other climbs, fewer do. What more examples would
                                 bring, it does not tell. At the end " (percent(Some(last.held_out)))
                                " of the messages kept out are right, and "
                                (percent(Some(last.learnt))) " of those learnt from."
                            }
                        }
                        (charts::learning(curve))
                    }
                }
            }
        }
    }
}

fn evaluation(manifest: &Manifest) -> Markup {
    html! {
        p { "On the messages that training kept out, as the manifest holds it." }
        table {
            thead { tr { th scope="col" { "figure" } th.number scope="col" { "share" } } }
            tbody {
                @for (name, figure) in &manifest.evaluation {
                    tr {
                        th scope="row" { (name.replace('_', " ")) }
                        td.number { (percent(Some(f64::from(*figure)))) }
                    }
                }
            }
        }
    }
}
