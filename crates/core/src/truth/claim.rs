//! What a text states as a fact, as far as a program can tell.

use super::lexeme::{Kind, Lexeme, MAX_RUN};
use super::lexicon::{Class, Currency, State, Unit};
use super::reader::Reader;
use super::said::Said;
use super::{code, money, order, stock, time};

/// A sum of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Money {
    /// Hundredths; none where the number cannot be read.
    pub(super) minor: Option<u64>,
    /// None where no currency is told.
    pub(super) currency: Option<Currency>,
}

/// A point in time or a length of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum When {
    /// Day and month.
    Date(u32, u8),
    /// A date in digits.
    Digits(Vec<u32>),
    Month(u8),
    Weekday(u8),
    Span(u32, Unit),
    /// Minutes since midnight.
    Clock(u32),
    Year(u32),
    /// A word such as tomorrow.
    Word(String),
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    Money(Money),
    Percent(u32),
    /// A bargain in words: half price, two for one.
    Deal(String),
    Code(String),
    /// An address, as it is compared.
    Link(String),
    /// A telephone or other long number, its digits.
    Digits(String),
    When(Vec<When>),
    State(State, String),
    /// Whether there is stock, and the words around it that stay.
    Stock {
        is_there: bool,
        copula: String,
    },
    /// How many are left.
    Count(u32),
}

/// The claim that begins with the first lexeme, and how many lexemes it has.
pub(super) fn claim_at(reader: &mut Reader<'_>, said: &Said) -> Option<(Claim, usize)> {
    let start = reader.at();
    let first: &Lexeme = reader.peek()?;
    if matches!(first.kind, Kind::Space | Kind::Mark) {
        return None;
    }
    if first.kind == Kind::Link {
        reader.take();
        return Some((Claim::Link(first.raw.clone()), 1));
    }
    let mut best: Option<(Claim, usize)> = None;
    let recognisers: [fn(&mut Reader<'_>, &Said) -> Option<Claim>; 9] = [
        time::when,
        money::percent,
        money::deal,
        code::code,
        code::dotted,
        stock::stock,
        order::state,
        money::amount,
        code::digits,
    ];
    for recognise in recognisers {
        reader.back_to(start);
        if let Some(claim) = recognise(reader, said)
            && best.as_ref().is_none_or(|(_, length)| reader.at() - start > *length)
        {
            best = Some((claim, reader.at() - start));
        }
    }
    reader.back_to(start + best.as_ref().map_or(0, |(_, length)| *length));
    best
}

/// The number that a lexeme is, in digits or as a word.
pub(super) fn number(lexeme: &Lexeme) -> Option<u32> {
    match (lexeme.kind, lexeme.class) {
        (_, Class::Number(value)) => Some(value),
        (Kind::Number, _) => lexeme.text.parse().ok(),
        _ => None,
    }
}

/// A number of one or more words or in digits, which is passed: five, twenty-five, 12.
pub(super) fn whole_number(reader: &mut Reader<'_>) -> Option<u32> {
    let first = reader.accept(|l| number(l).is_some())?;
    let mut value = number(first)?;
    if first.kind == Kind::Word && value >= 20 {
        let before = reader.at();
        reader.accept(|l| l.is("-"));
        match reader.accept(|l| matches!(l.class, Class::Number(1..=9))).and_then(number) {
            Some(ones) => value += ones,
            None => reader.back_to(before),
        }
    }
    Some(value)
}

/// Whether a run was so long that it was cut: what is in it cannot be told.
pub(super) fn is_cut(lexeme: &Lexeme) -> bool {
    lexeme.raw.len() + 4 >= MAX_RUN
}
