//! What is bought together, told by the invoices.

use std::collections::HashMap;
use std::io::Read;

use super::{CatalogueError, Product};

/// Longest invoice that counts: a wholesaler's order of half the shop says nothing of what goes
/// together.
const MAX_PRODUCTS: usize = 60;
/// Invoices that two products must share.
const MIN_SHARED: u32 = 3;

/// Which products are on which invoice.
#[derive(Debug, Default)]
pub(super) struct Invoices {
    /// Positions of the products of each invoice, in order and each once.
    invoices: Vec<Vec<usize>>,
    /// Invoices of each product, by position.
    counts: Vec<u32>,
}

impl Invoices {
    /// Reads the columns InvoiceNo and StockCode; unknown SKUs are passed over.
    pub(super) fn read(
        from: impl Read,
        file: &str,
        products: &[Product],
    ) -> Result<Self, CatalogueError> {
        let csv_error = |source| CatalogueError::Csv { file: file.to_owned(), source };
        let by_sku: HashMap<String, usize> =
            products.iter().enumerate().map(|(at, p)| (p.sku.to_uppercase(), at)).collect();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(from);
        let header = reader.headers().map_err(csv_error)?.clone();
        let column = |name: &'static str| {
            let missing = CatalogueError::MissingColumn { file: file.to_owned(), column: name };
            header.iter().position(|h| h == name).ok_or(missing)
        };
        let (invoice, sku) = (column("InvoiceNo")?, column("StockCode")?);
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut found = Self { invoices: vec![], counts: vec![0; products.len()] };
        for row in reader.records() {
            let row = row.map_err(csv_error)?;
            let (Some(invoice), Some(sku)) = (row.get(invoice), row.get(sku)) else { continue };
            let product = by_sku.get(sku).or_else(|| by_sku.get(&sku.to_uppercase()));
            let Some(product) = product else { continue };
            let number = match numbers.get(invoice) {
                Some(number) => *number,
                None => {
                    let next = numbers.len();
                    numbers.insert(invoice.to_owned(), next);
                    next
                }
            };
            if number == found.invoices.len() {
                found.invoices.push(vec![]);
            }
            found.invoices.get_mut(number).into_iter().for_each(|list| list.push(*product));
        }
        for list in &mut found.invoices {
            list.sort_unstable();
            list.dedup();
            for product in list {
                found.counts.get_mut(*product).into_iter().for_each(|count| *count += 1);
            }
        }
        Ok(found)
    }

    /// Invoices that a product is on.
    pub(super) fn count(&self, product: usize) -> u32 {
        self.counts.get(product).copied().unwrap_or(0)
    }

    /// For each of `products` positions, those that share the most invoices with it for how often
    /// they sell (the cosine of both), the best first.
    pub(super) fn together(&self, products: usize, limit: usize) -> Vec<Vec<usize>> {
        let mut invoices_of: Vec<Vec<usize>> = vec![vec![]; products];
        for (number, list) in self.invoices.iter().enumerate() {
            for product in list.iter().filter(|_| list.len() <= MAX_PRODUCTS) {
                invoices_of.get_mut(*product).into_iter().for_each(|of| of.push(number));
            }
        }
        let mut shared: Vec<u32> = vec![0; products];
        let mut touched: Vec<usize> = Vec::new();
        let mut all = Vec::with_capacity(products);
        for (product, numbers) in invoices_of.iter().enumerate() {
            for other in numbers.iter().filter_map(|number| self.invoices.get(*number)).flatten() {
                let Some(count) = shared.get_mut(*other) else { continue };
                if *count == 0 {
                    touched.push(*other);
                }
                *count += 1;
            }
            let own = f64::from(self.count(product));
            let mut scored: Vec<(usize, f64)> = Vec::new();
            for other in touched.drain(..) {
                let count = shared.get_mut(other).map_or(0, std::mem::take);
                if other != product && count >= MIN_SHARED {
                    let score = f64::from(count) / (own * f64::from(self.count(other))).sqrt();
                    scored.push((other, score));
                }
            }
            scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            all.push(scored.into_iter().take(limit).map(|(other, _)| other).collect());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoices(rows: &str) -> Invoices {
        let products: Vec<Product> = ["A", "B", "C", "D"]
            .iter()
            .map(|sku| Product { sku: (*sku).to_owned(), ..Product::default() })
            .collect();
        let file = format!("InvoiceNo,Quantity,StockCode\n{rows}");
        Invoices::read(file.as_bytes(), "sales.csv", &products).unwrap()
    }

    #[test]
    fn shared_invoices_count_for_how_often_both_sell() {
        let mut rows = String::new();
        for number in 0..3 {
            rows += &format!("{number},1,A\n{number},1,b\n{number},1,C\n{number},1,C\n");
        }
        // C sells alone as well, so B goes better with A.
        for number in 10..30 {
            rows += &format!("{number},1,C\n{number},1,unknown\n");
        }
        rows += "99,1,A\n99,1,D\n";
        let invoices = invoices(&rows);
        assert_eq!((invoices.count(0), invoices.count(2)), (4, 23));
        assert_eq!(invoices.together(4, 5), [vec![1, 2], vec![0, 2], vec![1, 0], vec![]]);
        assert_eq!(invoices.together(4, 1), [vec![1], vec![0], vec![1], vec![]]);
    }

    #[test]
    fn a_missing_column_is_told() {
        let error = Invoices::read(&b"InvoiceNo\n1\n"[..], "s.csv", &[]).unwrap_err();
        assert_eq!(error.to_string(), "s.csv: no column \"StockCode\"");
    }
}
