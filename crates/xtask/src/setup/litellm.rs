//! LiteLLM, a server of the OpenAI protocol that is not ours: one test relays it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::system;
use crate::child;
use crate::dist::stamp::Stamp;
use crate::project::Project;

const PACKAGE: &str = "litellm[proxy]==1.108.0";

/// Installs it once under the target folder. Without Python there is none, and the test that
/// wants it says so.
pub(super) fn find(project: &Project) -> Option<PathBuf> {
    match installed(project) {
        Ok(program) => Some(program),
        Err(error) => {
            // What pip says at length is in the log that the first line names.
            let error = format!("{error:#}");
            let error = error.lines().next().unwrap_or_default();
            eprintln!(
                "note  the test that relays LiteLLM is left out, as it is not there: {error}"
            );
            None
        }
    }
}

fn installed(project: &Project) -> Result<PathBuf> {
    let folder = project.target.join("litellm");
    let program = folder.join("bin/litellm");
    let stamp = Stamp::new(folder.join(".installed"), [PACKAGE.as_bytes()]);
    if stamp.is_current() && program.is_file() {
        return Ok(program);
    }
    let create = || {
        let mut python = Command::new("python3");
        python.args(["-m", "venv", "--clear"]).arg(&folder);
        child::run(project, "making a Python environment for LiteLLM", &mut python)
    };
    if let Err(error) = create() {
        if !system::can_install() {
            return Err(error).context("python3 with its venv module is needed");
        }
        system::install(project, &["python3", "python3-venv"])?;
        create()?;
    }
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", PACKAGE]);
    child::run(project, &format!("installing {PACKAGE}"), &mut pip)?;
    stamp.set()?;
    Ok(program)
}
