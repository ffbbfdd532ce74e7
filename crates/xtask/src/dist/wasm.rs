//! From a crate to Wasm with its JavaScript glue: cargo, wasm-bindgen, wasm-opt.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::slim;
use super::stamp::{Stamp, read};
use super::trim;
use crate::child;
use crate::progress::step;
use crate::project::Project;
use crate::setup::WASM_TARGET;
use crate::tools;

/// A crate to build, and how.
pub(super) struct Recipe {
    package: &'static str,
    /// What the files are called.
    name: &'static str,
    /// The profile that cargo builds it with.
    profile: &'static str,
    /// Its folder in cargo's target folder. Cargo does not tell builds apart by their flags when
    /// those map paths: in one folder each would undo the others.
    folder: &'static str,
    environment: &'static [(&'static str, &'static str)],
    rustflags: &'static [&'static str],
    host: Host,
    features: &'static [&'static str],
    /// What is linked and never called, in parts of names as the linker writes them: a trap.
    unused: &'static [&'static str],
    /// What wasm-opt is to do.
    optimisation: &'static [&'static str],
}

/// Where the glue runs.
#[derive(Clone, Copy)]
enum Host {
    /// A browser, which is given the compiled module.
    Browser,
    /// workerd, which imports the Wasm like any other module.
    Workerd,
}

/// The chat panel. Functions that are inlined where they are called once make it smaller, and larger
/// once it is compressed: docs/decisions/0002-widget-size.md.
pub(super) const WIDGET: Recipe = Recipe {
    package: "aisle-widget",
    name: "widget",
    profile: "wasm",
    folder: "wasm-widget",
    environment: &[],
    rustflags: &["-C", trim::LINK_ARGUMENT],
    host: Host::Browser,
    features: &[],
    unused: &UNUSED_NODES,
    optimisation: &["-O2", "--one-caller-inline-max-function-size=20"],
};

/// Kinds of nodes that Yew renders and the widget, which is one component of plain elements, has
/// none of: raw HTML, portals, suspense, further components, areas of text.
const UNUSED_NODES: [&str; 9] = [
    "yew10dom_bundle4braw",
    "yew10dom_bundle5bcomp",
    "yew10dom_bundle7bportal",
    "yew10dom_bundle9bsuspense",
    "yew..dom_bundle..braw..BRaw",
    "yew..dom_bundle..bcomp..BComp",
    "yew..dom_bundle..bportal..BPortal",
    "yew..dom_bundle..bsuspense..BSuspense",
    "yew..virtual_dom..vtag..TextareaFields",
];

/// The engine. SIMD makes it several times faster; browsers without it do without the engine. It is
/// trimmed, and what wasm-opt does beyond `-O1` makes it larger once it is compressed:
/// docs/decisions/0003-engine-size.md.
pub(super) const ENGINE: Recipe = Recipe {
    package: "aisle-engine",
    name: "engine",
    profile: "wasm-engine",
    folder: "wasm-engine",
    environment: &[],
    rustflags: &["-C", "target-feature=+simd128", "-C", trim::LINK_ARGUMENT],
    host: Host::Browser,
    features: &["--enable-simd"],
    unused: &[],
    optimisation: &["-O1"],
};

/// The edge worker. The macros of wasm-bindgen read the variable, of which cargo does not know: one
/// more reason for a folder of its own.
pub(super) const WORKER: Recipe = Recipe {
    package: "aisle-worker",
    name: "index",
    profile: "wasm-worker",
    folder: "wasm-worker",
    environment: &[("WASM_BINDGEN_USE_JS_SYS", "1")],
    rustflags: &[],
    host: Host::Workerd,
    features: &["--enable-exception-handling"],
    unused: &[],
    optimisation: &["-O1"],
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

/// Builds a crate, its build script given some variables. Cargo knows whether there is anything to
/// do; the rest is done when cargo's result has changed. What is trimmed is bound untrimmed as
/// well, for the tests to compare.
pub(super) fn build(
    project: &Project,
    recipe: &Recipe,
    variables: &[(&str, &Path)],
) -> Result<Module> {
    let label = format!("building {}", recipe.package);
    let target = project.target.join(recipe.folder);
    let compiled = step(&label, |line| {
        let mut cargo = project.cargo();
        cargo
            .args(["build", "--profile", recipe.profile, "--target", WASM_TARGET])
            .args(["--package", recipe.package])
            .arg("--target-dir")
            .arg(&target)
            .envs(recipe.environment.iter().copied())
            .envs(variables.iter().copied())
            .env("CARGO_ENCODED_RUSTFLAGS", rustflags(project, recipe).join("\x1f"));
        child::within(project, line, &label, &mut cargo)?;
        let file = format!("{}.wasm", recipe.package.replace('-', "_"));
        Ok(target.join(WASM_TARGET).join(recipe.profile).join(file))
    })?;

    let module = Module::within(project.stage().join(recipe.package), recipe);
    let whole = recipe.is_trimmed().then(|| {
        let folder = project.stage().join(format!("{}-whole", recipe.package));
        Module::within(folder, recipe)
    });
    let input = read(&compiled)?;
    let options =
        [recipe.features, recipe.unused, recipe.optimisation, &[tools::VERSIONS]].concat();
    let inputs = options.iter().chain(&trim::SOURCES).map(|option| option.as_bytes());
    let inputs = inputs.chain([input.as_slice()]);
    let stamp = Stamp::new(project.stage().join(format!("{}.stamp", recipe.package)), inputs);
    let is_there = whole.iter().chain([&module]).all(|module| module.wasm.is_file());
    if !stamp.is_current() || !is_there {
        if let Some(whole) = &whole {
            let label = format!("binding {} untrimmed", recipe.package);
            step(&label, |_| bind(recipe, &input, whole))?;
        }
        step(&format!("binding {}", recipe.package), |_| {
            if recipe.is_trimmed() {
                bind(recipe, &trimmed(recipe, &input), &module)
            } else {
                bind(recipe, &input, &module)
            }
        })?;
        optimise(project, recipe, &module.wasm)?;
        stamp.set()?;
    }
    Ok(module)
}

impl Recipe {
    fn is_trimmed(&self) -> bool {
        self.rustflags.contains(&trim::LINK_ARGUMENT)
    }
}

impl Module {
    fn within(folder: PathBuf, recipe: &Recipe) -> Self {
        Self {
            script: folder.join(format!("{}.js", recipe.name)),
            wasm: folder.join(format!("{}_bg.wasm", recipe.name)),
            folder,
        }
    }
}

/// The recipe's flags, and short names for the folders that panics would tell of: the result does
/// not depend on where it is built.
fn rustflags(project: &Project, recipe: &Recipe) -> Vec<String> {
    let mut flags: Vec<String> = recipe.rustflags.iter().map(|flag| (*flag).to_owned()).collect();
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    for folder in home.map(|home| home.join("registry/src")).iter().chain([&project.root]) {
        flags.push(format!("--remap-path-prefix={}=", folder.display()));
    }
    flags
}

fn trimmed(recipe: &Recipe, input: &[u8]) -> Vec<u8> {
    let (trimmed, problem) = trim::trim(input, &[&trim::PANICS, recipe.unused].concat());
    if let Some(problem) = problem {
        eprintln!("note  {} stays as large as it is: {problem}", recipe.package);
    }
    trimmed
}

fn bind(recipe: &Recipe, input: &[u8], module: &Module) -> Result<()> {
    if module.folder.exists() {
        fs::remove_dir_all(&module.folder).with_context(|| module.folder.display().to_string())?;
    }
    let mut linked = walrus::Module::from_buffer(input)
        .with_context(|| format!("what the linker made of {}", recipe.package))?;
    if matches!(recipe.host, Host::Browser) {
        slim::trap_on_panic(&mut linked);
    }
    let mut bindgen = Bindgen::new();
    bindgen
        .input_module(recipe.name, linked)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true);
    match recipe.host {
        Host::Browser => {
            bindgen.web(true)?;
        }
        Host::Workerd => {
            bindgen.module(true)?.reset_state_function(true).force_enable_abort_handler(true);
        }
    }
    bindgen
        .generate(&module.folder)
        .with_context(|| format!("wasm-bindgen on {}", recipe.package))?;
    match recipe.host {
        Host::Browser => shorten_names(recipe, module),
        Host::Workerd => import_instance(&module.script),
    }
}

fn shorten_names(recipe: &Recipe, module: &Module) -> Result<()> {
    let script_name = format!("{}_bg.js", recipe.name);
    let script = String::from_utf8(read(&module.script)?).context("the glue")?;
    let (wasm, script) = slim::shorten_names(&read(&module.wasm)?, &script, &script_name)?;
    fs::write(&module.wasm, wasm).with_context(|| module.wasm.display().to_string())?;
    fs::write(&module.script, script).with_context(|| module.script.display().to_string())
}

/// workerd gives the compiled module for a plain import, and knows no source-phase one.
fn import_instance(script: &Path) -> Result<()> {
    let name = || script.display().to_string();
    let text = fs::read_to_string(script).with_context(name)?;
    fs::write(script, text.replace("import source ", "import ")).with_context(name)
}

fn optimise(project: &Project, recipe: &Recipe, wasm: &Path) -> Result<()> {
    let mut command = tools::wasm_opt(project);
    command
        .args(recipe.optimisation)
        .args(USUAL_FEATURES)
        .args(recipe.features)
        .arg(wasm)
        .arg("-o")
        .arg(wasm);
    child::run(project, &format!("optimising {}", recipe.package), &mut command)
}
