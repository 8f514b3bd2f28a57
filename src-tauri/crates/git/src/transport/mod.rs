//! How servers are spoken to.

pub(crate) mod url;

use std::path::PathBuf;

/// Finds a program on `PATH`. Only absolute directories count, so that a repository that is the working
/// directory can put nothing in the way.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let file = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    std::env::split_paths(&std::env::var_os("PATH")?)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(&file))
        .find(|path| path.is_file())
}
