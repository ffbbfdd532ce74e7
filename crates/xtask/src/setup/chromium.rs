//! The browser that the tests drive.

use std::env;
use std::path::PathBuf;

use anyhow::{Result, bail};

use super::system;
use crate::project::Project;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Finds Chromium, or installs it where that is possible.
pub(super) fn find(project: &Project) -> Result<PathBuf> {
    if let Some(given) = env::var_os("AISLE_CHROMIUM").filter(|given| !given.is_empty()) {
        let path = PathBuf::from(given);
        if !path.is_file() {
            bail!("AISLE_CHROMIUM is {}, where there is no file", path.display());
        }
        return Ok(path);
    }
    if let Some(found) = system::on_path(&NAMES) {
        return Ok(found);
    }
    if system::can_install() {
        system::install(project, &["chromium", "fonts-liberation"])?;
        if let Some(found) = system::on_path(&NAMES) {
            return Ok(found);
        }
    }
    bail!(
        "the browser tests need Chromium or Chrome, and none is on the PATH.\n\
         On Debian or Ubuntu: sudo apt-get install chromium fonts-liberation\n\
         On macOS: brew install --cask chromium\n\
         Or name one: AISLE_CHROMIUM=/path/to/chrome cargo xtask test\n\
         What needs no browser: cargo xtask test --fast"
    )
}
