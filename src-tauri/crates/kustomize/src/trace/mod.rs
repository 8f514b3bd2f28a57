//! Which step set which field, and where that is written, for builds that ask for it.
//!
//! Transformers know next to nothing of it: the objects before and after a step are compared, and an object that was not
//! touched is the same in memory, so it is not even looked at. Those that consist of parts (several patches, operations,
//! targets) tell when one is done ([`crate::transform::Watch`]). Where a part is written is looked up when someone asks
//! for a field, which is why a change keeps the objects before and after it.
//!
//! Start reading at [`find`].

mod compare;
mod text;
mod watch;
mod written;

use std::sync::Arc;

use serde_json::Value;
use slipway_model::{FieldPath, Location, Segment};

use crate::helm::InflatedChart;

pub use text::Text;
pub(crate) use watch::Watcher;
pub(crate) use written::{Keys, Written};

/// A step of a build that changes resources, or a part of one.
#[derive(Clone, Debug)]
pub struct Step {
    /// The transformer or generator: `PatchTransformer`, `ConfigMapGenerator`, `name references`.
    pub name: String,
    /// Where it is asked for: an entry of a kustomization file, or a patch file.
    pub place: Location,
    written: Written,
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, &self.place) == (&other.name, &other.place)
    }
}

impl Step {
    pub(crate) fn new(name: impl Into<String>, place: Location, written: Written) -> Self {
        Self { name: name.into(), place, written }
    }

    /// The chart that it rendered, where it is one.
    #[must_use]
    pub fn chart(&self) -> Option<&Arc<InflatedChart>> {
        match &self.written {
            Written::Chart(chart) => Some(chart),
            _ => None,
        }
    }
}

/// What a step did to an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It set or removed a field.
    Set {
        /// The field; items of lists by their position after the step.
        path: FieldPath,
        /// The step.
        step: Arc<Step>,
        /// The object before it; null where it made the object.
        before: Arc<Value>,
        /// The object after it.
        after: Arc<Value>,
    },
    /// It moved items of a list. Comes before what it set in them.
    Moved {
        /// The list.
        list: FieldPath,
        /// Where each item was before; `None` for one that is new.
        from: Vec<Option<usize>>,
    },
}

/// What set a field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The step that set it last.
    pub step: Arc<Step>,
    /// The line that decides: of the patch, the literal, the entry.
    pub place: Location,
    /// Where the value is taken from, where that is written elsewhere: the source of a replacement.
    pub source: Option<Location>,
    /// Variables that were replaced in it.
    pub variables: Vec<String>,
    /// The field, items of lists by their position when the step was done.
    pub field: FieldPath,
}

/// Where a field of a built object comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldHistory {
    /// What set it last; absent where it is as the file has it.
    pub change: Option<FieldChange>,
    /// The field in the file that the object comes from, as far as that has it.
    pub base: FieldPath,
}

/// Says what set a field of a built object last, and where the field is in the file that the object comes from.
#[must_use]
pub fn find(changes: &[Change], field: &FieldPath) -> FieldHistory {
    let mut at = field.clone();
    let mut found = None;
    for change in changes.iter().rev() {
        match change {
            Change::Set { path, step, before, after } if found.is_none() && at.starts_with(path) => {
                let looked_up = step.written.look_up(&step.place, (path, &at), before, after);
                found = Some(FieldChange {
                    step: Arc::clone(step),
                    place: looked_up.place,
                    source: looked_up.source,
                    variables: looked_up.variables,
                    field: at.clone(),
                });
            }
            Change::Moved { list, from } => {
                let depth = list.segments().len();
                let Some(Segment::Index(index)) = at.segments().get(depth) else { continue };
                if !at.starts_with(list) {
                    continue;
                }
                match from.get(*index) {
                    Some(Some(earlier)) => {
                        let mut segments = at.segments().to_vec();
                        segments[depth] = Segment::Index(*earlier);
                        at = FieldPath(segments);
                    }
                    // What is new has no earlier place.
                    _ => at = list.clone(),
                }
            }
            Change::Set { .. } => {}
        }
    }
    FieldHistory { change: found, base: at }
}
