//! Builds what is served: `dist/site` (loader, widget, engine), `dist/worker` (the edge worker)
//! and `dist/artifacts` (what the shops' models and indexes are).

mod artifacts;
pub(crate) mod cloud;
mod edge;
mod site;
mod slim;
pub(crate) mod stamp;
mod trim;
mod wasm;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use clap::ValueEnum;
use walkdir::WalkDir;

use crate::project::Project;
use crate::setup;

/// A part of what is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// The loader, the widget and the engine.
    Site,
    /// The edge worker.
    Worker,
    /// The models and indexes of the shops.
    Artifacts,
}

/// Builds everything. What has not changed is not built again.
pub(crate) fn build(project: &Project) -> Result<()> {
    build_parts(project, Part::value_variants())
}

/// Builds some parts and leaves the others as they are.
pub(crate) fn build_parts(project: &Project, parts: &[Part]) -> Result<()> {
    setup::for_build(project)?;
    if parts.contains(&Part::Site) {
        let style = site::style(project)?;
        let widget = wasm::build(project, &wasm::WIDGET, &[("AISLE_STYLE", &style)])?;
        let engine = wasm::build(project, &wasm::ENGINE, &[])?;
        site::assemble(project, &widget, &engine)?;
    }
    if parts.contains(&Part::Worker) {
        let worker = wasm::build(project, &wasm::WORKER, &[])?;
        edge::assemble(project, &worker)?;
    }
    if parts.contains(&Part::Artifacts) {
        artifacts::copy(project)?;
    }
    Ok(())
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
