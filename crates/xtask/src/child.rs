//! Runs other programs: their output is kept in a log and shown only when they fail.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::progress::{Line, step};
use crate::project::Project;

/// How many of the last lines are shown after a failure.
const TAIL_LINES: usize = 80;

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

/// The standard output of a program that ends with success.
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

fn run_logged(log: &Path, command: &mut Command, note: impl Fn(&str)) -> Result<()> {
    let name = name_of(command);
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let mut file = File::create(log).with_context(|| log.display().to_string())?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{name}` could not be started"))?;
    let (sender, lines) = channel();
    if let Some(stdout) = child.stdout.take() {
        forward(stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        forward(stderr, sender.clone());
    }
    drop(sender);
    let mut tail = VecDeque::new();
    for line in lines {
        writeln!(file, "{line}").with_context(|| log.display().to_string())?;
        note(&line);
        if tail.len() == TAIL_LINES {
            tail.pop_front();
        }
        tail.push_back(line);
    }
    let status = child.wait().with_context(|| format!("waiting for `{name}`"))?;
    if !status.success() {
        let tail: Vec<String> = tail.into();
        bail!(
            "`{name}` failed ({status}). Its last lines (all of them: {}):\n{}",
            log.display(),
            tail.join("\n")
        );
    }
    Ok(())
}

/// Sends the lines of a stream until it ends.
fn forward(stream: impl Read + Send + 'static, to: Sender<String>) {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            line.clear();
            if to.send(text).is_err() {
                return;
            }
        }
    });
}

/// The program with its arguments, cut where they are long.
fn name_of(command: &Command) -> String {
    let mut name = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        name.push(' ');
        name.push_str(&argument.to_string_lossy());
    }
    if name.chars().count() > 160 {
        name = name.chars().take(160).chain(" …".chars()).collect();
    }
    name
}

fn file_name(label: &str) -> String {
    label.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
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
    fn a_missing_program_is_named() {
        let error = output(&mut Command::new("no-such-program")).unwrap_err().to_string();
        assert!(error.contains("no-such-program"), "{error}");
    }
}
