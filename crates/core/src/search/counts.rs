//! How many pieces a product is to have, or has: "set of 6", "4 piece".

use super::amounts::{Token, tokens, word};

/// What a product of several pieces comes as.
const BUNDLES: &[&str] = &["set", "pack", "box", "bundle", "packet", "pk", "sets", "packs"];
/// What the pieces are called behind their number: "6 piece".
const PIECES: &[&str] = &["piece", "pieces", "pack", "pc", "pcs"];

/// The number of pieces that a title states.
pub fn stated_count(title: &str) -> Option<u32> {
    let tokens = tokens(title);
    let stated = (0..tokens.len()).find_map(|at| count(&tokens, at));
    // "12 Pencils": a title that begins with a number begins with how many.
    stated.or_else(|| whole(&tokens, 0).filter(|n| *n > 1))
}

/// The number of pieces that is said at a place.
pub(super) fn count(tokens: &[Token], at: usize) -> Option<u32> {
    if BUNDLES.contains(&word(tokens, at).as_str()) && word(tokens, at + 1) == "of" {
        let half = usize::from(word(tokens, at + 2) == "half");
        let article = usize::from(word(tokens, at + 2 + half) == "a");
        let number = whole(tokens, at + 2 + half + article)?;
        return Some(if half == 1 { number / 2 } else { number });
    }
    let dash = usize::from(word(tokens, at + 1) == "-");
    let number = whole(tokens, at)?;
    PIECES.contains(&word(tokens, at + 1 + dash).as_str()).then_some(number)
}

/// A number without decimals, in digits or as a word.
fn whole(tokens: &[Token], at: usize) -> Option<u32> {
    let found = tokens.get(at)?.amount?;
    let is_whole = !found.is_money && found.minor.is_multiple_of(100);
    is_whole.then_some(found.minor / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Query;

    fn counted(text: &str) -> Option<u32> {
        Query::message(text).wants.count
    }

    #[test]
    fn numbers_of_pieces_are_understood_in_queries_and_titles() {
        for (text, asked, stated) in [
            ("set of 6 spoons", Some(6), Some(6)),
            ("pack of twelve nails", Some(12), Some(12)),
            ("box of half a dozen eggs", Some(6), Some(6)),
            ("4 piece dinner set", Some(4), Some(4)),
            ("a 3-pack of socks", Some(3), Some(3)),
            ("box of twenty-four pencils", Some(24), Some(24)),
            ("12 Nails in Tin", None, Some(12)),
            ("Three Hearts Mug", None, Some(3)),
            ("spoons for 6", None, None),
            ("set of spoons", None, None),
            ("box of £6 spoons", None, None),
        ] {
            assert_eq!(counted(text), asked, "{text}");
            assert_eq!(stated_count(text), stated, "{text}");
        }
    }
}
