//! What workerd runs: the worker's modules, and a configuration that lists them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use walkdir::WalkDir;

use super::prune;
use super::stamp::{read, write_if_changed};
use super::wasm::Module;
use crate::project::Project;

/// The line of the configuration's template that the list of modules takes the place of.
const PLACEHOLDER: &str = "# @modules";

/// The module that workerd starts with.
const SHIM: &str = "shim.js";

/// Puts the worker's folder together.
pub(super) fn assemble(project: &Project, worker: &Module) -> Result<()> {
    let source = project.root.join("worker");
    let folder = project.dist().join("worker");
    let mut modules = vec![SHIM.to_owned()];
    write_if_changed(&folder.join(SHIM), &read(&source.join(SHIM))?)?;
    for path in files(&worker.folder)? {
        write_if_changed(&folder.join(&path), &read(&worker.folder.join(&path))?)?;
        modules.push(path);
    }
    let template = source.join("config.capnp");
    let template = fs::read_to_string(&template).with_context(|| template.display().to_string())?;
    let config = configure(&template, &modules)?;
    write_if_changed(&folder.join("config.capnp"), config.as_bytes())?;
    prune(&folder, |path| {
        path == Path::new("config.capnp") || modules.iter().any(|module| path == Path::new(module))
    })
}

/// The modules of a folder, as paths in it, in a fixed order.
fn files(folder: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.context("the worker's modules")?;
        if let (true, Ok(inside)) = (entry.file_type().is_file(), entry.path().strip_prefix(folder))
        {
            files.push(inside.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(files)
}

/// Fills in the list of modules. The first one is what workerd starts with.
fn configure(template: &str, modules: &[String]) -> Result<String> {
    let mut is_filled = false;
    let mut config = String::new();
    for line in template.lines() {
        if line.contains(PLACEHOLDER) {
            is_filled = true;
            let indent = line.len() - line.trim_start().len();
            for module in modules {
                config.push_str(&" ".repeat(indent));
                config.push_str(&entry(module));
                config.push('\n');
            }
        } else {
            config.push_str(line);
            config.push('\n');
        }
    }
    if !is_filled {
        bail!("worker/config.capnp has no line with `{PLACEHOLDER}`");
    }
    Ok(config)
}

/// Modules find each other by name: a script's is its path, and the glue imports the Wasm as
/// `./index_bg.wasm`.
fn entry(module: &str) -> String {
    if module.ends_with(".wasm") {
        format!("(name = \"./{module}\", wasm = embed \"{module}\"),")
    } else {
        format!("(name = \"{module}\", esModule = embed \"{module}\"),")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modules_take_the_place_of_the_marked_line() {
        let template = "modules = [\n    # @modules\n],\n";
        let modules = ["shim.js".to_owned(), "index_bg.wasm".to_owned()];
        let expected = "modules = [\n    (name = \"shim.js\", esModule = embed \"shim.js\"),\n    \
                        (name = \"./index_bg.wasm\", wasm = embed \"index_bg.wasm\"),\n],\n";
        assert_eq!(configure(template, &modules).unwrap(), expected);
    }

    #[test]
    fn a_template_without_the_mark_is_refused() {
        assert!(configure("modules = []", &[]).unwrap_err().to_string().contains("@modules"));
    }
}
