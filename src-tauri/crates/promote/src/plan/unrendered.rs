//! Pairs that cannot be rendered because something from outside the repository is not here, a remote base for
//! example: what differs is read from their files.
//!
//! No render proves these edits, so only versions are ticked by themselves, and a problem says so.

use slipway_diff::is_secret_path;
use slipway_model::{Edit, FieldPath, Problem, RepoPath, ResourceId, Tree, read_text};
use slipway_render::Rendered;

use super::candidates::{Candidate, Change, edits_of};
use super::declaration::declaring_files;
use super::documents::{Content, content, is_manifest, pair_documents};
use super::files::paired_files;
use super::items::{Found, Item, items};
use super::solve::Solution;
use super::structure::differences;
use super::{InstancePair, Request};
use crate::class::SettingClass;

/// A difference and where it stands in the target's files.
struct Placed {
    found: Found,
    file: RepoPath,
    document: usize,
}

/// The differences of the files of a pair, and the edits that carry what is ticked of them.
pub(super) fn plan_from_files(
    request: &Request<'_>,
    pair: InstancePair<'_>,
    source: &Rendered,
    target: &Rendered,
) -> (Vec<Item>, Solution) {
    let tree = request.tree.as_ref();
    let mut files =
        paired_files(tree, (pair.from, &source.reads), (pair.to, &target.reads), &request.words).pairs;
    files.extend(declaring_files(pair).map(|(from, to)| (from.clone(), to.clone())));
    files.sort_by(|a, b| a.1.cmp(&b.1));
    files.dedup();
    let mut placed = Vec::new();
    for (from, to) in &files {
        place(request, tree, from, to, &mut placed);
    }
    let all: Vec<Found> = placed.iter().map(|each| each.found.clone()).collect();
    let mut items = items(&all, &pair.to.id, request);
    for item in &mut items {
        let is_asked_for = request.selection.includes(item.class, &pair.to.id, &item.resource, &item.path);
        item.chosen &= item.class == SettingClass::A || is_asked_for;
    }
    let solution = solution(pair, &placed, &items, [source, target]);
    (items, solution)
}

fn place(request: &Request<'_>, tree: &dyn Tree, from: &RepoPath, to: &RepoPath, placed: &mut Vec<Placed>) {
    // What cannot be read says nothing here; the render has named it.
    let text = |file: &RepoPath| read_text(tree, file).ok().flatten();
    let (Some(source), Some(target)) = (text(from), text(to)) else { return };
    let (Content::Documents(source), Content::Documents(target)) =
        (content(from, &source), content(to, &target))
    else {
        return;
    };
    for (document, left, right) in pair_documents(&source, &target, &request.words) {
        let mut resource = if is_manifest(right) { ResourceId::of(right) } else { file_id() };
        if resource.name.is_empty() {
            resource.name = to.as_str().to_owned();
        }
        for difference in differences(left, right, &request.words) {
            if is_secret_path(right, &difference.path) {
                continue;
            }
            // Of two ways to carry a value the first keeps the target's own registry.
            let is_known = placed.iter().any(|each: &Placed| {
                each.file == *to && each.document == document && each.found.path == difference.path
            });
            if is_known {
                continue;
            }
            placed.push(Placed {
                found: Found {
                    resource: resource.clone(),
                    path: difference.path,
                    target: difference.old,
                    source: difference.new,
                    secret: false,
                    whole: None,
                    follows: false,
                },
                file: to.clone(),
                document,
            });
        }
    }
}

/// The id of what a file says that is no object.
fn file_id() -> ResourceId {
    ResourceId {
        group: String::new(),
        kind: "File".to_owned(),
        namespace: String::new(),
        name: String::new(),
    }
}

fn solution(pair: InstancePair<'_>, placed: &[Placed], items: &[Item], renders: [&Rendered; 2]) -> Solution {
    let mut solution = Solution::default();
    let chosen: Vec<(usize, Edit)> = items
        .iter()
        .zip(placed)
        .enumerate()
        .filter(|(_, (item, _))| item.chosen)
        .filter_map(|(index, (item, at))| Some((index, edit(item, at)?)))
        .collect();
    let candidates: Vec<Candidate> = chosen
        .iter()
        .map(|(_, edit)| Candidate { changes: vec![Change::Edit(edit.clone())], score: 0 })
        .collect();
    solution.edits = edits_of(&candidates);
    solution.carried_by = chosen
        .iter()
        .filter_map(|(item, edit)| {
            let position = solution.edits.iter().position(|other| is_same(other, edit))?;
            Some((*item, vec![position]))
        })
        .collect();
    let missing = renders.iter().flat_map(|rendered| &rendered.problems).find(|problem| problem.is_error());
    let why = missing.map(|problem| format!(": {}", problem.message)).unwrap_or_default();
    let mut problem = Problem::warning(
        "not-proven",
        format!(
            "`{}` or `{}` cannot be rendered{why}; what differs is read from their files, and no render proves the edits",
            pair.from.id, pair.to.id
        ),
    )
    .of(pair.to.id.clone())
    .hint("only versions are ticked; tick the rest by hand after reading it");
    problem.location = missing.and_then(|problem| problem.location.clone());
    solution.problems.push(problem);
    solution
}

fn edit(item: &Item, at: &Placed) -> Option<Edit> {
    let (file, document, path) = (at.file.clone(), at.document, at.found.path.clone());
    match (&item.old, &item.new) {
        (Some(old), Some(new)) => {
            Some(Edit::Set { file, document, path, old: Some(old.clone()), new: new.clone() })
        }
        (None, Some(new)) => Some(Edit::Insert { file, document, path, new: new.clone() }),
        (Some(old), None) => Some(Edit::Remove { file, document, path, old: Some(old.clone()) }),
        (None, None) => None,
    }
}

/// The same edit, whatever place at the end of a list an insertion was given.
fn is_same(left: &Edit, right: &Edit) -> bool {
    match (left, right) {
        (
            Edit::Insert { file, document, path, new },
            Edit::Insert { file: other_file, document: other_document, path: other_path, new: other_new },
        ) => {
            let parent = |path: &FieldPath| path.segments().split_last().map(|(_, parent)| parent.to_vec());
            (file, document, new) == (other_file, other_document, other_new)
                && (path == other_path || parent(path) == parent(other_path))
        }
        _ => left == right,
    }
}
