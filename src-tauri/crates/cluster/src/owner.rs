//! Who else looks after the objects of an instance: a running Argo CD, or another instance.

use std::collections::BTreeSet;

use serde_json::Value;
use slipway_model::Problem;
use slipway_sync::Live;
use slipway_sync::ownership::{Mark, OwnedByOther};

use crate::connection::Connection;
use crate::discovery::ApiResources;
use crate::error::{ClusterError, ErrorKind};
use crate::live;
use crate::marked::METADATA;

/// The Applications of a running Argo CD, by the names that tracking ids begin with.
#[derive(Debug, Default)]
pub(crate) struct Applications(BTreeSet<(String, String)>);

impl Applications {
    /// Lists them; none where Argo CD is not installed. Where they may not be listed in the whole cluster, they
    /// are looked for in Argo CD's usual namespace.
    pub(crate) async fn list(
        connection: &Connection,
        resources: &ApiResources,
    ) -> Result<Self, ClusterError> {
        let Some(kind) = resources.preferred("argoproj.io", "Application") else {
            return Ok(Self::default());
        };
        let list = |namespace| {
            let path = kind.collection(namespace);
            async move { live::list_as(connection, kind, &path, "", METADATA).await }
        };
        let mut answer = list("").await;
        if answer.as_ref().is_err_and(|error| error.kind == ErrorKind::Forbidden) {
            answer = list("argocd").await;
        }
        match answer {
            Ok((objects, _)) => Ok(Self(objects.iter().map(name_of).collect())),
            // Who may not see them cannot hand over to them either.
            Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound) => {
                Ok(Self::default())
            }
            Err(error) => Err(error.while_doing("listing the Applications of Argo CD")),
        }
    }

    /// `NAMESPACE/NAME` of the Application that a tracking id's first part names: a name alone, or
    /// `NAMESPACE_NAME` for one outside of Argo CD's own namespace.
    fn find(&self, tracked: &str) -> Option<String> {
        self.0
            .iter()
            .find(|(namespace, name)| name == tracked || format!("{namespace}_{name}") == tracked)
            .map(|(namespace, name)| format!("{namespace}/{name}"))
    }
}

fn name_of(application: &Value) -> (String, String) {
    let text =
        |pointer: &str| application.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("/metadata/namespace"), text("/metadata/name"))
}

/// Refuses where a running Argo CD owns the instance or one of its objects; objects of other instances are
/// problems: the last one to be synced has them.
pub(crate) fn check<'a>(
    mark: &Mark,
    applications: &Applications,
    live: impl IntoIterator<Item = &'a Live>,
) -> Result<Vec<Problem>, ClusterError> {
    if let Mark::Application { name, .. } = mark
        && let Some(application) = applications.find(name)
    {
        return Err(handed_over(&format!("the Argo CD Application {application} owns this instance")));
    }
    let mut problems = Vec::new();
    for object in live {
        match mark.check_owner(&object.object) {
            Err(OwnedByOther::Application { resource, owner }) => {
                if let Some(application) = applications.find(&owner) {
                    return Err(handed_over(&format!(
                        "{resource} belongs to the Argo CD Application {application}"
                    )));
                }
            }
            Err(error @ OwnedByOther::Instance { .. }) => problems
                .push(Problem::warning("shared-resource", error.to_string()).hint(
                    "keep an object in one instance only; otherwise each sync takes it from the other",
                )),
            Ok(()) => {}
        }
    }
    Ok(problems)
}

fn handed_over(message: &str) -> ClusterError {
    ClusterError::new(ErrorKind::Forbidden, format!("{message}, so it is not synced from here")).hint_only(
        "let Argo CD do it: start a sync of that Application; direct sync is for what no running Argo CD owns",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applications() -> Applications {
        Applications(
            [("argocd".to_owned(), "guestbook".to_owned()), ("team".to_owned(), "web".to_owned())].into(),
        )
    }

    fn tracked(id: &str) -> Live {
        Live::of(
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop",
            "annotations": {"argocd.argoproj.io/tracking-id": id}}}),
        )
    }

    fn instance() -> Mark {
        Mark::Instance("web@staging".parse().unwrap())
    }

    #[test]
    fn an_application_that_runs_owns_its_instance() {
        let mark = |name: &str| Mark::Application { name: name.to_owned(), namespace: "shop".to_owned() };
        for name in ["guestbook", "team_web"] {
            let error = check(&mark(name), &applications(), []).unwrap_err();
            assert!(error.hints[0].contains("let Argo CD do it"), "{error:?}");
        }
        assert!(check(&mark("other"), &applications(), []).unwrap().is_empty());
    }

    #[test]
    fn an_object_of_an_application_that_runs_is_not_taken() {
        let error =
            check(&instance(), &applications(), [&tracked("guestbook:/ConfigMap:shop/c")]).unwrap_err();
        assert_eq!(
            error.message,
            "shop/ConfigMap/c belongs to the Argo CD Application argocd/guestbook, so it is not synced from here"
        );
    }

    #[test]
    fn what_a_removed_application_left_behind_can_be_taken() {
        assert!(
            check(&instance(), &applications(), [&tracked("gone:/ConfigMap:shop/c")]).unwrap().is_empty()
        );
    }
}
