//! Who may depend on whom.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{Tree, Violation, WHY_FEW_WEB, WHY_ONE_TRACT, WHY_PURE};
use crate::child;
use crate::project::Project;

/// What each package of ours may use of ours.
const DIRECTIONS: [(&str, &[&str]); 7] = [
    ("aisle-core", &[]),
    ("aisle-rows", &[]),
    ("aisle-engine", &["aisle-core", "aisle-rows"]),
    ("aisle-trainer", &["aisle-core", "aisle-engine"]),
    ("aisle-widget", &["aisle-core"]),
    ("aisle-worker", &["aisle-core"]),
    ("aisle-console", &["aisle-core"]),
];

/// Packages that drive the others: they use what they like, and nothing of the product uses them.
const DRIVERS: [&str; 2] = ["aisle-demo-site", "xtask"];

const WHY_DIRECTIONS: &str = "the parts go trainer -> engine -> core and rows, \
     widget -> core, worker -> core, console -> core, so that the interface and the worker stay \
     small and core stays pure";
const WHY_LISTED: &str = "a package needs a place in the directions of crates/xtask/src/tidy";
const WHY_NO_CIRCLE: &str = "packages in a circle cannot be understood or changed one by one";

/// Crates, by the start of their name, that only some packages may use.
const CONFINED: [(&str, &[&str], &str); 3] = [
    ("web-sys", &["aisle-widget", "aisle-console", "aisle-worker"], WHY_FEW_WEB),
    ("worker", &["aisle-worker"], "only the edge worker runs on workers-rs"),
    ("tract", &["aisle-engine"], WHY_ONE_TRACT),
];

/// Crates, by the start of their name, that core must do without.
const IMPURE: [&str; 11] = [
    "chrono",
    "getrandom",
    "gloo",
    "js-sys",
    "rand",
    "reqwest",
    "time",
    "tokio",
    "uuid",
    "wasm-bindgen",
    "yew",
];

/// A package as `cargo metadata` tells of it.
#[derive(Deserialize)]
pub(super) struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev`, `build`, or nothing for an ordinary one.
    kind: Option<String>,
}

/// The packages of the workspace. Paths of manifests are from the root.
pub(super) fn packages(project: &Project) -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let mut cargo = project.cargo();
    let json = child::output(cargo.args(["metadata", "--no-deps", "--format-version=1"]))?;
    let metadata: Metadata = serde_json::from_str(&json).context("what cargo metadata says")?;
    let mut packages = metadata.packages;
    let root = project.root.to_string_lossy();
    for package in &mut packages {
        let inside = package.manifest_path.strip_prefix(&*root).unwrap_or(&package.manifest_path);
        package.manifest_path = inside.trim_start_matches(['/', '\\']).replace('\\', "/");
    }
    Ok(packages)
}

pub(super) fn check(packages: &[Package], tree: &Tree) -> Vec<Violation> {
    let ours: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let mut violations = Vec::new();
    for package in packages {
        let allowed = DIRECTIONS.iter().find(|(name, _)| *name == package.name);
        let is_driver = DRIVERS.contains(&package.name.as_str());
        if allowed.is_none() && !is_driver {
            let what = format!("nobody said what {} may use", package.name);
            violations.push(Violation::new(&package.manifest_path, 1, what, WHY_LISTED));
        }
        for dependency in &package.dependencies {
            let breach = if ours.contains(dependency.name.as_str()) {
                let is_allowed =
                    allowed.is_none_or(|(_, names)| names.contains(&dependency.name.as_str()));
                (!is_allowed).then_some(WHY_DIRECTIONS)
            } else {
                outside_breach(&package.name, dependency)
            };
            if let Some(why) = breach {
                let what = format!("{} uses {}", package.name, dependency.name);
                let line = line_of(tree, &package.manifest_path, &dependency.name);
                violations.push(Violation::new(&package.manifest_path, line, what, why));
            }
        }
    }
    violations.extend(circle(packages));
    violations
}

/// Why a package must not use a crate of somebody else, if that is so.
fn outside_breach(package: &str, dependency: &Dependency) -> Option<&'static str> {
    let starts = |start: &str| {
        let rest = dependency.name.strip_prefix(start);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    };
    if let Some((_, owners, why)) = CONFINED.iter().find(|(start, ..)| starts(start)) {
        return (!owners.contains(&package)).then_some(why);
    }
    // Tests may be as impure as they like.
    let is_product = dependency.kind.as_deref() != Some("dev");
    let is_impure = IMPURE.iter().any(|start| starts(start));
    (package == "aisle-core" && is_product && is_impure).then_some(WHY_PURE)
}

/// The first package that uses itself through others. Cargo refuses most circles; those through
/// dev-dependencies it does not.
fn circle(packages: &[Package]) -> Option<Violation> {
    let uses: BTreeMap<&str, &Package> = packages.iter().map(|p| (p.name.as_str(), p)).collect();
    packages.iter().find_map(|start| {
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(package) = open.pop() {
            for dependency in &package.dependencies {
                let Some(next) = uses.get(dependency.name.as_str()) else { continue };
                if next.name == start.name {
                    let what = format!("{} uses itself through {}", start.name, package.name);
                    return Some(Violation::new(&start.manifest_path, 1, what, WHY_NO_CIRCLE));
                }
                if seen.insert(next.name.as_str()) {
                    open.push(next);
                }
            }
        }
        None
    })
}

/// Where a manifest names a dependency.
fn line_of(tree: &Tree, manifest: &str, dependency: &str) -> usize {
    let text = tree.files.get(manifest).map(String::as_str).unwrap_or_default();
    let names = |line: &str| {
        line.strip_prefix(dependency).is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    text.lines().position(names).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{places, tree};
    use super::*;

    fn package(name: &str, dependencies: &[&str]) -> Package {
        let dependency = |name: &&str| {
            let (kind, name) = name.split_once(' ').map_or((None, *name), |(k, n)| (Some(k), n));
            Dependency { name: name.to_owned(), kind: kind.map(str::to_owned) }
        };
        Package {
            name: name.to_owned(),
            manifest_path: format!("{name}/Cargo.toml"),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }

    fn check_packages(packages: &[(&str, &[&str])]) -> Vec<String> {
        let packages: Vec<_> = packages.iter().map(|(name, uses)| package(name, uses)).collect();
        places(&check(&packages, &Tree::default()))
    }

    #[test]
    fn the_directions_of_the_design_are_fine() {
        let none: [&str; 0] = [];
        let found = check_packages(&[
            ("aisle-core", &["serde", "dev proptest", "dev rand"]),
            ("aisle-engine", &["aisle-core", "aisle-rows", "tract-onnx"]),
            ("aisle-trainer", &["aisle-engine", "aisle-core", "rand"]),
            ("aisle-widget", &["aisle-core", "web-sys", "yew"]),
            ("aisle-worker", &["aisle-core", "worker"]),
            ("aisle-demo-site", &["aisle-core", "tokio"]),
            ("xtask", &["aisle-core"]),
        ]);
        assert_eq!(found, none);
    }

    #[test]
    fn other_directions_are_named() {
        for (name, uses, other) in [
            ("aisle-worker", "aisle-engine", "aisle-engine"),
            ("aisle-widget", "aisle-engine", "aisle-engine"),
            ("aisle-core", "dev aisle-trainer", "aisle-trainer"),
            ("aisle-engine", "xtask", "xtask"),
            ("aisle-worker", "tract-onnx", "tract-onnx"),
            ("aisle-worker", "dev tract-core", "tract-core"),
            ("aisle-widget", "worker", "worker"),
            ("aisle-engine", "web-sys", "web-sys"),
            ("aisle-core", "rand_chacha", "rand_chacha"),
            ("aisle-core", "wasm-bindgen", "wasm-bindgen"),
        ] {
            let mut packages = vec![package(name, &[uses])];
            packages.extend(
                ["aisle-engine", "aisle-trainer", "xtask"]
                    .into_iter()
                    .filter(|other| *other != name)
                    .map(|other| package(other, &[])),
            );
            let found = places(&check(&packages, &Tree::default()));
            assert_eq!(found, [format!("{name}/Cargo.toml:1: {name} uses {other}")]);
        }
    }

    #[test]
    fn names_that_only_begin_alike_are_no_breach() {
        let none: [&str; 0] = [];
        assert_eq!(check_packages(&[("aisle-core", &["workerpool", "timely", "randy"])]), none);
    }

    #[test]
    fn a_circle_is_found_among_those_that_may_use_anything() {
        let found =
            check_packages(&[("xtask", &["aisle-demo-site"]), ("aisle-demo-site", &["dev xtask"])]);
        assert_eq!(found, ["xtask/Cargo.toml:1: xtask uses itself through aisle-demo-site"]);
    }

    #[test]
    fn a_new_package_needs_a_place() {
        let found = check_packages(&[("aisle-new", &[])]);
        assert_eq!(found, ["aisle-new/Cargo.toml:1: nobody said what aisle-new may use"]);
    }

    #[test]
    fn the_line_of_the_dependency_is_told() {
        let manifest = "[dependencies]\ntract-onnx-opl = \"1\"\ntract-onnx.workspace = true\n";
        let tree = tree(&[("aisle-worker/Cargo.toml", manifest)]);
        let found = check(&[package("aisle-worker", &["tract-onnx"])], &tree);
        assert_eq!(places(&found), ["aisle-worker/Cargo.toml:3: aisle-worker uses tract-onnx"]);
    }
}
