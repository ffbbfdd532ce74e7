//! The top level stays short.

use std::collections::BTreeMap;

use super::{Tree, Violation};

const FOLDERS: [&str; 6] = ["crates", "demo-site", "docs", "tests", "widget", "worker"];

const FILES: [&str; 8] = [
    "ARCHITECTURE.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "clippy.toml",
    "rustfmt.toml",
];

const WHY: &str = "whoever opens the repository sees its parts at a glance; \
     put it beside what uses it, or under a dot";

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut strangers = BTreeMap::new();
    for path in tree.files.keys() {
        let (top, is_known) = match path.split_once('/') {
            Some((folder, _)) => (folder, FOLDERS.contains(&folder)),
            None => (path.as_str(), FILES.contains(&path.as_str())),
        };
        if !is_known && !top.starts_with('.') {
            strangers.entry(top).or_insert(path);
        }
    }
    let violation = |(top, path): (&str, &String)| {
        Violation::new(path, 1, format!("{top} is new on the top level"), WHY)
    };
    strangers.into_iter().map(violation).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{places, tree};
    use super::*;

    #[test]
    fn only_strangers_are_named_and_once() {
        let tree = tree(&[
            (".ci/run", ""),
            (".gitignore", ""),
            ("Cargo.toml", ""),
            ("crates/core/Cargo.toml", ""),
            ("scripts/a.sh", ""),
            ("scripts/b.sh", ""),
            ("package.json", ""),
        ]);
        assert_eq!(
            places(&check(&tree)),
            [
                "package.json:1: package.json is new on the top level",
                "scripts/a.sh:1: scripts is new on the top level",
            ]
        );
    }
}
