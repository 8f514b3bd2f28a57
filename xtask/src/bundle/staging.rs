//! The folder that becomes the package.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

/// The folder, laid out like the root of the system. Modes are set, so that the umask of whoever builds does
/// not matter; the owner is set when it is packed.
pub(super) struct Staging(PathBuf);

impl Staging {
    /// Makes it anew.
    pub(super) fn create(folder: &Path) -> anyhow::Result<Self> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} cannot be removed", folder.display()));
            }
            _ => {}
        }
        let staging = Self(folder.to_path_buf());
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        mode(folder, 0o755)?;
        Ok(staging)
    }

    /// The folder itself.
    pub(super) fn root(&self) -> &Path {
        &self.0
    }

    /// Where a file of the package lies in it.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// Adds a program, without what only a debugger reads.
    pub(super) fn program(&self, from: &Path, file: &str) -> anyhow::Result<()> {
        self.copy(from, file)?;
        let path = self.path(file);
        let status = Command::new("strip").arg("--strip-all").arg(&path).status();
        if !status.context("strip cannot be started; it is in the package binutils")?.success() {
            bail!("{} cannot be stripped", path.display());
        }
        mode(&path, 0o755)
    }

    /// Adds a file.
    pub(super) fn copy(&self, from: &Path, file: &str) -> anyhow::Result<()> {
        let content = fs::read(from).with_context(|| format!("{} cannot be read", from.display()))?;
        self.write(file, &content)
    }

    /// Adds a file with this content.
    pub(super) fn write(&self, file: &str, content: &[u8]) -> anyhow::Result<()> {
        let path = self.path(file);
        let mut folder = self.0.clone();
        for part in Path::new(file).parent().into_iter().flat_map(Path::components) {
            folder.push(part);
            if !folder.is_dir() {
                fs::create_dir(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
                mode(&folder, 0o755)?;
            }
        }
        fs::write(&path, content).with_context(|| format!("{} cannot be written", path.display()))?;
        mode(&path, 0o644)
    }

    /// Adds a file compressed, under its name with `.gz`. Neither name nor time are in it.
    pub(super) fn zipped(&self, file: &str, content: &[u8]) -> anyhow::Result<()> {
        let mut gzip = Command::new("gzip")
            .args(["-9", "--no-name", "--stdout"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("gzip cannot be started")?;
        // Pages are smaller than what a pipe holds of their compressed form; nothing waits for the other.
        gzip.stdin.take().context("standard input was piped")?.write_all(content)?;
        let output = gzip.wait_with_output()?;
        if !output.status.success() {
            bail!("gzip failed ({})", output.status);
        }
        self.write(&format!("{file}.gz"), &output.stdout)
    }

    /// What it takes when it is installed, as Debian counts: each file in whole kilobytes, one for each folder.
    pub(super) fn installed_kilobytes(&self) -> anyhow::Result<u64> {
        let mut folders = 0;
        let mut sum = 0;
        for path in self.walk()? {
            if path.is_dir() {
                folders += 1;
            } else {
                sum += fs::metadata(&path)?.len().div_ceil(1024);
            }
        }
        Ok(sum + folders)
    }

    /// The sums of all files, as in `DEBIAN/md5sums`.
    pub(super) fn sums(&self) -> anyhow::Result<String> {
        let files: Vec<PathBuf> = self
            .walk()?
            .into_iter()
            .filter(|path| path.is_file())
            .map(|path| path.strip_prefix(&self.0).map(Path::to_path_buf))
            .collect::<Result<_, _>>()?;
        let output = Command::new("md5sum")
            .args(&files)
            .current_dir(&self.0)
            .output()
            .context("md5sum cannot be started")?;
        if !output.status.success() {
            bail!("md5sum failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        String::from_utf8(output.stdout).context("the names of the package are text")
    }

    /// Every file and folder that will be installed, sorted.
    fn walk(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut all = Vec::new();
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                if path == self.path("DEBIAN") {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path.clone());
                }
                all.push(path);
            }
        }
        all.sort();
        Ok(all)
    }
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .with_context(|| format!("the mode of {} cannot be set", path.display()))
}

/// There is no dpkg where there are no modes.
#[cfg(not(unix))]
fn mode(_path: &Path, _mode: u32) -> anyhow::Result<()> {
    Ok(())
}
