//! The order among instances that are synced together: who waits for whom, who may start, who will not.
//!
//! A [`Schedule`] is made from the declared [`Order`]s of all instances and the ones that are synced. Whoever carries
//! out the sync tells it how each lane stands and asks what starts. Only what something enforces holds a lane up; an
//! order that nothing enforces is told as such (`contracts.md` §9). Instances that are not synced hold nobody up: they
//! are taken to be there.
//!
//! Lanes that wait for the same group share a [`Barrier`], so that a thousand lanes behind a thousand others
//! are two thousand relations and not a million.

mod build;

use slipway_model::{Awaited, InstanceId, Location, Order, Problem};

/// How many instances a gate names.
pub const NAMED: usize = 20;

/// An instance with what orders it.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// Which.
    pub id: &'a InstanceId,
    /// Where it stands.
    pub order: &'a Order,
}

/// How a lane stands for those that wait for it; later ones are further on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has not begun.
    Waiting,
    /// It goes on.
    Running,
    /// Everything is applied; it may not be healthy yet.
    Applied,
    /// It is healthy.
    Healthy,
    /// It is applied and did not become healthy.
    Unhealthy,
    /// It failed.
    Failed,
    /// It will not begin.
    NotStarted,
}

/// What several lanes wait for together.
#[derive(Clone, Debug)]
struct Barrier {
    /// Positions of lanes.
    members: Vec<usize>,
    /// Whether they must be healthy, not only applied.
    until_healthy: bool,
}

/// How far the lanes before a barrier are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Passed,
    Waiting,
    Closed,
}

/// What a lane comes after.
#[derive(Clone, Debug)]
struct Rule {
    /// The barrier that it waits for; `None` where none of it is synced.
    barrier: Option<usize>,
    /// Instances before it that are not synced, and how many there are; at most [`NAMED`] are kept.
    outside: Vec<InstanceId>,
    outside_count: usize,
    by: String,
    location: Option<Location>,
    /// Why nothing enforces it, where nothing does.
    unenforced: Option<String>,
}

/// What stands before a lane as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneGate {
    /// Open or not.
    pub state: LaneGateState,
    /// Whom it waits for or what closed it, at most [`NAMED`].
    pub lanes: Vec<InstanceId>,
    /// How many more there are.
    pub more: usize,
    /// The same in words: `waiting for payments and 2 more`.
    pub text: String,
    /// What orders them, for reading.
    pub by: String,
    /// Why nothing enforces it, where nothing does.
    pub unenforced: Option<String>,
    /// Where it is declared.
    pub location: Option<Location>,
}

/// The state of a [`LaneGate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneGateState {
    /// What it waited for is there.
    Passed,
    /// It waits.
    Waiting,
    /// The lane will not start.
    Closed,
    /// The order is declared, and nothing enforces it: the lane does not wait.
    NotEnforced,
    /// What it comes after is not synced with it.
    Outside,
}

/// Who waits for whom among the lanes of a sync, and how they stand.
#[derive(Clone, Debug)]
pub struct Schedule {
    ids: Vec<InstanceId>,
    standings: Vec<Standing>,
    rules: Vec<Vec<Rule>>,
    barriers: Vec<Barrier>,
    /// How many lanes of a group and rank may go on at a time.
    limits: Vec<usize>,
    /// The limits that each lane is under.
    limits_of: Vec<Vec<usize>>,
    /// Lanes that wait for each other, as positions, the first again at the end; by lane, where it is in one.
    cycles: Vec<Option<Vec<usize>>>,
    /// Whether somebody waits for the health of a lane.
    awaited: Vec<bool>,
    /// How many lanes may go on at a time.
    at_once: usize,
}

/// What follows from how the lanes stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// Lanes that start now. They stand as [`Standing::Running`].
    pub start: Vec<usize>,
    /// Lanes that will not start, each with why. They stand as [`Standing::NotStarted`].
    pub never: Vec<(usize, String)>,
}

impl Schedule {
    /// A schedule for the instances at the positions `synced` of `all`; its lanes are those, in that order. At most
    /// `at_once` lanes go on at a time.
    #[must_use]
    pub fn new(all: &[Member<'_>], synced: &[usize], at_once: usize) -> Self {
        build::schedule(all, synced, at_once)
    }

    /// The lanes in an order in which none comes before one that it waits for; else as they were given. Lanes of a
    /// cycle come last.
    #[must_use]
    pub fn in_order(&self) -> Vec<usize> {
        let stages = build::stages(&self.rules, &self.barriers);
        let mut order: Vec<usize> = (0..self.ids.len()).collect();
        order.sort_by_key(|lane| stages.get(*lane).copied().flatten().unwrap_or(usize::MAX));
        order
    }

    /// Lanes that wait for each other, as problems with the place of the declaration.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut told: Vec<Vec<usize>> = Vec::new();
        let mut problems = Vec::new();
        for (lane, cycle) in self.cycles.iter().enumerate() {
            let Some(cycle) = cycle else { continue };
            let mut members = cycle.clone();
            members.sort_unstable();
            members.dedup();
            if told.contains(&members) {
                continue;
            }
            told.push(members);
            let mut problem = Problem::error(
                "dependency-cycle",
                format!("instances wait for each other: {}", self.cycle_text(cycle)),
            )
            .hint("none of them will start; remove one of the dependencies");
            if let Some(id) = self.ids.get(lane) {
                problem = problem.of(id.clone());
            }
            let location = self.rules.get(lane).and_then(|rules| {
                rules.iter().filter(|rule| rule.unenforced.is_none()).find_map(|rule| rule.location.clone())
            });
            if let Some(location) = location {
                problem = problem.at(location);
            }
            problems.push(problem);
        }
        problems
    }

    /// Whether a lane waits until this one is healthy.
    #[must_use]
    pub fn is_awaited(&self, lane: usize) -> bool {
        self.awaited.get(lane).copied().unwrap_or_default()
    }

    /// Takes how a lane stands.
    pub fn set(&mut self, lane: usize, standing: Standing) {
        if let Some(each) = self.standings.get_mut(lane) {
            *each = standing;
        }
    }

    /// What starts now, and what never will. A lane is answered once.
    pub fn advance(&mut self) -> Next {
        let mut next = Next::default();
        loop {
            let held = self.held();
            let closed: Vec<(usize, String)> = (0..self.ids.len())
                .filter(|lane| self.standings[*lane] == Standing::Waiting)
                .filter_map(|lane| Some((lane, self.closed(lane, &held)?)))
                .collect();
            if closed.is_empty() {
                break;
            }
            // What waits for these will not start either.
            for (lane, _) in &closed {
                self.standings[*lane] = Standing::NotStarted;
            }
            next.never.extend(closed);
        }
        let held = self.held();
        let mut going = self.going().count();
        let mut within = vec![0; self.limits.len()];
        self.going().flat_map(|lane| &self.limits_of[lane]).for_each(|limit| within[*limit] += 1);
        for lane in self.in_order() {
            if going >= self.at_once {
                break;
            }
            let may = self.standings[lane] == Standing::Waiting
                && self.enforced(lane).all(|barrier| held[barrier] == Held::Passed)
                && self.limits_of[lane].iter().all(|limit| within[*limit] < self.limits[*limit]);
            if may {
                self.standings[lane] = Standing::Running;
                going += 1;
                self.limits_of[lane].iter().for_each(|limit| within[*limit] += 1);
                next.start.push(lane);
            }
        }
        next
    }

    /// What stands before a lane, what holds it up first.
    #[must_use]
    pub fn gates(&self, lane: usize) -> Vec<LaneGate> {
        let held = self.held();
        self.gates_held(lane, &held)
    }

    /// What stands before each lane.
    #[must_use]
    pub fn all_gates(&self) -> Vec<Vec<LaneGate>> {
        let held = self.held();
        (0..self.ids.len()).map(|lane| self.gates_held(lane, &held)).collect()
    }

    fn gates_held(&self, lane: usize, held: &[Held]) -> Vec<LaneGate> {
        let Some(rules) = self.rules.get(lane) else { return Vec::new() };
        let mut gates: Vec<LaneGate> = rules.iter().map(|rule| self.gate(lane, rule, held)).collect();
        if let Some(Some(cycle)) = self.cycles.get(lane)
            && let Some(gate) = gates
                .iter_mut()
                .find(|gate| gate.unenforced.is_none() && gate.state != LaneGateState::Outside)
        {
            gate.state = LaneGateState::Closed;
            gate.text = format!("will not start: waits for itself, {}", self.cycle_text(cycle));
        }
        gates.sort_by_key(|gate| match gate.state {
            LaneGateState::Closed => 0,
            LaneGateState::Waiting => 1,
            LaneGateState::Passed => 2,
            LaneGateState::NotEnforced => 3,
            LaneGateState::Outside => 4,
        });
        gates
    }

    fn gate(&self, lane: usize, rule: &Rule, held: &[Held]) -> LaneGate {
        let members: &[usize] =
            rule.barrier.map(|barrier| &*self.barriers[barrier].members).unwrap_or_default();
        let state = match (&rule.unenforced, rule.barrier) {
            (_, None) => LaneGateState::Outside,
            (Some(_), _) => LaneGateState::NotEnforced,
            // What began has passed, whatever became of the others since.
            _ if !matches!(self.standings[lane], Standing::Waiting | Standing::NotStarted) => {
                LaneGateState::Passed
            }
            (None, Some(barrier)) => match held[barrier] {
                Held::Passed => LaneGateState::Passed,
                Held::Waiting => LaneGateState::Waiting,
                Held::Closed => LaneGateState::Closed,
            },
        };
        let until_healthy = rule.barrier.is_some_and(|barrier| self.barriers[barrier].until_healthy);
        let mut counts: Vec<usize> = members
            .iter()
            .copied()
            .filter(|member| match state {
                LaneGateState::Closed => self.is_lost(*member, until_healthy),
                LaneGateState::Waiting => !self.is_there(*member, until_healthy),
                _ => true,
            })
            .collect();
        // What failed is named before what only did not start because of it; what goes on before what waits.
        counts.sort_by_key(|member| match self.standings[*member] {
            Standing::Failed => 0,
            Standing::Unhealthy => 1,
            Standing::Running | Standing::Applied => 2,
            Standing::Waiting | Standing::Healthy | Standing::NotStarted => 3,
        });
        let (lanes, more): (Vec<InstanceId>, usize) = if state == LaneGateState::Outside {
            (rule.outside.clone(), rule.outside_count - rule.outside.len())
        } else {
            let named: Vec<InstanceId> =
                counts.iter().take(NAMED).filter_map(|member| self.ids.get(*member).cloned()).collect();
            let more = counts.len() - named.len();
            (named, more)
        };
        let names = self.names(lane, &lanes, more);
        let text = match state {
            LaneGateState::Passed => String::new(),
            LaneGateState::Waiting => format!("waiting for {names}"),
            LaneGateState::Closed => {
                let why = match counts.first().map(|member| self.standings[*member]) {
                    Some(Standing::NotStarted) => "will not start",
                    Some(Standing::Unhealthy) => "did not become healthy",
                    _ => "failed",
                };
                format!("will not start: {names} {why}")
            }
            LaneGateState::NotEnforced => format!("not enforced: comes after {names}"),
            LaneGateState::Outside => {
                format!(
                    "comes after {names}, which {} not synced here",
                    if lanes.len() + more == 1 { "is" } else { "are" }
                )
            }
        };
        LaneGate {
            state,
            lanes,
            more,
            text,
            by: rule.by.clone(),
            unenforced: rule.unenforced.clone(),
            location: rule.location.clone(),
        }
    }

    /// Instances as a lane speaks of them: by application in its own environment, else in full.
    fn names(&self, lane: usize, ids: &[InstanceId], more: usize) -> String {
        let own = self.ids.get(lane).map(|id| &id.environment);
        let name = |id: &InstanceId| {
            // A path tells instances apart that share application and environment.
            let is_clear = own == Some(&id.environment) && id.path.is_none();
            if is_clear { id.application.to_string() } else { id.to_string() }
        };
        let first = ids.first().map(name).unwrap_or_default();
        match (ids.len() + more).saturating_sub(1) {
            0 => first,
            others => format!("{first} and {others} more"),
        }
    }

    fn cycle_text(&self, cycle: &[usize]) -> String {
        let ids: Vec<&InstanceId> = cycle.iter().filter_map(|lane| self.ids.get(*lane)).collect();
        let is_clear = ids.iter().all(|id| {
            id.path.is_none() && ids.first().is_some_and(|first| first.environment == id.environment)
        });
        let name = |id: &&InstanceId| if is_clear { id.application.to_string() } else { id.to_string() };
        ids.iter().map(name).collect::<Vec<_>>().join(" → ")
    }

    /// Why a lane that has not begun never will.
    fn closed(&self, lane: usize, held: &[Held]) -> Option<String> {
        let is_closed =
            self.cycles[lane].is_some() || self.enforced(lane).any(|barrier| held[barrier] == Held::Closed);
        if !is_closed {
            return None;
        }
        let gates = self.gates_held(lane, held);
        gates.into_iter().find(|gate| gate.state == LaneGateState::Closed).map(|gate| gate.text)
    }

    /// The barriers that hold a lane up.
    fn enforced(&self, lane: usize) -> impl Iterator<Item = usize> {
        self.rules[lane].iter().filter(|rule| rule.unenforced.is_none()).filter_map(|rule| rule.barrier)
    }

    fn held(&self) -> Vec<Held> {
        let held = |barrier: &Barrier| {
            if barrier.members.iter().any(|member| self.is_lost(*member, barrier.until_healthy)) {
                Held::Closed
            } else if barrier.members.iter().all(|member| self.is_there(*member, barrier.until_healthy)) {
                Held::Passed
            } else {
                Held::Waiting
            }
        };
        self.barriers.iter().map(held).collect()
    }

    fn is_lost(&self, lane: usize, until_healthy: bool) -> bool {
        match self.standings[lane] {
            Standing::Failed | Standing::NotStarted => true,
            Standing::Unhealthy => until_healthy,
            _ => false,
        }
    }

    fn is_there(&self, lane: usize, until_healthy: bool) -> bool {
        match self.standings[lane] {
            Standing::Healthy => true,
            Standing::Applied | Standing::Unhealthy => !until_healthy,
            _ => false,
        }
    }

    /// The lanes that go on. What is only waited for to become healthy is among them.
    fn going(&self) -> impl Iterator<Item = usize> {
        let all = self.standings.iter().enumerate();
        all.filter(|(_, standing)| matches!(standing, Standing::Running | Standing::Applied))
            .map(|(lane, _)| lane)
    }
}

/// Whether and until when others wait for something; `Err` has why nobody does.
fn until(awaited: &Awaited) -> Result<bool, &str> {
    match awaited {
        Awaited::Healthy => Ok(true),
        Awaited::Applied => Ok(false),
        Awaited::No(why) => Err(why),
    }
}

#[cfg(test)]
mod tests;
