//! `cargo xtask`: chores that are more than one command. Sets up, tests, walks the whole road at small size.

mod arm;
mod cross;
mod deb;
mod demo;
mod faults;
mod files;
mod flash;
mod image;
mod sanitize;
mod setup;
mod shell;
mod test;
mod update;
mod vm;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Chores of the Lakshan workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", about, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    Setup(setup::Cmd),
    Test(test::Cmd),
    Demo(demo::Cmd),
    Sanitize(sanitize::Cmd),
    Arm(arm::Cmd),
    Cross(cross::Cmd),
    Deb(deb::Cmd),
    Update(update::Cmd),
    Image(image::Cmd),
    Flash(flash::Cmd),
    Faults(faults::Cmd),
    Vm(vm::Cmd),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = Workspace::find(|name| std::env::var_os(name)).and_then(|workspace| match cli.chore {
        Chore::Setup(cmd) => cmd.run(&workspace),
        Chore::Test(cmd) => cmd.run(&workspace),
        Chore::Demo(cmd) => cmd.run(&workspace),
        Chore::Sanitize(cmd) => cmd.run(&workspace),
        Chore::Arm(cmd) => cmd.run(&workspace),
        Chore::Cross(cmd) => cmd.run(&workspace),
        Chore::Deb(cmd) => cmd.run(&workspace),
        Chore::Update(cmd) => cmd.run(&workspace),
        Chore::Image(cmd) => cmd.run(&workspace),
        Chore::Flash(cmd) => cmd.run(&workspace),
        Chore::Faults(cmd) => cmd.run(&workspace),
        Chore::Vm(cmd) => cmd.run(&workspace),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::report(&error);
            ExitCode::FAILURE
        }
    }
}
