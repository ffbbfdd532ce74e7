//! What was left out of a merchant's file, and why.

use std::collections::BTreeMap;
use std::fmt;

/// Warnings kept of one kind; further ones are counted.
const MAX_OF_A_KIND: u64 = 20;
/// Kinds that are told apart; all others count as one.
const MAX_KINDS: usize = 100;
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

/// Collects the warnings of one file after another in bounded memory. Warnings are of one kind
/// when they differ only in their place, in quoted values and in numbers.
#[derive(Debug)]
pub(crate) struct Warnings {
    file: String,
    kept: Vec<Warning>,
    /// How many there are of each kind, by column and reason without its values.
    kinds: BTreeMap<String, u64>,
}

impl Warnings {
    pub(crate) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), kept: Vec::new(), kinds: BTreeMap::new() }
    }

    /// Says which file the next warnings are of.
    pub(crate) fn set_file(&mut self, file: &str) {
        if self.file != file {
            file.clone_into(&mut self.file);
        }
    }

    pub(crate) fn add(&mut self, line: u64, column: Option<&str>, reason: impl Into<String>) {
        self.add_at(Some(line), column, reason.into());
    }

    /// A warning of the whole file.
    pub(crate) fn add_of_file(&mut self, reason: impl Into<String>) {
        self.add_at(None, None, reason.into());
    }

    fn add_at(&mut self, line: Option<u64>, column: Option<&str>, reason: String) {
        let mut kind = kind_of(column, &reason);
        if self.kinds.len() >= MAX_KINDS && !self.kinds.contains_key(&kind) {
            kind = "others".to_owned();
        }
        let count = self.kinds.entry(kind).or_default();
        *count += 1;
        if *count <= MAX_OF_A_KIND {
            let (file, column) = (self.file.clone(), column.map(str::to_owned));
            self.kept.push(Warning { file, line, column, reason });
        }
    }

    /// Warnings so far, kept or not.
    pub(crate) fn count(&self) -> u64 {
        self.kinds.values().sum()
    }

    /// The first warning, as the end of an error's sentence.
    pub(crate) fn first_reason(&self) -> String {
        self.kept.first().map(|w| format!("; first: {w}")).unwrap_or_default()
    }

    /// The kept warnings in order; then one for each kind that had more, with their count.
    pub(crate) fn finish(mut self) -> Vec<Warning> {
        for (kind, count) in self.kinds.iter().filter(|(_, count)| **count > MAX_OF_A_KIND) {
            self.kept.push(Warning {
                file: self.file.clone(),
                line: None,
                column: None,
                reason: format!("{} more like \"{kind}\", {count} in all", count - MAX_OF_A_KIND),
            });
        }
        self.kept
    }
}

/// A warning without its values: what is quoted and what is a number.
fn kind_of(column: Option<&str>, reason: &str) -> String {
    let mut kind = column.map_or_else(String::new, |column| format!("{column}: "));
    let (mut is_quoted, mut is_escaped) = (false, false);
    for c in reason.chars() {
        match c {
            '"' if !is_escaped => {
                if !is_quoted {
                    kind.push('_');
                }
                is_quoted = !is_quoted;
            }
            _ if is_quoted => {}
            '0'..='9' if kind.ends_with('N') => {}
            '0'..='9' => kind.push('N'),
            _ => kind.push(c),
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    kind
}

/// A merchant's value as it can be shown in a terminal: shortened, control characters escaped.
pub(crate) fn quoted(value: &str) -> String {
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
    fn warnings_beyond_the_limit_are_counted_by_kind() {
        let mut warnings = Warnings::new("sales.csv");
        for line in 1..=1_005 {
            warnings.add(line, Some("Price"), format!("\"{line}\\\"\" is not {line} of 7"));
        }
        warnings.add(7, None, "bad");
        assert_eq!(warnings.count(), 1_006);
        let all = warnings.finish();
        assert_eq!(all.len(), 22);
        assert_eq!(all[19].to_string(), r#"sales.csv:20: Price: "20\"" is not 20 of 7"#);
        assert_eq!(all[20].to_string(), "sales.csv:7: bad");
        assert_eq!(
            all[21].to_string(),
            "sales.csv: 985 more like \"Price: _ is not N of N\", 1005 in all"
        );
    }

    #[test]
    fn kinds_without_end_are_one() {
        let mut warnings = Warnings::new("a");
        for at in 0..500 {
            warnings.add(1, None, "x".repeat(at));
        }
        assert_eq!(warnings.count(), 500);
        assert!(warnings.finish().len() <= MAX_KINDS + 21);
    }
}
