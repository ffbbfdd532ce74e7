//! The shop's documents: Markdown files as pages.

use std::path::Path;
use std::{fs, io};

use maud::{Markup, PreEscaped};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Largest document that is read, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// A page of the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The part of its address that names it.
    pub slug: String,
    /// Title as shown.
    pub title: String,
    /// Its sections: anchor and heading.
    pub sections: Vec<(String, String)>,
    html: String,
}

impl Document {
    /// The text below the title.
    pub fn markup(&self) -> Markup {
        PreEscaped(self.html.clone())
    }
}

/// Reads every Markdown file of a folder, by name; nothing where there is no such folder.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn read_documents(dir: &Path) -> io::Result<Vec<Document>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(e) => return Err(e),
    };
    let mut paths = entries.map(|e| e.map(|e| e.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    let mut documents = Vec::with_capacity(paths.len());
    for path in paths {
        let text = fs::read_to_string(&path)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if text.len() <= MAX_BYTES {
            documents.push(parse_document(&text, &stem));
        }
    }
    Ok(documents)
}

/// Parses a document; `stem` is its slug where it names none. Raw HTML in it is shown as text.
fn parse_document(text: &str, stem: &str) -> Document {
    let (front, body) = split_front_matter(text);
    let value = |key: &str| {
        let mut lines = front.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| name.trim() == key).map(|(_, value)| value.trim().to_owned())
    };
    let body: String =
        body.lines().filter(|line| !line.starts_with("intents:")).collect::<Vec<_>>().join("\n");
    let mut title = value("title").unwrap_or_else(|| stem.to_owned());
    let mut sections: Vec<(String, String)> = Vec::new();
    let mut events: Vec<Event<'_>> = Vec::new();
    let mut heading: Option<(HeadingLevel, usize, String)> = None;
    for event in Parser::new_ext(&body, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                heading = Some((level, events.len(), String::new()));
                events.push(Event::Text("".into()));
            }
            Event::End(TagEnd::Heading(level)) => {
                let Some((_, start, words)) = heading.take() else { continue };
                if level == HeadingLevel::H1 {
                    // The page has a heading of its own.
                    events.truncate(start);
                    title = words;
                    continue;
                }
                let id = unique_anchor(&words, &sections);
                let start_tag = Tag::Heading {
                    level,
                    id: Some(CowStr::from(id.clone())),
                    classes: vec![],
                    attrs: vec![],
                };
                if let Some(slot) = events.get_mut(start) {
                    *slot = Event::Start(start_tag);
                }
                events.push(Event::End(TagEnd::Heading(level)));
                if level == HeadingLevel::H2 {
                    sections.push((id, words));
                }
            }
            Event::Html(raw) | Event::InlineHtml(raw) => events.push(Event::Text(raw)),
            other => {
                if let (Some((.., words)), Event::Text(text) | Event::Code(text)) =
                    (&mut heading, &other)
                {
                    words.push_str(text);
                }
                events.push(other);
            }
        }
    }
    let mut html = String::new();
    html::push_html(&mut html, events.into_iter());
    Document { slug: value("slug").unwrap_or_else(|| stem.to_owned()), title, sections, html }
}

/// What stands between two lines of three dashes at the top, and the rest.
fn split_front_matter(text: &str) -> (&str, &str) {
    let parts = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    parts.unwrap_or(("", text))
}

/// "Shops and opening hours" as "shops-and-opening-hours", with a number where that is taken.
fn unique_anchor(heading: &str, taken: &[(String, String)]) -> String {
    let words: Vec<String> = heading
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let anchor = if words.is_empty() { "section".to_owned() } else { words.join("-") };
    let count = taken.iter().filter(|(known, _)| known.starts_with(&anchor)).count();
    if count == 0 { anchor } else { format!("{anchor}-{}", count + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_becomes_a_page() {
        let text = "---\ntitle: Delivery\nslug: delivery\nintents: delivery_options\n---\n\n# Delivery & more\n\n\
            ## UK delivery\nintents: delivery_options\n\nIt costs **£3**.\n\n- one\n\n## UK delivery\n\nX <b>y</b> \
            <script>alert(1)</script>\n";
        let document = parse_document(text, "file");
        assert_eq!(
            (document.slug.as_str(), document.title.as_str()),
            ("delivery", "Delivery & more")
        );
        let anchors: Vec<&str> = document.sections.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(anchors, ["uk-delivery", "uk-delivery-2"]);
        let html = document.markup().into_string();
        assert!(html.contains("<h2 id=\"uk-delivery\">UK delivery</h2>"), "{html}");
        assert!(html.contains("<strong>£3</strong>") && html.contains("<li>one</li>"), "{html}");
        assert!(!html.contains("intents") && !html.contains("<h1"), "{html}");
        assert!(!html.contains("<script") && !html.contains("<b>"), "{html}");
    }

    #[test]
    fn files_without_front_matter_are_pages_too() {
        let document = parse_document("Just words", "plain");
        assert_eq!((document.slug.as_str(), document.title.as_str()), ("plain", "plain"));
        assert_eq!(parse_document("---\ntitle: Open", "s").title, "s");
        assert_eq!(read_documents(Path::new("/nowhere")).unwrap(), []);
    }
}
