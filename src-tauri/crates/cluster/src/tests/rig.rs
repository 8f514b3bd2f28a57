//! A real Kubernetes API for tests, where the rig and its programs are there.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

use crate::{Connection, ConnectionOptions, KubeconfigSource};

/// A running API server, shared by all tests of this process.
pub(super) struct Rig {
    state: PathBuf,
}

static RIG: OnceLock<Option<Rig>> = OnceLock::new();

/// The folder of reference data beside the checkout.
pub(super) fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared")
}

/// The rig; `None`, with a word, where it cannot be had. The first test that asks starts it; it ends with
/// this process.
pub(super) fn rig(test: &str) -> Option<&'static Rig> {
    let rig = RIG.get_or_init(|| start(&[])).as_ref();
    if rig.is_none() {
        println!("skipped: {test}: the rig under ../shared, its programs or Go are missing");
    }
    rig
}

/// Starts a rig of its own, with more options of `up`; `None` where it cannot be had.
pub(super) fn start(options: &[&str]) -> Option<Rig> {
    let scripts = shared().join("rig").canonicalize().ok()?;
    let state = tempfile::Builder::new().prefix("slipway-rig-").tempdir().ok()?.keep();
    let up = Command::new(scripts.join("up")).arg(&state).args(options).stdin(Stdio::null()).output().ok()?;
    // Whatever becomes of this process, what was started goes when it does.
    let watcher = format!(
        "while kill -0 {} 2>/dev/null; do sleep 0.3; done; '{}' '{}'; rm -rf '{}'",
        std::process::id(),
        scripts.join("down").display(),
        state.display(),
        state.display()
    );
    Command::new("sh")
        .args(["-c", &watcher])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    if !up.status.success() {
        println!("the rig does not start: {}", String::from_utf8_lossy(&up.stderr));
        return None;
    }
    Some(Rig { state })
}

impl Rig {
    /// The kubeconfig of the administrator.
    pub(super) fn kubeconfig(&self) -> PathBuf {
        self.state.join("kubeconfig")
    }

    /// Connects as a user of the rig: the administrator where `user` is empty, else `viewer` or `nobody`.
    pub(super) async fn connect(&self, user: &str) -> Arc<Connection> {
        let name = if user.is_empty() { "kubeconfig".to_owned() } else { format!("kubeconfig.{user}") };
        let source = KubeconfigSource::File(self.state.join(name));
        Arc::new(Connection::from_kubeconfig(&source, None, ConnectionOptions::default()).await.unwrap())
    }
}
