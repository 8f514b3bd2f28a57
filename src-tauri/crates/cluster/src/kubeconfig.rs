//! Which clusters the user has: the contexts of a kubeconfig. Nothing is connected to and no program is run.

use std::path::PathBuf;

use kube::config::Kubeconfig;

use crate::error::{ClusterError, ErrorKind};

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
            Self::Default => Kubeconfig::read().map_err(|error| {
                ClusterError::from(error).hint("name a file with --kubeconfig, or set KUBECONFIG")
            }),
            Self::Text(text) => Kubeconfig::from_yaml(text).map_err(ClusterError::from),
            Self::File(path) => Kubeconfig::read_from(path)
                .map_err(|error| ClusterError::from(error).while_doing(&path.display().to_string())),
        }
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
}
