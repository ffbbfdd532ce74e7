//! Tables as files: comma or tab separated, streamed one row at a time in bounded memory.

use std::io::{self, Read};
use std::mem;

use csv::{ByteRecord, ReaderBuilder, StringRecord, Terminator};

use super::input::newlines;
use super::warning::{Warnings, quoted};
use super::{Input, ReadError};

/// Longest row that is read, in bytes; a quote that is never closed would swallow the whole file.
const MAX_ROW_BYTES: u64 = 1 << 20;
/// Columns of a header that an error names.
const SHOWN_COLUMNS: usize = 20;
/// What some programs write before the first byte of a UTF-8 file.
const BYTE_ORDER_MARK: char = '\u{feff}';
/// Follows the last byte of the file. It is a row by itself unless a quote is still open.
const END: &str = "\n\u{1}end of file\u{1}\n";

/// A table that is being read.
pub(crate) struct Table {
    file: String,
    reader: csv::Reader<Metered>,
    columns: Vec<String>,
    bytes: ByteRecord,
    row: StringRecord,
    line: u64,
    rows: u64,
    ended: bool,
}

/// One row. Cells are trimmed; a column that the table lacks has empty cells.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    /// The line on which the row begins, from 1.
    pub(crate) line: u64,
    cells: &'a StringRecord,
}

impl<'a> Row<'a> {
    pub(crate) fn get(&self, column: Option<usize>) -> &'a str {
        column.and_then(|at| self.cells.get(at)).unwrap_or("").trim()
    }
}

impl Table {
    /// Reads the header. `delimiter` divides the cells.
    pub(crate) fn open(
        input: Input,
        delimiter: u8,
        expected: &'static str,
    ) -> Result<Self, ReadError> {
        let source = Metered { bytes: Box::new(input.bytes.chain(END.as_bytes())), left: 0 };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            // A carriage return before it is trimmed with the cell; lines are then counted right.
            .terminator(Terminator::Any(b'\n'))
            .from_reader(source);
        let mut table = Self {
            file: input.name,
            reader,
            columns: vec![],
            bytes: ByteRecord::new(),
            row: StringRecord::new(),
            line: 0,
            rows: 0,
            ended: false,
        };
        let mut warnings = Warnings::new(&table.file);
        if !table.read_row(&mut warnings)? {
            let first_reason = warnings.first_reason();
            return Err(if first_reason.is_empty() {
                ReadError::Empty { file: table.file, expected }
            } else {
                ReadError::NoUsableRow { file: table.file, rows: 0, expected, first_reason }
            });
        }
        table.columns =
            table.row.iter().map(|name| name.trim_matches(is_space).to_lowercase()).collect();
        Ok(table)
    }

    /// The names of the columns, in lower case.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Position of the first column that has one of these lower-case names.
    pub(crate) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.columns.iter().position(|c| c == name))
    }

    /// Like [`Table::column`], where the table is of no use without it.
    pub(crate) fn require(
        &self,
        shown: &'static str,
        names: &[&str],
    ) -> Result<Option<usize>, ReadError> {
        if let Some(at) = self.column(names) {
            return Ok(Some(at));
        }
        let mut found: Vec<String> =
            self.columns.iter().take(SHOWN_COLUMNS).map(|c| quoted(c)).collect();
        if self.columns.len() > SHOWN_COLUMNS {
            found.push(format!("{} more", self.columns.len() - SHOWN_COLUMNS));
        }
        let hint = match self.columns.as_slice() {
            [only] => [';', '\t', ',', '|'].into_iter().find(|c| only.contains(*c)),
            _ => None,
        };
        Err(ReadError::MissingColumn {
            file: self.file.clone(),
            expected: shown,
            found: found.join(", "),
            hint: hint.map_or_else(String::new, |c| {
                format!("; the cells seem to be divided by {c:?}, which is not what was expected")
            }),
        })
    }

    /// The next usable row, or nothing at the end. Misshapen rows become warnings.
    pub(crate) fn next(&mut self, warnings: &mut Warnings) -> Result<Option<Row<'_>>, ReadError> {
        while self.read_row(warnings)? {
            self.rows += 1;
            let surplus_is_empty =
                self.row.iter().skip(self.columns.len()).all(|c| c.trim().is_empty());
            if self.row.len() >= self.columns.len() && surplus_is_empty {
                return Ok(Some(Row { line: self.line, cells: &self.row }));
            }
            warnings.add(
                self.line,
                None,
                format!(
                    "the row has {} cells, the header has {}; row left out",
                    self.row.len(),
                    self.columns.len()
                ),
            );
        }
        Ok(None)
    }

    /// Rows read so far, without the header.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Reads the next row that is not blank into `self.row`; false at the end.
    fn read_row(&mut self, warnings: &mut Warnings) -> Result<bool, ReadError> {
        while !self.ended {
            self.read_any_row(warnings)?;
            let has_text = |cell: &str| !cell.trim_matches(is_space).is_empty();
            if !self.ended && (self.row.len() > 1 || self.row.iter().any(has_text)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn read_any_row(&mut self, warnings: &mut Warnings) -> Result<(), ReadError> {
        self.bytes = mem::take(&mut self.row).into_byte_record();
        self.reader.get_mut().left = MAX_ROW_BYTES;
        let start = self.reader.position().line();
        match self.reader.read_byte_record(&mut self.bytes) {
            Ok(_) => {}
            Err(_) if self.reader.get_ref().left == 0 => {
                self.ended = true;
                let reason = format!(
                    "the row is longer than {MAX_ROW_BYTES} bytes, which is what a quote that is \
                     never closed leads to; the file is not read beyond it"
                );
                warnings.add(start, None, reason);
                return Ok(());
            }
            Err(e) => {
                let source = match e.into_kind() {
                    csv::ErrorKind::Io(source) => source,
                    other => io::Error::other(format!("{other:?}")),
                };
                return Err(ReadError::Io { file: self.file.clone(), source });
            }
        }
        // Blank lines before the row are skipped by the reader, so its line is counted from its end.
        let inside: u64 = self.bytes.iter().map(newlines).sum();
        let end = self.reader.position().line();
        self.line = end.saturating_sub(inside + 1);
        self.row = StringRecord::from_byte_record(mem::take(&mut self.bytes)).map_err(|e| {
            let line = self.line + newlines_before(e);
            ReadError::NotUtf8 { file: self.file.clone(), line }
        })?;
        let last = self.row.iter().next_back().unwrap_or("");
        if last.ends_with(END) {
            // The row ends with the file and not with a line.
            self.line += 1;
            self.rows += 1;
            self.ended = true;
            warnings.add(self.line, None, "a quote is opened and never closed; row left out");
        } else if last == END.trim_matches('\n') {
            self.ended = true;
        }
        Ok(())
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || c == BYTE_ORDER_MARK
}

/// Line ends of a row before its first byte that is not UTF-8.
fn newlines_before(error: csv::FromUtf8Error) -> u64 {
    let (field, valid_up_to) = (error.utf8_error().field(), error.utf8_error().valid_up_to());
    let record = error.into_byte_record();
    let earlier: u64 = record.iter().take(field).map(newlines).sum();
    let valid = record.get(field).and_then(|cell| cell.get(..valid_up_to));
    earlier + newlines(valid.unwrap_or_default())
}

/// Gives at most `left` bytes, then fails.
struct Metered {
    bytes: Box<dyn Read>,
    left: u64,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other("the row is too long"));
        }
        let read = self.bytes.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}
