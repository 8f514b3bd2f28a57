//! What a sync is asked to do.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use slipway_model::ResourceId;

use crate::time::Time;

/// How the objects below a deleted one are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PropagationPolicy {
    /// They go first; the object stays until they are gone. The default.
    #[default]
    Foreground,
    /// The object goes at once, they follow.
    Background,
    /// They stay.
    Orphan,
}

impl PropagationPolicy {
    /// The name as the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Foreground => "Foreground",
            Self::Background => "Background",
            Self::Orphan => "Orphan",
        }
    }
}

/// Labels and annotations of a namespace that `CreateNamespace` manages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamespaceMetadata {
    /// The labels.
    pub labels: BTreeMap<String, String>,
    /// The annotations.
    pub annotations: BTreeMap<String, String>,
}

/// What a sync is asked to do. The options of an application; resources override some by annotation.
///
/// Every default is "no": nothing is pruned, forced, replaced or left out unless it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncOptions {
    /// The namespace of namespaced objects that name none.
    pub namespace: String,
    /// The revision, for the names of hooks that have only a `generateName`.
    pub revision: String,
    /// When the operation began, likewise.
    pub started_at: Time,
    /// Delete objects that are no longer wanted. Otherwise they are listed and left.
    pub prune: bool,
    /// Prune after everything else.
    pub prune_last: bool,
    /// Pruning that asks for confirmation (`Prune=confirm`) has it.
    pub prune_confirmed: bool,
    /// The value of the application's option `Prune`: `false` or `confirm`.
    pub default_prune_option: Option<String>,
    /// Run no hooks.
    pub skip_hooks: bool,
    /// Write nothing; let the API check every object.
    pub dry_run: bool,
    /// Delete and create again what cannot be changed in place.
    pub force: bool,
    /// Replace or create in place of applying.
    pub replace: bool,
    /// Server-side apply.
    pub server_side_apply: bool,
    /// Do not have the API check field names and types.
    pub no_validate: bool,
    /// Tolerate kinds that the server does not know yet.
    pub skip_dry_run_on_missing_resource: bool,
    /// Create the namespace where it is missing.
    pub create_namespace: bool,
    /// Labels and annotations that the created namespace keeps getting, also where it exists.
    pub managed_namespace_metadata: Option<NamespaceMetadata>,
    /// Apply only what differs: everything but the objects of `unmodified`.
    pub apply_out_of_sync_only: bool,
    /// Objects that are as they should be.
    pub unmodified: BTreeSet<ResourceId>,
    /// Sync only these; empty: all. An empty namespace means any. Hooks do not run then.
    pub resources: Vec<ResourceId>,
    /// How deletions treat the objects below.
    pub propagation_policy: PropagationPolicy,
}

impl SyncOptions {
    /// Whether hooks run: not in a sync of selected resources, as in Argo CD.
    #[must_use]
    pub fn runs_hooks(&self) -> bool {
        !self.skip_hooks && self.resources.is_empty()
    }

    /// Takes over `syncOptions` of an Argo CD Application (`CreateNamespace=true`, …). Options are exact
    /// texts; unknown ones are returned.
    pub fn take_over<'a>(&mut self, sync_options: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut unknown = Vec::new();
        for option in sync_options {
            match option {
                "CreateNamespace=true" => self.create_namespace = true,
                "PruneLast=true" => self.prune_last = true,
                "Replace=true" => self.replace = true,
                "Force=true" => self.force = true,
                "ServerSideApply=true" => self.server_side_apply = true,
                "Validate=false" => self.no_validate = true,
                "SkipDryRunOnMissingResource=true" => self.skip_dry_run_on_missing_resource = true,
                "ApplyOutOfSyncOnly=true" => self.apply_out_of_sync_only = true,
                "PrunePropagationPolicy=foreground" => {
                    self.propagation_policy = PropagationPolicy::Foreground;
                }
                "PrunePropagationPolicy=background" => {
                    self.propagation_policy = PropagationPolicy::Background;
                }
                "PrunePropagationPolicy=orphan" => self.propagation_policy = PropagationPolicy::Orphan,
                other => match other.strip_prefix("Prune=") {
                    Some(value) => self.default_prune_option = Some(value.to_owned()),
                    None => unknown.push(other.to_owned()),
                },
            }
        }
        unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_an_application_are_exact_texts() {
        let mut options = SyncOptions::default();
        let unknown = options.take_over(["CreateNamespace=True", "PruneLast=true", "Prune=confirm"]);
        assert_eq!(unknown, ["CreateNamespace=True"]);
        assert!(options.prune_last && !options.create_namespace);
        assert_eq!(options.default_prune_option.as_deref(), Some("confirm"));
    }
}
