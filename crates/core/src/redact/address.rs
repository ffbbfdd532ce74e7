//! Postal addresses: a house number with the name of a street, by the words that streets are
//! called in several languages, and the flat, town and postcode that follow.

use super::view::{View, is_word};

/// What English streets end with, where no word but a street's name does.
const ENDINGS: &str = "street road avenue lane boulevard crescent terrace highway";
/// What they end with where it is written large: "Hill Drive", not "flash drive".
const LARGE_ENDINGS: &str = "st rd ave av dr drive ln ct court close way place pl square sq grove \
                             gardens blvd mews hwy parkway trail circle row rise hill park walk";
/// What streets begin with in French, Spanish, Italian, Portuguese and Polish.
const BEGINNINGS: &str = "rue avenue boulevard impasse chemin allée quai calle avenida paseo \
                          carrer via viale piazza corso rua travessa ul. ulica";
/// What the one word of a street ends with in German, Dutch and the northern languages.
const TAILS: &str = "straße strasse str. weg gasse platz allee damm straat laan gracht plein gatan \
                     vägen gata vej gade veien katu tie";
/// What is before the number of a flat.
const FLATS: &str = "apt suite flat unit apartment #";
/// What cannot be in the name of a street.
const LINKS: &str = "a an and any at for from i in is it my off on or per same the to with";
/// Most words in the name of a street, and most that follow it.
const MOST_WORDS: usize = 4;
/// The longest word that is looked at.
const LONGEST_WORD: usize = 40;

/// Where the address that begins here ends.
pub(super) fn at(view: &View, from: usize) -> Option<usize> {
    if is_word(view.before(from)) || !is_word(view.at(from)) {
        return None;
    }
    let end = if view.at(from).is_ascii_digit() {
        let street = separated(view, number(view, from)?, 2)?;
        english(view, street).or_else(|| named(view, street))?
    } else {
        po_box(view, from).or_else(|| {
            let street = tailed(view, from).or_else(|| named(view, from))?;
            number(view, separated(view, street, 2)?)
        })?
    };
    Some(rest(view, end))
}

/// "12", "12a", "12-14", "12/3".
fn number(view: &View, from: usize) -> Option<usize> {
    let digits = view.skip(from, |c| c.is_ascii_digit());
    if !(1..6).contains(&(digits - from)) {
        return None;
    }
    let mut end = digits;
    if "-/".contains(view.at(end)) && view.at(end + 1).is_ascii_digit() {
        end = view.skip(end + 1, |c| c.is_ascii_digit());
    }
    if view.at(end).is_ascii_alphabetic() {
        end += 1;
    }
    (!is_word(view.at(end))).then_some(end)
}

/// Behind the blanks and the comma, at least one and at most so many.
fn separated(view: &View, from: usize, most: usize) -> Option<usize> {
    let to = view.skip(from, |c| " ,\n".contains(c));
    (1..=most).contains(&(to - from)).then_some(to)
}

/// "Baker Street", with other words before the last.
fn english(view: &View, from: usize) -> Option<usize> {
    let mut at = from;
    let mut is_large = true;
    for count in 0..=MOST_WORDS {
        let end = word(view, at)?;
        let starts_large = is_capital(view, at);
        if count > 0
            && (is_one(view, at, end, ENDINGS)
                || (is_large && starts_large && is_one(view, at, end, LARGE_ENDINGS)))
        {
            return Some(end);
        }
        if is_one(view, at, end, LINKS) {
            return None;
        }
        is_large &= starts_large;
        at = view.skip(end, |c| c == ' ' || c == '.');
        if !(1..3).contains(&(at - end)) {
            return None;
        }
    }
    None
}

/// "rue de la Paix", "Calle Mayor".
fn named(view: &View, from: usize) -> Option<usize> {
    let mut end = word(view, from)?;
    if view.at(end) == '.' {
        end += 1;
    }
    if !is_one(view, from, end, BEGINNINGS) {
        return None;
    }
    let mut named = None;
    for _ in 0..MOST_WORDS {
        let next = view.skip(end, |c| c == ' ' || c == '\'');
        if next == end || next - end > 1 || view.at(next).is_ascii_digit() {
            break;
        }
        let Some(to) = word(view, next) else { break };
        end = to;
        if is_capital(view, next) {
            named = Some(end);
        }
    }
    named
}

/// "Hauptstraße", "Kerkstraat".
fn tailed(view: &View, from: usize) -> Option<usize> {
    let end = word(view, from)?;
    let is_tailed = |tail: &str| {
        let has_dot = tail.ends_with('.') && view.at(end) == '.';
        let to = end + usize::from(has_dot);
        view.start_of(to, tail).filter(|start| (from + 2..to).contains(start)).map(|_| to)
    };
    if is_capital(view, from) { TAILS.split(' ').find_map(is_tailed) } else { None }
}

/// "P.O. Box 12".
fn po_box(view: &View, from: usize) -> Option<usize> {
    let names = ["po box ", "p.o. box ", "p.o.box ", "postfach "];
    let name = names.into_iter().find(|name| view.spells(from, name))?;
    number(view, from + name.len())
}

/// Where the flat, the town and the postcode end that follow a street.
fn rest(view: &View, street: usize) -> usize {
    let mut end = street;
    let mut at = street;
    let mut has_town = false;
    for _ in 0..2 * MOST_WORDS {
        let Some(next) = separated(view, at, 3) else { break };
        let Some(to) = word(view, next) else { break };
        let has_digit = (next..to).any(|place| view.at(place).is_ascii_digit());
        let is_flat = is_one(view, next, to, FLATS);
        if !has_digit && !is_flat && !is_capital(view, next) {
            break;
        }
        at = if is_flat && view.at(to) == '.' { to + 1 } else { to };
        // A town that follows a comma, or whatever leads to a number.
        let is_comma = view.at(next.wrapping_sub(2)) == ',' || view.at(next.wrapping_sub(1)) == ',';
        if has_digit || (is_comma && !has_town && to - next > 2) {
            end = at;
            has_town = true;
        }
    }
    end
}

/// Where the word that begins here ends.
fn word(view: &View, from: usize) -> Option<usize> {
    let is_in = |at: &usize| is_word(view.at(*at)) || view.at(*at) == '-';
    let length = (from..).take(LONGEST_WORD).take_while(is_in).count();
    (length > 0).then_some(from + length)
}

/// Whether a word is one of these.
fn is_one(view: &View, from: usize, end: usize, all: &str) -> bool {
    all.split(' ').any(|one| view.end_of(from, one) == Some(end))
}

/// Whether a word begins with a capital; of letters beyond ASCII all count as such.
fn is_capital(view: &View, at: usize) -> bool {
    is_word(view.at(at)) && !view.at(at).is_ascii_lowercase() && !view.at(at).is_ascii_digit()
}
