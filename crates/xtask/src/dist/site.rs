//! What browsers fetch: the loader, and the assets that it names by their hash.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::prune;
use super::stamp::{Stamp, read, short_hash, write_if_changed};
use super::wasm::Module;
use crate::child;
use crate::progress::step;
use crate::project::Project;
use crate::tools;

/// The loader is on every page of a shop: it stays this small, in raw bytes.
const LOADER_LIMIT: usize = 10_000;

/// Something that the loader names.
struct Asset {
    /// Its key in the loader.
    key: &'static str,
    /// Its path on the site.
    path: String,
    content: Vec<u8>,
}

/// Puts the site together.
pub(super) fn assemble(project: &Project, widget: &Module, engine: &Module) -> Result<()> {
    let scripts = project.root.join("widget/embeds/script");
    let loader = scripts.join("loader.js");
    let engine_worker = scripts.join("engine-worker.js");
    let sources =
        [&loader, &engine_worker, &widget.script, &widget.wasm, &engine.script, &engine.wasm];
    let inputs = sources.map(|path| read(path)).into_iter().collect::<Result<Vec<_>>>()?;
    let inputs = inputs.iter().map(Vec::as_slice).chain([tools::VERSIONS.as_bytes()]);
    let stamp = Stamp::new(project.stage().join("site.stamp"), inputs);
    let site = project.dist().join("site");
    if stamp.is_current() && site.join("aisle.js").is_file() {
        return Ok(());
    }
    step("assembling the site", |_| {
        let minify = |source: &Path| minified(project, source);
        let assets = [
            asset("widget", "widget", "js", minify(&widget.script)?),
            asset("widgetWasm", "widget", "wasm", read(&widget.wasm)?),
            asset("engine", "engine", "js", minify(&engine.script)?),
            asset("engineWasm", "engine", "wasm", read(&engine.wasm)?),
            asset("engineWorker", "engine-worker", "js", minify(&engine_worker)?),
        ];
        let bundled = bundle_loader(project, &loader, &assets)?;
        if bundled.len() > LOADER_LIMIT {
            bail!("the loader has {} bytes; its limit is {LOADER_LIMIT}", bundled.len());
        }
        for asset in &assets {
            write_if_changed(&site.join(&asset.path), &asset.content)?;
        }
        write_if_changed(&site.join("aisle.js"), &bundled)?;
        prune(&site, |path| {
            path == Path::new("aisle.js")
                || assets.iter().any(|asset| path == Path::new(&asset.path))
        })?;
        stamp.set()
    })
}

fn asset(key: &'static str, name: &str, extension: &str, content: Vec<u8>) -> Asset {
    let path = format!("assets/{name}-{}.{extension}", short_hash(&content));
    Asset { key, path, content }
}

/// The assets whose integrity the loader has checked. The engine's scripts are imported, for which
/// there is no way to say it.
const CHECKED: [&str; 3] = ["widget", "widgetWasm", "engineWasm"];

/// What takes the place of `__AISLE_ASSETS__`.
fn manifest(assets: &[Asset]) -> Value {
    let mut paths = Map::new();
    let mut integrity = Map::new();
    for asset in assets {
        paths.insert(asset.key.to_owned(), json!(asset.path));
        if CHECKED.contains(&asset.key) {
            let digest = STANDARD.encode(Sha256::digest(&asset.content));
            integrity.insert(asset.key.to_owned(), json!(format!("sha256-{digest}")));
        }
    }
    paths.insert("integrity".to_owned(), Value::Object(integrity));
    Value::Object(paths)
}

fn bundle_loader(project: &Project, source: &Path, assets: &[Asset]) -> Result<Vec<u8>> {
    let define = format!("--define:__AISLE_ASSETS__={}", manifest(assets));
    run_esbuild(project, source, &["--format=iife", &define])
}

fn minified(project: &Project, source: &Path) -> Result<Vec<u8>> {
    run_esbuild(project, source, &["--format=esm"])
}

/// The panel's stylesheets as one small file; gives its path.
pub(super) fn style(project: &Project) -> Result<PathBuf> {
    let path = project.stage().join("style.css");
    let css = run_esbuild(project, &project.root.join("widget/style/index.css"), &[])?;
    write_if_changed(&path, &css)?;
    Ok(path)
}

fn run_esbuild(project: &Project, source: &Path, options: &[&str]) -> Result<Vec<u8>> {
    let out: PathBuf = project.stage().join("minified");
    let mut esbuild = tools::esbuild(project)?;
    esbuild
        .arg(source)
        .args(["--bundle", "--minify", "--target=es2022", "--legal-comments=none"])
        .args(["--charset=utf8", "--log-level=warning"])
        .args(options)
        .arg(format!("--outfile={}", out.display()))
        .current_dir(&project.root);
    child::output(&mut esbuild)?;
    read(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_paths_and_their_integrity() {
        let assets = [asset("widgetWasm", "widget", "wasm", b"abc".to_vec())];
        let manifest = manifest(&assets);
        assert_eq!(manifest["widgetWasm"], "assets/widget-ba7816bf8f01.wasm");
        let integrity = manifest["integrity"]["widgetWasm"].as_str().unwrap();
        assert!(integrity.starts_with("sha256-ungWv48Bz+pBQUDe"), "{integrity}");
    }
}
