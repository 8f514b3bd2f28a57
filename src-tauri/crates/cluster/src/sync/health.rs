//! Waiting until everything is healthy, after the last wave.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use slipway_model::ResourceId;
use slipway_sync::health::has_rule;
use slipway_sync::{Health, HealthStatus};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::driver::Driver;
use super::teller::Teller;
use super::{HealthReport, SyncEvent};

/// Waits until every applied object is healthy. Ends before the limit where something is degraded and nothing
/// else is on its way any more.
pub(super) async fn wait(
    driver: &mut Driver<'_>,
    limit: Duration,
    teller: &mut Teller,
    cancel: &CancellationToken,
) -> HealthReport {
    let awaited: BTreeSet<ResourceId> =
        driver.applied().into_iter().filter(|id| has_rule(&id.group, &id.kind)).collect();
    let deadline = Instant::now() + limit;
    let mut told: BTreeMap<ResourceId, Health> = BTreeMap::new();
    // What the writes answered has no status yet; the first look is a fresh one.
    if let Err(error) = driver.look_at(&awaited).await {
        tracing::debug!(%error, "the health cannot be read yet");
    }
    driver.follow(&awaited);
    loop {
        let healths: Vec<(ResourceId, Health)> =
            awaited.iter().map(|id| (id.clone(), health_of(driver, id))).collect();
        for (resource, health) in &healths {
            if told.get(resource) != Some(health) {
                told.insert(resource.clone(), health.clone());
                teller.tell(SyncEvent::Health { resource: resource.clone(), health: health.clone() }).await;
            }
        }
        let reasons: Vec<(ResourceId, Health)> =
            healths.into_iter().filter(|(_, health)| !is_fine(health.status)).collect();
        let on_its_way = reasons.iter().any(|(_, health)| health.status == HealthStatus::Progressing);
        if !on_its_way || cancel.is_cancelled() || Instant::now() >= deadline {
            return HealthReport { healthy: reasons.is_empty(), reasons };
        }
        tokio::select! {
            () = cancel.cancelled() => {}
            () = tokio::time::sleep_until(deadline) => {}
            change = driver.next_change() => {
                if let Some(change) = change {
                    driver.store.take(change);
                }
            }
        }
    }
}

fn is_fine(status: HealthStatus) -> bool {
    matches!(status, HealthStatus::Healthy | HealthStatus::Suspended)
}

fn health_of(driver: &Driver<'_>, id: &ResourceId) -> Health {
    match driver.store.get(id).map(|live| &live.health) {
        Some(Ok(Some(health))) => health.clone(),
        Some(Ok(None)) => Health { status: HealthStatus::Healthy, message: String::new() },
        Some(Err(reason)) => Health { status: HealthStatus::Unknown, message: reason.clone() },
        None => Health { status: HealthStatus::Missing, message: "it is not there any more".to_owned() },
    }
}
