//! `slipway open`: starts the installed window, or says how to get it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use slipway_api::dto::ApiError;

use crate::Done;
use crate::arguments::OpenCommand;
use crate::output::Terminal;

/// The window's program.
const PROGRAM: &str = if cfg!(windows) { "slipway-desktop.exe" } else { "slipway-desktop" };

pub(crate) fn run(
    terminal: &Terminal,
    repository: Option<PathBuf>,
    command: OpenCommand,
) -> Result<Done, ApiError> {
    let repository = command.repository.or(repository).unwrap_or_else(|| PathBuf::from("."));
    let repository = std::fs::canonicalize(&repository).map_err(|cause| {
        slipway_api::failure("not-found", format!("{} cannot be read: {cause}", repository.display()))
    })?;
    // Beside this program first: that is the one of the same version.
    let beside = std::env::current_exe()
        .ok()
        .map(|program| program.with_file_name(PROGRAM))
        .filter(|path| path.exists());
    let program = beside.unwrap_or_else(|| PathBuf::from(PROGRAM));
    let started = Command::new(&program)
        .arg(&repository)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match started {
        Ok(_) => {
            terminal.note(&format!("opening {}", repository.display()));
            Ok(Done::Everything)
        }
        Err(cause) => {
            Err(slipway_api::failure("no-window", format!("the window cannot be started: {cause}"))
                .hint(format!("install the package that holds `{PROGRAM}`, or put it on the path"))
                .hint("`slipway serve` shows the same interface in a browser"))
        }
    }
}
