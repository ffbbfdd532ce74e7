//! The program itself: it says where it listens, and ends when it is told to.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

#[test]
fn it_listens_and_ends_on_sigterm() {
    let dir = tempfile::tempdir().unwrap();
    let products = "Handle,Title,Variant Price\nred-mug,Red Mug,2.50\n";
    std::fs::write(dir.path().join("products.csv"), products).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_aisle-demo-shop"))
        .args(["--port", "0", "--chat", "http://chat.test/", "--shop", "mine", "--data"])
        .arg(dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap();

    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 OK"), "{reply:.200}");
    assert!(reply.contains("<script src=\"http://chat.test/aisle.js\" data-shop=\"mine\" defer>"));

    let told = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(child.wait().unwrap().success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn it_says_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aisle-demo-shop"));
        let output = command.args(arguments).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let missing = run(&["--port", "0", "--data", dir.path().to_str().unwrap()]);
    assert!(missing.contains("products.csv"), "{missing}");
    std::fs::write(dir.path().join("products.csv"), "Handle\n").unwrap();
    let bad = run(&["--port", "0", "--data", dir.path().to_str().unwrap()]);
    assert!(bad.contains("no column \"Title\""), "{bad}");
}
