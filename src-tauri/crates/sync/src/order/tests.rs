use slipway_model::{After, Awaited, InstanceId, Location, Order, Provided, Rank};

use super::*;

fn id(text: &str) -> InstanceId {
    text.parse().unwrap()
}

fn rank(group: &str, rank: i64) -> Rank {
    Rank {
        group: group.to_owned(),
        rank,
        by: format!("the sync waves of `{group}`"),
        awaited: Awaited::Healthy,
        at_once: None,
        location: None,
    }
}

fn waves(ranks: &[(&str, i64)]) -> Order {
    Order { ranks: ranks.iter().map(|(group, each)| rank(group, *each)).collect(), ..Order::default() }
}

/// What provides its own key and comes after others.
fn after(own: &str, others: &[&str]) -> Order {
    Order {
        provides: vec![Provided { key: own.to_owned(), awaited: Awaited::Healthy }],
        after: others
            .iter()
            .map(|key| After {
                key: (*key).to_owned(),
                by: format!("`dependsOn` of `{own}`"),
                location: Some(Location { file: format!("{own}.yaml"), line: Some(3), column: Some(5) }),
            })
            .collect(),
        ..Order::default()
    }
}

struct Set(Vec<(InstanceId, Order)>);

impl Set {
    fn new(all: &[(&str, Order)]) -> Self {
        Self(all.iter().map(|(name, order)| (id(&format!("{name}@prod")), order.clone())).collect())
    }

    fn schedule(&self, names: &[&str], at_once: usize) -> Schedule {
        let members: Vec<Member<'_>> = self.0.iter().map(|(id, order)| Member { id, order }).collect();
        let synced: Vec<usize> = names
            .iter()
            .map(|name| self.0.iter().position(|(id, _)| id.application.as_str() == *name).unwrap())
            .collect();
        Schedule::new(&members, &synced, at_once)
    }
}

/// The first gate of each lane that says something.
fn texts(schedule: &Schedule) -> Vec<String> {
    schedule
        .all_gates()
        .into_iter()
        .map(|gates| {
            gates.into_iter().map(|gate| gate.text).find(|text| !text.is_empty()).unwrap_or_default()
        })
        .collect()
}

fn never(next: &Next) -> Vec<(usize, &str)> {
    next.never.iter().map(|(lane, text)| (*lane, text.as_str())).collect()
}

#[test]
fn a_wave_of_a_parent_waits_for_the_wave_before_it() {
    let set = Set::new(&[
        ("crds", waves(&[("root", -1)])),
        ("dns", waves(&[("root", 0)])),
        ("web", waves(&[("root", 5)])),
        ("alone", Order::default()),
    ]);
    let mut schedule = set.schedule(&["web", "dns", "crds", "alone"], 8);
    assert_eq!(texts(&schedule), ["waiting for dns", "waiting for crds", "", ""]);
    assert_eq!(schedule.in_order(), [2, 3, 1, 0]);
    assert_eq!(schedule.advance().start, [2, 3]);
    assert_eq!(schedule.advance(), Next::default(), "a lane is answered once");
    schedule.set(2, Standing::Applied);
    assert_eq!(schedule.advance().start, [0_usize; 0], "applied is not healthy");
    schedule.set(2, Standing::Healthy);
    assert_eq!(schedule.advance().start, [1]);
    assert_eq!(texts(&schedule), ["waiting for dns", "", "", ""]);
    schedule.set(1, Standing::Failed);
    let next = schedule.advance();
    assert_eq!(never(&next), [(0, "will not start: dns failed")]);
    assert_eq!(texts(&schedule), ["will not start: dns failed", "", "", ""]);
}

#[test]
fn a_failure_closes_what_waits_for_what_waits() {
    let set = Set::new(&[("a", after("a", &[])), ("b", after("b", &["a"])), ("c", after("c", &["b"]))]);
    let mut schedule = set.schedule(&["a", "b", "c"], 8);
    assert!(schedule.is_awaited(0) && schedule.is_awaited(1) && !schedule.is_awaited(2));
    assert_eq!(schedule.advance().start, [0]);
    schedule.set(0, Standing::Failed);
    let next = schedule.advance();
    assert_eq!(never(&next), [(1, "will not start: a failed"), (2, "will not start: b will not start")]);
    assert!(next.start.is_empty());
    // What is tried again without the rest unblocks it: nobody waits for what is not synced.
    let mut again = set.schedule(&["b", "c"], 8);
    assert_eq!(again.advance().start, [0]);
    assert_eq!(texts(&again)[0], "comes after a, which is not synced here");
}

#[test]
fn an_order_that_nothing_enforces_holds_nobody_up() {
    let loose = |each: i64| {
        let why = "nothing checks the health of an Application".to_owned();
        Order { ranks: vec![Rank { awaited: Awaited::No(why), ..rank("root", each) }], ..Order::default() }
    };
    let set = Set::new(&[("dns", loose(0)), ("web", loose(1))]);
    let mut schedule = set.schedule(&["dns", "web"], 8);
    assert_eq!(texts(&schedule), ["", "not enforced: comes after dns"]);
    assert_eq!(
        schedule.gates(1)[0].unenforced.as_deref(),
        Some("nothing checks the health of an Application")
    );
    assert!(!schedule.is_awaited(0));
    assert_eq!(schedule.advance().start, [0, 1]);
    schedule.set(0, Standing::Failed);
    assert_eq!(schedule.advance(), Next::default());
}

#[test]
fn what_must_only_be_applied_lets_pass_when_it_is() {
    let mut applied = after("infra", &[]);
    applied.provides[0].awaited = Awaited::Applied;
    let set = Set::new(&[("infra", applied), ("apps", after("apps", &["infra"]))]);
    let mut schedule = set.schedule(&["infra", "apps"], 8);
    assert!(!schedule.is_awaited(0), "its health does not matter");
    schedule.advance();
    schedule.set(0, Standing::Applied);
    assert_eq!(schedule.advance().start, [1]);
    schedule.set(0, Standing::Failed);
    assert_eq!(schedule.gates(1)[0].state, LaneGateState::Passed, "what began has passed");
}

#[test]
fn what_did_not_become_healthy_closes_only_for_those_that_wait_for_health() {
    let mut applied = after("applied", &[]);
    applied.provides[0].awaited = Awaited::Applied;
    let set = Set::new(&[
        ("healthy", after("healthy", &[])),
        ("applied", applied),
        ("strict", after("strict", &["healthy"])),
        ("lax", after("lax", &["applied"])),
    ]);
    let mut schedule = set.schedule(&["healthy", "applied", "strict", "lax"], 8);
    schedule.set(0, Standing::Unhealthy);
    schedule.set(1, Standing::Unhealthy);
    let next = schedule.advance();
    assert_eq!(never(&next), [(2, "will not start: healthy did not become healthy")]);
    assert_eq!(next.start, [3]);
}

#[test]
fn lanes_that_wait_for_each_other_never_start_and_are_told_once() {
    let set = Set::new(&[
        ("a", after("a", &["c"])),
        ("b", after("b", &["a"])),
        ("c", after("c", &["b"])),
        ("behind", after("behind", &["b"])),
        ("free", after("free", &[])),
    ]);
    let mut schedule = set.schedule(&["a", "b", "c", "behind", "free"], 8);
    let problems = schedule.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].message, "instances wait for each other: a → c → b → a");
    assert_eq!(problems[0].location.as_ref().map(ToString::to_string).as_deref(), Some("a.yaml:3:5"));
    let next = schedule.advance();
    assert_eq!(next.start, [4]);
    let told = never(&next);
    assert_eq!(told.len(), 4);
    assert!(told[0].1.starts_with("will not start: waits for itself, a →"), "{told:?}");
    assert_eq!(told[3], (3, "will not start: b will not start"));
    assert_eq!(schedule.in_order()[0], 4);
}

#[test]
fn an_instance_may_name_itself() {
    let set = Set::new(&[("a", after("a", &["a"]))]);
    let mut schedule = set.schedule(&["a"], 8);
    assert_eq!(schedule.problems()[0].message, "instances wait for each other: a → a");
    assert!(schedule.advance().start.is_empty());
}

#[test]
fn what_is_not_synced_is_looked_through() {
    let set = Set::new(&[("a", after("a", &[])), ("b", after("b", &["a"])), ("c", after("c", &["b"]))]);
    let mut schedule = set.schedule(&["a", "c"], 8);
    assert_eq!(schedule.advance().start, [0]);
    assert_eq!(texts(&schedule), ["", "waiting for a"]);
}

#[test]
fn nested_parents_order_their_children_together() {
    let set = Set::new(&[
        ("cni", waves(&[("root", 0), ("platform", 0)])),
        ("dns", waves(&[("root", 0), ("platform", 1)])),
        ("web", waves(&[("root", 1)])),
    ]);
    let schedule = set.schedule(&["web", "dns", "cni"], 8);
    assert_eq!(texts(&schedule), ["waiting for dns and 1 more", "waiting for cni", ""]);
    assert_eq!(schedule.in_order(), [2, 1, 0]);
}

#[test]
fn a_step_lets_only_so_many_go_on_at_once() {
    let step =
        |each: i64| Order { ranks: vec![Rank { at_once: Some(2), ..rank("set", each) }], ..Order::default() };
    let set = Set::new(&[
        ("a", step(0)),
        ("b", step(0)),
        ("c", step(0)),
        ("d", step(1)),
        ("free", Order::default()),
    ]);
    let mut schedule = set.schedule(&["a", "b", "c", "d", "free"], 8);
    assert_eq!(schedule.advance().start, [0, 1, 4]);
    schedule.set(1, Standing::Healthy);
    assert_eq!(schedule.advance().start, [2]);
    schedule.set(0, Standing::Healthy);
    schedule.set(2, Standing::Healthy);
    assert_eq!(schedule.advance().start, [3]);
}

#[test]
fn no_more_go_on_than_there_is_room_for() {
    let set = Set::new(&[("a", Order::default()), ("b", Order::default())]);
    let mut schedule = set.schedule(&["a", "b"], 1);
    assert_eq!(schedule.advance().start, [0]);
    schedule.set(0, Standing::Healthy);
    assert_eq!(schedule.advance().start, [1]);
}

#[test]
fn other_environments_are_named_in_full() {
    let all = [(id("web@staging"), waves(&[("set", 0)])), (id("web@prod"), waves(&[("set", 1)]))];
    let members: Vec<Member<'_>> = all.iter().map(|(id, order)| Member { id, order }).collect();
    let schedule = Schedule::new(&members, &[0, 1], 8);
    assert_eq!(texts(&schedule), ["", "waiting for web@staging"]);
}

#[test]
fn a_thousand_behind_a_thousand_share_a_barrier() {
    let all: Vec<(InstanceId, Order)> =
        (0..2000).map(|number| (id(&format!("a{number}@prod")), waves(&[("root", number / 1000)]))).collect();
    let members: Vec<Member<'_>> = all.iter().map(|(id, order)| Member { id, order }).collect();
    let positions: Vec<usize> = (0..2000).collect();
    let schedule = Schedule::new(&members, &positions, 8);
    assert!(schedule.barriers.len() <= 2);
    let gates = schedule.all_gates();
    assert_eq!(gates[1999][0].text, "waiting for a0 and 999 more");
    assert_eq!((gates[1999][0].lanes.len(), gates[1999][0].more), (NAMED, 980));
}
