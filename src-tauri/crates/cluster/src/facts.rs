//! What templates of charts ask of a cluster: its version, what it serves, and single objects or lists.
//!
//! The answers are those of Helm's own functions: `GetVersionSet` and `getCapabilities` of `pkg/action`, and
//! `pkg/engine/lookup_func.go`. Objects may be Secrets, so no content of an answer is logged or put into an error.

use futures::AsyncReadExt;
use http::Request as HttpRequest;
use serde_json::{Value, json};
use slipway_model::ResourceId;

use crate::connection::Connection;
use crate::discovery::ApiResource;
use crate::error::{ClusterError, ErrorKind};
use crate::live::{PAGE, typed};

/// The version of a cluster, as it writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVersion {
    /// Such as `v1.31.2`.
    pub version: String,
    /// The first number.
    pub major: String,
    /// The second; some clusters write `31+`.
    pub minor: String,
}

impl Connection {
    /// The version of the cluster with its parts.
    ///
    /// # Errors
    /// Where the cluster does not answer.
    pub async fn server_version(&self) -> Result<ServerVersion, ClusterError> {
        let answer = self.get("/version").await?;
        let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(ServerVersion { version: text("gitVersion"), major: text("major"), minor: text("minor") })
    }

    /// The object of that name, or with an empty name the list of all, as Helm's `lookup` gives it; `None` where it is
    /// not there, or the cluster serves the version without the kind. An empty namespace means all of them. An
    /// answer of more than `most_bytes` bytes is an error.
    ///
    /// # Errors
    /// Where Helm's `lookup` fails: the version is not served, the cluster refuses, or does not answer.
    pub async fn look_up(
        &self,
        api_version: &str,
        kind: &str,
        namespace: &str,
        name: &str,
        most_bytes: usize,
    ) -> Result<Option<Value>, ClusterError> {
        let resources = self.resources().await?;
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        if !resources.serves(api_version) {
            return Err(ClusterError::new(
                ErrorKind::NotFound,
                format!(
                    "unable to get apiresource from unstructured: {group}/{version}, Kind={kind}: the server could not \
                     find the requested resource"
                ),
            )
            .hint("ask `.Capabilities.APIVersions.Has` before looking it up"));
        }
        let Some(resource) = resources.find(group, version, kind) else {
            // That a group is down says nothing of the cluster.
            return resources.unavailable(group).map_or(Ok(None), |reason| {
                let message = format!("the API group {group} does not answer: {reason}");
                Err(ClusterError::new(ErrorKind::Other, message)
                    .hint("`kubectl get apiservices` shows what serves it"))
            });
        };
        let found = if name.is_empty() {
            self.whole_list(resource, namespace, most_bytes).await
        } else {
            let id = ResourceId {
                group: group.to_owned(),
                kind: kind.to_owned(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
            };
            self.get_bounded(&resource.object(&id), most_bytes).await.map(|(object, _)| object)
        };
        match found {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All objects of a kind as one list, read page by page.
    async fn whole_list(
        &self,
        resource: &ApiResource,
        namespace: &str,
        most_bytes: usize,
    ) -> Result<Value, ClusterError> {
        let path = resource.collection(namespace);
        let (mut left, mut next) = (most_bytes, String::new());
        let mut items = Vec::new();
        loop {
            let page = format!("{path}?limit={PAGE}{next}");
            let (mut answer, bytes) = self.get_bounded(&page, left).await?;
            left = left.saturating_sub(bytes);
            if let Some(found) = answer.get_mut("items").and_then(Value::as_array_mut) {
                items.extend(std::mem::take(found).into_iter().map(|item| typed(item, resource)));
            }
            let metadata = |key: &str| answer.pointer(&format!("/metadata/{key}")).and_then(Value::as_str);
            let token = metadata("continue").unwrap_or_default();
            if token.is_empty() {
                return Ok(json!({
                    "apiVersion": resource.api_version(),
                    "kind": format!("{}List", resource.kind),
                    "metadata": {"resourceVersion": metadata("resourceVersion").unwrap_or_default()},
                    "items": items,
                }));
            }
            next = format!("&continue={}", crate::discovery::encode(token));
        }
    }

    /// Reads a path; the second is how many bytes the answer had.
    async fn get_bounded(&self, path: &str, most_bytes: usize) -> Result<(Value, usize), ClusterError> {
        let request = HttpRequest::get(path)
            .header(http::header::ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|error| {
                ClusterError::new(ErrorKind::Invalid, format!("`{path}` cannot be asked for: {error}"))
            })?;
        let read = async {
            let mut bytes = Vec::new();
            let limit = u64::try_from(most_bytes).unwrap_or(u64::MAX).saturating_add(1);
            let stream = self.stream(request).await?;
            futures::pin_mut!(stream);
            stream
                .take(limit)
                .read_to_end(&mut bytes)
                .await
                .map_err(|error| ClusterError::new(ErrorKind::Unreachable, error.to_string()))?;
            Ok(bytes)
        };
        let bytes = self.within(self.request_timeout(), read).await?;
        if bytes.len() > most_bytes {
            return Err(ClusterError::new(
                ErrorKind::Other,
                format!("the cluster answers with more than is taken ({} KiB)", most_bytes / 1024),
            )
            .hint("look up one object by its name, or in one namespace"));
        }
        // What is wrong with it is not told: the text may be a Secret's.
        let answer = serde_json::from_slice(&bytes).map_err(|_| {
            ClusterError::new(ErrorKind::Other, "the cluster answered with something else than JSON")
        })?;
        Ok((answer, bytes.len()))
    }
}
