//! What Cloudflare runs: the modules and files that workerd serves, and a configuration for
//! wrangler that is made of workerd's, so that both say the same.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use walkdir::WalkDir;

use super::prune;
use super::stamp::{read, write_if_changed};
use crate::project::Project;

/// The configuration's file, in the folder that [`assemble`] gives.
pub(crate) const CONFIG: &str = "wrangler.json";

/// Puts together what is deployed under a name, from what is in `dist`.
pub(crate) fn assemble(project: &Project, name: &str) -> Result<PathBuf> {
    let folder = project.target.join("cloud");
    let dist = project.dist();
    let mut kept = vec![PathBuf::from(CONFIG)];
    // A worker has one folder of files there, so the artifacts are a folder in it.
    for (from, to) in [("worker", "worker"), ("site", "assets"), ("artifacts", "assets/artifacts")]
    {
        for path in files(&dist.join(from))? {
            let target = Path::new(to).join(&path);
            write_if_changed(&folder.join(&target), &read(&dist.join(from).join(&path))?)?;
            kept.push(target);
        }
    }
    let template = project.root.join("worker/config.capnp");
    let template = fs::read_to_string(&template).with_context(|| template.display().to_string())?;
    let config = serde_json::to_string_pretty(&configure(&template, name)?)?;
    write_if_changed(&folder.join(CONFIG), config.as_bytes())?;
    prune(&folder, |path| kept.iter().any(|kept| kept == path))?;
    Ok(folder)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.with_context(|| folder.display().to_string())?;
        if let (true, Ok(inside)) = (entry.file_type().is_file(), entry.path().strip_prefix(folder))
        {
            files.push(inside.to_owned());
        }
    }
    Ok(files)
}

/// Wrangler's configuration, of workerd's. Each class of Durable Objects is a migration of its own
/// and in the order of the file, so that one that is added at its end is a new migration.
fn configure(template: &str, name: &str) -> Result<Value> {
    let all = |field: &str| -> Vec<&str> {
        template.lines().filter_map(|line| value(line, field)).collect()
    };
    let classes = all("className");
    let dates = all("compatibilityDate");
    let [date] = dates.as_slice() else {
        bail!("worker/config.capnp has {} lines with a compatibilityDate", dates.len())
    };
    let flags = template.lines().find_map(|line| line.split_once("compatibilityFlags = ["));
    let flags: Vec<&str> =
        flags.map(|(_, rest)| rest.split('"').skip(1).step_by(2).collect()).unwrap_or_default();
    let bindings: Vec<Value> = template
        .lines()
        .filter_map(|line| {
            let class = value(line, "durableObjectNamespace")?;
            Some(json!({"name": value(line, "(name")?, "class_name": class}))
        })
        .collect();
    if classes.is_empty() || bindings.len() != classes.len() {
        bail!(
            "worker/config.capnp has {} classes of Durable Objects and {} bindings of them",
            classes.len(),
            bindings.len()
        );
    }
    let migrations: Vec<Value> =
        classes.iter().map(|class| json!({"tag": class, "new_sqlite_classes": [class]})).collect();
    Ok(json!({
        "name": name,
        "main": "worker/shim.js",
        "base_dir": "worker",
        "no_bundle": true,
        "find_additional_modules": true,
        "rules": [
            {"type": "ESModule", "globs": ["**/*.js"], "fallthrough": false},
            {"type": "CompiledWasm", "globs": ["**/*.wasm"], "fallthrough": false},
        ],
        "compatibility_date": date,
        "compatibility_flags": flags,
        "durable_objects": {"bindings": bindings},
        "migrations": migrations,
        "assets": {
            "directory": "assets",
            "binding": "SITE",
            "run_worker_first": true,
            "html_handling": "none",
        },
        // What is set by hand stays.
        "keep_vars": true,
    }))
}

/// The text of a field in a line of workerd's configuration.
fn value<'a>(line: &'a str, field: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!("{field} = \""))?;
    rest.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = r#"
  compatibilityDate = "2026-04-01",
  compatibilityFlags = ["one", "two"],
  bindings = [
    (name = "CONVERSATIONS", durableObjectNamespace = "Conversation"),
    (name = "SITE", service = "site"),
  ],
  durableObjectNamespaces = [
    (className = "Conversation", uniqueKey = "aisle-conversation", enableSql = true),
  ],
"#;

    #[test]
    fn both_configurations_say_the_same() {
        let config = configure(TEMPLATE, "chat").unwrap();
        assert_eq!(config["name"], "chat");
        assert_eq!(config["compatibility_date"], "2026-04-01");
        assert_eq!(config["compatibility_flags"], json!(["one", "two"]));
        let binding = json!([{"name": "CONVERSATIONS", "class_name": "Conversation"}]);
        assert_eq!(config["durable_objects"]["bindings"], binding);
        let migration = json!([{"tag": "Conversation", "new_sqlite_classes": ["Conversation"]}]);
        assert_eq!(config["migrations"], migration);
    }

    #[test]
    fn a_class_without_a_binding_is_refused() {
        let template = TEMPLATE.replace("durableObjectNamespace =", "service =");
        assert!(configure(&template, "chat").is_err());
        assert!(configure("", "chat").is_err());
    }

    #[test]
    fn the_workers_own_configuration_can_be_deployed() {
        let template = include_str!("../../../../worker/config.capnp");
        let config = configure(template, "aisle").unwrap();
        assert!(config["durable_objects"]["bindings"].as_array().unwrap().len() > 1);
    }
}
