//! From declared orders to a schedule.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use slipway_model::{After, InstanceId, Location};

use super::{Barrier, Member, NAMED, Rule, Schedule, Standing, until};

/// Where a barrier is looked up: what it is about, which rank, and whether its members must be healthy (or
/// nothing waits for them, with why).
type Key = (String, i64, Result<bool, String>);

struct Building<'a> {
    all: &'a [Member<'a>],
    /// The lane of each instance that is synced.
    lanes: BTreeMap<usize, usize>,
    barriers: Vec<Barrier>,
    known: BTreeMap<Key, usize>,
}

pub(super) fn schedule(all: &[Member<'_>], synced: &[usize], at_once: usize) -> Schedule {
    let synced: Vec<usize> = synced.iter().copied().filter(|position| *position < all.len()).collect();
    let lanes = synced.iter().enumerate().map(|(lane, position)| (*position, lane)).collect();
    let mut building = Building { all, lanes, barriers: Vec::new(), known: BTreeMap::new() };
    let mut rules: Vec<Vec<Rule>> = vec![Vec::new(); synced.len()];
    let groups = building.groups();
    for (group, ranks) in &groups {
        building.ranked(group, ranks, &mut rules);
    }
    building.dependent(&synced, &mut rules);
    let (limits, limits_of) = limits(all, &groups, &building.lanes);
    let barriers = building.barriers;
    let mut awaited = vec![false; synced.len()];
    for rule in rules.iter().flatten().filter(|rule| rule.unenforced.is_none()) {
        let barrier = rule.barrier.map(|barrier| &barriers[barrier]).filter(|barrier| barrier.until_healthy);
        barrier.into_iter().flat_map(|barrier| &barrier.members).for_each(|member| awaited[*member] = true);
    }
    let cycles = cycles(&rules, &barriers);
    Schedule {
        ids: synced.iter().map(|position| all[*position].id.clone()).collect(),
        standings: vec![Standing::Waiting; synced.len()],
        rules,
        barriers,
        limits,
        limits_of,
        cycles,
        awaited,
        at_once: at_once.max(1),
    }
}

/// The members of each group by rank: positions of instances, each with which of its ranks it is.
type Groups<'a> = BTreeMap<&'a str, BTreeMap<i64, Vec<(usize, usize)>>>;

impl<'a> Building<'a> {
    fn groups(&self) -> Groups<'a> {
        let mut groups: Groups<'a> = BTreeMap::new();
        for (position, member) in self.all.iter().enumerate() {
            for (which, rank) in member.order.ranks.iter().enumerate() {
                let ranks = groups.entry(&rank.group).or_default();
                ranks.entry(rank.rank).or_default().push((position, which));
            }
        }
        groups
    }

    /// Every lane of a group waits for the nearest lower rank that is synced; those wait for the ones before them.
    fn ranked(&mut self, group: &str, ranks: &BTreeMap<i64, Vec<(usize, usize)>>, rules: &mut [Vec<Rule>]) {
        // The barriers of the nearest lower rank: those who are waited for, and those who are not.
        let mut enforced: Vec<usize> = Vec::new();
        let mut unenforced: Vec<(usize, String)> = Vec::new();
        let mut outside: (Vec<InstanceId>, usize) = (Vec::new(), 0);
        for (rank, members) in ranks {
            for (position, which) in members {
                let Some(lane) = self.lanes.get(position).copied() else { continue };
                let own = &self.all[*position].order.ranks[*which];
                let rule = |barrier: Option<usize>, why: Option<&String>| Rule {
                    barrier,
                    outside: if barrier.is_none() { outside.0.clone() } else { Vec::new() },
                    outside_count: if barrier.is_none() { outside.1 } else { 0 },
                    by: own.by.clone(),
                    location: own.location.clone(),
                    unenforced: why.cloned(),
                };
                rules[lane].extend(enforced.iter().map(|barrier| rule(Some(*barrier), None)));
                rules[lane].extend(unenforced.iter().map(|(barrier, why)| rule(Some(*barrier), Some(why))));
                if enforced.is_empty() && unenforced.is_empty() && outside.1 > 0 {
                    rules[lane].push(rule(None, None));
                }
            }
            let mut by_kind: BTreeMap<Result<bool, String>, Vec<usize>> = BTreeMap::new();
            let mut left_out = (Vec::new(), 0);
            for (position, which) in members {
                let awaited = &self.all[*position].order.ranks[*which].awaited;
                match self.lanes.get(position) {
                    Some(lane) => {
                        by_kind.entry(until(awaited).map_err(str::to_owned)).or_default().push(*lane);
                    }
                    None => {
                        left_out.1 += 1;
                        if left_out.0.len() < NAMED {
                            left_out.0.push(self.all[*position].id.clone());
                        }
                    }
                }
            }
            if left_out.1 > 0 {
                outside = left_out;
            }
            if by_kind.keys().any(Result::is_ok) {
                enforced.clear();
            }
            if !by_kind.is_empty() {
                unenforced.clear();
            }
            for (kind, lanes) in by_kind {
                let barrier = self.barrier((group.to_owned(), *rank, kind.clone()), lanes);
                match kind {
                    Ok(_) => enforced.push(barrier),
                    Err(why) => unenforced.push((barrier, why)),
                }
            }
        }
    }

    /// What lanes name to come after.
    fn dependent(&mut self, synced: &[usize], rules: &mut [Vec<Rule>]) {
        let mut providers: Providing<'a> = BTreeMap::new();
        for (position, member) in self.all.iter().enumerate() {
            for provided in &member.order.provides {
                providers.entry(&provided.key).or_default().push((position, until(&provided.awaited)));
            }
        }
        for (lane, position) in synced.iter().enumerate() {
            for after in &self.all[*position].order.after {
                let found = self.providers_of(after, &providers);
                for (kind, lanes) in found.synced {
                    let barrier = self.barrier((after.key.clone(), 0, kind.clone()), lanes);
                    rules[lane].push(rule_of(after, Some(barrier), kind.err(), &[]));
                }
                if found.outside.is_empty() {
                    continue;
                }
                let has_lane = rules[lane].iter().any(|rule| rule.barrier.is_some() && rule.by == after.by);
                if !has_lane {
                    rules[lane].push(rule_of(after, None, None, &found.outside));
                }
            }
        }
    }

    /// The lanes that provide a key. Where an instance that does is not synced, what it comes after itself is taken in
    /// its place.
    fn providers_of(&self, after: &After, providers: &Providing<'a>) -> Providers {
        let mut found = Providers::default();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open: VecDeque<&str> = VecDeque::from([after.key.as_str()]);
        while let Some(key) = open.pop_front() {
            if !seen.insert(key) {
                continue;
            }
            for (position, until) in providers.get(key).into_iter().flatten() {
                if let Some(lane) = self.lanes.get(position) {
                    found.synced.entry(until.map_err(str::to_owned)).or_default().push(*lane);
                } else {
                    if key == after.key {
                        found.outside.push(self.all[*position].id.clone());
                    }
                    if until.is_ok() {
                        open.extend(self.all[*position].order.after.iter().map(|after| after.key.as_str()));
                    }
                }
            }
        }
        found
    }

    /// The barrier with a key, or a new one. The same key always has the same members, but for what is reached
    /// through instances that are not synced.
    fn barrier(&mut self, key: Key, mut members: Vec<usize>) -> usize {
        members.sort_unstable();
        members.dedup();
        if let Some(known) = self.known.get(&key)
            && self.barriers[*known].members == members
        {
            return *known;
        }
        let until_healthy = key.2 != Ok(false);
        self.barriers.push(Barrier { members, until_healthy });
        self.known.insert(key, self.barriers.len() - 1);
        self.barriers.len() - 1
    }
}

/// By key the positions of the instances that provide it, each with whether it must be healthy or why nothing waits
/// for it.
type Providing<'a> = BTreeMap<&'a str, Vec<(usize, Result<bool, &'a str>)>>;

#[derive(Default)]
struct Providers {
    synced: BTreeMap<Result<bool, String>, Vec<usize>>,
    outside: Vec<InstanceId>,
}

fn rule_of(after: &After, barrier: Option<usize>, why: Option<String>, outside: &[InstanceId]) -> Rule {
    let location: Option<Location> = after.location.clone();
    Rule {
        barrier,
        outside: outside.iter().take(NAMED).cloned().collect(),
        outside_count: outside.len(),
        by: after.by.clone(),
        location,
        unenforced: why,
    }
}

/// How many lanes of a group and rank may go on at a time, and the limits that each lane is under.
fn limits(
    all: &[Member<'_>],
    groups: &Groups<'_>,
    lanes: &BTreeMap<usize, usize>,
) -> (Vec<usize>, Vec<Vec<usize>>) {
    let mut limits = Vec::new();
    let mut limits_of = vec![Vec::new(); lanes.len()];
    for members in groups.values().flat_map(BTreeMap::values) {
        let limited = members.iter().filter_map(|(position, which)| {
            let at_once = all[*position].order.ranks[*which].at_once?;
            Some((*lanes.get(position)?, usize::try_from(at_once).unwrap_or(usize::MAX)))
        });
        let limited: Vec<(usize, usize)> = limited.collect();
        let Some(at_once) = limited.iter().map(|(_, at_once)| *at_once).min() else { continue };
        limited.iter().for_each(|(lane, _)| limits_of[*lane].push(limits.len()));
        limits.push(at_once.max(1));
    }
    (limits, limits_of)
}

/// Enforced relations as a graph whose nodes are the lanes, then the barriers: a lane needs its barriers, a barrier
/// its lanes.
fn needs(rules: &[Vec<Rule>], barriers: &[Barrier]) -> Vec<Vec<usize>> {
    let lanes = rules.len();
    let of_lanes = rules.iter().map(|rules| {
        let enforced = rules.iter().filter(|rule| rule.unenforced.is_none());
        enforced.filter_map(|rule| rule.barrier).map(|barrier| lanes + barrier).collect()
    });
    of_lanes.chain(barriers.iter().map(|barrier| barrier.members.clone())).collect()
}

/// Takes away, again and again, every node that needs nothing that is left; the result is what remains.
fn peel(needs: &[Vec<usize>], left: &mut [bool], mut taken: impl FnMut(usize)) {
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    let mut open: Vec<usize> = vec![0; needs.len()];
    for (node, needed) in needs.iter().enumerate().filter(|(node, _)| left[*node]) {
        for other in needed.iter().filter(|other| left[**other]) {
            open[node] += 1;
            needed_by[*other].push(node);
        }
    }
    let mut free: VecDeque<usize> = (0..needs.len()).filter(|node| left[*node] && open[*node] == 0).collect();
    while let Some(node) = free.pop_front() {
        left[node] = false;
        taken(node);
        for waiting in &needed_by[node] {
            open[*waiting] -= 1;
            if open[*waiting] == 0 {
                free.push_back(*waiting);
            }
        }
    }
}

/// How many lanes come one after the other before each lane; `None` where it never starts.
pub(super) fn stages(rules: &[Vec<Rule>], barriers: &[Barrier]) -> Vec<Option<usize>> {
    let needs = needs(rules, barriers);
    let mut left = vec![true; needs.len()];
    let mut stages: Vec<Option<usize>> = vec![None; needs.len()];
    peel(&needs, &mut left, |node| {
        let before = needs[node].iter().filter_map(|other| stages[*other]).max();
        // A barrier comes after its lanes; a lane stands behind its barriers.
        stages[node] = Some(before.map_or(0, |before| before + usize::from(node >= rules.len())));
    });
    stages.truncate(rules.len());
    stages
}

/// For every lane that waits for itself, the lanes by which it does, itself at both ends.
fn cycles(rules: &[Vec<Rule>], barriers: &[Barrier]) -> Vec<Option<Vec<usize>>> {
    let needs = needs(rules, barriers);
    let mut left = vec![true; needs.len()];
    peel(&needs, &mut left, |_| {});
    let mut backward: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (node, needed) in needs.iter().enumerate() {
        needed.iter().for_each(|other| backward[*other].push(node));
    }
    // What only stands behind a cycle is no part of it.
    peel(&backward, &mut left, |_| {});
    let walk = |lane: usize| -> Option<Vec<usize>> {
        // The shortest way from what the lane needs back to it.
        let mut came_from: BTreeMap<usize, usize> = BTreeMap::new();
        let mut open = VecDeque::from([lane]);
        while let Some(node) = open.pop_front() {
            for other in needs[node].iter().copied().filter(|other| left[*other]) {
                if other == lane {
                    let mut way = vec![lane];
                    let mut at = node;
                    while at != lane {
                        way.push(at);
                        at = *came_from.get(&at)?;
                    }
                    way.push(lane);
                    way.reverse();
                    way.retain(|node| *node < rules.len());
                    return Some(way);
                }
                if let std::collections::btree_map::Entry::Vacant(entry) = came_from.entry(other) {
                    entry.insert(node);
                    open.push_back(other);
                }
            }
        }
        None
    };
    (0..rules.len()).map(|lane| left[lane].then(|| walk(lane)).flatten()).collect()
}
