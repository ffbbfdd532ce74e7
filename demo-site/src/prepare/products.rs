//! The catalogue: from a stock list's rows to products as a shop has them.

use std::fmt::Write as _;

use super::handles::Handles;
use super::sales::{Histories, History};
use super::titles::readable_title;
use crate::attributes::{Attributes, attributes_of, pattern_name};
use crate::kind::{category_of, kind_of};

/// Days without a sale after which a product is sold out.
const SOLD_OUT_DAYS: i64 = 150;
/// Days whose sales tell the price of today.
const RECENT_DAYS: i64 = 60;
/// Lines that the recent and the earlier time must have before their prices are compared.
const MIN_LINES: usize = 8;
/// A price of today that is at most this share of the usual one is a reduced price.
const REDUCED_SHARE: f64 = 0.85;
/// Days whose sales are kept in stock.
const STOCK_DAYS: i64 = 28;
/// Fewest and most pieces in stock of a product that is not sold out.
const STOCK_RANGE: (u32, u32) = (3, 480);

/// A row of the stock list.
#[derive(Clone, Debug)]
pub(super) struct StockRow {
    pub(super) sku: String,
    pub(super) title: String,
    pub(super) price_minor: u32,
}

/// A product of the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShopProduct {
    pub(super) handle: String,
    pub(super) title: String,
    pub(super) body: String,
    pub(super) category: &'static str,
    pub(super) tags: Vec<String>,
    pub(super) sku: String,
    pub(super) price_minor: u32,
    pub(super) compare_at_minor: Option<u32>,
    pub(super) stock: u32,
}

/// Makes products of the stock list, in its order.
pub(super) fn to_products(rows: &[StockRow], sales: &Histories) -> Vec<ShopProduct> {
    let mut handles = Handles::default();
    rows.iter()
        .map(|row| {
            let title = Some(readable_title(&row.title)).filter(|t| !t.is_empty());
            let title = title.unwrap_or_else(|| row.sku.clone());
            let attributes = attributes_of(&title);
            let category = category_of(&title).name();
            let history = sales.by_sku.get(&row.sku.to_uppercase());
            let (price_minor, compare_at_minor) = prices(row.price_minor, history, sales.last_day);
            ShopProduct {
                handle: handles.give(&title, &row.sku),
                body: body(&title, &attributes),
                tags: tags(&title, &attributes),
                sku: row.sku.clone(),
                stock: stock(history, sales.last_day),
                title,
                category,
                price_minor,
                compare_at_minor,
            }
        })
        .collect()
}

/// Price of today and, where that is clearly lower, the usual one.
fn prices(usual: u32, history: Option<&History>, last_day: i64) -> (u32, Option<u32>) {
    let Some(history) = history else { return (usual, None) };
    let (recent, earlier): (Vec<_>, Vec<_>) =
        history.lines.iter().partition(|(day, _)| *day > last_day - RECENT_DAYS);
    if recent.len() < MIN_LINES || earlier.len() < MIN_LINES {
        return (usual, None);
    }
    let today = median(recent.into_iter().map(|(_, price)| price).collect());
    if f64::from(today) <= f64::from(usual) * REDUCED_SHARE {
        (today, Some(usual))
    } else {
        (usual, None)
    }
}

/// The middle value, the lower one of two; zero of nothing.
fn median(mut values: Vec<u32>) -> u32 {
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(0)
}

/// Pieces in stock: what sells in some weeks. A product that has not sold yet is new.
fn stock(history: Option<&History>, last_day: i64) -> u32 {
    let Some(history) = history else { return STOCK_RANGE.0 };
    let last_sale = history.pieces.iter().map(|(day, _)| *day).max().unwrap_or(last_day);
    if last_sale <= last_day - SOLD_OUT_DAYS {
        return 0;
    }
    let recent = history.pieces.iter().filter(|(day, _)| *day > last_day - STOCK_DAYS);
    let sold = recent.fold(0_u32, |sum, (_, pieces)| sum.saturating_add(*pieces));
    sold.clamp(STOCK_RANGE.0, STOCK_RANGE.1)
}

/// What is known of a product, as HTML: one sentence and a list of facts.
fn body(title: &str, attributes: &Attributes) -> String {
    let kind = kind_of(title);
    let colours: Vec<&str> = attributes.colours.iter().map(|c| c.name).collect();
    let mut facts = vec![("Kind", kind.name.to_owned())];
    if !colours.is_empty() {
        facts.push(("Colour", colours.join(", ")));
    }
    if !attributes.materials.is_empty() {
        facts.push(("Material", attributes.materials.join(", ")));
    }
    if let Some(pattern) = attributes.pattern {
        facts.push(("Pattern", pattern_name(pattern).to_owned()));
    }
    if let Some(set) = &attributes.set {
        facts.push(("Sold as", set.clone()));
    }
    let mut html = format!("<p>{}.</p><ul>", escaped(title));
    for (name, value) in facts {
        // Writing to a string cannot fail.
        let _ = write!(html, "<li>{name}: {}</li>", escaped(&value));
    }
    html + "</ul>"
}

fn tags(title: &str, attributes: &Attributes) -> Vec<String> {
    let mut tags = vec![kind_of(title).name.to_owned()];
    tags.extend(attributes.colours.iter().map(|c| c.name.to_owned()));
    tags.extend(attributes.materials.iter().map(|m| (*m).to_owned()));
    tags.extend(attributes.pattern.map(|p| pattern_name(p).to_owned()));
    tags.extend(attributes.motif_name.map(str::to_owned));
    tags.extend(attributes.set.clone());
    let mut seen: Vec<String> = Vec::with_capacity(tags.len());
    tags.retain(|tag| {
        let is_new = !seen.contains(tag);
        seen.push(tag.clone());
        is_new
    });
    tags
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(lines: &[(i64, u32, u32)]) -> History {
        History {
            lines: lines.iter().map(|(day, price, _)| (*day, *price)).collect(),
            pieces: lines.iter().map(|(day, _, pieces)| (*day, *pieces)).collect(),
        }
    }

    #[test]
    fn a_product_is_made_of_what_is_known() {
        let rows = [StockRow {
            sku: "1a".into(),
            title: "SET/6 RED SPOTTY GLASS MUGS + TRAY".into(),
            price_minor: 250,
        }];
        let mut sales = Histories { last_day: 1000, ..Histories::default() };
        sales.by_sku.insert("1A".into(), history(&[(990, 250, 12), (500, 250, 7)]));
        let expected = ShopProduct {
            handle: "set-of-6-red-spotty-glass-mugs-tray".into(),
            title: "Set of 6 Red Spotty Glass Mugs & Tray".into(),
            body: "<p>Set of 6 Red Spotty Glass Mugs &amp; Tray.</p><ul><li>Kind: tray</li>\
                   <li>Colour: red</li><li>Material: glass</li><li>Pattern: spots</li>\
                   <li>Sold as: set of 6</li></ul>"
                .into(),
            category: "Tableware",
            tags: ["tray", "red", "glass", "spots", "set of 6"].map(str::to_owned).to_vec(),
            sku: "1a".into(),
            price_minor: 250,
            compare_at_minor: None,
            stock: 12,
        };
        assert_eq!(to_products(&rows, &sales), [expected]);
    }

    #[test]
    fn a_former_price_needs_enough_sales() {
        let sold = |recent: usize, price: u32| {
            let mut lines = vec![(100, 200, 1); 8];
            lines.extend(vec![(1000, price, 1); recent]);
            prices(200, Some(&history(&lines)), 1000)
        };
        assert_eq!(sold(8, 150), (150, Some(200)));
        assert_eq!(sold(8, 170), (170, Some(200)));
        assert_eq!(sold(8, 171), (200, None));
        assert_eq!(sold(8, 900), (200, None));
        assert_eq!(sold(7, 150), (200, None));
        assert_eq!(prices(200, None, 1000), (200, None));
    }

    #[test]
    fn stock_follows_the_sales() {
        assert_eq!(stock(Some(&history(&[(850, 1, 9)])), 1000), 0);
        assert_eq!(stock(Some(&history(&[(851, 1, 9)])), 1000), 3);
        assert_eq!(stock(Some(&history(&[(990, 1, 9), (1000, 1, 8)])), 1000), 17);
        assert_eq!(stock(Some(&history(&[(990, 1, u32::MAX), (1000, 1, 8)])), 1000), 480);
        assert_eq!(stock(None, 1000), 3);
    }
}
