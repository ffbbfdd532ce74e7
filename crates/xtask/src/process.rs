//! Child processes that end when we do, however we end.
//!
//! Each child leads a process group of its own, so that a signal to the group reaches what the
//! child itself starts. Beside each child a small shell waits for the end of a pipe that only we
//! hold open: when we are gone, even by `kill -9`, the pipe closes and the shell ends the group.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio, exit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// How long a process may take to end after it was asked to. workerd waits for requests that
/// nobody will answer any more.
const PATIENCE: Duration = Duration::from_secs(3);

/// How often the state of a process is looked at.
pub(crate) const POLL: Duration = Duration::from_millis(25);

/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Ends the group `$0` unless a line comes before the pipe closes.
const WATCHDOG: &str = r#"
trap '' HUP INT TERM
read -r line && exit
kill -TERM "-$0" || exit
for _ in 1 2 3 4 5 6; do sleep 0.5; kill -0 "-$0" || exit; done
kill -KILL "-$0"
"#;

/// Whether a signal to stop has come.
static IS_STOPPING: AtomicBool = AtomicBool::new(false);

/// Whether the command itself ends when a signal comes.
static STOPS_ITSELF: AtomicBool = AtomicBool::new(false);

/// Makes Ctrl-C, `SIGTERM` and `SIGHUP` end us and thereby our children.
pub(crate) fn handle_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        let is_repeated = IS_STOPPING.swap(true, Ordering::SeqCst);
        if is_repeated || !STOPS_ITSELF.load(Ordering::SeqCst) {
            exit(INTERRUPTED);
        }
    })
    .context("signals cannot be handled")
}

/// From now on a signal only makes [`is_stopping`] true. A second one ends us all the same.
pub(crate) fn stop_by_asking() {
    STOPS_ITSELF.store(true, Ordering::SeqCst);
}

/// Whether a signal to stop has come.
pub(crate) fn is_stopping() -> bool {
    IS_STOPPING.load(Ordering::SeqCst)
}

/// A child with all that it starts. Dropping it ends them.
pub(crate) struct Process {
    child: Child,
    watchdog: Child,
    /// Open as long as the watchdog is to wait.
    pipe: Option<ChildStdin>,
    group: Pid,
}

impl Process {
    /// Starts a program, without input.
    ///
    /// # Errors
    /// When the program, or the shell that watches over it, cannot be started.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let name = name_of(command);
        let mut child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("`{name}` could not be started"))?;
        let group = child.id();
        let watchdog = Command::new("sh")
            .args(["-c", WATCHDOG, &group.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let group = Pid::from_raw(i32::try_from(group).context("the number of a process")?);
        match watchdog {
            Ok(mut watchdog) => {
                let pipe = watchdog.stdin.take();
                Ok(Self { child, watchdog, pipe, group })
            }
            Err(error) => {
                let _ = killpg(group, Signal::SIGKILL);
                let _ = child.wait();
                Err(error).context("`sh` could not be started")
            }
        }
    }

    /// Its standard output, when that is piped; once.
    pub(crate) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Its standard error, when that is piped; once.
    pub(crate) fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        self.child.wait().context("waiting for a process")
    }

    /// How it ended, if it has.
    pub(crate) fn status(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().context("looking after a process")
    }

    /// Asks it to end, and makes it when it does not within [`PATIENCE`].
    pub(crate) fn end(&mut self) {
        self.end_within(PATIENCE);
    }

    fn end_within(&mut self, patience: Duration) {
        let asked = Instant::now();
        // An error says that there is nobody left in the group.
        let _ = killpg(self.group, Signal::SIGTERM);
        while matches!(self.child.try_wait(), Ok(None)) && asked.elapsed() < patience {
            sleep(POLL);
        }
        let _ = killpg(self.group, Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.end();
        }
        if let Some(mut pipe) = self.pipe.take() {
            // It fails when the watchdog is gone, which is just as well.
            let _ = pipe.write_all(b"done\n");
        }
        let _ = self.watchdog.wait();
    }
}

/// The program with its arguments, cut where they are long.
pub(crate) fn name_of(command: &Command) -> String {
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

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read};

    use super::*;

    fn shell(script: &str) -> Process {
        let mut command = Command::new("sh");
        Process::start(command.args(["-c", script]).stdout(Stdio::piped())).unwrap()
    }

    /// The output after the first line; it ends when the last process that writes to it has.
    fn rest(process: &mut Process) -> impl FnOnce() -> String + use<> {
        let mut output = BufReader::new(process.stdout().unwrap());
        let mut first = String::new();
        output.read_line(&mut first).unwrap();
        assert_eq!(first, "ready\n");
        move || {
            let mut rest = String::new();
            output.read_to_string(&mut rest).unwrap();
            rest
        }
    }

    #[test]
    fn ending_a_process_ends_what_it_started_too() {
        let mut process = shell("sleep 600 & echo ready; wait");
        let rest = rest(&mut process);
        process.end();
        assert_eq!(rest(), "");
    }

    #[test]
    fn a_process_that_asks_for_time_gets_it() {
        let mut process = shell("trap 'echo saved; exit 0' TERM; echo ready; sleep 600 & wait");
        let rest = rest(&mut process);
        process.end();
        assert_eq!(rest(), "saved\n");
        assert!(process.wait().unwrap().success());
    }

    #[test]
    fn a_process_that_will_not_end_is_killed() {
        let mut process = shell("trap '' TERM; echo ready; while :; do sleep 600; done");
        let rest = rest(&mut process);
        process.end_within(Duration::from_millis(50));
        assert!(!process.wait().unwrap().success());
        assert_eq!(rest(), "");
    }

    #[test]
    fn the_watchdog_ends_the_group_when_its_pipe_closes() {
        let mut process = shell("sleep 600 & echo ready; wait");
        let rest = rest(&mut process);
        drop(process.pipe.take());
        assert_eq!(rest(), "");
        assert!(!process.wait().unwrap().success());
    }

    #[test]
    fn a_process_that_ended_by_itself_is_left_alone() {
        let mut process = shell("exit 7");
        assert_eq!(process.wait().unwrap().code(), Some(7));
        assert_eq!(process.status().unwrap().and_then(|status| status.code()), Some(7));
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Process::start(&mut Command::new("no-such-program")).err().unwrap();
        assert!(error.to_string().contains("no-such-program"), "{error}");
    }
}
