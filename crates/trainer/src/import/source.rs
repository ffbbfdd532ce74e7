//! Opening an outside file: plain or gzipped, in any encoding, telling how far it was read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::rc::Rc;

use flate2::read::MultiGzDecoder;

use super::encoding::{Found, Utf8};
use super::error::ImportError;
use crate::read::{Input, ReadError, Warnings};

/// First bytes of a gzip file (RFC 1952).
const GZIP_MARK: [u8; 2] = [0x1f, 0x8b];
/// Bytes of a file by which its format is told.
const HEAD_BYTES: u64 = 1 << 16;

/// Told how many bytes of the files (as they lie on the disk) were read by one more reading.
pub type OnBytes = Rc<dyn Fn(u64)>;

/// An outside file as UTF-8.
pub(super) struct Source {
    /// As messages show it.
    pub(super) name: String,
    /// The first bytes, which are read again.
    pub(super) head: String,
    bytes: Box<dyn BufRead>,
    found: Found,
}

impl Source {
    /// Opens a file; `expected` completes "not found; expected ...".
    pub(super) fn open(
        path: &Path,
        expected: &'static str,
        on_bytes: &OnBytes,
    ) -> Result<Self, ImportError> {
        let name = path.display().to_string();
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Err(ReadError::Missing { file: name, expected }.into());
            }
            Err(source) => return Err(ReadError::Io { file: name, source }.into()),
        };
        let told = Told { inner: file, on_bytes: on_bytes.clone() };
        Self::of_reader(name, told, expected)
    }

    /// Reads what is not a file on the disk.
    pub(super) fn of_reader(
        name: String,
        reader: impl Read + 'static,
        expected: &'static str,
    ) -> Result<Self, ImportError> {
        let mut file = BufReader::with_capacity(1 << 16, reader);
        let is_gzip = match file.fill_buf() {
            Ok(first) => first.starts_with(&GZIP_MARK),
            Err(source) => return Err(ReadError::Io { file: name, source }.into()),
        };
        let bytes: Box<dyn Read> =
            if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        let mut text = Utf8::new(bytes);
        let found = text.found();
        let mut head = Vec::new();
        if let Err(e) = text.by_ref().take(HEAD_BYTES).read_to_end(&mut head) {
            return Err(failed(&name, e));
        }
        if head.iter().all(u8::is_ascii_whitespace) {
            return Err(ReadError::Empty { file: name, expected }.into());
        }
        let shown = String::from_utf8_lossy(&head).into_owned();
        let whole = Cursor::new(head).chain(text);
        let bytes = Box::new(BufReader::with_capacity(1 << 16, whole));
        Ok(Self { name, head: shown, bytes, found })
    }

    /// For a table.
    pub(super) fn into_input(self) -> (Input, Found) {
        (Input { name: self.name, bytes: Box::new(self.bytes) }, self.found)
    }

    /// For everything else.
    pub(super) fn into_reader(self) -> (String, Box<dyn BufRead>, Found) {
        (self.name, self.bytes, self.found)
    }
}

/// The error of a file that failed while it was read.
pub(super) fn failed(file: &str, source: io::Error) -> ImportError {
    let file = file.to_owned();
    match source.kind() {
        io::ErrorKind::UnexpectedEof => ImportError::CutShort { file },
        _ => ReadError::Io { file, source }.into(),
    }
}

/// The same for what a table says.
pub(super) fn failed_table(error: ReadError) -> ImportError {
    match error {
        ReadError::Io { file, source } => failed(&file, source),
        other => other.into(),
    }
}

/// Tells of bytes that were not UTF-8.
pub(super) fn warn_of_encoding(found: &Found, warnings: &mut Warnings) {
    if let Some((bytes, line)) = found.foreign() {
        let plural = if bytes == 1 { "byte is" } else { "bytes are" };
        let reason =
            format!("{bytes} {plural} not UTF-8, the first one here; read as Windows-1252");
        warnings.add(line, None, reason);
    }
}

/// Tells of every reading.
struct Told<R> {
    inner: R,
    on_bytes: OnBytes,
}

impl<R: Read> Read for Told<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        (self.on_bytes)(count as u64);
        Ok(count)
    }
}

/// The byte that divides the cells of the first row: the most frequent of the usual ones outside
/// quotes.
pub(super) fn delimiter(head: &str) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut in_quotes = false;
    for byte in head.trim_start().bytes() {
        match byte {
            b'"' => in_quotes = !in_quotes,
            b'\n' if !in_quotes => break,
            _ if in_quotes => {}
            _ => {
                if let Some((_, count)) = counts.iter_mut().find(|(c, _)| *c == byte) {
                    *count += 1;
                }
            }
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    counts.iter().find(|(_, count)| *count == most).map_or(b',', |(byte, _)| *byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters() {
        for (head, expected) in [
            ("a,b;c,d\n;;;;;;", b','),
            ("a;b\n", b';'),
            ("\na\tb\tc,d\n", b'\t'),
            ("\"a,b,c\"|d", b'|'),
            ("alone\n", b','),
            ("", b','),
        ] {
            assert_eq!(delimiter(head), expected, "{head:?}");
        }
    }
}
