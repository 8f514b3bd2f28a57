//! Tests of the whole workspace live beside this file in `tests/`.
