//! The sprig functions.

use crate::function::Functions;

/// Adds the sprig functions to a table.
pub fn register(_functions: &mut Functions) {}
