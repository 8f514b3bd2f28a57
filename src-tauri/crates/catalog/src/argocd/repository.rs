//! What "this repository" is, in the words of declarations.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::index::Index;
use crate::options::ScanOptions;

/// The tree that is scanned, as a repository that declarations name.
pub(crate) struct Repository<'a> {
    /// Its files.
    pub(crate) index: &'a Index<'a>,
    /// The names by which declarations call it: the last part of the address.
    names: BTreeSet<String>,
    secrets: Vec<Value>,
}

impl<'a> Repository<'a> {
    /// Finds out what the repository is called. A fork has another owner and an address can be written in
    /// several ways, so that names are compared: those that the caller knows, where a declaration uses one of
    /// them; else the name that most declarations use for paths that are in the tree.
    pub(crate) fn new(index: &'a Index<'a>, options: &ScanOptions<'_>) -> Self {
        let mut votes: BTreeMap<String, usize> = BTreeMap::new();
        let mut secrets = Vec::new();
        for (file, facts) in index.files_with_objects().filter(|(file, _)| !index.is_in_chart(file)) {
            if facts.is_cluster_secret {
                secrets
                    .extend(index.documents(file).iter().filter(|value| is_cluster_secret(value)).cloned());
            }
            if facts.objects.iter().any(crate::index::ObjectKind::is_argocd) {
                for document in index.documents(file).iter() {
                    count(index, document, &mut votes);
                }
            }
        }
        let known: BTreeSet<String> = options
            .remote_urls
            .iter()
            .map(|address| name(address))
            .chain(options.repository_name.map(name))
            .filter(|name| !name.is_empty())
            .collect();
        let mut names: BTreeSet<String> =
            known.iter().filter(|name| votes.contains_key(*name)).cloned().collect();
        if names.is_empty() {
            let most = votes.iter().filter(|(_, count)| **count > 0).max_by_key(|(_, count)| **count);
            names.extend(most.map(|(name, _)| name.clone()));
        }
        Self { index, names, secrets }
    }

    /// Whether an address means this repository. One that is not written out (a placeholder) does.
    pub(crate) fn is_own(&self, address: &str) -> bool {
        let is_placeholder =
            address.contains("{{") || address.contains(['<', '$', '\u{2}']) || address.trim().is_empty();
        is_placeholder || self.names.contains(&name(address)) || self.names.is_empty()
    }

    /// Whether a source with this address and path lies here. Where nothing tells what this repository is called
    /// (only templates of charts name it), a path that is in the tree is taken for its own.
    pub(crate) fn holds(&self, address: &str, path: Option<&str>) -> bool {
        if !self.names.is_empty() {
            return self.is_own(address);
        }
        path.is_none_or(|path| {
            slipway_model::RepoPath::new(path.trim().trim_start_matches('/'))
                .is_ok_and(|path| self.index.directory(&path).is_some() || self.index.has_file(&path))
        })
    }

    /// The Secrets by which Argo CD knows clusters, as far as they are in the tree in plain text.
    pub(crate) fn cluster_secrets(&self) -> &[Value] {
        &self.secrets
    }
}

/// Counts the repositories that a declaration names, by whether the path is in the tree.
fn count(index: &Index<'_>, value: &Value, votes: &mut BTreeMap<String, usize>) {
    match value {
        Value::Object(map) => {
            if let Some(address) =
                map.get("repoURL").and_then(Value::as_str).filter(|text| !text.contains("{{"))
            {
                let path = map.get("path").and_then(Value::as_str);
                let is_here = path.is_some_and(|path| {
                    slipway_model::RepoPath::new(path.trim_start_matches('/'))
                        .is_ok_and(|path| !path.is_root() && index.directory(&path).is_some())
                });
                let is_templated =
                    path.is_some_and(|path| path.contains("{{")) || map.contains_key("directories");
                *votes.entry(name(address)).or_default() += usize::from(is_here || is_templated);
            }
            map.values().for_each(|value| count(index, value, votes));
        }
        Value::Array(items) => items.iter().for_each(|item| count(index, item, votes)),
        _ => {}
    }
}

fn is_cluster_secret(value: &Value) -> bool {
    value.get("kind").and_then(Value::as_str) == Some("Secret")
        && value
            .pointer("/metadata/labels")
            .and_then(|labels| labels.get("argocd.argoproj.io/secret-type"))
            .and_then(Value::as_str)
            == Some("cluster")
}

/// The last part of an address without `.git`: `https`, `ssh` and the owner make no difference.
fn name(address: &str) -> String {
    let address = address.trim().trim_end_matches('/');
    let address = address.strip_suffix(".git").unwrap_or(address);
    let address = address.strip_suffix(".bundle").unwrap_or(address);
    address.rsplit(['/', ':']).next().unwrap_or_default().to_lowercase()
}
