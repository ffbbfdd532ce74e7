//! Examples of what shoppers write, with the intent of each.

use aisle_core::protocol::MAX_MESSAGE_CHARS;

use super::input::plain;
use super::table::Table;
use super::warning::{Warnings, quoted};
use super::{Input, ReadError, Warning};

/// What a file of examples is, for errors.
pub(super) const EXPECTED: &str =
    "tab-separated values with the columns text and intent, one message a row";

/// Messages from which on one intent for all is told.
const ENOUGH: usize = 10;

/// The intents that a shop's chat tells apart, in the order of the model's labels; the last one
/// is everything else.
pub const INTENTS: [&str; 41] = [
    "product_search",
    "product_recommend",
    "product_compare",
    "product_question",
    "size_fit",
    "availability",
    "price_promo",
    "gift_card",
    "warranty",
    "place_order",
    "change_order",
    "cancel_order",
    "track_order",
    "order_problem",
    "delivery_options",
    "delivery_time",
    "shipping_address",
    "return_policy",
    "start_return",
    "refund_request",
    "refund_status",
    "payment_methods",
    "payment_problem",
    "invoice",
    "account_create",
    "account_login",
    "account_edit",
    "account_delete",
    "loyalty",
    "newsletter",
    "leave_review",
    "store_info",
    "contact_info",
    "greeting",
    "closing",
    "affirm",
    "deny",
    "about_bot",
    "human_agent",
    "complaint",
    OUT_OF_SCOPE,
];

/// The intent of a message that a shop's chat should not answer.
pub const OUT_OF_SCOPE: &str = "out_of_scope";

/// A message with its intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What the shopper wrote, on one line.
    pub text: String,
    /// One of [`INTENTS`].
    pub intent: String,
}

/// Reads a file of examples. Rows are kept in order and as often as they occur.
pub(super) fn read_examples(input: Input) -> Result<(Vec<Example>, Vec<Warning>), ReadError> {
    read(input, &["intent"], is_intent)
}

/// Reads a file of examples with labels of its own.
pub(super) fn read_labelled(input: Input) -> Result<(Vec<Example>, Vec<Warning>), ReadError> {
    read(input, &["label", "intent"], |label| !label.is_empty())
}

fn read(
    input: Input,
    label_columns: &[&str],
    is_label: impl Fn(&str) -> bool,
) -> Result<(Vec<Example>, Vec<Warning>), ReadError> {
    let file = input.name.clone();
    let mut warnings = Warnings::new(&file);
    let mut table = Table::open(input, b'\t', EXPECTED)?;
    let text_column = table.require("text", &["text"])?;
    let intent_column = table.require("intent", label_columns)?;
    let mut examples = Vec::new();
    while let Some(row) = table.next(&mut warnings)? {
        let text = plain(row.get(text_column));
        let intent = row.get(intent_column);
        if text.is_empty() {
            warnings.add(row.line, Some("text"), "is empty; row left out");
        } else if text.chars().count() > MAX_MESSAGE_CHARS {
            let reason = format!("is longer than {MAX_MESSAGE_CHARS} characters; row left out");
            warnings.add(row.line, Some("text"), reason);
        } else if !is_label(intent) {
            let reason = format!("{} is not an intent; row left out", quoted(intent));
            warnings.add(row.line, Some("intent"), reason);
        } else {
            examples.push(Example { text, intent: intent.to_owned() });
        }
    }
    if examples.is_empty() {
        return Err(ReadError::NoUsableRow {
            file,
            rows: table.rows(),
            expected: EXPECTED,
            first_reason: warnings.first_reason(),
        });
    }
    if let Some(only) = only_intent(&examples) {
        let reason =
            format!("all messages have the intent {}; nothing is told apart by them", quoted(only));
        warnings.add_of_file(reason);
    }
    Ok((examples, warnings.finish()))
}

/// The intent of all examples, where there are enough for that to be a mistake.
fn only_intent(examples: &[Example]) -> Option<&str> {
    let first = examples.first().filter(|_| examples.len() >= ENOUGH)?;
    examples.iter().all(|e| e.intent == first.intent).then_some(first.intent.as_str())
}

/// Whether this is one of [`INTENTS`].
pub(crate) fn is_intent(name: &str) -> bool {
    INTENTS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use std::io::Write;

    fn read(bytes: &[u8]) -> Result<(Vec<Example>, Vec<Warning>), ReadError> {
        read_examples(Input::of_bytes("examples.tsv", bytes))
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Each example as "text|intent", then the warnings, or the error.
    fn check(bytes: &[u8], examples: &[&str], messages: &[&str]) {
        let (found, shown) = match read(bytes) {
            Ok((found, warnings)) => (
                found.iter().map(|e| format!("{}|{}", e.text, e.intent)).collect(),
                warnings.iter().map(Warning::to_string).collect(),
            ),
            Err(e) => (vec![], vec![e.to_string()]),
        };
        assert_eq!((found, shown), (to_strings(examples), to_strings(messages)));
    }

    fn to_strings(all: &[&str]) -> Vec<String> {
        all.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn files_good_and_bad() {
        let good = b"text\tintent\nhi\tgreeting\n";
        check(good, &["hi|greeting"], &[]);
        check(&gzip(good), &["hi|greeting"], &[]);
        check(
            b"\xef\xbb\xbfIntent\tsource\tText\r\ngreeting\tx\thi  there\r\n",
            &["hi there|greeting"],
            &[],
        );
        check(
            b"text\tintent\n\"say \"\"hi\"\"\"\tdeny\n5\" nails\tdeny",
            &["say \"hi\"|deny", "5\" nails|deny"],
            &[],
        );
        check(
            b"text\tintent\nhi\tgreting\n\tdeny\nno\n\nno\tdeny\nhi\tdeny\n\"no\tdeny\n",
            &["no|deny", "hi|deny"],
            &[
                "examples.tsv:2: intent: \"greting\" is not an intent; row left out",
                "examples.tsv:3: text: is empty; row left out",
                "examples.tsv:4: the row has 1 cells, the header has 2; row left out",
                "examples.tsv:8: a quote is opened and never closed; row left out",
            ],
        );
        check(
            format!("text\tintent\nno\tdeny\n{}\tdeny", "x".repeat(2001)).as_bytes(),
            &["no|deny"],
            &["examples.tsv:3: text: is longer than 2000 characters; row left out"],
        );
        check(b"", &[], &[&format!("examples.tsv: the file is empty; expected {EXPECTED}")]);
        check(
            b"text\tintent\n",
            &[],
            &[&format!("examples.tsv: none of its 0 rows can be used; expected {EXPECTED}")],
        );
        check(
            b"text,intent\nhi,greeting\n",
            &[],
            &[
                "examples.tsv: no column \"text\"; found \"text,intent\"; the cells seem to be divided \
               by ',', which is not what was expected",
            ],
        );
        check(
            b"text\tintent\nhi\tgreeting\ncaf\xe9\tgreeting\n",
            &[],
            &["examples.tsv:3: not UTF-8; save the file as UTF-8 and try again"],
        );
    }

    #[test]
    fn one_class_only_is_told() {
        let file = "text\tintent\n".to_owned() + &"hi\tgreeting\n".repeat(ENOUGH);
        let (examples, warnings) = read(file.as_bytes()).unwrap();
        let shown: Vec<String> = warnings.iter().map(Warning::to_string).collect();
        assert_eq!(examples.len(), ENOUGH);
        let expected = "examples.tsv: all messages have the intent \"greeting\"; nothing is told \
            apart by them";
        assert_eq!(shown, [expected]);
    }

    #[test]
    fn a_gzip_file_that_is_cut_short_is_refused() {
        let whole = gzip(b"text\tintent\nhi\tgreeting\n");
        let error = read(&whole[..whole.len() - 9]).unwrap_err();
        assert!(matches!(error, ReadError::Io { .. }), "{error}");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            rows in "([a\"\t]{0,4}\t(deny|x)?\r?\n|\n|\t){0,9}",
        ) {
            let _ = read(&bytes);
            let _ = read(&[b"text\tintent\n", rows.as_bytes(), &bytes].concat());
            let _ = read(&[&[0x1f, 0x8b], bytes.as_slice()].concat());
        }
    }
}
