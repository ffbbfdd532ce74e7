//! One version of every dependency: in the root Cargo.toml, and nowhere else.

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::{Tree, Violation, words};

const ROOT: &str = "Cargo.toml";

const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// What a member may say of a dependency beside `workspace = true`.
const OWN_CHOICES: [&str; 3] = ["features", "optional", "default-features"];

const WHY: &str = "versions are in the root Cargo.toml, so that there is one of each";

/// # Errors
/// When a manifest is no TOML.
pub(super) fn check(tree: &Tree) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for (path, text) in &tree.files {
        if path == ROOT || !path.ends_with("/Cargo.toml") {
            continue;
        }
        let manifest: Table = toml::from_str(text).with_context(|| path.clone())?;
        if manifest.contains_key("workspace") {
            // A workspace of its own cannot inherit from ours.
            continue;
        }
        let targets = manifest.get("target").and_then(Value::as_table);
        let targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
        for table in std::iter::once(&manifest).chain(targets) {
            for (name, value) in
                KINDS.iter().filter_map(|kind| table.get(*kind)?.as_table()).flatten()
            {
                if !is_inherited(value) {
                    let line = line_of(text, name);
                    let what = format!("{name} is not `workspace = true`");
                    violations.push(Violation::new(path, line, what, WHY));
                }
            }
        }
    }
    Ok(violations)
}

fn is_inherited(dependency: &Value) -> bool {
    dependency.as_table().is_some_and(|table| {
        table.get("workspace").and_then(Value::as_bool) == Some(true)
            && table.keys().all(|key| key == "workspace" || OWN_CHOICES.contains(&key.as_str()))
    })
}

/// The first line that a name begins, as a key or as the end of a table's heading.
fn line_of(text: &str, name: &str) -> usize {
    let is_place = |line: &str| {
        let is_heading = line.starts_with('[') && words(line, name).next().is_some();
        is_heading || words(line, name).next() == Some(0)
    };
    text.lines().position(is_place).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{places, tree};
    use super::*;

    fn check_manifest(text: &str) -> Vec<String> {
        places(&check(&tree(&[("a/Cargo.toml", text)])).unwrap())
    }

    #[test]
    fn inherited_dependencies_are_fine() {
        let none: [&str; 0] = [];
        let manifest = "[dependencies]\na.workspace = true\nb = { workspace = true, features = [\"x\"] }\n\
                        [target.'cfg(unix)'.dependencies]\nc = { workspace = true, optional = true }\n";
        assert_eq!(check_manifest(manifest), none);
    }

    #[test]
    fn every_other_way_is_named() {
        for (manifest, line) in [
            ("[dependencies]\nmine = \"1\"\n", 2),
            ("[dev-dependencies]\nother.workspace = true\nmine = { version = \"1\" }\n", 3),
            ("[build-dependencies]\nmine = { path = \"../mine\" }\n", 2),
            ("[target.'cfg(unix)'.dependencies]\nmine = { git = \"x\" }\n", 2),
            ("[dependencies.mine]\nversion = \"1\"\n", 1),
            ("[dependencies]\nmine = { workspace = true, version = \"1\" }\n", 2),
        ] {
            let expected = format!("a/Cargo.toml:{line}: mine is not `workspace = true`");
            assert_eq!(check_manifest(manifest), [expected], "{manifest}");
        }
    }

    #[test]
    fn the_root_has_the_versions() {
        let tree = tree(&[("Cargo.toml", "[workspace.dependencies]\na = \"1\"\n")]);
        assert!(check(&tree).unwrap().is_empty());
    }

    #[test]
    fn a_workspace_of_its_own_has_its_own_versions() {
        let none: [&str; 0] = [];
        assert_eq!(check_manifest("[workspace]\n[dependencies]\na = \"1\"\n"), none);
    }

    #[test]
    fn a_manifest_that_is_no_toml_is_an_error() {
        let error = check(&tree(&[("a/Cargo.toml", "[")])).unwrap_err().to_string();
        assert!(error.contains("a/Cargo.toml"), "{error}");
    }
}
