//! Whether a statement holds.

use super::claim::{Claim, Money};
use super::facts::Facts;
use super::lexeme::Kind;
use super::lexicon::Class;
use super::phrases;
use super::reader::Reader;
use super::said::Said;

/// What is done with a statement.
pub(super) enum Verdict {
    Keep,
    /// The shop's own value is said instead.
    Say(String),
    Withhold,
}

/// Judges a claim; the reader stands behind it.
pub(super) fn judge(claim: &Claim, reader: &mut Reader<'_>, said: &Said, facts: &Facts) -> Verdict {
    match claim {
        Claim::Money(money) => amount(*money, reader, said, facts),
        Claim::Stock { is_there, copula } => stock(*is_there, copula, said, facts),
        claim if facts.has(claim) => Verdict::Keep,
        _ => Verdict::Withhold,
    }
}

/// Words after an amount that make it a reduction, which no price backs.
const REDUCTION: [&str; 16] = [
    "off",
    "discount",
    "rabatt",
    "cashback",
    "voucher",
    "credit",
    "refund",
    "cheaper",
    "less",
    "remise",
    "descuento",
    "saving",
    "savings",
    "reduction",
    "bonus",
    "back",
];

fn amount(money: Money, reader: &mut Reader<'_>, said: &Said, facts: &Facts) -> Verdict {
    let next = reader.read();
    let is_told = facts.has(&Claim::Money(money));
    if next.is_some_and(|l| l.is_one_of(&REDUCTION))
        || said.has_near(2, &["save", "saves", "saving"])
    {
        return if is_told { Verdict::Keep } else { Verdict::Withhold };
    }
    let is_fee = |class: Class| matches!(class, Class::Fee | Class::Under | Class::Over);
    let is_limit = said.is_near(4, is_fee)
        || next.is_some_and(|l| is_fee(l.class) || l.is("or") || l.is("limit"));
    let after = named_after(reader, facts);
    let is_pronoun = said.has(|_, class| class == Class::Pronoun);
    let (subjects, is_strict) = if !said.unpriced.is_empty() {
        (said.unpriced.clone(), !is_limit)
    } else if let Some(after) = after.filter(|_| said.named.is_empty()) {
        (after, !is_limit)
    } else if !said.named.is_empty() {
        (said.named.clone(), false)
    } else {
        (said.carried.clone(), is_pronoun && !is_limit)
    };
    if subjects.iter().any(|product| facts.costs(*product, money)) {
        return Verdict::Keep;
    }
    // What a product costs is no more than what it is said to cost less than.
    let is_upper = said.is_near(3, |class| class == Class::Under);
    let exceeds =
        is_upper && matches!(subjects.as_slice(), [one] if !facts.costs_at_most(*one, money));
    if is_told && !is_strict && !exceeds {
        return Verdict::Keep;
    }
    if subjects.is_empty() && !said.is_unknown && costs_something(money, said, facts) {
        return Verdict::Keep;
    }
    match subjects.as_slice() {
        [one] if !said.is_unknown && !is_limit => facts
            .products
            .get(*one)
            .map_or(Verdict::Withhold, |product| Verdict::Say(product.shown_price.clone())),
        _ => Verdict::Withhold,
    }
}

/// Whether an amount that no name is near to is the price of a product that its sentence can mean.
fn costs_something(money: Money, said: &Said, facts: &Facts) -> bool {
    let is_one = facts.products.len() == 1;
    let is_pronoun = said.has(|_, class| class == Class::Pronoun);
    (0..facts.products.len()).any(|product| {
        facts.costs(product, money)
            && (is_one || is_pronoun || said.has(|word, _| facts.title_has(product, word)))
    })
}

/// The product that an amount is for where the amount comes first: "£4.25 for the Red Spot Mug".
fn named_after(reader: &mut Reader<'_>, facts: &Facts) -> Option<Vec<usize>> {
    let before = reader.at();
    let is_for = reader.accept(|l| l.is_one_of(&["for", "buys", "gets", "is", "each"])).is_some();
    let found = is_for
        .then(|| {
            for _ in 0..8 {
                reader.read().filter(|l| l.kind != Kind::Sign)?;
                let mut ahead = reader.rest();
                let named = facts.named_from(&mut ahead);
                reader.absorb(&ahead);
                if named.is_some() {
                    return named;
                }
                reader.take();
            }
            None
        })
        .flatten();
    reader.back_to(before);
    found
}

fn stock(is_there: bool, copula: &str, said: &Said, facts: &Facts) -> Verdict {
    if said.is_supposed() {
        return Verdict::Keep;
    }
    if said.is_unknown && said.named.is_empty() {
        return Verdict::Withhold;
    }
    let all: Vec<usize> = (0..facts.products.len()).collect();
    let subjects = [&said.unstocked, &said.named, &said.carried, &all];
    let Some(subjects) = subjects.into_iter().find(|subjects| !subjects.is_empty()) else {
        return Verdict::Withhold;
    };
    let mut known = subjects.iter().filter_map(|product| facts.products.get(*product));
    let Some(first) = known.next() else { return Verdict::Withhold };
    if known.any(|product| product.is_available != first.is_available) {
        return Verdict::Withhold;
    }
    if first.is_available == is_there {
        return Verdict::Keep;
    }
    Verdict::Say(format!("{copula}{}", phrases::stock(first.is_available, said.language())))
}
