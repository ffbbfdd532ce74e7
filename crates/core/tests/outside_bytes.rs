//! The fuzz targets as property tests: arbitrary bytes, bytes of about the right shape, and good
//! files with a few bytes changed.

#[path = "../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "a library of its own for the fuzz targets")]
mod targets;

use aisle_core::artifact::{ARTIFACT_FORMAT, FileCheck, Manifest, Thresholds};
use aisle_core::index::Index;
use aisle_core::text::FEATURISER_VERSION;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index as Place;

const TURN: &str = include_str!("../../../tests/fixtures/protocol/turn_request_full.json");
const STREAM: &str = include_str!("../../../tests/fixtures/protocol/answer.sse");

fn manifest() -> String {
    let manifest = Manifest {
        format: ARTIFACT_FORMAT,
        featuriser: FEATURISER_VERSION,
        seed: 1,
        shop: "Shop".into(),
        currency: "GBP".into(),
        labels: vec!["greeting".into()],
        vector_length: 64,
        temperature: 1.5,
        thresholds: Thresholds { min_probability: 0.5, min_margin: 0.25, in_scope: 0.25 },
        files: [("index.bin".to_owned(), FileCheck::of(b"abc"))].into(),
        evaluation: [("accuracy".to_owned(), 0.75)].into(),
    };
    serde_json::to_string(&manifest).unwrap_or_default()
}

/// The text with a few bytes changed to what means something in JSON.
fn changed(text: String) -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::sample::select(b"0123456789-+.eE{}[]\",:\\ntfu \xff\0".to_vec());
    vec((any::<Place>(), bytes), 0..4).prop_map(move |changes| {
        let mut bytes = text.clone().into_bytes();
        for (place, byte) in changes {
            if let Some(at) = bytes.get_mut(place.index(text.len())) {
                *at = byte;
            }
        }
        bytes
    })
}

#[test]
fn the_good_ones_are_good() {
    assert!(Index::open(targets::small_index_bytes()).is_ok());
    assert!(Manifest::parse(manifest().as_bytes()).is_ok());
}

proptest! {
    #[test]
    fn streams(bytes in vec(any::<u8>(), 0..400), near in changed(STREAM.into()), cut: u8) {
        targets::sse(&bytes);
        targets::sse(&[&[cut], near.as_slice()].concat());
    }

    #[test]
    fn indexes(bytes in vec(any::<u8>(), 0..200), few in vec(any::<u8>(), 0..12)) {
        targets::index(&bytes);
        targets::index(&few);
    }

    #[test]
    fn manifests(bytes in vec(any::<u8>(), 0..200), near in changed(manifest())) {
        targets::manifest(&bytes);
        targets::manifest(&near);
    }

    #[test]
    fn turns(bytes in vec(any::<u8>(), 0..200), near in changed(TURN.into())) {
        targets::turn(&bytes);
        targets::turn(&near);
    }

    #[test]
    fn texts(bytes in vec(any::<u8>(), 0..300), near in "(.|[ '’?£\\n]|mug|retrn|İ|ﷺ){0,60}") {
        targets::text(&bytes);
        targets::text(near.as_bytes());
    }
}
