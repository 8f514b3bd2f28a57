//! Which renderer WebKitGTK uses on Linux.
//!
//! Without a GPU the accelerated path falls back to llvmpipe, which is two to four times slower than the
//! software path (`docs/architecture.md`). So the software path is chosen where there is no DRM render node;
//! a value that the user set is left alone.

use std::io;

/// Chooses before the webview starts. Starts the program again where the environment has to change, because
/// changing the environment of a running program is not safe.
#[cfg(target_os = "linux")]
pub(crate) fn choose() -> io::Result<()> {
    use std::os::unix::process::CommandExt as _;

    const VARIABLE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(VARIABLE).is_some() || has_render_node() {
        return Ok(());
    }
    let program = std::env::current_exe()?;
    Err(std::process::Command::new(program).args(std::env::args_os().skip(1)).env(VARIABLE, "1").exec())
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
