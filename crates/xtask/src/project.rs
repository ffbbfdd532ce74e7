//! Where things are: the repository, cargo's target folder, and what the build leaves in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::child;

/// The folders that every command needs.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    /// The repository's root.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, wherever the environment puts it.
    pub(crate) target: PathBuf,
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

impl Project {
    /// Asks cargo, so that `CARGO_TARGET_DIR` and configuration files count.
    pub(crate) fn find() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let json = child::output(
            Command::new("cargo")
                .args(["metadata", "--no-deps", "--format-version=1"])
                .current_dir(if here.is_dir() { here } else { Path::new(".") }),
        )?;
        let found: Metadata = serde_json::from_str(&json).context("what cargo metadata says")?;
        Ok(Self { root: found.workspace_root, target: found.target_directory })
    }

    /// What is served and deployed.
    pub(crate) fn dist(&self) -> PathBuf {
        self.target.join("dist")
    }

    /// Intermediate results of the build, with the stamps that say what they were made of.
    pub(crate) fn stage(&self) -> PathBuf {
        self.target.join("dist-stage")
    }

    /// The whole output of the commands that were run, one file each.
    pub(crate) fn logs(&self) -> PathBuf {
        self.target.join("xtask-logs")
    }

    /// A program of ours, as cargo builds it in a profile's folder (`debug` or `release`).
    pub(crate) fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// A `cargo` command at the root.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root);
        command
    }
}
