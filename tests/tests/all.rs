//! All tests of the workspace as a whole, in one program.
#![expect(clippy::unwrap_used, reason = "a rule that cannot be checked is a rule that does not hold")]

mod rules;
