//! Texts with the vectors, and the intents, that larger models give them: what the base encoder is
//! taught.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::input::plain;
use super::table::Table;
use super::warning::Warnings;
use super::{INTENTS, Input, ReadError, Warning};

/// What a file of lessons is, for errors.
pub(super) const EXPECTED: &str = "tab-separated values with the columns text and vector, the \
                                   vector as signed bytes in base64; a column intents may have \
                                   the probability of each intent as bytes in base64";

/// A text and where a larger model puts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// The text, on one line.
    pub text: String,
    /// Its vector, up to a factor; all lessons of a file have one length.
    pub vector: Vec<i8>,
    /// For each of the trainer's intents the probability, in 255ths; empty where none is given.
    pub intents: Vec<u8>,
}

/// Reads a file of lessons. Those of another length than the first are left out.
pub(super) fn read_lessons(input: Input) -> Result<(Vec<Lesson>, Vec<Warning>), ReadError> {
    let file = input.name.clone();
    let mut warnings = Warnings::new(&file);
    let mut table = Table::open(input, b'\t', EXPECTED)?;
    let text_column = table.require("text", &["text"])?;
    let vector_column = table.require("vector", &["vector"])?;
    let intents_column = table.column(&["intents"]);
    let mut lessons: Vec<Lesson> = Vec::new();
    while let Some(row) = table.next(&mut warnings)? {
        let text = plain(row.get(text_column));
        let vector: Vec<i8> = match STANDARD.decode(row.get(vector_column)) {
            Ok(bytes) => bytes.into_iter().map(u8::cast_signed).collect(),
            Err(error) => {
                warnings.add(row.line, Some("vector"), format!("{error}; row left out"));
                continue;
            }
        };
        let length = lessons.first().map_or(vector.len(), |first| first.vector.len());
        if vector.is_empty() || vector.len() != length {
            let reason = format!("has {} numbers, not {length}; row left out", vector.len());
            warnings.add(row.line, Some("vector"), reason);
        } else if text.is_empty() {
            warnings.add(row.line, Some("text"), "is empty; row left out");
        } else {
            let field = row.get(intents_column);
            let intents = STANDARD.decode(field).unwrap_or_default();
            if intents.len() != if field.is_empty() { 0 } else { INTENTS.len() } {
                let reason = format!("is not one byte for each of {} intents", INTENTS.len());
                warnings.add(row.line, Some("intents"), format!("{reason}; row left out"));
                continue;
            }
            lessons.push(Lesson { text, vector, intents });
        }
    }
    if lessons.is_empty() {
        return Err(ReadError::NoUsableRow {
            file,
            rows: table.rows(),
            expected: EXPECTED,
            first_reason: warnings.first_reason(),
        });
    }
    Ok((lessons, warnings.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_rows_are_used_and_the_others_named() {
        let bytes = b"text\tvector\na mug\tAf8=\nspoilt\t!!\nlonger\tAf8B\n\tAf8=\nred\tfwA=\n";
        let (lessons, warnings) = read_lessons(Input::of_bytes("l.tsv", bytes)).unwrap();
        let shown: Vec<_> = lessons.iter().map(|l| (l.text.as_str(), l.vector.clone())).collect();
        assert_eq!(shown, [("a mug", vec![1, -1]), ("red", vec![127, 0])]);
        let lines: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(lines[1].contains("has 3 numbers, not 2"), "{lines:?}");
        assert!(read_lessons(Input::of_bytes("l.tsv", b"text\tvector\na\t?\n")).is_err());
    }
}
