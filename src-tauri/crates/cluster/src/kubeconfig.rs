//! Which clusters the user has: the contexts of a kubeconfig. Nothing is connected to and no program is run.

use std::error::Error as StdError;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use kube::client::AuthError;
use kube::config::{Kubeconfig, KubeconfigError, LoadDataError};

use crate::error::{ClusterError, ErrorKind, chain};

/// Where a kubeconfig is read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KubeconfigSource {
    /// The files of `KUBECONFIG`, else `~/.kube/config`.
    #[default]
    Default,
    /// One file.
    File(PathBuf),
    /// The text of one file, for a cluster that this program itself started.
    Text(String),
}

impl From<Option<PathBuf>> for KubeconfigSource {
    /// The file that was named, else the platform's.
    fn from(named: Option<PathBuf>) -> Self {
        named.map_or(Self::Default, Self::File)
    }
}

impl KubeconfigSource {
    /// Reads and merges the files.
    pub(crate) fn read(&self) -> Result<Kubeconfig, ClusterError> {
        match self {
            Self::Default => {
                read_default(std::env::var_os("KUBECONFIG").as_deref(), std::env::home_dir().as_deref())
            }
            Self::Text(text) => Kubeconfig::from_yaml(text).map_err(|error| unreadable(&error, None)),
            Self::File(path) => read_file(path),
        }
    }
}

/// The files of `KUBECONFIG`, of which those that are not there are left out as kubectl does, else `~/.kube/config`.
fn read_default(variable: Option<&OsStr>, home: Option<&Path>) -> Result<Kubeconfig, ClusterError> {
    let named: Vec<PathBuf> = variable
        .map(|value| std::env::split_paths(value).filter(|path| !path.as_os_str().is_empty()).collect())
        .unwrap_or_default();
    if named.is_empty() {
        let Some(home) = home else {
            return Err(ClusterError::new(
                ErrorKind::Kubeconfig,
                "there is no kubeconfig, and no home folder",
            )
            .hint("name a file with --kubeconfig, or set KUBECONFIG"));
        };
        return read_file(&home.join(".kube/config"))
            .map_err(|failure| failure.hint("name a file with --kubeconfig, or set KUBECONFIG"));
    }
    let mut merged: Option<Kubeconfig> = None;
    for path in named.iter().filter(|path| path.exists()) {
        let file = read_file(path)?;
        merged = Some(match merged {
            Some(before) => before.merge(file).map_err(|error| unreadable(&error, Some(path)))?,
            None => file,
        });
    }
    merged.ok_or_else(|| {
        let names: Vec<String> = named.iter().map(|path| path.display().to_string()).collect();
        let message = format!("no file that KUBECONFIG names is there: {}", names.join(", "));
        ClusterError::new(ErrorKind::Kubeconfig, message)
            .hint("name a file with --kubeconfig, or set KUBECONFIG")
    })
}

fn read_file(path: &Path) -> Result<Kubeconfig, ClusterError> {
    Kubeconfig::read_from(path).map_err(|error| unreadable(&error, Some(path)))
}

/// Why a file is no kubeconfig. Nothing of the file is shown: it holds keys.
fn unreadable(error: &KubeconfigError, path: Option<&Path>) -> ClusterError {
    let file = path.map_or_else(|| "the kubeconfig".to_owned(), |path| path.display().to_string());
    let (message, hint) = match error {
        KubeconfigError::ReadConfig(cause, _) => match cause.kind() {
            std::io::ErrorKind::NotFound => (format!("the kubeconfig {file} is not there"), None),
            std::io::ErrorKind::PermissionDenied => {
                (format!("{file} may not be read: {cause}"), Some("give your user the right to read it"))
            }
            _ => (format!("{file} cannot be read: {cause}"), None),
        },
        KubeconfigError::Parse(cause) => {
            let place =
                cause.location().map(|at| format!(":{}:{}", at.line(), at.column())).unwrap_or_default();
            let why = cause.without_snippet().to_string();
            // The place stands before; a cause of several lines shows the file.
            let why = why.lines().next().unwrap_or_default();
            (
                format!("{file}{place}: this is no kubeconfig: {why}"),
                Some("`kubectl config view` reads the same file; get it again from whoever runs the cluster"),
            )
        }
        KubeconfigError::KindMismatch | KubeconfigError::ApiVersionMismatch => (
            format!("{file} cannot be joined with the files before it: they are of another kind or version"),
            Some("`kind: Config` and `apiVersion: v1` have to stand in each"),
        ),
        other => (format!("{file} cannot be used: {}", chain(other)), None),
    };
    let failure = ClusterError::new(ErrorKind::Kubeconfig, message);
    hint.into_iter().fold(failure, ClusterError::hint)
}

/// Why a context cannot be opened: what it names is not there or cannot be read.
pub(crate) fn unusable(error: &(dyn StdError + 'static), context: &str) -> ClusterError {
    let kubeconfig = match error.downcast_ref::<kube::Error>() {
        Some(kube::Error::InferKubeconfig(failure)) => Some(failure),
        _ => error.downcast_ref::<KubeconfigError>(),
    };
    let file = |what: &str, cause: &LoadDataError| match cause {
        LoadDataError::ReadFile(cause, path) => {
            format!("{what} of context `{context}` cannot be read: {}: {}", path.display(), plain(cause))
        }
        other => format!("{what} of context `{context}` cannot be read: {}", chain(other)),
    };
    if let Some(kube::Error::Auth(AuthError::ReadTokenFile(cause, path))) = error.downcast_ref() {
        let (path, cause) = (path.display(), plain(cause));
        let message = format!("the token of context `{context}` cannot be read: {path}: {cause}");
        return ClusterError::new(ErrorKind::Kubeconfig, message).hint(CORRECT_IT);
    }
    let message = match kubeconfig {
        Some(KubeconfigError::LoadClusterOfContext(cluster)) => {
            format!("context `{context}` names the cluster `{cluster}`, which is not in the kubeconfig")
        }
        Some(KubeconfigError::MissingClusterUrl) => {
            format!("the cluster of context `{context}` has no `server`")
        }
        Some(KubeconfigError::ParseClusterUrl(cause)) => {
            format!("the `server` of the cluster of context `{context}` is no address: {cause}")
        }
        Some(KubeconfigError::ParseProxyUrl(cause)) => {
            format!("the proxy by which context `{context}` is asked is no address: {cause}")
        }
        Some(KubeconfigError::LoadCertificateAuthority(cause)) => file("the certificate authority", cause),
        Some(KubeconfigError::ParseCertificates(cause)) => {
            format!("the certificate authority of context `{context}` is no certificate: {cause}")
        }
        Some(KubeconfigError::LoadClientCertificate(cause)) => file("the client certificate", cause),
        Some(KubeconfigError::LoadClientKey(cause)) => file("the key of the client certificate", cause),
        _ => format!("context `{context}` cannot be opened: {}", chain(error)),
    };
    ClusterError::new(ErrorKind::Kubeconfig, message).hint(CORRECT_IT)
}

/// What says who vouches for a cluster says nothing.
pub(crate) fn no_authority(context: &str) -> ClusterError {
    let message = format!("the certificate authority of context `{context}` holds no certificate in PEM");
    ClusterError::new(ErrorKind::Kubeconfig, message).hint(CORRECT_IT)
}

const CORRECT_IT: &str =
    "correct it in the kubeconfig, or choose another context; `kubectl config view` shows what it says";

fn plain(cause: &std::io::Error) -> String {
    match cause.kind() {
        std::io::ErrorKind::NotFound => "it is not there".to_owned(),
        _ => cause.to_string(),
    }
}

/// A context of a kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// The name of its cluster.
    pub cluster: String,
    /// The cluster's address; `None` where the cluster is not in the file.
    pub server: Option<String>,
    /// The name of its user.
    pub user: Option<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Whether it is the current one.
    pub is_current: bool,
    /// The program that gets its credentials. It runs only when the context is opened.
    pub program: Option<String>,
}

/// Lists the contexts of a kubeconfig in the order of the file.
///
/// # Errors
/// Where the kubeconfig is not there or cannot be read.
pub fn contexts(source: &KubeconfigSource) -> Result<Vec<Context>, ClusterError> {
    let config = source.read()?;
    Ok(config
        .contexts
        .iter()
        .map(|named| {
            let context = named.context.clone().unwrap_or_default();
            let cluster = config.clusters.iter().find(|cluster| cluster.name == context.cluster);
            let user = context
                .user
                .as_ref()
                .and_then(|name| config.auth_infos.iter().find(|user| user.name == *name))
                .and_then(|user| user.auth_info.as_ref());
            Context {
                name: named.name.clone(),
                server: cluster.and_then(|named| named.cluster.as_ref()?.server.clone()),
                cluster: context.cluster,
                user: context.user,
                namespace: context.namespace,
                is_current: config.current_context.as_ref() == Some(&named.name),
                program: user.and_then(|user| user.exec.as_ref()?.command.clone()),
            }
        })
        .collect())
}

/// The name of the context to open: the given one, else the current one.
pub(crate) fn choose(config: &Kubeconfig, wanted: Option<&str>) -> Result<String, ClusterError> {
    let names = || {
        let names: Vec<&str> = config.contexts.iter().map(|context| context.name.as_str()).collect();
        match names.is_empty() {
            true => "the kubeconfig has no contexts".to_owned(),
            false => format!("its contexts are {}", names.join(", ")),
        }
    };
    let name = match wanted.or(config.current_context.as_deref()) {
        Some(name) if !name.is_empty() => name,
        _ => {
            return Err(ClusterError::new(
                ErrorKind::Kubeconfig,
                format!("no context was given and the kubeconfig has no current one; {}", names()),
            )
            .hint("name one with --context"));
        }
    };
    if config.contexts.iter().any(|context| context.name == name) {
        Ok(name.to_owned())
    } else {
        Err(ClusterError::new(
            ErrorKind::Kubeconfig,
            format!("the kubeconfig has no context `{name}`; {}", names()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const TEXT: &str = r"
apiVersion: v1
kind: Config
current-context: two
clusters:
- {name: c1, cluster: {server: 'https://one.example'}}
contexts:
- {name: one, context: {cluster: c1, user: u1, namespace: shop}}
- {name: two, context: {cluster: gone, user: u2}}
users:
- {name: u1, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-program}}}
";

    fn source() -> (tempfile::TempDir, KubeconfigSource) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        fs::write(&path, TEXT).unwrap();
        (folder, KubeconfigSource::File(path))
    }

    #[test]
    fn contexts_are_listed_without_running_programs() {
        let (_folder, source) = source();
        let list = contexts(&source).unwrap();
        assert_eq!(list[0].server.as_deref(), Some("https://one.example"));
        assert_eq!(list[0].program.as_deref(), Some("no-such-program"));
        assert_eq!((list[1].server.as_deref(), list[1].is_current), (None, true));
    }

    #[test]
    fn an_unknown_context_is_answered_with_those_there_are() {
        let (_folder, source) = source();
        let error = choose(&source.read().unwrap(), Some("three")).unwrap_err();
        assert_eq!(error.message, "the kubeconfig has no context `three`; its contexts are one, two");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = contexts(&KubeconfigSource::File("/no/such/config".into())).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Kubeconfig);
        assert!(error.message.contains("/no/such/config"), "{error}");
    }

    #[test]
    fn of_the_files_of_the_variable_those_that_are_there_count() {
        let (folder, _) = source();
        let list = |names: &[&str]| {
            let paths: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
            read_default(Some(&std::env::join_paths(paths).unwrap()), None)
        };
        assert_eq!(list(&["gone", "config"]).unwrap().contexts.len(), 2, "as kubectl does");
        let failure = list(&["gone", "away"]).unwrap_err();
        assert!(failure.message.starts_with("no file that KUBECONFIG names is there: /"), "{failure}");
        let failure = read_default(None, Some(folder.path())).unwrap_err();
        assert!(failure.message.ends_with("/.kube/config is not there"), "{failure}");
        assert!(failure.hints[0].contains("set KUBECONFIG"));
    }

    #[test]
    fn a_broken_file_is_told_with_its_place_and_without_what_it_holds() {
        let (folder, _) = source();
        for (text, expected) in [
            ("users:\n- {name: u, user: {token: SECRET}}\n  SECRET: [\n", ":3:"),
            ("contexts: SECRET\n", ":1:11: this is no kubeconfig: "),
            ("\u{0}SECRET", "this is no kubeconfig"),
        ] {
            let path = folder.path().join("broken");
            fs::write(&path, text).unwrap();
            let failure = KubeconfigSource::File(path).read().unwrap_err();
            assert!(failure.message.contains(expected), "{failure}");
            assert!(
                failure.kind == ErrorKind::Kubeconfig && !failure.message.contains("SECRET"),
                "{failure}"
            );
            assert!(!failure.message.contains('\n') && !failure.hints.is_empty(), "{failure}");
        }
    }

    #[test]
    fn an_empty_file_has_no_contexts() {
        let (folder, _) = source();
        let path = folder.path().join("empty");
        fs::write(&path, "").unwrap();
        let source = KubeconfigSource::File(path);
        assert_eq!(contexts(&source).unwrap(), []);
        let failure = choose(&source.read().unwrap(), None).unwrap_err();
        assert!(failure.message.ends_with("the kubeconfig has no contexts"), "{failure}");
    }
}
