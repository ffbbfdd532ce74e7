//! The fuzz targets as tests: the seeds, seeds with a few changes, and arbitrary bytes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed set-up is a failed test")]

#[path = "../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "a library of its own for the fuzz targets")]
mod targets;

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index as Place;

/// What means something in one of the formats.
const TELLING: &[&str] = &[
    "\"",
    ",",
    ";",
    "\t",
    "|",
    "\n",
    "\r\n",
    "<",
    ">",
    "&amp;",
    "&lt;/b&gt;",
    "</",
    "{",
    "}",
    "[",
    "]",
    ":",
    "null",
    "-1",
    "1e999",
    "99999999999",
    "é",
    "\u{feff}",
    "\0",
    "\u{1}",
    "\\u0000",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "Default Title",
    "id:11",
    "🫖",
    "İ",
    " ",
    "#",
    "C1",
];

/// The seeds of a target, by name.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// A seed with pieces put in, taken out, doubled, or cut off.
fn changed(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let change = (any::<Place>(), any::<Place>(), 0_u8..5, prop::sample::select(TELLING.to_vec()));
    (prop::sample::select(seeds(target)), vec(change, 1..5)).prop_map(|(mut bytes, changes)| {
        for (from, to, kind, piece) in changes {
            let (from, to) = (from.index(bytes.len() + 1), to.index(bytes.len() + 1));
            let (from, to) = (from.min(to), from.max(to));
            match kind {
                0 => bytes.truncate(to),
                1 => drop(bytes.drain(from..to.min(from + 20))),
                2 => drop(bytes.splice(to..to, bytes[from..to].to_vec())),
                _ => drop(bytes.splice(from..from, piece.bytes())),
            }
        }
        bytes
    })
}

/// A test of each target that runs its seeds, and a property over changed ones.
macro_rules! targets {
    ($($target:ident),+ $(,)?) => {
        #[test]
        fn the_seeds_hold() {
            $(for seed in seeds(stringify!($target)) {
                targets::$target(&seed);
            })+
        }

        proptest! {
            #![proptest_config(ProptestConfig::with_cases(64))]
            $(#[test]
            fn $target(
                near in changed(stringify!($target)),
                far in vec(any::<u8>(), 0..200),
            ) {
                targets::$target(&near);
                targets::$target(&far);
            })+
        }
    };
}

targets!(
    shopify_csv,
    shopify_json,
    woocommerce_csv,
    plain_csv,
    ndjson,
    google_xml,
    json_ld,
    store_json,
    any_products,
    orders,
    order_table,
    order_folder,
    reviews,
    chats,
    sales,
);
