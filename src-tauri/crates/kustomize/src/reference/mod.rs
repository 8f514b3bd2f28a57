//! What refers to what: names that follow their resource when it is renamed, and variables.

pub(crate) mod names;
pub(crate) mod variables;

#[cfg(test)]
mod tests;
