//! What was sold: one row an invoice line.

use std::collections::HashSet;
use std::sync::Arc;

use super::input::plain;
use super::price::{PriceError, parse_price};
use super::table::{Row, Table};
use super::warning::{Warnings, quoted};
use super::{Input, ReadError, Warning};

/// What a file of sales is, for errors.
pub(crate) const EXPECTED: &str = "a CSV with the columns InvoiceNo, StockCode, Quantity, \
    InvoiceDate, UnitPrice and CustomerID";

/// One line of an invoice. Texts are shared between the rows that have the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Number of the invoice.
    pub invoice: Arc<str>,
    /// Stock-keeping unit in upper case; in a [`Shop`](super::Shop), the SKU of its product.
    pub sku: Arc<str>,
    /// Pieces, at least 1.
    pub quantity: u32,
    /// Minutes from 1970-01-01 00:00 on the shop's own clock.
    pub at: i64,
    /// Price of a piece in minor units, more than 0.
    pub price_minor: u32,
    /// The customer; nothing for a guest.
    pub customer: Option<Arc<str>>,
}

struct Columns {
    invoice: Option<usize>,
    sku: Option<usize>,
    quantity: Option<usize>,
    at: Option<usize>,
    price: Option<usize>,
    customer: Option<usize>,
}

/// Reads a file of sales. Cancellations (invoices that start with C) and corrections (a quantity
/// or a price that is not above zero) are no sales and are left out without a word.
pub(crate) fn read_sales(
    input: Input,
    currency: &str,
) -> Result<(Vec<Sale>, Vec<Warning>), ReadError> {
    let mut warnings = Warnings::new(&input.name);
    let mut table = Table::open(input, b',', EXPECTED)?;
    let columns = Columns {
        invoice: table.require("InvoiceNo", &["invoiceno", "invoice"])?,
        sku: table.require("StockCode", &["stockcode", "sku"])?,
        quantity: table.require("Quantity", &["quantity"])?,
        at: table.require("InvoiceDate", &["invoicedate"])?,
        price: table.require("UnitPrice", &["unitprice", "price"])?,
        customer: table.column(&["customerid", "customer id"]),
    };
    let mut sales = Vec::new();
    let mut texts: HashSet<Arc<str>> = HashSet::new();
    while let Some(row) = table.next(&mut warnings)? {
        match read_sale(&row, &columns, currency, &mut texts) {
            Ok(sale) => sales.extend(sale),
            Err((column, reason)) => {
                warnings.add(row.line, Some(column), format!("{reason}; row left out"));
            }
        }
    }
    Ok((sales, warnings.finish()))
}

/// Reads a row; nothing when it is no sale.
fn read_sale(
    row: &Row<'_>,
    columns: &Columns,
    currency: &str,
    texts: &mut HashSet<Arc<str>>,
) -> Result<Option<Sale>, (&'static str, String)> {
    let mut share = |text: String| -> Arc<str> {
        if let Some(known) = texts.get(text.as_str()) {
            return known.clone();
        }
        let new: Arc<str> = text.into();
        texts.insert(new.clone());
        new
    };
    let some = |column, name| match plain(row.get(column)) {
        text if text.is_empty() => Err((name, "is empty".to_owned())),
        text => Ok(text),
    };
    let bad = |column, what| format!("{} is not {what}", quoted(row.get(column)));
    let invoice = some(columns.invoice, "InvoiceNo")?;
    let quantity: i64 = row
        .get(columns.quantity)
        .parse()
        .map_err(|_| ("Quantity", bad(columns.quantity, "a whole number")))?;
    let price = match parse_price(row.get(columns.price), currency) {
        Err(PriceError::Negative) => 0,
        Err(PriceError::Empty) => return Err(("UnitPrice", PriceError::Empty.to_string())),
        Err(e) => return Err(("UnitPrice", format!("{} {e}", quoted(row.get(columns.price))))),
        Ok(price) => price,
    };
    if invoice.starts_with(['C', 'c']) || quantity <= 0 || price == 0 {
        return Ok(None);
    }
    let sku = some(columns.sku, "StockCode")?.to_uppercase();
    let at = parse_minutes(row.get(columns.at))
        .ok_or_else(|| ("InvoiceDate", bad(columns.at, "a date such as 2011-09-30 14:05")))?;
    let quantity = u32::try_from(quantity)
        .map_err(|_| ("Quantity", bad(columns.quantity, "a sensible number of pieces")))?;
    let customer = Some(plain(row.get(columns.customer))).filter(|c| !c.is_empty());
    Ok(Some(Sale {
        invoice: share(invoice),
        sku: share(sku),
        quantity,
        at,
        price_minor: price,
        customer: customer.map(share),
    }))
}

/// Reads "2011-09-30", "2011-09-30 14:05" or "2011-09-30T14:05:59" into minutes from 1970-01-01;
/// a time zone that follows is not looked at.
pub(crate) fn parse_minutes(text: &str) -> Option<i64> {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let mut next = |length| digits(parts.next()?, length);
    let (year, month, day) = (next(4)?, next(2)?, next(2)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if day < 1 || day > length || parts.next().is_some() {
        return None;
    }
    let minutes = match time {
        Some(time) => {
            let hour = digits(time.get(..2)?, 2).filter(|h| *h < 24)?;
            let minute = digits(time.get(3..5)?, 2).filter(|m| *m < 60)?;
            (time.get(2..3)? == ":").then_some(hour * 60 + minute)?
        }
        None => 0,
    };
    Some(days_from_epoch(year, month, day) * 24 * 60 + minutes)
}

fn digits(text: &str, length: usize) -> Option<i64> {
    let fits = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

/// Days from 1970-01-01 in the Gregorian calendar. Years are counted from March, so that a leap
/// day is the last of its year.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 3 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let leap_days = year / 4 - year / 100 + year / 400;
    // Days before a month that is counted from March; 719,468 is 1970-01-01 so counted.
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    365 * year + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    fn read(bytes: &[u8]) -> Result<(Vec<Sale>, Vec<Warning>), ReadError> {
        read_sales(Input::of_bytes("sales.csv", bytes), "GBP")
    }

    /// Each sale as "invoice sku quantity price customer", then the warnings, or the error.
    fn check(bytes: &[u8], sales: &[&str], messages: &[&str]) {
        let (found, shown): (Vec<String>, Vec<String>) = match read(bytes) {
            Ok((found, warnings)) => (
                found
                    .iter()
                    .map(|s| {
                        let customer = s.customer.as_deref().unwrap_or("guest");
                        format!(
                            "{} {} {} {} {customer}",
                            s.invoice, s.sku, s.quantity, s.price_minor
                        )
                    })
                    .collect(),
                warnings.iter().map(Warning::to_string).collect(),
            ),
            Err(e) => (vec![], vec![e.to_string()]),
        };
        assert_eq!(
            (found, shown),
            (
                sales.iter().map(|s| (*s).to_owned()).collect(),
                messages.iter().map(|s| (*s).to_owned()).collect()
            )
        );
    }

    #[test]
    fn sales_are_kept_and_corrections_are_not() {
        let file = "\u{feff}".to_owned()
            + HEADER
            + "1,85123a,\"HEART, WHITE\",6,2010-12-01 08:26:00,2.55,17850,UK\r\n\
               1,71053,,1,2010-12-01 08:26:00,3.39,,UK\r\n\
               C2,71053,,-1,2010-12-01 08:26:00,3.39,17850,UK\r\n\
               3,71053,,-5,2010-12-01 08:26:00,3.39,17850,UK\r\n\
               4,71053,,5,2010-12-01 08:26:00,0,17850,UK\r\n\
               A5,B,Adjust,1,2010-12-01 08:26:00,-11062.06,,UK\r\n";
        check(file.as_bytes(), &["1 85123A 6 255 17850", "1 71053 1 339 guest"], &[]);
    }

    #[test]
    fn files_good_and_bad() {
        let with =
            |rows: &str| (HEADER.to_owned() + "1,A,,1,2011-01-01,1,7,\n" + rows).into_bytes();
        let cases: &[(&str, &str)] = &[
            (
                "1,A,,x,2011-01-01,1,7,\n",
                "sales.csv:3: Quantity: \"x\" is not a whole number; row left out",
            ),
            (
                "1,A,,9999999999,2011-01-01,1,7,\n",
                "sales.csv:3: Quantity: \"9999999999\" is not a sensible number of pieces; row left out",
            ),
            (
                "1,A,,1,01/02/2011,1,7,\n",
                "sales.csv:3: InvoiceDate: \"01/02/2011\" is not a date such as 2011-09-30 14:05; row left out",
            ),
            ("1,A,,1,2011-01-01,,7,\n", "sales.csv:3: UnitPrice: is empty; row left out"),
            ("1,,,1,2011-01-01,1,7,\n", "sales.csv:3: StockCode: is empty; row left out"),
            (",A,,1,2011-01-01,1,7,\n", "sales.csv:3: InvoiceNo: is empty; row left out"),
            ("1,A,,1\n", "sales.csv:3: the row has 4 cells, the header has 8; row left out"),
            (
                "1,\"A,,1,2011-01-01,1,7,\n",
                "sales.csv:3: a quote is opened and never closed; row left out",
            ),
        ];
        for (rows, message) in cases {
            check(&with(rows), &["1 A 1 100 7"], &[message]);
        }
        check(b"", &[], &[&format!("sales.csv: the file is empty; expected {EXPECTED}")]);
        check(HEADER.as_bytes(), &[], &[]);
        check(
            &[&with("")[..], b"1,\xff"].concat(),
            &[],
            &["sales.csv:3: not UTF-8; save the file as UTF-8 and try again"],
        );
        check(
            b"InvoiceNo\tStockCode\n",
            &[],
            &[
                "sales.csv: no column \"InvoiceNo\"; found \"invoiceno\\tstockcode\"; the cells seem to \
               be divided by '\\t', which is not what was expected",
            ],
        );
    }

    #[test]
    fn dates() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("1970-01-01 00:01", Some(1)),
            ("1969-12-31T23:59:59Z", Some(-1)),
            ("2000-02-29", Some(11_016 * 1440)),
            ("2010-12-01 08:26:00", Some(14_944 * 1440 + 506)),
            ("2026-01-05 10:00:00 +0000", Some(20_458 * 1440 + 600)),
            ("2011-02-29", None),
            ("2011-13-01", None),
            ("2011-1-1", None),
            ("2011-01-01-01", None),
            ("2011-01-01 24:00", None),
            ("2011-01-01 1:00", None),
            ("2011-01-01 é1:0", None),
            ("", None),
        ] {
            assert_eq!(parse_minutes(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            rows in "(C?[12],[aB],,-?[0-9x]{1,11},[0-9-]{8,10}[ T]?[0-9:é]{0,5},[0-9.,-]{0,4},,\r?\n|[,\"\n]){0,9}",
        ) {
            let _ = read(&bytes);
            let _ = read(&[HEADER.as_bytes(), rows.as_bytes(), &bytes].concat());
        }

        #[test]
        fn days_follow_each_other(days in 0_i64..60_000) {
            let (mut year, mut left) = (1970, days);
            let length = |y: i64| 365 + i64::from(y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
            while left >= length(year) {
                left -= length(year);
                year += 1;
            }
            prop_assert_eq!(days_from_epoch(year, 1, 1) + left, days);
        }
    }
}
