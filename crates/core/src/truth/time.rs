//! Dates, weekdays, times of the day and lengths of time.

use super::claim::{Claim, When, number, whole_number};
use super::lexeme::{Kind, Lexeme};
use super::lexicon::{Class, Unit};
use super::reader::Reader;
use super::said::Said;

/// Words of a sentence that is about when something comes.
const COMING: [&str; 22] = [
    "deliver",
    "delivered",
    "delivery",
    "arrive",
    "arrives",
    "arriving",
    "ship",
    "ships",
    "shipped",
    "dispatch",
    "dispatched",
    "collect",
    "ready",
    "parcel",
    "order",
    "refund",
    "here",
    "ends",
    "only",
    "until",
    "by",
    "expires",
];

/// A date, a time or a length of time, with the preposition before it.
pub(super) fn when(reader: &mut Reader<'_>, said: &Said) -> Option<Claim> {
    let preposition = reader.accept(|l| l.class == Class::Preposition);
    reader.accept(|l| {
        preposition.is_some() && l.is_one_of(&["the", "next", "this", "den", "der", "le"])
    });
    let mut found = vec![point(reader, said, preposition)?];
    // "3 to 5 days" is two lengths; "Monday 3 March at 5 pm" is one point in three pieces.
    for _ in 0..3 {
        let before = reader.at();
        reader.accept(|l| l.is(","));
        reader.accept(|l| l.is_one_of(&["the", "at", "um", "a"]));
        match point(reader, said, None) {
            Some(next) => found.push(next),
            None => {
                reader.back_to(before);
                break;
            }
        }
    }
    Some(Claim::When(found.into_iter().flatten().collect()))
}

/// Reads one form of a time.
type Form = fn(&mut Reader<'_>) -> Option<Vec<When>>;

fn point(reader: &mut Reader<'_>, said: &Said, preposition: Option<&Lexeme>) -> Option<Vec<When>> {
    let start = reader.at();
    let first = reader.read()?;
    let forms: [Form; 6] = [digits, day_of_month, span, clock, month_first, next_day];
    if matches!(first.kind, Kind::Word | Kind::Number) {
        for form in forms {
            reader.back_to(start);
            if let Some(found) = form(reader) {
                return Some(found);
            }
        }
    }
    reader.back_to(start);
    let word = reader.accept(|l| l.kind == Kind::Word || l.kind == Kind::Number)?;
    let found = match word.class {
        Class::Weekday(day) => When::Weekday(day),
        Class::Soon => When::Word(word.text.clone()),
        Class::Today if preposition.is_some() || said.has(|word, _| COMING.contains(&word)) => {
            When::Word("today".to_owned())
        }
        Class::Month(month) if preposition.is_some() && word.is_capital => When::Month(month),
        Class::Feast if preposition.is_some() => When::Word(word.text.clone()),
        Class::Unit(unit) if preposition.is_some_and(is_bound) => When::Span(1, unit),
        _ if preposition.is_some() => When::Year(
            number(word).filter(|_| word.text.len() == 4).filter(|y| (1900..2200).contains(y))?,
        ),
        _ => return None,
    };
    Some(vec![found])
}

fn is_bound(preposition: &Lexeme) -> bool {
    preposition.is_one_of(&["within", "in", "by", "innerhalb", "binnen", "dans", "sous", "on"])
}

/// 03/04/2026, 2026-04-03, 3.4.2026.
fn digits(reader: &mut Reader<'_>) -> Option<Vec<When>> {
    let first = reader.accept(|l| l.kind == Kind::Number)?;
    let mut numbers: Vec<u32> =
        first.text.split('.').map(|n| n.parse().ok()).collect::<Option<_>>()?;
    for _ in 0..2 {
        let before = reader.at();
        let is_joined = reader.peek().is_some_and(|l| l.is("/") || l.is("-"));
        if !is_joined {
            break;
        }
        reader.take();
        match reader.peek().filter(|l| l.kind == Kind::Number).and_then(|l| l.text.parse().ok()) {
            Some(number) => {
                numbers.push(number);
                reader.take();
            }
            None => reader.back_to(before),
        }
    }
    (numbers.len() == 3).then(|| vec![When::Digits(numbers)])
}

/// 3 March, 3rd of March, 3. März, le 3 mars 2026.
fn day_of_month(reader: &mut Reader<'_>) -> Option<Vec<When>> {
    let day = whole_number(reader).filter(|day| (1..=31).contains(day))?;
    ordinal(reader);
    reader.accept(|l| l.is_one_of(&["of", "de"]));
    let month = reader
        .accept(|l| matches!(l.class, Class::Month(_)) && (l.is_capital || l.text.len() > 3))?;
    let Class::Month(month) = month.class else { return None };
    let mut found = vec![When::Date(day, month)];
    found.extend(year(reader));
    Some(found)
}

/// March 3rd, December 24, 2026.
fn month_first(reader: &mut Reader<'_>) -> Option<Vec<When>> {
    let month = reader
        .accept(|l| matches!(l.class, Class::Month(_)) && (l.is_capital || l.text.len() > 3))?;
    let Class::Month(month) = month.class else { return None };
    reader.accept(|l| l.is("the"));
    let day = whole_number(reader)?;
    ordinal(reader);
    if (1900..2200).contains(&day) {
        return Some(vec![When::Month(month), When::Year(day)]);
    }
    let mut found = vec![When::Date(day, month)];
    found.extend(year(reader));
    Some(found)
}

fn ordinal(reader: &mut Reader<'_>) {
    let before = reader.at();
    let is_glued = reader.peek().is_some_and(|l| l.is_one_of(&["st", "nd", "rd", "th", ".", "er"]));
    reader.back_to(if is_glued { before + 1 } else { before });
}

fn year(reader: &mut Reader<'_>) -> Option<When> {
    let before = reader.at();
    reader.accept(|l| l.is(",") || l.is("de"));
    let found = reader.accept(|l| l.kind == Kind::Number && l.text.len() == 4).and_then(number);
    if found.is_none() {
        reader.back_to(before);
    }
    found.filter(|year| (1900..2200).contains(year)).map(When::Year)
}

/// 2 days, 3 to 5 working days, 24-hour, zwei Wochen, a couple of days.
fn span(reader: &mut Reader<'_>) -> Option<Vec<When>> {
    let is_vague = reader.accept_words("a couple of") || reader.accept_words("a few");
    let mut numbers = if is_vague {
        vec![2]
    } else {
        match whole_number(reader) {
            Some(number) => vec![number],
            None => {
                reader.accept(|l| l.is_one_of(&["a", "an"]))?;
                let unit = reader.accept(|l| {
                    matches!(l.class, Class::Unit(Unit::Day | Unit::Hour | Unit::Week))
                        && !l.is("dia")
                })?;
                let is_or = reader.accept_word("or") && reader.accept_word("two");
                let Class::Unit(unit) = unit.class else { return None };
                return is_or.then(|| vec![When::Span(1, unit), When::Span(2, unit)]);
            }
        }
    };
    let before = reader.at();
    if reader
        .accept(|l| l.is_one_of(&["-", "to", "or", "and", "bis", "oder", "a", "ou", "o"]))
        .is_some()
    {
        match whole_number(reader) {
            Some(number) => numbers.push(number),
            None => reader.back_to(before),
        }
    }
    reader.accept(|l| l.is("-"));
    reader.accept(|l| {
        l.is_one_of(&[
            "working",
            "business",
            "full",
            "more",
            "calendar",
            "consecutive",
            "whole",
            "short",
        ])
    });
    reader.accept(|l| l.is("-"));
    let unit = reader.accept(|l| matches!(l.class, Class::Unit(_)))?;
    let Class::Unit(unit) = unit.class else { return None };
    Some(numbers.into_iter().map(|number| When::Span(number, unit)).collect())
}

/// 5 pm, 9.30am, 17:00, 17 Uhr.
fn clock(reader: &mut Reader<'_>) -> Option<Vec<When>> {
    let hour = reader.accept(|l| l.kind == Kind::Number)?;
    let (mut hours, mut minutes) = match hour.text.split_once('.') {
        Some((h, m)) => (h.parse::<u32>().ok()?, m.parse::<u32>().ok()?),
        None => (number(hour)?, 0),
    };
    let has_colon = reader.peek().is_some_and(|l| l.is(":"));
    let before = reader.at();
    let mut is_told = false;
    if has_colon {
        reader.take();
        match reader.peek().filter(|l| l.kind == Kind::Number && l.text.len() == 2).and_then(number)
        {
            Some(found) => {
                reader.take();
                minutes = found;
                is_told = true;
            }
            None => reader.back_to(before),
        }
    }
    if reader.accept(|l| l.is("pm")).is_some() || accept_dotted(reader, "p") {
        hours = if hours < 12 { hours + 12 } else { hours };
        is_told = true;
    } else if reader.accept(|l| l.is_one_of(&["am", "uhr", "o'clock"])).is_some()
        || accept_dotted(reader, "a")
    {
        is_told = true;
    }
    (is_told && hours <= 24 && minutes < 60).then(|| vec![When::Clock(hours * 60 + minutes)])
}

fn accept_dotted(reader: &mut Reader<'_>, letter: &str) -> bool {
    let before = reader.at();
    if reader.accept_word(letter) && reader.accept_word(".") && reader.accept_word("m") {
        return true;
    }
    reader.back_to(before);
    false
}

/// Same-day, next day, next working day, next week.
fn next_day(reader: &mut Reader<'_>) -> Option<Vec<When>> {
    let which =
        reader.accept(|l| l.is_one_of(&["next", "same", "nachster", "prochain", "nachsten"]))?;
    reader.accept(|l| l.is("-"));
    reader.accept(|l| l.is_one_of(&["working", "business"]));
    let unit = reader.accept(|l| matches!(l.class, Class::Unit(_)))?;
    let Class::Unit(unit) = unit.class else { return None };
    Some(vec![When::Word(format!("{} {unit:?}", which.text))])
}
