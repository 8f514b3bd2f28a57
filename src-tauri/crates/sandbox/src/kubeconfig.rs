//! The kubeconfig: how clients find the virtual clusters.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde_json::json;

/// The first line of every file written here; only such files are ever overwritten.
const MARK: &str = "# Written by slipway sandbox. It is overwritten and removed without asking.";

/// Why a kubeconfig could not be written.
#[derive(Debug, thiserror::Error)]
pub enum KubeconfigError {
    /// There is a file that someone else wrote.
    #[error("{} is there already and was not written by the sandbox; name another file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("cannot write the kubeconfig {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
}

/// What a kubeconfig says.
pub(crate) struct Contents<'a> {
    pub(crate) address: std::net::SocketAddr,
    pub(crate) authority_pem: &'a str,
    pub(crate) clusters: Vec<ClusterEntry>,
}

/// What a kubeconfig says about one cluster.
pub(crate) struct ClusterEntry {
    pub(crate) context: String,
    /// The name in paths.
    pub(crate) name: String,
    pub(crate) token: String,
}

/// The context of each environment: `slipway-ENV` with `/` as `-`; a clash gets a number.
pub(crate) fn context_names(environments: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for environment in environments {
        let text: String = environment
            .chars()
            .map(
                |each| {
                    if each.is_ascii_alphanumeric() || matches!(each, '-' | '_' | '.') { each } else { '-' }
                },
            )
            .collect();
        let base = format!("slipway-{text}");
        let mut name = base.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{base}-{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// The text of a kubeconfig. Strings are written as JSON, which is YAML.
pub(crate) fn text(contents: &Contents<'_>) -> String {
    let authority = base64::engine::general_purpose::STANDARD.encode(contents.authority_pem);
    let mut out = format!("{MARK}\napiVersion: v1\nkind: Config\nclusters:\n");
    for ClusterEntry { context, name, .. } in &contents.clusters {
        let server = format!("https://{}/clusters/{name}", contents.address);
        out.push_str(&format!(
            "- name: {}\n  cluster:\n    server: {}\n    certificate-authority-data: {authority}\n",
            json!(context),
            json!(server)
        ));
    }
    out.push_str("users:\n");
    for ClusterEntry { context, token, .. } in &contents.clusters {
        out.push_str(&format!("- name: {}\n  user:\n    token: {}\n", json!(context), json!(token)));
    }
    out.push_str("contexts:\n");
    for ClusterEntry { context, .. } in &contents.clusters {
        out.push_str(&format!(
            "- name: {name}\n  context:\n    cluster: {name}\n    user: {name}\n    namespace: default\n",
            name = json!(context)
        ));
    }
    if let Some(ClusterEntry { context, .. }) = contents.clusters.first() {
        out.push_str(&format!("current-context: {}\n", json!(context)));
    }
    out
}

/// The directory for files that live as long as a process: `XDG_RUNTIME_DIR/slipway`, else one of this user in the
/// directory for temporary files.
#[must_use]
pub fn runtime_directory() -> PathBuf {
    match std::env::var_os("XDG_RUNTIME_DIR").filter(|directory| !directory.is_empty()) {
        Some(directory) => PathBuf::from(directory).join("slipway"),
        None => {
            let user = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).unwrap_or_default();
            let user: String = user.chars().filter(char::is_ascii_alphanumeric).collect();
            std::env::temp_dir().join(format!("slipway-{user}"))
        }
    }
}

/// Whether a file was written by a sandbox.
fn is_ours(path: &Path) -> std::io::Result<bool> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes.starts_with(MARK.as_bytes())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Writes a kubeconfig, readable for its owner only, whole or not at all.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), KubeconfigError> {
    let failed = |source| KubeconfigError::Io { path: path.to_owned(), source };
    if !is_ours(path).map_err(failed)? {
        return Err(KubeconfigError::Foreign { path: path.to_owned() });
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_directory(directory).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    // Temporary files are made with mode 0600, and the rename keeps it.
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn create_directory(directory: &Path) -> std::io::Result<()> {
    if directory.exists() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(directory)
}

/// Removes a file that a sandbox wrote.
pub(crate) fn remove(path: &Path) -> std::io::Result<()> {
    if is_ours(path)? && path.exists() { std::fs::remove_file(path) } else { Ok(()) }
}

/// The kubeconfigs of sandboxes in a directory, with the address each names.
pub(crate) fn find(directory: &Path) -> Vec<(PathBuf, std::net::SocketAddr)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        // A file that cannot be read belongs to someone else.
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if !text.starts_with(MARK) {
            continue;
        }
        let address = text.split("https://").nth(1).and_then(|rest| rest.split('/').next());
        if let Some(address) = address.and_then(|address| address.parse().ok()) {
            found.push((path, address));
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_named_after_environments_and_clashes_get_numbers() {
        let names = ["staging", "production/eu", "production-eu", "a b"].map(str::to_owned);
        assert_eq!(
            context_names(&names),
            ["slipway-staging", "slipway-production-eu", "slipway-production-eu-2", "slipway-a-b"]
        );
    }

    #[test]
    fn a_file_of_someone_else_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        write(&path, &format!("{MARK}\na: b\n")).unwrap();
        write(&path, &format!("{MARK}\na: c\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&path, "apiVersion: v1\n").unwrap();
        assert!(matches!(write(&path, "x"), Err(KubeconfigError::Foreign { .. })));
        remove(&path).unwrap();
        assert!(path.exists(), "what someone else wrote stays");
    }
}
