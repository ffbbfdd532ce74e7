//! E-mail addresses: a local part, `@`, and a domain whose last label begins with two letters.

use super::Kind;
use super::view::{View, is_word};

pub(super) fn find(view: &mut View) {
    let mut at = 0;
    while at < view.len() {
        at += 1;
        if view.at(at - 1) != '@' {
            continue;
        }
        let mut from = at - 1;
        while is_local(view.before(from)) {
            from -= 1;
        }
        from = view.skip(from, |c| c == '\'');
        if let Some(to) = domain(view, at).filter(|_| from < at - 1) {
            view.take(Kind::Email, from, to);
            at = to;
        }
    }
}

/// Where the domain that begins here ends.
fn domain(view: &View, from: usize) -> Option<usize> {
    let mut found = None;
    let mut at = from;
    loop {
        let label = at;
        at = view.skip(at, |c| is_word(c) || c == '-');
        if at == label {
            return found;
        }
        if label > from && is_letter(view.at(label)) && is_letter(view.at(label + 1)) {
            found = Some(at);
        }
        if view.at(at) != '.' {
            return found;
        }
        at += 1;
    }
}

fn is_letter(c: char) -> bool {
    is_word(c) && !c.is_ascii_digit()
}

fn is_local(c: char) -> bool {
    is_word(c) || ".-_+'%&=~!#*".contains(c)
}
