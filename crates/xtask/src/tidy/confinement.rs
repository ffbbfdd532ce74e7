//! Things that have one home in the sources: what they are is said here once.

use super::{Tree, Violation, WHY_FEW_WEB, WHY_ONE_TRACT, WHY_PURE, line_at, words};

/// Something that may only be in some files.
struct Rule {
    what: What,
    /// The folders that the rule is about; `""` for all.
    within: &'static [&'static str],
    /// The files, and folders with a `/` at the end, where it may be.
    homes: &'static [&'static str],
    /// Whether tests may have it, too.
    is_fine_in_tests: bool,
    why: &'static str,
}

/// What to look for.
enum What {
    /// A name.
    Name(&'static str),
    /// A crate, as the start of a path.
    Crate(&'static str),
    /// `Serialize` or `Deserialize` in a derive.
    SerdeDerive,
}

/// This tool names everything that it looks for.
const OURSELVES: &str = "crates/xtask/";

const RULES: [Rule; 12] = [
    Rule {
        what: What::Name("web_sys"),
        within: &[""],
        homes: &["widget/", "crates/console/", "worker/src/cf/"],
        is_fine_in_tests: false,
        why: WHY_FEW_WEB,
    },
    Rule {
        what: What::Crate("worker"),
        within: &["worker/"],
        homes: &["worker/src/lib.rs", "worker/src/cf/"],
        is_fine_in_tests: false,
        why: "the worker's logic is written against its ports, so that it runs in native tests",
    },
    Rule {
        what: What::Name("tract_onnx"),
        within: &[""],
        homes: &["crates/engine/src/session.rs", "crates/engine/src/session/"],
        is_fine_in_tests: false,
        why: WHY_ONE_TRACT,
    },
    Rule {
        what: What::SerdeDerive,
        within: &["crates/core/src/"],
        homes: &[
            "crates/core/src/protocol.rs",
            "crates/core/src/protocol/",
            "crates/core/src/artifact.rs",
            "crates/core/src/index/format.rs",
            "crates/core/src/index/sales.rs",
            "crates/core/src/index/variants.rs",
        ],
        is_fine_in_tests: true,
        why: "what is written or sent has one home each, and domain types change freely",
    },
    Rule {
        what: What::SerdeDerive,
        within: &["widget/src/", "crates/engine/src/", "crates/console/src/"],
        homes: &[],
        is_fine_in_tests: true,
        why: "wire types are in crates/core/src/protocol.rs, converted by `From`",
    },
    pure("std::env"),
    pure("std::fs"),
    pure("std::net"),
    pure("std::process"),
    pure("std::thread"),
    pure("SystemTime"),
    pure("Instant"),
];

const fn pure(name: &'static str) -> Rule {
    let within = &["crates/core/src/"];
    Rule { what: What::Name(name), within, homes: &[], is_fine_in_tests: true, why: WHY_PURE }
}

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in &tree.files {
        if !path.ends_with(".rs") || path.starts_with(OURSELVES) {
            continue;
        }
        for rule in RULES.iter().filter(|rule| rule.is_about(path)) {
            let text = if rule.is_fine_in_tests { without_tests(path, text) } else { text };
            for (byte, found) in rule.what.places(text) {
                if !is_comment(text, byte) {
                    let what = format!("`{found}` has no home here");
                    violations.push(Violation::new(path, line_at(text, byte), what, rule.why));
                }
            }
        }
    }
    violations
}

impl Rule {
    fn is_about(&self, path: &str) -> bool {
        let is_home = |home: &&str| path == *home || home.ends_with('/') && path.starts_with(home);
        self.within.iter().any(|folder| path.starts_with(folder)) && !self.homes.iter().any(is_home)
    }
}

impl What {
    /// The bytes where it is, with what is there.
    fn places(&self, text: &str) -> Vec<(usize, String)> {
        match self {
            Self::Name(name) => words(text, name).map(|byte| (byte, (*name).to_owned())).collect(),
            Self::Crate(name) => words(text, name)
                .filter(|byte| is_crate(text, *byte, name))
                .map(|byte| (byte, format!("{name}::")))
                .collect(),
            Self::SerdeDerive => serde_derives(text),
        }
    }
}

/// Whether the name at a byte is a path's first part.
fn is_crate(text: &str, byte: usize, name: &str) -> bool {
    let before = text.get(..byte).unwrap_or_default();
    let after = text.get(byte + name.len()..).unwrap_or_default();
    // `::worker` is the crate, `crate::worker` is not.
    let before = before.strip_suffix("::").unwrap_or(before);
    let is_inner = before.len() < byte
        && before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '>');
    after.starts_with("::") && !is_inner
}

fn serde_derives(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for derive in words(text, "derive") {
        let rest = text.get(derive + "derive".len()..).unwrap_or_default();
        let Some((list, _)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) else {
            continue;
        };
        for name in ["Serialize", "Deserialize"] {
            found.extend(words(list, name).map(|_| (derive, format!("derive({name})"))));
        }
    }
    found
}

/// A file up to its tests, which come last; nothing of a file of tests.
fn without_tests<'a>(path: &str, text: &'a str) -> &'a str {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return "";
    }
    text.split_once("#[cfg(test)]").map_or(text, |(product, _)| product)
}

fn is_comment(text: &str, byte: usize) -> bool {
    let before = text.get(..byte).unwrap_or_default();
    before.rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{places, tree};
    use super::*;

    fn check_file(path: &str, text: &str) -> Vec<String> {
        places(&check(&tree(&[(path, text)])))
    }

    #[test]
    fn everything_is_fine_at_home() {
        let none: [&str; 0] = [];
        for (path, text) in [
            ("widget/src/view.rs", "use web_sys::Window;"),
            ("worker/src/cf/store.rs", "use web_sys::Headers; use worker::Storage;"),
            ("worker/src/lib.rs", "use worker::event;"),
            ("crates/engine/src/session.rs", "use tract_onnx::prelude::*;"),
            ("crates/core/src/protocol.rs", "#[derive(Serialize)]"),
            ("crates/trainer/src/cli/score.rs", "#[derive(Serialize)]"),
            ("worker/src/openai.rs", "#[derive(Deserialize)]"),
            ("crates/trainer/src/main.rs", "use std::time::Instant;"),
            ("crates/xtask/src/tidy.rs", "web_sys"),
        ] {
            assert_eq!(check_file(path, text), none, "{path}");
        }
    }

    #[test]
    fn elsewhere_it_is_named() {
        for (path, text, found) in [
            ("crates/engine/src/wasm.rs", "use web_sys::Worker;", "web_sys"),
            ("worker/src/turn.rs", "fn f(r: worker::Request) {}", "worker::"),
            ("worker/src/turn.rs", "use ::worker::Request;", "worker::"),
            ("worker/src/turn.rs", "web_sys::Headers::new()", "web_sys"),
            ("crates/trainer/src/onnx.rs", "tract_onnx::pb", "tract_onnx"),
            ("crates/core/src/chat/state.rs", "#[derive(Clone, Serialize)]", "derive(Serialize)"),
            ("widget/src/wire.rs", "#[derive(\n    Deserialize,\n)]", "derive(Deserialize)"),
            ("crates/core/src/money.rs", "std::fs::read(x)", "std::fs"),
            ("crates/core/src/chat/mod.rs", "let now = Instant::now();", "Instant"),
        ] {
            let expected = format!("{path}:1: `{found}` has no home here");
            assert_eq!(check_file(path, text), [expected]);
        }
    }

    #[test]
    fn the_line_is_told() {
        let found = check_file("worker/src/a.rs", "//! worker::a\n\nuse worker::Env;\n");
        assert_eq!(found, ["worker/src/a.rs:3: `worker::` has no home here"]);
    }

    #[test]
    fn a_module_is_no_crate() {
        let none: [&str; 0] = [];
        let text = "crate::worker::run(); self.worker; my_worker::go(); let worker = 1;";
        assert_eq!(check_file("worker/src/a.rs", text), none);
    }

    #[test]
    fn tests_may_be_impure_but_not_at_home_everywhere() {
        let none: [&str; 0] = [];
        let test = "fn f() {}\n#[cfg(test)]\nmod tests { use std::fs; }";
        assert_eq!(check_file("crates/core/src/money.rs", test), none);
        assert_eq!(check_file("crates/core/src/index/tests.rs", "use std::fs;"), none);
        let tract = "#[cfg(test)]\nuse tract_onnx::pb;";
        let expected = ["crates/core/src/money.rs:2: `tract_onnx` has no home here"];
        assert_eq!(check_file("crates/core/src/money.rs", tract), expected);
    }
}
