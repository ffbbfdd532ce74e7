//! What a query asks for besides words: a price, an order by price, and what must not be there.
//!
//! What is understood here is taken out of the text, so that "under £10" is not searched for as a
//! word. Everything is by rule: a bound on a price is either kept or it is not.

use super::amounts::{Amount, Token, amount, tokens, word};
use super::counts::count;

/// Bounds of a price in minor units, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PriceRange {
    /// The least.
    pub min_minor: Option<u32>,
    /// The most.
    pub max_minor: Option<u32>,
}

impl PriceRange {
    /// Whether every price will do.
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
    /// "cheap" and "luxury": which half of what fits is meant, by price.
    pub leaning: Option<PriceOrder>,
    /// Normalised words that a product must not have.
    pub excluded: Vec<String>,
    /// "set of 6": how many pieces.
    pub count: Option<u32>,
    /// Whether a present is looked for, which is not a word of any title.
    pub is_gift: bool,
}

impl Wants {
    /// Whether products are meant although none is named: "something under £5", "a present".
    pub fn names_products(&self) -> bool {
        !self.price.is_any() || self.is_gift || self.order.or(self.leaning).is_some()
    }
}

/// Words after which a price is the most that is meant.
const AT_MOST: &[&str] =
    &["under", "below", "beneath", "max", "maximum", "within", "underneath", "upto", "spend"];
const AT_LEAST: &[&str] = &["over", "above", "min", "minimum", "upwards"];
/// Signs that bound the amount of money behind them: "<3" alone is a heart.
const LESS_SIGNS: &[&str] = &["<", "≤"];
const MORE_SIGNS: &[&str] = &[">", "≥"];
/// Words that turn "than" into a bound above or below.
const AFTER_LESS: &[&str] = &["less", "cheaper", "lower", "fewer"];
const AFTER_MORE: &[&str] = &["more", "dearer", "higher", "pricier", "greater"];
const ABOUT: &[&str] = &["about", "around", "roughly", "approximately", "approx", "circa"];
/// Words behind a price that make it a bound: "£5 or less", "£5 max", "£5 and up".
const OR_LESS: &[&str] = &["less", "under", "below", "cheaper", "max", "maximum", "tops", "limit"];
const OR_MORE: &[&str] = &["more", "over", "above", "up", "upwards", "min", "minimum", "plus"];
/// Words that lead to a price and say nothing besides.
const PRICED: &[&str] = &["costs", "cost", "costing", "priced", "price", "worth", "budget"];
const CHEAP: &[&str] = &["cheap", "cheaper", "inexpensive", "affordable", "budget"];
const DEAR: &[&str] =
    &["luxury", "luxurious", "posh", "premium", "expensive", "pricey", "upmarket"];
const NEGATIONS: &[&str] = &[
    "not",
    "without",
    "no",
    "non",
    "isnt",
    "arent",
    "except",
    "excluding",
    "minus",
    "avoid",
    "hate",
    "doesnt",
    "wont",
    "nothing",
    "neither",
];
/// Negations of two words.
const NEGATION_PAIRS: &[(&str, &str)] = &[
    ("other", "than"),
    ("rather", "than"),
    ("apart", "from"),
    ("instead", "of"),
    ("anything", "but"),
    ("but", "not"),
    ("dont", "want"),
    ("dont", "like"),
    ("not", "want"),
    ("not", "like"),
    // "w/o"
    ("w", "o"),
];
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
    "for",
    "have",
    "has",
    "contain",
    "include",
    "on",
    "about",
    "them",
    "to",
];
/// What stands for the thing itself behind what is denied: "but not the red ones".
const STAND_INS: &[&str] = &["one", "ones", "please"];
/// Words that a negation may be followed by without denying a property.
const NOT_PROPERTIES: &[&str] = &[
    "thanks", "thank", "idea", "problem", "worries", "longer", "more", "matter", "one", "sure",
    "received", "arrived", "working", "happy", "only", "yet", "been", "have", "want", "need",
    "get", "know", "able", "sorry", "under", "over", "less", "fewer", "work", "fit", "wrong",
];
const PRESENTS: &[&str] = &["gift", "gifts", "present", "presents", "pressie", "pressies"];
/// Words behind which "gift" is no present but a part of a name: "gift wrap".
const GIFT_THINGS: &[&str] = &[
    "bag",
    "bags",
    "box",
    "boxes",
    "boxed",
    "wrap",
    "wraps",
    "wrapping",
    "tag",
    "tags",
    "tape",
    "card",
    "cards",
    "set",
    "sets",
    "voucher",
    "vouchers",
    "paper",
    "label",
    "labels",
    "ribbon",
    "certificate",
    "certificates",
    "receipt",
    "message",
    "wrapped",
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
            .or_else(|| free_of(&tokens, at, &mut wants))
            .or_else(|| negation(&tokens, at, &mut wants))
            .or_else(|| gift(&tokens, at, &mut wants))
            .unwrap_or(0);
        used.iter_mut().skip(at).take(taken).for_each(|used| *used = true);
        at += taken.max(1);
    }
    wants.count = (0..tokens.len()).find_map(|at| count(&tokens, at));
    let kept = tokens.iter().zip(used).filter(|(_, used)| !used);
    let rest = kept.map(|(token, _)| token.text.as_str()).collect::<Vec<_>>().join(" ");
    (wants, rest)
}

/// An amount that may follow a word such as "of", "a" or "than".
fn amount_after(tokens: &[Token], at: usize) -> Option<(Amount, usize)> {
    let skipped = usize::from(["of", "a", "about", "the"].contains(&word(tokens, at).as_str()));
    amount(tokens, at + skipped).map(|found| (found, at + skipped + 1))
}

/// Reads a bound at a place, with the words that lead to it; how many tokens it takes.
fn price(tokens: &[Token], at: usize, wants: &mut Wants) -> Option<usize> {
    let led = usize::from(PRICED.contains(&word(tokens, at).as_str()));
    bound(tokens, at + led, wants)
        .or_else(|| range(tokens, at + led, wants))
        .map(|taken| led + taken)
        .or_else(|| range(tokens, at, wants))
        .or_else(|| bound_behind(tokens, at, wants))
}

/// "under £5", "no more than £5", "from £5 to £10".
fn bound(tokens: &[Token], at: usize, wants: &mut Wants) -> Option<usize> {
    let is = |offset: usize, of: &[&str]| of.contains(&word(tokens, at + offset).as_str());
    let denied = usize::from(is(0, &["no", "not"]));
    let money_behind = || amount(tokens, at + 1).is_some_and(|found| found.is_money);
    let most_after = if denied == 1 && is(1, AFTER_MORE) && is(2, &["than"]) {
        Some(3)
    } else if denied == 1 && is(1, AT_LEAST)
        || denied == 0 && is(0, AFTER_LESS) && is(1, &["than"])
        || is(0, &["up"]) && is(1, &["to"])
        || is(0, &["at"]) && is(1, &["most"])
    {
        Some(2)
    } else if is(0, AT_MOST) || is(0, LESS_SIGNS) && money_behind() {
        Some(1)
    } else {
        None
    };
    if let Some(words) = most_after {
        let (most, end) = amount_after(tokens, at + words)?;
        wants.price.max_minor = Some(most.minor);
        return Some(end - at);
    }
    let is_least = is(0, AT_LEAST)
        || (is(0, &["from"]) || is(0, MORE_SIGNS)) && money_behind()
        || denied == 1 && is(1, AT_MOST);
    let words = if is_least {
        1 + denied
    } else if is(denied, AFTER_MORE) && is(denied + 1, &["than"])
        || denied == 1 && is(1, AFTER_LESS) && is(2, &["than"])
        || is(0, &["at"]) && is(1, &["least"])
    {
        2 + denied
    } else {
        return None;
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

/// "£5 or less", "£5 max", "£5 and up".
fn bound_behind(tokens: &[Token], at: usize, wants: &mut Wants) -> Option<usize> {
    let found = amount(tokens, at).filter(|amount| amount.is_money)?;
    let joined = usize::from(["or", "and"].contains(&word(tokens, at + 1).as_str()));
    let behind = word(tokens, at + 1 + joined);
    // "£5 over" and "£5 up" alone say something else.
    let is_bound = joined == 1
        || ["max", "maximum", "tops", "limit", "min", "minimum", "plus"].contains(&behind.as_str());
    if is_bound && OR_LESS.contains(&behind.as_str()) {
        wants.price.max_minor = Some(found.minor);
    } else if is_bound && OR_MORE.contains(&behind.as_str()) {
        wants.price.min_minor = Some(found.minor);
    } else {
        return None;
    }
    Some(2 + joined)
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
        if let Some(taken) = bound_behind(tokens, end - 1, wants) {
            return Some(end - 1 + taken - at);
        }
        wants.price.max_minor = Some(found.minor);
    } else {
        return None;
    }
    Some(end - at)
}

fn order(tokens: &[Token], at: usize, wants: &mut Wants) -> Option<usize> {
    let (first, second) = (word(tokens, at), word(tokens, at + 1));
    let (order, taken) = match (first.as_str(), second.as_str()) {
        ("cheapest", _) => (PriceOrder::Cheapest, 1),
        ("least", "expensive") | ("lowest", "price" | "priced") => (PriceOrder::Cheapest, 2),
        ("priciest" | "dearest", _) => (PriceOrder::Dearest, 1),
        ("most", "expensive") | ("highest", "price" | "priced") => (PriceOrder::Dearest, 2),
        // No words of titles either, but a half of what fits rather than an order.
        ("not" | "too", "expensive") | ("low", "cost" | "price" | "priced") => {
            wants.leaning = Some(PriceOrder::Cheapest);
            return Some(2);
        }
        ("not", "too") if word(tokens, at + 2) == "expensive" => {
            wants.leaning = Some(PriceOrder::Cheapest);
            return Some(3);
        }
        (cheap, _) if CHEAP.contains(&cheap) => {
            wants.leaning = Some(PriceOrder::Cheapest);
            return Some(1);
        }
        (dear, _) if DEAR.contains(&dear) => {
            wants.leaning = Some(PriceOrder::Dearest);
            return Some(1);
        }
        _ => return None,
    };
    wants.order = Some(order);
    Some(taken)
}

/// "nut-free": what stands before must not be there.
fn free_of(tokens: &[Token], at: usize, wants: &mut Wants) -> Option<usize> {
    let denied = word(tokens, at);
    let is_free = word(tokens, at + 1) == "-" && word(tokens, at + 2) == "free";
    (is_free && denied.chars().any(char::is_alphabetic)).then(|| {
        wants.excluded.push(crate::text::normalize(&denied));
        3
    })
}

/// Reads what must not be there.
fn negation(tokens: &[Token], at: usize, wants: &mut Wants) -> Option<usize> {
    let (first, second) = (word(tokens, at), word(tokens, at + 1));
    let is_pair = NEGATION_PAIRS.contains(&(first.as_str(), second.as_str()));
    if !(is_pair || NEGATIONS.contains(&first.as_str())) {
        return None;
    }
    let mut end = at + 1 + usize::from(is_pair);
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
    if end == begin {
        return None;
    }
    end += usize::from(STAND_INS.contains(&word(tokens, end).as_str()));
    Some(end - at)
}

/// "gift for", "present ideas": that it is to be given away, unless it is the name of a thing.
fn gift(tokens: &[Token], at: usize, wants: &mut Wants) -> Option<usize> {
    if tokens.len() == 1
        || !PRESENTS.contains(&word(tokens, at).as_str())
        || GIFT_THINGS.contains(&word(tokens, at + 1).as_str())
        || at > 0 && word(tokens, at - 1) == "christmas" && word(tokens, at + 1).is_empty()
    {
        return None;
    }
    wants.is_gift = true;
    Some(1 + usize::from(["idea", "ideas"].contains(&word(tokens, at + 1).as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds_on_the_price_are_understood() {
        for (text, min, max, rest) in [
            ("garden bench under £40", None, Some(4_000), "garden bench"),
            ("desk lamp over £12", Some(1_200), None, "desk lamp"),
            ("lunch box under £2.50", None, Some(250), "lunch box"),
            ("marbles under 30p", None, Some(30), "marbles"),
            ("mugs below 5 pounds please", None, Some(500), "mugs please"),
            ("wireless earbuds under 60", None, Some(6_000), "wireless earbuds"),
            ("£10 to £20 scarves", Some(1_000), Some(2_000), "scarves"),
            ("scarves between 5 and 10 quid", Some(500), Some(1_000), "scarves"),
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
            ("rugs for £20 or less", None, Some(2_000), "rugs"),
            ("rugs £20 max", None, Some(2_000), "rugs"),
            ("rugs £20 and up", Some(2_000), None, "rugs"),
            ("rugs 20 pounds or more", Some(2_000), None, "rugs"),
            ("a kite costing less than $7", None, Some(700), "a kite"),
            ("kites at least £3", Some(300), None, "kites"),
            ("kites not under £3", Some(300), None, "kites"),
            ("spend up to 40p on marbles", None, Some(40), "spend on marbles"),
            ("budget of £15 for a vase", None, Some(1_500), "for a vase"),
            ("mugs under ten pounds", None, Some(1_000), "mugs"),
            ("mugs under ten", None, Some(1_000), "mugs"),
            ("five quid or less for mugs", None, Some(500), "for mugs"),
            ("a mug for five quid", None, Some(500), "a mug"),
            ("a mug for less than a fiver", None, Some(500), "a mug for"),
            ("a mug for under a tenner", None, Some(1_000), "a mug for"),
            ("between five and ten pounds mugs", Some(500), Some(1_000), "mugs"),
            ("five to ten euros", Some(500), Some(1_000), ""),
            ("rugs under twenty-five pounds", None, Some(2_500), "rugs"),
            ("rugs up to twenty five dollars", None, Some(2_500), "rugs"),
            ("rugs over a hundred pounds", Some(10_000), None, "rugs"),
            ("rugs under two hundred pounds", None, Some(20_000), "rugs"),
            ("stickers under a pound", None, Some(100), "stickers"),
            ("stickers under fifty pence", None, Some(50), "stickers"),
            ("mugs <£10", None, Some(1_000), "mugs"),
            ("mugs < 10 pounds", None, Some(1_000), "mugs"),
            ("mugs <= £10", None, Some(1_000), "mugs"),
            ("mugs >£4.50", Some(450), None, "mugs"),
            ("I <3 mugs", None, None, "I < 3 mugs"),
            (
                "a stand with more than two shelves",
                None,
                None,
                "a stand with more than two shelves",
            ),
            ("a mug of a pound", None, None, "a mug of a pound"),
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
            ("teaspoons not plastic", &["plastic"][..], "teaspoons"),
            ("a kite that is not green", &["green"], "a kite that is"),
            ("raincoats but not yellow ones", &["yellow"], "raincoats"),
            ("a mug without a handle", &["handle"], "a mug"),
            ("frame not made of wood or plastic", &["wood", "plastic"], "frame"),
            ("non-glass vase", &["glass"], "vase"),
            ("anything other than pink", &["pink"], "anything"),
            ("a vase, nothing with roses or lilies", &["roses", "lilies"], "a vase"),
            ("a wax-free lantern", &["wax"], "a lantern"),
            ("a rug I don't want stripes", &["stripes"], "a rug I"),
            ("a rug that isn't grey please", &["grey"], "a rug that"),
            ("a rug instead of a carpet", &["carpet"], "a rug"),
            ("a box that doesn't have a lid", &["lid"], "a box that"),
            ("a lantern w/o glass", &["glass"], "a lantern"),
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

    #[test]
    fn a_cheap_or_a_dear_half_is_understood() {
        for (text, leaning, rest) in [
            ("cheap kite", Some(PriceOrder::Cheapest), "kite"),
            ("a kite, not too expensive", Some(PriceOrder::Cheapest), "a kite"),
            ("low cost kite", Some(PriceOrder::Cheapest), "kite"),
            ("luxury kite", Some(PriceOrder::Dearest), "kite"),
            ("a posh kite", Some(PriceOrder::Dearest), "a kite"),
            ("cheapest kite", None, "kite"),
            ("kite", None, "kite"),
        ] {
            let (wants, left) = read(text);
            assert_eq!((wants.leaning, left.as_str()), (leaning, rest), "{text}");
        }
    }

    #[test]
    fn a_present_is_no_word_to_look_for() {
        for (text, is_gift, rest) in [
            ("gift for a sailor", true, "for a sailor"),
            ("retirement present", true, "retirement"),
            ("gift ideas under £4", true, ""),
            ("gift wrap", false, "gift wrap"),
            ("gift voucher for a sailor", false, "gift voucher for a sailor"),
            ("gift", false, "gift"),
        ] {
            let (wants, left) = read(text);
            assert_eq!((wants.is_gift, left.as_str()), (is_gift, rest), "{text}");
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
