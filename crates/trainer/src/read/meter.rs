//! A reader that knows its line and refuses records without an end.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// Longest record (a line, an element of a list, an item of a feed) that is read, in bytes.
pub(crate) const MAX_RECORD_BYTES: u64 = 4 << 20;

/// Where a [`Metered`] reader is, and how much of the record it may still read.
#[derive(Clone)]
pub(crate) struct Meter {
    line: Rc<Cell<u64>>,
    left: Rc<Cell<u64>>,
}

impl Meter {
    /// The line that is being read, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.line.get()
    }

    /// Lets another whole record be read.
    pub(crate) fn begin_record(&self) {
        self.left.set(MAX_RECORD_BYTES);
    }
}

/// Counts lines, and fails when a record is longer than [`MAX_RECORD_BYTES`].
pub(crate) struct Metered<R> {
    inner: R,
    meter: Meter,
}

impl<R: BufRead> Metered<R> {
    pub(crate) fn new(inner: R) -> Self {
        let left = Rc::new(Cell::new(MAX_RECORD_BYTES));
        Self { inner, meter: Meter { line: Rc::new(Cell::new(1)), left } }
    }

    /// The meter, for use while something else reads.
    pub(crate) fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// The next line, without its end, with its number; the text is empty where the line is too long, and what is not
    /// UTF-8 in it is replaced. Nothing at the end.
    pub(crate) fn next_line(&mut self, line: &mut String) -> io::Result<Option<Line>> {
        self.meter.begin_record();
        let number = self.meter.line();
        let mut bytes = std::mem::take(line).into_bytes();
        bytes.clear();
        let (mut is_any, mut is_whole) = (false, true);
        loop {
            let available = self.inner.fill_buf()?;
            if available.is_empty() {
                break;
            }
            is_any = true;
            let end = available.iter().position(|b| *b == b'\n');
            let count = end.map_or(available.len(), |at| at + 1);
            is_whole &= (bytes.len() + count) as u64 <= MAX_RECORD_BYTES;
            if is_whole {
                bytes.extend_from_slice(available.get(..count).unwrap_or_default());
            }
            self.inner.consume(count);
            if end.is_some() {
                self.meter.line.set(number + 1);
                break;
            }
        }
        if !is_any {
            return Ok(None);
        }
        if is_whole {
            *line = String::from_utf8(bytes)
                .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
            line.truncate(line.trim_end_matches(['\r', '\n']).len());
        }
        Ok(Some(Line { number, is_whole }))
    }
}

/// A line that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// From 1.
    pub(crate) number: u64,
    /// False when it was too long, and skipped.
    pub(crate) is_whole: bool,
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = usize::try_from(self.meter.left.get()).unwrap_or(usize::MAX);
        if left == 0 {
            return Err(io::Error::other(format!(
                "longer than {MAX_RECORD_BYTES} bytes without an end"
            )));
        }
        let buffer = self.inner.fill_buf()?;
        Ok(buffer.get(..left).unwrap_or(buffer))
    }

    fn consume(&mut self, count: usize) {
        // What was given out is still there, so this reads nothing.
        let lines = match self.inner.fill_buf() {
            Ok(buffer) => {
                let used = buffer.get(..count).unwrap_or(buffer);
                used.iter().filter(|b| **b == b'\n').count() as u64
            }
            Err(_) => 0,
        };
        self.inner.consume(count);
        self.meter.line.set(self.meter.line.get() + lines);
        self.meter.left.set(self.meter.left.get().saturating_sub(count as u64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn lines_are_counted_and_long_ones_skipped() {
        let long = "x".repeat(MAX_RECORD_BYTES as usize + 1);
        let text = format!("a\n\n{long}\nb");
        let mut reader = Metered::new(BufReader::new(text.as_bytes()));
        let mut line = String::new();
        let mut all = vec![];
        while let Some(Line { number, is_whole }) = reader.next_line(&mut line).unwrap() {
            all.push((number, is_whole, line.clone()));
        }
        let expected = [(1, true, "a"), (2, true, ""), (3, false, ""), (4, true, "b")];
        assert_eq!(all, expected.map(|(n, w, l)| (n, w, l.to_owned())));
    }

    #[test]
    fn a_record_has_an_end() {
        let mut reader = Metered::new(BufReader::new(io::repeat(b'\n')));
        let meter = reader.meter();
        let read = |reader: &mut Metered<_>| io::copy(reader, &mut io::sink());
        let error = read(&mut reader).unwrap_err();
        assert_eq!(error.to_string(), "longer than 4194304 bytes without an end");
        assert_eq!(meter.line(), 1 + MAX_RECORD_BYTES);
        meter.begin_record();
        assert!(read(&mut reader).is_err());
        assert_eq!(meter.line(), 1 + 2 * MAX_RECORD_BYTES);
    }
}
