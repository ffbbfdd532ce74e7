//! What a child writes: all of it in a file, the last lines at hand.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context, Result};

use crate::process::Process;

/// How many of the last lines are shown after a failure.
const TAIL_LINES: usize = 80;

/// A log file.
pub(crate) struct Log {
    path: PathBuf,
    file: File,
    tail: VecDeque<String>,
}

impl Log {
    /// Starts the file anew, and makes its folder.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let name = || path.display().to_string();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(name)?;
        }
        let file = File::create(path).with_context(name)?;
        Ok(Self { path: path.to_owned(), file, tail: VecDeque::new() })
    }

    /// Adds a line.
    pub(crate) fn keep(&mut self, line: String) -> Result<()> {
        writeln!(self.file, "{line}").with_context(|| self.path.display().to_string())?;
        if self.tail.len() == TAIL_LINES {
            self.tail.pop_front();
        }
        self.tail.push_back(line);
        Ok(())
    }

    /// The last lines, under a line that says where all of them are.
    pub(crate) fn tail(&self) -> String {
        let lines: Vec<&str> = self.tail.iter().map(String::as_str).collect();
        format!("Its last lines (all of them: {}):\n{}", self.path.display(), lines.join("\n"))
    }
}

/// The lines that a process with piped output writes, until it closes both streams.
pub(crate) fn lines_of(process: &mut Process) -> Receiver<String> {
    let (sender, lines) = channel();
    if let Some(stdout) = process.stdout() {
        forward(stdout, sender.clone());
    }
    if let Some(stderr) = process.stderr() {
        forward(stderr, sender);
    }
    lines
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
