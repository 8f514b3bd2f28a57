//! How an execution treats missing keys, and where it stops.

use std::any::Any;
use std::cell::Cell;
use std::sync::atomic::AtomicBool;

use crate::trace::Tracer;

/// Go's option `missingkey`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// A missing key gives no value (`<no value>` where printed); fields of it as well.
    #[default]
    Default,
    /// A missing key gives the zero value of the map's elements. Helm's way.
    Zero,
    /// A missing key is an error. Helm's `--strict`.
    Error,
}

/// Where an execution stops. The defaults are far beyond what charts need and within what a workstation bears.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Templates within templates; Go's own limit.
    pub depth: usize,
    /// Steps: nodes walked, iterations, elements that functions look at, and one for every four bytes of text that they
    /// make. So it bounds time and memory; the default is some seconds and two gigabytes at the very most.
    pub fuel: u64,
    /// Bytes of the output, and of one text that a function makes.
    pub size: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { depth: 100_000, fuel: 500_000_000, size: 256 << 20 }
    }
}

/// What an execution needs beside template and data.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// What a missing key gives.
    pub missing_key: MissingKey,
    /// Where it stops.
    pub limits: Limits,
    /// Stops the execution at the next step when raised.
    pub cancelled: Option<&'a AtomicBool>,
    /// What functions may ask for with [`Call::host`](crate::Call::host): counters, caches, the cluster's snapshot.
    pub host: Option<&'a dyn Any>,
    /// Fuel shared by several executions (all files of a chart); counts down and replaces `limits.fuel`.
    pub fuel: Option<&'a Cell<u64>>,
    /// Is told where each piece of the output comes from.
    pub tracer: Option<&'a dyn Tracer>,
}
