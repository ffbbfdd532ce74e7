//! Builds what is served: `dist/site` (loader, widget, engine), `dist/worker` (the edge worker)
//! and `dist/artifacts` (what the shops' models and indexes are).

mod artifacts;
mod edge;
mod site;
mod slim;
pub(crate) mod stamp;
mod trim;
mod wasm;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::project::Project;
use crate::setup;

/// Builds everything. What has not changed is not built again.
pub(crate) fn build(project: &Project) -> Result<()> {
    setup::for_build(project)?;
    let widget = wasm::build(project, &wasm::WIDGET)?;
    let engine = wasm::build(project, &wasm::ENGINE)?;
    site::assemble(project, &widget, &engine)?;
    let worker = wasm::build(project, &wasm::WORKER)?;
    edge::assemble(project, &worker)?;
    artifacts::copy(project)
}

/// Removes the files under a folder that `keep` does not want, given their path in it.
fn prune(folder: &Path, keep: impl Fn(&Path) -> bool) -> Result<()> {
    for entry in WalkDir::new(folder).into_iter().filter_map(Result::ok) {
        let Ok(inside) = entry.path().strip_prefix(folder) else { continue };
        if entry.file_type().is_file() && !keep(inside) {
            fs::remove_file(entry.path()).with_context(|| entry.path().display().to_string())?;
        }
    }
    Ok(())
}
