//! Kustomize overlays over bases: those of a real repository where it is at hand, and generated ones.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, ensure};
use slipway_model::{Read, RepoPath};
use slipway_render::EngineKind;
use slipway_tests::generate::overlays::Overlays;
use slipway_workspace::Workspace;

use crate::charts::EDITS;
use crate::figure::Figures;
use crate::fleet::{self, Edit};
use crate::memory;
use crate::report::Size;
use crate::repository::OnDisk;

/// The repository of the reference data with most kustomizations: 1,290 in 2026.
const REAL: &str = "infra-deployments";

/// Generated overlays over bases that share one base.
pub(crate) fn generated(quick: bool) -> anyhow::Result<Option<Size>> {
    let overlays = Overlays { applications: if quick { 10 } else { 100 }, environments: 12 };
    let disk = OnDisk::write(overlays.files())?;
    let size = measure("generated overlays", &disk, &overlays.base_file(), quick)?;
    ensure!(size.instances == overlays.instances(), "{} overlays were found", size.instances);
    Ok(Some(size))
}

/// A real repository; the base that is edited is the one that most instances build on.
pub(crate) fn real(quick: bool) -> anyhow::Result<Option<Size>> {
    let path = format!("corpora/repos/{REAL}.bundle");
    let Some(bundle) = slipway_tests::shared("bench of real overlays", &path) else { return Ok(None) };
    let disk = OnDisk::clone(&bundle)?;
    let base = most_shared(&disk)?;
    Ok(Some(measure(REAL, &disk, base.as_str(), quick)?))
}

/// The file of a base that most instances of Kustomize read and that is not their own.
fn most_shared(disk: &OnDisk) -> anyhow::Result<RepoPath> {
    let workspace = disk.open()?;
    let fleet = workspace.update(&std::sync::atomic::AtomicBool::new(false), &|_| {})?;
    let mut files = BTreeSet::new();
    for (read, _) in fleet.facts.values().flat_map(|facts| facts.reads.iter()) {
        if let Read::File { path } = read
            && path.file_name() == Some("kustomization.yaml")
        {
            files.insert(path.clone());
        }
    }
    let readers = |file: &RepoPath| fleet.touched_by(std::slice::from_ref(file)).len();
    files.into_iter().max_by_key(readers).context("no instance is built by Kustomize")
}

fn measure(name: &str, disk: &OnDisk, base: &str, quick: bool) -> anyhow::Result<Size> {
    let mut figures = Figures::new(if quick { 2 } else { 3 });
    let workspace = fleet::from_nothing(disk, &mut figures)?;
    fleet::again(&workspace, &mut figures)?;
    fleet::unchanged(&workspace, &mut figures)?;
    let edit = Edit { what: "edit a base", file: base, after: "", runs: EDITS };
    edit.measure(disk, &workspace, None, &mut figures)?;
    let engines = engines(&workspace);
    drop(workspace);
    memory::measure(disk, None, &mut figures)?;
    let instances = engines.values().sum();
    Ok(Size { name: name.to_owned(), instances, files: disk.files, engines, figures: figures.all })
}

/// How many instances each engine renders.
fn engines(workspace: &Workspace) -> BTreeMap<EngineKind, usize> {
    let mut engines = BTreeMap::new();
    if let Some(fleet) = workspace.fleet() {
        for source in fleet.catalog.instances().filter_map(|instance| instance.sources.first()) {
            *engines.entry(source.engine).or_default() += 1;
        }
    }
    engines
}
