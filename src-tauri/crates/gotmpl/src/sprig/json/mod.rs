//! JSON as Go's `encoding/json` writes and reads it: the escapes, the floats, the order of keys, the error texts.

mod decode;
mod encode;

pub use decode::decode;
pub use encode::{EncodeError, Style, encode};

/// Nesting that is still read and written, as in Go.
const DEEPEST: usize = 10_000;
