//! Text cut into words, numbers and signs as a reader sees them: what is invisible is dropped,
//! what looks alike is made alike.
//!
//! The unit is the run: what stands between two white spaces. A run is cut by itself, so how the
//! text arrived changes nothing.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::lexicon::{Class, class};
use super::link;

/// The longest run in bytes; a longer one is cut there.
pub(super) const MAX_RUN: usize = 256;
/// The longest white space in characters; what is beyond is not shown.
pub(super) const MAX_SPACE: usize = 8;

/// What a lexeme is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, and digits after them.
    Word,
    /// Digits, with their points and commas.
    Number,
    /// White space.
    Space,
    /// Emphasis and tags: seen, but not read.
    Mark,
    /// Any other character.
    Sign,
    /// An address: a URL, a path, a domain or an e-mail address.
    Link,
}

/// A piece of the text.
#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    pub(super) kind: Kind,
    /// As it was written.
    pub(super) raw: String,
    /// As it is compared: lower case, without what cannot be seen.
    pub(super) text: String,
    pub(super) class: Class,
    /// Whether it begins with an upper-case letter.
    pub(super) is_capital: bool,
}

impl Lexeme {
    fn new(kind: Kind, raw: &str, text: String) -> Self {
        let class = if kind == Kind::Word { class(&text) } else { Class::Plain };
        let first = raw.chars().find(|c| c.is_alphanumeric());
        Self {
            kind,
            raw: raw.to_owned(),
            class,
            is_capital: first.is_some_and(char::is_uppercase),
            text,
        }
    }

    /// White space.
    pub(super) fn space(raw: &str) -> Self {
        Self::new(Kind::Space, raw, String::new())
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    pub(super) fn is_one_of(&self, texts: &[&str]) -> bool {
        texts.contains(&self.text.as_str())
    }

    /// Whether it ends a line.
    pub(super) fn breaks_line(&self) -> bool {
        self.kind == Kind::Space && self.raw.contains(['\n', '\r', '\u{2028}', '\u{2029}'])
    }
}

/// The lexemes of a whole text.
pub(super) fn lexemes(text: &str) -> Vec<Lexeme> {
    let mut runs = Runs::default();
    let mut out = Vec::new();
    runs.push(text, &mut out);
    runs.finish(&mut out);
    out
}

/// Cuts a stream into runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    run: String,
    spaces: usize,
}

impl Runs {
    /// Takes more text; appends what is whole by now.
    pub(super) fn push(&mut self, text: &str, out: &mut Vec<Lexeme>) {
        for c in text.chars() {
            if c.is_whitespace() {
                self.finish(out);
                if self.spaces < MAX_SPACE {
                    out.push(Lexeme::space(c.encode_utf8(&mut [0; 4])));
                }
                self.spaces = self.spaces.saturating_add(1);
            } else {
                self.spaces = 0;
                self.run.push(c);
                if self.run.len() >= MAX_RUN {
                    self.finish(out);
                }
            }
        }
    }

    /// The end of the text.
    pub(super) fn finish(&mut self, out: &mut Vec<Lexeme>) {
        if !self.run.is_empty() {
            cut(&self.run, out);
            self.run.clear();
        }
    }
}

/// Appends a character as it is compared.
pub(super) fn fold(c: char, out: &mut String) {
    if c.is_ascii() {
        if !c.is_ascii_control() {
            out.push(c.to_ascii_lowercase());
        }
        return;
    }
    if is_invisible(c) {
        return;
    }
    let parts = std::iter::once(c).nfkd().filter(|part| !is_combining_mark(*part));
    for part in parts.flat_map(char::to_lowercase) {
        out.push(alike(part));
    }
}

/// The whole text as it is compared.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| fold(c, &mut out));
    out
}

/// Characters that take no room: zero-width ones, soft hyphens, those that turn the direction of
/// text, variation selectors and tags.
pub(super) fn is_invisible(c: char) -> bool {
    is_combining_mark(c)
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Letters of other scripts as the Latin ones that they look like, digits as digits.
fn alike(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let latin = match c {
        'а' | 'α' => 'a',
        'в' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ⅼ' | 'ӏ' => 'l',
        'м' => 'm',
        'п' => 'n',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ս' => 'u',
        'ν' => 'v',
        'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        'ø' => 'o',
        'ł' => 'l',
        '’' | '‘' | 'ʼ' | '＇' => '\'',
        '‐'..='―' | '−' | '﹘' => '-',
        '。' | '․' | '∙' => '.',
        '٫' | '‚' => ',',
        '٪' => '%',
        '∕' | '⁄' => '/',
        _ => c,
    };
    if latin == c { digit(c) } else { latin }
}

/// Decimal digits of the scripts that have their own; others are a digit that no fact has.
fn digit(c: char) -> char {
    const ZEROS: [u32; 9] = [0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xe50, 0xed0, 0x17e0];
    let value = ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(*zero).filter(|v| *v < 10));
    match value.and_then(|value| char::from_digit(value, 10)) {
        Some(digit) => digit,
        None if c.is_numeric() => '?',
        None => c,
    }
}

/// Characters that emphasise.
const MARKS: [char; 5] = ['*', '_', '`', '~', '\\'];
/// The longest tag that is taken for one.
const MAX_TAG: usize = 32;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Letter,
    Digit,
    /// A character of a script that writes words without spaces.
    Whole,
    Mark,
    Point,
    Apostrophe,
    Sign,
    Nothing,
}

/// One character, or a tag.
struct Part {
    sort: Sort,
    /// Where it ends in the run.
    raw_end: usize,
    /// Where it ends in the folded run; marks have nothing there.
    text_end: usize,
}

/// The characters of a run, and the run as it is compared.
fn parts(run: &str) -> (Vec<Part>, String) {
    let mut parts = Vec::with_capacity(run.len());
    let mut folded = String::with_capacity(run.len());
    let mut raw_end = 0;
    while let Some(rest) = run.get(raw_end..)
        && let Some(c) = rest.chars().next()
    {
        let tag = if c == '<' { tag_length(rest) } else { 0 };
        raw_end += if tag > 0 { tag } else { c.len_utf8() };
        let from = folded.len();
        if tag == 0 && !MARKS.contains(&c) {
            fold(c, &mut folded);
        }
        let text = folded.get(from..).unwrap_or_default();
        let sort = match text.chars().next() {
            _ if tag > 0 || MARKS.contains(&c) => Sort::Mark,
            None => Sort::Nothing,
            Some(first)
                if first.is_ascii_digit() || (first == '?' && c != '?' && c.is_numeric()) =>
            {
                Sort::Digit
            }
            Some(first) if is_whole(first) => Sort::Whole,
            Some(first) if first.is_alphanumeric() => Sort::Letter,
            Some(_) if matches!(text, "." | ",") => Sort::Point,
            Some(_) if text == "'" => Sort::Apostrophe,
            Some(_) => Sort::Sign,
        };
        parts.push(Part { sort, raw_end, text_end: folded.len() });
    }
    (parts, folded)
}

/// Bytes of a tag such as `<b>` or `</strong>` at the start of a text.
fn tag_length(text: &str) -> usize {
    let Some(end) = text.find('>').filter(|end| *end <= MAX_TAG) else { return 0 };
    let name = text.get(1..end).unwrap_or_default().trim_matches('/');
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_name { end + 1 } else { 0 }
}

fn is_whole(c: char) -> bool {
    matches!(u32::from(c),
        0xe00..=0xeff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x2e80..=0x9fff | 0xf900..=0xfaff
        | 0x20000..=0x3ffff)
}

/// Cuts a run into lexemes.
fn cut(run: &str, out: &mut Vec<Lexeme>) {
    if let Some((before, address, after)) = link::find(run) {
        words(before, out);
        out.push(Lexeme::new(Kind::Link, address, folded(address)));
        words(after, out);
    } else {
        words(run, out);
    }
}

fn words(run: &str, out: &mut Vec<Lexeme>) {
    let (parts, folded) = parts(run);
    let seen = |from: usize| {
        let mut sorts = parts.iter().skip(from).map(|part| part.sort);
        sorts.find(|sort| !matches!(sort, Sort::Mark | Sort::Nothing))
    };
    let (mut at, mut raw_start, mut text_start) = (0, 0, 0);
    while let Some(first) = parts.get(at) {
        let kind = match first.sort {
            Sort::Letter | Sort::Whole => Kind::Word,
            Sort::Digit => Kind::Number,
            Sort::Point | Sort::Apostrophe | Sort::Sign => Kind::Sign,
            Sort::Mark | Sort::Nothing => Kind::Mark,
        };
        let mut last = first;
        at += 1;
        while let Some(next) = parts.get(at) {
            let is_more = match (kind, next.sort) {
                (_, Sort::Nothing) | (Kind::Mark, Sort::Mark) | (Kind::Number, Sort::Digit) => true,
                (Kind::Word, _) if first.sort == Sort::Whole => false,
                (Kind::Word, Sort::Letter | Sort::Digit) => true,
                (Kind::Word, Sort::Mark) => {
                    matches!(seen(at), Some(Sort::Letter | Sort::Digit))
                }
                (Kind::Word, Sort::Apostrophe) => seen(at + 1) == Some(Sort::Letter),
                (Kind::Number, Sort::Mark) => {
                    matches!(seen(at), Some(Sort::Digit | Sort::Point))
                }
                (Kind::Number, Sort::Point | Sort::Apostrophe) => seen(at + 1) == Some(Sort::Digit),
                _ => false,
            };
            if !is_more {
                break;
            }
            last = next;
            at += 1;
        }
        let raw = run.get(raw_start..last.raw_end).unwrap_or_default();
        let text = folded.get(text_start..last.text_end).unwrap_or_default();
        out.push(Lexeme::new(kind, raw, text.to_owned()));
        (raw_start, text_start) = (last.raw_end, last.text_end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_cut_as_it_is_read() {
        for (text, expected) in [
            ("Hello, you!", "Hello|,| |you|!"),
            ("£12.50.", "£|12.50|."),
            ("12GBP", "12|GBP"),
            ("S**A**VE20", "S**A**VE20"),
            ("**Red** mug", "**|Red|**| |mug"),
            ("£<b>12</b>.50", "£|<b>|12</b>.50"),
            ("don't it’s", "don't| |it’s"),
            ("1,299.00", "1,299.00"),
            ("(see https://a.example/x).", "(|see| |https://a.example/x|)|."),
        ] {
            let raw: Vec<String> = lexemes(text).into_iter().map(|l| l.raw).collect();
            assert_eq!(raw.join("|"), expected);
        }
    }

    #[test]
    fn what_looks_alike_is_compared_alike() {
        for (text, expected) in [
            ("ＳＡＶＥ２０", "save20"),
            ("SА\u{200b}VЕ20", "save20"),
            ("٣٤", "34"),
            ("Café", "cafe"),
        ] {
            let found = lexemes(text);
            assert_eq!(found.first().map(|l| l.text.as_str()), Some(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "\\PC{0,80}") {
            let joined: String = lexemes(&text).iter().map(|l| l.raw.as_str()).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
