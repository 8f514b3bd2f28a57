//! Helm charts in process: values, dependencies, schemas, hooks, rendering.
//!
//! Start reading at [`set`], the assignments of `--set`.

pub mod set;
