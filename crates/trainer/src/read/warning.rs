//! What was left out of a merchant's file, and why.

use std::fmt;

/// Warnings kept of one file; further ones are counted.
const MAX_KEPT: usize = 1_000;
/// Characters of a value that are shown.
const SHOWN_CHARS: usize = 40;

/// Something in a file that was left out or corrected; the rest was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The file, relative to the shop's folder where it is in it.
    pub file: String,
    /// The line, from 1; of a quoted cell, the line on which its row begins.
    pub line: Option<u64>,
    /// The column, key or part of the document.
    pub column: Option<String>,
    /// What is wrong and what was done. Values in it are quoted, with control characters escaped.
    pub reason: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ": {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Collects the warnings of one file in bounded memory.
#[derive(Debug)]
pub(super) struct Warnings {
    file: String,
    kept: Vec<Warning>,
    more: u64,
}

impl Warnings {
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), kept: Vec::new(), more: 0 }
    }

    pub(super) fn add(&mut self, line: u64, column: Option<&str>, reason: impl Into<String>) {
        if self.kept.len() >= MAX_KEPT {
            self.more += 1;
            return;
        }
        self.kept.push(Warning {
            file: self.file.clone(),
            line: Some(line),
            column: column.map(str::to_owned),
            reason: reason.into(),
        });
    }

    /// The first warning, as the end of an error's sentence.
    pub(super) fn first_reason(&self) -> String {
        self.kept.first().map(|w| format!("; first: {w}")).unwrap_or_default()
    }

    /// All warnings; a last one tells how many were not kept.
    pub(super) fn finish(mut self) -> Vec<Warning> {
        if self.more > 0 {
            self.kept.push(Warning {
                file: self.file,
                line: None,
                column: None,
                reason: format!("{} more warnings like these", self.more),
            });
        }
        self.kept
    }
}

/// A merchant's value as it can be shown in a terminal: shortened, control characters escaped.
pub(super) fn quoted(value: &str) -> String {
    let shown: String = value.chars().take(SHOWN_CHARS).collect();
    let dots = if shown.len() < value.len() { "..." } else { "" };
    format!("{shown:?}{dots}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_reads_as_a_place_and_a_reason() {
        let check = |line, column: Option<&str>, expected: &str| {
            let (file, column) = ("products.csv".to_owned(), column.map(str::to_owned));
            let reason = "is empty".to_owned();
            assert_eq!(Warning { file, line, column, reason }.to_string(), expected);
        };
        check(Some(12), Some("Title"), "products.csv:12: Title: is empty");
        check(Some(12), None, "products.csv:12: is empty");
        check(None, None, "products.csv: is empty");
    }

    #[test]
    fn values_cannot_write_to_the_terminal() {
        assert_eq!(quoted("a\u{1b}[31mb"), r#""a\u{1b}[31mb""#);
        assert_eq!(quoted(&"x".repeat(50)), format!("\"{}\"...", "x".repeat(40)));
    }

    #[test]
    fn warnings_beyond_the_limit_are_counted() {
        let mut warnings = Warnings::new("sales.csv");
        for line in 0..1_005 {
            warnings.add(line, None, "bad");
        }
        let all = warnings.finish();
        assert_eq!(all.len(), 1_001);
        assert_eq!(all[1_000].to_string(), "sales.csv: 5 more warnings like these");
    }
}
