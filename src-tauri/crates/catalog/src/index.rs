//! Every directory and every declaration of a tree, read once.
//!
//! Files that cannot be declarations are recognised by a search over their bytes and never decoded; what is
//! decoded is decoded once and kept.

mod facts;
mod health;
mod progressive;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use serde_json::Value;
use slipway_model::{EntryKind, Location, Problem, RepoPath, Tree};
use slipway_yaml::decode_stream;

use crate::settings::IgnoreGlobs;

pub(crate) use facts::{FileFacts, ObjectKind};
use health::checks_application_health;
use progressive::progressive_syncs;

/// A tree deeper than this is not followed further: a guard against trees made to exhaust memory.
const MAXIMUM_DEPTH: usize = 64;
/// Files larger than this are no declarations; they are not searched.
const MAXIMUM_FILE: usize = 16 * 1024 * 1024;

/// The names in a directory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    /// Files and links to files, sorted.
    pub(crate) files: Vec<String>,
    /// Directories, sorted. Links to directories are left out, so that no directory is found twice.
    pub(crate) directories: Vec<String>,
}

impl Directory {
    /// Whether a file of this name is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.files.binary_search_by(|file| file.as_str().cmp(name)).is_ok()
    }

    /// The kustomization file, by the names and in the order that kustomize looks for them.
    pub(crate) fn kustomization(&self) -> Option<&str> {
        ["kustomization.yaml", "kustomization.yml", "Kustomization"].into_iter().find(|name| self.has(name))
    }
}

/// How many bytes of decoded files are kept from one look at a tree to the next; the values take several times as much.
const KEPT: usize = 8 << 20;

/// A decoded file.
#[derive(Clone)]
struct Decoded {
    documents: Arc<Vec<Value>>,
    problem: Option<Problem>,
    /// The length of its text.
    bytes: usize,
}

/// What was known of a tree, for an index of one that differs from it in the content of a few files.
#[derive(Default)]
pub(crate) struct Known {
    directories: BTreeMap<RepoPath, Directory>,
    facts: Facts,
    /// Files that were asked for decoded; of most the result is kept.
    asked: HashSet<RepoPath>,
    decoded: HashMap<RepoPath, Decoded>,
    /// Directories that could not be listed, and files that could not be searched.
    problems: BTreeMap<RepoPath, Problem>,
    has_links: bool,
}

impl Known {
    /// Whether the tree has links.
    pub(crate) fn has_links(&self) -> bool {
        self.has_links
    }

    /// Whether a search of a file of another tree finds the same.
    pub(crate) fn holds(&self, tree: &dyn Tree, file: &RepoPath) -> bool {
        match look_at(tree, file) {
            Ok(look) => self.facts.hold(file, &look) && !self.problems.contains_key(file),
            Err(problem) => self.problems.get(file) == Some(&*problem),
        }
    }

    /// Whether a file was decoded.
    pub(crate) fn has_decoded(&self, file: &RepoPath) -> bool {
        self.asked.contains(file)
    }
}

/// Everything that is known of a tree without rendering.
pub(crate) struct Index<'a> {
    /// The tree itself.
    pub(crate) tree: &'a dyn Tree,
    directories: BTreeMap<RepoPath, Directory>,
    facts: Facts,
    /// Files that were decoded for this index. The lock is held only to look up and to insert.
    decoded: Mutex<HashMap<RepoPath, Decoded>>,
    /// Files that were decoded for the index before and are the same; moved to `decoded` when they are asked for.
    before: HashMap<RepoPath, Decoded>,
    /// Directories that could not be listed, and files that could not be searched.
    problems: BTreeMap<RepoPath, Problem>,
    has_links: bool,
}

impl<'a> Index<'a> {
    /// Lists every directory and searches every YAML and JSON file for declarations.
    pub(crate) fn new(tree: &'a dyn Tree) -> Self {
        Self::without(tree, &IgnoreGlobs::default())
    }

    /// As [`Index::new`], without what is ignored.
    pub(crate) fn without(tree: &'a dyn Tree, ignored: &IgnoreGlobs) -> Self {
        let problems = Mutex::new(BTreeMap::new());
        let has_links = AtomicBool::new(false);
        let mut directories = walk(tree, &problems, ignored, &has_links);
        if !ignored.is_empty() {
            for (path, directory) in &mut directories {
                directory.files.retain(|name| !ignored.ignores_file(&path.child(name)));
            }
        }
        let candidates: Vec<RepoPath> = directories
            .iter()
            .flat_map(|(path, directory)| {
                directory.files.iter().filter(|name| is_structured(name)).map(|name| path.child(name))
            })
            .collect();
        let looked_at: Vec<(RepoPath, Look)> = candidates
            .into_par_iter()
            .filter_map(|path| match look_at(tree, &path) {
                Ok(look) => Some((path, look)),
                Err(problem) => {
                    problems.lock().unwrap_or_else(PoisonError::into_inner).insert(path, *problem);
                    None
                }
            })
            .collect();
        let mut facts = Facts::default();
        looked_at.into_iter().for_each(|(path, look)| facts.add(path, look));
        Self {
            tree,
            directories,
            facts,
            decoded: Mutex::default(),
            before: HashMap::new(),
            problems: problems.into_inner().unwrap_or_else(PoisonError::into_inner),
            has_links: has_links.into_inner(),
        }
    }

    /// The index of a tree that has other content than the known one in the modified files, and is the same beside; the
    /// known one must have no links.
    pub(crate) fn after(tree: &'a dyn Tree, known: Known, modified: &[RepoPath]) -> Self {
        let Known { directories, mut facts, decoded: mut before, mut problems, has_links, .. } = known;
        for path in modified {
            before.remove(path);
            let was_looked_at = path.file_name().is_some_and(|name| {
                let directory = path.parent().and_then(|parent| directories.get(&parent));
                is_structured(name) && directory.is_some_and(|directory| directory.has(name))
            });
            facts.remove(path);
            problems.remove(path);
            if was_looked_at {
                match look_at(tree, path) {
                    Ok(look) => facts.add(path.clone(), look),
                    Err(problem) => drop(problems.insert(path.clone(), *problem)),
                }
            }
        }
        Self { tree, directories, facts, decoded: Mutex::default(), before, problems, has_links }
    }

    /// The same index, which reads from now on through another view of the same tree.
    pub(crate) fn reading(self, tree: &'a dyn Tree) -> Self {
        Self { tree, ..self }
    }

    /// What is known of the tree, and what was wrong with the files that were decoded.
    pub(crate) fn into_known(self) -> (Known, Vec<Problem>) {
        let mut decoded = self.decoded.into_inner().unwrap_or_else(PoisonError::into_inner);
        let of_files = decoded.iter().filter_map(|(path, each)| Some((path, each.problem.as_ref()?)));
        let problems: BTreeMap<&RepoPath, &Problem> = of_files.chain(&self.problems).collect();
        let problems = problems.into_values().cloned().collect();
        let asked = decoded.keys().cloned().collect();
        let mut bytes = 0;
        decoded.retain(|_, each| {
            bytes += each.bytes;
            bytes <= KEPT
        });
        let known = Known {
            directories: self.directories,
            facts: self.facts,
            asked,
            decoded,
            problems: self.problems,
            has_links: self.has_links,
        };
        (known, problems)
    }

    /// All directories with their names, sorted by path.
    pub(crate) fn directories(&self) -> &BTreeMap<RepoPath, Directory> {
        &self.directories
    }

    /// The names in a directory.
    pub(crate) fn directory(&self, path: &RepoPath) -> Option<&Directory> {
        self.directories.get(path)
    }

    /// Whether a file is there.
    pub(crate) fn has_file(&self, path: &RepoPath) -> bool {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => {
                self.directory(&parent).is_some_and(|directory| directory.has(name))
            }
            _ => false,
        }
    }

    /// The files that have Argo CD check the health of Applications, sorted.
    pub(crate) fn application_health(&self) -> &BTreeSet<RepoPath> {
        &self.facts.application_health
    }

    /// The files that say whether the ApplicationSet controller does progressive syncs, sorted, with what they say.
    pub(crate) fn progressive_syncs(&self) -> &BTreeMap<RepoPath, bool> {
        &self.facts.progressive_syncs
    }

    /// What is known of a file that holds Kubernetes objects; `None` for every other file.
    pub(crate) fn facts(&self, file: &RepoPath) -> Option<&FileFacts> {
        self.facts.files.get(file)
    }

    /// Whether a file lies in a chart: it may be a template, which is no YAML until it is rendered.
    pub(crate) fn is_in_chart(&self, file: &RepoPath) -> bool {
        file.ancestors()
            .skip(1)
            .any(|above| self.directory(&above).is_some_and(|names| names.has("Chart.yaml")))
    }

    /// All files that hold Kubernetes objects, sorted by path.
    pub(crate) fn files_with_objects(&self) -> impl Iterator<Item = (&RepoPath, &FileFacts)> {
        self.facts.files.iter()
    }

    /// The files directly in a directory that hold Kubernetes objects.
    pub(crate) fn manifests_in<'s>(
        &'s self,
        path: &'s RepoPath,
    ) -> impl Iterator<Item = (RepoPath, &'s FileFacts)> {
        self.directory(path)
            .into_iter()
            .flat_map(|directory| &directory.files)
            .map(|name| path.child(name))
            .filter_map(|file| self.facts.files.get(&file).map(|facts| (file, facts)))
    }

    /// The directory and all directories below it, sorted.
    pub(crate) fn below<'s>(
        &'s self,
        path: &'s RepoPath,
    ) -> impl Iterator<Item = (&'s RepoPath, &'s Directory)> {
        self.directories.range(path.clone()..).take_while_inside(path)
    }

    /// The documents of a YAML or JSON file, empty ones left out. What is no YAML is left out and reported.
    pub(crate) fn documents(&self, file: &RepoPath) -> Arc<Vec<Value>> {
        let known = |decoded: &HashMap<RepoPath, Decoded>| Some(Arc::clone(&decoded.get(file)?.documents));
        if let Some(documents) = known(&self.decoded.lock().unwrap_or_else(PoisonError::into_inner)) {
            return documents;
        }
        let decoded = self.before.get(file).cloned().unwrap_or_else(|| self.decode(file));
        let mut all = self.decoded.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&all.entry(file.clone()).or_insert(decoded).documents)
    }

    /// The only document of a file.
    pub(crate) fn document(&self, file: &RepoPath) -> Option<Value> {
        self.documents(file).first().cloned()
    }

    fn decode(&self, file: &RepoPath) -> Decoded {
        let nothing = |problem| Decoded { documents: Arc::default(), problem, bytes: file.as_str().len() };
        let text = match slipway_model::read_text(self.tree, file) {
            Ok(Some(text)) => text,
            Ok(None) => return nothing(None),
            Err(error) => {
                let problem = Problem::warning("unreadable-file", error.to_string());
                return nothing(Some(problem.at(Location::file(file))));
            }
        };
        let (documents, problem) = match decode_stream(&text) {
            Ok(documents) => {
                let values = documents.into_iter().map(|document| document.value);
                (values.filter(|value| !value.is_null()).collect(), None)
            }
            Err(error) => {
                let mut problem = error.problem(file);
                problem.severity = slipway_model::Severity::Warning;
                (decode_what_is_whole(&text), Some(problem))
            }
        };
        Decoded { documents: Arc::new(documents), problem, bytes: text.len() }
    }
}

/// What is known of the files of a tree without decoding them.
#[derive(Default)]
struct Facts {
    files: BTreeMap<RepoPath, FileFacts>,
    /// Files that have Argo CD check the health of Applications.
    application_health: BTreeSet<RepoPath>,
    /// Files that say whether the ApplicationSet controller does progressive syncs.
    progressive_syncs: BTreeMap<RepoPath, bool>,
}

impl Facts {
    fn add(&mut self, path: RepoPath, look: Look) {
        if look.checks_applications {
            self.application_health.insert(path.clone());
        }
        if let Some(on) = look.progressive_syncs {
            self.progressive_syncs.insert(path.clone(), on);
        }
        self.files.extend(look.facts.map(|facts| (path, facts)));
    }

    fn remove(&mut self, path: &RepoPath) {
        self.files.remove(path);
        self.application_health.remove(path);
        self.progressive_syncs.remove(path);
    }

    /// Whether a look at a file tells the same.
    fn hold(&self, path: &RepoPath, look: &Look) -> bool {
        look.facts.as_ref() == self.files.get(path)
            && look.checks_applications == self.application_health.contains(path)
            && look.progressive_syncs.as_ref() == self.progressive_syncs.get(path)
    }
}

/// What a look at a file tells.
#[derive(Default)]
struct Look {
    /// `None` where it holds no Kubernetes object.
    facts: Option<FileFacts>,
    /// Whether it has Argo CD check the health of Applications.
    checks_applications: bool,
    /// Whether it switches progressive syncs of ApplicationSets on or off.
    progressive_syncs: Option<bool>,
}

/// Searches a file; one that cannot be searched may be missed on screen, so that it is told.
fn look_at(tree: &dyn Tree, path: &RepoPath) -> Result<Look, Box<Problem>> {
    let unreadable = |error| Box::new(slipway_render::unreadable(path, &error));
    let Some(bytes) = tree.read(path).map_err(unreadable)? else {
        return Ok(Look::default());
    };
    if bytes.len() <= MAXIMUM_FILE {
        return Ok(Look {
            facts: FileFacts::of(path, &bytes),
            checks_applications: checks_application_health(&bytes),
            progressive_syncs: progressive_syncs(&bytes),
        });
    }
    let [size, most] = [bytes.len(), MAXIMUM_FILE].map(|bytes| bytes.div_ceil(1024 * 1024));
    let message =
        format!("`{path}` has {size} MB; files of more than {most} MB are not searched for manifests");
    Err(Box::new(
        Problem::warning("file-not-searched", message)
            .at(Location::file(path))
            .hint("split it, or move what is no manifest elsewhere"),
    ))
}

/// The documents of a broken stream that can be read on their own.
fn decode_what_is_whole(text: &str) -> Vec<Value> {
    let mut documents = Vec::new();
    let mut start = 0;
    let mut position = 0;
    let mut pieces = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" || line.starts_with("--- ") {
            pieces.push(&text[start..position]);
            start = position;
        }
        position += line.len();
    }
    pieces.push(&text[start..]);
    if pieces.len() < 2 {
        return documents;
    }
    for piece in pieces {
        if let Ok(read) = decode_stream(piece) {
            documents
                .extend(read.into_iter().map(|document| document.value).filter(|value| !value.is_null()));
        }
    }
    documents
}

/// Whether a file's name says that it may hold YAML or JSON.
pub(crate) fn is_structured(name: &str) -> bool {
    matches!(name.rsplit_once('.'), Some((_, "yaml" | "yml" | "json")))
}

trait TakeInside<'s> {
    fn take_while_inside(self, path: &'s RepoPath) -> impl Iterator<Item = (&'s RepoPath, &'s Directory)>;
}

impl<'s, I: Iterator<Item = (&'s RepoPath, &'s Directory)>> TakeInside<'s> for I {
    /// Paths are ordered as text, so that `a-b` lies between `a` and `a/b`: those are stepped over, and the
    /// walk ends at the first path that no longer begins with the text of `path`.
    fn take_while_inside(self, path: &'s RepoPath) -> impl Iterator<Item = (&'s RepoPath, &'s Directory)> {
        self.take_while(move |(each, _)| each.as_str().starts_with(path.as_str()))
            .filter(move |(each, _)| each.is_inside(path))
    }
}

fn walk(
    tree: &dyn Tree,
    problems: &Mutex<BTreeMap<RepoPath, Problem>>,
    ignored: &IgnoreGlobs,
    has_links: &AtomicBool,
) -> BTreeMap<RepoPath, Directory> {
    let mut directories = BTreeMap::new();
    let mut level = vec![RepoPath::root()];
    for _ in 0..MAXIMUM_DEPTH {
        let listed: Vec<(RepoPath, Directory)> = level
            .par_iter()
            .filter_map(|path| match tree.list(path) {
                Ok(Some(entries)) => {
                    if entries.iter().any(|entry| entry.kind == EntryKind::Symlink) {
                        has_links.store(true, Ordering::Relaxed);
                    }
                    Some((path.clone(), directory(tree, path, entries)))
                }
                Ok(None) => None,
                Err(error) => {
                    let problem =
                        Problem::warning("unreadable-directory", error.to_string()).at(Location::file(path));
                    problems.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), problem);
                    None
                }
            })
            .collect();
        level = listed
            .iter()
            .flat_map(|(path, directory)| directory.directories.iter().map(|name| path.child(name)))
            .filter(|path| !ignored.ignores_directory(path))
            .collect();
        directories.extend(listed);
        if level.is_empty() {
            break;
        }
    }
    directories
}

fn directory(tree: &dyn Tree, path: &RepoPath, entries: Vec<slipway_model::Entry>) -> Directory {
    let mut result = Directory::default();
    for entry in entries {
        match entry.kind {
            EntryKind::File | EntryKind::Executable => result.files.push(entry.name),
            EntryKind::Directory if entry.name == ".git" => {}
            EntryKind::Directory => result.directories.push(entry.name),
            EntryKind::Symlink => {
                let leads_to_a_file = matches!(tree.read(&path.child(&entry.name)), Ok(Some(_)));
                if leads_to_a_file {
                    result.files.push(entry.name);
                }
            }
            EntryKind::Submodule => {}
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_model::MemoryTree;

    #[test]
    fn below_steps_over_siblings_with_the_same_beginning() {
        let tree = MemoryTree::new([("a/b/x", ""), ("a-b/x", ""), ("a/c/x", ""), ("b/x", "")]);
        let index = Index::new(&tree);
        let root = RepoPath::new("a").unwrap();
        let below: Vec<_> = index.below(&root).map(|(path, _)| path.to_string()).collect();
        assert_eq!(below, ["a", "a/b", "a/c"]);
    }

    #[test]
    fn a_broken_document_does_not_hide_the_others() {
        let text = "apiVersion: v1\nkind: A\n---\n{{ broken\n---\napiVersion: v1\nkind: B\n";
        let tree = MemoryTree::new([("x.yaml", text)]);
        let index = Index::new(&tree);
        let file = RepoPath::new("x.yaml").unwrap();
        assert_eq!(index.documents(&file).len(), 2);
        assert_eq!(index.into_known().1.len(), 1);
    }
}
