//! The commands of `aisle`, one file each.

mod artifact;
mod ask;
mod baskets;
mod benchmark;
mod calibrate;
mod day;
mod desk;
mod evaluate;
mod gate;
mod generate;
mod generate_store;
mod import;
mod index;
mod inspect;
mod intents;
mod measure;
mod output;
mod publish;
mod report;
mod rollback;
mod score;
mod search;
mod train;
mod train_base;

use std::io::Write;

use clap::{Parser, Subcommand};

/// Trains, evaluates and tries the artifact that a shop's chat runs on.
#[derive(Debug, Parser)]
#[command(
    name = "aisle",
    version,
    arg_required_else_help = true,
    after_help = "Examples:
  aisle import products --from products_export.csv --shop my-shop/data --currency GBP
  aisle train --shop my-shop/data --out my-shop/artifact
  aisle inspect --artifact my-shop/artifact
  aisle search --artifact my-shop/artifact \"red mugs\"
  aisle ask --artifact my-shop/artifact \"can I return a gift?\"
  aisle evaluate intents --artifact my-shop/artifact --file judged.tsv
  aisle gate --current live/artifact --candidate my-shop/artifact
  aisle publish --worker https://chat.example --shop my-shop --artifact my-shop/artifact

Results go to standard output, everything else to standard error. `aisle help COMMAND` tells more."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(subcommand)]
    Import(import::Import),
    Train(train::Train),
    Index(index::Index),
    TrainBase(train_base::TrainBase),
    /// Tells how good an artifact is on judged data.
    #[command(subcommand)]
    Evaluate(evaluate::Evaluate),
    /// Tells how good the base is on public sets.
    #[command(subcommand)]
    Benchmark(benchmark::Benchmark),
    Calibrate(calibrate::Calibrate),
    Gate(gate::Gate),
    Publish(publish::Publish),
    Rollback(rollback::Rollback),
    Report(report::Report),
    Inspect(inspect::Inspect),
    Search(search::Search),
    Ask(ask::Ask),
    Score(score::Score),
    Generate(generate::Generate),
    GenerateStore(generate_store::GenerateStore),
}

/// Runs a command; its result is written to `out`.
pub(crate) fn run(cli: Cli, out: &mut dyn Write) -> anyhow::Result<()> {
    match cli.command {
        Command::Import(command) => command.run(out),
        Command::Train(command) => command.run(out),
        Command::Index(command) => command.run(out),
        Command::TrainBase(command) => command.run(out),
        Command::Evaluate(command) => command.run(out),
        Command::Benchmark(command) => command.run(out),
        Command::Publish(command) => command.run(out),
        Command::Rollback(command) => command.run(out),
        Command::Report(command) => command.run(out),
        Command::Calibrate(command) => command.run(out),
        Command::Gate(command) => command.run(out),
        Command::Inspect(command) => command.run(out),
        Command::Search(command) => command.run(out),
        Command::Ask(command) => command.run(out),
        Command::Score(command) => command.run(out),
        Command::Generate(command) => command.run(out),
        Command::GenerateStore(command) => command.run(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_are_declared_consistently() {
        Cli::command().debug_assert();
    }

    /// Asserts that a command, or each below it, says what it is and shows an example.
    fn teaches(command: &clap::Command) -> usize {
        let name = command.get_name();
        if command.has_subcommands() {
            return command.get_subcommands().map(teaches).sum();
        }
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("Example"), "{name} has no example");
        assert!(command.get_about().is_some(), "{name} does not say what it is");
        1
    }

    #[test]
    fn every_command_teaches_its_use() {
        assert!(teaches(&Cli::command()) > 20);
    }
}
