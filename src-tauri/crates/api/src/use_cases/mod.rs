//! The use cases, a file each.

mod diff;
mod fleet;
mod instance;
mod repository;
mod settings;
