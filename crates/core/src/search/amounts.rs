//! The pieces that wants are read from: words, numbers, amounts of money, dashes and the signs for
//! less and more.

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
/// Numbers as words.
const NUMBERS: &[(&str, u32)] = &[
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("dozen", 12),
    ("fifteen", 15),
    ("eighteen", 18),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
];
/// What stands for one before a unit, and before "hundred".
const ONE: &[&str] = &["a", "one"];
/// Units after a number that is no price.
const MEASURES: &[&str] = &[
    "cm", "mm", "m", "metre", "metres", "meter", "meters", "inch", "inches", "in", "ft", "foot",
    "feet", "ml", "cl", "l", "litre", "litres", "g", "kg", "year", "years", "yr", "yrs", "month",
    "months", "week", "weeks", "day", "days", "hour", "hours", "minutes", "people", "persons",
    "guests", "pieces", "piece", "items", "pack", "packs", "tier", "x", "watt", "watts", "w",
];

/// A piece of the text: a word, a number or an amount of money, a dash, or a sign for less or more.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) amount: Option<Amount>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amount {
    /// Minor units; a number that is no money counts as so many major ones.
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
        let is_sign = matches!(first, '-' | '–' | '—' | '<' | '>' | '≤' | '≥');
        let length = if number > 0 {
            digits_at + number
        } else if is_sign {
            first.len_utf8()
        } else {
            word_length(rest).max(first.len_utf8())
        };
        let (piece, next) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let amount = (number > 0).then(|| after_sign.get(..number).and_then(minor)).flatten();
        if number > 0 || is_sign || piece.chars().any(char::is_alphanumeric) {
            let amount = amount.map(|minor| Amount { minor, is_money: sign });
            join_unit(&mut out, Token { text: piece.to_owned(), amount });
        }
        rest = next.trim_start();
    }
    out
}

/// Joins "10" and "pounds" to one amount, gives named sums and numbers as words theirs.
fn join_unit(joined: &mut Vec<Token>, mut token: Token) {
    let word = token.text.to_lowercase();
    let value = |table: &[(&str, u32)]| table.iter().find(|(n, _)| *n == word).map(|(_, v)| *v);
    if let Some(unit) = value(MONEY) {
        let last = joined.last_mut().filter(|last| last.amount.is_none_or(|a| !a.is_money));
        if let Some(last) = last
            && let Some(number) = last.amount.map(|amount| amount.minor).or_else(|| {
                (word.len() > 1 && ONE.contains(&last.text.to_lowercase().as_str())).then_some(100)
            })
        {
            let minor = number / 100 * unit + number % 100 * unit / 100;
            last.amount = Some(Amount { minor, is_money: true });
            last.text.push_str(if last.is_in_digits() { "" } else { " " });
            last.text.push_str(&token.text);
            return;
        }
    }
    if let Some(minor) = value(NOTES) {
        token.amount = Some(Amount { minor, is_money: true });
    } else if let Some(number) = value(NUMBERS) {
        token.amount = Some(Amount { minor: number * 100, is_money: false });
        join_number(joined, &mut token, number);
    }
    joined.push(token);
}

/// Joins a number as a word to the words of it before: "twenty five", "twenty-five", "two hundred".
fn join_number(joined: &mut Vec<Token>, token: &mut Token, number: u32) {
    let dash = usize::from(joined.last().is_some_and(|last| last.text == "-"));
    let Some(at) = joined.len().checked_sub(1 + dash) else { return };
    let Some(before) = joined.get(at).filter(|before| !before.is_in_digits()) else { return };
    let said = before.amount.filter(|amount| !amount.is_money).map(|amount| amount.minor / 100);
    let whole = match (said, number) {
        (Some(tens @ (20 | 30 | 40 | 50 | 60 | 70 | 80 | 90)), 2..=9) => tens + number,
        (Some(times @ 2..=9), 100) if dash == 0 => times * 100,
        (None, 100) if dash == 0 && before.text.eq_ignore_ascii_case("one") => 100,
        _ => return,
    };
    let text = joined.drain(at..).map(|piece| piece.text + " ").collect::<String>() + &token.text;
    *token = Token { text, amount: Some(Amount { minor: whole * 100, is_money: false }) };
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

impl Token {
    fn is_in_digits(&self) -> bool {
        self.text.contains(|c: char| c.is_ascii_digit())
    }
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

/// The amount at a place, unless it measures something else. A number as a word is one only where
/// the text ends or a second amount follows: "over two shelves" is no price.
pub(super) fn amount(tokens: &[Token], at: usize) -> Option<Amount> {
    let token = tokens.get(at)?;
    let found = token.amount?;
    let next = word(tokens, at + 1);
    let is_alone = tokens.len() == at + 1 || ["to", "-", "and", "or"].contains(&next.as_str());
    let counts = if token.is_in_digits() { MEASURES.contains(&next.as_str()) } else { !is_alone };
    (found.is_money || !counts).then_some(found)
}
