//! `host-trainer`: parses the command line, runs one subcommand, prints what went wrong.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use host_trainer::cmd;

/// Trains, measures and packs the network that the device runs.
#[derive(Parser)]
#[command(name = "host-trainer", version, about, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Synth(cmd::synth::Cmd),
    Import(cmd::import::Cmd),
    Dataset(cmd::dataset::Cmd),
    Weights(cmd::weights::Cmd),
    Train(cmd::train::Cmd),
    Runs(cmd::runs::Cmd),
    BenchTrain(cmd::bench_train::Cmd),
    Baselines(cmd::baselines::Cmd),
    Export(cmd::export::Cmd),
    Quantize(cmd::quantize::Cmd),
    Evaluate(cmd::evaluate::Cmd),
    Calibrate(cmd::calibrate::Cmd),
    Bundle(cmd::bundle::Cmd),
    Keys(cmd::keys::Cmd),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Synth(cmd) => cmd.run(),
        Command::Import(cmd) => cmd.run(),
        Command::Dataset(cmd) => cmd.run(),
        Command::Weights(cmd) => cmd.run(),
        Command::Train(cmd) => cmd.run(),
        Command::Runs(cmd) => cmd.run(),
        Command::BenchTrain(cmd) => cmd.run(),
        Command::Baselines(cmd) => cmd.run(),
        Command::Export(cmd) => cmd.run(),
        Command::Quantize(cmd) => cmd.run(),
        Command::Evaluate(cmd) => cmd.run(),
        Command::Calibrate(cmd) => cmd.run(),
        Command::Bundle(cmd) => cmd.run(),
        Command::Keys(cmd) => cmd.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cmd::report(&error);
            ExitCode::FAILURE
        }
    }
}
