//! A text as it is looked at: one character for each that can be seen.

use super::{Finding, Kind};

/// What stands where something was found, where a mark is, and beyond both ends of the text.
pub(super) const BARRIER: char = '\0';

/// A character of the text and its bytes.
struct Glyph {
    char: char,
    start: u32,
    end: u32,
}

/// The text, character by character, and what was found in it.
pub(super) struct View {
    glyphs: Vec<Glyph>,
    found: Vec<Finding>,
}

impl View {
    pub(super) fn new(text: &str) -> Self {
        let mut view = Self { glyphs: Vec::with_capacity(text.len()), found: Vec::new() };
        for (start, char) in text.char_indices() {
            if let Some(folded) = fold(char) {
                let end = start + char.len_utf8();
                view.glyphs.push(Glyph { char: folded, start: start as u32, end: end as u32 });
            }
        }
        for at in 0..view.len() {
            if view.at(at) == '[' {
                for kind in Kind::ALL {
                    let end = at + 1 + kind.name().len();
                    if view.spells(at + 1, kind.name()) && view.at(end) == ']' {
                        view.bar(at, end + 1);
                    }
                }
            }
        }
        view
    }

    pub(super) fn len(&self) -> usize {
        self.glyphs.len()
    }

    /// The character at a place. A place before the first wraps round to one after the last.
    pub(super) fn at(&self, place: usize) -> char {
        self.glyphs.get(place).map_or(BARRIER, |glyph| glyph.char)
    }

    /// The character before a place.
    pub(super) fn before(&self, place: usize) -> char {
        self.at(place.wrapping_sub(1))
    }

    /// The first place from `from` on whose character is another.
    pub(super) fn skip(&self, from: usize, is_one: impl Fn(char) -> bool) -> usize {
        let mut at = from;
        while self.at(at) != BARRIER && is_one(self.at(at)) {
            at += 1;
        }
        at
    }

    /// Whether these characters are at a place. Upper case is as good as lower.
    pub(super) fn spells(&self, place: usize, word: &str) -> bool {
        self.end_of(place, word).is_some()
    }

    /// Where a word ends that begins in a place, if it is there.
    pub(super) fn end_of(&self, place: usize, word: &str) -> Option<usize> {
        let mut at = place;
        let is_there = word.chars().all(|char| {
            at += 1;
            self.at(at - 1).eq_ignore_ascii_case(&char)
        });
        is_there.then_some(at)
    }

    /// Where a word begins that ends before a place, if it is there.
    pub(super) fn start_of(&self, place: usize, word: &str) -> Option<usize> {
        let mut at = place;
        let is_there = word.chars().rev().all(|char| {
            at = at.wrapping_sub(1);
            self.at(at).eq_ignore_ascii_case(&char)
        });
        is_there.then_some(at)
    }

    /// Notes a finding, in order, and puts a barrier in its place.
    pub(super) fn take(&mut self, kind: Kind, from: usize, to: usize) {
        let (first, last) = (self.glyphs.get(from), self.glyphs.get(to.wrapping_sub(1)));
        if let (Some(first), Some(last)) = (first, last) {
            let range = first.start as usize..last.end as usize;
            let place = self.found.partition_point(|before| before.range.start < range.start);
            self.found.insert(place, Finding { kind, range });
            self.bar(from, to);
        }
    }

    fn bar(&mut self, from: usize, to: usize) {
        for glyph in self.glyphs.iter_mut().take(to).skip(from) {
            glyph.char = BARRIER;
        }
    }

    /// What was found, in order.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.found
    }
}

/// Whether a character is a part of a word. Scripts that write without spaces are not: what is
/// beside a number there says nothing of it.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || ('\u{c0}'..'\u{2000}').contains(&c)
}

/// The character that is looked at in the place of another; `None` for one that cannot be seen.
fn fold(c: char) -> Option<char> {
    Some(match c {
        '\0' => ' ',
        '\u{1}'..='\u{7f}' => c,
        // Marks over and around a character, joiners, directions, variants and tags.
        '\u{ad}'
        | '\u{300}'..='\u{36f}'
        | '\u{61c}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e01ef}' => return None,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        '\u{b7}' | '\u{2022}' | '\u{2024}' => '.',
        // The wide forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => (c as u32 - 0xff00 + 0x20) as u8 as char,
        '\u{1d7ce}'..='\u{1d7ff}' => digit((c as u32 - 0x1d7ce) % 10),
        _ => {
            let from = |zero: &u32| (c as u32).checked_sub(*zero).filter(|digit| *digit < 10);
            ZEROS.iter().find_map(from).map_or(c, digit)
        }
    })
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

/// The zeros of other scripts, each followed by its nine other digits (Unicode 16, general
/// category Nd, with the superscripts, subscripts and circled digits).
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0x2070, 0x2080, 0x245f, 0x2473, 0x24f4, 0x2775, 0x277f, 0x2789, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x104a0, 0x10d30, 0x10d40, 0x11066, 0x110f0,
    0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950,
    0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16130, 0x16a60, 0x16ac0, 0x16b50, 0x16d70,
    0x1ccf0, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1fbf0,
];
