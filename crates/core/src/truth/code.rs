//! Discount codes, spelt-out addresses and long numbers.

use super::claim::{Claim, is_cut};
use super::lexeme::{Kind, Lexeme};
use super::lexicon::Class;
use super::link;
use super::reader::Reader;
use super::said::Said;

/// Words between "code" and the code itself, or after the code before "code".
const NEAR: usize = 4;
/// Words between "code" and what has letters and digits, as codes do and hardly anything else.
const FAR: usize = 8;
/// What is done with a code, in the word before it.
const USING: [&str; 7] = ["use", "enter", "apply", "type", "quote", "redeem", "with"];
/// Words that may follow "code" and are no code.
const PROSE: [&str; 57] = [
    "is", "for", "at", "that", "you", "and", "on", "in", "will", "can", "from", "to", "with", "of",
    "here", "as", "or", "was", "has", "works", "work", "gives", "applies", "below", "above",
    "when", "before", "after", "if", "we", "which", "during", "into", "are", "must", "may", "only",
    "again", "once", "it", "box", "field", "then", "not", "goes", "gets", "takes", "lets", "saves",
    "needs", "does", "expires", "ends", "runs", "should", "cannot", "counts",
];

/// A discount code: upper case and digits anywhere, upper case near "code", letters and digits after
/// "code" or "type", any word right after "use code".
pub(super) fn code(reader: &mut Reader<'_>, said: &Said) -> Option<Claim> {
    let first = reader.peek()?;
    if is_cut(first) {
        reader.take();
        return Some(Claim::Code(first.raw.clone()));
    }
    if !matches!(first.kind, Kind::Word | Kind::Number) {
        return None;
    }
    if let Some(code) = spaced(reader) {
        return Some(Claim::Code(code));
    }
    let start = reader.at();
    let mut raw = first.text.to_uppercase();
    let mut is_upper = upper_or_digits(first);
    reader.take();
    // SAVE-20, 20SAVE, SAVE_20: one code of several lexemes.
    for _ in 0..6 {
        let before = reader.at();
        let mark = reader.peek().filter(|l| l.is("-") || l.kind == Kind::Mark);
        if mark.is_some() {
            reader.take();
        }
        match reader.peek() {
            Some(next) if matches!(next.kind, Kind::Word | Kind::Number) => {
                raw.push_str(&next.text.to_uppercase());
                is_upper &= upper_or_digits(next);
                reader.take();
            }
            _ => {
                reader.back_to(before);
                break;
            }
        }
    }
    let raw: String = raw.chars().filter(|c| c.is_alphanumeric()).collect();
    let letters = raw.chars().filter(|c| c.is_alphabetic()).count();
    let digits = raw.chars().filter(char::is_ascii_digit).count();
    let is_near = said.is_near(NEAR, |class| class == Class::CodeWord);
    if is_near && is_upper && letters >= 3 && digits == 0 {
        let before = reader.at();
        if let Some(number) = reader.accept(|l| l.kind == Kind::Number) {
            return Some(Claim::Code(format!("{raw}{}", number.text)));
        }
        reader.back_to(before);
    }
    let has_both = letters >= 2 && digits >= 1;
    // MEGA20 in lower case, which names of things have as well.
    let is_mixed = first.kind == Kind::Word && has_both && letters + digits >= 4;
    let is_used = said.last().is_some_and(|last| USING.contains(&last))
        || said.is_near(FAR, |class| class == Class::CodeWord);
    let is_alone = is_upper && has_both && letters + digits >= 5 && letters >= 3;
    let is_told = is_near
        && ((is_upper && letters >= 3)
            || (has_both && letters + digits >= 4)
            || (said.is_emphasised && letters >= 3)
            || (letters >= 4 && follows_code(said) && is_no_prose(first)));
    if is_alone || is_told || (is_mixed && is_used) {
        return Some(Claim::Code(raw));
    }
    // SUNSHINE is your code.
    if is_upper && letters >= 4 {
        let end = reader.at();
        for _ in 0..NEAR {
            match reader.read() {
                Some(next) if next.class == Class::CodeWord => {
                    reader.back_to(end);
                    return Some(Claim::Code(raw));
                }
                Some(next) if !next.is_one_of(&[".", "!", "?", "\n"]) => {
                    reader.take();
                }
                _ => break,
            }
        }
    }
    reader.back_to(start);
    None
}

/// Whether a word after "code" can be one: "voucher code" is none.
fn is_no_prose(lexeme: &Lexeme) -> bool {
    lexeme.class != Class::CodeWord && !PROSE.contains(&&*lexeme.text)
}

fn follows_code(said: &Said) -> bool {
    said.last().is_some_and(|last| {
        matches!(
            last,
            "code"
                | "coupon"
                | "voucher"
                | "promocode"
                | "gutscheincode"
                | "rabattcode"
                | "codigo"
                | "cupon"
                | ":"
        )
    }) && said.has_near(
        4,
        &[
            "use", "enter", "apply", "type", "with", "try", "quote", "mit", "avec", "con",
            "nutzen", "utilisez", "usa", "use:", "the", "discount", ":",
        ],
    ) && said.is_near(2, |class| class == Class::CodeWord)
}

fn upper_or_digits(lexeme: &Lexeme) -> bool {
    lexeme.kind == Kind::Number
        || !lexeme.raw.chars().any(|c| c.is_alphabetic() && !c.is_uppercase())
}

/// S A V E 2 0.
fn spaced(reader: &mut Reader<'_>) -> Option<String> {
    let start = reader.at();
    let mut code = String::new();
    let is_one = |l: &Lexeme| {
        l.text.len() == 1 && matches!(l.kind, Kind::Word | Kind::Number) && upper_or_digits(l)
    };
    while let Some(next) = reader.accept(is_one) {
        code.push_str(&next.text.to_uppercase());
        reader.accept(|l| l.is("-") || l.is("."));
        if code.len() >= 16 {
            break;
        }
    }
    let is_code = code.len() >= 4 && code.chars().any(|c| c.is_ascii_alphabetic());
    if !is_code {
        reader.back_to(start);
    }
    is_code.then_some(code)
}

/// The end of an address whose dot is spelt out or stands alone: `evil dot com`, `evil [.] com`.
pub(super) fn dotted(reader: &mut Reader<'_>, said: &Said) -> Option<Claim> {
    let is_open = reader.accept(|l| l.is_one_of(&["(", "[", "{"])).is_some();
    let dot = reader.accept(|l| l.is_one_of(&["dot", "punkt", "punto", "."]))?;
    // A full stop ends a sentence unless it stands as no full stop does.
    if dot.is(".") && !is_open && !said.is_after_space {
        return None;
    }
    reader.accept(|l| l.is_one_of(&[")", "]", "}"]));
    let end = reader.accept(|l| l.kind == Kind::Word && link::is_top_level(&l.text))?;
    Some(Claim::Link(format!(".{}", end.text)))
}

/// Digits in groups, as telephone numbers have them, or many in a row.
pub(super) fn digits(reader: &mut Reader<'_>, _: &Said) -> Option<Claim> {
    let first = reader.peek()?;
    let begins = first.kind == Kind::Number || first.is("+") || first.is("(");
    if !begins {
        return None;
    }
    let mut digits = String::new();
    let mut end = reader.at();
    for _ in 0..16 {
        match reader.peek() {
            Some(l) if l.kind == Kind::Number => {
                digits.extend(l.text.chars().filter(char::is_ascii_digit));
                reader.take();
                end = reader.at();
            }
            Some(l) if l.is_one_of(&["+", "(", ")", "-", ".", "/"]) => {
                reader.take();
            }
            Some(l) if l.kind == Kind::Space && !l.breaks_line() => {
                reader.take();
            }
            _ => break,
        }
    }
    reader.back_to(end);
    (digits.len() >= 7).then_some(Claim::Digits(digits))
}
