//! Every use case of Slipway as one table of commands, and the shapes that cross it.
//!
//! It is the only crate that wires the others together. It knows no window, no terminal and no HTTP: the
//! shells call [`Api::call`] or one of its functions. Start reading at [`commands`].

pub mod commands;
pub mod dto;
mod error;
