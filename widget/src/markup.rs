//! The light markup of answers: paragraphs divided by blank lines, list items led by `- `, and
//! marks of sources such as `[1]`. Nothing else means anything, so that hostile text stays text.

/// One block of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Block<'a> {
    /// Lines that belong together.
    Paragraph(Vec<&'a str>),
    /// Items of a list.
    List(Vec<&'a str>),
}

/// Divides text into blocks. Nothing but blank lines and the marks of list items is lost.
pub(crate) fn parse(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut after_blank = true;
    for line in text.lines().map(str::trim) {
        if line.is_empty() {
            after_blank = true;
            continue;
        }
        match (line.strip_prefix("- "), blocks.last_mut()) {
            (Some(item), Some(Block::List(items))) => items.push(item.trim_start()),
            (Some(item), _) => blocks.push(Block::List(vec![item.trim_start()])),
            (None, Some(Block::Paragraph(lines))) if !after_blank => lines.push(line),
            (None, _) => blocks.push(Block::Paragraph(vec![line])),
        }
        after_blank = false;
    }
    blocks
}

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Span<'a> {
    /// Words.
    Text(&'a str),
    /// The mark of a source.
    Mark {
        /// Which source, from 1.
        number: usize,
        /// As it is written, for where there is no such source.
        written: &'a str,
    },
}

/// Divides a line at the marks of sources. Nothing is lost.
pub(crate) fn spans(line: &str) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    for piece in line.split_inclusive(']') {
        let brackets = piece.strip_suffix(']').and_then(|open| open.rsplit_once('['));
        match brackets.and_then(|(before, inner)| Some((before, source_number(inner)?))) {
            Some((before, number)) => {
                if !before.is_empty() {
                    spans.push(Span::Text(before));
                }
                let written = piece.get(before.len()..).unwrap_or_default();
                spans.push(Span::Mark { number, written });
            }
            None => spans.push(Span::Text(piece)),
        }
    }
    spans
}

/// The number of a source: one or two digits, as an answer has no more sources.
fn source_number(inner: &str) -> Option<usize> {
    let is_number = (1..=2).contains(&inner.len()) && inner.bytes().all(|b| b.is_ascii_digit());
    inner.parse().ok().filter(|number| is_number && *number > 0)
}

/// A text that is being written, up to where a mark may have begun: half of one is never shown.
pub(crate) fn without_half_mark(text: &str) -> &str {
    let before = text.trim_end_matches(|c: char| c.is_ascii_digit());
    before.strip_suffix('[').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::{Block::*, Span::*, parse, spans, without_half_mark};

    #[test]
    fn marks_are_divided_from_words() {
        let mark = |number, written| Mark { number, written };
        for (line, expected) in [
            ("", vec![]),
            ("plain", vec![Text("plain")]),
            ("[1]", vec![mark(1, "[1]")]),
            ("Thirty days [1].", vec![Text("Thirty days "), mark(1, "[1]"), Text(".")]),
            ("a[1][02]b", vec![Text("a"), mark(1, "[1]"), mark(2, "[02]"), Text("b")]),
            ("[[1]]", vec![Text("["), mark(1, "[1]"), Text("]")]),
            (
                "[x] [0] [100] [+1] [ 1]",
                vec![Text("[x]"), Text(" [0]"), Text(" [100]"), Text(" [+1]"), Text(" [ 1]")],
            ),
            ("]1[ [1", vec![Text("]"), Text("1[ [1")]),
            ("é[1]é", vec![Text("é"), mark(1, "[1]"), Text("é")]),
        ] {
            assert_eq!(spans(line), expected, "{line:?}");
        }
    }

    #[test]
    fn half_a_mark_is_not_shown() {
        for (text, shown) in [
            ("days [", "days "),
            ("days [12", "days "),
            ("days [1]", "days [1]"),
            ("days [a", "days [a"),
            ("30", "30"),
            ("", ""),
        ] {
            assert_eq!(without_half_mark(text), shown, "{text:?}");
        }
    }

    #[test]
    fn blocks_of_an_answer() {
        for (text, expected) in [
            ("", vec![]),
            (" \n\n ", vec![]),
            ("one", vec![Paragraph(vec!["one"])]),
            ("one\ntwo", vec![Paragraph(vec!["one", "two"])]),
            ("one\r\n\r\ntwo", vec![Paragraph(vec!["one"]), Paragraph(vec!["two"])]),
            ("- a\n- b", vec![List(vec!["a", "b"])]),
            ("- a\n\n- b", vec![List(vec!["a", "b"])]),
            (
                "intro:\n- a\n- b\nend",
                vec![Paragraph(vec!["intro:"]), List(vec!["a", "b"]), Paragraph(vec!["end"])],
            ),
            ("-a - b", vec![Paragraph(vec!["-a - b"])]),
            ("-", vec![Paragraph(vec!["-"])]),
            (
                "<b>x</b> **y** [z](javascript:0)",
                vec![Paragraph(vec!["<b>x</b> **y** [z](javascript:0)"])],
            ),
        ] {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }
}
