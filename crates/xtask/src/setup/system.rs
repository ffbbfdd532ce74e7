//! Packages of the operating system, where we may install them.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::child;
use crate::project::Project;

/// The first of these programs that is on the `PATH`.
pub(super) fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names
        .iter()
        .flat_map(|name| env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}

/// Whether apt is there and we are root.
pub(super) fn can_install() -> bool {
    let is_root = child::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    is_root && on_path(&["apt-get"]).is_some()
}

/// Installs packages through apt.
pub(super) fn install(project: &Project, packages: &[&str]) -> Result<()> {
    let names = packages.join(" and ");
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    child::run(project, "updating the list of system packages", apt().arg("update"))?;
    child::run(
        project,
        &format!("installing {names} with apt-get"),
        apt().args(["install", "-y", "--no-install-recommends"]).args(packages),
    )
}
