//! Lists of products: filtered, sorted and cut into pages.

use std::cmp::Reverse;

use super::{Catalogue, Product};

/// Products on a page.
const PAGE_SIZE: usize = 24;

/// Order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As it comes: best sellers or best matches first.
    #[default]
    Featured,
    /// Lowest price first.
    PriceAscending,
    /// Highest price first.
    PriceDescending,
    /// By title.
    Title,
    /// What has not been sold yet first.
    Newest,
}

impl Sort {
    /// All orders with their names in an address and as shown.
    pub const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Featured, "best-selling", "Best selling"),
        (Self::PriceAscending, "price-ascending", "Price, low to high"),
        (Self::PriceDescending, "price-descending", "Price, high to low"),
        (Self::Title, "title-ascending", "Alphabetically"),
        (Self::Newest, "created-descending", "New in"),
    ];

    /// The order of this name, or the first.
    pub fn of_name(name: &str) -> Self {
        Self::ALL.iter().find(|(_, known, _)| *known == name).map_or(Self::Featured, |(s, ..)| *s)
    }
}

/// A range of prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRange {
    /// Name in an address.
    pub name: &'static str,
    /// Name as shown.
    pub shown: &'static str,
    /// Lowest price in pence.
    pub from_minor: u32,
    /// The price in pence that is too much.
    pub below_minor: u32,
}

impl PriceRange {
    /// All ranges.
    pub const ALL: [Self; 4] = [
        Self { name: "under-1", shown: "Under £1", from_minor: 0, below_minor: 100 },
        Self { name: "1-5", shown: "£1 to £5", from_minor: 100, below_minor: 500 },
        Self { name: "5-10", shown: "£5 to £10", from_minor: 500, below_minor: 1_000 },
        Self { name: "over-10", shown: "£10 and over", from_minor: 1_000, below_minor: u32::MAX },
    ];
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A range of prices.
    pub price: Option<PriceRange>,
    /// Name of a colour.
    pub colour: Option<String>,
    /// Nothing that is sold out.
    pub in_stock: bool,
}

impl Filter {
    fn admits(&self, product: &Product) -> bool {
        let is_in_range = self.price.is_none_or(|range| {
            (range.from_minor..range.below_minor).contains(&product.price_minor)
        });
        let has_colour =
            self.colour.as_ref().is_none_or(|colour| product.colours.contains(&colour.as_str()));
        is_in_range && has_colour && (product.is_available() || !self.in_stock)
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Positions of its products.
    pub products: Vec<usize>,
    /// Products on all pages.
    pub total: usize,
    /// Number of the page, from 1.
    pub number: usize,
    /// Number of pages, at least 1.
    pub count: usize,
}

/// Filters and sorts products and takes a page of them; a number that is too high gives the last
/// page.
pub fn list(
    catalogue: &Catalogue,
    products: &[usize],
    filter: &Filter,
    sort: Sort,
    number: usize,
) -> Page {
    let mut found: Vec<(usize, &Product)> = products
        .iter()
        .filter_map(|at| catalogue.get(*at).map(|product| (*at, product)))
        .filter(|(_, product)| filter.admits(product))
        .collect();
    match sort {
        Sort::Featured => found.sort_by_key(|(_, p)| !p.is_available()),
        Sort::PriceAscending => found.sort_by_key(|(_, p)| p.price_minor),
        Sort::PriceDescending => found.sort_by_key(|(_, p)| Reverse(p.price_minor)),
        Sort::Title => found.sort_by(|(_, a), (_, b)| a.title.cmp(&b.title)),
        Sort::Newest => found.sort_by_key(|(_, p)| (p.invoices > 0, !p.is_available())),
    }
    let count = found.len().div_ceil(PAGE_SIZE).max(1);
    let number = number.clamp(1, count);
    let page = found.iter().skip((number - 1) * PAGE_SIZE).take(PAGE_SIZE);
    Page { products: page.map(|(at, _)| *at).collect(), total: found.len(), number, count }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::tests::catalogue;

    fn handles(filter: &Filter, sort: Sort) -> Vec<String> {
        let catalogue = catalogue("1,M2\n1,C1\n2,C1\n3,B1\n");
        let page = list(&catalogue, &catalogue.best_sellers, filter, sort, 1);
        page.products.iter().map(|at| catalogue.products[*at].handle.clone()).collect()
    }

    #[test]
    fn lists_are_sorted() {
        let all = Filter::default();
        for (sort, expected) in [
            (Sort::Featured, ["wall-clock", "blue-mug", "red-mug", "evil", "cat-bowl"]),
            (Sort::PriceAscending, ["evil", "blue-mug", "red-mug", "cat-bowl", "wall-clock"]),
            (Sort::PriceDescending, ["wall-clock", "cat-bowl", "red-mug", "blue-mug", "evil"]),
            (Sort::Title, ["evil", "blue-mug", "cat-bowl", "wall-clock", "red-mug"]),
            (Sort::Newest, ["red-mug", "evil", "wall-clock", "blue-mug", "cat-bowl"]),
        ] {
            assert_eq!(handles(&all, sort), expected, "{sort:?}");
        }
        assert_eq!(Sort::of_name("price-descending"), Sort::PriceDescending);
        assert_eq!(Sort::of_name("anything"), Sort::Featured);
    }

    #[test]
    fn lists_are_filtered() {
        let in_stock = Filter { in_stock: true, ..Filter::default() };
        assert!(!handles(&in_stock, Sort::Title).contains(&"cat-bowl".to_owned()));
        let red = Filter { colour: Some("red".into()), ..Filter::default() };
        assert_eq!(handles(&red, Sort::Title), ["red-mug"]);
        let cheap = Filter { price: Some(PriceRange::ALL[0]), ..Filter::default() };
        assert_eq!(handles(&cheap, Sort::Title), ["evil"]);
        let dear = Filter { price: Some(PriceRange::ALL[3]), ..Filter::default() };
        assert_eq!(handles(&dear, Sort::Title), ["wall-clock"]);
    }

    #[test]
    fn pages_are_cut() {
        let catalogue = catalogue("");
        let many: Vec<usize> = std::iter::repeat_n(0, PAGE_SIZE * 2 + 1).collect();
        for (number, expected) in [(0, (1, 24)), (2, (2, 24)), (3, (3, 1)), (usize::MAX, (3, 1))] {
            let page = list(&catalogue, &many, &Filter::default(), Sort::Featured, number);
            assert_eq!((page.number, page.products.len()), expected);
            assert_eq!((page.total, page.count), (49, 3));
        }
        let none = list(&catalogue, &[], &Filter::default(), Sort::Featured, 1);
        assert_eq!((none.total, none.number, none.count), (0, 1, 1));
    }
}
