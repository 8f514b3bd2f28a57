//! `cargo xtask bundle`: a Debian package with the window and the command line.
//!
//! The package is put together in a folder and packed by `dpkg-deb`. Equal sources give equal bytes: every
//! time stamp is that of the last commit (`SOURCE_DATE_EPOCH` where it is set).

mod depends;
mod manual;
mod staging;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::prerequisites::{Need, check};
use crate::process::{self, answer};
use crate::{Flags, page, root, target};
use staging::Staging;

/// The version of the package.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The programs, each with a manual page.
const PROGRAMS: [&str; 2] = ["slipway", "slipway-desktop"];
/// The pictures of `icons/` by their size in the theme.
const ICONS: [(&str, &str); 5] = [
    ("32x32", "32x32.png"),
    ("64x64", "64x64.png"),
    ("128x128", "128x128.png"),
    ("256x256", "128x128@2x.png"),
    ("512x512", "icon.png"),
];

pub(crate) fn run(flags: &Flags) -> anyhow::Result<()> {
    if answer(&["dpkg-deb", "--version"]).is_none() {
        bail!("dpkg-deb is not on the path; the package is made on Debian or Ubuntu");
    }
    let programs = programs(flags)?;
    let architecture =
        answer(&["dpkg", "--print-architecture"]).context("dpkg does not tell the architecture")?;
    let folder = target().join("bundle");
    let staging = Staging::create(&folder.join("staging"))?;
    put_together(&staging, &programs)?;
    control(&staging, &architecture)?;
    let package = folder.join(format!("slipway_{VERSION}_{architecture}.deb"));
    pack(&staging, &package)?;
    let size = fs::metadata(&package)?.len();
    println!("{} ({:.1} MB)", package.display(), size as f64 / 1e6);
    println!("install it with: sudo apt install {}", package.display());
    Ok(())
}

/// The folder of the programs: the one that is named, else built now.
fn programs(flags: &Flags) -> anyhow::Result<PathBuf> {
    let words: Vec<&str> = flags.0.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["--yes"] => {}
        ["--programs", folder] => return Ok(PathBuf::from(folder)),
        other => bail!("unknown arguments `{}`; see `cargo xtask help`", other.join(" ")),
    }
    check(Need::Building, flags)?;
    page::build()?;
    process::run(
        &root(),
        &["cargo", "build", "--release", "--package", "slipway-cli", "--package", "slipway-desktop"],
    )?;
    Ok(target().join("release"))
}

/// Everything below `/usr`.
fn put_together(staging: &Staging, programs: &Path) -> anyhow::Result<()> {
    for name in PROGRAMS {
        staging.program(&programs.join(name), &format!("usr/bin/{name}"))?;
    }
    let slipway = staging.path("usr/bin/slipway");
    let desktop = staging.path("usr/bin/slipway-desktop");
    let packaging = root().join("src-tauri/packaging");
    staging
        .copy(&packaging.join("slipway-desktop.desktop"), "usr/share/applications/slipway-desktop.desktop")?;
    validate(&staging.path("usr/share/applications/slipway-desktop.desktop"))?;
    let icons = root().join("icons");
    for (size, file) in ICONS {
        staging.copy(&icons.join(file), &format!("usr/share/icons/hicolor/{size}/apps/slipway.png"))?;
    }
    staging.copy(&icons.join("slipway.svg"), "usr/share/icons/hicolor/scalable/apps/slipway.svg")?;
    for (shell, file) in [
        ("bash", "usr/share/bash-completion/completions/slipway"),
        ("zsh", "usr/share/zsh/vendor-completions/_slipway"),
        ("fish", "usr/share/fish/vendor_completions.d/slipway.fish"),
    ] {
        staging.write(file, &said(&slipway, &["completions", shell])?)?;
    }
    staging.zipped("usr/share/man/man1/slipway.1", &said(&slipway, &["man-page"])?)?;
    let help =
        String::from_utf8(said(&desktop, &["--help"])?).context("the help of the window is no text")?;
    let page = manual::page("slipway-desktop", VERSION, &help)?;
    staging.zipped("usr/share/man/man1/slipway-desktop.1", page.as_bytes())?;
    staging.copy(&packaging.join("debian/copyright"), "usr/share/doc/slipway/copyright")?;
    staging.copy(&root().join("NOTICE"), "usr/share/doc/slipway/NOTICE")
}

/// The files that dpkg reads: the fields of the package, and the sums of its files.
fn control(staging: &Staging, architecture: &str) -> anyhow::Result<()> {
    let file = root().join("src-tauri/packaging/debian/control");
    let fields = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let (head, description) =
        fields.split_once("Description:").context("debian/control has no description")?;
    let programs = PROGRAMS.map(|name| format!("usr/bin/{name}"));
    let depends = depends::depends(staging, &programs)?;
    let size = staging.installed_kilobytes()?;
    staging.write("DEBIAN/md5sums", staging.sums()?.as_bytes())?;
    staging.write(
        "DEBIAN/control",
        format!(
            "{head}Version: {VERSION}\nArchitecture: {architecture}\nInstalled-Size: {size}\nDepends: {depends}\n\
             Description:{description}"
        )
        .as_bytes(),
    )
}

fn pack(staging: &Staging, package: &Path) -> anyhow::Result<()> {
    let mut command = Command::new("dpkg-deb");
    command
        .args(["--root-owner-group", "-Zxz", "--build"])
        .arg(staging.root())
        .arg(package)
        .stdin(Stdio::null());
    if std::env::var_os("SOURCE_DATE_EPOCH").is_none()
        && let Some(seconds) = answer(&["git", "-C", &root().to_string_lossy(), "log", "-1", "--format=%ct"])
    {
        command.env("SOURCE_DATE_EPOCH", seconds);
    }
    let status = command.status().context("dpkg-deb cannot be started")?;
    if !status.success() {
        bail!("dpkg-deb failed ({status})");
    }
    Ok(())
}

/// Checks the desktop entry where there is a program for it.
fn validate(file: &Path) -> anyhow::Result<()> {
    match Command::new("desktop-file-validate").arg(file).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!("the desktop entry is not valid"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: desktop-file-validate is not installed (package desktop-file-utils)");
            Ok(())
        }
        Err(error) => Err(error).context("desktop-file-validate cannot be started"),
    }
}

/// What a program prints; fails where it fails.
fn said(program: &Path, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    let line = || format!("`{} {}`", program.display(), arguments.join(" "));
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} cannot be started", line()))?;
    if !output.status.success() || output.stdout.is_empty() {
        bail!("{} failed ({}): {}", line(), output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}
