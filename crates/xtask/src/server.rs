//! Servers that run until we stop them: watched, with their output kept and passed on.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::log::{Log, lines_of};
use crate::process::{POLL, Process, is_stopping};

/// How long a server may take to answer one probe.
const PROBE: Duration = Duration::from_secs(2);

/// How a wait for servers ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// What was waited for has come.
    Done,
    /// The user asked to stop.
    Stopped,
}

/// A server that was started. Dropping it ends it.
pub(crate) struct Server {
    name: &'static str,
    process: Process,
    /// Ends when the server's output does. Gone once the log was asked for.
    collector: Option<JoinHandle<Result<Log>>>,
}

impl Server {
    /// Starts a server. Its lines go into `log` and, under its name, to standard error.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: &Path) -> Result<Self> {
        let mut log = Log::create(log)?;
        let mut process = Process::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
        let lines = lines_of(&mut process);
        let collector = thread::spawn(move || {
            for line in lines {
                // A terminal that is gone is no reason to stop a server.
                let _ = writeln!(std::io::stderr(), "{name:>8} | {line}");
                log.keep(line)?;
            }
            Ok(log)
        });
        Ok(Self { name, process, collector: Some(collector) })
    }

    /// Fails when the server has ended, with what it said last.
    fn check(&mut self) -> Result<()> {
        let Some(status) = self.process.status()? else { return Ok(()) };
        // What it started may still hold its output open.
        self.process.end();
        let name = self.name;
        let log = self.collector.take().and_then(|collector| collector.join().ok()).transpose()?;
        let tail = log.map(|log| log.tail()).unwrap_or_default();
        bail!("the {name} ended ({status}). {tail}")
    }
}

/// Waits until `is_done`, for at most `limit` when there is one.
///
/// # Errors
/// When one of the servers ends in the meantime, or when the time is up.
pub(crate) fn wait(
    servers: &mut [&mut Server],
    limit: Option<Duration>,
    mut is_done: impl FnMut() -> bool,
) -> Result<Outcome> {
    let began = Instant::now();
    loop {
        if is_stopping() {
            return Ok(Outcome::Stopped);
        }
        for server in servers.iter_mut() {
            server.check()?;
        }
        if is_done() {
            return Ok(Outcome::Done);
        }
        if limit.is_some_and(|limit| began.elapsed() >= limit) {
            let names: Vec<_> = servers.iter().map(|server| server.name).collect();
            let seconds = began.elapsed().as_secs();
            bail!("no answer from the {} within {seconds} s", names.join(" and "));
        }
        sleep(POLL);
    }
}

/// Whether a server answers `GET path` with 200.
pub(crate) fn answers(address: SocketAddr, path: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, PROBE)?;
        stream.set_read_timeout(Some(PROBE))?;
        stream.set_write_timeout(Some(PROBE))?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(line)
    };
    ask().is_ok_and(|line| line.split(' ').nth(1) == Some("200"))
}

/// An address that a server can listen on: `wanted`, or with port 0 a free one.
///
/// # Errors
/// When it is taken, with the option that picks another one.
pub(crate) fn free_address(wanted: SocketAddr, option: &str) -> Result<SocketAddr> {
    let listener = TcpListener::bind(wanted).with_context(|| {
        format!(
            "{wanted} cannot be listened on; another program may be using the port. \
             Choose another one with {option}, or 0 for any that is free"
        )
    })?;
    listener.local_addr().context("the address of a listener")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read;

    use super::*;

    const LIMIT: Option<Duration> = Some(Duration::from_secs(60));

    fn server(script: &str, log: &Path) -> Server {
        Server::start("test", Command::new("sh").args(["-c", script]), log).unwrap()
    }

    /// Gives one connection `response`, and the request back.
    fn respond(response: &'static str) -> (SocketAddr, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let request = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 512];
            let read = stream.read(&mut request).unwrap();
            stream.write_all(response.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..read]).into_owned()
        });
        (address, request)
    }

    #[test]
    fn a_server_that_ends_is_an_error_with_its_last_lines() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("server.log");
        let mut server = server("echo to stdout; echo to stderr >&2; exit 3", &log);
        let error = wait(&mut [&mut server], LIMIT, || false).unwrap_err().to_string();
        for part in ["the test ended", "exit status: 3", "to stdout", "to stderr", "server.log"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }

    #[test]
    fn what_a_server_left_behind_does_not_hold_up_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = server("sleep 600 & echo last words; exit 1", &folder.path().join("log"));
        let error = wait(&mut [&mut server], LIMIT, || false).unwrap_err().to_string();
        assert!(error.contains("last words"), "{error}");
    }

    #[test]
    fn a_server_is_waited_for_until_it_is_ready() {
        let folder = tempfile::tempdir().unwrap();
        let (log, sign) = (folder.path().join("log"), folder.path().join("ready"));
        let script = format!("touch '{}'; echo is up; sleep 600", sign.display());
        let mut server = server(&script, &log);
        let is_ready = || sign.exists() && fs::read_to_string(&log).unwrap().contains("is up");
        assert_eq!(wait(&mut [&mut server], LIMIT, is_ready).unwrap(), Outcome::Done);
    }

    #[test]
    fn a_wait_has_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = server("sleep 600", &folder.path().join("log"));
        let limit = Some(Duration::from_millis(60));
        let error = wait(&mut [&mut server], limit, || false).unwrap_err().to_string();
        assert!(error.contains("no answer from the test"), "{error}");
    }

    #[test]
    fn only_a_200_is_an_answer() {
        for (response, expected) in
            [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 503 Busy\r\n\r\n", false), ("", false)]
        {
            let (address, request) = respond(response);
            assert_eq!(answers(address, "/healthz"), expected, "{response}");
            assert!(
                request.join().unwrap().starts_with("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1")
            );
        }
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(!answers(nobody, "/"));
    }

    #[test]
    fn a_port_in_use_is_said_with_the_way_out() {
        let holder = TcpListener::bind("127.0.0.1:0").unwrap();
        let error = free_address(holder.local_addr().unwrap(), "--shop-port").unwrap_err();
        let port = holder.local_addr().unwrap().port().to_string();
        assert!(error.to_string().contains(&port), "{error}");
        assert!(error.to_string().contains("--shop-port"), "{error}");
    }

    #[test]
    fn port_0_becomes_a_free_one() {
        let address = free_address("127.0.0.1:0".parse().unwrap(), "--port").unwrap();
        assert_ne!(address.port(), 0);
    }
}
