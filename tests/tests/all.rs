//! All tests of the workspace as a whole, in one program.

mod rules;
