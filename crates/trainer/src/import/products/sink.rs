//! Where every product importer puts what it finds.

use std::collections::BTreeSet;

use super::item::{Fragment, Item};
use crate::import::error::ImportError;
use crate::import::sort::Sorter;
use crate::read::{
    PriceError, Warnings, html_to_text, is_image_address, may_be_thousands, parse_price, plain,
    quoted, write_price,
};

/// Longest description, in characters.
const MAX_TEXT_CHARS: usize = 20_000;
/// Longest name of anything, in characters.
const MAX_NAME_CHARS: usize = 500;
/// Most tags of a product.
const MAX_TAGS: usize = 250;

/// Takes products in, with the warnings on the way.
pub(super) struct Sink<'a> {
    pub(super) sorter: &'a mut Sorter,
    pub(super) warnings: &'a mut Warnings,
    /// ISO 4217 code of the shop's prices.
    pub(super) currency: &'a str,
    /// Whether what comes is already in the shop's folder.
    pub(super) is_old: bool,
    /// Records that were looked at.
    pub(super) records: u64,
    /// The file, where there are several.
    pub(super) file: Option<String>,
    /// Files of which it was told that prices have no currency.
    pub(super) without_currency: BTreeSet<String>,
}

impl Sink<'_> {
    /// Adds a product, or a part of it. What has no handle is left out with a warning.
    pub(super) fn push(
        &mut self,
        handle: &str,
        line: u64,
        continues: bool,
        item: Item,
    ) -> Result<(), ImportError> {
        if handle.is_empty() {
            let reason = "has nothing that it could be known by (handle, address or title); \
                          left out";
            self.warnings.add(line, None, reason);
            return Ok(());
        }
        let mut item = item;
        if handle.chars().count() > MAX_NAME_CHARS {
            let reason = format!("is longer than {MAX_NAME_CHARS} characters; left out");
            self.warnings.add(line, Some("Handle"), reason);
            return Ok(());
        }
        if shorten(&mut item) {
            let reason = format!(
                "a text is longer than {MAX_TEXT_CHARS} characters, or a name than \
                 {MAX_NAME_CHARS}; cut off"
            );
            self.warnings.add(line, None, reason);
        }
        let fragment =
            Fragment { is_old: self.is_old, continues, file: self.file.clone(), line, item };
        self.sorter.push(handle, &fragment)
    }

    /// Reads a price. `code` is the currency that stands beside it, or empty.
    pub(super) fn price(&mut self, line: u64, column: &str, text: &str, code: &str) -> Option<u32> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let price = match code.trim() {
            "" => parse_price(text, self.currency),
            code if code.eq_ignore_ascii_case(self.currency) => parse_price(text, self.currency),
            _ => Err(PriceError::OtherCurrency),
        };
        match price {
            Ok(price) => {
                if may_be_thousands(text) && !self.is_old {
                    let read = write_price(price, self.currency);
                    let reason =
                        format!("{} is read as {read}; thousands have no point", quoted(text));
                    self.warnings.add(line, Some(column), reason);
                }
                Some(price)
            }
            Err(PriceError::OtherCurrency) => {
                let shown =
                    if code.is_empty() { text.to_owned() } else { format!("{text} {code}") };
                let reason = format!(
                    "{} is not in the shop's currency, {}; not used",
                    quoted(&shown),
                    self.currency
                );
                self.warnings.add(line, Some(column), reason);
                None
            }
            Err(e) => {
                self.warnings.add(line, Some(column), format!("{} {e}; not used", quoted(text)));
                None
            }
        }
    }

    /// Warns, once a file, of a price that has a currency neither in it nor beside it, in a format
    /// that is to have one.
    pub(super) fn expect_currency(&mut self, line: u64, column: &str, text: &str, code: &str) {
        let is_mark = |c: char| !c.is_ascii_digit() && !c.is_whitespace() && !".,'’-−".contains(c);
        if text.is_empty() || !code.trim().is_empty() || text.contains(is_mark) {
            return;
        }
        if self.without_currency.insert(self.file.clone().unwrap_or_default()) {
            let reason = format!("has no currency; all such are taken for {}", self.currency);
            self.warnings.add(line, Some(column), reason);
        }
    }

    /// Reads the price now and the price before; `sale` goes over `regular` where it is lower.
    pub(super) fn prices(
        &mut self,
        line: u64,
        regular: (&str, &str),
        sale: (&str, &str),
        code: &str,
    ) -> (Option<u32>, Option<u32>) {
        let full = self.price(line, regular.0, regular.1, code);
        let reduced = self.price(line, sale.0, sale.1, code);
        match (full, reduced) {
            (Some(full), Some(reduced)) if reduced < full => (Some(reduced), Some(full)),
            (None, reduced) => (reduced, None),
            (full, _) => (full, None),
        }
    }

    /// An image's address, where it is one.
    pub(super) fn image(&mut self, line: u64, column: &str, address: &str) -> String {
        let address = address.trim();
        if address.is_empty() || is_image_address(address) {
            return address.to_owned();
        }
        let reason = format!("{} is not an image's address; not used", quoted(address));
        self.warnings.add(line, Some(column), reason);
        String::new()
    }
}

/// Cuts off what no product has, so that a catalogue can be read again row by row. Tells whether
/// there was any.
fn shorten(item: &mut Item) -> bool {
    let mut is_cut = cut(&mut item.description, MAX_TEXT_CHARS);
    for name in [&mut item.title, &mut item.vendor, &mut item.category] {
        is_cut |= cut(name, MAX_NAME_CHARS);
    }
    if item.image.chars().count() > 4 * MAX_NAME_CHARS {
        item.image.clear();
        is_cut = true;
    }
    is_cut |= item.tags.len() > MAX_TAGS;
    item.tags.truncate(MAX_TAGS);
    for tag in &mut item.tags {
        is_cut |= cut(tag, MAX_NAME_CHARS);
    }
    for variant in &mut item.variants {
        is_cut |= cut(&mut variant.sku, MAX_NAME_CHARS);
        for (name, value) in &mut variant.options {
            is_cut |= cut(name, MAX_NAME_CHARS);
            is_cut |= cut(value, MAX_NAME_CHARS);
        }
    }
    is_cut
}

fn cut(text: &mut String, chars: usize) -> bool {
    match text.char_indices().nth(chars) {
        Some((at, _)) => {
            text.truncate(at);
            text.truncate(text.trim_end().len());
            true
        }
        None => false,
    }
}

/// A text that may be HTML, and may be escaped once more.
pub(super) fn description(text: &str) -> String {
    let once = html_to_text(text);
    if once.contains("</") { html_to_text(&once) } else { once }
}

/// A title or a name: one line, no markup.
pub(super) fn name(text: &str) -> String {
    if text.contains(['<', '&']) { html_to_text(text) } else { plain(text) }
}

/// Whether a word about the stock says that there is none.
pub(super) fn is_sold_out(text: &str) -> bool {
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let word = letters.to_lowercase();
    let word = word.strip_prefix("httpsschemaorg").or(word.strip_prefix("httpschemaorg"));
    let word = word.map_or_else(|| letters.to_lowercase(), str::to_owned);
    matches!(
        word.as_str(),
        "outofstock" | "soldout" | "discontinued" | "unavailable" | "false" | "no" | "0"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stock_words() {
        for (text, expected) in [
            ("out_of_stock", true),
            ("Out of stock", true),
            ("https://schema.org/OutOfStock", true),
            ("http://schema.org/SoldOut", true),
            ("https://schema.org/InStock", false),
            ("in stock", false),
            ("backorder", false),
            ("0", true),
            ("10", false),
            ("", false),
        ] {
            assert_eq!(is_sold_out(text), expected, "{text}");
        }
    }

    #[test]
    fn markup_is_taken_out() {
        assert_eq!(description("<p>A &amp; B</p>"), "A & B");
        assert_eq!(description("&lt;p&gt;A&lt;/p&gt;"), "A");
        assert_eq!(description("3 < 4 & 5"), "3 < 4 & 5");
        assert_eq!(name("Tom &amp; Jerry <b>mug</b>"), "Tom & Jerry mug");
    }
}
