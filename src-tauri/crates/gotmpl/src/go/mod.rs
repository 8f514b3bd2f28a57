//! Small facts of Go's standard library that templates and functions rely on: runes, quoting, numbers as text.

mod float;
mod integer;
mod quote;
mod rune;
mod unicode_tables;

pub use float::{append_float, parse_float};
pub use integer::{parse_int, parse_uint};
pub use quote::{can_backquote, quote, quote_bytes_into, quote_rune_into, unquote, unquote_char};
pub use rune::{
    MAX_RUNE, RUNE_ERROR, append_rune, decode_rune, is_digit, is_letter, is_print, is_space, is_space_byte,
    rune_count, runes, to_lossy, trim_space, unicode_notation, valid_rune,
};

/// Runs something that recurses, on more stack where little is left: nesting in templates and data is bounded by
/// limits of ours and Go's, not by the thread's stack.
pub(crate) fn deep<R>(run: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(192 << 10, 8 << 20, run)
}
