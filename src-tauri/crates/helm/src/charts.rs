//! Charts that were loaded, shared by renders and threads.
//!
//! A chart is found by the content of what decides a render: `Chart.yaml`, `values.yaml`, the schema, the lock files,
//! `.helmignore`, and everything in `templates/`, `charts/` and `crds/`. These are asked of the tree on each render, so
//! that whoever records the reads sees them; other files are read only where a template may use them, so that a values
//! file beside the templates belongs to the render that names it and to no other.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use slipway_model::{EntryKind, Location, Problem, RemoteReference, RepoPath, Tree, readable_path};

use crate::chart::load::{Loading, load};
use crate::chart::walk::{Walk, read_file};
use crate::chart::{Chart, File, Place, archive};
use crate::decoded::Decoded;
use crate::engine::SharedSet;
use crate::failure::{Failure, code};
use crate::files_used::FilesUsed;

/// How many charts are kept.
const KEPT: usize = 512;
/// How many sets of templates are kept for a chart: one for each choice of charts inside it that was rendered.
const KEPT_SETS: usize = 64;

/// Charts that were loaded, by their content. Cheap to share behind an `Arc`; renders on several threads use it at once.
#[derive(Default)]
pub struct Charts {
    /// Protects the map only; never held while a tree is read or a chart is loaded.
    loaded: Mutex<Kept>,
    /// What the charts rendered to and their templates read, where it is large.
    pub(crate) decoded: Arc<Decoded>,
}

#[derive(Default)]
struct Kept {
    charts: HashMap<String, (Arc<Loaded>, u64)>,
    clock: u64,
}

/// A chart that was loaded, and what was made of it.
pub(crate) struct Loaded {
    pub(crate) chart: Arc<Chart>,
    /// What Helm logs while it loads.
    pub(crate) log: Vec<Problem>,
    /// Which files its templates may use.
    pub(crate) files_used: FilesUsed,
    /// What it was found by.
    pub(crate) key: String,
    /// Whether its directory can be walked for more files.
    pub(crate) directory: bool,
    sets: Mutex<HashMap<String, SharedSet>>,
}

impl Loaded {
    /// The set of templates of a name, made where there is none.
    pub(crate) fn set(
        &self,
        name: &str,
        parse: impl FnOnce() -> Result<SharedSet, Failure>,
    ) -> Result<SharedSet, Failure> {
        if let Some(set) = self.sets().get(name) {
            return Ok(Arc::clone(set));
        }
        let set = parse()?;
        let mut sets = self.sets();
        if sets.len() >= KEPT_SETS {
            sets.clear();
        }
        sets.insert(name.to_owned(), Arc::clone(&set));
        Ok(set)
    }

    fn sets(&self) -> std::sync::MutexGuard<'_, HashMap<String, SharedSet>> {
        self.sets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files of a chart's own directory that decide a render.
const FILES: [&str; 7] = [
    ".helmignore",
    "Chart.lock",
    "Chart.yaml",
    "requirements.lock",
    "requirements.yaml",
    "values.schema.json",
    "values.yaml",
];

/// Directories of which everything decides it.
const DIRECTORIES: [&str; 3] = ["charts", "crds", "templates"];

fn is_decisive(name: &str) -> bool {
    FILES.contains(&name) || DIRECTORIES.contains(&name)
}

impl Charts {
    /// No charts yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The chart at a path: a directory, or an archive.
    pub(crate) fn load(&self, tree: &dyn Tree, path: &RepoPath) -> Result<Arc<Loaded>, Failure> {
        let unreadable = |error| Failure::unreadable(path, &error);
        let Some(entries) = tree.list(path).map_err(unreadable)? else {
            return self.load_archive(tree, path);
        };
        let mut key = format!("{}\0", path.as_str());
        let mut links = false;
        for entry in entries.iter().filter(|entry| is_decisive(&entry.name)) {
            links |= entry.kind == EntryKind::Symlink;
            let inner = path.child(&entry.name);
            let id = tree.content_id(&inner).map_err(|error| Failure::unreadable(&inner, &error))?;
            key.push_str(&entry.name);
            key.push('\0');
            key.push_str(id.as_ref().map_or("", |id| id.as_str()));
            key.push('\n');
        }
        if !links && let Some(loaded) = self.kept(&key) {
            return Ok(loaded);
        }
        let listed = Walk::new(tree, path)?.list(&is_decisive)?;
        let mut files = Vec::with_capacity(listed.names.len());
        for name in &listed.names {
            files.extend(read_file(tree, path, name)?);
        }
        let loaded = finish(files, Place::Directory(path.clone()), key, true)?;
        // What a link leads to is not part of the content of the directory that holds the link.
        if !links && !listed.links {
            self.keep(&loaded);
        }
        Ok(loaded)
    }

    fn load_archive(&self, tree: &dyn Tree, path: &RepoPath) -> Result<Arc<Loaded>, Failure> {
        let unreadable = |error| Failure::unreadable(path, &error);
        let bytes = tree.read(path).map_err(unreadable)?.ok_or_else(|| {
            if let Some((reference @ RemoteReference::Chart { .. }, rest)) = RemoteReference::of_path(path)
                && rest.is_root()
            {
                return Failure::not_fetched(vec![reference]);
            }
            Failure::new(code::CHART, format!("path \"{}\" not found", readable_path(path)))
                .at(Location::file(path))
        })?;
        let id = tree.content_id(path).map_err(unreadable)?;
        let key = format!("{}\0{}", path.as_str(), id.as_ref().map_or("", |id| id.as_str()));
        if let Some(loaded) = self.kept(&key) {
            return Ok(loaded);
        }
        let files = archive::unpack(&bytes).map_err(|message| {
            let name = path.as_str();
            let message = if message == "gzip: invalid header" {
                let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
                if yaml {
                    format!("file '{name}' seems to be a YAML file, but expected a gzipped archive")
                } else {
                    format!("file '{name}' does not appear to be a gzipped archive")
                }
            } else {
                message
            };
            Failure::new(code::CHART, message)
                .at(Location::file(path))
                .hint("a chart is a directory with a `Chart.yaml`, or an archive made by `helm package`")
        })?;
        let loaded = finish(files, Place::Archive(path.clone()), key, false)?;
        self.keep(&loaded);
        Ok(loaded)
    }

    fn kept(&self, key: &str) -> Option<Arc<Loaded>> {
        let mut kept = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        let (loaded, used) = kept.charts.get_mut(key)?;
        *used = clock;
        Some(Arc::clone(loaded))
    }

    fn keep(&self, loaded: &Arc<Loaded>) {
        let mut kept = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        if kept.charts.len() >= KEPT {
            // The half that was not used for longest.
            let mut uses: Vec<u64> = kept.charts.values().map(|(_, used)| *used).collect();
            uses.sort_unstable();
            let middle = uses[uses.len() / 2];
            kept.charts.retain(|_, (_, used)| *used >= middle);
        }
        kept.charts.insert(loaded.key.clone(), (Arc::clone(loaded), clock));
    }
}

fn finish(files: Vec<File>, place: Place, key: String, directory: bool) -> Result<Arc<Loaded>, Failure> {
    let mut loading = Loading::default();
    let chart = Arc::new(load(files, place, &mut loading)?);
    let files_used = FilesUsed::of(&chart);
    Ok(Arc::new(Loaded { chart, log: loading.log, files_used, key, directory, sets: Mutex::default() }))
}

/// Loads a chart of files that are in no tree, as conformance cases give them.
pub(crate) fn load_files(files: BTreeMap<String, bytes::Bytes>) -> Result<Arc<Loaded>, Failure> {
    let files = files.into_iter().map(|(name, data)| File::new(name, data)).collect();
    finish(files, Place::Directory(RepoPath::root()), String::new(), false)
}
