//! Puts a plan together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use slipway_catalog::Instance;
use slipway_diff::{Comparison, Options, Report, compare_with};
use slipway_model::{Edit, InstanceId, Problem, RepoPath, Tree};
use slipway_render::Rendered;

use super::apply::apply;
use super::candidates::candidates;
use super::declaration::{declared, declared_on, declaring_files};
use super::files::paired_files;
use super::items::{Item, found, items, outcome};
use super::newcomers::plan_newcomer;
use super::solve::{Solution, solve};
use super::unrendered::plan_from_files;
use super::{InstancePair, PromotionItem, PromotionPlan, Request};

/// Plans a promotion: compares each pair, classifies what differs, and finds the edits that carry what is
/// ticked. Every edit is proven by rendering the target with it, and all of them together once more.
///
/// Nothing is written, and a pair that cannot be rendered does not keep the others from being planned.
#[must_use]
pub fn plan(request: &Request<'_>) -> PromotionPlan {
    let renders = Renders { request, before: Mutex::default() };
    let mut planned: Vec<Planned> = Vec::new();
    let mut problems = Vec::new();
    // Side by side, and put together in their order: the plan does not depend on who is done first.
    let pairs: Vec<_> = request.pairs.par_iter().map(|pair| plan_pair(request, *pair, &renders)).collect();
    let newcomers: Vec<_> =
        request.newcomers.par_iter().map(|newcomer| plan_newcomer(request, newcomer)).collect();
    for result in pairs {
        match result {
            Ok(one) => planned.push(one),
            Err(found) => problems.extend(found),
        }
    }
    for (newcomer, result) in request.newcomers.iter().zip(newcomers) {
        match result {
            Ok((items, solution)) => planned.push(Planned { to: &newcomer.to, pair: None, items, solution }),
            Err(found) => problems.extend(found),
        }
    }
    problems.extend(incomplete_groups(request));
    drop_conflicts(&mut planned, &mut problems);
    let (edits, preview) = proven(request, &mut planned, &renders, &mut problems);
    assemble(request, planned, edits, preview, problems)
}

/// The edits that hold together, and what they lead to. Where they do not, the edits of the instance that shows it
/// are left out, and the rest is tried again.
fn proven(
    request: &Request<'_>,
    planned: &mut [Planned<'_>],
    renders: &Renders<'_>,
    problems: &mut Vec<Problem>,
) -> (Vec<Edit>, Preview) {
    loop {
        let edits = all_edits(planned);
        if edits.is_empty() {
            return (edits, Preview::default());
        }
        let problem = match preview_of(request, &edits, planned, renders) {
            Ok(preview) => return (edits, preview),
            Err(problem) => *problem,
        };
        let culprit = problem.instance.clone();
        problems.push(problem);
        let mut is_reduced = false;
        for one in planned.iter_mut().filter(|one| !one.solution.edits.is_empty()) {
            let is_own = culprit.as_ref() == Some(&one.to.id);
            // Somebody else's instance breaks: whoever edits what it reads steps back.
            let reaches = culprit.as_ref().and_then(|id| renders.known(id)).is_some_and(|rendered| {
                one.solution.edits.iter().any(|edit| rendered.reads.touch(edit.file()))
            });
            if is_own || reaches {
                one.drop_edits();
                is_reduced = true;
            }
        }
        if !is_reduced {
            planned.iter_mut().for_each(Planned::drop_edits);
        }
    }
}

/// Groups of applications that move together of which only a part is promoted.
fn incomplete_groups(request: &Request<'_>) -> Vec<Problem> {
    let promoted: Vec<&str> = request
        .pairs
        .iter()
        .map(|pair| pair.to)
        .chain(request.newcomers.iter().map(|newcomer| &newcomer.to))
        .map(|instance| instance.id.application.as_str())
        .collect();
    let is_promoted = |name: &String| promoted.contains(&name.as_str());
    request
        .version_groups
        .iter()
        .filter(|group| group.iter().any(is_promoted))
        .filter_map(|group| {
            let missing: Vec<&str> =
                group.iter().filter(|name| !is_promoted(name)).map(String::as_str).collect();
            (!missing.is_empty()).then(|| {
                let all = group.join("`, `");
                Problem::warning(
                    "version-group",
                    format!("`{all}` move together, and only a part of them is promoted"),
                )
                .hint(format!("take along: {}", missing.join(", ")))
            })
        })
        .collect()
}

struct Renders<'a> {
    request: &'a Request<'a>,
    /// Protects the map only; never held while something is rendered.
    before: Mutex<BTreeMap<InstanceId, Arc<Rendered>>>,
}

impl Renders<'_> {
    /// The instance as it is; what was rendered first stays.
    fn before(&self, instance: &Instance) -> Arc<Rendered> {
        if let Some(known) = self.known(&instance.id) {
            return known;
        }
        let rendered = Arc::new((self.request.render)(self.request.tree.as_ref(), instance));
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(before.entry(instance.id.clone()).or_insert(rendered))
    }

    fn known(&self, id: &InstanceId) -> Option<Arc<Rendered>> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner).get(id).map(Arc::clone)
    }
}

struct Planned<'a> {
    to: &'a Instance,
    /// What it is compared with; `None` for a newcomer.
    pair: Option<InstancePair<'a>>,
    items: Vec<Item>,
    solution: Solution,
}

impl Planned<'_> {
    fn drop_edits(&mut self) {
        self.solution =
            Solution { problems: std::mem::take(&mut self.solution.problems), ..Solution::default() };
    }
}

fn plan_pair<'a>(
    request: &Request<'a>,
    pair: InstancePair<'a>,
    renders: &Renders<'_>,
) -> Result<Planned<'a>, Vec<Problem>> {
    let mut problems = Vec::new();
    let (source, target) = (renders.before(pair.from), renders.before(pair.to));
    if [&source, &target].iter().any(|rendered| rendered.lacks_content())
        && [&source, &target].iter().all(|rendered| !rendered.is_failed() || rendered.lacks_content())
    {
        let (items, solution) = plan_from_files(request, pair, &source, &target);
        return Ok(Planned { to: pair.to, pair: Some(pair), items, solution });
    }
    for (instance, rendered) in [(pair.from, &source), (pair.to, &target)] {
        if rendered.is_failed() {
            problems.push(
                Problem::error(
                    "not-rendered",
                    format!("`{}` cannot be rendered, so that it is not promoted", instance.id),
                )
                .of(instance.id.clone()),
            );
            problems.extend(rendered.problems.iter().filter(|problem| problem.is_error()).cloned().map(
                |problem| {
                    if problem.instance.is_none() { problem.of(instance.id.clone()) } else { problem }
                },
            ));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut differences = declared(request, pair, request.tree.as_ref());
    differences.extend(found(&source.manifests, &target.manifests, request));
    let items = items(&differences, &pair.to.id, request);
    let solution = if items.iter().any(|item| item.chosen) {
        let mut files = paired_files(
            request.tree.as_ref(),
            (pair.from, &source.reads),
            (pair.to, &target.reads),
            &request.words,
        );
        files.pairs.extend(declaring_files(pair).map(|(from, to)| (from.clone(), to.clone())));
        files.pairs.dedup();
        let candidates = candidates(request.tree.as_ref(), &files, &items, &request.words);
        solve(request, pair, &source, &items, &candidates)
    } else {
        Solution::default()
    };
    Ok(Planned { to: pair.to, pair: Some(pair), items, solution })
}

/// Two instances that share a file must want the same of it. Of two that do not, the first one wins.
fn drop_conflicts(planned: &mut [Planned<'_>], problems: &mut Vec<Problem>) {
    let mut taken: Vec<(Edit, InstanceId)> = Vec::new();
    for one in planned {
        let conflict = one.solution.edits.iter().find_map(|edit| {
            taken
                .iter()
                .find(|(other, _)| same_place(other, edit) && other != edit)
                .map(|(_, owner)| (edit, owner))
        });
        if let Some((edit, owner)) = conflict {
            problems.push(
                Problem::error(
                    "conflicting-edits",
                    format!("`{owner}` and `{}` want different changes of `{}`", one.to.id, edit.file()),
                )
                .of(one.to.id.clone())
                .hint("promote them one after the other"),
            );
            one.drop_edits();
            continue;
        }
        taken.extend(one.solution.edits.iter().map(|edit| (edit.clone(), one.to.id.clone())));
    }
}

fn same_place(left: &Edit, right: &Edit) -> bool {
    let place = |edit: &Edit| match edit {
        Edit::Set { document, path, .. }
        | Edit::Insert { document, path, .. }
        | Edit::Remove { document, path, .. } => Some((*document, path.clone())),
        Edit::Write { .. } | Edit::Copy { .. } | Edit::Delete { .. } => None,
    };
    left.file() == right.file()
        && match (place(left), place(right)) {
            (Some(left), Some(right)) => left == right,
            _ => true,
        }
}

fn all_edits(planned: &[Planned<'_>]) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for edit in planned.iter().flat_map(|one| &one.solution.edits) {
        if !edits.contains(edit) {
            edits.push(edit.clone());
        }
    }
    edits
}

#[derive(Default)]
struct Preview {
    changes: Vec<(InstanceId, Comparison)>,
    also_changed: Vec<InstanceId>,
    problems: Vec<Problem>,
}

/// Renders everything that the edits reach, and proves every target once more with all edits together.
fn preview_of(
    request: &Request<'_>,
    edits: &[Edit],
    planned: &[Planned<'_>],
    renders: &Renders<'_>,
) -> Result<Preview, Box<Problem>> {
    let overlay = apply(&request.tree, edits)?;
    let mut files: Vec<RepoPath> = edits.iter().map(|edit| edit.file().clone()).collect();
    files.sort();
    files.dedup();
    let mut reached: BTreeMap<InstanceId, Instance> = BTreeMap::new();
    for instance in (request.affected)(&files) {
        reached.insert(instance.id.clone(), instance);
    }
    for one in planned.iter().filter(|one| !one.solution.edits.is_empty()) {
        reached.insert(one.to.id.clone(), one.to.clone());
    }
    let reached: Vec<Instance> = reached.into_values().collect();
    let effects: Vec<_> = reached
        .par_iter()
        .map(|instance| effect_on(request, edits, &overlay, planned, instance, renders))
        .collect();
    let mut preview = Preview::default();
    for (instance, effect) in reached.iter().zip(effects) {
        let id = &instance.id;
        match effect? {
            Effect::None => {}
            Effect::Wanted(comparison) => preview.changes.push((id.clone(), comparison)),
            Effect::Unknown => {
                preview.problems.push(
                    Problem::warning(
                        "also-changed",
                        format!("`{id}` was not chosen and reads a file that the promotion edits; it cannot be rendered, so that nothing tells whether it changes"),
                    )
                    .of(id.clone()),
                );
                preview.also_changed.push(id.clone());
            }
            Effect::Beside(comparison) => {
                preview.problems.push(
                    Problem::warning("also-changed", format!("`{id}` was not chosen and changes as well"))
                        .of(id.clone())
                        .hint("it reads a file that the promotion edits"),
                );
                preview.also_changed.push(id.clone());
                preview.changes.push((id.clone(), comparison));
            }
        }
    }
    Ok(preview)
}

/// What edits do to an instance.
enum Effect {
    None,
    /// It is promoted, and the edits lead to what was chosen.
    Wanted(Comparison),
    /// It is not promoted and changes as well.
    Beside(Comparison),
    /// It is not promoted and renders neither before nor afterwards.
    Unknown,
}

fn effect_on(
    request: &Request<'_>,
    edits: &[Edit],
    overlay: &dyn Tree,
    planned: &[Planned<'_>],
    instance: &Instance,
    renders: &Renders<'_>,
) -> Result<Effect, Box<Problem>> {
    let id = &instance.id;
    let target = planned.iter().find(|one| one.to.id == *id);
    let before = match target {
        Some(Planned { pair: None, .. }) => Arc::new(Rendered::empty()),
        _ => renders.before(instance),
    };
    let after = (request.render)(overlay, &declared_on(request, overlay, edits, instance));
    if after.is_failed() && !before.is_failed() {
        let why = after.problems.iter().find(|problem| problem.is_error()).map(ToString::to_string);
        return Err(Box::new(
            Problem::error(
                "proof-failed",
                format!("with the edits `{id}` cannot be rendered any more: {}", why.unwrap_or_default()),
            )
            .of(id.clone())
            .hint("promote fewer applications at once"),
        ));
    }
    if before.is_failed() && after.is_failed() && target.is_none() {
        return Ok(Effect::Unknown);
    }
    let options = Options { key: request.key.clone(), lists: request.lists, environments: None };
    let comparison = compare_with(&before.manifests, &after.manifests, &options);
    if comparison.resources.is_empty() {
        return Ok(Effect::None);
    }
    let Some(one) = target else { return Ok(Effect::Beside(comparison)) };
    let Some(pair) = one.pair else { return Ok(Effect::Wanted(comparison)) };
    let source = renders.before(pair.from);
    let mut differences = declared(request, pair, overlay);
    differences.extend(found(&source.manifests, &after.manifests, request));
    let result = outcome(&one.items, &differences);
    let missed = one.solution.carried_by.iter().find(|(item, _)| !result.carried.contains(item));
    if let Some((item, _)) = missed {
        let item = &one.items[*item];
        return Err(Box::new(
            Problem::error(
                "proof-failed",
                format!("all edits together do not lead to the chosen {} {}", item.resource, item.path),
            )
            .of(id.clone())
            .hint("promote fewer applications at once"),
        ));
    }
    Ok(Effect::Wanted(comparison))
}

fn assemble(
    request: &Request<'_>,
    planned: Vec<Planned<'_>>,
    edits: Vec<Edit>,
    preview: Preview,
    mut problems: Vec<Problem>,
) -> PromotionPlan {
    let mut all = Vec::new();
    for one in planned {
        let first = all.len();
        let id = one.to.id.clone();
        let dragged: Vec<usize> = one.solution.dragged.iter().map(|item| first + item).collect();
        for (index, item) in one.items.into_iter().enumerate() {
            let own = one.solution.carried_by.iter().find(|(carried, _)| *carried == index);
            let positions = own.map(|(_, positions)| {
                positions
                    .iter()
                    .filter_map(|position| {
                        let edit = one.solution.edits.get(*position)?;
                        edits.iter().position(|other| other == edit)
                    })
                    .collect()
            });
            all.push(PromotionItem {
                instance: id.clone(),
                resource: item.resource,
                path: item.path,
                old: item.old,
                new: item.new,
                class: item.class,
                reason: item.reason,
                secret: item.secret,
                chosen: item.chosen,
                also_carries: if own.is_some() { dragged.clone() } else { Vec::new() },
                edits: positions.unwrap_or_default(),
            });
        }
        for (resource, path) in one.solution.beside {
            problems.push(
                Problem::warning(
                    "also-changes",
                    format!("the edits also change {resource} {path}, where both environments were equal"),
                )
                .of(id.clone()),
            );
        }
        problems.extend(one.solution.problems);
    }
    problems.extend(preview.problems);
    let names = |names: &[slipway_model::EnvironmentName]| {
        names.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>().join(", ")
    };
    PromotionPlan {
        from: request.from.clone(),
        to: request.to.clone(),
        base: request.base.clone(),
        items: all,
        edits,
        preview: Report::new("before", names(&request.to), preview.changes, Vec::new()),
        also_changed: preview.also_changed,
        written: None,
        problems,
    }
}
