//! Applications that the target environment does not have yet.
//!
//! Their directory is copied only where the layout leaves no doubt where it goes: another application lies in
//! both environments, and its two paths differ in one segment only.

use std::collections::BTreeSet;

use slipway_catalog::{Catalog, Destination, Instance};
use slipway_diff::{EnvironmentWords, mask};
use slipway_model::{
    ApplicationName, Edit, EntryKind, EnvironmentName, FieldPath, InstanceId, Problem, RepoPath, Tree,
    read_text,
};

use super::Request;
use super::apply::apply;
use super::items::Item;
use super::solve::Solution;
use crate::class::{Place, classify_resource};

/// More files than this are no application's directory.
const MOST_FILES: usize = 500;

/// An application that comes to an environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Newcomer<'a> {
    /// Where it is taken from.
    pub from: &'a Instance,
    /// What it becomes.
    pub to: Instance,
    /// The files that are copied.
    pub copies: Vec<Edit>,
}

/// How an application comes to an environment; `Err` says why that is not certain.
pub(super) fn newcomer<'a>(
    catalog: &Catalog,
    tree: &dyn Tree,
    from: &'a Instance,
    environment: &EnvironmentName,
) -> Result<Newcomer<'a>, String> {
    let [source] = from.sources.as_slice() else {
        return Err("it has several sources".to_owned());
    };
    let (place, segment) = environment_segment(catalog, from, environment)?;
    let mut segments: Vec<&str> = source.path.segments().collect();
    let Some(at) = segments.get_mut(place) else {
        return Err(format!("`{}` lies elsewhere than the other applications", source.path));
    };
    *at = &segment;
    let directory = RepoPath::new(&segments.join("/")).map_err(|error| error.to_string())?;
    if !matches!(tree.content_id(&directory), Ok(None)) {
        return Err(format!("`{directory}` is there already and is no application"));
    }
    if let Some(outside) = source.values.iter().find(|file| !file.is_inside(&source.path)) {
        return Err(format!("its values file `{outside}` lies outside its directory"));
    }
    let files = files_below(tree, &source.path)?;
    let moved =
        |file: &RepoPath| directory.join(&file.relative_to(&source.path)).map_err(|error| error.to_string());
    let copies = files
        .iter()
        .map(|file| Ok(Edit::Copy { file: moved(file)?, from: file.clone() }))
        .collect::<Result<Vec<_>, String>>()?;
    let mut new_source = source.clone();
    new_source.values = source.values.iter().map(moved).collect::<Result<Vec<_>, String>>()?;
    new_source.path = directory;
    let to = Instance {
        id: InstanceId::new(from.id.application.clone(), environment.clone()),
        sources: vec![new_source],
        destination: Destination::default(),
        argocd_application: None,
        reason: format!("copied from `{}`", from.id),
        declared_in: None,
        branch: from.branch.clone(),
        order: from.order.clone(),
    };
    Ok(Newcomer { from, to, copies })
}

/// Which segment of the paths of applications names the environment, and its spelling in the target.
fn environment_segment(
    catalog: &Catalog,
    from: &Instance,
    environment: &EnvironmentName,
) -> Result<(usize, String), String> {
    let path_of = |instance: &Instance| -> Option<Vec<String>> {
        let [source] = instance.sources.as_slice() else { return None };
        Some(source.path.segments().map(str::to_owned).collect())
    };
    let own = path_of(from).unwrap_or_default();
    let mut places: BTreeSet<(usize, String)> = BTreeSet::new();
    for application in &catalog.applications {
        let of = |name: &EnvironmentName| {
            application.instances.iter().filter(|instance| instance.id.environment == *name).find_map(path_of)
        };
        let (Some(left), Some(right)) = (of(&from.id.environment), of(environment)) else { continue };
        if left.len() != right.len() || left.len() != own.len() {
            continue;
        }
        let differing: Vec<usize> = (0..left.len()).filter(|index| left[*index] != right[*index]).collect();
        if let [place] = differing.as_slice()
            && own[*place] == left[*place]
        {
            places.insert((*place, right[*place].clone()));
        }
    }
    let mut places = places.into_iter();
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(place),
        (None, _) => Err("no other application shows where it would lie".to_owned()),
        _ => Err("other applications lie in several places".to_owned()),
    }
}

fn files_below(tree: &dyn Tree, directory: &RepoPath) -> Result<Vec<RepoPath>, String> {
    let mut open = vec![directory.clone()];
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        let entries = tree.list(&path).map_err(|error| error.to_string())?.unwrap_or_default();
        for entry in entries {
            let below = path.child(&entry.name);
            match entry.kind {
                EntryKind::Directory => open.push(below),
                EntryKind::File | EntryKind::Executable => files.push(below),
                EntryKind::Symlink | EntryKind::Submodule => {
                    return Err(format!("`{below}` is no file that can be copied"));
                }
            }
            if files.len() > MOST_FILES {
                return Err(format!("`{directory}` holds more than {MOST_FILES} files"));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The items and edits of a newcomer: everything it renders is new.
pub(super) fn plan_newcomer(
    request: &Request<'_>,
    newcomer: &Newcomer<'_>,
) -> Result<(Vec<Item>, Solution), Vec<Problem>> {
    let id = newcomer.to.id.clone();
    let overlay = apply(&request.tree, &newcomer.copies).map_err(|problem| vec![problem.of(id.clone())])?;
    let rendered = (request.render)(&overlay, &newcomer.to);
    if rendered.is_failed() {
        let mut problems = vec![
            Problem::error("not-rendered", format!("the copied files of `{id}` cannot be rendered")).of(id),
        ];
        problems.extend(rendered.problems.into_iter().filter(Problem::is_error));
        return Err(problems);
    }
    let place = Place {
        application: &id.application,
        environment: &id.environment,
        words: &request.words,
        pins: request.pins,
    };
    let items: Vec<Item> = rendered
        .manifests
        .iter()
        .map(|manifest| {
            let classified = classify_resource(&manifest.id, true, &place);
            Item {
                resource: manifest.id.clone(),
                path: FieldPath::root(),
                old: None,
                new: Some(mask(&manifest.object, &request.key)),
                chosen: request.selection.ticks(classified.class, &id, &manifest.id, &FieldPath::root()),
                class: classified.class,
                reason: classified.reason,
                secret: false,
                follows: false,
            }
        })
        .collect();
    let mut solution = Solution::default();
    if !items.iter().any(|item| item.chosen) {
        return Ok((items, solution));
    }
    solution.edits = newcomer.copies.clone();
    let all: Vec<usize> = (0..solution.edits.len()).collect();
    for (index, item) in items.iter().enumerate() {
        if item.chosen {
            solution.carried_by.push((index, all.clone()));
        } else {
            solution.dragged.push(index);
        }
    }
    solution.problems.extend(named_environments(request, newcomer));
    Ok((items, solution))
}

/// Copied files that name an environment are copied as they are, and that is said.
fn named_environments(request: &Request<'_>, newcomer: &Newcomer<'_>) -> Option<Problem> {
    let words: &EnvironmentWords = &request.words;
    let names: Vec<String> = newcomer
        .copies
        .iter()
        .filter_map(|edit| match edit {
            Edit::Copy { file, from } => {
                let text = read_text(request.tree.as_ref(), from).ok().flatten()?;
                words.are_in(&text).then(|| file.to_string())
            }
            _ => None,
        })
        .collect();
    (!names.is_empty()).then(|| {
        Problem::warning(
            "copied-as-is",
            format!(
                "the files of `{}` are copied as they are, and some name an environment",
                newcomer.from.id
            ),
        )
        .of(newcomer.to.id.clone())
        .hint(format!("look into: {}", names.join(", ")))
        .hint(
            "where applications are listed (a parent kustomization, an ApplicationSet), add it there as well",
        )
    })
}

/// Why a named application is not added to an environment.
pub(super) fn not_in_target(
    application: &ApplicationName,
    from: &Instance,
    to: &EnvironmentName,
    why: &str,
) -> Problem {
    Problem::error("not-in-target", format!("`{application}` is not in `{to}` yet, and is not copied: {why}"))
        .of(from.id.clone())
        .hint(format!(
            "add its files for `{to}` beside those of `{}`, then promote again",
            from.id.environment
        ))
}
