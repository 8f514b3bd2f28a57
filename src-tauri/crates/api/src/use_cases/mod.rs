//! The use cases, a file each.

mod diff;
mod fleet;
mod instance;
mod promotion;
mod repository;
pub(crate) mod runs;
pub(crate) mod sandbox;
mod settings;
mod sync;
