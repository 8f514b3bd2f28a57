//! The page: its packages, and its build.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::process::run;
use crate::root;

/// The folder of the page.
pub(crate) fn folder() -> PathBuf {
    root().join("ui")
}

/// Installs the packages of the page where the lock file changed since the last time.
pub(crate) fn install() -> anyhow::Result<()> {
    let folder = folder();
    let stamp = folder.join("node_modules/.slipway-installed");
    let wanted = digest(&[folder.join("package-lock.json")])?;
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    run(&folder, &["npm", "ci", "--no-audit", "--no-fund"])?;
    fs::write(&stamp, wanted).context("the packages of the page cannot be marked as installed")
}

/// Builds the page where a source changed since the last time.
pub(crate) fn build() -> anyhow::Result<()> {
    install()?;
    let folder = folder();
    let stamp = folder.join("dist/.slipway-built");
    let mut sources = vec![folder.join("package-lock.json"), folder.join("package.json")];
    for name in ["index.html", "vite.config.ts", "tsconfig.json"] {
        sources.push(folder.join(name));
    }
    collect(&folder.join("src"), &mut sources)?;
    collect(&folder.join("public"), &mut sources)?;
    let wanted = digest(&sources)?;
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    run(&folder, &["npm", "run", "build"])?;
    fs::write(&stamp, wanted).context("the page cannot be marked as built")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// Tells whether files changed; not for security.
fn digest(files: &[PathBuf]) -> anyhow::Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        if !file.exists() {
            continue;
        }
        file.hash(&mut hasher);
        fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}
