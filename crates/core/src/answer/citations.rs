//! What a model may cite, and the marks by which it does.
//!
//! A model is given each section under a mark such as `[1]` and each product under one such as
//! `[p1]`. While it writes, marks of sections that it was given stay, numbered by their first use;
//! marks of products are taken out, and the products shown; every other mark is taken out.

use crate::protocol::{ProductCard, Source};

/// Sections, and products, that can be given in one turn.
const MAX_GIVEN: usize = 60;
/// The longest text between brackets that is read as marks, in bytes.
const MAX_MARK_BYTES: usize = 40;
/// Blanks before a mark that go with it when it is taken out.
const MAX_BLANKS: usize = 4;

/// What a model was given in a turn, each by its mark.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Citable {
    sources: Vec<Source>,
    products: Vec<ProductCard>,
}

impl Citable {
    /// The mark of a section, such as `[1]`; the one it has where it was given before. None where
    /// too many were given.
    pub fn source(&mut self, source: &Source) -> Option<String> {
        let place = |all: &Vec<Source>| all.iter().position(|s| s.section == source.section);
        give(&mut self.sources, source, place).map(|at| format!("[{at}]"))
    }

    /// The mark of a product, such as `[p1]`, likewise.
    pub fn product(&mut self, product: &ProductCard) -> Option<String> {
        let place = |all: &Vec<ProductCard>| all.iter().position(|p| p.sku == product.sku);
        give(&mut self.products, product, place).map(|at| format!("[p{at}]"))
    }

    /// Every product that was given.
    pub fn products(&self) -> &[ProductCard] {
        &self.products
    }
}

/// The number of an item, from 1, which is added where it is new.
fn give<T: Clone>(
    all: &mut Vec<T>,
    item: &T,
    place: impl Fn(&Vec<T>) -> Option<usize>,
) -> Option<usize> {
    if let Some(at) = place(all) {
        return Some(at + 1);
    }
    (all.len() < MAX_GIVEN).then(|| {
        all.push(item.clone());
        all.len()
    })
}

/// Reads the marks of a text while it comes.
#[derive(Clone, Debug, Default)]
pub struct Citations {
    /// Blanks, and what is between brackets so far, which may turn out to be marks.
    held: String,
    /// Positions of what was cited, in the order of first use.
    sources: Vec<usize>,
    products: Vec<usize>,
}

/// One mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Source(usize),
    Product(usize),
}

impl Citations {
    /// Takes the next piece of the text; returns what is to be said by now. How the text was cut
    /// changes nothing of the whole.
    pub fn push(&mut self, piece: &str, given: &Citable) -> String {
        let mut out = String::with_capacity(piece.len());
        for c in piece.chars() {
            let is_open = self.held.contains(OPENING);
            match c {
                ' ' if !is_open => {
                    if self.held.len() >= MAX_BLANKS {
                        out.push_str(&std::mem::take(&mut self.held));
                    }
                    self.held.push(c);
                }
                _ if OPENING.contains(&c) && !is_open => self.held.push(c),
                _ if CLOSING.contains(&c) && is_open => {
                    self.held.push(c);
                    let held = std::mem::take(&mut self.held);
                    self.resolve(&held, given, &mut out);
                }
                _ if is_open && is_of_mark(c) && self.held.len() < MAX_MARK_BYTES => {
                    self.held.push(c);
                }
                // Not a mark after all; this may begin one.
                _ if OPENING.contains(&c) => {
                    out.push_str(&std::mem::take(&mut self.held));
                    self.held.push(c);
                }
                _ => {
                    out.push_str(&std::mem::take(&mut self.held));
                    out.push(c);
                }
            }
        }
        out
    }

    /// The text is over; returns the rest of it.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }

    /// The sections that were cited, in the order of their numbers in the text: the first is `[1]`.
    pub fn sources(&self, given: &Citable) -> Vec<Source> {
        self.sources.iter().filter_map(|at| given.sources.get(*at).cloned()).collect()
    }

    /// The products that were cited, in order.
    pub fn products(&self, given: &Citable) -> Vec<ProductCard> {
        self.products.iter().filter_map(|at| given.products.get(*at).cloned()).collect()
    }

    /// Says what a pair of brackets, with the blanks before it, comes to.
    fn resolve(&mut self, held: &str, given: &Citable, out: &mut String) {
        let inner =
            held.trim_start_matches(' ').trim_matches([OPENING, CLOSING].concat().as_slice());
        let Some(marks) = marks(inner) else {
            out.push_str(held);
            return;
        };
        let blanks = held.len() - held.trim_start_matches(' ').len();
        let mut blanks = held.get(..blanks).unwrap_or_default();
        for mark in marks {
            match mark {
                Mark::Source(at) if at < given.sources.len() => {
                    let number = number(&mut self.sources, at);
                    out.push_str(&format!("{blanks}[{number}]"));
                    blanks = "";
                }
                Mark::Product(at) if at < given.products.len() => {
                    number(&mut self.products, at);
                }
                _ => {}
            }
        }
    }
}

const OPENING: [char; 2] = ['[', '【'];
const CLOSING: [char; 2] = [']', '】'];

fn is_of_mark(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, 'p' | 'P' | ',' | ';' | ' ')
}

/// The marks between brackets; none where it is something else.
fn marks(inner: &str) -> Option<Vec<Mark>> {
    let words = inner.split([',', ';', ' ']).filter(|word| !word.is_empty());
    let all: Option<Vec<Mark>> = words.map(mark).collect();
    all.filter(|all| !all.is_empty())
}

fn mark(word: &str) -> Option<Mark> {
    let digits = word.trim_start_matches(['p', 'P']);
    let at: usize = digits.parse::<u16>().ok().map(usize::from)?;
    // A mark of nothing, which no one was given.
    let at = at.checked_sub(1).unwrap_or(usize::MAX);
    match word.len() - digits.len() {
        0 => Some(Mark::Source(at)),
        1 => Some(Mark::Product(at)),
        _ => None,
    }
}

/// The number of a citation by its first use, from 1.
fn number(used: &mut Vec<usize>, at: usize) -> usize {
    if let Some(known) = used.iter().position(|known| *known == at) {
        return known + 1;
    }
    used.push(at);
    used.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::tests::small_shop;
    use proptest::prelude::*;

    fn given() -> Citable {
        let index = small_shop();
        let mut given = Citable::default();
        for section in 0..2 {
            let source = index.section_answer(section).unwrap().source;
            assert_eq!(given.source(&source), Some(format!("[{}]", section + 1)));
            assert_eq!(given.source(&source), Some(format!("[{}]", section + 1)));
        }
        for product in 0..3 {
            let card = index.card(product).unwrap();
            assert_eq!(given.product(&card), Some(format!("[p{}]", product + 1)));
        }
        given
    }

    fn read<'a>(pieces: impl IntoIterator<Item = &'a str>) -> (String, Vec<u32>, Vec<String>) {
        let (given, mut citations) = (given(), Citations::default());
        let mut text: String = pieces.into_iter().map(|p| citations.push(p, &given)).collect();
        text.push_str(&citations.finish());
        let sources = citations.sources(&given).iter().map(|s| s.section).collect();
        (text, sources, citations.products(&given).into_iter().map(|p| p.sku).collect())
    }

    #[test]
    fn marks_are_kept_numbered_or_taken_out() {
        for (text, said, sources, products) in [
            ("Thirty days [1].", "Thirty days [1].", &[0][..], &[][..]),
            ("Abroad [2], thirty days [1][2].", "Abroad [1], thirty days [2][1].", &[1, 0], &[]),
            ("Both [1, 2].", "Both [1][2].", &[0, 1], &[]),
            ("Both 【2】.", "Both [1].", &[1], &[]),
            ("The mug [p1] is red.", "The mug is red.", &[], &["22001"]),
            ("The mug [p2] [1].", "The mug [1].", &[0], &["22002"]),
            ("Mixed [1, p3; p9].", "Mixed [1].", &[0], &["22003"]),
            ("Invented [3], [0], [p7], [99999].", "Invented,,, [99999].", &[], &[]),
            ("In [sizes 10], [], [p] and [1", "In [sizes 10], [], [p] and [1", &[], &[]),
            ("[[1]]", "[[1]]", &[0], &[]),
            ("x[9]y", "xy", &[], &[]),
        ] {
            let (found, by_section, by_sku) = read([text]);
            assert_eq!((found.as_str(), &by_section[..]), (said, sources), "{text}");
            assert_eq!(by_sku, products, "{text}");
        }
    }

    proptest! {
        #[test]
        fn how_a_text_is_cut_changes_nothing(
            text in "([a-z .]|\\[[p0-4, ;]{0,4}\\]|【1】|\\[|\\]|é){0,30}",
            size in 1usize..9,
        ) {
            let chars: Vec<char> = text.chars().collect();
            let pieces: Vec<String> = chars.chunks(size).map(|p| p.iter().collect()).collect();
            prop_assert_eq!(read(pieces.iter().map(String::as_str)), read([text.as_str()]));
        }

        #[test]
        fn only_what_was_given_is_cited(text in "(\\[p?[0-9]{1,3}\\]|\\PC){0,30}") {
            let (said, sources, products) = read([text.as_str()]);
            prop_assert!(sources.len() <= 2 && products.len() <= 3);
            prop_assert!(said.len() <= text.len() + 4);
        }
    }
}
