//! Sums of money, shares in per cent and bargains.

use super::claim::{Claim, Money, number, whole_number};
use super::lexeme::{Kind, Lexeme};
use super::lexicon::{Class, Currency};
use super::reader::Reader;
use super::said::Said;

/// A currency that no shop has.
pub(super) const UNKNOWN: Currency = *b"???";
/// Words between a word for a price and its number.
const NEAR_PRICE: usize = 3;

/// An amount such as `£12.50`, `12,50 €`, `GBP 5`, `twelve pounds fifty` or `a fiver`; and a bare
/// number where the words before it, or its two decimals, say that it is money.
pub(super) fn amount(reader: &mut Reader<'_>, said: &Said) -> Option<Claim> {
    let first = reader.peek()?;
    let money = if let Some(currency) = sign(first) {
        reader.take();
        let digits = joined(reader)?;
        Money { minor: minor(&digits), currency: Some(currency) }
    } else {
        match (first.kind, first.class) {
            (_, Class::Sum(units)) => {
                reader.take();
                Money { minor: Some(u64::from(units) * 100), currency: Some(*b"GBP") }
            }
            (_, Class::Currency(currency)) => {
                reader.take();
                reader.accept(|l| l.is(";") || l.is(":") || l.is("."));
                let digits = joined(reader)?;
                Money { minor: minor(&digits), currency: Some(currency) }
            }
            (Kind::Number, _) => of_number(reader, said)?,
            (_, Class::Number(_) | Class::Scale) => of_words(reader, said)?,
            _ => return None,
        }
    };
    // A million pounds, £5k, £12 point 50: read, but not believed.
    let is_scaled = reader.accept(|l| l.class == Class::Scale || l.is("%")).is_some()
        || reader.accept(|l| l.is_one_of(&["point", "komma", "virgule", "coma"])).is_some();
    if is_scaled {
        reader.accept(|l| number(l).is_some());
        reader.accept(|l| currency(l).is_some());
        return Some(Claim::Money(Money { minor: None, ..money }));
    }
    // Both £5 and 5 € may have the other sign as well.
    if money.currency.is_some() {
        reader.accept(|l| currency(l).is_some() && l.kind == Kind::Word);
    }
    Some(Claim::Money(money))
}

fn of_number(reader: &mut Reader<'_>, said: &Said) -> Option<Money> {
    let before_joined = reader.at();
    let first = reader.take()?;
    let after_first = reader.at();
    reader.back_to(before_joined);
    let digits = joined(reader)?;
    if let Some(money) = unit(reader, minor(&digits)) {
        return Some(money);
    }
    reader.back_to(after_first);
    if let Some(money) = unit(reader, minor(&first.text)) {
        return Some(money);
    }
    reader.back_to(after_first);
    if reader.accept(|l| l.is_one_of(&["point", "komma", "virgule"])).is_some() {
        reader.accept(|l| number(l).is_some());
        if let Some(money) = unit(reader, None) {
            return Some(money);
        }
        reader.back_to(after_first);
    }
    let has_two_decimals = first.text.rsplit_once(['.', ',']).is_some_and(|(_, d)| d.len() == 2);
    let is_said = said.is_near(NEAR_PRICE, |class| class == Class::Price) || said.is_after_amount();
    if !has_two_decimals && !is_said {
        return None;
    }
    let next = reader.read();
    let is_measured = next.is_some_and(|l| {
        matches!(l.class, Class::Measure | Class::Unit(_) | Class::Percent | Class::Month(_))
            || l.is("%")
            || (!has_two_decimals && l.kind == Kind::Word && l.class == Class::Plain)
    });
    reader.back_to(after_first);
    (!is_measured).then(|| Money { minor: minor(&first.text), currency: None })
}

fn of_words(reader: &mut Reader<'_>, said: &Said) -> Option<Money> {
    let mut total: Option<u64> = Some(0);
    let mut count = 0;
    let mut groups: u64 = 0;
    loop {
        let before = reader.at();
        if let Some(value) = whole_number(reader) {
            total = total
                .map(|t| if count == 0 { u64::from(value) } else { t * 100 + u64::from(value) });
            groups += 1;
        } else if reader.accept(|l| l.class == Class::Scale).is_some() {
            total = None;
        } else if count == 0 || !reader.accept_word("and") {
            reader.back_to(before);
            break;
        }
        count += 1;
        if count > 6 {
            break;
        }
    }
    if count == 0 {
        return None;
    }
    let end = reader.at();
    let whole = if groups == 1 { total.map(|t| t * 100) } else { None };
    if let Some(money) = unit(reader, whole) {
        return Some(money);
    }
    reader.back_to(end);
    let is_said = said.is_near(2, |class| class == Class::Price);
    let next = reader.read().map(|l| (l.kind, l.class));
    reader.back_to(end);
    let is_alone = !matches!(next, Some((Kind::Word, _)));
    (is_said && is_alone)
        .then_some(Money { minor: if groups == 1 { whole } else { total }, currency: None })
}

/// The currency after a number, and the pence after that.
fn unit(reader: &mut Reader<'_>, value: Option<u64>) -> Option<Money> {
    reader.accept(|l| l.is("-"));
    let found = reader.accept(|l| currency(l).is_some() || matches!(l.class, Class::Penny(_)))?;
    if let Class::Penny(code) = found.class {
        let currency = if code == UNKNOWN { None } else { Some(code) };
        return Some(Money { minor: value.map(|v| v / 100), currency });
    }
    let currency = currency(found);
    let mut minor = value;
    let before = reader.at();
    if found.kind == Kind::Word {
        let has_and = reader.accept_word("and");
        let pence = whole_number(reader).filter(|pence| *pence < 100);
        let has_unit = reader.accept(|l| matches!(l.class, Class::Penny(_))).is_some();
        match pence {
            Some(pence) if has_unit || (!has_and && pence >= 10) => {
                minor = minor.map(|m| m + u64::from(pence));
            }
            _ => reader.back_to(before),
        }
    }
    Some(Money { minor, currency })
}

/// The digits of a number, whatever spaces are in it.
fn joined(reader: &mut Reader<'_>) -> Option<String> {
    let first = reader.accept(|l| l.kind == Kind::Number)?;
    let mut digits = first.text.clone();
    for _ in 0..6 {
        let before = reader.at();
        let has_gap = reader.peek().is_some_and(|l| l.kind == Kind::Space);
        let point = reader.accept(|l| l.is(".") || l.is(","));
        let is_apart =
            point.is_some() && !has_gap && reader.peek().is_some_and(|l| l.kind == Kind::Space);
        let next = reader.accept(|l| l.kind == Kind::Number);
        match next {
            Some(next) if !is_apart => {
                if let Some(point) = point {
                    digits.push_str(&point.text);
                }
                digits.push_str(&next.text);
            }
            _ => {
                reader.back_to(before);
                break;
            }
        }
    }
    Some(digits)
}

/// Hundredths of a number as people write it; none where it can be read in two ways.
pub(super) fn minor(number: &str) -> Option<u64> {
    let number = number.replace('\'', "");
    let last = number.rfind(['.', ',']);
    let after = last.map_or(0, |at| number.len() - at - 1);
    let (whole, decimals) = match last {
        Some(at) if after <= 2 => (number.get(..at)?, number.get(at + 1..)?),
        Some(_) if after != 3 => return None,
        _ => (number.as_str(), ""),
    };
    let is_digit = |c: char| c.is_ascii_digit();
    if !whole.chars().all(|c| is_digit(c) || c == '.' || c == ',')
        || !decimals.chars().all(is_digit)
    {
        return None;
    }
    let units: u64 = whole.replace(['.', ','], "").parse().ok()?;
    let cents: u64 = match decimals.len() {
        0 => 0,
        1 => decimals.parse::<u64>().ok()? * 10,
        _ => decimals.parse().ok()?,
    };
    units.checked_mul(100)?.checked_add(cents)
}

/// The currency that a sign stands for.
pub(super) fn sign(lexeme: &Lexeme) -> Option<Currency> {
    if lexeme.kind != Kind::Sign {
        return None;
    }
    match lexeme.text.chars().next()? {
        '£' | '₤' => Some(*b"GBP"),
        '$' => Some(*b"USD"),
        '€' => Some(*b"EUR"),
        '¥' => Some(*b"JPY"),
        '₹' => Some(*b"INR"),
        '¢' | '¤' | '\u{20a0}'..='\u{20cf}' => Some(UNKNOWN),
        _ => None,
    }
}

fn currency(lexeme: &Lexeme) -> Option<Currency> {
    match lexeme.class {
        Class::Currency(currency) => Some(currency),
        _ => sign(lexeme),
    }
}

/// A share such as `20%`, `20 per cent` or `twenty percent`.
pub(super) fn percent(reader: &mut Reader<'_>, _: &Said) -> Option<Claim> {
    let start = reader.at();
    let first = reader.peek()?;
    let value = if first.kind == Kind::Number {
        joined(reader).and_then(|digits| minor(&digits)).and_then(|v| u32::try_from(v).ok())
    } else {
        whole_number(reader).and_then(|v| v.checked_mul(100))
    };
    if reader.at() == start {
        return None;
    }
    reader.accept(|l| l.is("-"));
    let is_share = reader.accept(|l| l.is("%") || l.class == Class::Percent).is_some()
        || reader.accept_words("per cent")
        || reader.accept_words("pour cent")
        || reader.accept_words("por ciento");
    is_share.then_some(Claim::Percent(value.unwrap_or(u32::MAX)))
}

/// Bargains in words. The numbers are digits in what is compared.
const DEALS: [&str; 26] = [
    "half price",
    "half off",
    "half the price",
    "half its price",
    "third off",
    "quarter off",
    "buy one get one",
    "buy one, get one",
    "two for one",
    "three for two",
    "bogof",
    "bogo",
    "for free",
    "is free",
    "are free",
    "free of charge",
    "free gift",
    "for nothing",
    "costs nothing",
    "halber preis",
    "halben preis",
    "zum halben preis",
    "moitie prix",
    "mitad de precio",
    "gratis",
    "kostenlos",
];

/// A bargain such as `half price` or `2 for 1`.
pub(super) fn deal(reader: &mut Reader<'_>, _: &Said) -> Option<Claim> {
    let start = reader.at();
    let first = reader.peek()?;
    if first.kind == Kind::Number || matches!(first.class, Class::Number(_)) {
        let many = whole_number(reader)?;
        if reader.accept(|l| l.is_one_of(&["for", "fur", "pour", "por"])).is_some()
            && let Some(few) = whole_number(reader)
            && few < many
            && reader.accept(|l| currency(l).is_some()).is_none()
        {
            return Some(Claim::Deal(format!("{many} for {few}")));
        }
        reader.back_to(start);
    }
    for deal in DEALS {
        let begins = deal.split([' ', ',']).next().is_some_and(|word| first.is(word));
        if begins && reader.accept_words(&deal.replace(',', " ,")) {
            return Some(Claim::Deal(deal.to_owned()));
        }
    }
    None
}
