//! The rules of the house that no compiler checks. ARCHITECTURE.md says what they are for.

mod confinement;
mod dependencies;
mod layout;
mod text;
mod versions;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

use crate::project::Project;

/// Folders that are nobody's source.
const NOT_SOURCE: [&str; 3] = [".git", "node_modules", "target"];

// Reasons of rules for both manifests and sources.
const WHY_PURE: &str = "core takes time and randomness as arguments and does no input or output";
const WHY_FEW_WEB: &str = "only what is rendered, and the worker's one layer over its \
     runtime, touch web interfaces";
const WHY_ONE_TRACT: &str = "tract is large: it has one home, which nothing small uses";

/// The repository's files by their path from the root, with `/` on every system. A file that is no
/// text counts as empty.
#[derive(Default)]
struct Tree {
    files: BTreeMap<String, String>,
}

/// A place that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    file: String,
    /// From 1.
    line: usize,
    what: String,
    why: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.file, self.line, self.what, self.why)
    }
}

impl Violation {
    fn new(file: &str, line: usize, what: impl Into<String>, why: &'static str) -> Self {
        Self { file: file.to_owned(), line, what: what.into(), why }
    }
}

/// Checks every rule.
///
/// # Errors
/// When one is broken; the places are on standard error.
pub(crate) fn check(project: &Project) -> Result<()> {
    let tree = read(project)?;
    let packages = dependencies::packages(project)?;
    let mut violations = dependencies::check(&packages, &tree);
    violations.extend(versions::check(&tree)?);
    violations.extend(confinement::check(&tree));
    violations.extend(text::check(&tree));
    violations.extend(layout::check(&tree));
    violations.sort();
    for violation in &violations {
        eprintln!("{violation}");
    }
    if !violations.is_empty() {
        bail!("{} places break the rules of the house", violations.len());
    }
    eprintln!("ok    {} files are tidy", tree.files.len());
    Ok(())
}

fn read(project: &Project) -> Result<Tree> {
    let mut tree = Tree::default();
    let entries = WalkDir::new(&project.root).into_iter().filter_entry(|entry| {
        let is_skipped = NOT_SOURCE.iter().any(|name| entry.file_name() == *name);
        !is_skipped && entry.path() != project.target
    });
    for entry in entries {
        let entry = entry.context("reading the repository")?;
        let (true, Ok(inside)) =
            (entry.file_type().is_file(), entry.path().strip_prefix(&project.root))
        else {
            continue;
        };
        let content = fs::read(entry.path()).with_context(|| entry.path().display().to_string())?;
        let text = String::from_utf8(content).unwrap_or_default();
        tree.files.insert(inside.to_string_lossy().replace('\\', "/"), text);
    }
    Ok(tree)
}

/// The number of the line, from 1, at a byte of a text.
fn line_at(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count()
}

/// The bytes where `word` stands in `text` and no identifier goes on before or after it.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).map(|(byte, _)| byte).filter(move |byte| {
        let before = text.get(..*byte).and_then(|text| text.chars().next_back());
        let after = text.get(byte + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree of these files.
    pub(super) fn tree(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Tree { files: files.collect() }
    }

    /// Each violation without its reason.
    pub(super) fn places(violations: &[Violation]) -> Vec<String> {
        let places = violations.iter().map(|v| format!("{}:{}: {}", v.file, v.line, v.what));
        places.collect()
    }

    #[test]
    fn a_violation_reads_as_place_what_and_why() {
        let violation = Violation::new("a/b.rs", 7, "is wrong", "it should be right");
        assert_eq!(violation.to_string(), "a/b.rs:7: is wrong; it should be right");
    }

    #[test]
    fn words_have_ends() {
        assert_eq!(words("abc abcd _abc (abc)", "abc").collect::<Vec<_>>(), [0, 15]);
    }

    #[test]
    fn reads_everything_but_what_was_built_or_installed() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["a/b.rs", "a/node_modules/c.js", "target/d.rs", ".git/e", "out/f", ".ci/run"] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
        fs::write(folder.path().join("a/picture"), [0xff, 0xfe]).unwrap();
        let project = Project { root: folder.path().to_owned(), target: folder.path().join("out") };
        let tree = read(&project).unwrap();
        let files: Vec<_> = tree.files.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(files, [(".ci/run", "text"), ("a/b.rs", "text"), ("a/picture", "")]);
    }
}
