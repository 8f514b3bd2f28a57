//! Starting other programs.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// A command line, relative to a folder.
pub(crate) fn command(folder: &Path, line: &[&str]) -> Command {
    let (program, arguments) = line.split_first().unwrap_or((&"", &[]));
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs a command line and shows what it prints; fails where it fails.
pub(crate) fn run(folder: &Path, line: &[&str]) -> anyhow::Result<()> {
    let status =
        command(folder, line).status().with_context(|| format!("`{}` cannot be started", line.join(" ")))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line.join(" "));
    }
    Ok(())
}

/// Runs a command, shows what it prints on standard output, and gives every line to `look`.
pub(crate) fn watch(mut command: Command, mut look: impl FnMut(&str)) -> anyhow::Result<bool> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{:?} cannot be started", command.get_program()))?;
    let output = child.stdout.take().context("standard output was piped")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("reading the output failed")?;
        let line = String::from_utf8_lossy(&line);
        let _ = writeln!(std::io::stdout(), "{line}");
        look(&line);
    }
    Ok(child.wait()?.success())
}

/// What a program prints on standard output; `None` where it cannot be started or fails.
pub(crate) fn answer(line: &[&str]) -> Option<String> {
    let (program, arguments) = line.split_first()?;
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
