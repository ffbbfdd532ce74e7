//! Phone numbers (ITU-T E.164: at most 15 digits), by the ways in which the world groups them.

use super::view::{BARRIER, View};

/// Most characters between a number and the word that says what it is.
const NEAR: usize = 32;
/// Most characters between two groups of one number.
const GAP: usize = 3;

/// The beginnings of words for numbers that are rung.
const RUNG: &str = "phone tel mob cell fax call ring text sms whatsapp handy desk office answering \
                    messag contact reach rufen appel llam тел Тел 电话 手机 電話 携帯";
/// The beginnings of words for other numbers.
const COUNTED: &str = "order ordr oder ref item sku code serial card invoice inv po track voucher \
                       model part claim isbn ean barcode product article account";
/// How many digits the groups have of numbers that need no word before them, a digit each: North
/// America, Poland and Spain, Russia, Brazil, India.
const GROUPED: &[u32] = &[0x334, 0x1334, 0x333, 0x3222, 0x3322, 0x13322, 0x254, 0x55];

/// Looks at the number that begins here. Gives the end of its digits, before which no other number
/// begins, and where the phone number ends if it is one.
pub(super) fn at(view: &View, from: usize) -> (usize, Option<usize>) {
    let signs = (from..from + 2).take_while(|at| "(+".contains(view.at(*at))).count();
    let is_start = view.at(from + signs).is_ascii_digit() && !view.before(from).is_ascii_digit();
    if is_start { Run::read(view, from) } else { (from, None) }
}

/// Digits that stand together.
#[derive(Default)]
struct Run {
    end: usize,
    digits: usize,
    /// The lengths of the groups, four bits each.
    groups: u32,
    first_group: usize,
    longest_group: usize,
    /// The values of the first three groups, for dates.
    parts: [u32; 3],
    has_plus: bool,
    has_brackets: bool,
    has_dots: bool,
}

impl Run {
    fn read(view: &View, from: usize) -> (usize, Option<usize>) {
        let mut run = Self { end: from, ..Self::default() };
        let mut found = None;
        let mut next = run.next_group(view, from);
        let mut count = 0;
        while let Some(start) = next {
            run.end = view.skip(start, |c| c.is_ascii_digit());
            let length = run.end - start;
            run.digits += length;
            run.groups = (run.groups << 4) + length.min(15) as u32;
            run.longest_group = run.longest_group.max(length);
            if count == 0 {
                run.first_group = length;
            }
            if let Some(part) = run.parts.get_mut(count) {
                let value = |sum: u32, at| sum * 10 + view.at(at).to_digit(10).unwrap_or(0);
                *part = (start..run.end.min(start + 9)).fold(0, value);
            }
            count += 1;
            next = run.next_group(view, from);
            if (7..=15).contains(&run.digits) && run.is_phone(view, from, next.is_none()) {
                found = Some(extension(view, run.end));
            }
            if run.digits > 15 && found.is_some() {
                break;
            }
        }
        (run.end, found)
    }

    /// Where the next group begins, if what is between joins the two.
    fn next_group(&mut self, view: &View, from: usize) -> Option<usize> {
        let start = view.skip(self.end, |c| " -.()+/".contains(c));
        let (mut has_slash, mut has_dot) = (false, false);
        for at in self.end..start.min(self.end + GAP + 1) {
            let c = view.at(at);
            // A full stop ends a sentence, and what follows is another number.
            if has_dot || (c == '+' && self.digits > 0) {
                return None;
            }
            has_dot = c == '.';
            has_slash |= c == '/';
            self.has_dots |= has_dot;
            self.has_plus |= c == '+';
            self.has_brackets |= c == '(' && self.digits < 4;
        }
        // "030/1234567", but not the parts of a date or of a fraction.
        let is_joined = !has_slash || (self.groups < 16 && self.digits > 1 && view.at(from) == '0');
        (is_joined && start - self.end <= GAP && view.at(start).is_ascii_digit()).then_some(start)
    }

    /// Whether the digits so far are a phone number. `is_whole` when no more follow.
    fn is_phone(&self, view: &View, from: usize, is_whole: bool) -> bool {
        let (before, after) = (view.before(from), view.at(self.end));
        let follows = view.at(self.end + 1);
        let is_cut = "£$€%_".contains(after)
            || (",:".contains(after) && follows.is_ascii_digit())
            || (after.is_ascii_alphanumeric() && extension(view, self.end) == self.end);
        if "£$€#".contains(before) || is_cut || self.is_date() {
            return false;
        }
        let is_bound = before == '_'
            || before.is_ascii_alphanumeric()
            || ("-/.".contains(before) && view.at(from.wrapping_sub(2)).is_ascii_alphanumeric())
            || (after == '-' && follows.is_ascii_alphabetic());
        self.has_plus
            || hint(view, from, self.end)
                .unwrap_or_else(|| !is_bound && self.is_phone_by_itself(view, from, is_whole))
    }

    fn is_phone_by_itself(&self, view: &View, from: usize, is_whole: bool) -> bool {
        let first = view.skip(from, |c| c == '(');
        let second = view.at(view.skip(first + 1, |c| !c.is_ascii_digit()));
        let has_zero = view.at(first) == '0' && (self.first_group > 1 || self.has_brackets);
        let is_national = second != '0' && (9..=11).contains(&self.digits);
        let is_international = second == '0' && view.at(first + 2) != '0' && self.digits > 9;
        let is_grouped = GROUPED.contains(&self.groups) && !(self.has_dots && self.groups == 0x333);
        (has_zero && (is_national || is_international))
            || is_whole && (is_grouped || self.has_brackets && self.longest_group > 2)
    }

    fn is_date(&self) -> bool {
        let [a, b, c] = self.parts;
        let is_year = |year| (1900..2100).contains(&year);
        let is_day = |x: u32, y: u32| x > 0 && y > 0 && x.max(y) < 32 && x.min(y) < 13;
        (is_year(c) && is_day(a, b)) || (is_year(a) && is_day(b, c))
    }
}

/// Where the number ends with its extension: "x12", "ext. 12".
fn extension(view: &View, end: usize) -> usize {
    let sign = view.skip(end, |c| c == ' ');
    for word in ["ext.", "ext", "x"] {
        if view.spells(sign, word) && (word != "x" || sign == end) {
            let from = view.skip(sign + word.len(), |c| c == ' ');
            let to = view.skip(from, |c| c.is_ascii_digit());
            if (1..6).contains(&(to - from)) && !view.at(to).is_ascii_alphanumeric() {
                return to;
            }
        }
    }
    end
}

/// Whether the word that names the number says that it is rung: the last such word before it, else
/// the one right after it.
fn hint(view: &View, from: usize, end: usize) -> Option<bool> {
    let names = |place: usize, all: &str| all.split(' ').any(|word| view.spells(place, word));
    for at in (from.saturating_sub(NEAR)..from).rev() {
        if view.at(at) == BARRIER {
            break;
        }
        if !view.before(at).is_ascii_alphanumeric() {
            if names(at, RUNG) {
                return Some(true);
            }
            if names(at, COUNTED) {
                return Some(false);
            }
        }
    }
    let after = view.skip(end, |c| " -/(:".contains(c));
    (after - end <= GAP && names(after, RUNG)).then_some(true)
}
