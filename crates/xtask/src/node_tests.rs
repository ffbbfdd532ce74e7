//! What the tests and benchmarks in Node.js are told of the project.

use std::process::Command;

use anyhow::Result;

use crate::project::Project;
use crate::setup::TestTools;
use crate::tools;

/// `node`, with the places of everything that was built and installed in its environment. Of our
/// own programs it gets those that cargo built with this profile, `debug` or `release`.
pub(crate) fn node(project: &Project, found: &TestTools, profile: &str) -> Result<Command> {
    let mut node = Command::new("node");
    node.current_dir(&project.root)
        .env("AISLE_ROOT", &project.root)
        .env("AISLE_DIST", project.dist())
        .env("AISLE_SHOP_BIN", project.program(profile, "aisle-demo-shop"))
        .env("AISLE_TRAINER_BIN", project.program(profile, "aisle"))
        .env("AISLE_WORKERD", tools::workerd(project)?)
        .env("AISLE_CHROMIUM", &found.chromium);
    match &found.litellm {
        Some(litellm) => node.env("AISLE_LITELLM", litellm),
        None => node.env_remove("AISLE_LITELLM"),
    };
    Ok(node)
}
