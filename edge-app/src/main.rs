//! `edge-app`: reads the command line and the environment, runs one subcommand, reports how it went.

use std::process::ExitCode;

use clap::Parser;
use edge_app::cmd::Cli;
use edge_app::report;

fn main() -> ExitCode {
    // clap prints help and usage errors itself, and leaves with 0 or 2.
    let cli = Cli::parse();
    match cli.run() {
        Ok(outcome) => outcome.into(),
        Err(error) if report::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            report::print(&error);
            ExitCode::FAILURE
        }
    }
}
