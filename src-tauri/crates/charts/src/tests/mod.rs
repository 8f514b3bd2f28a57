//! Fetches from servers on this machine.

pub(crate) mod archive;
