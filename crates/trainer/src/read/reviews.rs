//! What customers wrote about products: one row a review.

use std::collections::HashMap;

use super::input::plain;
use super::table::Table;
use super::warning::{Warnings, quoted};
use super::{Input, Product, ReadError, Warning};

/// What a file of reviews is, for errors.
pub(crate) const EXPECTED: &str = "a CSV with the columns sku, rating, title and text";

/// The best rating.
const BEST: f64 = 5.0;

/// A review of a product.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// SKU of the product in the catalogue.
    pub sku: String,
    /// 1 to 5.
    pub rating: u8,
    /// Headline, may be empty.
    pub title: String,
    /// What was written, on one line; may be empty.
    pub text: String,
}

/// Reads a file of reviews. A product may be named by any of its SKUs or by its handle; reviews of
/// products that are not in the catalogue are left out, and warned of.
pub(super) fn read_reviews(
    input: Input,
    products: &[Product],
) -> Result<(Vec<Review>, Vec<Warning>), ReadError> {
    let mut warnings = Warnings::new(&input.name);
    let mut table = Table::open(input, b',', EXPECTED)?;
    let sku_column = table.require("sku", &["sku"])?;
    let rating_column = table.require("rating", &["rating"])?;
    let text_column = table.require("text", &["text"])?;
    let title_column = table.column(&["title"]);
    let mut known: HashMap<String, &str> = HashMap::new();
    for product in products {
        let names = product.variant_skus.iter().chain([&product.sku, &product.handle]);
        for name in names {
            known.entry(name.to_lowercase()).or_insert(&product.sku);
        }
    }
    let mut reviews = Vec::new();
    while let Some(row) = table.next(&mut warnings)? {
        let named = row.get(sku_column);
        let Some(sku) = known.get(&named.to_lowercase()) else {
            let reason = format!("{} is not in the catalogue; review left out", quoted(named));
            warnings.add(row.line, Some("sku"), reason);
            continue;
        };
        let Some(rating) = parse_rating(row.get(rating_column)) else {
            let reason =
                format!("{} is not a rating of 1 to 5; left out", quoted(row.get(rating_column)));
            warnings.add(row.line, Some("rating"), reason);
            continue;
        };
        let (title, text) = (plain(row.get(title_column)), plain(row.get(text_column)));
        reviews.push(Review { sku: (*sku).to_owned(), rating, title, text });
    }
    Ok((reviews, warnings.finish()))
}

/// Reads "4", "4.5", "4/5", "8/10", "4 stars" or "★★★★☆" into 1 to 5, rounded.
pub(crate) fn parse_rating(text: &str) -> Option<u8> {
    let text = text.trim();
    let stars = text.chars().filter(|c| *c == '★').count();
    let value = if stars > 0 && text.chars().all(|c| matches!(c, '★' | '☆' | ' ')) {
        stars as f64
    } else {
        let text = text.to_lowercase();
        let number = text.trim_end_matches("stars").trim_end_matches("star").trim();
        match number.split_once('/') {
            Some((value, of)) => {
                let of: f64 = of.trim().parse().ok()?;
                value.trim().parse::<f64>().ok()? * BEST / of
            }
            None => number.replace(',', ".").parse().ok()?,
        }
    };
    // Not a number is in no range.
    (0.5..=BEST).contains(&value).then(|| value.round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_of_many_writings() {
        for (text, expected) in [
            ("4", Some(4)),
            ("4.5", Some(5)),
            ("3,4", Some(3)),
            ("4/5", Some(4)),
            ("8 / 10", Some(4)),
            ("1 Star", Some(1)),
            ("★★★☆☆", Some(3)),
            ("0", None),
            ("6", None),
            ("-1", None),
            ("1/0", None),
            ("0/0", None),
            ("nan", None),
            ("inf", None),
            ("great", None),
            ("", None),
        ] {
            assert_eq!(parse_rating(text), expected, "{text:?}");
        }
    }

    #[test]
    fn reviews_are_of_products() {
        let product = Product {
            sku: "M1".into(),
            variant_skus: vec!["M2".into()],
            handle: "red-mug".into(),
            ..Product::default()
        };
        let file = "sku,rating,title,text\nm2,5,Nice,\"Holds\na lot\"\nred-mug,x,,no\nZ,1,,bad\n";
        let input = Input::of_bytes("reviews.csv", file.as_bytes());
        let (reviews, warnings) = read_reviews(input, &[product]).unwrap();
        let expected = Review {
            sku: "M1".into(),
            rating: 5,
            title: "Nice".into(),
            text: "Holds a lot".into(),
        };
        assert_eq!(reviews, [expected]);
        let shown: Vec<String> = warnings.iter().map(Warning::to_string).collect();
        assert_eq!(
            shown,
            [
                "reviews.csv:4: rating: \"x\" is not a rating of 1 to 5; left out",
                "reviews.csv:5: sku: \"Z\" is not in the catalogue; review left out",
            ]
        );
    }
}
