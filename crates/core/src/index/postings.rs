//! Posting lists: variable-length document deltas, each with a one-byte impact.
//!
//! The impact is the document's BM25 contribution for the term, computed when the index is built
//! and scaled to 0..=255 (impact-ordered scoring: Anh and Moffat, 2005).

/// A document that has a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// Number of the document.
    pub document: u32,
    /// What the term contributes, 0 to 255.
    pub impact: u8,
}

/// Appends a list that is in ascending order of document.
pub(super) fn encode(list: &[Posting], out: &mut Vec<u8>) {
    let mut previous = 0;
    for posting in list {
        let mut delta = posting.document - previous;
        previous = posting.document;
        while delta >= 0x80 {
            out.push((delta & 0x7f) as u8 | 0x80);
            delta >>= 7;
        }
        out.push(delta as u8);
        out.push(posting.impact);
    }
}

/// Reads a list; stops at the first byte that makes no sense.
pub(super) fn decode(bytes: &[u8]) -> impl Iterator<Item = Posting> {
    let mut rest = bytes.iter();
    let mut document: u32 = 0;
    std::iter::from_fn(move || {
        let mut delta: u32 = 0;
        let mut shift = 0;
        loop {
            let byte = *rest.next()?;
            delta |= u32::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
        }
        let impact = *rest.next()?;
        document = document.checked_add(delta)?;
        Some(Posting { document, impact })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lists_come_back_as_they_went(
            documents in prop::collection::btree_set(0u32..4_000_000, 0..50),
            impact in any::<u8>(),
        ) {
            let list: Vec<Posting> =
                documents.into_iter().map(|document| Posting { document, impact }).collect();
            let mut bytes = Vec::new();
            encode(&list, &mut bytes);
            prop_assert_eq!(decode(&bytes).collect::<Vec<_>>(), list);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(decode(&bytes).count() <= bytes.len());
        }
    }
}
