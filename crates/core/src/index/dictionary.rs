//! A look at the bytes of a term dictionary before `fst` opens them.
//!
//! `fst` trusts what it reads: an address out of range makes it panic, and the checksum of a
//! hostile file can be right. Source of the layout: `fst` 0.4, format version 3, as its
//! `raw/node.rs` documents it. A node is read backwards from its address; what it leads to lies
//! before it, so a walk always ends.

/// The only format that is written.
const VERSION: u64 = 3;
/// Version and type before the nodes.
const HEADER_BYTES: usize = 16;
/// Number of keys, root address and checksum behind the nodes.
const FOOTER_BYTES: usize = 20;
/// Address of the node that is final and leads nowhere; it has no bytes.
const EMPTY: usize = 0;
/// A node with more ways than this has a table of 256 bytes that finds them.
const TABLE_FROM: usize = 32;
/// Numbers of term groups are of 32 bits, so that no sum of outputs on a path overflows.
const MAX_OUTPUT_BYTES: usize = 4;

/// Whether `fst` can open the bytes and walk them without harm: every node lies inside, and every
/// way leads to a word.
pub(super) fn is_sound(bytes: &[u8]) -> bool {
    walk(bytes).is_some()
}

/// `None` at the first thing that is wrong.
fn walk(bytes: &[u8]) -> Option<()> {
    let nodes = bytes.len().checked_sub(FOOTER_BYTES)?;
    let root = usize::try_from(number(bytes, nodes.checked_add(8)?, 8)?).ok()?;
    if number(bytes, 0, 8)? != VERSION {
        return None;
    }
    if root == EMPTY {
        return (nodes == HEADER_BYTES).then_some(());
    }
    if root.checked_add(1)? != nodes {
        return None;
    }
    let mut seen = vec![false; nodes];
    let (mut left, mut ways) = (vec![root], Vec::new());
    while let Some(at) = left.pop() {
        let is_final = node(bytes, at, &mut ways)?;
        // A dictionary without words is a root that leads nowhere.
        if !is_final && ways.is_empty() && at != root {
            return None;
        }
        for next in ways.drain(..).filter(|next| *next != EMPTY) {
            if !std::mem::replace(seen.get_mut(next)?, true) {
                left.push(next);
            }
        }
    }
    Some(())
}

/// Reads the node whose last byte is at `at`: whether a word ends there. The addresses of the nodes
/// that it leads to are appended to `ways`.
fn node(bytes: &[u8], at: usize, ways: &mut Vec<usize>) -> Option<bool> {
    let state = *bytes.get(at)?;
    let low = usize::from(state & 0b0011_1111);
    match state >> 6 {
        // One way, to the node right before; the low bits may hold its letter.
        0b11 => {
            let first = before(at, usize::from(low == 0))?;
            ways.push(before(first, 1)?);
            Some(false)
        }
        // One way, to anywhere before; the low bits may hold its letter.
        0b10 => {
            let sizes_at = before(at, usize::from(low == 0))?.checked_sub(1)?;
            let (way, output) = sizes(bytes, sizes_at)?;
            let ways_at = before(sizes_at, way)?;
            let first = before(ways_at, output)?;
            ways.push(next(bytes, ways_at, way, first)?);
            Some(false)
        }
        // Any number of ways, in the low bits if it fits there.
        bits => {
            let is_final = bits == 0b01;
            let counted_at = before(at, usize::from(low == 0))?;
            let count = match (low, *bytes.get(counted_at)?) {
                (0, 1) => 256,
                (0, count) => usize::from(count),
                (low, _) => low,
            };
            let sizes_at = before(counted_at, 1)?;
            let (way, output) = sizes(bytes, sizes_at)?;
            let table: usize = if count > TABLE_FROM { 256 } else { 0 };
            let letters_at = before(sizes_at, table.checked_add(count)?)?;
            let ways_at = before(letters_at, count.checked_mul(way)?)?;
            let outputs = count.checked_add(usize::from(is_final))?.checked_mul(output)?;
            let first = before(ways_at, outputs)?;
            for i in 0..count {
                let start = ways_at.checked_add(i.checked_mul(way)?)?;
                ways.push(next(bytes, start, way, first)?);
            }
            Some(is_final)
        }
    }
}

/// The place so many bytes before, if that is still among the nodes.
fn before(at: usize, bytes: usize) -> Option<usize> {
    at.checked_sub(bytes).filter(|at| *at >= HEADER_BYTES)
}

/// Bytes of an address and of an output.
fn sizes(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let packed = *bytes.get(at)?;
    let (way, output) = (usize::from(packed >> 4), usize::from(packed & 0b1111));
    (way <= 8 && output <= MAX_OUTPUT_BYTES).then_some((way, output))
}

/// Where a way leads: its distance is counted from the first byte of its node.
fn next(bytes: &[u8], at: usize, size: usize, first: usize) -> Option<usize> {
    match usize::try_from(number(bytes, at, size)?).ok()? {
        0 => Some(EMPTY),
        distance => before(first, distance),
    }
}

/// A little-endian number of 1 to 8 bytes.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    if size == 0 {
        return None;
    }
    let digits = bytes.get(at..at.checked_add(size)?)?;
    Some(digits.iter().rev().fold(0, |sum, digit| sum << 8 | u64::from(*digit)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fst::automaton::{Automaton, Str};
    use fst::{IntoStreamer, Map, Streamer};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn build(words: &BTreeMap<Vec<u8>, u32>) -> Vec<u8> {
        let mut builder = fst::MapBuilder::memory();
        builder.extend_iter(words.iter().map(|(word, group)| (word, u64::from(*group)))).unwrap();
        builder.into_inner().unwrap()
    }

    /// Walks a dictionary in every way that a search does.
    fn use_it(bytes: Vec<u8>) {
        let map = Map::new(bytes).unwrap();
        let mut all = map.stream();
        let mut words: Vec<Vec<u8>> = Vec::new();
        while let Some((word, _)) = all.next() {
            words.push(word.to_vec());
            if words.len() > 300 {
                break;
            }
        }
        for word in words.iter().chain([&b"xyz".to_vec(), &vec![0xff; 3], &vec![]]) {
            let _ = map.get(word);
            let prefix = String::from_utf8_lossy(word);
            let mut found = map.search(Str::new(&prefix).starts_with()).into_stream();
            for _ in 0..50 {
                if found.next().is_none() {
                    break;
                }
            }
        }
    }

    #[test]
    fn the_smallest_dictionaries_are_sound() {
        for words in [vec![], vec![""], vec!["a"], vec!["", "a"], vec!["a", "ab", "b"]] {
            let words = words.iter().map(|w| (w.as_bytes().to_vec(), 0)).collect();
            assert!(is_sound(&build(&words)), "{words:?}");
        }
        // More than 32 ways, and all 256.
        for last in [32u8, 33, 254, 255] {
            let words = (0..=last).map(|b| (vec![b], u32::MAX - u32::from(b))).collect();
            assert!(is_sound(&build(&words)), "{last}");
        }
    }

    #[test]
    fn what_leads_outside_or_nowhere_is_not_sound() {
        let good = build(&BTreeMap::from([(b"mug".to_vec(), 7), (b"mugs".to_vec(), 8)]));
        assert!(is_sound(&good));
        let with = |at: usize, value: u64| {
            let mut bytes = good.clone();
            bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
            bytes
        };
        let root_at = good.len() - 12;
        for bytes in [
            with(0, 2),
            with(0, 4),
            with(root_at, 0),
            with(root_at, 1),
            with(root_at, u64::MAX),
            with(root_at, good.len() as u64),
            good[..good.len() - 1].to_vec(),
            good[1..].to_vec(),
            vec![],
            vec![0; 36],
        ] {
            assert!(!is_sound(&bytes), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_built_is_sound(
            words in prop::collection::btree_map(
                prop::collection::vec(any::<u8>(), 0..6), any::<u32>(), 0..200,
            ),
        ) {
            prop_assert!(is_sound(&build(&words)));
        }

        #[test]
        fn what_is_sound_does_no_harm(
            words in prop::collection::btree_map("[a-c]{0,5}", 0u32..70_000, 0..40),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let words = words.into_iter().map(|(w, g)| (w.into_bytes(), g)).collect();
            let mut bytes = build(&words);
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if is_sound(&bytes) {
                use_it(bytes);
            }
        }
    }
}
