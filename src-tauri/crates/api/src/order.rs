//! The order among the instances of a sync.

use std::collections::BTreeMap;

use slipway_catalog::{Catalog, Instance};
use slipway_model::{InstanceId, Order};
use slipway_sync::order::{self, LaneGateState as Inner, Member, Schedule};

use crate::convert::count;
use crate::dto::{LaneGate, LaneGateState};

/// The schedule of a sync of these instances; its lanes are they, in their order. An instance that the catalog does
/// not have is ordered by nothing.
pub(crate) fn schedule<'i>(
    catalog: &Catalog,
    instances: impl IntoIterator<Item = &'i InstanceId>,
    at_once: usize,
) -> Schedule {
    let nothing = Order::default();
    let mut members: Vec<Member<'_>> =
        catalog.instances().map(|instance| Member { id: &instance.id, order: &instance.order }).collect();
    let known: BTreeMap<&InstanceId, usize> =
        catalog.instances().enumerate().map(|(position, instance)| (&instance.id, position)).collect();
    let synced: Vec<usize> = instances
        .into_iter()
        .map(|id| {
            known.get(id).copied().unwrap_or_else(|| {
                members.push(Member { id, order: &nothing });
                members.len() - 1
            })
        })
        .collect();
    Schedule::new(&members, &synced, at_once)
}

/// The instances so that none comes before one that it waits for.
pub(crate) fn in_order(catalog: &Catalog, instances: Vec<Instance>) -> Vec<Instance> {
    let schedule = schedule(catalog, instances.iter().map(|instance| &instance.id), 1);
    let mut slots: Vec<Option<Instance>> = instances.into_iter().map(Some).collect();
    schedule.in_order().into_iter().filter_map(|lane| slots.get_mut(lane)?.take()).collect()
}

/// The gates before a lane, as the screen draws them.
pub(crate) fn gates(gates: Vec<order::LaneGate>) -> Vec<LaneGate> {
    gates.into_iter().map(gate).collect()
}

fn gate(gate: order::LaneGate) -> LaneGate {
    LaneGate {
        state: match gate.state {
            Inner::Passed => LaneGateState::Passed,
            Inner::Waiting => LaneGateState::Waiting,
            Inner::Closed => LaneGateState::Failed,
            Inner::NotEnforced => LaneGateState::NotEnforced,
            Inner::Outside => LaneGateState::Outside,
        },
        lanes: gate.lanes.iter().map(ToString::to_string).collect(),
        more: count(gate.more),
        text: gate.text,
        by: gate.by,
        unenforced: gate.unenforced,
        file: gate.location.as_ref().map(|location| location.readable_file().into_owned()),
        line: gate.location.and_then(|location| location.line),
    }
}
