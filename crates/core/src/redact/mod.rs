//! Personal data in free text: found, and replaced by marks that a person can read.
//!
//! Cards, IBANs, e-mail addresses, phone numbers and postal addresses are told by their own form
//! alone: by check digits, by a country's length, by how numbers are grouped. A number of seven
//! digits or more that could be anything is judged by the nearest word before it: after "call me
//! on" it is a phone number, after "order" it stays.
//!
//! No regular expressions: the widget carries this, and every byte of it is downloaded.
//!
//! The text is read as a [`View`], in which digits of every script are digits and what cannot be
//! seen is not there. A finding becomes a barrier in it, through which nothing is joined and
//! behind which nothing is looked at. A mark in the text is such a barrier from the start, and no
//! rule asks for more than it can be given by a shorter text; so a text that was redacted has
//! nothing more to find.

mod address;
mod email;
mod numbers;
mod phone;
mod view;

use std::ops::Range;

use view::View;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The number of a payment card.
    Card,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// An international bank account number.
    Iban,
    /// A postal address.
    Address,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Card, Self::Email, Self::Phone, Self::Iban, Self::Address];

    /// What it is called. In brackets it is the mark that stands for a finding.
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "card number",
            Self::Email => "e-mail",
            Self::Phone => "phone number",
            Self::Iban => "IBAN",
            Self::Address => "address",
        }
    }
}

/// One piece of personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in the original text.
    pub range: Range<usize>,
}

/// A text without the personal data that was found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    /// The text with marks.
    pub text: String,
    /// What the marks stand for, in order.
    pub found: Vec<Finding>,
}

/// The e-mail address of a text, where what is left of the text has the number of an order beside
/// it: together they prove whose the order is.
pub fn proof(original: &str, left: &str, found: &[Finding]) -> Option<String> {
    let email = found.iter().find(|finding| finding.kind == Kind::Email)?;
    original.get(email.range.clone()).filter(|_| names_order(left)).map(str::to_owned)
}

/// Whether a text has what may be the number of an order.
pub fn names_order(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        digits >= 3 || (digits > 0 && word.starts_with('#'))
    })
}

impl Redacted {
    /// The kinds that were found, each once.
    pub fn kinds(&self) -> Vec<Kind> {
        let is_found = |kind: &Kind| self.found.iter().any(|finding| finding.kind == *kind);
        Kind::ALL.into_iter().filter(is_found).collect()
    }
}

/// Replaces personal data by marks such as `[card number]`. Takes time in proportion to the text.
/// Of a redacted text nothing more is replaced.
pub fn redact(text: &str) -> Redacted {
    let mut view = View::new(text);
    email::find(&mut view);
    numbers::find(&mut view);
    phone_and_address(&mut view);
    let found = view.into_findings();
    let mut redacted = String::with_capacity(text.len());
    let mut rest = 0;
    for finding in &found {
        redacted.push_str(text.get(rest..finding.range.start).unwrap_or_default());
        redacted.push('[');
        redacted.push_str(finding.kind.name());
        redacted.push(']');
        rest = finding.range.end;
    }
    redacted.push_str(text.get(rest..).unwrap_or_default());
    Redacted { text: redacted, found }
}

/// In one pass, since each is a barrier to what is looked at around the other.
fn phone_and_address(view: &mut View) {
    let mut at = 0;
    while at < view.len() {
        let (run, phone) = phone::at(view, at);
        if let Some(end) = phone {
            view.take(Kind::Phone, at, end);
            at = end;
        } else if let Some(end) = address::at(view, at) {
            view.take(Kind::Address, at, end);
            at = end;
        } else {
            at = run.max(at + 1);
        }
    }
}

#[cfg(test)]
mod tests;
