//! Opening a merchant's file: plain or gzipped, by its first bytes.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::ReadError;

/// First bytes of a gzip file (RFC 1952).
const GZIP_MARK: [u8; 2] = [0x1f, 0x8b];

/// The bytes of a file with the name that messages show.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) bytes: Box<dyn Read>,
}

impl Input {
    /// Opens a file; `expected` completes "not found; expected ...".
    pub(crate) fn open(path: &Path, name: &str, expected: &'static str) -> Result<Self, ReadError> {
        let name = name.to_owned();
        match File::open(path) {
            Ok(file) => Self::decompress(&name, BufReader::new(file)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                Err(ReadError::Missing { file: name, expected })
            }
            Err(source) => Err(ReadError::Io { file: name, source }),
        }
    }

    fn decompress(name: &str, mut file: impl Read + 'static) -> Result<Self, ReadError> {
        let name = name.to_owned();
        let mut head = Vec::with_capacity(GZIP_MARK.len());
        if let Err(source) = file.by_ref().take(GZIP_MARK.len() as u64).read_to_end(&mut head) {
            return Err(ReadError::Io { file: name, source });
        }
        let is_gzip = head == GZIP_MARK;
        let whole = io::Cursor::new(head).chain(file);
        let bytes: Box<dyn Read> =
            if is_gzip { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) };
        Ok(Self { name, bytes })
    }

    /// The whole file as text, without a byte order mark.
    pub(crate) fn text(
        self,
        limit_bytes: u64,
        expected: &'static str,
    ) -> Result<String, ReadError> {
        let file = self.name;
        let mut bytes = Vec::new();
        if let Err(source) = self.bytes.take(limit_bytes + 1).read_to_end(&mut bytes) {
            return Err(ReadError::Io { file, source });
        }
        if bytes.len() as u64 > limit_bytes {
            return Err(ReadError::TooLarge { file, limit_bytes });
        }
        let text = String::from_utf8(bytes).map_err(|e| {
            let valid = e.as_bytes().get(..e.utf8_error().valid_up_to()).unwrap_or_default();
            ReadError::NotUtf8 { file: file.clone(), line: 1 + newlines(valid) }
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        if text.trim().is_empty() {
            return Err(ReadError::Empty { file, expected });
        }
        Ok(text)
    }

    #[cfg(test)]
    pub(crate) fn of_bytes(name: &str, bytes: &[u8]) -> Self {
        Self::decompress(name, io::Cursor::new(bytes.to_vec())).unwrap()
    }
}

/// Number of line ends.
pub(crate) fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|b| **b == b'\n').count() as u64
}

/// Text as it is shown and indexed: one line, single spaces, no control characters.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
    out
}
