//! JSON as a stream of objects: one a line, the elements of a list, or those of a list in an
//! object. Only one of them is in memory at a time.

use std::fmt;
use std::io::BufRead;

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::error::ImportError;

use super::source::failed;
use crate::read::{MAX_RECORD_BYTES, Meter, Metered, Warnings, quoted};

/// Told of every object, with the line on which it begins.
pub(super) type Each<'a> = &'a mut dyn FnMut(u64, Value, &mut Warnings) -> Result<(), ImportError>;

/// Reads one JSON value a line. Blank lines are left out; bad ones are warnings.
pub(super) fn read_lines(
    file: &str,
    reader: Box<dyn BufRead>,
    warnings: &mut Warnings,
    each: Each<'_>,
) -> Result<(), ImportError> {
    let mut reader = Metered::new(reader);
    let mut text = String::new();
    while let Some(line) = reader.next_line(&mut text).map_err(|e| failed(file, e))? {
        if !line.is_whole {
            let reason = format!("the line is longer than {MAX_RECORD_BYTES} bytes; left out");
            warnings.add(line.number, None, reason);
        } else if !text.trim().is_empty() {
            match serde_json::from_str::<Value>(&text) {
                Ok(value) => each(line.number, value, warnings)?,
                Err(e) => {
                    let place = format!("column {}", e.column());
                    let reason = format!("not JSON: {}; line left out", without_place(&e));
                    warnings.add(line.number, Some(&place), reason);
                }
            }
        }
    }
    Ok(())
}

/// Reads the elements of a list, or of the list under `key` of an object; an object without it is
/// one element. Where the JSON breaks off, what was before is used and a warning tells the place.
pub(super) fn read_list(
    file: &str,
    reader: Box<dyn BufRead>,
    key: &'static str,
    warnings: &mut Warnings,
    each: Each<'_>,
) -> Result<(), ImportError> {
    let reader = Metered::new(reader);
    let meter = reader.meter();
    let mut stopped = None;
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let list = List { key, meter: &meter, warnings: &mut *warnings, each, stopped: &mut stopped };
    let done = list.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    stopped.map_or_else(|| ended(done, file, &meter, warnings), Err)
}

/// A member of an object.
pub(super) struct Object<'a> {
    /// The line on which its value begins.
    pub(super) line: u64,
    /// Its name.
    pub(super) key: &'a str,
    /// Its value.
    pub(super) value: &'a Value,
}

/// Told of every member.
pub(super) type EachMember<'a> =
    &'a mut dyn FnMut(Object<'_>, &mut Warnings) -> Result<(), ImportError>;

/// Reads the members of an object. Where the JSON breaks off, what was before is used and a warning
/// tells the place.
pub(super) fn read_members(
    file: &str,
    reader: Box<dyn BufRead>,
    warnings: &mut Warnings,
    each: EachMember<'_>,
) -> Result<(), ImportError> {
    let reader = Metered::new(reader);
    let meter = reader.meter();
    let mut stopped = None;
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let members = Members { meter: &meter, warnings: &mut *warnings, each, stopped: &mut stopped };
    let done = de::Deserializer::deserialize_map(&mut deserializer, members)
        .and_then(|()| deserializer.end());
    stopped.map_or_else(|| ended(done, file, &meter, warnings), Err)
}

/// The end of a reading: an error only where the file itself failed.
fn ended(
    done: serde_json::Result<()>,
    file: &str,
    meter: &Meter,
    warnings: &mut Warnings,
) -> Result<(), ImportError> {
    match done {
        Ok(()) => Ok(()),
        Err(e) if e.is_io() && e.io_error_kind() == Some(std::io::ErrorKind::UnexpectedEof) => {
            Err(ImportError::CutShort { file: file.to_owned() })
        }
        Err(e) => {
            let place = format!("column {}", e.column());
            let line = if e.line() == 0 { meter.line() } else { e.line() as u64 };
            let reason =
                format!("not JSON from here on: {}; what follows is not read", without_place(&e));
            warnings.add(line, Some(&place), reason);
            Ok(())
        }
    }
}

/// What serde says, without the place that it adds.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// The text of a string, a number or a truth value; empty for everything else.
pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(yes)) => yes.to_string(),
        _ => String::new(),
    }
}

/// The member of an object.
pub(super) fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.get(key).filter(|member| !member.is_null())
}

struct List<'a, 'b> {
    key: &'static str,
    meter: &'a Meter,
    warnings: &'a mut Warnings,
    each: Each<'b>,
    stopped: &'a mut Option<ImportError>,
}

impl List<'_, '_> {
    fn give<E: de::Error>(&mut self, line: u64, value: Value) -> Result<(), E> {
        (self.each)(line, value, self.warnings).map_err(|error| {
            *self.stopped = Some(error);
            E::custom("stopped")
        })
    }

    fn give_all<'de, A: SeqAccess<'de>>(&mut self, mut list: A) -> Result<(), A::Error> {
        loop {
            self.meter.begin_record();
            let Some((line, value)) = list.next_element_seed(Element(self.meter))? else {
                return Ok(());
            };
            self.give(line, value)?;
        }
    }
}

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list, or an object with the list {}", quoted(self.key))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, list: A) -> Result<(), A::Error> {
        self.give_all(list)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let line = self.meter.line();
        let mut members = serde_json::Map::new();
        let mut has_list = false;
        while let Some(key) = map.next_key::<String>()? {
            self.meter.begin_record();
            if key == self.key {
                has_list = true;
                map.next_value_seed(Elements(&mut self))?;
            } else if has_list {
                map.next_value::<IgnoredAny>()?;
            } else {
                members.insert(key, map.next_value()?);
            }
        }
        if has_list { Ok(()) } else { self.give(line, Value::Object(members)) }
    }
}

struct Members<'a, 'b> {
    meter: &'a Meter,
    warnings: &'a mut Warnings,
    each: EachMember<'b>,
    stopped: &'a mut Option<ImportError>,
}

impl<'de> Visitor<'de> for Members<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with one object for each entry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        loop {
            self.meter.begin_record();
            let Some(key) = map.next_key::<String>()? else { return Ok(()) };
            let line = self.meter.line();
            let value: Value = map.next_value()?;
            let object = Object { line, key: &key, value: &value };
            if let Err(error) = (self.each)(object, self.warnings) {
                *self.stopped = Some(error);
                return Err(de::Error::custom("stopped"));
            }
        }
    }
}

/// The list under the key.
struct Elements<'a, 'b, 'c>(&'a mut List<'b, 'c>);

impl<'de> DeserializeSeed<'de> for Elements<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.0.give_all(list)
    }
}

/// An element with its line.
struct Element<'a>(&'a Meter);

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = (u64, Value);

    fn deserialize<D: de::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        let line = self.0.line();
        Ok((line, de::Deserialize::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(text: &str, by_line: bool) -> (Vec<String>, Vec<String>) {
        let mut warnings = Warnings::new("f.json");
        let mut found = vec![];
        let mut each = |line: u64, value: Value, _: &mut Warnings| {
            found.push(format!("{line} {value}"));
            Ok(())
        };
        let reader = Box::new(Cursor::new(text.to_owned()));
        if by_line {
            read_lines("f.json", reader, &mut warnings, &mut each).unwrap();
        } else {
            read_list("f.json", reader, "products", &mut warnings, &mut each).unwrap();
        }
        (found, warnings.finish().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn objects_good_and_bad() {
        let deep = format!("[{}1{}]", "[".repeat(500), "]".repeat(500));
        let cases: &[(&str, bool, &[&str], &[&str])] = &[
            ("[{\"a\":1},\n\n 2]", false, &["1 {\"a\":1}", "3 2"], &[]),
            ("{\"x\":[1],\"products\":[\n1,2],\"y\":{\"z\":1}}", false, &["2 1", "2 2"], &[]),
            ("{\"a\":1}", false, &["1 {\"a\":1}"], &[]),
            (
                "{\"products\":[1,\n2,",
                false,
                &["1 1", "2 2"],
                &["f.json:2: column 2: not JSON from here on: EOF while parsing a value; what \
                   follows is not read"],
            ),
            (
                &deep,
                false,
                &[],
                &["f.json:1: column 128: not JSON from here on: recursion limit exceeded; what \
                   follows is not read"],
            ),
            (
                "3",
                false,
                &[],
                &["f.json:1: column 1: not JSON from here on: invalid type: integer \
                `3`, expected a list, or an object with the list \"products\"; what follows is \
                not read"],
            ),
            (
                "{\"a\":1}\r\n\n{\"a\":\n3",
                true,
                &["1 {\"a\":1}", "4 3"],
                &["f.json:3: column 5: not JSON: EOF while parsing a value; line left out"],
            ),
        ];
        for (text, by_line, expected, messages) in cases {
            let (found, shown) = read(text, *by_line);
            assert_eq!((found, shown), (to(expected), to(messages)), "{text}");
        }
    }

    fn to(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|t| (*t).to_owned()).collect()
    }
}
