//! Reading an answer by its event ids: each byte once, whatever is said twice.

use crate::protocol::EventId;

/// Cuts the text that is there to what holds where a stream begins.
pub(super) fn keep_known(text: &mut String, read: EventId, begins: Option<EventId>) {
    let known = begins.filter(|id| id.epoch == read.epoch).map_or(0, |id| id.bytes as usize);
    if known < text.len() {
        let rest = text.get(..known).map_or(0, str::len);
        text.truncate(rest);
    }
}

/// What of a piece that ends at `id` was not read yet. `None` if there is something missing before
/// it, or it is of another epoch.
pub(super) fn unread(piece: &str, read: EventId, id: EventId) -> Option<&str> {
    let begins = (id.bytes as usize).checked_sub(piece.len())?;
    let known = (read.bytes as usize).checked_sub(begins).filter(|_| read.epoch == id.epoch)?;
    Some(piece.get(known..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(epoch: u32, bytes: u32) -> EventId {
        EventId { epoch, bytes }
    }

    #[test]
    fn a_stream_says_what_holds() {
        for (text, read, begins, expected) in [
            ("abc", at(1, 3), Some(at(1, 3)), "abc"),
            ("abc", at(1, 3), Some(at(1, 1)), "a"),
            ("abc", at(1, 3), Some(at(2, 0)), ""),
            ("abc", at(1, 3), Some(at(1, 9)), "abc"),
            ("aß", at(1, 3), Some(at(1, 2)), ""),
            ("abc", at(0, 0), None, ""),
            ("abc", at(1, 3), None, ""),
        ] {
            let mut kept = text.to_owned();
            keep_known(&mut kept, read, begins);
            assert_eq!(kept, expected, "{text} {read} {begins:?}");
        }
    }

    #[test]
    fn a_piece_adds_what_is_new_in_it() {
        for (piece, read, id, expected) in [
            ("def", at(1, 3), at(1, 6), Some("def")),
            ("cdef", at(1, 3), at(1, 6), Some("def")),
            ("abc", at(1, 3), at(1, 3), Some("")),
            ("b", at(1, 3), at(1, 2), Some("")),
            ("ßd", at(1, 1), at(1, 3), Some("")),
            ("ef", at(1, 3), at(1, 6), None),
            ("def", at(1, 3), at(2, 6), None),
            ("def", at(1, 3), at(1, 2), None),
        ] {
            assert_eq!(unread(piece, read, id), expected, "{piece} {read} {id}");
        }
    }
}
