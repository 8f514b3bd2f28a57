//! Rendering instances.

use rayon::prelude::*;
use slipway_catalog::Instance;
use slipway_model::InstanceId;
use slipway_render::{FidelityLevel, Rendered};

use super::Snapshot;
use crate::dto::ApiError;
use crate::error::error;

/// A part of the fleet: the instances whose position, counted from 0, leaves `index - 1` when divided by `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is no shard: expected i/n with 1 ≤ i ≤ n");
        let (index, of) = text.split_once('/').ok_or_else(wrong)?;
        let shard = Self { index: index.parse().map_err(|_| wrong())?, of: of.parse().map_err(|_| wrong())? };
        if shard.index == 0 || shard.index > shard.of { Err(wrong()) } else { Ok(shard) }
    }
}

/// What came of one instance.
pub struct InstanceRender {
    /// Which.
    pub instance: InstanceId,
    /// Its render.
    pub rendered: Rendered,
}

impl InstanceRender {
    /// `ok`, `failed` or `opaque`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        if self.rendered.is_failed() {
            "failed"
        } else if self.rendered.fidelity.level == FidelityLevel::Opaque {
            "opaque"
        } else {
            "ok"
        }
    }

    /// The line of `--output jsonl` (`contracts.md` §2).
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let manifests: Vec<_> = self.rendered.manifests.iter().map(|manifest| &*manifest.object).collect();
        serde_json::json!({
            "instance": self.instance,
            "status": self.status(),
            "fidelity": self.rendered.fidelity,
            "manifests": manifests,
            "problems": self.rendered.problems,
        })
    }

    /// The documents with their headers.
    #[must_use]
    pub fn yaml(&self) -> String {
        slipway_render::stream(Some(&self.instance), &self.rendered.manifests)
    }
}

/// Instances that are rendered at a time before their output is given away.
const BATCH: usize = 128;

impl Snapshot {
    /// The instances that a command means: named ones, or all, or a shard of all.
    ///
    /// # Errors
    /// When a name is unknown, or nothing is meant.
    pub fn meant(
        &self,
        names: &[String],
        all: bool,
        shard: Option<Shard>,
    ) -> Result<Vec<&Instance>, ApiError> {
        if !all {
            if names.is_empty() {
                return Err(error("nothing-named", "no instance is named")
                    .hint("name APPLICATION@ENVIRONMENT, or use `--all`"));
            }
            return self.instances(names);
        }
        let chosen = self
            .catalog
            .instances()
            .enumerate()
            .filter(|(position, _)| shard.is_none_or(|shard| position % shard.of == shard.index - 1));
        Ok(chosen.map(|(_, instance)| instance).collect())
    }

    /// Renders instances in parallel and gives each away in order.
    pub fn render(&self, instances: &[&Instance], mut each: impl FnMut(InstanceRender)) {
        for batch in instances.chunks(BATCH) {
            let done: Vec<InstanceRender> = batch
                .par_iter()
                .map(|instance| {
                    let mut rendered =
                        self.workspace.render(&self.tree, instance, &self.workspace.clusters());
                    for problem in &mut rendered.problems {
                        problem.instance.get_or_insert_with(|| instance.id.clone());
                    }
                    InstanceRender { instance: instance.id.clone(), rendered }
                })
                .collect();
            done.into_iter().for_each(&mut each);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_counted_from_one() {
        assert_eq!("2/3".parse(), Ok(Shard { index: 2, of: 3 }));
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
