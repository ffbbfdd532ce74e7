//! `cargo xtask bench`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Map, Value};

use crate::progress::step;
use crate::project::Project;
use crate::{child, dist, node_tests, setup};

/// Measures the built system in a browser: every script tests/bench/*.mjs.
///
/// A script prints one JSON object: for each thing that it measured, its name with an object of
/// `unit` and figures. Times depend on the machine, and on what else it does.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cargo xtask bench
  cargo xtask bench keystrokes
  cargo xtask bench --json | jq .keystrokes")]
pub(super) struct Bench {
    /// Names of scripts, without .mjs, to run only those.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Write JSON: for each script what it printed.
    #[arg(long)]
    json: bool,
}

/// What one script printed: for each thing measured its unit and figures.
type Report = Map<String, Value>;

impl Bench {
    pub(super) fn run(&self, project: &Project) -> Result<()> {
        let scripts = chosen(scripts(&project.root.join("tests/bench"))?, &self.names)?;
        let tools = setup::for_bench(project)?;
        programs(project)?;
        dist::build(project)?;
        let mut reports = BTreeMap::new();
        for (name, script) in scripts {
            let mut node = node_tests::node(project, &tools, "release")?;
            let report = step(&format!("measuring {name}"), |_| {
                let text = child::answer(node.arg(&script))?;
                serde_json::from_str::<Report>(text.trim())
                    .with_context(|| format!("{} is to print one JSON object", script.display()))
            })?;
            reports.insert(name, report);
        }
        if self.json {
            println!("{}", serde_json::to_string(&reports).context("the figures as JSON")?);
        } else {
            print!("{}", table(&reports));
        }
        Ok(())
    }
}

/// Builds what the scripts run of ours, as it is shipped.
fn programs(project: &Project) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.args(["build", "--release", "--package=aisle-trainer", "--package=aisle-demo-site"]);
    child::run(project, "building the programs", &mut cargo)
}

/// The scripts of a folder by name.
fn scripts(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let name = || folder.display().to_string();
    let mut scripts = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(name)? {
        let path = entry.with_context(name)?.path();
        if let (Some(stem), true) = (path.file_stem(), path.extension().is_some_and(|e| e == "mjs"))
        {
            scripts.insert(stem.to_string_lossy().into_owned(), path);
        }
    }
    Ok(scripts)
}

/// All scripts, or those that are named.
fn chosen(
    mut all: BTreeMap<String, PathBuf>,
    names: &[String],
) -> Result<BTreeMap<String, PathBuf>> {
    if let Some(unknown) = names.iter().find(|name| !all.contains_key(*name)) {
        let known: Vec<_> = all.keys().map(String::as_str).collect();
        bail!("there is no benchmark {unknown}; there are: {}", known.join(", "));
    }
    all.retain(|name, _| names.is_empty() || names.contains(name));
    Ok(all)
}

fn table(reports: &BTreeMap<String, Report>) -> String {
    let mut table = String::new();
    for (script, report) in reports {
        let _ = writeln!(table, "{script}");
        for (name, measured) in report {
            let _ = writeln!(table, "  {name:<40} {}", figures(measured));
        }
    }
    table
}

/// One thing measured, as people read it.
fn figures(measured: &Value) -> String {
    let Some(fields) = measured.as_object() else { return measured.to_string() };
    let unit = fields.get("unit").and_then(Value::as_str).unwrap_or_default();
    let figures =
        fields.iter().filter(|(name, _)| *name != "unit").map(|(name, value)| {
            match value.as_f64() {
                Some(number) if !value.is_u64() => format!("{name} {number:.2}"),
                _ => format!("{name} {value}"),
            }
        });
    let figures = figures.collect::<Vec<_>>().join("  ");
    format!("{figures}  {unit}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn figures_come_with_their_unit() {
        let measured = json!({ "unit": "ms", "p50": 4.4449, "p95": 9.5, "count": 300 });
        assert_eq!(figures(&measured), "count 300  p50 4.44  p95 9.50  ms");
        assert_eq!(figures(&json!({ "ready": true })), "ready true");
        assert_eq!(figures(&json!(7)), "7");
    }

    #[test]
    fn scripts_are_known_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["keystrokes.mjs", "opening.mjs", "notes.md"] {
            fs::write(folder.path().join(file), "").unwrap();
        }
        let all = scripts(folder.path()).unwrap();
        let names = |names: &[&str]| -> Result<Vec<String>> {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            Ok(chosen(all.clone(), &names)?.into_keys().collect())
        };
        assert_eq!(names(&[]).unwrap(), ["keystrokes", "opening"]);
        assert_eq!(names(&["opening"]).unwrap(), ["opening"]);
        let error = names(&["openings"]).unwrap_err().to_string();
        assert!(error.contains("openings; there are: keystrokes, opening"), "{error}");
    }
}
