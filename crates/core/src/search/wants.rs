//! What a query asks for besides words: a price, an order by price, and what must not be there.
//!
//! What is understood here is taken out of the text, so that "under £10" is not searched for as a
//! word. Everything is by rule: a bound on a price is either kept or it is not.

/// Bounds of a price in minor units, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PriceRange {
    /// The least.
    pub min_minor: Option<u32>,
    /// The most.
    pub max_minor: Option<u32>,
}

impl PriceRange {
    /// Whether any price is meant.
    pub fn is_any(&self) -> bool {
        self.min_minor.is_none() && self.max_minor.is_none()
    }

    /// Whether a price lies within.
    pub fn contains(&self, price_minor: u32) -> bool {
        self.min_minor.is_none_or(|min| price_minor >= min)
            && self.max_minor.is_none_or(|max| price_minor <= max)
    }
}

/// An order by price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceOrder {
    /// The lowest price first.
    Cheapest,
    /// The highest price first.
    Dearest,
}

impl PriceOrder {
    /// What to sort by, ascending; what has no price comes last.
    pub fn key(self, price_minor: Option<u32>) -> i64 {
        match (price_minor, self) {
            (Some(price), Self::Cheapest) => i64::from(price),
            (Some(price), Self::Dearest) => -i64::from(price),
            (None, _) => i64::MAX,
        }
    }
}

/// What a query asks for besides words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// The price.
    pub price: PriceRange,
    /// The order.
    pub order: Option<PriceOrder>,
    /// Normalised words that a product must not have.
    pub excluded: Vec<String>,
}

/// Words after which a price is the most that is meant. Of several words the last one counts, with
/// the ones before it in [`AFTER_LESS`].
const AT_MOST: &[&str] = &["under", "below", "beneath", "max", "maximum", "within", "underneath"];
const AT_LEAST: &[&str] = &["over", "above", "min", "minimum", "upwards"];
/// Words that turn "than" into a bound above or below.
const AFTER_LESS: &[&str] = &["less", "cheaper", "lower", "fewer"];
const AFTER_MORE: &[&str] = &["more", "dearer", "higher", "pricier"];
const ABOUT: &[&str] = &["about", "around", "roughly", "approximately", "approx", "circa"];
/// Units of money after a number, in minor units.
const MONEY: &[(&str, u32)] = &[
    ("pound", 100),
    ("pounds", 100),
    ("quid", 100),
    ("gbp", 100),
    ("euro", 100),
    ("euros", 100),
    ("eur", 100),
    ("dollar", 100),
    ("dollars", 100),
    ("bucks", 100),
    ("usd", 100),
    ("p", 1),
    ("pence", 1),
    ("penny", 1),
    ("cents", 1),
];
/// Sums that have a name.
const NOTES: &[(&str, u32)] = &[("fiver", 500), ("tenner", 1_000)];
/// Units after a number that is no price.
const MEASURES: &[&str] = &[
    "cm", "mm", "m", "metre", "metres", "meter", "meters", "inch", "inches", "in", "ft", "foot",
    "feet", "ml", "cl", "l", "litre", "litres", "g", "kg", "year", "years", "yr", "yrs", "month",
    "months", "week", "weeks", "day", "days", "hour", "hours", "minutes", "people", "persons",
    "guests", "pieces", "piece", "items", "pack", "packs", "tier", "x", "watt", "watts", "w",
];
const NEGATIONS: &[&str] = &["not", "without", "no", "non", "isnt", "arent", "except", "excluding"];
/// Words between a negation and what it denies.
const FILLERS: &[&str] = &[
    "a",
    "an",
    "the",
    "any",
    "in",
    "of",
    "made",
    "with",
    "from",
    "so",
    "too",
    "very",
    "is",
    "are",
    "be",
    "being",
    "it",
    "its",
    "containing",
    "that",
    "another",
    "one",
    "ones",
    "-",
];
/// Words that a negation may be followed by without denying a property.
const NOT_PROPERTIES: &[&str] = &[
    "thanks", "thank", "idea", "problem", "worries", "longer", "more", "matter", "one", "sure",
    "received", "arrived", "working", "happy", "only", "yet", "been", "have", "want", "need",
    "get", "know", "able", "sorry", "under", "over", "less", "fewer",
];

/// Reads a text: what it wants, and the text without that.
pub(super) fn read(text: &str) -> (Wants, String) {
    let tokens = tokens(text);
    let mut wants = Wants::default();
    let mut used = vec![false; tokens.len()];
    let mut at = 0;
    while at < tokens.len() {
        let taken = price(&tokens, at, &mut wants)
            .or_else(|| order(&tokens, at, &mut wants))
            .or_else(|| negation(&tokens, at, &mut wants))
            .unwrap_or(0);
        used.iter_mut().skip(at).take(taken).for_each(|used| *used = true);
        at += taken.max(1);
    }
    let kept = tokens.iter().zip(used).filter(|(_, used)| !used);
    let rest = kept.map(|(token, _)| token.text.as_str()).collect::<Vec<_>>().join(" ");
    (wants, rest)
}

/// A piece of the text: a word, an amount, or a dash between two amounts.
#[derive(Clone, Debug, PartialEq)]
struct Token {
    text: String,
    amount: Option<Amount>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Amount {
    minor: u32,
    /// Whether a sign or a unit says that it is money.
    is_money: bool,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let sign = matches!(first, '£' | '$' | '€');
        let digits_at = if sign { first.len_utf8() } else { 0 };
        let after_sign = rest.get(digits_at..).unwrap_or_default();
        let number = number_length(after_sign);
        let is_dash = matches!(first, '-' | '–' | '—');
        let length = if number > 0 {
            digits_at + number
        } else if is_dash {
            first.len_utf8()
        } else {
            word_length(rest).max(first.len_utf8())
        };
        let (piece, next) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let amount = (number > 0).then(|| after_sign.get(..number).and_then(minor)).flatten();
        if number > 0 || is_dash || piece.chars().any(char::is_alphanumeric) {
            let amount = amount.map(|minor| Amount { minor, is_money: sign });
            join_unit(&mut out, Token { text: piece.to_owned(), amount });
        }
        rest = next.trim_start();
    }
    out
}

/// Joins "10" and "pounds" to one amount, and gives named sums theirs.
fn join_unit(joined: &mut Vec<Token>, mut token: Token) {
    let word = token.text.to_lowercase();
    let unit = MONEY.iter().find(|(unit, _)| *unit == word).map(|(_, minor)| *minor);
    if let Some(unit) = unit
        && let Some(last) = joined.last_mut()
        && let Some(amount) = &mut last.amount
        && !amount.is_money
    {
        amount.minor = amount.minor / 100 * unit + amount.minor % 100 * unit / 100;
        amount.is_money = true;
        last.text.push_str(&token.text);
        return;
    }
    if let Some((_, minor)) = NOTES.iter().find(|(name, _)| *name == word) {
        token.amount = Some(Amount { minor: *minor, is_money: true });
    }
    joined.push(token);
}

/// Bytes of a number such as `10`, `9.99`, `1,000` or `4,50` at the start of a text. A number that
/// letters follow, other than of money, is a part of a word.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut length = 0;
    while is_digit(length)
        || (length > 0 && matches!(bytes.get(length), Some(b'.' | b',')) && is_digit(length + 1))
    {
        length += 1;
    }
    let tail = text.get(length..).unwrap_or_default();
    let letters: String = tail.chars().take_while(|c| c.is_alphanumeric()).collect();
    let is_unit = MONEY.iter().any(|(unit, _)| letters.eq_ignore_ascii_case(unit));
    if letters.is_empty() || is_unit { length } else { 0 }
}

fn word_length(text: &str) -> usize {
    text.char_indices()
        .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '\'' | '’')))
        .map_or(text.len(), |(at, _)| at)
}

/// Minor units of a number as people write it.
fn minor(number: &str) -> Option<u32> {
    let decimals = number
        .rsplit_once(['.', ','])
        .filter(|(_, after)| after.len() <= 2)
        .map(|(_, after)| after);
    let whole = decimals.map_or(number, |d| number.get(..number.len() - d.len() - 1).unwrap_or(""));
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let units: u32 = whole.parse().ok()?;
    let cents: u32 = match decimals {
        Some(d) if d.len() == 1 => d.parse::<u32>().ok()? * 10,
        Some(d) => d.parse().ok()?,
        None => 0,
    };
    units.checked_mul(100)?.checked_add(cents)
}

fn word(tokens: &[Token], at: usize) -> String {
    let token = tokens.get(at).filter(|token| token.amount.is_none());
    let lower = token.map(|token| token.text.to_lowercase()).unwrap_or_default();
    lower.replace(['\'', '’'], "")
}

fn amount(tokens: &[Token], at: usize) -> Option<Amount> {
    let found = tokens.get(at)?.amount?;
    let measures = MEASURES.contains(&word(tokens, at + 1).as_str());
    (found.is_money || !measures).then_some(found)
}

/// An amount that may follow a word such as "of", "a" or "than".
fn amount_after(tokens: &[Token], at: usize) -> Option<(Amount, usize)> {
    let skipped = usize::from(["of", "a", "about", "the"].contains(&word(tokens, at).as_str()));
    amount(tokens, at + skipped).map(|found| (found, at + skipped + 1))
}

/// Reads a bound at a place; how many tokens it takes.
fn price(tokens: &[Token], at: usize, wants: &mut Wants) -> Option<usize> {
    let is = |offset: usize, of: &[&str]| of.contains(&word(tokens, at + offset).as_str());
    let mut at_most = |from: usize| {
        let (most, end) = amount_after(tokens, at + from)?;
        wants.price.max_minor = Some(most.minor);
        Some(end - at)
    };
    let denied = usize::from(is(0, &["no", "not"]));
    if is(denied, AFTER_MORE) && is(denied + 1, &["than"]) && denied == 1
        || is(0, &["up"]) && is(1, &["to"])
        || is(0, &["at"]) && is(1, &["most"])
        || is(denied, AFTER_LESS) && is(denied + 1, &["than"]) && denied == 0
        || denied == 1 && is(1, AT_LEAST)
    {
        let words = if denied == 1 && is(1, AT_LEAST) { 2 } else { 2 + denied };
        return at_most(words);
    }
    if is(0, AT_MOST) {
        return at_most(1);
    }
    let is_least = is(0, AT_LEAST) || is(0, &["from"]) && amount(tokens, at + 1)?.is_money;
    let words = if is_least {
        1
    } else if is(0, AFTER_MORE) && is(1, &["than"]) || is(0, &["at"]) && is(1, &["least"]) {
        2
    } else {
        return range(tokens, at, wants);
    };
    let (least, end) = amount_after(tokens, at + words)?;
    wants.price.min_minor = Some(least.minor);
    // "from £5 to £10"
    if ["to", "-", "–", "and"].contains(&word(tokens, end).as_str())
        && let Some(most) = amount(tokens, end + 1)
    {
        wants.price.max_minor = Some(most.minor);
        return Some(end + 2 - at);
    }
    Some(end - at)
}

/// "£5 to £10", "between 5 and 10 pounds", "about £10", "for a tenner".
fn range(tokens: &[Token], at: usize, wants: &mut Wants) -> Option<usize> {
    let first = word(tokens, at);
    let from = at + usize::from(first == "between");
    let joint = word(tokens, from + 1);
    if let (Some(low), Some(high)) = (amount(tokens, from), amount(tokens, from + 2))
        && (low.is_money || high.is_money || first == "between")
        && ["to", "-", "–", "—", "and"].contains(&joint.as_str())
    {
        // "5 to 10 pounds", "50 to 90p": a unit said once is meant twice.
        let low_minor =
            if !low.is_money && low.minor > high.minor { low.minor / 100 } else { low.minor };
        wants.price =
            PriceRange { min_minor: Some(low_minor), max_minor: Some(high.minor.max(low_minor)) };
        return Some(from + 3 - at);
    }
    let (found, end) = amount_after(tokens, at + 1)?;
    if !found.is_money {
        return None;
    }
    if ABOUT.contains(&first.as_str()) {
        let share = found.minor / 10 * 3;
        wants.price = PriceRange {
            min_minor: Some(found.minor.saturating_sub(share)),
            max_minor: Some(found.minor.saturating_add(share)),
        };
    } else if first == "for" || first == "budget" {
        wants.price.max_minor = Some(found.minor);
    } else {
        return None;
    }
    Some(end - at)
}

fn order(tokens: &[Token], at: usize, wants: &mut Wants) -> Option<usize> {
    let (order, taken) = match (word(tokens, at).as_str(), word(tokens, at + 1).as_str()) {
        ("cheapest", _) => (PriceOrder::Cheapest, 1),
        ("least", "expensive") | ("lowest", "price" | "priced") => (PriceOrder::Cheapest, 2),
        ("priciest" | "dearest", _) => (PriceOrder::Dearest, 1),
        ("most", "expensive") | ("highest", "price" | "priced") => (PriceOrder::Dearest, 2),
        // Not an order, and not a word of any title either.
        ("cheap" | "inexpensive" | "affordable", _) => return Some(1),
        _ => return None,
    };
    wants.order = Some(order);
    Some(taken)
}

/// Reads what must not be there.
fn negation(tokens: &[Token], at: usize, wants: &mut Wants) -> Option<usize> {
    let first = word(tokens, at);
    let other_than = first == "other" && word(tokens, at + 1) == "than";
    let nothing = first == "but" && word(tokens, at + 1) == "not";
    if !(NEGATIONS.contains(&first.as_str()) || other_than || nothing) {
        return None;
    }
    let mut end = at + 1 + usize::from(other_than || nothing);
    let begin = end;
    loop {
        let skipped = (end..end + 4)
            .take_while(|place| FILLERS.contains(&word(tokens, *place).as_str()))
            .count();
        let denied = word(tokens, end + skipped);
        if denied.is_empty() || NOT_PROPERTIES.contains(&denied.as_str()) {
            break;
        }
        end += skipped + 1;
        if denied.chars().all(char::is_alphanumeric) {
            wants.excluded.push(crate::text::normalize(&denied));
        }
        if !["or", "nor", "and"].contains(&word(tokens, end).as_str()) || wants.excluded.len() >= 6
        {
            break;
        }
        end += 1;
    }
    (end > begin).then_some(end - at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds_on_the_price_are_understood() {
        for (text, min, max, rest) in [
            ("wall clock under £10", None, Some(1_000), "wall clock"),
            ("necklace over £8", Some(800), None, "necklace"),
            ("lunch box under £2.50", None, Some(250), "lunch box"),
            ("christmas decoration under 50p", None, Some(50), "christmas decoration"),
            ("mugs below 5 pounds please", None, Some(500), "mugs please"),
            ("wireless earbuds under 60", None, Some(6_000), "wireless earbuds"),
            ("£10 to £20 gifts", Some(1_000), Some(2_000), "gifts"),
            ("gifts between 5 and 10 quid", Some(500), Some(1_000), "gifts"),
            ("bags £5-£10", Some(500), Some(1_000), "bags"),
            ("bags 5-10 pounds", Some(500), Some(1_000), "bags"),
            ("lamps from £5 to £10", Some(500), Some(1_000), "lamps"),
            ("bunting for a tenner", None, Some(1_000), "bunting"),
            ("no more than £15 vase", None, Some(1_500), "vase"),
            ("less than 3 euros", None, Some(300), ""),
            ("more than £1,000 rug", Some(100_000), None, "rug"),
            ("not over £4 mug", None, Some(400), "mug"),
            ("up to £7", None, Some(700), ""),
            ("about £10 a mug", Some(700), Some(1_300), "a mug"),
            ("under 30 cm tall vase", None, None, "under 30 cm tall vase"),
            ("toys for under 5 years", None, None, "toys for under 5 years"),
            ("set of 6 glasses", None, None, "set of 6 glasses"),
            ("55 inch television", None, None, "55 inch television"),
            ("under the sea poster", None, None, "under the sea poster"),
            ("3d cards", None, None, "3d cards"),
        ] {
            let (wants, left) = read(text);
            assert_eq!((wants.price.min_minor, wants.price.max_minor), (min, max), "{text}");
            assert_eq!(left, rest, "{text}");
            assert!(wants.excluded.is_empty(), "{text}");
        }
    }

    #[test]
    fn what_must_not_be_there_is_understood() {
        for (text, excluded, rest) in [
            ("candle holder not glass", &["glass"][..], "candle holder"),
            ("shopping bag that is not red", &["red"], "shopping bag that is"),
            ("jumbo bags but not red ones", &["red"], "jumbo bags ones"),
            ("a mug without a handle", &["handle"], "a mug"),
            ("frame not made of wood or plastic", &["wood", "plastic"], "frame"),
            ("non-glass vase", &["glass"], "vase"),
            ("anything other than pink", &["pink"], "anything"),
            ("no thanks", &[], "no thanks"),
            ("I have not received it", &[], "I have not received it"),
            ("not", &[], "not"),
        ] {
            let (wants, left) = read(text);
            assert_eq!(wants.excluded, excluded, "{text}");
            assert_eq!(left, rest, "{text}");
        }
    }

    #[test]
    fn orders_by_price_are_understood() {
        for (text, order, rest) in [
            ("cheapest mug", Some(PriceOrder::Cheapest), "mug"),
            ("the least expensive clock", Some(PriceOrder::Cheapest), "the clock"),
            ("most expensive clock", Some(PriceOrder::Dearest), "clock"),
            ("cheap mug", None, "mug"),
        ] {
            let (wants, left) = read(text);
            assert_eq!((wants.order, left.as_str()), (order, rest), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,80}") {
            let _ = read(&text);
        }

        #[test]
        fn words_alone_are_left_alone(words in prop::collection::vec("[b-df-hj-np-tv-z]{3,8}", 0..8)) {
            let text = words.join(" ");
            let (wants, rest) = read(&text);
            prop_assert_eq!((wants, rest), (Wants::default(), text));
        }
    }
}
