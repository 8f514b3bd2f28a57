//! The use cases, a file each.

mod branches;
mod clusters;
pub(crate) mod contexts;
mod credentials;
pub(crate) mod desk;
mod diff;
mod drafts;
mod fleet;
mod instance;
mod licences;
mod network;
mod origin;
mod parity;
mod pins;
mod promotion;
pub(crate) mod remotes;
mod repository;
pub(crate) mod runs;
pub(crate) mod sandbox;
mod settings;
mod source;
mod sync;
mod text_diff;
mod values;
