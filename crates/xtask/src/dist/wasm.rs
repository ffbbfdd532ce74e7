//! From a crate to Wasm with its JavaScript glue: cargo, wasm-bindgen, wasm-opt.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::stamp::{Stamp, read};
use crate::child;
use crate::progress::step;
use crate::project::Project;
use crate::tools;

/// A crate to build, and how.
pub(super) struct Recipe {
    package: &'static str,
    /// What the files are called.
    name: &'static str,
    /// Cargo's target folder, where the environment differs from the usual one.
    folder: Option<&'static str>,
    environment: &'static [(&'static str, &'static str)],
    host: Host,
    features: &'static [&'static str],
}

/// Where the glue runs.
#[derive(Clone, Copy)]
enum Host {
    /// A browser, which is given the compiled module.
    Browser,
    /// workerd, which imports the Wasm like any other module.
    Workerd,
}

/// The chat panel.
pub(super) const WIDGET: Recipe = Recipe {
    package: "aisle-widget",
    name: "widget",
    folder: None,
    environment: &[],
    host: Host::Browser,
    features: &[],
};

/// The engine. SIMD makes it several times faster; browsers without it do without the engine.
pub(super) const ENGINE: Recipe = Recipe {
    package: "aisle-engine",
    name: "engine",
    folder: Some("wasm-engine"),
    environment: &[("RUSTFLAGS", "-C target-feature=+simd128")],
    host: Host::Browser,
    features: &["--enable-simd"],
};

/// The edge worker.
pub(super) const WORKER: Recipe = Recipe {
    package: "aisle-worker",
    name: "index",
    folder: Some("wasm-worker"),
    environment: &[("WASM_BINDGEN_USE_JS_SYS", "1")],
    host: Host::Workerd,
    features: &[],
};

/// What rustc and wasm-bindgen use by default.
const USUAL_FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The files of a built crate.
pub(super) struct Module {
    /// The folder that has them all, snippets included.
    pub(super) folder: PathBuf,
    /// The glue.
    pub(super) script: PathBuf,
    /// The Wasm.
    pub(super) wasm: PathBuf,
}

/// Builds a crate. Cargo knows whether there is anything to do; the rest is done when cargo's
/// result has changed.
pub(super) fn build(project: &Project, recipe: &Recipe) -> Result<Module> {
    let label = format!("building {}", recipe.package);
    let compiled = step(&label, |line| {
        let target = recipe.folder.map_or(project.target.clone(), |f| project.target.join(f));
        let mut cargo = project.cargo();
        cargo
            .args(["build", "--profile=wasm", "--target=wasm32-unknown-unknown", "--package"])
            .arg(recipe.package)
            .arg("--target-dir")
            .arg(&target)
            .envs(recipe.environment.iter().copied());
        child::within(project, line, &label, &mut cargo)?;
        let file = format!("{}.wasm", recipe.package.replace('-', "_"));
        Ok(target.join("wasm32-unknown-unknown/wasm").join(file))
    })?;

    let folder = project.stage().join(recipe.package);
    let module = Module {
        script: folder.join(format!("{}.js", recipe.name)),
        wasm: folder.join(format!("{}_bg.wasm", recipe.name)),
        folder,
    };
    let input = read(&compiled)?;
    let features = recipe.features.join(" ");
    let inputs = [input.as_slice(), features.as_bytes(), tools::VERSIONS.as_bytes()];
    let stamp = Stamp::new(project.stage().join(format!("{}.stamp", recipe.package)), inputs);
    if !stamp.is_current() || !module.wasm.is_file() {
        if module.folder.exists() {
            fs::remove_dir_all(&module.folder)
                .with_context(|| module.folder.display().to_string())?;
        }
        step(&format!("binding {}", recipe.package), |_| bind(recipe, input, &module))?;
        optimise(project, recipe, &module.wasm)?;
        stamp.set()?;
    }
    Ok(module)
}

fn bind(recipe: &Recipe, input: Vec<u8>, module: &Module) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(recipe.name, input).typescript(false).remove_producers_section(true);
    match recipe.host {
        Host::Browser => {
            bindgen.web(true)?.remove_name_section(true);
        }
        Host::Workerd => {
            bindgen.module(true)?.reset_state_function(true).force_enable_abort_handler(true);
        }
    }
    bindgen
        .generate(&module.folder)
        .with_context(|| format!("wasm-bindgen on {}", recipe.package))?;
    if matches!(recipe.host, Host::Workerd) {
        import_instance(&module.script)?;
    }
    Ok(())
}

/// workerd gives the compiled module for a plain import, and knows no source-phase one.
fn import_instance(script: &Path) -> Result<()> {
    let name = || script.display().to_string();
    let text = fs::read_to_string(script).with_context(name)?;
    fs::write(script, text.replace("import source ", "import ")).with_context(name)
}

fn optimise(project: &Project, recipe: &Recipe, wasm: &Path) -> Result<()> {
    let mut command = tools::wasm_opt(project);
    command.arg("-Oz").args(USUAL_FEATURES).args(recipe.features).arg(wasm).arg("-o").arg(wasm);
    child::run(project, &format!("optimising {}", recipe.package), &mut command)
}
