//! Tests against a running sandbox.
