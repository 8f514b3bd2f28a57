//! Which renderer WebKitGTK uses on Linux.
//!
//! Without a GPU the accelerated path falls back to llvmpipe, which is two to four times slower than the
//! software path (`docs/architecture.md`). So the software path is chosen where there is no DRM render node;
//! a value that the user set is left alone.

use std::ffi::OsString;
use std::io;

/// What turns the accelerated path off, the usual cause of an empty window first.
const SOFTWARE: &[(&str, &str)] = &[
    ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
    ("WEBKIT_DISABLE_COMPOSITING_MODE", "1"),
    ("LIBGL_ALWAYS_SOFTWARE", "1"),
];

/// Chooses before the webview starts. Starts the program again where the environment has to change, because
/// changing the environment of a running program is not safe.
#[cfg(target_os = "linux")]
pub(crate) fn choose() -> io::Result<()> {
    let (variable, value) = SOFTWARE[0];
    if std::env::var_os(variable).is_some() || has_render_node() {
        return Ok(());
    }
    Err(start_again(&[(variable, value)]))
}

#[cfg(target_os = "linux")]
fn has_render_node() -> bool {
    std::fs::read_dir("/dev/dri").is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
    })
}

/// Other platforms have one renderer.
#[cfg(not(target_os = "linux"))]
pub(crate) fn choose() -> io::Result<()> {
    Ok(())
}

/// What a new start would set to render in software: what is not set yet, by the user or by us. Nothing where
/// software rendering is on as far as it can be, and on platforms with one renderer.
pub(crate) fn softer() -> Vec<(&'static str, &'static str)> {
    if cfg!(target_os = "linux") { unset(|name| std::env::var_os(name)) } else { Vec::new() }
}

fn unset(value_of: impl Fn(&str) -> Option<OsString>) -> Vec<(&'static str, &'static str)> {
    SOFTWARE.iter().filter(|(name, _)| value_of(name).is_none()).copied().collect()
}

/// Puts a new start of the program, with the same arguments, in the place of this one. Only it gets the
/// variables. Comes back only where that fails.
#[cfg(unix)]
pub(crate) fn start_again(variables: &[(&str, &str)]) -> io::Error {
    use std::os::unix::process::CommandExt as _;

    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return error,
    };
    let mut command = std::process::Command::new(program);
    command.args(std::env::args_os().skip(1)).envs(variables.iter().copied());
    command.exec()
}

/// Other platforms have one renderer: there is nothing to start again for.
#[cfg(not(unix))]
pub(crate) fn start_again(_: &[(&str, &str)]) -> io::Error {
    io::Error::from(io::ErrorKind::Unsupported)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_user_set_is_left_alone() {
        assert_eq!(unset(|_| None), SOFTWARE);
        let by_the_user =
            |name: &str| (name == "WEBKIT_DISABLE_DMABUF_RENDERER").then(|| OsString::from("0"));
        assert_eq!(
            unset(by_the_user),
            [("WEBKIT_DISABLE_COMPOSITING_MODE", "1"), ("LIBGL_ALWAYS_SOFTWARE", "1")]
        );
        assert_eq!(unset(|_| Some(OsString::from("1"))), [], "nothing is left to try");
    }
}
