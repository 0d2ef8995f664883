//! The command line: one file a subcommand, each a `struct` of arguments with `run`.

pub mod app;
pub mod bench;
pub mod bundle;
pub mod camera;
pub mod classify;
pub mod config;
pub mod display;
pub mod gallery;
pub mod gpio;
pub mod records;
pub mod run;
pub mod self_test;
pub mod show;
pub mod simulate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Offline facial-phenotype screening: shows a sign, never a diagnosis.
#[derive(Debug, Parser)]
#[command(name = "edge-app", version, about, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  edge-app classify models/samples/*.jpg            findings in words, with all 12 probabilities
  edge-app classify --json photo.jpg                the same for programs, one object a line
  edge-app classify --screen result.png photo.jpg   what the device would show
  edge-app run --display window --camera folder:photo.jpg   the device on a PC (feature window)
  edge-app camera list                              cameras, and why a device is none (feature v4l)
  edge-app config --print                           the device's configuration, with a comment on every key
  edge-app bundle install /media/usb/bundle         a new network for this device
  edge-app app install /media/usb/lakshan-app       a new program for this device
  edge-app self-test                                whether every part of the device works

Exit status: 0 done, 1 something failed, 2 wrong usage.
The results go to stdout, everything else to stderr. No network is ever used.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what the faces in photographs look like.
    Classify(classify::Classify),
    /// Show one photograph's result screen in a window.
    Show(show::Show),
    /// Be the device.
    Run(run::Run),
    /// Follow a script through a whole session.
    Simulate(simulate::Simulate),
    /// Draw the device's screens into PNG files.
    Gallery(gallery::Gallery),
    /// Look at the cameras, or try one.
    Camera(camera::Camera),
    /// Look at the screens, or show a test picture.
    Display(display::Display),
    /// Look at the board's pins, or try buttons and lights.
    Gpio(gpio::Gpio),
    /// Check, list, install or remove bundles.
    Bundle(bundle::Bundle),
    /// Check, list or install programs, or start the one in use.
    App(app::App),
    /// Give out or erase the register of encounters.
    Records(records::Records),
    /// Show or check the configuration.
    Config(config::Config),
    /// Check whether every part of the device works.
    SelfTest(self_test::SelfTest),
    /// Measure how fast the network and the screens are here.
    Bench(bench::Bench),
}

/// How a subcommand that ran to its end went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All went well.
    Done,
    /// Part of it failed, and that was reported already.
    PartlyFailed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::SUCCESS,
            Outcome::PartlyFailed => Self::FAILURE,
        }
    }
}

impl Cli {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// When it could not run to its end; to be reported by the caller.
    pub fn run(self) -> anyhow::Result<Outcome> {
        match self.command {
            Command::Classify(command) => command.run(),
            Command::Show(command) => command.run(),
            Command::Run(command) => command.run(),
            Command::Simulate(command) => command.run(),
            Command::Gallery(command) => command.run(),
            Command::Camera(command) => command.run(),
            Command::Display(command) => command.run(),
            Command::Gpio(command) => command.run(),
            Command::Bundle(command) => command.run(),
            Command::App(command) => command.run(),
            Command::Records(command) => command.run(),
            Command::Config(command) => command.run(),
            Command::SelfTest(command) => command.run(),
            Command::Bench(command) => command.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
