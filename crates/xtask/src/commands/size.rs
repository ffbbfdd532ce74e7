//! `cargo xtask size`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::iter::Sum;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use crate::progress::step;
use crate::project::Project;
use crate::{child, dist};

/// Node has the compressors that servers use.
const COMPRESS: &str = include_str!("size.mjs");

/// Tells what shoppers download and what is deployed, in bytes.
///
/// Each part is the sum of its files, raw and compressed one by one: gzip at level 9, brotli at
/// quality 11 with a window of 2^22. WebAssembly and its JavaScript count together. A part over its
/// budget is an error, after the table. The budget of the index is by product; the trainer counts
/// them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cargo xtask size
  cargo xtask size --json | jq .widget.brotli")]
pub(super) struct Size {
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

/// Bytes of a file, or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Bytes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, bytes| Self {
            raw: sum.raw + bytes.raw,
            gzip: sum.gzip + bytes.gzip,
            brotli: sum.brotli + bytes.brotli,
        })
    }
}

/// What is measured, in the order of a shopper's visit.
#[derive(Debug, Serialize)]
struct Sizes {
    loader: Bytes,
    widget: Bytes,
    engine: Bytes,
    model: Bytes,
    index: Bytes,
    worker: Bytes,
}

/// The most that a part may have.
struct Budget {
    raw: Option<u64>,
    brotli: Option<u64>,
}

const LOADER: Budget = Budget { raw: Some(10_000), brotli: Some(4_000) };
const WIDGET: Budget = Budget { raw: None, brotli: Some(100_000) };
const ENGINE: Budget = Budget { raw: None, brotli: Some(700_000) };
const WORKER: Budget = Budget { raw: None, brotli: Some(800_000) };
const MODEL: Budget = Budget { raw: None, brotli: Some(1_500_000) };
/// Bytes of the index for each product, after brotli.
const INDEX_OF_PRODUCT: u64 = 60;

impl Size {
    pub(super) fn run(&self, project: &Project) -> Result<()> {
        dist::build(project)?;
        let sizes = step("compressing", |_| measure(&project.dist()))?;
        let budgets = budgets(products(project)?);
        if self.json {
            println!("{}", serde_json::to_string(&sizes).context("the sizes as JSON")?);
        } else {
            print!("{}", table(&sizes, &budgets));
        }
        let over = over(&sizes, &budgets);
        if !over.is_empty() {
            bail!("over its budget: {}", over.join(", "));
        }
        Ok(())
    }
}

/// Products of the demo shop's index, as the trainer counts them.
fn products(project: &Project) -> Result<u64> {
    #[derive(Deserialize)]
    struct Inspected {
        products: u64,
    }
    let mut cargo = project.cargo();
    cargo.args(["run", "--quiet", "--package", "aisle-trainer", "--bin", "aisle", "--"]);
    cargo.args(["inspect", "--json", "--artifact"]).arg(project.dist().join("artifacts/demo"));
    let json = step("counting products", |_| child::output(&mut cargo))?;
    let inspected: Inspected = serde_json::from_str(&json).context("what `aisle inspect` says")?;
    Ok(inspected.products)
}

/// The budget of each part, in the order of [`Sizes`].
fn budgets(products: u64) -> [Budget; 6] {
    let index = Budget { raw: None, brotli: Some(products * INDEX_OF_PRODUCT) };
    [LOADER, WIDGET, ENGINE, MODEL, index, WORKER]
}

impl Sizes {
    fn parts(&self) -> [(&'static str, Bytes); 6] {
        [
            ("loader", self.loader),
            ("widget", self.widget),
            ("engine", self.engine),
            ("model", self.model),
            ("index", self.index),
            ("worker", self.worker),
        ]
    }
}

/// The parts that are over their budget.
fn over(sizes: &Sizes, budgets: &[Budget; 6]) -> Vec<&'static str> {
    let parts = sizes.parts().into_iter().zip(budgets);
    let exceeds = |size: u64, limit: Option<u64>| limit.is_some_and(|limit| size > limit);
    parts
        .filter(|((_, bytes), budget)| {
            exceeds(bytes.raw, budget.raw) || exceeds(bytes.brotli, budget.brotli)
        })
        .map(|((name, _), _)| name)
        .collect()
}

fn measure(dist: &Path) -> Result<Sizes> {
    let mut files: BTreeMap<&'static str, Vec<PathBuf>> = BTreeMap::new();
    for entry in WalkDir::new(dist).sort_by_file_name() {
        let path = entry.context("what was built")?.into_path();
        let inside = path.strip_prefix(dist).map(|p| p.to_string_lossy().replace('\\', "/"));
        if let Some(part) = inside.ok().and_then(|inside| part_of(&inside)) {
            files.entry(part).or_default().push(path);
        }
    }
    let size = |part: &str| -> Result<Bytes> {
        let Some(files) = files.get(part) else { bail!("{} has no {part}", dist.display()) };
        Ok(compressed(files)?.into_iter().sum())
    };
    Ok(Sizes {
        loader: size("loader")?,
        widget: size("widget")?,
        engine: size("engine")?,
        model: size("model")?,
        index: size("index")?,
        worker: size("worker")?,
    })
}

/// What a file of the built folder is a part of.
fn part_of(path: &str) -> Option<&'static str> {
    let is_code = path.ends_with(".js") || path.ends_with(".wasm");
    if let Some(asset) = path.strip_prefix("site/assets/") {
        return ["widget", "engine"].into_iter().find(|part| asset.starts_with(part));
    }
    match path {
        "site/aisle.js" => Some("loader"),
        "artifacts/demo/index.bin" => Some("index"),
        _ if path.starts_with("artifacts/demo/") => Some("model"),
        _ if path.starts_with("worker/") && is_code => Some("worker"),
        _ => None,
    }
}

fn compressed(files: &[PathBuf]) -> Result<Vec<Bytes>> {
    let mut node = Command::new("node");
    node.args(["--input-type=module", "--eval", COMPRESS, "--"]).args(files);
    let json = child::output(&mut node)?;
    serde_json::from_str(&json).context("the sizes that Node tells")
}

fn table(sizes: &Sizes, budgets: &[Budget; 6]) -> String {
    let mut table = format!("{:<8}{:>12}{:>12}{:>12}   budget\n", "bytes", "raw", "gzip", "brotli");
    for ((name, bytes), budget) in sizes.parts().into_iter().zip(budgets) {
        let (Bytes { raw, gzip, brotli }, budget) = (bytes, judged(&bytes, budget));
        let line = format!("{name:<8}{raw:>12}{gzip:>12}{brotli:>12}   {budget}");
        let _ = writeln!(table, "{}", line.trim_end());
    }
    table
}

/// A budget, and whether it is kept.
fn judged(bytes: &Bytes, budget: &Budget) -> String {
    let limits = [("raw", bytes.raw, budget.raw), ("brotli", bytes.brotli, budget.brotli)];
    let limits = limits.into_iter().filter_map(|(name, size, limit)| Some((name, size, limit?)));
    let words = limits.map(|(name, size, limit)| {
        let verdict = if size <= limit { "PASS" } else { "OVER" };
        format!("{verdict} ({name} <= {limit})")
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn bytes(raw: u64, gzip: u64, brotli: u64) -> Bytes {
        Bytes { raw, gzip, brotli }
    }

    #[test]
    fn every_file_counts_for_its_part() {
        for (path, part) in [
            ("site/aisle.js", Some("loader")),
            ("site/assets/widget-0123.wasm", Some("widget")),
            ("site/assets/engine-0123.js", Some("engine")),
            ("site/assets/engine-worker-0123.js", Some("engine")),
            ("artifacts/demo/ranker.onnx", Some("model")),
            ("artifacts/demo/manifest.json", Some("model")),
            ("artifacts/demo/index.bin", Some("index")),
            ("worker/snippets/a/inline0.js", Some("worker")),
            ("worker/index_bg.wasm", Some("worker")),
            ("worker/config.capnp", None),
        ] {
            assert_eq!(part_of(path), part, "{path}");
        }
    }

    #[test]
    fn a_budget_is_kept_up_to_its_last_byte() {
        assert_eq!(judged(&bytes(0, 0, 100_000), &WIDGET), "PASS (brotli <= 100000)");
        assert_eq!(judged(&bytes(0, 0, 100_001), &WIDGET), "OVER (brotli <= 100000)");
        let loader = judged(&bytes(10_001, 0, 4_000), &LOADER);
        assert_eq!(loader, "OVER (raw <= 10000), PASS (brotli <= 4000)");
    }

    #[test]
    fn the_parts_over_their_budget_are_named() {
        let small = bytes(1, 1, 1);
        let sizes = |model, index| Sizes {
            loader: small,
            widget: small,
            engine: small,
            model: bytes(9_000_000, 0, model),
            index: bytes(9_000_000, 0, index),
            worker: small,
        };
        let budgets = budgets(100);
        assert_eq!(over(&sizes(1_500_000, 6_000), &budgets), [""; 0]);
        assert_eq!(over(&sizes(1_500_001, 6_001), &budgets), ["model", "index"]);
        let table = table(&sizes(1_500_001, 6_000), &budgets);
        assert!(table.contains("OVER (brotli <= 1500000)"), "{table}");
        assert!(table.contains("PASS (brotli <= 6000)"), "{table}");
    }

    #[test]
    fn the_files_of_a_part_are_compressed_one_by_one_and_added() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["one.js", "two.js"].map(|name| folder.path().join(name));
        for file in &files {
            fs::write(file, "aisle ".repeat(1_000)).unwrap();
        }
        let [one, two] = compressed(&files).unwrap().try_into().unwrap();
        assert_eq!(one, two);
        assert_eq!(one.raw, 6_000);
        assert!(one.brotli < one.gzip && one.gzip < 100, "{one:?}");
        let sum: Bytes = [one, two].into_iter().sum();
        assert_eq!(sum, bytes(12_000, 2 * one.gzip, 2 * one.brotli));
    }

    #[test]
    fn the_json_has_the_agreed_shape() {
        let one = bytes(3, 2, 1);
        let sizes =
            Sizes { loader: one, widget: one, engine: one, model: one, index: one, worker: one };
        let json = serde_json::to_string(&sizes).unwrap();
        assert!(
            json.starts_with(r#"{"loader":{"raw":3,"gzip":2,"brotli":1},"widget":{"#),
            "{json}"
        );
        assert!(json.ends_with(r#""worker":{"raw":3,"gzip":2,"brotli":1}}"#), "{json}");
    }
}
