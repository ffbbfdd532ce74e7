//! The pieces that wants are read from: words, amounts of money and dashes.

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
    ("pennies", 1),
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
/// A piece of the text: a word, an amount, or a dash between two amounts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) amount: Option<Amount>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amount {
    pub(super) minor: u32,
    /// Whether a sign or a unit says that it is money.
    pub(super) is_money: bool,
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
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

pub(super) fn word(tokens: &[Token], at: usize) -> String {
    let token = tokens.get(at).filter(|token| token.amount.is_none());
    let lower = token.map(|token| token.text.to_lowercase()).unwrap_or_default();
    lower.replace(['\'', '’'], "")
}

pub(super) fn amount(tokens: &[Token], at: usize) -> Option<Amount> {
    let found = tokens.get(at)?.amount?;
    let measures = MEASURES.contains(&word(tokens, at + 1).as_str());
    (found.is_money || !measures).then_some(found)
}
