//! The demo shop's artifact, as the worker serves it.

use anyhow::{Context, Result};

use super::stamp::{read, write_if_changed};
use crate::project::Project;

const FILES: [&str; 4] = ["manifest.json", "encoder.onnx", "ranker.onnx", "index.bin"];

/// Copies what has changed.
pub(super) fn copy(project: &Project) -> Result<()> {
    let from = project.root.join("demo-site/artifact");
    let to = project.dist().join("artifacts/demo");
    for file in FILES {
        let content = read(&from.join(file))
            .context("the demo shop's artifact is not whole; make it with `cargo xtask train`")?;
        write_if_changed(&to.join(file), &content)?;
    }
    Ok(())
}
