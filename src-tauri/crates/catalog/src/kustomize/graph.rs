//! Which kustomization refers to which.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::Value;
use slipway_model::RepoPath;

use crate::index::{FileFacts, Index};

/// One kustomization file.
#[derive(Clone, Debug)]
pub(crate) struct Kustomization {
    /// The file.
    pub(crate) file: RepoPath,
    /// Its content.
    pub(crate) value: Value,
    /// Whether it is a Component, to be used by others only.
    pub(crate) is_component: bool,
    /// The directories inside the tree that it builds upon: `resources`, `bases`, `components`.
    pub(crate) directories: Vec<RepoPath>,
    /// The files inside the tree that it reads.
    pub(crate) files: Vec<RepoPath>,
    /// What it lists and what is not there.
    pub(crate) missing: Vec<String>,
}

/// All kustomizations of a tree and who refers to whom.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    kustomizations: BTreeMap<RepoPath, Kustomization>,
    referrers: BTreeMap<RepoPath, BTreeSet<RepoPath>>,
    /// By file: the directories whose kustomizations read it.
    readers: BTreeMap<RepoPath, Vec<RepoPath>>,
}

impl Graph {
    /// Reads every kustomization of the index.
    pub(crate) fn new(index: &Index<'_>) -> Self {
        let named: Vec<(&RepoPath, RepoPath)> = index
            .directories()
            .iter()
            .filter_map(|(path, directory)| Some((path, path.child(directory.kustomization()?))))
            .collect();
        let kustomizations: BTreeMap<RepoPath, Kustomization> = named
            .into_par_iter()
            .filter_map(|(path, file)| Some((path.clone(), Kustomization::read(index, path, file)?)))
            .collect::<Vec<_>>()
            .into_iter()
            .collect();
        let mut referrers: BTreeMap<RepoPath, BTreeSet<RepoPath>> = BTreeMap::new();
        let mut readers: BTreeMap<RepoPath, Vec<RepoPath>> = BTreeMap::new();
        for (path, kustomization) in &kustomizations {
            for directory in &kustomization.directories {
                referrers.entry(directory.clone()).or_default().insert(path.clone());
            }
            for file in &kustomization.files {
                readers.entry(file.clone()).or_default().push(path.clone());
            }
        }
        Self { kustomizations, referrers, readers }
    }

    /// The kustomization of a directory.
    pub(crate) fn get(&self, directory: &RepoPath) -> Option<&Kustomization> {
        self.kustomizations.get(directory)
    }

    /// The directories whose kustomizations build upon this one.
    pub(crate) fn referrers(&self, directory: &RepoPath) -> impl Iterator<Item = &RepoPath> {
        self.referrers.get(directory).into_iter().flatten()
    }

    /// Whether any kustomization reads this file.
    pub(crate) fn reads_file(&self, file: &RepoPath) -> bool {
        self.readers.contains_key(file)
    }

    /// The directories whose kustomizations read this file.
    pub(crate) fn readers(&self, file: &RepoPath) -> impl Iterator<Item = &RepoPath> {
        self.readers.get(file).into_iter().flatten()
    }

    /// Whether a kustomization, with all that it builds upon, reads a file of which `wanted` holds.
    pub(crate) fn leads_to(
        &self,
        index: &Index<'_>,
        directory: &RepoPath,
        wanted: &dyn Fn(&FileFacts) -> bool,
    ) -> bool {
        self.below(directory).iter().any(|path| match self.get(path) {
            Some(kustomization) => {
                kustomization.files.iter().any(|file| index.facts(file).is_some_and(wanted))
            }
            None => index.manifests_in(path).any(|(_, facts)| wanted(facts)),
        })
    }

    /// Whether a kustomization, or one that it builds upon, inflates charts.
    pub(crate) fn inflates_charts(&self, directory: &RepoPath) -> bool {
        self.below(directory).iter().filter_map(|path| self.get(path)).any(|kustomization| {
            ["helmCharts", "helmChartInflationGenerator"].iter().any(|field| {
                kustomization.value.get(field).and_then(Value::as_array).is_some_and(|list| !list.is_empty())
            })
        })
    }

    /// The names of what the kustomizations at and below a directory, and those that they build upon, generate; `field` is
    /// that of the generator.
    pub(crate) fn generated(&self, directory: &RepoPath, field: &str) -> impl Iterator<Item = String> {
        let inside = self.kustomizations.range(directory.clone()..).map(|(path, _)| path);
        let mut paths: BTreeSet<RepoPath> = self.below(directory);
        // Paths are ordered as text: `a-b` lies between `a` and `a/b`.
        for path in inside.take_while(|path| path.as_str().starts_with(directory.as_str())) {
            if path.is_inside(directory) {
                paths.extend(self.below(path));
            }
        }
        let mut names = Vec::new();
        for kustomization in paths.iter().filter_map(|path| self.get(path)) {
            let entries = kustomization.value.get(field).and_then(Value::as_array).into_iter().flatten();
            names.extend(entries.filter_map(|entry| Some(entry.get("name")?.as_str()?.to_owned())));
        }
        names.into_iter()
    }

    /// The directory and all that it builds upon.
    fn below(&self, directory: &RepoPath) -> BTreeSet<RepoPath> {
        let mut seen = BTreeSet::new();
        let mut open = vec![directory.clone()];
        while let Some(next) = open.pop() {
            if let Some(kustomization) = self.get(&next).filter(|_| !seen.contains(&next)) {
                open.extend(kustomization.directories.iter().cloned());
            }
            seen.insert(next);
        }
        seen
    }

    /// Whether a kustomization only collects others that no one else uses: a list, not an overlay. What it
    /// lists is deployed on its own account.
    pub(crate) fn is_list(&self, directory: &RepoPath) -> bool {
        let Some(kustomization) = self.get(directory) else { return false };
        let children = &kustomization.directories;
        !kustomization.is_component
            && children.len() >= 2
            && kustomization.files.is_empty()
            && !has_transformers(&kustomization.value)
            && children.iter().all(|child| {
                self.referrers(child).count() == 1 && self.get(child).is_some_and(|child| !child.is_component)
            })
    }

    /// Whether a kustomization lists nothing and generates nothing.
    pub(crate) fn is_empty_on_purpose(&self, directory: &RepoPath) -> bool {
        self.get(directory).is_some_and(|kustomization| {
            let lists = [
                "resources",
                "bases",
                "components",
                "configMapGenerator",
                "secretGenerator",
                "helmCharts",
                "generators",
            ];
            lists.iter().all(|field| {
                kustomization.value.get(field).and_then(Value::as_array).is_none_or(Vec::is_empty)
            })
        })
    }

    /// Whether something other than a list builds upon this directory.
    pub(crate) fn is_used(&self, directory: &RepoPath) -> bool {
        self.referrers(directory).any(|referrer| !self.is_list(referrer))
    }
}

fn has_transformers(value: &Value) -> bool {
    [
        "patches",
        "patchesStrategicMerge",
        "patchesJson6902",
        "images",
        "namePrefix",
        "nameSuffix",
        "replicas",
        "replacements",
        "configMapGenerator",
        "secretGenerator",
        "helmCharts",
        "transformers",
        "generators",
    ]
    .iter()
    .any(|field| value.get(field).is_some_and(|value| !value.is_null()))
}

impl Kustomization {
    fn read(index: &Index<'_>, directory: &RepoPath, file: RepoPath) -> Option<Self> {
        let value = index.document(&file)?;
        if !value.is_object() {
            return None;
        }
        // A file of this name can hold something else, for instance a Flux Kustomization.
        let api_version = value.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        if !api_version.is_empty() && !api_version.starts_with("kustomize.config.k8s.io/") {
            return None;
        }
        let is_component = value.get("kind").and_then(Value::as_str) == Some("Component");
        let mut result = Self {
            file,
            is_component,
            directories: Vec::new(),
            files: Vec::new(),
            missing: Vec::new(),
            value,
        };
        for field in ["resources", "bases", "components"] {
            for entry in texts(&result.value, field) {
                let Some(path) = local(directory, &entry) else { continue };
                if index.directory(&path).is_some() {
                    result.directories.push(path);
                } else if index.has_file(&path) {
                    result.files.push(path);
                } else {
                    result.missing.push(entry);
                }
            }
        }
        for field in
            ["patches", "patchesStrategicMerge", "patchesJson6902", "crds", "generators", "transformers"]
        {
            let Some(entries) = result.value.get(field).and_then(Value::as_array) else { continue };
            for entry in entries {
                let written = entry.as_str().or_else(|| entry.get("path").and_then(Value::as_str));
                let path = written.and_then(|written| local(directory, written));
                if let Some(path) = path.filter(|path| index.has_file(path)) {
                    result.files.push(path);
                }
            }
        }
        for field in ["configMapGenerator", "secretGenerator"] {
            for generator in result.value.get(field).and_then(Value::as_array).into_iter().flatten() {
                for written in texts(generator, "files").chain(texts(generator, "envs")) {
                    let written =
                        written.split_once('=').map_or(written.as_str(), |(_, file)| file).to_owned();
                    if let Some(path) = local(directory, &written).filter(|path| index.has_file(path)) {
                        result.files.push(path);
                    }
                }
            }
        }
        Some(result)
    }
}

fn texts<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = String> + use<'v> {
    let entries = value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// The path inside the tree that an entry means; `None` for a remote one.
pub(crate) fn local(directory: &RepoPath, entry: &str) -> Option<RepoPath> {
    if entry.contains("://") || entry.contains("?ref=") || entry.starts_with("git@") || entry.contains('\n') {
        return None;
    }
    directory.join(entry).ok()
}
