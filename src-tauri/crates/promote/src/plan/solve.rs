//! Finds the edits that carry the chosen items, by proof: every candidate is rendered.

use std::collections::{BTreeMap, BTreeSet};

use slipway_model::{Edit, FieldPath, Manifest, Problem, ResourceId};
use slipway_render::Rendered;

use super::apply::apply;
use super::candidates::{Candidate, Change, edits_of};
use super::declaration::{declared, declared_on};
use super::items::{Item, Outcome, found, outcome};
use super::{InstancePair, Request};
use crate::class::SettingClass;

/// More renders than this are not spent on one instance.
const MOST_RENDERS: usize = 300;

/// After so many candidates that resemble nothing and change nothing that was asked for, the rest is not tried.
const MOST_FRUITLESS: usize = 60;

/// The edits of one instance.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Solution {
    pub(super) edits: Vec<Edit>,
    /// For each item that is carried: the edits, as positions in `edits`.
    pub(super) carried_by: Vec<(usize, Vec<usize>)>,
    /// Items that were not chosen and change all the same.
    pub(super) dragged: Vec<usize>,
    /// Places where the environments were equal and no longer are.
    pub(super) beside: Vec<(ResourceId, FieldPath)>,
    pub(super) problems: Vec<Problem>,
}

/// What is known of a candidate that was rendered.
struct Measured {
    candidate: usize,
    outcome: Outcome,
    drags: usize,
    /// Whether it would move what never moves.
    moves_static: bool,
}

struct Solver<'a> {
    request: &'a Request<'a>,
    pair: InstancePair<'a>,
    source: &'a [Manifest],
    items: &'a [Item],
    candidates: &'a [Candidate],
    renders: usize,
    /// What was rendered before: the same candidates lead to the same.
    known: BTreeMap<Vec<usize>, Option<Outcome>>,
    last_failure: Option<Problem>,
}

/// Finds a small set of candidates whose edits carry the chosen items and nothing else.
pub(super) fn solve(
    request: &Request<'_>,
    pair: InstancePair<'_>,
    source: &Rendered,
    items: &[Item],
    candidates: &[Candidate],
) -> Solution {
    let mut solver = Solver {
        request,
        pair,
        source: &source.manifests,
        items,
        candidates,
        renders: 0,
        known: BTreeMap::new(),
        last_failure: None,
    };
    solver.run()
}

impl Solver<'_> {
    fn run(&mut self) -> Solution {
        let needed: BTreeSet<usize> =
            (0..self.items.len()).filter(|index| self.items[*index].chosen).collect();
        if needed.is_empty() {
            return Solution::default();
        }
        let mut covered: BTreeSet<usize> = BTreeSet::new();
        let mut accepted: Vec<usize> = Vec::new();
        let measured = self.single(&needed, &mut covered, &mut accepted);
        self.together(&needed, &measured, &mut covered, &mut accepted);
        let refused = self.with_others(&needed, &measured, &mut covered, &mut accepted);
        self.prove(&needed, &measured, accepted, &refused)
    }

    /// Tries candidates one by one and takes each that carries something needed and nothing else.
    fn single(
        &mut self,
        needed: &BTreeSet<usize>,
        covered: &mut BTreeSet<usize>,
        accepted: &mut Vec<usize>,
    ) -> Vec<Measured> {
        let mut measured = Vec::new();
        let mut fruitless = 0;
        for index in 0..self.candidates.len() {
            if needed.is_subset(covered) || self.renders >= MOST_RENDERS || fruitless >= MOST_FRUITLESS {
                break;
            }
            // A candidate that resembles a chosen item is always worth its render.
            fruitless = if self.candidates[index].score > 1 { 0 } else { fruitless + 1 };
            let Some(outcome) = self.measure(&[index]) else { continue };
            let one = self.judge(index, outcome);
            if one.outcome.carried.iter().chain(&one.outcome.changed).any(|item| needed.contains(item)) {
                fruitless = 0;
            }
            let new =
                one.outcome.carried.iter().filter(|item| needed.contains(item) && !covered.contains(item));
            if one.drags == 0 && new.count() > 0 {
                covered.extend(one.outcome.carried.iter().filter(|item| needed.contains(item)));
                accepted.push(index);
            }
            measured.push(one);
        }
        measured
    }

    /// Values that come about from several settings (an image of repository and tag): tries the candidates
    /// that change an item without carrying it together.
    fn together(
        &mut self,
        needed: &BTreeSet<usize>,
        measured: &[Measured],
        covered: &mut BTreeSet<usize>,
        accepted: &mut Vec<usize>,
    ) {
        for item in needed {
            if covered.contains(item) || self.renders >= MOST_RENDERS {
                continue;
            }
            let mut set: Vec<usize> = Vec::new();
            for one in measured.iter().filter(|one| one.outcome.changed.contains(item) && !one.moves_static) {
                let conflicts = set.iter().any(|other| self.conflict(*other, one.candidate));
                if !conflicts && !accepted.contains(&one.candidate) {
                    set.push(one.candidate);
                }
            }
            if set.len() < 2 && accepted.is_empty() || set.is_empty() {
                continue;
            }
            let mut all = accepted.clone();
            all.extend(&set);
            if !self.carries(&all, *item) {
                continue;
            }
            // Leave out what is not needed.
            for candidate in set.clone() {
                let without: Vec<usize> = all.iter().copied().filter(|each| *each != candidate).collect();
                if self.renders < MOST_RENDERS && self.carries(&without, *item) {
                    all = without;
                }
            }
            if let Some(outcome) = self.measure(&all) {
                let one = self.judge(0, outcome);
                if !one.moves_static {
                    covered.extend(one.outcome.carried.iter().filter(|item| needed.contains(item)));
                    *accepted = all;
                }
            }
        }
    }

    /// Takes candidates that carry others along, the fewest first; never one that moves what never moves.
    /// Returns the items for which there would have been such a one.
    fn with_others(
        &mut self,
        needed: &BTreeSet<usize>,
        measured: &[Measured],
        covered: &mut BTreeSet<usize>,
        accepted: &mut Vec<usize>,
    ) -> BTreeSet<usize> {
        let mut refused = BTreeSet::new();
        for item in needed {
            if covered.contains(item) {
                continue;
            }
            let carrying = || measured.iter().filter(|one| one.outcome.carried.contains(item));
            let best = carrying()
                .filter(|one| !one.moves_static)
                .filter(|one| !accepted.iter().any(|other| self.conflict(*other, one.candidate)))
                .min_by_key(|one| one.drags);
            match best {
                Some(one) => {
                    covered.extend(one.outcome.carried.iter().filter(|item| needed.contains(item)));
                    accepted.push(one.candidate);
                }
                None => {
                    if carrying().next().is_some() {
                        refused.insert(*item);
                    }
                }
            }
        }
        refused
    }

    /// Renders with all accepted candidates. What is not as it shall be then is not carried.
    fn prove(
        &mut self,
        needed: &BTreeSet<usize>,
        measured: &[Measured],
        accepted: Vec<usize>,
        refused: &BTreeSet<usize>,
    ) -> Solution {
        let accepted = without_redundant(accepted, measured, needed);
        let mut kept: Vec<usize> = Vec::new();
        let mut final_outcome = Outcome::default();
        if !accepted.is_empty() {
            match self.measure(&accepted) {
                Some(outcome) if accepted.len() == 1 || self.is_complete(&outcome, &accepted, measured) => {
                    kept = accepted;
                    final_outcome = outcome;
                }
                _ => {
                    // Together they do something else: build the set up one by one.
                    for candidate in accepted {
                        let mut with = kept.clone();
                        with.push(candidate);
                        let Some(outcome) = self.measure(&with) else { continue };
                        let gains = |outcome: &Outcome| {
                            outcome.carried.iter().filter(|item| needed.contains(item)).count()
                        };
                        if gains(&outcome) > gains(&final_outcome) {
                            kept = with;
                            final_outcome = outcome;
                        }
                    }
                }
            }
        }
        let edits = edits_of(kept.iter().map(|index| &self.candidates[*index]));
        let judged = self.judge(0, final_outcome);
        let mut solution = Solution { edits, beside: judged.outcome.beside.clone(), ..Solution::default() };
        let is_dragged = |index: &usize| !self.items[*index].chosen && !self.items[*index].follows;
        solution.dragged = judged
            .outcome
            .carried
            .iter()
            .chain(&judged.outcome.changed)
            .copied()
            .filter(is_dragged)
            .collect();
        solution.dragged.sort_unstable();
        for item in needed {
            if judged.outcome.carried.contains(item) {
                let edits = self.edits_for(*item, &kept, measured, &solution.edits);
                solution.carried_by.push((*item, edits));
            } else {
                solution.problems.push(self.not_found(*item, refused.contains(item)));
            }
        }
        solution
    }

    fn is_complete(&self, outcome: &Outcome, accepted: &[usize], measured: &[Measured]) -> bool {
        measured
            .iter()
            .filter(|one| accepted.contains(&one.candidate))
            .flat_map(|one| &one.outcome.carried)
            .filter(|item| self.items[**item].chosen)
            .all(|item| outcome.carried.contains(item))
    }

    /// The edits to which an item owes its value: those of the candidates that carry it alone, else of those
    /// that change it, else all.
    fn edits_for(&self, item: usize, kept: &[usize], measured: &[Measured], edits: &[Edit]) -> Vec<usize> {
        let of = |test: &dyn Fn(&Outcome) -> bool| -> Vec<usize> {
            measured
                .iter()
                .filter(|one| kept.contains(&one.candidate) && test(&one.outcome))
                .map(|one| one.candidate)
                .collect()
        };
        let mut owners = of(&|outcome| outcome.carried.contains(&item));
        if owners.is_empty() {
            owners = of(&|outcome| outcome.changed.contains(&item));
        }
        if owners.is_empty() {
            owners = kept.to_vec();
        }
        let mut positions: Vec<usize> = owners
            .iter()
            .flat_map(|candidate| &self.candidates[*candidate].changes)
            .filter_map(|change| edits.iter().position(|edit| is_edit_of(edit, change)))
            .collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }

    fn carries(&mut self, candidates: &[usize], item: usize) -> bool {
        self.measure(candidates).is_some_and(|outcome| outcome.carried.contains(&item))
    }

    /// Renders the target with the candidates' edits. `None` where they do not apply or the render fails.
    fn measure(&mut self, candidates: &[usize]) -> Option<Outcome> {
        let mut key = candidates.to_vec();
        key.sort_unstable();
        if let Some(outcome) = self.known.get(&key) {
            return outcome.clone();
        }
        let outcome = self.render(candidates);
        self.known.insert(key, outcome.clone());
        outcome
    }

    fn render(&mut self, candidates: &[usize]) -> Option<Outcome> {
        self.renders += 1;
        let edits = edits_of(candidates.iter().map(|index| &self.candidates[*index]));
        let overlay = match apply(&self.request.tree, &edits) {
            Ok(overlay) => overlay,
            Err(problem) => {
                self.last_failure = Some(*problem);
                return None;
            }
        };
        let instance = declared_on(self.request, &overlay, &edits, self.pair.to);
        let rendered = (self.request.render)(&overlay, &instance);
        if rendered.is_failed() {
            self.last_failure = rendered.problems.into_iter().find(Problem::is_error);
            return None;
        }
        let mut after = declared(self.request, self.pair, &overlay);
        after.extend(found(self.source, &rendered.manifests, self.request));
        Some(outcome(self.items, &after))
    }

    fn judge(&self, candidate: usize, outcome: Outcome) -> Measured {
        let others: Vec<&Item> = outcome
            .carried
            .iter()
            .chain(&outcome.changed)
            .map(|index| &self.items[*index])
            // An edit that carries a secret value would show it.
            .filter(|item| item.secret || (!item.chosen && !item.follows))
            .collect();
        let moves_static = others.iter().any(|item| item.class == SettingClass::C || item.secret);
        let drags = others.len() + outcome.beside.len();
        Measured { candidate, outcome, drags, moves_static }
    }

    /// Whether two candidates change the same place.
    fn conflict(&self, left: usize, right: usize) -> bool {
        let (left, right) = (&self.candidates[left].changes, &self.candidates[right].changes);
        left.iter().any(|left| right.iter().any(|right| overlaps(left, right)))
    }

    fn not_found(&self, item: usize, is_refused: bool) -> Problem {
        let item = &self.items[item];
        let at = if item.path.segments().is_empty() { String::new() } else { format!(" {}", item.path) };
        let what = format!("{}{at}", item.resource);
        let environment = &self.pair.to.id.environment;
        let mut hints = Vec::new();
        let why = if self.renders >= MOST_RENDERS {
            format!("{MOST_RENDERS} renders were tried")
        } else if item.secret {
            "secret values are never carried".to_owned()
        } else if is_refused {
            "every edit that carries it would also change settings that belong to the environment".to_owned()
        } else if self.candidates.is_empty() {
            format!("no file that only `{environment}` reads says anything about it")
        } else {
            format!("no change of the files that only `{environment}` reads leads to it")
        };
        if let Some(failure) = self.last_failure.as_ref().filter(|_| !is_refused) {
            hints.push(format!("one of the edits that were tried failed: {failure}"));
        }
        hints.push(format!("set it by hand in a file of `{environment}`, then promote again"));
        let path = if item.path.segments().is_empty() {
            format!("{} /", item.resource.kind)
        } else {
            item.path.to_string()
        };
        hints.push(format!("`--exclude '{path}'` leaves it out"));
        let mut problem = Problem::error("no-edit-found", format!("no edit carries {what}: {why}")).of(self
            .pair
            .to
            .id
            .clone());
        problem.hints = hints;
        problem
    }
}

/// Leaves out candidates whose needed items others carry as well.
fn without_redundant(accepted: Vec<usize>, measured: &[Measured], needed: &BTreeSet<usize>) -> Vec<usize> {
    let carried = |candidate: usize| -> BTreeSet<usize> {
        measured
            .iter()
            .filter(|one| one.candidate == candidate)
            .flat_map(|one| one.outcome.carried.iter().copied().filter(|item| needed.contains(item)))
            .collect()
    };
    let mut kept = accepted;
    let mut index = 0;
    while index < kept.len() {
        let own = carried(kept[index]);
        let others: BTreeSet<usize> = kept
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != index)
            .flat_map(|(_, each)| carried(*each))
            .collect();
        // What carries nothing alone was taken because it is needed together with others.
        if !own.is_empty() && own.is_subset(&others) {
            kept.remove(index);
        } else {
            index += 1;
        }
    }
    kept
}

fn overlaps(left: &Change, right: &Change) -> bool {
    if left.file() != right.file() {
        return false;
    }
    match (left, right) {
        (Change::Edit(left), Change::Edit(right)) => match (place_of(left), place_of(right)) {
            (Some((document, path)), Some((other, at))) => {
                document == other && (path.starts_with(at) || at.starts_with(path))
            }
            _ => true,
        },
        (Change::Lines { place, change, .. }, Change::Lines { place: at, change: other, .. }) => {
            place == at
                && change.start < other.end.max(other.start + 1)
                && other.start < change.end.max(change.start + 1)
        }
        (Change::Lines { place: Some((document, path)), .. }, Change::Edit(edit))
        | (Change::Edit(edit), Change::Lines { place: Some((document, path)), .. }) => place_of(edit)
            .is_none_or(|(other, at)| other == *document && (path.starts_with(at) || at.starts_with(path))),
        _ => true,
    }
}

fn place_of(edit: &Edit) -> Option<(usize, &FieldPath)> {
    match edit {
        Edit::Set { document, path, .. }
        | Edit::Insert { document, path, .. }
        | Edit::Remove { document, path, .. } => Some((*document, path)),
        Edit::Write { .. } | Edit::Copy { .. } | Edit::Delete { .. } => None,
    }
}

fn is_edit_of(edit: &Edit, change: &Change) -> bool {
    match change {
        // The position of an added item depends on what else is added.
        Change::Edit(Edit::Insert { file, document, path, new }) => match edit {
            Edit::Insert { file: at, document: number, path: place, new: value } => {
                (file, document, new) == (at, number, value) && path.parent() == place.parent()
            }
            _ => false,
        },
        Change::Edit(own) => own == edit,
        Change::Lines { file, place, .. } => {
            edit.file() == file
                && match (place, edit) {
                    (Some((document, path)), edit) => place_of(edit) == Some((*document, path)),
                    (None, Edit::Write { .. }) => true,
                    (None, _) => false,
                }
        }
    }
}
