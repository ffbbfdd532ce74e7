//! Numbers that carry their own proof: payment cards (ISO/IEC 7812, Luhn) and IBANs (ISO 13616,
//! mod 97).

use super::Kind;
use super::view::View;

/// The countries of each length of IBAN (the register of SWIFT, release 99).
const IBANS: &[(usize, &str)] = &[
    (15, "NO"),
    (16, "BE"),
    (18, "DK FI FK FO GL NL SD"),
    (19, "MK SI"),
    (20, "AT BA EE KZ LT LU MN XK"),
    (21, "CH HR LI LV"),
    (22, "BG BH CR DE GB GE IE ME RS VA"),
    (23, "AE GI IL IQ OM SO TL"),
    (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
    (25, "LY PT ST"),
    (26, "IS TR"),
    (27, "BI DJ FR GR IT MC MR SM"),
    (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"),
    (29, "BR EG PS QA UA"),
    (30, "JO KW MU YE"),
    (31, "MT SC"),
    (32, "LC"),
    (33, "RU"),
];

pub(super) fn find(view: &mut View) {
    let mut at = 0;
    while at < view.len() {
        if let Some(end) = card(view, at) {
            view.take(Kind::Card, at, end);
            at = end;
        } else if let Some(end) = iban(view, at) {
            view.take(Kind::Iban, at, end);
            at = end;
        } else {
            at += 1;
        }
    }
}

/// Where the longest card number that begins here ends.
fn card(view: &View, from: usize) -> Option<usize> {
    if view.before(from).is_ascii_digit() {
        return None;
    }
    // The lengths by the first digit: airlines and JCB; Mastercard and JCB; Diners, American
    // Express and JCB; Visa; Mastercard and Maestro; Maestro, Discover and UnionPay.
    let min = match view.at(from) {
        '1' | '2' => 15,
        '3' => 14,
        '4' => 13,
        '5' | '6' => 12,
        _ => return None,
    };
    let max = if view.at(from) == '1' { 15 } else { 19 };
    let (mut count, mut group, mut end) = (0, 0, None);
    // Luhn's sum counts every second digit twice from the right; how many there are is not known
    // yet, so both sums are kept.
    let (mut sum, mut other) = (0, 0);
    let mut at = from;
    loop {
        while let Some(digit) = view.at(at).to_digit(10) {
            (sum, other) = (other + digit, sum + digit * 2 - if digit > 4 { 9 } else { 0 });
            count += 1;
            group += 1;
            at += 1;
        }
        // Digits in groups with a letter at their end are of something longer, say bytes in hex.
        let is_cut = count > group && view.at(at).is_ascii_alphabetic();
        if (min..=max).contains(&count) && sum % 10 == 0 && !is_cut {
            end = Some(at);
        }
        let next = view.skip(at, |c| " -._".contains(c));
        // In groups cards are written in short ones; order numbers are in long ones as well.
        let is_joined = next - at < 4 && view.at(next).is_ascii_digit();
        if !is_joined || count > max || group > 6 {
            return end;
        }
        if view.skip(next, |c| c.is_ascii_digit()) - next > 6 {
            return end;
        }
        (at, group) = (next, 0);
    }
}

/// Where the IBAN that begins here ends.
fn iban(view: &View, from: usize) -> Option<usize> {
    if view.before(from).is_ascii_alphanumeric() {
        return None;
    }
    let country = [view.at(from), view.at(from + 1)].map(|c| c.to_ascii_uppercase());
    let is_it = |code: &str| code.chars().eq(country);
    if !(view.at(from + 2).is_ascii_digit() && view.at(from + 3).is_ascii_digit()) {
        return None;
    }
    let (length, _) = IBANS.iter().find(|(_, all)| all.split(' ').any(is_it))?;
    let mut head = [0; 4];
    let (mut rest, mut count, mut at) = (0, 0, from);
    while count < *length {
        let value = view.at(at).to_digit(36)?;
        at += 1;
        match head.get_mut(count) {
            Some(place) => *place = value,
            None => rest = joined(rest, value),
        }
        count += 1;
        if count < *length {
            let next = view.skip(at, |c| " -".contains(c));
            at = if next - at < 3 { next } else { return None };
        }
    }
    (head.into_iter().fold(rest, joined) == 1).then_some(at)
}

/// The remainder of a number that goes on with another digit, or with a letter as two.
fn joined(rest: u32, value: u32) -> u32 {
    (rest * if value > 9 { 100 } else { 10 } + value) % 97
}
