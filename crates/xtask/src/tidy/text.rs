//! What no file may have in it.

use std::path::Path;

use super::{Tree, Violation, line_at, words};

/// More than this is two ideas in one file.
const LONGEST: usize = 600;

/// Written in parts, so that this file does not have them.
const UNDONE: [&str; 4] =
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];

/// Where people and machines keep their own files.
const MACHINE_FOLDERS: [&str; 3] =
    [concat!("/", "root/"), concat!("/", "work/"), concat!("/", "home/")];

const WHY_SHORT: &str = "a file has one idea; split it";
const WHY_DONE: &str = "what is to be done is an issue, and what is here is done";
const WHY_ANY_MACHINE: &str = "paths of one machine mean nothing on another";
const WHY_ANY_REGISTRY: &str = "packages come from the registry that the user has set; `omit-lockfile-registry-resolved` in \
     .npmrc keeps the host out";

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in &tree.files {
        let mut report = |byte: usize, what: String, why: &'static str| {
            violations.push(Violation::new(path, line_at(text, byte), what, why));
        };
        let kind = Kind::of(path, text);
        if kind == Kind::Code {
            let lines = text.lines().count();
            if lines > LONGEST {
                report(text.len(), format!("{lines} lines are more than {LONGEST}"), WHY_SHORT);
            }
        }
        if kind != Kind::Data {
            for word in UNDONE {
                for byte in words(text, word) {
                    report(byte, format!("`{word}`"), WHY_DONE);
                }
            }
        }
        for folder in MACHINE_FOLDERS {
            for (byte, _) in text.match_indices(folder).filter(|(byte, _)| begins_path(text, *byte))
            {
                report(byte, format!("a path under {folder}"), WHY_ANY_MACHINE);
            }
        }
        let registry = text.find(r#""resolved": "http"#);
        if let Some(byte) = registry.filter(|_| path.ends_with("package-lock.json")) {
            report(byte, "the address of a registry".to_owned(), WHY_ANY_REGISTRY);
        }
    }
    violations
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Written by people, for machines.
    Code,
    /// Written by people, for people.
    Prose,
    /// Not written in this project, or not by hand.
    Data,
}

impl Kind {
    fn of(path: &str, text: &str) -> Self {
        match Path::new(path).extension().and_then(|extension| extension.to_str()) {
            Some("rs" | "js" | "mjs" | "ts" | "css" | "html" | "capnp" | "sh" | "toml") => {
                Self::Code
            }
            Some("md" | "txt") => Self::Prose,
            None if text.starts_with("#!") => Self::Code,
            _ => Self::Data,
        }
    }
}

/// Whether a slash is the first of its path, and not in the middle of one or of an address.
fn begins_path(text: &str, slash: usize) -> bool {
    let before = text.get(..slash).and_then(|before| before.chars().next_back());
    !before.is_some_and(|c| c.is_alphanumeric() || "._-~*})]/".contains(c))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{places, tree};
    use super::*;

    fn check_file(path: &str, text: &str) -> Vec<String> {
        places(&check(&tree(&[(path, text)])))
    }

    #[test]
    fn nothing_is_left_to_do() {
        let none: [&str; 0] = [];
        for word in UNDONE {
            let text = format!("fn f() {{}}\n// {word}: later\n");
            assert_eq!(check_file("a/b.rs", &text), [format!("a/b.rs:2: `{word}`")]);
            assert_eq!(check_file("a/b.csv", &text), none);
            assert_eq!(check_file("a/b.md", &format!("{word}S, {word}_X\n")), none);
        }
    }

    #[test]
    fn a_file_may_have_600_lines() {
        let none: [&str; 0] = [];
        assert_eq!(check_file("a.rs", &"\n".repeat(600)), none);
        assert_eq!(
            check_file("a.rs", &"\n".repeat(601)),
            ["a.rs:602: 601 lines are more than 600"]
        );
        assert_eq!(check_file("a.json", &"\n".repeat(601)), none);
    }

    #[test]
    fn no_machine_is_named() {
        let none: [&str; 0] = [];
        for folder in MACHINE_FOLDERS {
            let text = format!("a\n\"{folder}me\"");
            assert_eq!(check_file("a.json", &text), [format!("a.json:2: a path under {folder}")]);
            for inner in ["https://shop.example", "pages", "..", "${base}"] {
                assert_eq!(check_file("a.md", &format!("{inner}{folder}x")), none, "{inner}");
            }
        }
    }

    #[test]
    fn a_lock_file_names_no_registry() {
        let lock = "{\n  \"resolved\": \"https://registry.example/a.tgz\"\n}";
        let found = check_file("tests/package-lock.json", lock);
        assert_eq!(found, ["tests/package-lock.json:2: the address of a registry"]);
    }

    #[test]
    fn scripts_without_an_extension_are_code() {
        assert!(Kind::of(".ci/run", "#!/usr/bin/env bash\n") == Kind::Code);
        assert!(Kind::of("LICENSE-MIT", "MIT License\n") == Kind::Data);
    }
}
