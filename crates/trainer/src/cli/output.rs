//! What all commands write in the same way.

use std::io::{self, Write};
use std::time::Duration;

use aisle_core::money::format_price;
use aisle_core::protocol::ProductCard;
use aisle_trainer::read::Warning;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// Writes warnings to standard error. Reading has kept a few of each kind and counted the rest.
pub(super) fn print_warnings(warnings: &[Warning]) {
    let mut err = io::stderr().lock();
    for warning in warnings {
        let _ = writeln!(err, "warning: {warning}");
    }
}

/// Writes a value as indented JSON.
pub(super) fn print_json(out: &mut dyn Write, value: &impl Serialize) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}

/// A bar on standard error; nothing when that is not a terminal.
pub(super) fn progress_bar(what: &'static str, length: usize) -> ProgressBar {
    let bar = stage_bar().with_message(what);
    bar.set_length(length as u64);
    bar
}

/// A bar that counts bytes.
pub(super) fn byte_bar(what: &'static str, length: u64) -> ProgressBar {
    let bar = stage_bar().with_message(what);
    bar.set_length(length);
    let template = "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {elapsed}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// A bar whose message and length change from stage to stage.
pub(super) fn stage_bar() -> ProgressBar {
    let bar = ProgressBar::new(1);
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Text of an artifact for a terminal: nothing in it can move the cursor or change colours.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// A name and its value on one line of a table.
pub(super) fn entry(out: &mut dyn Write, name: &str, value: &str) -> io::Result<()> {
    writeln!(out, "{:<26} {value}", shown(name))
}

/// A product on one line.
pub(super) fn product_line(card: &ProductCard) -> String {
    let price = format_price(card.price_minor, &card.currency);
    let stock = if card.available { "" } else { "  (sold out)" };
    shown(&format!("{price:>10}  {}  [{}]{stock}", card.title, card.sku))
}

/// A share as a percentage, or a dash for nothing.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", 100.0 * share))
}
