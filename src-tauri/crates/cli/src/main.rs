//! The command line: parses, calls the façade, prints.
//!
//! It knows nothing of the domain: what a command does lives in `api`. Standard output carries results only;
//! problems and progress go to standard error. Start reading at [`arguments`]; each command is a file of
//! `commands`.

mod arguments;
mod commands;
mod output;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser as _;
use output::Terminal;

/// What is logged where `SLIPWAY_LOG` says nothing else. A connection that fails is told by the command that wanted it.
const LOGGED: &str = "error,kube_client=off,rustls_platform_verifier=off";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("SLIPWAY_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(LOGGED)),
        )
        .init();
    let terminal = Terminal::new(arguments.color);
    let repository = arguments.repository;
    let outcome = match arguments.command {
        Command::Scan(command) => commands::scan::run(&terminal, repository, command),
        Command::Render(command) => commands::render::run(&terminal, repository, *command),
        Command::Diff(command) => commands::diff::run(&terminal, repository, command),
        Command::Plan(command) => commands::plan::run(&terminal, repository, *command),
        Command::Sync(command) => commands::sync::run(&terminal, repository, *command),
        Command::Sandbox(command) => commands::sandbox::run(&terminal, command),
        Command::Promote(command) => commands::promote::run(&terminal, repository, command),
        Command::Fetch(command) => commands::fetch::run(&terminal, repository, command),
        Command::Parity(command) => commands::parity::run(&terminal, repository, command),
        Command::Serve(command) => commands::serve::run(&terminal, repository, command),
        Command::Open(command) => commands::open::run(&terminal, repository, command),
        Command::Conformance(command) => commands::conformance::run(&command),
        Command::Completions(command) => commands::completions::run(&command),
        Command::ManPage => commands::completions::man_page(),
    };
    match outcome {
        Ok(done) => done.into(),
        Err(failure) => {
            terminal.failure(&failure);
            ExitCode::from(1)
        }
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// Everything that was asked for.
    Everything,
    /// Something that was asked for was not done.
    NotEverything,
    /// The user ended it.
    Interrupted,
}

impl From<Done> for ExitCode {
    fn from(done: Done) -> Self {
        match done {
            Done::Everything => Self::SUCCESS,
            Done::NotEverything => Self::from(1),
            Done::Interrupted => Self::from(130),
        }
    }
}
