//! What differs between two renders, and between two texts.
//!
//! It knows objects, the merge keys of their lists, what of them is secret, and lines of text. It does not know
//! instances' sources, clusters or Git, and it decides nothing: which differences matter is said by `promote`
//! and `sync`. Start reading at [`compare_with`] and [`Comparison`]; for texts at [`text::diff`].

mod align;
mod canonical;
mod compare;
mod comparison;
mod fields;
mod group;
mod lists;
mod mask;
mod rename;
mod report;
pub mod text;

#[cfg(test)]
mod tests;

pub use compare::{Options, compare, compare_objects, compare_with};
pub use comparison::{Change, Comparison, FieldChange, Group, ResourceChange};
pub use group::{group, short_change, short_value};
pub use lists::{BuiltInLists, ListKeys, ListKind, UnknownLists};
pub use mask::{MASK, MaskKey, is_secret_path, mask};
pub use rename::{EnvironmentWords, is_rename_of, stable_id};
pub use report::{InstanceChange, Report};
