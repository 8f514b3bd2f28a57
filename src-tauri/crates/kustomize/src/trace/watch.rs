//! The objects before a step, and what it changed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;
use slipway_model::FieldPath;

use super::compare::{Difference, compare};
use super::{Change, Step};
use crate::resource::{Resource, ResourceMap};
use crate::transform::{Part, Watch};

/// Watches a step. Each resource has a number meanwhile, by which it is known whatever becomes of its name.
pub(crate) struct Watcher<'a> {
    /// Makes the step of a part.
    step: &'a dyn Fn(Part) -> Step,
    steps: RefCell<HashMap<Part, Arc<Step>>>,
    /// The objects as they were last seen, by number.
    seen: RefCell<Vec<Arc<Value>>>,
}

impl<'a> Watcher<'a> {
    pub(crate) fn new(resources: &mut ResourceMap, step: &'a dyn Fn(Part) -> Step) -> Self {
        for (number, resource) in resources.iter_mut().enumerate() {
            resource.set_number(Some(number));
        }
        let seen = resources.iter().map(|resource| Arc::clone(resource.shared_object())).collect();
        Self { step, steps: RefCell::default(), seen: RefCell::new(seen) }
    }

    fn step(&self, part: Part) -> Arc<Step> {
        let mut steps = self.steps.borrow_mut();
        Arc::clone(steps.entry(part).or_insert_with(|| Arc::new((self.step)(part))))
    }
}

impl Watch for Watcher<'_> {
    fn changed(&self, resource: &mut Resource, part: Part) {
        let after = Arc::clone(resource.shared_object());
        let mut seen = self.seen.borrow_mut();
        let Some(number) = resource.number() else {
            resource.set_number(Some(seen.len()));
            seen.push(Arc::clone(&after));
            let change = Change::Set {
                path: FieldPath::root(),
                step: self.step(part),
                before: Arc::new(Value::Null),
                after,
            };
            resource.add_change(change);
            return;
        };
        let Some(last) = seen.get_mut(number) else { return };
        if Arc::ptr_eq(last, &after) {
            return;
        }
        let before = std::mem::replace(last, Arc::clone(&after));
        drop(seen);
        let mut found = Vec::new();
        compare(&before, &after, &FieldPath::root(), &mut found);
        for difference in found {
            resource.add_change(match difference {
                Difference::Set(path) => Change::Set {
                    path,
                    step: self.step(part),
                    before: Arc::clone(&before),
                    after: Arc::clone(&after),
                },
                Difference::Moved { list, from } => Change::Moved { list, from },
            });
        }
    }

    fn done(&self, resources: &mut ResourceMap, part: Part) {
        for resource in resources.iter_mut() {
            self.changed(resource, part);
        }
    }
}
