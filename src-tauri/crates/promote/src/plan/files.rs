//! The files of two instances, paired by the role that they play.

use std::collections::{BTreeMap, BTreeSet};

use slipway_catalog::Instance;
use slipway_diff::EnvironmentWords;
use slipway_model::{EntryKind, Read, Reads, RepoPath, Tree};

/// More files than this below one directory are not looked at.
const MOST_FILES: usize = 2_000;

/// More pairs than this of one role say nothing.
const MOST_ANSWERS: usize = 9;

/// The files that only one of two instances reads, paired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PairedFiles {
    /// A file of the source and the one of the target that plays its role.
    pub(super) pairs: Vec<(RepoPath, RepoPath)>,
    /// Files of the source without one, and where they would lie in the target.
    pub(super) only_from: Vec<(RepoPath, RepoPath)>,
    /// Files of the target without one.
    pub(super) only_to: Vec<RepoPath>,
}

/// The files that a render read and found; where nothing was recorded, the files of the instance's sources.
fn files_of(tree: &dyn Tree, instance: &Instance, reads: &Reads) -> BTreeSet<RepoPath> {
    let mut files = BTreeSet::new();
    for (read, id) in reads.iter() {
        match (read, id) {
            (Read::File { path }, Some(_)) => {
                files.insert(path.clone());
            }
            (Read::Whole { path }, Some(_)) => collect(tree, path, &mut files),
            _ => {}
        }
    }
    if reads.is_empty() {
        for source in &instance.sources {
            collect(tree, &source.path, &mut files);
            files.extend(source.values.iter().cloned());
        }
    }
    files
}

fn collect(tree: &dyn Tree, path: &RepoPath, files: &mut BTreeSet<RepoPath>) {
    let mut open = vec![path.clone()];
    while let Some(path) = open.pop() {
        if files.len() >= MOST_FILES {
            return;
        }
        // What cannot be read is no candidate; the render has said why.
        match tree.list(&path) {
            Ok(Some(entries)) => open.extend(entries.iter().filter_map(|entry| {
                let is_readable =
                    matches!(entry.kind, EntryKind::File | EntryKind::Executable | EntryKind::Directory);
                is_readable.then(|| path.child(&entry.name))
            })),
            _ => {
                if matches!(tree.read(&path), Ok(Some(_))) {
                    files.insert(path);
                }
            }
        }
    }
}

/// Pairs the files that only one side reads: those whose paths are equal but for the names of environments,
/// then those that lie at the same place below their instance's directory, then those of the same name.
pub(super) fn paired_files(
    tree: &dyn Tree,
    from: (&Instance, &Reads),
    to: (&Instance, &Reads),
    words: &EnvironmentWords,
) -> PairedFiles {
    let (all_from, all_to) = (files_of(tree, from.0, from.1), files_of(tree, to.0, to.1));
    let mut left: BTreeSet<RepoPath> = all_from.difference(&all_to).cloned().collect();
    let mut right: BTreeSet<RepoPath> = all_to.difference(&all_from).cloned().collect();
    let mut paired = PairedFiles::default();
    let neutral = |path: &RepoPath| words.neutral_text(path.as_str());
    let (from_roots, to_roots) = (roots(from.0), roots(to.0));
    pair_by(&mut left, &mut right, &mut paired.pairs, |path| Some(neutral(path)), |path| Some(neutral(path)));
    let below = |roots: &[RepoPath], path: &RepoPath| {
        let (number, root) = roots.iter().enumerate().find(|(_, root)| path.is_inside(root))?;
        Some(format!("{number}:{}", words.neutral_text(&path.relative_to(root))))
    };
    pair_by(
        &mut left,
        &mut right,
        &mut paired.pairs,
        |path| below(&from_roots, path),
        |path| below(&to_roots, path),
    );
    let name = |path: &RepoPath| path.file_name().map(|name| words.neutral_text(name));
    pair_by(&mut left, &mut right, &mut paired.pairs, name, name);
    paired.pairs.sort_by(|a, b| a.1.cmp(&b.1));
    let looked_for: Vec<&RepoPath> =
        to.1.iter()
            .filter_map(|(read, id)| match (read, id) {
                (Read::File { path }, None) => Some(path),
                _ => None,
            })
            .collect();
    paired.only_from = left
        .into_iter()
        .filter_map(|path| {
            // A file that the target's render looked for and did not find says best where it belongs.
            let place = looked_for
                .iter()
                .find(|place| ***place != path && neutral(place) == neutral(&path))
                .map(|place| (*place).clone())
                .or_else(|| place_in_target(&path, &from_roots, &to_roots, &paired.pairs))?;
            matches!(tree.content_id(&place), Ok(None)).then_some((path, place))
        })
        .collect();
    paired.only_to = right.into_iter().collect();
    paired
}

fn pair_by(
    left: &mut BTreeSet<RepoPath>,
    right: &mut BTreeSet<RepoPath>,
    pairs: &mut Vec<(RepoPath, RepoPath)>,
    left_role: impl Fn(&RepoPath) -> Option<String>,
    right_role: impl Fn(&RepoPath) -> Option<String>,
) {
    let mut roles: BTreeMap<String, (Vec<RepoPath>, Vec<RepoPath>)> = BTreeMap::new();
    for path in left.iter() {
        if let Some(role) = left_role(path) {
            roles.entry(role).or_default().0.push(path.clone());
        }
    }
    for path in right.iter() {
        if let Some(role) = right_role(path) {
            roles.entry(role).or_default().1.push(path.clone());
        }
    }
    for (from, to) in roles.into_values() {
        // `values-prod.yaml` and `values-prod-eu.yaml` may both answer to `values-staging.yaml`.
        if from.len() * to.len() > MOST_ANSWERS {
            continue;
        }
        for from in &from {
            for to in &to {
                left.remove(from);
                right.remove(to);
                pairs.push((from.clone(), to.clone()));
            }
        }
    }
}

fn roots(instance: &Instance) -> Vec<RepoPath> {
    instance.sources.iter().map(|source| source.path.clone()).collect()
}

/// Where a file of the source would lie in the target: below the instance's directory, or beside the file that
/// a neighbour of it is paired with.
fn place_in_target(
    path: &RepoPath,
    from_roots: &[RepoPath],
    to_roots: &[RepoPath],
    pairs: &[(RepoPath, RepoPath)],
) -> Option<RepoPath> {
    let by_root = from_roots.iter().zip(to_roots).find_map(|(from, to)| {
        (from != to && path.is_inside(from)).then(|| to.join(&path.relative_to(from)).ok())?
    });
    by_root.or_else(|| {
        let directory = path.parent()?;
        let (_, neighbour) = pairs.iter().find(|(from, _)| from.parent().as_ref() == Some(&directory))?;
        Some(neighbour.parent()?.child(path.file_name()?))
    })
}
