//! Resources on their way through a build, and ordered lists of them.
//!
//! # What transformers get
//!
//! - `&mut Resource`: read with [`Resource::object`], change with [`Resource::object_mut`], which copies the object only
//!   if it is shared with another build. The id is read from the object each time ([`Resource::current_id`]), so a
//!   transformer that changes a name changes the id by it.
//! - A transformer that renames (prefix, suffix, namespace, hash, a patch that may rename) first calls
//!   [`Resource::store_previous_id`], so that references to the old name are found later, and
//!   [`Resource::add_name_prefix`] / [`Resource::add_name_suffix`] where kustomize records them.
//! - `&mut ResourceMap`: a list in load order with look-ups by id. Objects that a patch deleted are set to `Null`
//!   ([`Resource::delete`]) and dropped by [`ResourceMap::drop_empty`].
//!
//! What kustomize keeps in annotations below `internal.config.kubernetes.io/` (previous names, prefixes, suffixes,
//! whether a hash is needed, …) is kept in [`Resource`] itself; such annotations of files are read into it. The
//! annotations `config.kubernetes.io/origin` and `alpha.config.kubernetes.io/transformations` stay in the object.

mod id;
mod map;
mod one;
mod scope;
mod shared;

#[cfg(test)]
mod tests;

pub use id::{Gvk, ResId, parse_group_version};
pub use map::ResourceMap;
pub(crate) use one::shorten;
pub use one::{Behavior, PreviousId, Resource, Source, scalar_text};
pub use scope::is_certainly_cluster_scoped;
