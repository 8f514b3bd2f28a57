//! The first look at a cluster, and what must not be synced from here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use slipway_model::{Location, ResourceId};
use slipway_sync::hook::is_ignored;
use slipway_sync::{Desired, Run, Scope};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::super::teller::Teller;
use super::super::{SyncEvent, SyncRequest};
use super::Driver;
use crate::connection::Connection;
use crate::discovery::shared_table;
use crate::error::{ClusterError, ErrorKind};
use crate::live::{self, Change, LiveStore, namespace_id};
use crate::marked;
use crate::owner::{self, Applications};

impl<'a> Driver<'a> {
    /// Looks at the cluster for the first time, and refuses what must not be synced from here.
    pub(super) async fn begin(
        connection: &'a Arc<Connection>,
        request: &'a SyncRequest,
        teller: &mut Teller,
    ) -> Result<Self, ClusterError> {
        let served = connection.resources().await?;
        let written = request.targets.iter().map(|manifest| manifest.object.as_ref());
        let resources = Arc::new(served.with_definitions(written));
        let mut objects: Vec<Arc<Value>> = Vec::new();
        for manifest in &request.targets {
            let mut object = Value::clone(&manifest.object);
            let mut address = manifest.id.clone();
            let scope = resources.preferred(&address.group, &address.kind).map(|resource| resource.scope);
            if scope == Some(Scope::Cluster) {
                address.namespace.clear();
            } else if address.namespace.is_empty() {
                address.namespace.clone_from(&request.options.namespace);
                if address.namespace.is_empty() && scope.is_some() && !is_ignored(&object) {
                    return Err(no_namespace(manifest));
                }
            }
            request.mark.put_on(&mut object, &address);
            objects.push(Arc::new(object));
        }
        for problem in &resources.problems {
            teller.tell(SyncEvent::Problem(problem.clone())).await;
        }
        let desired = Desired::new(&objects, request.options.clone());
        let mut concerned = BTreeMap::new();
        for (kind, object) in desired.objects() {
            let Some(resource) = resources.find(&kind.group, &kind.version, &kind.kind) else { continue };
            let mut id = ResourceId::of(object);
            if resource.scope == Scope::Cluster {
                id.namespace.clear();
            }
            concerned.insert(id, resource.clone());
        }
        if let Some(resource) =
            resources.find("", "v1", "Namespace").filter(|_| request.options.create_namespace)
        {
            concerned.insert(namespace_id(&request.options.namespace), resource.clone());
        }
        let mut namespaces_to_come: Vec<String> = objects
            .iter()
            .map(|object| ResourceId::of(object))
            .filter(|id| id.group.is_empty() && id.kind == "Namespace")
            .map(|id| id.name)
            .collect();
        if request.options.create_namespace {
            namespaces_to_come.push(request.options.namespace.clone());
        }
        let (sender, changes) = mpsc::channel(256);
        let mut driver = Self {
            connection,
            request,
            run: Run::new(desired, request.wave_delay),
            kinds: shared_table(&served),
            served,
            resources,
            store: LiveStore::default(),
            concerned,
            namespaces_to_come,
            followers: JoinSet::new(),
            followed: BTreeSet::new(),
            changes,
            sender,
            planned: Vec::new(),
            untold: false,
            is_refused: false,
            kinds_changed: false,
        };
        driver.look_for_the_first_time(teller).await?;
        Ok(driver)
    }

    async fn look_for_the_first_time(&mut self, teller: &mut Teller) -> Result<(), ClusterError> {
        let (changes, applications, marked) = tokio::try_join!(
            live::read(self.connection, self.wanted()),
            Applications::list(self.connection, &self.served),
            marked::find(self.connection, &self.served, &self.request.mark, &self.request.options.namespace),
        )?;
        for change in changes {
            self.store.take(change);
        }
        let live: Vec<_> = self.store.objects().into_values().collect();
        for problem in owner::check(&self.request.mark, &applications, &live)? {
            teller.tell(SyncEvent::Problem(problem)).await;
        }
        for problem in marked.problems {
            teller.tell(SyncEvent::Problem(problem)).await;
        }
        for (resource, object) in marked.objects {
            let id = ResourceId::of(&object);
            // What is wanted was read whole.
            if !self.concerned.contains_key(&id) {
                self.store.take(Change::Changed(object));
                self.concerned.insert(id, resource);
            }
        }
        Ok(())
    }
}

fn no_namespace(manifest: &slipway_model::Manifest) -> ClusterError {
    let place = Location { file: manifest.origin.file.to_string(), line: manifest.origin.line, column: None };
    ClusterError::new(
        ErrorKind::Invalid,
        format!("{place}: {} names no namespace and its instance has none; nothing is applied", manifest.id),
    )
    .hint("give a namespace with --namespace, or record it in .slipway.yaml")
}
