//! The programs that come as npm packages. Their own binaries are started, not the scripts
//! around them, so that a signal reaches the program itself.

use std::env::consts::{ARCH, OS};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::project::Project;

/// Part of every stamp: other versions of the tools give other results.
pub(crate) const VERSIONS: &str = "wasm-bindgen 0.2.130, binaryen 132.0.0, esbuild 0.28.2";

/// Bundles and minifies JavaScript.
pub(crate) fn esbuild(project: &Project) -> Result<Command> {
    let platform = match (OS, ARCH) {
        ("linux", "x86_64") => "linux-x64",
        ("linux", "aarch64") => "linux-arm64",
        ("macos", "x86_64") => "darwin-x64",
        ("macos", "aarch64") => "darwin-arm64",
        _ => return unknown_platform(),
    };
    let package = project.root.join("widget/node_modules/@esbuild").join(platform);
    Ok(Command::new(package.join("bin/esbuild")))
}

/// Makes Wasm smaller.
pub(crate) fn wasm_opt(project: &Project) -> Command {
    let mut command = Command::new("node");
    command.arg(project.root.join("widget/node_modules/binaryen/bin/wasm-opt"));
    command
}

/// The worker's runtime.
pub(crate) fn workerd(project: &Project) -> Result<PathBuf> {
    let platform = match (OS, ARCH) {
        ("linux", "x86_64") => "workerd-linux-64",
        ("linux", "aarch64") => "workerd-linux-arm64",
        ("macos", "x86_64") => "workerd-darwin-64",
        ("macos", "aarch64") => "workerd-darwin-arm64",
        _ => return unknown_platform(),
    };
    Ok(project.root.join("worker/node_modules/@cloudflare").join(platform).join("bin/workerd"))
}

fn unknown_platform<T>() -> Result<T> {
    bail!(
        "esbuild and workerd are fetched for Linux and macOS on x86-64 and ARM64, not for {OS} on {ARCH}"
    )
}
