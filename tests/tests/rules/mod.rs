//! Rules that hold for the whole workspace (`docs/architecture.md`).

mod layers;
mod sources;
