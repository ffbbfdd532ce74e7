//! One line for each step, with the time it took.

use std::cell::Cell;
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

/// How often a long step says that it is alive where no terminal shows the spinner.
const REMINDER: Duration = Duration::from_secs(30);

/// How much of a program's line is shown while it runs.
const NOTE_CHARS: usize = 60;

/// The line of a step under way.
pub(crate) struct Line {
    label: String,
    bar: ProgressBar,
    began: Instant,
    reminded: Cell<Instant>,
}

impl Line {
    /// Shows what the step is at.
    pub(crate) fn note(&self, text: &str) {
        let text: String = text.trim().chars().take(NOTE_CHARS).collect();
        if self.bar.is_hidden() && self.reminded.get().elapsed() >= REMINDER {
            self.reminded.set(Instant::now());
            let seconds = self.began.elapsed().as_secs();
            eprintln!("      {} ({seconds} s): {text}", self.label);
        }
        self.bar.set_message(text);
    }
}

/// Does a piece of work under a label, and prints the label with the time when it is done.
pub(crate) fn step<T>(label: &str, work: impl FnOnce(&Line) -> Result<T>) -> Result<T> {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) =
        ProgressStyle::with_template("  {spinner} {prefix} {elapsed}  {wide_msg:.dim}")
    {
        bar.set_style(style);
    }
    bar.set_prefix(label.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    let now = Instant::now();
    let line = Line { label: label.to_owned(), bar, began: now, reminded: Cell::new(now) };
    let result = work(&line);
    line.bar.finish_and_clear();
    let mark = if result.is_ok() { "ok  " } else { "FAIL" };
    eprintln!("{mark}  {label}  {}", time(now.elapsed()));
    result
}

/// The stages of a long command, with their times.
pub(crate) struct Stages {
    began: Instant,
    done: Vec<(&'static str, Duration)>,
}

impl Stages {
    /// The first stage begins.
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now(), done: Vec::new() }
    }

    /// Does a stage under a heading.
    pub(crate) fn run<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        eprintln!("\n== {name}");
        let now = Instant::now();
        let result = work();
        self.done.push((name, now.elapsed()));
        if result.is_err() {
            eprintln!("\n== {name}: failed after {}", time(now.elapsed()));
        }
        result
    }

    /// Prints how long each stage took.
    pub(crate) fn end(self) {
        eprintln!("\n{}", self.table());
    }

    fn table(&self) -> String {
        let all = [("all", self.began.elapsed())];
        let rows = self.done.iter().chain(&all);
        let rows = rows.map(|(name, duration)| format!("ok    {name:<28}{:>14}", time(*duration)));
        rows.collect::<Vec<_>>().join("\n")
    }
}

/// A duration as people read it.
pub(crate) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 100 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_short() {
        assert_eq!(time(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(time(Duration::from_secs(245)), "4 min 05 s");
    }

    #[test]
    fn every_stage_has_its_line() {
        let mut stages = Stages::begin();
        assert_eq!(stages.run("first", || Ok(7)).unwrap(), 7);
        stages.run("second", || Ok(())).unwrap();
        let table = stages.table();
        let names = table.lines().map(|line| line.split_whitespace().nth(1).unwrap());
        assert_eq!(names.collect::<Vec<_>>(), ["first", "second", "all"]);
    }
}
