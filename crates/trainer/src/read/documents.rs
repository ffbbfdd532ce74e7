//! The shop's documents: Markdown with front matter, cut into sections that answer by themselves.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::examples::is_intent;
use super::input::{newlines, plain};
use super::warning::{Warnings, quoted};
use super::{Input, ReadError, Warning};

/// What a document is, for errors.
pub(super) const EXPECTED: &str = "Markdown with sections that begin with \"## \"";

/// Largest document that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A page of the shop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Title as shown.
    pub title: String,
    /// Lower-case letters, digits, `-` and `_`; unique in the shop.
    pub slug: String,
    /// Page, relative to the shop.
    pub url: String,
    /// Intents of the whole page.
    pub intents: Vec<String>,
    /// At least one.
    pub sections: Vec<Section>,
}

/// A part of a document that answers by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Heading.
    pub title: String,
    /// Paragraphs divided by blank lines, list items on lines that begin with `- `.
    pub text: String,
    /// Intents that it answers; the document's where it names none.
    pub intents: Vec<String>,
}

/// What stands before the text of a file, between two lines of three dashes.
#[derive(Default)]
struct FrontMatter {
    title: Option<String>,
    slug: Option<(u64, String)>,
    intents: Vec<String>,
    /// Where the text begins.
    end: usize,
}

/// Reads a document. `stem` is the file's name without its ending, for want of a slug. A document
/// without any text is left out with a warning.
pub(super) fn read_document(
    input: Input,
    stem: &str,
) -> Result<(Option<Document>, Vec<Warning>), ReadError> {
    let mut warnings = Warnings::new(&input.name);
    let text = input.text(MAX_BYTES, EXPECTED)?;
    let front = read_front_matter(&text, &mut warnings);
    let body = text.get(front.end..).unwrap_or("");
    let mut reader = BodyReader {
        body,
        first_line: 1 + newlines(text.as_bytes().get(..front.end).unwrap_or_default()),
        title: None,
        sections: vec![Draft::default()],
        words: String::new(),
        hidden: 0,
        items: 0,
        table: None,
        warnings: &mut warnings,
    };
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    for (event, range) in Parser::new_ext(body, options).into_offset_iter() {
        reader.take(event, range.start);
    }
    let (heading, drafts) = (reader.title, reader.sections);
    let title = front.title.or(heading).unwrap_or_else(|| stem.to_owned());
    let slug = match front.slug {
        Some((line, written)) => {
            let slug = to_slug(&written);
            if slug != written {
                let reason = format!("{} is written {} instead", quoted(&written), quoted(&slug));
                warnings.add(line, Some("slug"), reason);
            }
            slug
        }
        None => to_slug(stem),
    };
    let sections: Vec<Section> = drafts
        .into_iter()
        .filter_map(|draft| {
            if draft.blocks.is_empty() {
                if draft.line > 0 {
                    let reason = format!("section {} has no text; left out", quoted(&draft.title));
                    warnings.add(draft.line, None, reason);
                }
                return None;
            }
            Some(Section {
                title: if draft.title.is_empty() { title.clone() } else { draft.title },
                text: draft.blocks.join("\n\n"),
                intents: draft.intents.unwrap_or_else(|| front.intents.clone()),
            })
        })
        .collect();
    if sections.is_empty() || slug.is_empty() {
        let what = if slug.is_empty() { "no usable slug" } else { "no text" };
        warnings.add(1, None, format!("the document has {what}; left out"));
        return Ok((None, warnings.finish()));
    }
    let url = format!("/pages/{slug}");
    let document = Document { title, slug, url, intents: front.intents, sections };
    Ok((Some(document), warnings.finish()))
}

fn read_front_matter(text: &str, warnings: &mut Warnings) -> FrontMatter {
    let mut front = FrontMatter::default();
    let mut lines = text.split_inclusive('\n').zip(1..);
    if lines.next().is_none_or(|(first, _)| first.trim_end() != "---") {
        return front;
    }
    let mut end = text.find('\n').map_or(text.len(), |at| at + 1);
    for (line, number) in lines {
        end += line.len();
        let line = line.trim();
        if line == "---" {
            front.end = end;
            return front;
        }
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        let value = plain(value.trim().trim_matches(['"', '\'']));
        match key.trim() {
            "" => {}
            "title" => front.title = Some(value).filter(|t| !t.is_empty()),
            "slug" => front.slug = Some((number, value)),
            "intents" => front.intents = read_intents(&value, number, warnings),
            other => {
                let reason = format!("unknown key {}; left out", quoted(other));
                warnings.add(number, None, reason);
            }
        }
    }
    warnings.add(1, None, "the front matter is never closed by a line \"---\"; read as text");
    FrontMatter::default()
}

/// Known intents of a list that is divided by commas.
fn read_intents(list: &str, line: u64, warnings: &mut Warnings) -> Vec<String> {
    let mut intents: Vec<String> = Vec::new();
    for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if !is_intent(name) {
            let reason = format!("{} is not an intent; left out", quoted(name));
            warnings.add(line, Some("intents"), reason);
        } else if !intents.iter().any(|known| known == name) {
            intents.push(name.to_owned());
        }
    }
    intents
}

/// A section that is being read.
#[derive(Default)]
struct Draft {
    title: String,
    /// Line of the heading; 0 for what stands before the first one.
    line: u64,
    blocks: Vec<String>,
    intents: Option<Vec<String>>,
}

/// A table that is being read: its header and the cells of the row so far.
#[derive(Default)]
struct Cells {
    header: Vec<String>,
    row: Vec<String>,
}

struct BodyReader<'a> {
    body: &'a str,
    first_line: u64,
    /// The first heading of the first level.
    title: Option<String>,
    /// Never empty.
    sections: Vec<Draft>,
    /// Text of the block that is being read; line breaks are kept until its end.
    words: String,
    /// Depth of images, whose text is not shown.
    hidden: u32,
    /// Depth of list items.
    items: u32,
    table: Option<Cells>,
    warnings: &'a mut Warnings,
}

impl BodyReader<'_> {
    fn take(&mut self, event: Event<'_>, at: usize) {
        match event {
            Event::Start(Tag::Image { .. }) => self.hidden += 1,
            Event::End(TagEnd::Image) => self.hidden = self.hidden.saturating_sub(1),
            Event::Text(text) | Event::Code(text) if self.hidden == 0 => self.words.push_str(&text),
            Event::SoftBreak | Event::HardBreak => self.words.push('\n'),
            Event::Start(Tag::HtmlBlock) => self.warn_of_html(at),
            Event::InlineHtml(tag) if !tag.starts_with("</") => self.warn_of_html(at),
            Event::Start(Tag::Item) => {
                self.end_block(at);
                self.items += 1;
            }
            Event::End(TagEnd::Item) => {
                self.end_block(at);
                self.items = self.items.saturating_sub(1);
            }
            // The paragraphs of a list item are one line.
            Event::End(TagEnd::Paragraph) if self.items > 0 => self.words.push('\n'),
            Event::End(TagEnd::Paragraph | TagEnd::CodeBlock) => self.end_block(at),
            Event::End(TagEnd::Heading(level)) => self.end_heading(level, at),
            Event::Start(Tag::Table(_)) => self.table = Some(Cells::default()),
            Event::End(TagEnd::TableCell) => {
                let cell = plain(&std::mem::take(&mut self.words));
                if let Some(cells) = &mut self.table {
                    cells.row.push(cell);
                }
            }
            Event::End(TagEnd::TableHead) => {
                if let Some(cells) = &mut self.table {
                    cells.header = std::mem::take(&mut cells.row);
                }
            }
            Event::End(TagEnd::TableRow) => {
                if let Some(line) = self.table.as_mut().map(end_row) {
                    self.push_item(&line);
                }
            }
            Event::End(TagEnd::Table) => self.table = None,
            _ => {}
        }
    }

    fn line_at(&self, at: usize) -> u64 {
        self.first_line + newlines(self.body.as_bytes().get(..at).unwrap_or_default())
    }

    fn warn_of_html(&mut self, at: usize) {
        self.warnings.add(self.line_at(at), None, "raw HTML is not shown; left out");
    }

    fn end_heading(&mut self, level: HeadingLevel, at: usize) {
        let title = plain(&std::mem::take(&mut self.words));
        match level {
            HeadingLevel::H1 if self.title.is_none() => self.title = Some(title),
            HeadingLevel::H1 | HeadingLevel::H2 => {
                let line = self.line_at(at);
                self.sections.push(Draft { title, line, ..Draft::default() });
            }
            _ => self.push_block(title),
        }
    }

    fn end_block(&mut self, at: usize) {
        let mut words = std::mem::take(&mut self.words);
        let is_first = self.sections.last().is_some_and(|s| s.blocks.is_empty());
        if self.items == 0 && is_first {
            let (first, rest) = words.split_once('\n').unwrap_or((&words, ""));
            if let Some(list) = first.strip_prefix("intents:") {
                let line = self.line_at(at);
                let intents = read_intents(list, line, self.warnings);
                if let Some(section) = self.sections.last_mut() {
                    section.intents = Some(intents);
                }
                words = rest.to_owned();
            }
        }
        if self.items > 0 { self.push_item(&words) } else { self.push_block(words) }
    }

    fn push_block(&mut self, words: String) {
        let words = plain(&words);
        if let Some(section) = self.sections.last_mut().filter(|_| !words.is_empty()) {
            section.blocks.push(words);
        }
    }

    fn push_item(&mut self, words: &str) {
        let words = plain(words);
        let Some(section) = self.sections.last_mut().filter(|_| !words.is_empty()) else { return };
        match section.blocks.last_mut().filter(|block| block.starts_with("- ")) {
            Some(list) => {
                list.push_str("\n- ");
                list.push_str(&words);
            }
            None => section.blocks.push(format!("- {words}")),
        }
    }
}

/// A row of a table as a line: the first cell, then the others with their headings.
fn end_row(cells: &mut Cells) -> String {
    let row = std::mem::take(&mut cells.row);
    let mut line = String::new();
    for (at, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        let heading = cells.header.get(at).filter(|_| at > 0).map_or("", String::as_str);
        let divider = match (line.is_empty(), at) {
            (true, _) => "",
            (_, 1) => ": ",
            _ => ", ",
        };
        line.push_str(divider);
        if !heading.is_empty() {
            line.push_str(heading);
            line.push(' ');
        }
        line.push_str(cell);
    }
    line
}

/// Lower-case ASCII letters, digits, `_` and single dashes.
fn to_slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<(Option<Document>, Vec<Warning>), ReadError> {
        read_document(Input::of_bytes("documents/returns.md", bytes), "returns")
    }

    fn shown(warnings: &[Warning]) -> Vec<String> {
        warnings.iter().map(Warning::to_string).collect()
    }

    #[test]
    fn a_document_is_cut_into_sections() {
        let file = "\u{feff}---\r\ntitle: \"Returns: how\"\r\nslug: returns-policy\r\n\
            intents: return_policy, start_return\r\n---\r\n\r\n# Returns\r\n\r\n## How long\r\n\
            intents: return_policy\r\n\r\nThirty *days*, see\r\n[the form](javascript:x).\r\n\r\n\
            - one\r\n- two\r\n\r\n  more\r\n  - nested `code`\r\n\r\n### Sale\r\nNo.\r\n\r\n\
            ## Cost\r\n| Way | Price | Days |\r\n|---|---|---|\r\n| Post | £3 | 2 |\r\n| Shop | | |\r\n";
        let (document, warnings) = read(file.as_bytes()).unwrap();
        assert_eq!(shown(&warnings), Vec::<String>::new());
        let section = |title: &str, text: &str, intents: &[&str]| Section {
            title: title.into(),
            text: text.into(),
            intents: intents.iter().map(|i| (*i).into()).collect(),
        };
        let expected = Document {
            title: "Returns: how".into(),
            slug: "returns-policy".into(),
            url: "/pages/returns-policy".into(),
            intents: vec!["return_policy".into(), "start_return".into()],
            sections: vec![
                section(
                    "How long",
                    "Thirty days, see the form.\n\n- one\n- two more\n- nested code\n\nSale\n\nNo.",
                    &["return_policy"],
                ),
                section(
                    "Cost",
                    "- Post: Price £3, Days 2\n- Shop",
                    &["return_policy", "start_return"],
                ),
            ],
        };
        assert_eq!(document, Some(expected));
    }

    #[test]
    fn documents_good_and_bad() {
        // Each section as "title: text", then the warnings.
        let check = |text: &str, sections: &[&str], messages: &[&str]| {
            let (document, warnings) = read(text.as_bytes()).unwrap();
            let found: Vec<String> = document
                .iter()
                .flat_map(|d| &d.sections)
                .map(|s| format!("{}: {}", s.title, s.text))
                .collect();
            assert_eq!(found, sections, "{text}");
            assert_eq!(shown(&warnings), messages, "{text}");
        };
        check("Thirty days.", &["returns: Thirty days."], &[]);
        check("# Returns\nThirty days.", &["Returns: Thirty days."], &[]);
        check(
            "## A\nintents: deny\nNo.\n## B\nYes\nintents: x",
            &["A: No.", "B: Yes intents: x"],
            &[],
        );
        check(
            "---\ntitle: T\ncolour: red\nslug: Über uns\nintents: nope\n---\nHi.",
            &["T: Hi."],
            &[
                "documents/returns.md:3: unknown key \"colour\"; left out",
                "documents/returns.md:5: intents: \"nope\" is not an intent; left out",
                "documents/returns.md:4: slug: \"Über uns\" is written \"ber-uns\" instead",
            ],
        );
        check(
            "## A\nOne <b>bold</b> word.\n\n<div>\nhidden\n</div>\n\nTwo ![alt](x.png).",
            &["A: One bold word.\n\nTwo ."],
            &[
                "documents/returns.md:2: raw HTML is not shown; left out",
                "documents/returns.md:4: raw HTML is not shown; left out",
            ],
        );
        check(
            "## A\n\n## B\nintents: nope\n\nText.",
            &["B: Text."],
            &[
                "documents/returns.md:4: intents: \"nope\" is not an intent; left out",
                "documents/returns.md:1: section \"A\" has no text; left out",
            ],
        );
        check(
            "# Only a title",
            &[],
            &["documents/returns.md:1: the document has no text; left out"],
        );
        check(
            "---\ntitle: T\n",
            &["returns: title: T"],
            &[
                "documents/returns.md:1: the front matter is never closed by a line \"---\"; read as text",
            ],
        );
        let error = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert_eq!(
            error(b""),
            format!("documents/returns.md: the file is empty; expected {EXPECTED}")
        );
        assert_eq!(
            error(b"## A\ncaf\xe9"),
            "documents/returns.md:2: not UTF-8; save the file as UTF-8 and try again"
        );
        assert_eq!(
            error(&vec![b'a'; (MAX_BYTES + 1) as usize]),
            "documents/returns.md: larger than 1048576 bytes"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            text in "(---|title: |slug: |intents: |## |# |- |\\| |<b>|<!--|!\\[|\\]\\(|`|\\*|é|a|\n|\r\n| ){0,60}",
        ) {
            let _ = read(&bytes);
            if let Ok((Some(document), _)) = read(text.as_bytes()) {
                prop_assert!(!document.sections.is_empty());
                prop_assert!(document.sections.iter().all(|s| !s.text.is_empty()));
            }
        }
    }
}
