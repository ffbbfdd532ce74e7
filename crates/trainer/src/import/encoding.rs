//! Any of the encodings that shops' files come in, to UTF-8, as a stream.
//!
//! A byte order mark decides; without one, a NUL in every other byte means UTF-16. Everything else
//! is read as UTF-8, and what is not UTF-8 byte by byte as Windows-1252, which contains Latin-1: a
//! text in one of the two is almost never valid in the other.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 1 << 16;

/// What was found in the file, shared with whoever reports it.
#[derive(Clone, Default)]
pub(super) struct Found {
    /// Bytes that were not UTF-8.
    foreign: Rc<Cell<u64>>,
    /// Line of the first one, from 1.
    line: Rc<Cell<u64>>,
}

impl Found {
    /// Bytes that were not UTF-8, with the line of the first; nothing when there were none.
    pub(super) fn foreign(&self) -> Option<(u64, u64)> {
        Some((self.foreign.get(), self.line.get())).filter(|(bytes, _)| *bytes > 0)
    }
}

enum Encoding {
    Unknown,
    Utf8,
    Utf16(Decoder),
}

/// Reads UTF-8 from whatever the inner reader gives.
pub(super) struct Utf8<R> {
    inner: R,
    encoding: Encoding,
    /// Bytes that are not decoded yet.
    raw: Vec<u8>,
    /// Decoded text from `at` on.
    out: String,
    at: usize,
    ended: bool,
    lines: u64,
    found: Found,
}

impl<R: Read> Utf8<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            encoding: Encoding::Unknown,
            raw: Vec::new(),
            out: String::new(),
            at: 0,
            ended: false,
            lines: 1,
            found: Found::default(),
        }
    }

    /// What is found while reading goes on.
    pub(super) fn found(&self) -> Found {
        self.found.clone()
    }

    fn fill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.is_empty() && !self.ended {
            let before = self.raw.len();
            self.inner.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut self.raw)?;
            self.ended = self.raw.len() - before < CHUNK_BYTES;
            if let Encoding::Unknown = self.encoding {
                self.encoding = detect(&mut self.raw);
            }
            match &mut self.encoding {
                Encoding::Utf16(decoder) => {
                    // Each of the two-byte units takes three bytes of UTF-8 at most.
                    self.out.reserve(2 * self.raw.len() + 16);
                    let _ = decoder.decode_to_string(&self.raw, &mut self.out, self.ended);
                    self.raw.clear();
                }
                _ => self.decode_utf8(),
            }
        }
        Ok(())
    }

    fn decode_utf8(&mut self) {
        let raw = std::mem::take(&mut self.raw);
        let mut rest = raw.as_slice();
        while !rest.is_empty() {
            let error = match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.push(text);
                    return;
                }
                Err(error) => error,
            };
            let (valid, after) = rest.split_at(error.valid_up_to());
            self.push(std::str::from_utf8(valid).unwrap_or(""));
            let bad = match error.error_len() {
                // A character that goes on in the next chunk.
                None if !self.ended => {
                    self.raw.extend_from_slice(after);
                    return;
                }
                None => after.len(),
                Some(bytes) => bytes,
            };
            let (bad, after) = after.split_at(bad.min(after.len()));
            if self.found.foreign.get() == 0 {
                self.found.line.set(self.lines);
            }
            self.found.foreign.set(self.found.foreign.get() + bad.len() as u64);
            self.out.push_str(&WINDOWS_1252.decode_without_bom_handling(bad).0);
            rest = after;
        }
    }

    fn push(&mut self, text: &str) {
        if self.found.foreign.get() == 0 {
            self.lines += text.bytes().filter(|b| *b == b'\n').count() as u64;
        }
        self.out.push_str(text);
    }
}

/// Decides by the first bytes, and takes a byte order mark off.
fn detect(raw: &mut Vec<u8>) -> Encoding {
    let (encoding, mark) = match raw.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
        [0xff, 0xfe, ..] => (Encoding::Utf16(UTF_16LE.new_decoder_without_bom_handling()), 2),
        [0xfe, 0xff, ..] => (Encoding::Utf16(UTF_16BE.new_decoder_without_bom_handling()), 2),
        [1..=255, 0, 1..=255, 0, ..] => {
            (Encoding::Utf16(UTF_16LE.new_decoder_without_bom_handling()), 0)
        }
        [0, 1..=255, 0, 1..=255, ..] => {
            (Encoding::Utf16(UTF_16BE.new_decoder_without_bom_handling()), 0)
        }
        _ => (Encoding::Utf8, 0),
    };
    raw.drain(..mark);
    encoding
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.out.len() {
            self.fill()?;
        }
        let left = self.out.as_bytes().get(self.at..).unwrap_or_default();
        let count = left.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), left.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives its bytes a few at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            let (now, later) = self.0.split_at(count);
            buffer[..count].copy_from_slice(now);
            self.0 = later;
            Ok(count)
        }
    }

    fn decode(bytes: &[u8]) -> (String, Option<(u64, u64)>) {
        let mut reader = Utf8::new(Slow(bytes, 3));
        let found = reader.found();
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        (text, found.foreign())
    }

    #[test]
    fn encodings() {
        let utf16 = |text: &str, swap: bool| -> Vec<u8> {
            let unit = |u: u16| if swap { u.to_be_bytes() } else { u.to_le_bytes() };
            text.encode_utf16().flat_map(unit).collect()
        };
        for (bytes, expected, foreign) in [
            ("Café €".as_bytes().to_vec(), "Café €", None),
            (b"\xef\xbb\xbfa".to_vec(), "a", None),
            (utf16("\u{feff}Café 🫖", false), "Café 🫖", None),
            (utf16("\u{feff}Café 🫖", true), "Café 🫖", None),
            (utf16("id;é", false), "id;é", None),
            (utf16("id;é", true), "id;é", None),
            (b"a\nCaf\xe9 \x80\n".to_vec(), "a\nCafé €\n", Some((2, 2))),
            (b"mixed \xc3\xa9 \xe9".to_vec(), "mixed é é", Some((1, 1))),
            (b"cut \xc3".to_vec(), "cut Ã", Some((1, 1))),
            (b"".to_vec(), "", None),
        ] {
            assert_eq!(decode(&bytes), (expected.to_owned(), foreign), "{bytes:?}");
        }
    }

    #[test]
    fn a_character_may_lie_across_chunks() {
        let text = "x".repeat(CHUNK_BYTES - 1) + "é🫖" + &"y".repeat(CHUNK_BYTES);
        assert_eq!(decode(text.as_bytes()), (text, None));
    }

    proptest! {
        #[test]
        fn utf8_is_kept_and_no_bytes_panic(
            text in "[^\0\u{feff}]{0,40}",
            bytes in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            prop_assert_eq!(decode(text.as_bytes()), (text, None));
            let _ = decode(&bytes);
        }
    }
}
