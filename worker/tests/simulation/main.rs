//! The chat and the worker's turns against each other, over a network that does its worst: seeded,
//! in virtual time. Whatever happens, each message is kept exactly once and in order, and every
//! answer that is called whole has each byte once.
//!
//! `AISLE_SEEDS=100000` plays so many worlds, `AISLE_SEED=7` the one with this seed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails so")]
#![allow(unreachable_pub, reason = "a test has no outside")]

mod random;
mod server;
mod tab;
mod world;

use world::World;

/// As many as fit into ten seconds of a slow machine.
const SEEDS: u64 = 250;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

#[test]
fn each_message_is_kept_once_and_in_order() {
    let seeds = match setting("AISLE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("AISLE_SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        let played = std::panic::catch_unwind(|| World::new(seed).play());
        assert!(played.is_ok(), "the world with AISLE_SEED={seed} went wrong");
    }
}
