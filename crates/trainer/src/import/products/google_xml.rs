//! Google Merchant's product feed: RSS 2.0 with `item`, or Atom with `entry`, the fields in the
//! namespace `g:`.
//!
//! The XML reader knows the five entities of XML and character references, and nothing else: a
//! document type with entities is passed over, so that they neither grow nor fetch anything.

use std::collections::HashMap;
use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::item::{Item, Variant, add_tags, last_category, new_handle, to_handle};
use super::sink::{Sink, description, is_sold_out, name};
use crate::import::error::ImportError;

use crate::read::{Metered, html_to_text, plain};

/// Elements within one another that are followed; a feed has five.
const MAX_DEPTH: usize = 32;

/// Fields of an item; those that occur several times are divided by commas.
type Fields = HashMap<String, String>;

/// Reads all items. Where the XML breaks off, what was before is used and a warning tells the place.
pub(super) fn read(reader: Box<dyn BufRead>, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    let reader = Metered::new(reader);
    let meter = reader.meter();
    let mut xml = Reader::from_reader(reader);
    let config = xml.config_mut();
    config.allow_dangling_amp = true;
    config.expand_empty_elements = true;
    let mut buffer = Vec::new();
    let mut item = ItemReader::default();
    loop {
        buffer.clear();
        let event = match xml.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(e)) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
                // The compressed data ends too early: the caller knows the file's name.
                return Err(ImportError::CutShort { file: String::new() });
            }
            Err(e) => {
                let reason = format!("not XML from here on: {e}; what follows is not read");
                sink.warnings.add(meter.line(), None, reason);
                return Ok(());
            }
        };
        match event {
            Event::Eof => break,
            Event::Start(tag) => {
                if item.depth >= MAX_DEPTH {
                    let reason = format!(
                        "more than {MAX_DEPTH} elements within one another; what follows is not read"
                    );
                    sink.warnings.add(meter.line(), None, reason);
                    return Ok(());
                }
                if item.fields.is_none() {
                    meter.begin_record();
                }
                item.start(&tag, meter.line());
            }
            Event::Text(text) => item.text(&text.xml10_content()),
            Event::CData(text) => item.text(&text.xml10_content()),
            Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                Ok(Some(c)) => item.text(c.encode_utf8(&mut [0; 4])),
                _ => item.text(named(&entity.xml10_content())),
            },
            Event::End(_) => {
                if let Some((line, fields)) = item.end() {
                    meter.begin_record();
                    add(line, &fields, sink)?;
                }
            }
            _ => {}
        }
    }
    if item.depth > 0 {
        let reason = "the XML ends within an element; what it began is left out";
        sink.warnings.add(meter.line(), None, reason);
    }
    Ok(())
}

/// The entities of XML; of others nothing is known, so they are nothing.
fn named(entity: &str) -> &'static str {
    match entity {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        "nbsp" => " ",
        _ => "",
    }
}

/// An item that is being read.
#[derive(Default)]
struct ItemReader {
    /// Elements that are open.
    depth: usize,
    /// Depth of the item and its line, while one is open.
    item: Option<(usize, u64)>,
    fields: Option<Fields>,
    /// The field that is open: its depth, name and text.
    field: Option<(usize, String, String)>,
}

impl ItemReader {
    fn start(&mut self, tag: &BytesStart<'_>, line: u64) {
        self.depth += 1;
        let local = tag.local_name().as_ref().to_ascii_lowercase();
        if self.fields.is_none() {
            if matches!(local.as_str(), "item" | "entry") {
                self.item = Some((self.depth, line));
                self.fields = Some(Fields::new());
            }
            return;
        }
        if self.field.is_none() {
            // Atom's link is an attribute.
            let href = tag.try_get_attribute("href").ok().flatten();
            let text = href.map_or_else(String::new, |href| html_to_text(&href.value));
            self.field = Some((self.depth, local, text));
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((.., written)) = &mut self.field {
            written.push_str(text);
        }
    }

    /// The fields of an item that has ended, with its line.
    fn end(&mut self) -> Option<(u64, Fields)> {
        if self.field.as_ref().is_some_and(|(depth, ..)| *depth == self.depth)
            && let Some((_, name, text)) = self.field.take()
            && let Some(fields) = &mut self.fields
            && !text.trim().is_empty()
        {
            let known = fields.entry(name).or_default();
            if !known.is_empty() {
                known.push(',');
            }
            known.push_str(text.trim());
        }
        let ended = self.item.filter(|(depth, _)| *depth == self.depth);
        self.depth = self.depth.saturating_sub(1);
        let (_, line) = ended?;
        self.item = None;
        Some((line, self.fields.take()?))
    }
}

fn add(line: u64, fields: &Fields, sink: &mut Sink<'_>) -> Result<(), ImportError> {
    sink.records += 1;
    let field = |key: &str| fields.get(key).map_or("", String::as_str);
    let first = |key: &str| field(key).split(',').next().unwrap_or("").to_owned();
    let title = name(field("title"));
    if title.is_empty() {
        sink.warnings.add(line, Some("title"), "is empty; item left out");
        return Ok(());
    }
    let sku = plain(field("id"));
    let group = plain(field("item_group_id"));
    let link = field("link");
    let handle = match (group.as_str(), link) {
        (group, "") if !group.is_empty() => to_handle(group),
        _ => new_handle(link, &title, &sku),
    };
    sink.expect_currency(line, "price", field("price"), "");
    let (price_minor, compare_at_minor) =
        sink.prices(line, ("price", field("price")), ("sale_price", field("sale_price")), "");
    if field("price").is_empty() {
        sink.warnings.add(line, Some("price"), "is empty; not used");
    }
    let options: Vec<(String, String)> = [
        ("Colour", first("color")),
        ("Size", first("size")),
        ("Material", first("material")),
        ("Pattern", first("pattern")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), plain(&value)))
    .filter(|(_, value)| !value.is_empty())
    .collect();
    let mut tags = Vec::new();
    for key in ["color", "material", "pattern", "product_highlight"] {
        add_tags(&mut tags, &field(key).replace('/', ","));
    }
    let kind =
        if field("product_type").is_empty() { "google_product_category" } else { "product_type" };
    let text =
        if field("description").is_empty() { field("summary") } else { field("description") };
    let item = Item {
        title,
        description: description(text),
        vendor: name(field("brand")),
        category: last_category(first(kind).as_str()),
        tags,
        image: sink.image(line, "image_link", &first("image_link")),
        hidden: Some(false),
        variants: vec![Variant {
            sku,
            options,
            price_minor,
            compare_at_minor,
            sold_out: is_sold_out(field("availability")),
        }],
    };
    sink.push(&handle, line, !group.is_empty(), item)
}
