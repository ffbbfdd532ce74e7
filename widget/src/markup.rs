//! The light markup of answers: paragraphs divided by blank lines, list items led by `- `.
//! Nothing else means anything, so that hostile text stays text.

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

#[cfg(test)]
mod tests {
    use super::{Block::*, parse};

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
