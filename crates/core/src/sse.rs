//! Server-sent events: an incremental decoder and an encoder.
//!
//! Source: WHATWG HTML, "Interpreting an event stream". Bytes may be cut anywhere, also inside a
//! character; lines may end in LF, CR or CRLF. What exceeds [`MAX_FRAME_BYTES`] is an error, so a
//! hostile upstream cannot fill the memory.

use std::fmt::Display;

use thiserror::Error;

/// The most bytes that one frame may hold before its blank line.
pub const MAX_FRAME_BYTES: usize = 256 * 1024;

/// The longest `id:` that is kept, in bytes. Every frame carries its own copy of it.
pub const MAX_ID_BYTES: usize = 256;

/// One dispatched event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The `event:` field; empty when there was none.
    pub event: String,
    /// The `data:` lines joined by a line feed.
    pub data: String,
    /// The last `id:` seen so far, without those over [`MAX_ID_BYTES`].
    pub id: String,
}

/// Why decoding cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SseError {
    /// A frame went over [`MAX_FRAME_BYTES`].
    #[error("a server-sent event is larger than {MAX_FRAME_BYTES} bytes")]
    FrameTooLarge,
}

/// Turns chunks of bytes into frames.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    line: Vec<u8>,
    after_cr: bool,
    started: bool,
    frame: Frame,
    has_data: bool,
    frame_bytes: usize,
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next chunk and returns the frames that it completed.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<Frame>, SseError> {
        let mut frames = Vec::new();
        for &byte in chunk {
            let was_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
            match byte {
                b'\n' if was_cr => {}
                b'\n' | b'\r' => self.end_line(&mut frames),
                _ => {
                    self.frame_bytes += 1;
                    if self.frame_bytes > MAX_FRAME_BYTES {
                        return Err(SseError::FrameTooLarge);
                    }
                    self.line.push(byte);
                }
            }
        }
        Ok(frames)
    }

    fn end_line(&mut self, frames: &mut Vec<Frame>) {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let mut line: &str = &text;
        if !std::mem::replace(&mut self.started, true) {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if line.is_empty() {
            self.dispatch(frames);
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.frame.data.push('\n');
                }
                self.frame.data.push_str(value);
            }
            "event" => self.frame.event = value.to_owned(),
            "id" if !value.contains('\0') && value.len() <= MAX_ID_BYTES => {
                self.frame.id = value.to_owned()
            }
            _ => {}
        }
    }

    fn dispatch(&mut self, frames: &mut Vec<Frame>) {
        self.frame_bytes = 0;
        let id = self.frame.id.clone();
        let frame = std::mem::take(&mut self.frame);
        self.frame.id = id;
        if std::mem::take(&mut self.has_data) {
            frames.push(frame);
        }
    }
}

/// Writes one frame. `data` may hold line feeds; a carriage return, which the format takes for one,
/// becomes one. `id` is on one line.
pub fn encode(id: impl Display, event: &str, data: &str) -> String {
    let mut out = format!("id: {id}\nevent: {event}\n");
    for line in data.split(['\n', '\r']) {
        out.push_str("data: ");
        out.push_str(line);
        out.push('\n');
    }
    out.push('\n');
    out
}

/// A comment that keeps proxies from cutting a silent stream.
pub const HEARTBEAT: &str = ": keep-alive\n\n";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(chunks: &[&[u8]]) -> Vec<(String, String, String)> {
        let mut decoder = Decoder::new();
        chunks
            .iter()
            .flat_map(|c| decoder.push(c).unwrap())
            .map(|f| (f.event, f.data, f.id))
            .collect()
    }

    #[test]
    fn frames_of_the_specification() {
        let f = |e: &str, d: &str, i: &str| (e.to_owned(), d.to_owned(), i.to_owned());
        for (input, expected) in [
            ("data: a\n\n", vec![f("", "a", "")]),
            ("data: a\ndata: b\n\n", vec![f("", "a\nb", "")]),
            ("data:a\r\n\r\n", vec![f("", "a", "")]),
            ("data:a\r\r", vec![f("", "a", "")]),
            ("\u{feff}data: a\n\n", vec![f("", "a", "")]),
            (": comment\n\ndata\n\n", vec![f("", "", "")]),
            ("id: 1\nevent: x\ndata: a\n\ndata: b\n\n", vec![f("x", "a", "1"), f("", "b", "1")]),
            ("event: only\n\n", vec![]),
            ("data: unfinished", vec![]),
        ] {
            assert_eq!(decode(&[input.as_bytes()]), expected, "{input:?}");
        }
    }

    #[test]
    fn an_endless_frame_is_refused() {
        let mut decoder = Decoder::new();
        assert_eq!(decoder.push(&vec![b'a'; MAX_FRAME_BYTES]), Ok(vec![]));
        assert_eq!(decoder.push(b"a"), Err(SseError::FrameTooLarge));
    }

    #[test]
    fn a_long_id_is_not_copied_into_every_frame() {
        let long = "x".repeat(MAX_ID_BYTES + 1);
        let stream = format!("id: 7\ndata: a\n\nid: {long}\ndata: b\n\n");
        let ids: Vec<String> = decode(&[stream.as_bytes()]).into_iter().map(|f| f.2).collect();
        assert_eq!(ids, ["7", "7"]);
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(
            datas in prop::collection::vec("[^\r]{0,12}", 1..6),
            cuts in prop::collection::vec(0usize..200, 0..8),
        ) {
            let stream: String =
                datas.iter().enumerate().map(|(i, d)| encode(i as u32 + 1, "e", d)).collect();
            let bytes = stream.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c % (bytes.len() + 1)).collect();
            cuts.sort_unstable();
            let mut chunks = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([bytes.len()]) {
                chunks.push(&bytes[from..cut]);
                from = cut;
            }
            let got: Vec<String> = decode(&chunks).into_iter().map(|(_, d, _)| d).collect();
            prop_assert_eq!(got, datas);
        }

        #[test]
        fn no_data_breaks_out_of_its_frame(data in "(.|[\r\n]){0,40}", id in any::<u32>()) {
            let frames = decode(&[encode(id, "e", &data).as_bytes()]);
            let expected = ("e".to_owned(), data.replace('\r', "\n"), id.to_string());
            prop_assert_eq!(frames, [expected]);
        }

        /// What comes out is bounded by what went in, so that nothing of it is multiplied.
        #[test]
        fn any_bytes_are_survived(
            text in "((id|data|event|x)?:?[ a\u{fffd}]{0,3}[\r\n]{0,2}){0,60}",
            bytes in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            for input in [text.as_bytes(), &bytes] {
                let frames = Decoder::new().push(input).unwrap();
                // A byte that is not UTF-8 becomes a character of three.
                let out: usize = frames.iter().map(|f| f.data.len() + f.event.len()).sum();
                prop_assert!(out <= 3 * input.len());
                prop_assert!(frames.iter().all(|f| f.id.len() <= 3 * MAX_ID_BYTES));
            }
        }
    }
}
