//! What redaction finds and what it leaves: in sentences with made-up personal data, where
//! `../shared` has them, and in the shoppers' messages that the trainer learns from.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use aisle_core::redact::redact;
use flate2::read::GzDecoder;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Sentences of Presidio's generator (MIT), where they are: text and its spans, by half.
fn sentences() -> Option<[Vec<Value>; 2]> {
    let file = File::open(root().join("../shared/data/hostile/presidio_synth_pii_v2.json.gz"));
    let mut json = String::new();
    GzDecoder::new(file.ok()?).read_to_string(&mut json).unwrap();
    let all: Vec<Value> = serde_json::from_str(&json).unwrap();
    let (even, odd) =
        all.into_iter().partition(|sentence| fnv(text_of(sentence)).is_multiple_of(2));
    Some([even, odd])
}

/// The hash FNV-1a of 64 bits: a half stays what it is, whatever else the file has.
fn fnv(text: &str) -> u64 {
    let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
}

fn text_of(sentence: &Value) -> &str {
    sentence["full_text"].as_str().unwrap()
}

/// Of each entity how many there are, and how many of them have none of their characters left.
fn recall(sentences: &[Value]) -> BTreeMap<String, (u32, u32)> {
    let mut counts = BTreeMap::new();
    for sentence in sentences {
        let text = text_of(sentence);
        let found = redact(text).found;
        let byte = |char: u64| {
            let mut starts = text.char_indices().map(|(at, _)| at);
            starts.nth(char as usize).unwrap_or(text.len())
        };
        for span in sentence["spans"].as_array().unwrap() {
            let [from, to] =
                ["start_position", "end_position"].map(|key| byte(span[key].as_u64().unwrap()));
            let is_found = found.iter().any(|f| f.range.start <= from && to <= f.range.end);
            let entity = span["entity_type"].as_str().unwrap();
            let (all, hit): &mut (u32, u32) = counts.entry(entity.to_owned()).or_default();
            *all += 1;
            *hit += u32::from(is_found);
        }
    }
    counts
}

#[test]
fn personal_data_is_found() {
    let Some(halves) = sentences() else { return };
    let [developed_on, held_out] = halves.map(|half| recall(&half));
    println!("developed on: {developed_on:?}\nheld out: {held_out:?}");
    for (entity, least) in [
        ("CREDIT_CARD", 0.99),
        ("EMAIL_ADDRESS", 0.99),
        ("IBAN_CODE", 0.99),
        ("PHONE_NUMBER", 0.95),
    ] {
        let (all, found) = (
            developed_on[entity].0 + held_out[entity].0,
            developed_on[entity].1 + held_out[entity].1,
        );
        assert!(f64::from(found) >= least * f64::from(all), "{entity}: {found} of {all}");
    }
}

/// Of the messages that the trainer learns from, fewer than one in five hundred has an address or
/// a number of somebody's; the rest must stay as they are.
#[test]
fn clean_messages_are_left_alone() {
    let messages = fs::read_to_string(root().join("crates/trainer/data/messages.tsv")).unwrap();
    let texts = messages.lines().skip(1).filter_map(|line| line.split_once('\t'));
    let mut touched = Vec::new();
    let mut count = 0;
    for (text, _) in texts {
        let redacted = redact(text);
        count += 1;
        if !redacted.found.is_empty() {
            touched.push(format!("{text} -> {}", redacted.text));
        }
    }
    assert!(count > 20_000);
    assert!(touched.len() * 500 <= count, "{} of {count}:\n{}", touched.len(), touched.join("\n"));
}
