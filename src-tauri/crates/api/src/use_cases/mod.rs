//! The use cases, a file each.

pub(crate) mod contexts;
mod diff;
mod fleet;
mod instance;
mod network;
mod promotion;
mod repository;
pub(crate) mod runs;
pub(crate) mod sandbox;
mod settings;
mod sync;
