//! A series of runs: the private directory, the copies in it, the bounds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use slipway_model::{Problem, Tree};
use tempfile::TempDir;

use crate::copy::{self, Plan, PrivateCopy};
use crate::process::{self, Bounds, Finished, RunError};

/// Bounds of what tools may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wall-clock time of one run.
    pub timeout: Duration,
    /// Bytes of standard output of one run.
    pub max_output: usize,
    /// Files in one copy.
    pub max_files: usize,
    /// Bytes in one copy.
    pub max_bytes: u64,
    /// Copies that are kept for later runs.
    pub max_copies: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(60),
            max_output: 64 << 20,
            max_files: 20_000,
            max_bytes: 256 << 20,
            max_copies: 64,
        }
    }
}

/// A private directory (mode 0700) in which tools run, deleted when the session ends. Copies of charts and
/// kustomizations are kept in it by their content ids, so that a series of renders copies each once.
pub struct ToolSession {
    directory: TempDir,
    /// The directory without links: some tools print it so.
    root: PathBuf,
    limits: Limits,
    cancelled: Arc<AtomicBool>,
    counter: AtomicU64,
    /// Protects the list only, most recently used last; never held while files are written.
    copies: Mutex<Vec<Arc<PrivateCopy>>>,
}

impl ToolSession {
    /// Starts a session in the system's directory for temporary files.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub fn new(limits: Limits) -> std::io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("slipway-tools-").tempdir()?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700))?;
        }
        let root = directory.path().canonicalize()?;
        Ok(Self {
            directory,
            root,
            limits,
            cancelled: Arc::default(),
            counter: AtomicU64::new(0),
            copies: Mutex::default(),
        })
    }

    /// Set to true, it stops every running tool and keeps others from starting.
    #[must_use]
    pub fn cancellation(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancelled)
    }

    /// The private directory, for tests.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A copy of what `plan` names, made now or kept from before.
    pub(crate) fn copy(&self, tree: &dyn Tree, plan: &Plan) -> Result<Arc<PrivateCopy>, Problem> {
        let key = plan.key(tree)?;
        {
            let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(position) = copies.iter().position(|copy| copy.key == key) {
                let copy = copies.remove(position);
                copies.push(Arc::clone(&copy));
                return Ok(copy);
            }
        }
        let path = self.fresh("copy")?;
        let copy = Arc::new(copy::make(tree, plan, key, path, &self.limits)?);
        if copy.is_complete_by_key {
            let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
            copies.push(Arc::clone(&copy));
            let surplus = copies.len().saturating_sub(self.limits.max_copies);
            copies.drain(..surplus);
        }
        Ok(copy)
    }

    /// A directory for one run.
    pub(crate) fn run_directory(&self) -> Result<RunDirectory, Problem> {
        let path = self.fresh("run")?;
        for name in ["home", "tmp", "bin"] {
            fs::create_dir(path.join(name)).map_err(|error| disk_problem(&error))?;
        }
        Ok(RunDirectory { path, files: 0 })
    }

    fn fresh(&self, purpose: &str) -> Result<PathBuf, Problem> {
        let number = self.counter.fetch_add(1, Ordering::SeqCst);
        let path = self.root.join(format!("{purpose}-{number}"));
        fs::create_dir(&path).map_err(|error| disk_problem(&error))?;
        Ok(path)
    }

    /// Runs a command that was made by [`RunDirectory::command`].
    pub(crate) fn run(&self, command: Command) -> Result<Finished, RunError> {
        if self.cancelled.load(Ordering::SeqCst) {
            return Err(RunError::Cancelled);
        }
        let bounds = Bounds {
            timeout: self.limits.timeout,
            max_output: self.limits.max_output,
            cancelled: &self.cancelled,
        };
        process::run(command, bounds)
    }
}

/// Home, temporary files and arguments of one run; deleted afterwards.
pub(crate) struct RunDirectory {
    path: PathBuf,
    files: usize,
}

impl RunDirectory {
    /// Writes a file that the tool is given by path.
    pub(crate) fn file(&mut self, content: &[u8]) -> Result<PathBuf, Problem> {
        let path = self.path.join(format!("argument-{}.yaml", self.files));
        self.files += 1;
        fs::write(&path, content).map_err(|error| disk_problem(&error))?;
        Ok(path)
    }

    /// A command with nothing of the user's environment: an empty home, so that no plugin, post-renderer,
    /// registry login or kubeconfig is found; an empty PATH, so that no other program is started; and proxies
    /// that lead nowhere, so that the network is out of reach and says so at once.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let home = self.path.join("home");
        let mut command = Command::new(program);
        command.env_clear().current_dir(&self.path);
        for variable in ["HOME", "USERPROFILE", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
            command.env(variable, &home);
        }
        for variable in ["HELM_CONFIG_HOME", "HELM_CACHE_HOME", "HELM_DATA_HOME", "HELM_PLUGINS"] {
            command.env(variable, home.join("helm"));
        }
        for variable in ["TMPDIR", "TMP", "TEMP"] {
            command.env(variable, self.path.join("tmp"));
        }
        command.env("PATH", self.path.join("bin")).env("KUBECONFIG", home.join("none"));
        for variable in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env(variable, "http://127.0.0.1:9");
        }
        #[cfg(windows)]
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        command
    }
}

impl Drop for RunDirectory {
    fn drop(&mut self) {
        // What is left is deleted with the session.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// The problem of a disk that is full or not writable.
pub(crate) fn disk_problem(error: &std::io::Error) -> Problem {
    Problem::error("tool-stopped", format!("the private copy cannot be written: {error}"))
}

/// The problem of a run without result.
pub(crate) fn run_problem(tool: &str, error: &RunError) -> Problem {
    let problem = Problem::error("tool-stopped", format!("{tool} {error}"));
    match error {
        RunError::Timeout(_) => problem.hint("render it once by hand to see what takes so long"),
        _ => problem,
    }
}
