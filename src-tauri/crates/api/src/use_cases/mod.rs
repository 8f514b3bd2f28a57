//! The use cases, a file each.

mod diff;
mod fleet;
mod instance;
mod network;
mod promotion;
mod repository;
pub(crate) mod sandbox;
mod settings;
mod sync;
