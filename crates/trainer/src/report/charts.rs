//! The charts of a report as SVG. Colours come from the stylesheet, so that they follow the
//! reader's light or dark.

use maud::{Markup, html};

use crate::evaluate::{Bin, Confusion, Coverage};
use crate::train::LearningPoint;

/// Width and height of a square chart with its axes.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 300.0;
/// Where the plot begins and ends.
const LEFT: f64 = 58.0;
const RIGHT: f64 = 350.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 256.0;
/// Labelled shares of an axis.
const TICKS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
/// Messages from which on a bin says something.
const ENOUGH: usize = 10;

/// Passes that are labelled, about.
const MOST_PASSES: usize = 10;

/// Side of a cell of the confusion matrix.
const CELL: f64 = 18.0;
/// Room for the names of intents.
const NAMES: f64 = 150.0;
/// Characters of a name that fit into that room.
const NAME_CHARS: usize = 22;

fn x(share: f64) -> f64 {
    LEFT + share * (RIGHT - LEFT)
}

fn y(share: f64) -> f64 {
    BOTTOM - share * (BOTTOM - TOP)
}

/// A number of a drawing.
fn n(value: f64) -> String {
    format!("{value:.1}")
}

/// What an axis shows, with its labelled places, each a share of its length.
struct Axis<'a> {
    name: &'a str,
    ticks: Vec<(f64, String)>,
}

impl<'a> Axis<'a> {
    /// An axis of shares of 0 to 1.
    fn of_shares(name: &'a str) -> Self {
        Self { name, ticks: TICKS.map(|tick| (tick, tick.to_string())).to_vec() }
    }
}

/// A plot of a share of 0 to 1, upwards.
fn plot(description: &str, along: &Axis<'_>, up: &str, content: &Markup) -> Markup {
    let middle = n(f64::midpoint(TOP, BOTTOM));
    html! {
        svg.plot role="img" aria-label=(description) viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) {
            @for tick in TICKS {
                line.grid x1=(n(LEFT)) x2=(n(RIGHT)) y1=(n(y(tick))) y2=(n(y(tick))) {}
                text x=(n(LEFT - 6.0)) y=(n(y(tick) + 4.0)) text-anchor="end" { (100.0 * tick) "%" }
            }
            @for (tick, label) in &along.ticks {
                text x=(n(x(*tick))) y=(n(BOTTOM + 17.0)) text-anchor="middle" { (label) }
            }
            (content)
            text x=(n(f64::midpoint(LEFT, RIGHT))) y=(n(HEIGHT - 8.0)) text-anchor="middle" { (along.name) }
            text x="12" y=(middle) text-anchor="middle" transform=(format!("rotate(-90 12 {middle})")) {
                (up)
            }
        }
    }
}

/// Accuracy of each bin of the highest probability, against the diagonal.
pub(super) fn reliability(bins: &[Bin]) -> Markup {
    let width = 1.0 / bins.len().max(1) as f64;
    let content = html! {
        @for (at, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.messages > 0) {
            rect .value .few[bin.messages < ENOUGH]
                x=(n(x(at as f64 * width) + 1.0)) width=(n(width * (RIGHT - LEFT) - 2.0))
                y=(n(y(bin.accuracy))) height=(n(BOTTOM - y(bin.accuracy))) {
                title {
                    (bin.messages) " messages, mean probability " (format!("{:.3}", bin.confidence))
                    ", right " (format!("{:.3}", bin.accuracy))
                }
            }
        }
        line.ideal x1=(n(x(0.0))) y1=(n(y(0.0))) x2=(n(x(1.0))) y2=(n(y(1.0))) {}
    };
    let description = bins.iter().filter(|bin| bin.messages > 0).fold(
        "Reliability diagram.".to_owned(),
        |all, bin| {
            let (sure, right) = (100.0 * bin.confidence, 100.0 * bin.accuracy);
            format!("{all} {sure:.0}% sure: {right:.0}% right, {} messages.", bin.messages)
        },
    );
    plot(&description, &Axis::of_shares("highest probability"), "right", &content)
}

/// Accuracy and coverage over the threshold, with the artifact's own threshold.
pub(super) fn coverage(curve: &[Coverage], threshold: f64) -> Markup {
    let points = |share: fn(&Coverage) -> Option<f64>| -> String {
        curve
            .iter()
            .filter_map(|point| Some(format!("{},{}", n(x(point.threshold)), n(y(share(point)?)))))
            .collect::<Vec<String>>()
            .join(" ")
    };
    let content = html! {
        line.own x1=(n(x(threshold))) x2=(n(x(threshold))) y1=(n(TOP)) y2=(n(BOTTOM)) {
            title { "the artifact's threshold" }
        }
        polyline.right points=(points(|point| point.accuracy)) {}
        polyline.left points=(points(|point| Some(point.coverage))) {}
    };
    let description = "Accuracy and coverage over the threshold.";
    html! {
        (plot(description, &Axis::of_shares("threshold"), "messages", &content))
        ul.legend {
            li { (swatch("right")) "right, of those left" }
            li { (swatch("left")) "left, of all" }
            li { (swatch("own")) "the artifact's threshold" }
        }
    }
}

/// Accuracy over the passes of a training, of what it learnt from and of what it kept out.
pub(super) fn learning(curve: &[LearningPoint]) -> Markup {
    let passes = curve.iter().map(|point| point.passes).max().unwrap_or(0).max(1);
    let along = |point: &LearningPoint| point.passes as f64 / passes as f64;
    let points = |share: fn(&LearningPoint) -> f64| -> String {
        let place =
            |point: &LearningPoint| format!("{},{}", n(x(along(point))), n(y(share(point))));
        curve.iter().map(place).collect::<Vec<String>>().join(" ")
    };
    let content = html! {
        polyline.left points=(points(|point| point.learnt)) {}
        polyline.right points=(points(|point| point.held_out)) {}
        @for point in curve {
            circle.value cx=(n(x(along(point)))) cy=(n(y(point.held_out))) r="3" {
                title {
                    "after " (point.passes) " passes " (format!("{:.3}", point.held_out))
                    " of those kept out, " (format!("{:.3}", point.learnt)) " of those learnt from"
                }
            }
        }
    };
    let description = curve.iter().fold("Learning curve.".to_owned(), |all, point| {
        let (learnt, held_out) = (100.0 * point.learnt, 100.0 * point.held_out);
        format!("{all} {} passes: {held_out:.0}% kept out, {learnt:.0}% learnt.", point.passes)
    });
    let every = passes.div_ceil(MOST_PASSES);
    let ticks = (0..=passes).step_by(every);
    let axis = Axis {
        name: "passes over the examples",
        ticks: ticks.map(|pass| (pass as f64 / passes as f64, pass.to_string())).collect(),
    };
    html! {
        (plot(&description, &axis, "right", &content))
        ul.legend {
            li { (swatch("right")) "messages kept out" }
            li { (swatch("left")) "messages learnt from" }
        }
    }
}

fn swatch(class: &str) -> Markup {
    html! {
        svg.swatch aria-hidden="true" viewBox="0 0 24 8" {
            line class=(class) x1="0" x2="24" y1="4" y2="4" {}
        }
    }
}

/// A share as a bar.
pub(super) fn bar(share: f64) -> Markup {
    html! {
        svg aria-hidden="true" viewBox="0 0 100 10" preserveAspectRatio="none" {
            rect.track width="100" height="10" {}
            rect.value width=(n(100.0 * share.clamp(0.0, 1.0))) height="10" {}
        }
    }
}

/// The matrix of intents; a cell's colour is its share of the row.
pub(super) fn confusion(confusion: &Confusion) -> Markup {
    let side = CELL * confusion.intents.len() as f64;
    let full = NAMES + side + 4.0;
    let name = |at: usize| confusion.intents.get(at).map_or("", String::as_str);
    html! {
        svg.matrix role="img" aria-label="Confusion matrix; the table above lists its worst cells."
            width=(n(full)) height=(n(full)) viewBox=(format!("0 0 {full} {full}")) {
            @for (at, intent) in confusion.intents.iter().enumerate() {
                @let middle = NAMES + CELL * (at as f64 + 0.5);
                @let (along, up) = (n(middle + 4.0), n(NAMES - 6.0));
                text x=(n(NAMES - 6.0)) y=(along) text-anchor="end" { (short(intent)) }
                text x=(along) y=(up) transform=(format!("rotate(-90 {along} {up})")) {
                    (short(intent))
                }
                line.grid x1=(n(NAMES)) x2=(n(NAMES + side)) y1=(n(middle)) y2=(n(middle)) {}
                line.grid y1=(n(NAMES)) y2=(n(NAMES + side)) x1=(n(middle)) x2=(n(middle)) {}
            }
            @for (row, column, messages, share) in confusion.cells() {
                @let (left, top) = (NAMES + CELL * column as f64, NAMES + CELL * row as f64);
                rect.cell x=(n(left)) y=(n(top)) width=(n(CELL)) height=(n(CELL)) {}
                rect .cell-right[row == column] .cell-wrong[row != column]
                    x=(n(left + 1.0)) y=(n(top + 1.0)) width=(n(CELL - 2.0)) height=(n(CELL - 2.0))
                    fill-opacity=(format!("{:.2}", 0.22 + 0.78 * share)) {
                    title {
                        (name(row)) " taken for " (name(column)) ": " (messages) " ("
                        (format!("{:.0}%", 100.0 * share)) ")"
                    }
                }
            }
        }
    }
}

fn short(name: &str) -> String {
    if name.chars().count() <= NAME_CHARS {
        return name.to_owned();
    }
    name.chars().take(NAME_CHARS - 1).chain(['…']).collect()
}
