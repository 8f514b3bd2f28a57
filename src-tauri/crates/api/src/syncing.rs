//! Syncing one instance: what the window and the command line have in common.

use std::sync::Arc;

use slipway_catalog::Instance;
use slipway_cluster::{Connection, SyncEvent, SyncOutcome, SyncRequest};
use slipway_model::{InstanceId, Manifest, Problem};
use slipway_render::Rendered;
use slipway_sandbox::KindWithoutSchema;
use slipway_sync::ownership::Mark;
use slipway_sync::{GroupVersionKind, KindTable, Kinds as _, Scope, SyncOptions};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Facts of one sync that may wait for their reader; a slow reader slows the sync down.
const EVENTS: usize = 256;

/// The mark that the objects of an instance carry (`contracts.md` §3).
pub(crate) fn mark(instance: &Instance, namespace: &str) -> Mark {
    match &instance.argocd_application {
        Some(name) => Mark::Application { name: name.clone(), namespace: namespace.to_owned() },
        None => Mark::Instance(instance.id.clone()),
    }
}

/// Makes a render ready to be synced.
///
/// The error has the problems that keep it from being synced: those of the render, or a namespace that nobody
/// names. Nothing is applied then.
pub(crate) fn request(
    id: &InstanceId,
    mark: Mark,
    rendered: Rendered,
    options: SyncOptions,
) -> Result<SyncRequest, Vec<Problem>> {
    if rendered.is_failed() {
        return Err(rendered.problems);
    }
    if options.namespace.is_empty() {
        let homeless = homeless(&rendered.manifests);
        if let Some(first) = homeless.first() {
            let more =
                if homeless.len() > 1 { format!(" and {} more", homeless.len() - 1) } else { String::new() };
            return Err(vec![
                Problem::error(
                    "no-namespace",
                    format!("{}{more} names no namespace, and neither does the instance", first.id),
                )
                .of(id.clone())
                .hint("give it with `--namespace`, or record it in `.slipway.yaml`"),
            ]);
        }
    }
    Ok(SyncRequest::new(id.clone(), mark, rendered.manifests, options))
}

/// Objects that live in a namespace and name none.
fn homeless(manifests: &[Manifest]) -> Vec<&Manifest> {
    let kinds = kinds_of(manifests);
    manifests
        .iter()
        .filter(|manifest| manifest.id.namespace.is_empty())
        // A kind that nobody knows is taken to be namespaced, as most are.
        .filter(|manifest| kinds.scope_of(&manifest.id.group, &manifest.id.kind) != Some(Scope::Cluster))
        .collect()
}

/// The built-in kinds, and those that the manifests define.
fn kinds_of(manifests: &[Manifest]) -> KindTable {
    let mut kinds = KindTable::built_in();
    for manifest in manifests {
        kinds.add_definition(&manifest.object);
    }
    kinds
}

/// Kinds that the sandbox has to accept without a schema: neither built in nor defined by the manifests.
pub(crate) fn kinds_without_schema(manifests: &[Manifest]) -> Vec<KindWithoutSchema> {
    let kinds = kinds_of(manifests);
    let mut found: Vec<KindWithoutSchema> = manifests
        .iter()
        .filter(|manifest| kinds.scope(&GroupVersionKind::of(&manifest.object)).is_err())
        .map(|manifest| KindWithoutSchema {
            api_version: manifest.api_version().to_owned(),
            kind: manifest.id.kind.clone(),
            plural: plural(&manifest.id.kind),
            namespaced: true,
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The name in URLs that nearly every kind has (`meta.UnsafeGuessKindToResource` of apimachinery).
fn plural(kind: &str) -> String {
    let name = kind.to_lowercase();
    if name.ends_with('s') {
        format!("{name}es")
    } else if let Some(stem) = name.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{name}s")
    }
}

/// Runs a sync and gives every fact to `fact` as it happens.
pub(crate) async fn run(
    connection: &Arc<Connection>,
    request: SyncRequest,
    cancel: CancellationToken,
    mut fact: impl FnMut(SyncEvent),
) -> SyncOutcome {
    let (sender, mut receiver) = mpsc::channel(EVENTS);
    let sync = slipway_cluster::sync(connection, request, sender, cancel);
    tokio::pin!(sync);
    let outcome = loop {
        tokio::select! {
            outcome = &mut sync => break outcome,
            Some(event) = receiver.recv() => fact(event),
        }
    };
    while let Ok(event) = receiver.try_recv() {
        fact(event);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_those_that_crds_have() {
        for (kind, expected) in [
            ("Widget", "widgets"),
            ("Policy", "policies"),
            ("Ingress", "ingresses"),
            ("Gateway", "gatewaies"),
        ] {
            assert_eq!(plural(kind), expected);
        }
    }
}
