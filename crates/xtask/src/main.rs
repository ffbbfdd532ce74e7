//! Every developer command of Aisle. `cargo xtask help` lists them.

mod child;
mod commands;
mod dist;
mod log;
mod node_tests;
mod process;
mod progress;
mod project;
mod server;
mod setup;
mod tidy;
mod tools;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = commands::Cli::parse();
    match process::handle_signals().and_then(|()| commands::run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
