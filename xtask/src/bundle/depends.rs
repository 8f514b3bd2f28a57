//! What the package needs: the packages of the libraries that its programs are linked with.

use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use super::staging::Staging;

/// The libraries that the programs are linked with, where no tool can say it more exactly. WebKitGTK brings
/// the others of the desktop along.
const STATED: &str =
    "libc6, libgcc-s1, libgtk-3-0t64 | libgtk-3-0, libwebkit2gtk-4.1-0, libssl3t64 | libssl3";

/// The field `Depends` for programs in the package, versions included where `dpkg-shlibdeps` is installed
/// (package `dpkg-dev`).
pub(super) fn depends(staging: &Staging, programs: &[String]) -> anyhow::Result<String> {
    // The tool wants to stand in a source package.
    let source = staging.root().with_file_name("shlibdeps");
    fs::create_dir_all(source.join("debian"))?;
    fs::write(source.join("debian/control"), "Source: slipway\n\nPackage: slipway\nArchitecture: any\n")?;
    let output = Command::new("dpkg-shlibdeps")
        .arg("-O")
        .args(programs.iter().map(|program| format!("-e{}", staging.path(program).display())))
        .current_dir(&source)
        .stdin(Stdio::null())
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("dpkg-shlibdeps is not installed (package dpkg-dev): the stated libraries are taken");
            return Ok(STATED.to_owned());
        }
        Err(error) => return Err(error).context("dpkg-shlibdeps cannot be started"),
    };
    if !output.status.success() {
        bail!("dpkg-shlibdeps failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    fs::remove_dir_all(&source)?;
    read(&String::from_utf8_lossy(&output.stdout)).context("dpkg-shlibdeps names no library")
}

/// Reads `shlibs:Depends=libc6 (>= 2.39), …`.
fn read(output: &str) -> Option<String> {
    let found = output.lines().find_map(|line| line.strip_prefix("shlibs:Depends="))?.trim();
    (!found.is_empty()).then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_the_tool_is_read() {
        assert_eq!(
            read("shlibs:Depends=libc6 (>= 2.39), libssl3\n").as_deref(),
            Some("libc6 (>= 2.39), libssl3")
        );
        assert_eq!(read("shlibs:Depends=\n"), None);
        assert_eq!(read(""), None);
    }
}
