//! The commands, one file each.

mod bench;
mod check;
mod demo;
mod deploy;
mod dist;
mod size;
mod test;
mod tidy;
mod train;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::project::Project;

/// Everything one does with Aisle's source: run it, test it, check it, measure it.
///
/// Each command gets what it needs from the package registries (the Rust target for WebAssembly,
/// npm packages, a browser for the tests), builds what has changed, and says what it does.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_version_flag = true,
    arg_required_else_help = true,
    after_help = "Examples:
  cargo xtask demo                      a shop with the chat, on this machine
  cargo xtask test --fast               what needs no browser
  cargo xtask check                     before a commit
  cargo xtask size --json | jq .loader

Results go to standard output, everything else to standard error. \
`cargo xtask help COMMAND` tells more."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Test(test::Test),
    Check(check::Check),
    Tidy(tidy::Tidy),
    Dist(dist::Dist),
    Deploy(deploy::Deploy),
    Train(train::Train),
    Size(size::Size),
    Bench(bench::Bench),
}

/// Runs a command.
pub(crate) fn run(cli: Cli) -> Result<()> {
    let project = Project::find()?;
    match cli.command {
        Command::Demo(command) => command.run(&project),
        Command::Test(command) => command.run(&project),
        Command::Check(command) => command.run(&project),
        Command::Tidy(command) => command.run(&project),
        Command::Dist(command) => command.run(&project),
        Command::Deploy(command) => command.run(&project),
        Command::Train(command) => command.run(&project),
        Command::Size(command) => command.run(&project),
        Command::Bench(command) => command.run(&project),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_commands_are_declared_consistently() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_teaches_by_example() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let example = format!("cargo xtask {}", command.get_name());
            assert!(help.contains(&example), "{example}");
            assert!(command.get_about().is_some(), "{example}");
        }
    }
}
