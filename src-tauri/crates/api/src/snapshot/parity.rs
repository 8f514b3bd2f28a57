//! Instances compared with the installed tools.

use rayon::prelude::*;
use slipway_catalog::Instance;

use super::Snapshot;
use crate::parity::{InstanceParity, Tools, tool_of};

impl Snapshot {
    /// The instances that a tool renders as well, of these.
    #[must_use]
    pub fn comparable<'a>(&self, instances: &[&'a Instance]) -> Vec<&'a Instance> {
        instances.iter().copied().filter(|instance| tool_of(instance).is_some()).collect()
    }

    /// Renders instances with our engines and with the installed tools, in parallel, and compares each pair.
    /// Instances that no tool renders are left out, see [`comparable`](Self::comparable).
    #[must_use]
    pub fn parity(&self, instances: &[&Instance]) -> Vec<InstanceParity> {
        let tools = Tools::find(&self.settings);
        instances
            .par_iter()
            .filter_map(|instance| tools.compare(&self.workspace, &self.tree, instance))
            .collect()
    }
}
