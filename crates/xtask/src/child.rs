//! Runs other programs to their end. The output of most is kept in a log and shown only when they
//! fail.

use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::log::{Log, lines_of};
use crate::process::{Process, name_of};
use crate::progress::{Line, step};
use crate::project::Project;

/// Runs a program to its end as a step of its own.
///
/// # Errors
/// When it cannot be started or does not end with success; its last lines are in the error.
pub(crate) fn run(project: &Project, label: &str, command: &mut Command) -> Result<()> {
    step(label, |line| within(project, line, label, command))
}

/// Like [`run`], as a part of a step.
pub(crate) fn within(
    project: &Project,
    line: &Line,
    label: &str,
    command: &mut Command,
) -> Result<()> {
    let log = project.logs().join(format!("{}.log", file_name(label)));
    run_logged(&log, command, |text| line.note(text))
}

/// The standard output of a program that ends with success. What it says on standard error is
/// part of the error only.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = name_of(command);
    let done = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("`{name}` could not be started"))?;
    if !done.status.success() {
        let error = String::from_utf8_lossy(&done.stderr);
        bail!("`{name}` failed ({}):\n{}", done.status, error.trim());
    }
    String::from_utf8(done.stdout).with_context(|| format!("the output of `{name}`"))
}

/// Runs a program whose output is for the reader of ours.
///
/// # Errors
/// When it cannot be started or does not end with success.
pub(crate) fn show(command: &mut Command) -> Result<()> {
    let name = name_of(command);
    succeeded(&name, Process::start(command)?.wait()?)
}

/// The standard output of a long-running program; the reader of ours sees its standard error.
///
/// # Errors
/// When it cannot be started, does not end with success or writes what is no text.
pub(crate) fn answer(command: &mut Command) -> Result<String> {
    let name = name_of(command);
    let mut process = Process::start(command.stdout(Stdio::piped()))?;
    let mut text = String::new();
    if let Some(mut stdout) = process.stdout() {
        stdout.read_to_string(&mut text).with_context(|| format!("the output of `{name}`"))?;
    }
    succeeded(&name, process.wait()?)?;
    Ok(text)
}

fn succeeded(name: &str, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{name}` failed ({status})");
    }
    Ok(())
}

fn run_logged(log: &Path, command: &mut Command, note: impl Fn(&str)) -> Result<()> {
    let name = name_of(command);
    let mut log = Log::create(log)?;
    let mut process = Process::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    for line in lines_of(&mut process) {
        note(&line);
        log.keep(line)?;
    }
    let status = process.wait()?;
    if !status.success() {
        bail!("`{name}` failed ({status}). {}", log.tail());
    }
    Ok(())
}

fn file_name(label: &str) -> String {
    label.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_shows_the_last_lines_and_names_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("deep/step.log");
        let script = "for i in $(seq 100); do echo line $i; done; exit 3";
        let error = run_logged(&log, &mut shell(script), |_| {}).unwrap_err().to_string();
        assert!(error.contains("line 100"), "{error}");
        assert!(!error.contains("line 20\n"), "{error}");
        assert!(error.contains("step.log"), "{error}");
        assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 100);
    }

    #[test]
    fn output_that_is_not_text_does_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("step.log");
        run_logged(&log, &mut shell(r"printf '\377\n'; printf last >&2"), |_| {}).unwrap();
        assert!(fs::read_to_string(&log).unwrap().contains("last"));
    }

    #[test]
    fn an_answer_is_the_standard_output_of_success() {
        assert_eq!(answer(&mut shell("echo 42; echo aside >&2")).unwrap(), "42\n");
        let error = answer(&mut shell("echo 42; exit 5")).unwrap_err().to_string();
        assert!(error.contains("exit status: 5"), "{error}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = output(&mut Command::new("no-such-program")).unwrap_err().to_string();
        assert!(error.contains("no-such-program"), "{error}");
    }
}
