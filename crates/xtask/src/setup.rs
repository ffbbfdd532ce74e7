//! Gets what the build and the tests need from the package registries, and says so.

mod chromium;
mod litellm;
mod system;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::child;
use crate::dist::stamp::{Stamp, read};
use crate::project::Project;

/// What the widget, the engine and the worker are compiled to.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";
const OLDEST_NODE: u32 = 20;

/// What the tests drive besides our own programs.
pub(crate) struct TestTools {
    /// A Chromium to drive.
    pub(crate) chromium: PathBuf,
    /// A third party's OpenAI-compatible server, where it can be had.
    pub(crate) litellm: Option<PathBuf>,
}

/// Makes ready for `dist`.
pub(crate) fn for_build(project: &Project) -> Result<()> {
    wasm_target(project)?;
    node()?;
    npm(project, "widget")?;
    npm(project, "worker")
}

/// Makes ready for deploying to Cloudflare.
pub(crate) fn for_deploy(project: &Project) -> Result<()> {
    npm(project, "worker/deploy")
}

/// Makes ready for driving a browser.
pub(crate) fn for_browser(project: &Project) -> Result<TestTools> {
    for_build(project)?;
    npm(project, "tests")?;
    Ok(TestTools { chromium: chromium::find(project)?, litellm: None })
}

/// Makes ready for measuring: as for the tests, and with what others have made to measure beside.
pub(crate) fn for_bench(project: &Project) -> Result<TestTools> {
    npm(project, "tests/bench")?;
    for_tests(project)
}

/// Makes ready for the tests in the browser and at the edge.
pub(crate) fn for_tests(project: &Project) -> Result<TestTools> {
    let tools = for_browser(project)?;
    Ok(TestTools { litellm: litellm::find(project), ..tools })
}

/// Adds the Rust target for WebAssembly where it is missing.
pub(crate) fn wasm_target(project: &Project) -> Result<()> {
    let sysroot = child::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", WASM_TARGET]);
    child::run(project, &format!("installing the Rust target {WASM_TARGET}"), &mut rustup)
        .with_context(|| format!("the Rust target {WASM_TARGET} is needed and could not be added"))
}

fn node() -> Result<()> {
    let version = child::output(Command::new("node").arg("--version"))
        .with_context(|| format!("Node.js {OLDEST_NODE} or newer, with npm, is needed"))?;
    if major_version(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node.js {OLDEST_NODE} or newer is needed; `node` is {}", version.trim());
    }
    Ok(())
}

fn major_version(text: &str) -> Option<u32> {
    text.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// Installs the packages of a folder's lock file, when that has changed.
fn npm(project: &Project, folder: &str) -> Result<()> {
    let path = project.root.join(folder);
    let lock = read(&path.join("package-lock.json"))?;
    let stamp = Stamp::new(path.join("node_modules/.installed"), [lock.as_slice()]);
    if stamp.is_current() {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&path);
    child::run(project, &format!("installing the npm packages of {folder}/"), &mut npm)?;
    stamp.set()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_node_says() {
        assert_eq!(major_version("v20.20.2\n"), Some(20));
        assert_eq!(major_version("nonsense"), None);
    }
}
