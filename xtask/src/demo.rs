//! `cargo xtask demo`: the window on the built-in sample.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::prerequisites::{Need, check};
use crate::{Flags, built, group, page, root};

fn run_window(mut command: Command) -> anyhow::Result<()> {
    let mut child = group::spawn(command.stdout(Stdio::piped())).context("the program cannot be started")?;
    let output = child.stdout.take().context("standard output was piped")?;
    for line in BufReader::new(output).lines() {
        println!("{}", line?);
    }
    let status = child.wait()?;
    // A signal is passed on to the window; that is how a demo ends.
    if status.success() || status.code().is_none() || status.code() == Some(130) {
        Ok(())
    } else {
        bail!("the program failed ({status})")
    }
}

/// Builds and opens the window on the sample. Prints one line `ready: …`, and runs until the window closes
/// or Ctrl-C. Without a display the same interface is served to a browser.
pub(crate) fn run(flags: &Flags) -> anyhow::Result<()> {
    let display = std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some();
    let xvfb = flags.has("--xvfb");
    let window = xvfb || (display && !flags.has("--browser"));
    check(if xvfb { Need::Xvfb } else { Need::Building }, flags)?;
    page::build()?;
    if window {
        build()?;
        let program = built("slipway-desktop");
        let command = if xvfb {
            let mut command = Command::new("xvfb-run");
            command.args(["--auto-servernum", "--server-args=-screen 0 1600x1000x24"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        run_window(with(command, &["--sample"]))
    } else {
        build()?;
        if !display {
            println!("There is no display: the same interface is served to a browser.");
        }
        run_window(with(Command::new(built("slipway")), &["serve", "--sample"]))
    }
}

fn with(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments);
    command
}

/// All programs at once, as `cargo xtask test` builds them: a part of the workspace would be compiled anew, because
/// features are united over what is built.
fn build() -> anyhow::Result<()> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    crate::process::run(&root(), &[&cargo, "build", "--workspace", "--bins"])
}
