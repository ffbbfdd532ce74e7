//! Customers of the made-up shop.

use rand::Rng;
use rand::seq::IndexedRandom;

const FIRST: [&str; 24] = [
    "Aoife", "Bastian", "Cara", "Dónal", "Elke", "Fergus", "Greta", "Henrik", "Ida", "Jonas",
    "Kasia", "Lorcan", "Maren", "Niamh", "Oskar", "Petra", "Quirin", "Róisín", "Sven", "Tilda",
    "Una", "Viktor", "Wiebke", "Yara",
];
const LAST: [&str; 20] = [
    "Ahern",
    "Brandt",
    "Corrigan",
    "Dahl",
    "Egan",
    "Falk",
    "Gallagher",
    "Holm",
    "Iversen",
    "Joyce",
    "Keane",
    "Lindqvist",
    "Moran",
    "Novak",
    "O’Dowd",
    "Pettersen",
    "Quill",
    "Rossi",
    "Sweeney",
    "Tiernan",
];
/// Kept free by RFC 2606, section 3.
const DOMAINS: [&str; 3] = ["example.com", "example.net", "example.org"];

/// Who buys in the made-up shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreCustomer {
    /// The shop's own id.
    pub id: String,
    /// First and last name.
    pub name: String,
    /// E-mail address, another one for each customer.
    pub email: String,
}

/// Makes so many customers.
pub(super) fn customers(count: usize, rng: &mut impl Rng) -> Vec<StoreCustomer> {
    let mut pick = |names: &[&'static str]| names.choose(rng).copied().unwrap_or_default();
    (1..=count)
        .map(|number| {
            let (first, last, domain) = (pick(&FIRST), pick(&LAST), pick(&DOMAINS));
            let name = format!("{first} {last}");
            let email = format!("{}.{}{number}@{domain}", plain(first), plain(last));
            StoreCustomer { id: format!("c-{}", 1_000 + number), name, email }
        })
        .collect()
}

/// A name in the letters of an address.
fn plain(name: &str) -> String {
    let letter = |c: char| match c {
        'ó' => Some('o'),
        'í' => Some('i'),
        c => c.is_ascii_alphabetic().then(|| c.to_ascii_lowercase()),
    };
    name.chars().filter_map(letter).collect()
}
