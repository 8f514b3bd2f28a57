//! Which part of a transformer changed what, for whoever wants to know. Nothing is done where nobody does.

use crate::resource::{Resource, ResourceMap};

/// A part of a transformer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it.
    #[default]
    Whole,
    /// One of several strategic merge patches, from 0.
    Document(usize),
    /// An operation of a JSON patch, from 0.
    Operation(usize),
    /// A target of a replacement, both from 0.
    Target {
        /// The replacement.
        replacement: usize,
        /// The target.
        target: usize,
    },
}

/// Is told when a part of a transformer is done.
pub trait Watch {
    /// One resource was changed by it.
    fn changed(&self, resource: &mut Resource, part: Part);

    /// Any resource may have been changed by it.
    fn done(&self, resources: &mut ResourceMap, part: Part);
}
