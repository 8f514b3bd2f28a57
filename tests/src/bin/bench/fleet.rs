//! An opened repository over time: the rendered fleet, and what an edit costs.

use std::fs;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use rayon::prelude::*;
use slipway_model::InstanceId;
use slipway_render::EngineKind;
use slipway_workspace::{Fleet, Workspace};

use crate::figure::{Budget, Figure, Figures};
use crate::render::rate;
use crate::report::number;
use crate::repository::{Generated, OnDisk};

/// Runs of what takes little time, so that a 95th percentile says something.
const MANY: usize = 20;

static NEVER: AtomicBool = AtomicBool::new(false);

/// Measures, and gives the workspace with its rendered fleet.
pub(crate) fn measure(generated: &Generated, figures: &mut Figures) -> anyhow::Result<Workspace> {
    let workspace = from_nothing(&generated.disk, figures)?;
    ensure!(
        workspace.fleet().is_some_and(|fleet| fleet.facts.len() == generated.shape.instances),
        "not every instance was found"
    );
    unchanged(&workspace, figures)?;
    let generated_instances = generated.shape.generated();
    let edited = generated_instances
        .iter()
        .rev()
        .find(|each| each.engine == EngineKind::Minijinja)
        .context("no instance is written as a template")?;
    let file = format!("{}/common.yaml", edited.path);
    let runs = MANY.min(figures.runs() * 4);
    let few = Edit { what: "edit a file that one instance reads", file: &file, after: "replicas: ", runs };
    few.measure(&generated.disk, &workspace, Some(Budget::Percentile95(50.0)), figures)?;
    let many =
        Edit { what: "edit a file that many read", file: "common.yaml", after: "periodSeconds: ", runs };
    many.measure(&generated.disk, &workspace, Some(Budget::Percentile95(100.0)), figures)?;
    let fleet = workspace.fleet().context("the fleet was rendered")?;
    compare_environments(&fleet, figures)?;
    matrix(&fleet, figures)?;
    Ok(workspace)
}

/// Opening, scanning and rendering, until the fleet is complete. Instances that fail are told.
pub(crate) fn from_nothing(disk: &OnDisk, figures: &mut Figures) -> anyhow::Result<Workspace> {
    let (mut first, mut all, mut standings) = (Vec::new(), Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..figures.runs() {
        let started = Instant::now();
        let workspace = disk.open()?;
        let published: Mutex<Vec<(Duration, usize)>> = Mutex::default();
        let fleet = workspace.update(&NEVER, &|fleet| {
            published
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((started.elapsed(), fleet.facts.len()));
        })?;
        let complete = started.elapsed();
        let published = published.into_inner().unwrap_or_else(PoisonError::into_inner);
        let total = fleet.facts.len();
        let rendered =
            published.iter().find(|(_, count)| *count == total).context("no fleet was complete")?.0;
        first.extend(published.iter().find(|(_, count)| *count > 0).map(|(at, _)| *at));
        all.push(complete);
        standings.push(complete - rendered);
        last = Some((workspace, total, fleet.progress().failed));
    }
    let (workspace, total, failed) = last.context("it was opened at least once")?;
    figures.durations("open, scan, first instances rendered", None, &first);
    figures.durations("open, scan, render and compare everything", None, &all);
    rate(total, figures);
    if failed > 0 {
        figures.note(format!("{failed} of {total} do not render"));
    }
    figures.durations("  of it: comparing neighbours", None, &standings);
    Ok(workspace)
}

/// An update that finds nothing to do.
pub(crate) fn unchanged(workspace: &Workspace, figures: &mut Figures) -> anyhow::Result<()> {
    figures.time("update, nothing changed", Some(Budget::Median(150.0)), figures.runs(), || {
        Ok(workspace.update(&NEVER, &|_| {})?)
    })
}

/// Everything once more, with what the engines keep.
pub(crate) fn again(workspace: &Workspace, figures: &mut Figures) -> anyhow::Result<()> {
    let fleet = workspace.fleet().context("the fleet was rendered")?;
    let instances: Vec<_> = fleet.catalog.instances().collect();
    figures.time("render everything again, all cores", None, figures.runs(), || {
        Ok(instances
            .par_iter()
            .map(|instance| workspace.render(&fleet.tree, instance, &fleet.clusters))
            .collect::<Vec<_>>())
    })?;
    rate(instances.len(), figures);
    Ok(())
}

/// A change in one file, another one in each run.
pub(crate) struct Edit<'a> {
    pub(crate) what: &'a str,
    pub(crate) file: &'a str,
    /// What stands before the number that is changed; where it is empty, a comment is added at the end.
    pub(crate) after: &'a str,
    pub(crate) runs: usize,
}

impl Edit<'_> {
    pub(crate) fn measure(
        &self,
        disk: &OnDisk,
        workspace: &Workspace,
        budget: Option<Budget>,
        figures: &mut Figures,
    ) -> anyhow::Result<()> {
        let path = disk.file(self.file);
        let original = fs::read_to_string(&path)?;
        let edited = |number: usize| {
            if self.after.is_empty() {
                return Some(format!("{original}\n# edit {number}\n"));
            }
            let (before, rest) = original.split_once(self.after)?;
            let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
            Some(format!("{before}{}{number}{rest}", self.after))
        };
        let repository_path = slipway_model::RepoPath::new(self.file)?;
        let (mut shown, mut complete) = (Vec::new(), Vec::new());
        let mut touched = 0;
        for run in 0..self.runs {
            let old = workspace.fleet().context("the fleet was rendered")?;
            let readers: Vec<InstanceId> = old
                .touched_by(std::slice::from_ref(&repository_path))
                .into_iter()
                .map(|each| each.id.clone())
                .collect();
            touched = readers.len();
            let text = edited(20 + run).with_context(|| format!("no {} in {}", self.after, self.file))?;
            fs::write(&path, text)?;
            let first: Mutex<Option<Duration>> = Mutex::default();
            let started = Instant::now();
            let fleet = workspace.update(&NEVER, &|fleet| {
                let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                if first.is_none() && readers.iter().any(|id| is_fresh(&old, fleet, id)) {
                    *first = Some(started.elapsed());
                }
            })?;
            complete.push(started.elapsed());
            ensure!(
                readers.iter().all(|id| is_fresh(&old, &fleet, id)),
                "not every reader was rendered again"
            );
            let kept = fleet
                .facts
                .iter()
                .filter(|(id, facts)| old.facts.get(*id).is_some_and(|old| Arc::ptr_eq(old, facts)));
            ensure!(
                kept.count() + touched == fleet.facts.len(),
                "more was rendered again than what read the file"
            );
            let first = first.into_inner().unwrap_or_else(PoisonError::into_inner);
            shown.push(first.context("no fleet with the edit was published")?);
        }
        fs::write(&path, &original)?;
        workspace.update(&NEVER, &|_| {})?;
        let readers = crate::figure::grouped(touched);
        let mut say = |until: &str, budget: Option<Budget>, spent: &[Duration]| {
            figures.durations(&format!("{}: {until}", self.what), budget, spent);
            let percentile = figures.all.last().and_then(Figure::percentile_95).filter(|_| budget.is_none());
            let percentile = percentile.map_or(String::new(), |value| format!("p95 {}; ", number(value)));
            figures.note(format!("{percentile}read by {readers}"));
        };
        say("first shown", budget, &shown);
        say("all done", None, &complete);
        Ok(())
    }
}

fn is_fresh(old: &Fleet, new: &Fleet, id: &InstanceId) -> bool {
    match (old.facts.get(id), new.facts.get(id)) {
        (Some(old), Some(new)) => !Arc::ptr_eq(old, new),
        (None, new) => new.is_some(),
        (Some(_), None) => false,
    }
}

/// Compares two environments of a rendered fleet and groups what is alike, from the packed documents.
fn compare_environments(fleet: &Fleet, figures: &mut Figures) -> anyhow::Result<()> {
    figures.time("compare staging with production, all cores", None, figures.runs(), || {
        let changes: Vec<_> = fleet
            .catalog
            .applications
            .par_iter()
            .filter_map(|application| {
                let find = |name: &str| {
                    let instance =
                        application.instances.iter().find(|each| each.id.environment.as_str() == name)?;
                    Some((&instance.id, fleet.facts.get(&instance.id)?.manifests()))
                };
                let ((_, from), (id, to)) = (find("staging")?, find("production")?);
                Some((id.clone(), slipway_diff::compare(&from, &to)))
            })
            .collect();
        let groups = slipway_diff::group(&changes);
        Ok((changes, groups))
    })
}

/// The cells of the matrix: version, state and classes, as the page gets them.
fn matrix(fleet: &Fleet, figures: &mut Figures) -> anyhow::Result<()> {
    figures.time("matrix of the rendered fleet", Some(Budget::Median(100.0)), figures.runs(), || {
        let mut cells = Vec::new();
        for application in &fleet.catalog.applications {
            for environment in &fleet.catalog.environments {
                let Some(instance) =
                    application.instances.iter().find(|each| each.id.environment == environment.name)
                else {
                    continue;
                };
                let standing = fleet.standings.get(&instance.id).context("an instance has no standing")?;
                let facts = fleet.facts.get(&instance.id).context("an instance is not rendered")?;
                cells.push((
                    instance.id.to_string(),
                    facts.version.clone(),
                    standing.state.clone(),
                    standing.classes,
                ));
            }
        }
        Ok(black_box(cells))
    })
}
