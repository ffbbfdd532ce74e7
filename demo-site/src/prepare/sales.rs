//! The sales: cut down to what is trained from, and what they tell of each product.

use std::collections::HashMap;
use std::io::{self, Read, Write};

use csv::StringRecord;
use flate2::read::GzDecoder;
use flate2::{Compression, GzBuilder};

use super::PrepareError;
use crate::date::day_number;

/// Columns that are kept, in this order.
const KEPT_COLUMNS: [&str; 6] =
    ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"];
/// Characters of "2010-12-01 08:26", a date without the seconds.
const DATE_CHARS: usize = 16;

/// What the sales tell of a product.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct History {
    /// Day and price in minor units of each line on which it was sold.
    pub(super) lines: Vec<(i64, u32)>,
    /// Day and pieces.
    pub(super) pieces: Vec<(i64, u32)>,
}

/// The sales of a catalogue.
#[derive(Debug, Default)]
pub(super) struct Histories {
    /// By SKU in upper case.
    pub(super) by_sku: HashMap<String, History>,
    /// Last day of all sales.
    pub(super) last_day: i64,
    /// Rows that were kept.
    pub(super) kept: u64,
    /// Rows that were left out.
    pub(super) dropped: u64,
}

/// Copies the sales of known SKUs (in upper case) from a gzipped CSV to another, reduced to
/// [`KEPT_COLUMNS`]. Cancellations, corrections and what is no product are left out.
///
/// # Errors
/// When a file cannot be read or written, or a column is missing.
pub(super) fn reduce_sales(
    from: impl Read,
    to: impl Write,
    is_known: impl Fn(&str) -> bool,
) -> Result<Histories, PrepareError> {
    let mut reader = csv::Reader::from_reader(GzDecoder::new(from));
    let header = reader.headers()?.clone();
    let position = |name: &'static str| {
        header.iter().position(|h| h == name).ok_or(PrepareError::MissingColumn(name))
    };
    let columns = KEPT_COLUMNS.map(position).into_iter().collect::<Result<Vec<_>, _>>()?;
    // No time and no file name in the header, so that the same sales are the same bytes.
    let gzip = GzBuilder::new().mtime(0).write(to, Compression::best());
    let mut writer = csv::Writer::from_writer(gzip);
    writer.write_record(KEPT_COLUMNS)?;
    let mut found = Histories::default();
    let mut row = StringRecord::new();
    while reader.read_record(&mut row)? {
        let cells: Vec<&str> = columns.iter().map(|at| row.get(*at).unwrap_or("")).collect();
        let [invoice, sku, quantity, date, price, customer] = cells.as_slice() else { continue };
        let Some(sale) = read_sale(invoice, sku, quantity, date, price, &is_known) else {
            found.dropped += 1;
            continue;
        };
        let date = date.get(..DATE_CHARS).unwrap_or(date);
        writer.write_record([invoice, sku, quantity, date, price, customer])?;
        found.kept += 1;
        found.last_day = found.last_day.max(sale.day);
        let history = found.by_sku.entry(sku.to_uppercase()).or_default();
        history.lines.push((sale.day, sale.price_minor));
        history.pieces.push((sale.day, sale.quantity));
    }
    let gzip = writer.into_inner().map_err(|e| PrepareError::Io(e.into_error()))?;
    gzip.finish()?;
    Ok(found)
}

struct Line {
    day: i64,
    price_minor: u32,
    quantity: u32,
}

fn read_sale(
    invoice: &str,
    sku: &str,
    quantity: &str,
    date: &str,
    price: &str,
    is_known: impl Fn(&str) -> bool,
) -> Option<Line> {
    let quantity: u32 = quantity.parse().ok().filter(|q| *q > 0)?;
    let price_minor = to_minor(price).filter(|price| *price > 0)?;
    let is_sale = !invoice.starts_with('C') && is_known(&sku.to_uppercase());
    is_sale.then_some(Line { day: day_number(date)?, price_minor, quantity })
}

/// "2.55" pounds in pence, rounded to the nearest; nothing where it is no price.
pub(super) fn to_minor(price: &str) -> Option<u32> {
    let pounds: f64 = price.trim().parse().ok()?;
    let pence = (pounds * 100.0).round();
    // A price of the catalogue is far below the bound, so nothing is cut off.
    (pence.is_finite() && (0.0..1e7).contains(&pence)).then_some(pence as u32)
}

impl From<io::Error> for PrepareError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zipped(text: &str) -> Vec<u8> {
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    }

    fn unzipped(bytes: &[u8]) -> String {
        let mut text = String::new();
        GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
        text
    }

    const FILE: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
        1,a1,\"MUG, RED\",6,2010-12-01 08:26:00,2.55,17850,UK\n\
        2,A1,MUG,1,2011-01-01 08:26:00,3.004,,UK\n\
        C3,A1,MUG,1,2011-01-01 08:26:00,3,,UK\n\
        4,A1,MUG,-1,2011-01-01 08:26:00,3,,UK\n\
        5,A1,MUG,1,2011-01-01 08:26:00,0,,UK\n\
        6,POST,POSTAGE,1,2011-02-01 08:26:00,18,,UK\n";

    #[test]
    fn sales_are_reduced() {
        let mut out = Vec::new();
        let found = reduce_sales(&zipped(FILE)[..], &mut out, |sku| sku == "A1").unwrap();
        assert_eq!(
            unzipped(&out),
            "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n\
             1,a1,6,2010-12-01 08:26,2.55,17850\n2,A1,1,2011-01-01 08:26,3.004,\n"
        );
        assert_eq!((found.kept, found.dropped), (2, 4));
        let day = day_number("2010-12-01").unwrap();
        let history = &found.by_sku["A1"];
        assert_eq!(history.lines, [(day, 255), (day + 31, 300)]);
        assert_eq!(history.pieces, [(day, 6), (day + 31, 1)]);
        assert_eq!(found.last_day, day + 31);
    }

    #[test]
    fn the_same_sales_are_the_same_bytes() {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        reduce_sales(&zipped(FILE)[..], &mut one, |_| true).unwrap();
        reduce_sales(&zipped(FILE)[..], &mut two, |_| true).unwrap();
        assert_eq!(one, two);
    }

    #[test]
    fn a_missing_column_is_told() {
        let error = reduce_sales(&zipped("InvoiceNo,StockCode\n")[..], Vec::new(), |_| true);
        assert_eq!(error.unwrap_err().to_string(), "the sales have no column \"Quantity\"");
        assert!(reduce_sales(&b"no gzip"[..], Vec::new(), |_| true).is_err());
    }

    #[test]
    fn prices() {
        for (text, expected) in [
            ("2.55", Some(255)),
            ("1.2249999999999999", Some(122)),
            ("8.379999999999999", Some(838)),
            ("-1", None),
            ("x", None),
            ("NaN", None),
            ("1e99", None),
        ] {
            assert_eq!(to_minor(text), expected, "{text}");
        }
    }
}
