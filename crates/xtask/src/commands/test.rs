//! `cargo xtask test`

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use walkdir::WalkDir;

use crate::progress::Stages;
use crate::project::Project;
use crate::{child, dist, node_tests, setup, tidy};

/// Runs the tests: of the Rust code, and of the whole system in a browser and at the edge.
///
/// The whole system is the built site and worker, the demo shop, workerd and a headless Chromium;
/// where Python is at hand also LiteLLM, a server of the OpenAI protocol. Everything that is
/// missing is installed where that is possible, and otherwise named.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  cargo xtask test
  cargo xtask test --fast                    tidiness and Rust, without a browser
  cargo xtask test tests/edge/*.test.mjs     these files only
  cargo xtask test --built tests/edge/cors.test.mjs
                                             on what is built, as it is")]
pub(super) struct Test {
    /// Leave out what needs a browser or a built site.
    #[arg(long)]
    fast: bool,
    /// Test files of the whole system, to run only those.
    #[arg(value_name = "FILE", conflicts_with = "fast")]
    files: Vec<PathBuf>,
    /// Build nothing: run the files on what `cargo xtask dist` and `cargo build` left.
    #[arg(long, requires = "files")]
    built: bool,
}

impl Test {
    pub(super) fn run(&self, project: &Project) -> Result<()> {
        let mut stages = Stages::begin();
        if self.fast {
            fast(project, &mut stages)?;
        } else if self.files.is_empty() {
            fast(project, &mut stages)?;
            let files = test_files(&project.root.join("tests"))?;
            whole_system(project, &mut stages, &files)?;
        } else {
            let files = self.files.iter().map(std::path::absolute);
            let files = files.collect::<Result<Vec<_>, _>>().context("the test files")?;
            if self.built {
                run_files(project, &mut stages, &files)?;
            } else {
                stages.run("build", || build(project))?;
                whole_system(project, &mut stages, &files)?;
            }
        }
        stages.end();
        Ok(())
    }
}

/// What needs neither a browser nor a built site.
pub(super) fn fast(project: &Project, stages: &mut Stages) -> Result<()> {
    stages.run("tidiness", || tidy::check(project))?;
    stages.run("build", || build(project))?;
    stages.run("tests in Rust", || {
        let mut cargo = project.cargo();
        child::show(cargo.args(["test", "--workspace", "--no-fail-fast"]))
    })
}

/// Builds tests and programs in one selection of packages, that of `cargo test --workspace`:
/// another selection would build the dependencies again with other features.
fn build(project: &Project) -> Result<()> {
    let mut cargo = project.cargo();
    cargo.args(["build", "--workspace", "--all-targets"]);
    child::run(project, "building the tests and the programs", &mut cargo)
}

fn whole_system(project: &Project, stages: &mut Stages, files: &[PathBuf]) -> Result<()> {
    stages.run("site and worker", || dist::build(project))?;
    run_files(project, stages, files)
}

fn run_files(project: &Project, stages: &mut Stages, files: &[PathBuf]) -> Result<()> {
    let tools = stages.run("set-up", || setup::for_tests(project))?;
    stages.run("tests of the whole system", || {
        let mut node = node_tests::node(project, &tools, "debug")?;
        node.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]).args(files);
        child::show(&mut node)
    })
}

/// The test files under a folder, in a fixed order.
fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in entries.filter_entry(|entry| entry.file_name() != "node_modules") {
        let path = entry.context("looking for tests")?.into_path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("{} has no test file (*.test.mjs)", folder.display());
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn finds_tests_but_not_those_of_packages() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["b/z.test.mjs", "a.test.mjs", "b/part.mjs", "node_modules/p/x.test.mjs"] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let expected = ["a.test.mjs", "b/z.test.mjs"].map(|file| folder.path().join(file));
        assert_eq!(test_files(folder.path()).unwrap(), expected);
    }

    #[test]
    fn no_tests_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(test_files(folder.path()).is_err());
    }
}
