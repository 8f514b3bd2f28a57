//! The developer's commands: `cargo xtask demo | test | dev | bench | fuzz | bundle | regenerate`.
//!
//! Each is sufficient by itself on a fresh machine that has Rust and Node: it checks the tools, installs or
//! names missing system packages, builds what is stale, and runs.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod bench;
mod bindings;
mod bundle;
mod demo;
mod dev;
mod fuzz;
mod group;
mod page;
mod prerequisites;
mod process;
mod regenerate;
mod test;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo [--xvfb] [--browser] [--yes]   build, and open the window on the built-in sample with the sandbox
  test [--yes]                        everything that must pass
  dev                                 the window with hot reload
  bench [--quick] [--json FILE]       speed and memory on generated repositories
  bench engines [ROUNDS]              our engines beside those of Helm and Kustomize
  fuzz [--seed S] [--breakages N] [--seconds N] [--only FAMILY]
                                      breaks files of charts, kustomizations and programs, and renders the rest
  bundle [--yes | --programs FOLDER]  a .deb with desktop entry, completions and manual pages; of programs that
                                      are built already where their folder is named
  regenerate [DIRECTORY]              schema tables (from a directory of facts) and the page's bindings

  --yes  installs missing system packages without asking
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, flags) = match arguments.split_first() {
        Some((command, flags)) => (command.as_str(), Flags(flags.to_vec())),
        None => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
    };
    let outcome = match command {
        "demo" => flags.only(&["--xvfb", "--browser", "--yes"]).and_then(|()| demo::run(&flags)),
        "test" => flags.only(&["--yes"]).and_then(|()| test::run(&flags)),
        "dev" => flags.only(&["--yes"]).and_then(|()| dev::run(&flags)),
        "bench" => bench::run(&flags),
        "fuzz" => fuzz::run(&flags),
        "bundle" => bundle::run(&flags),
        "regenerate" => regenerate::run(flags.0.first().map(String::as_str)).and_then(|()| bindings::write()),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => {
            eprintln!("xtask: there is no command `{other}`\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The flags of a command.
struct Flags(Vec<String>);

impl Flags {
    fn has(&self, flag: &str) -> bool {
        self.0.iter().any(|each| each == flag)
    }

    fn only(&self, known: &[&str]) -> anyhow::Result<()> {
        match self.0.iter().find(|flag| !known.contains(&flag.as_str())) {
            Some(flag) => anyhow::bail!("unknown argument `{flag}`; see `cargo xtask help`"),
            None => Ok(()),
        }
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new(".")).to_path_buf()
}

/// Where programs of the development profile are built.
fn built(program: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("debug").join(program)
}
