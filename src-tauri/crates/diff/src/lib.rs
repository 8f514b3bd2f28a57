//! What differs between two renders, and between two texts.
//!
//! It knows objects, the merge keys of their lists and lines of text. It does not know instances' sources,
//! clusters or Git. Start reading at [`Comparison`].

mod comparison;

pub use comparison::{Change, Comparison, FieldChange, Group, ResourceChange};
