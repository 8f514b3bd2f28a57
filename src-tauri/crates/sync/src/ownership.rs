//! Marks that say which instance an object belongs to.
//!
//! An instance that is an Argo CD Application is marked as Argo CD marks it: the annotation
//! `argocd.argoproj.io/tracking-id`. Every other instance has two marks:
//!
//! - the annotation `slipway.dev/instance`, the id as it is written (`payments-api@production/eu`). It
//!   alone decides whom an object belongs to. A label cannot hold it: `@` and `/` are not allowed there, and 63
//!   characters are too few.
//! - the label `slipway.dev/instance-digest`, 32 hexadecimal digits of the SHA-256 of that id, so that
//!   objects can be listed by a label selector. It only narrows a list: an object is pruned for its annotation,
//!   never for its digest.
//!
//! Objects of an Argo CD Application cannot be selected by a label; their annotation is read from lists
//! of metadata. CustomResourceDefinitions are not marked by Argo CD (they are shared by nature), and neither by
//! Slipway: so they are never pruned. The same holds for a namespace that `CreateNamespace` makes.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use slipway_model::{InstanceId, ResourceId};

use crate::annotations::annotation;
use crate::kinds;
use crate::tasks::object_value;

/// The field manager of everything that Slipway applies.
pub const FIELD_MANAGER: &str = "slipway";
/// The annotation that holds the id of an instance.
pub const INSTANCE_ANNOTATION: &str = "slipway.dev/instance";
/// The label that holds a digest of it, for selecting.
pub const INSTANCE_DIGEST_LABEL: &str = "slipway.dev/instance-digest";
/// Argo CD's annotation.
pub const TRACKING_ANNOTATION: &str = "argocd.argoproj.io/tracking-id";

/// The mark of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The mark of Slipway.
    Instance(InstanceId),
    /// The mark of Argo CD: the Application's name, `NAMESPACE_NAME` for one outside of Argo CD's own
    /// namespace.
    Application {
        /// The name as tracking ids begin with it.
        name: String,
        /// The destination namespace, which stands in the ids of objects without a namespace.
        namespace: String,
    },
}

/// Why an object must not be taken for an instance's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnedByOther {
    /// It belongs to another instance of Slipway.
    #[error("{resource} belongs to the instance {owner}")]
    Instance {
        /// The object.
        resource: ResourceId,
        /// Its owner.
        owner: String,
    },
    /// It belongs to an Argo CD Application.
    #[error("{resource} belongs to the Argo CD Application {owner}")]
    Application {
        /// The object.
        resource: ResourceId,
        /// The Application, as tracking ids begin with it.
        owner: String,
    },
}

/// A tracking id of Argo CD, taken apart: `APP:GROUP/KIND:NAMESPACE/NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingId {
    /// The Application.
    pub application: String,
    /// The object it was written on.
    pub resource: ResourceId,
}

impl TrackingId {
    /// Reads an id; `None` where it is not of that form: the object is then not tracked.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let (application, kind, object) = (parts.next()?, parts.next()?, parts.next()?);
        let pair = |text: &str| -> Option<(String, String)> {
            let (first, second) = text.split_once('/')?;
            (!second.contains('/')).then(|| (first.to_owned(), second.to_owned()))
        };
        let (group, kind) = pair(kind)?;
        let (namespace, name) = pair(object)?;
        let resource = ResourceId { group, kind, namespace, name };
        Some(Self { application: application.to_owned(), resource })
    }
}

impl Mark {
    /// Puts the mark on an object that is about to be applied. `address` is the object as the cluster
    /// knows it. CustomResourceDefinitions stay as they are.
    pub fn put_on(&self, object: &mut Value, address: &ResourceId) {
        if kinds::is_definition(object) {
            return;
        }
        let mut set = |field: &str, key: &str, value: String| {
            if let Some(entries) = object_value(object)
                .map(|fields| fields.entry("metadata").or_insert_with(|| json!({})))
                .and_then(object_value)
                .map(|metadata| metadata.entry(field).or_insert_with(|| json!({})))
                .and_then(object_value)
            {
                entries.insert(key.to_owned(), Value::String(value));
            }
        };
        match self {
            Self::Instance(id) => {
                set("annotations", INSTANCE_ANNOTATION, id.to_string());
                set("labels", INSTANCE_DIGEST_LABEL, digest(id));
            }
            Self::Application { name, namespace } => {
                let slot = if address.namespace.is_empty() { namespace } else { &address.namespace };
                let ResourceId { group, kind, name: object_name, .. } = address;
                set(
                    "annotations",
                    TRACKING_ANNOTATION,
                    format!("{name}:{group}/{kind}:{slot}/{object_name}"),
                );
            }
        }
    }

    /// Whether an object as it is in the cluster carries this mark. A tracking id that was copied onto
    /// another object does not count: it must name the object it stands on. Objects that another object
    /// owns never count; their owner looks after them.
    #[must_use]
    pub fn is_on(&self, object: &Value) -> bool {
        if object
            .pointer("/metadata/ownerReferences")
            .and_then(Value::as_array)
            .is_some_and(|owners| !owners.is_empty())
        {
            return false;
        }
        match self {
            Self::Instance(id) => annotation(object, INSTANCE_ANNOTATION) == Some(id.to_string().as_str()),
            Self::Application { name, .. } => {
                let Some(tracked) = annotation(object, TRACKING_ANNOTATION).and_then(TrackingId::read) else {
                    return false;
                };
                let id = ResourceId::of(object);
                tracked.application == *name
                    && tracked.resource.group == id.group
                    && tracked.resource.kind == id.kind
                    && tracked.resource.name == id.name
                    && (id.namespace.is_empty() || tracked.resource.namespace == id.namespace)
            }
        }
    }

    /// The selector that narrows a list to objects that may carry this mark; `None` where no label helps.
    #[must_use]
    pub fn label_selector(&self) -> Option<String> {
        match self {
            Self::Instance(id) => Some(format!("{INSTANCE_DIGEST_LABEL}={}", digest(id))),
            Self::Application { .. } => None,
        }
    }

    /// Whether an object in the cluster belongs to somebody else, by either kind of mark.
    ///
    /// # Errors
    /// Names the owner.
    pub fn check_owner(&self, object: &Value) -> Result<(), OwnedByOther> {
        let resource = || ResourceId::of(object);
        if let Some(tracked) = annotation(object, TRACKING_ANNOTATION).and_then(TrackingId::read)
            && tracked.resource.name == resource().name
            && tracked.resource.kind == resource().kind
            && !matches!(self, Self::Application { name, .. } if *name == tracked.application)
        {
            return Err(OwnedByOther::Application { resource: resource(), owner: tracked.application });
        }
        if let Some(owner) = annotation(object, INSTANCE_ANNOTATION)
            && !matches!(self, Self::Instance(id) if id.to_string() == owner)
        {
            return Err(OwnedByOther::Instance { resource: resource(), owner: owner.to_owned() });
        }
        Ok(())
    }
}

/// The digest by which an instance's objects are selected.
fn digest(id: &InstanceId) -> String {
    Sha256::digest(id.to_string().as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(namespace: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": namespace}})
    }

    fn instance(text: &str) -> Mark {
        Mark::Instance(text.parse().unwrap())
    }

    fn application(name: &str) -> Mark {
        Mark::Application { name: name.to_owned(), namespace: "shop".to_owned() }
    }

    #[test]
    fn an_instance_marks_by_annotation_and_selects_by_a_valid_label_value() {
        let mark = instance("payments-api@production/eu");
        let mut object = config("shop");
        mark.put_on(&mut object, &ResourceId::of(&config("shop")));
        assert!(mark.is_on(&object));
        assert!(!instance("payments-api@staging").is_on(&object));
        let label = object["metadata"]["labels"][INSTANCE_DIGEST_LABEL].as_str().unwrap();
        assert!(label.len() == 32 && label.bytes().all(|byte| byte.is_ascii_hexdigit()), "{label}");
        assert_eq!(mark.label_selector(), Some(format!("{INSTANCE_DIGEST_LABEL}={label}")));
    }

    #[test]
    fn an_application_marks_as_argo_cd_does() {
        let mark = application("guestbook");
        let mut object = config("other");
        let id = ResourceId::of(&object);
        mark.put_on(&mut object, &id);
        assert_eq!(annotation(&object, TRACKING_ANNOTATION), Some("guestbook:/ConfigMap:other/c"));
        let mut role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}});
        let id = ResourceId::of(&role);
        mark.put_on(&mut role, &id);
        assert_eq!(
            annotation(&role, TRACKING_ANNOTATION),
            Some("guestbook:rbac.authorization.k8s.io/ClusterRole:shop/r")
        );
        assert!(mark.is_on(&role));
    }

    #[test]
    fn a_copied_tracking_id_is_no_mark() {
        let mark = application("guestbook");
        let mut object = config("shop");
        let id = ResourceId::of(&object);
        mark.put_on(&mut object, &id);
        object["metadata"]["name"] = json!("copy");
        assert!(!mark.is_on(&object));
        assert_eq!(instance("a@b").check_owner(&object), Ok(()));
    }

    #[test]
    fn an_object_that_is_owned_by_another_object_is_never_an_instance_s_own() {
        let mark = instance("web@staging");
        let mut object = config("shop");
        let id = ResourceId::of(&object);
        mark.put_on(&mut object, &id);
        object["metadata"]["ownerReferences"] = json!([{"kind": "ReplicaSet", "name": "x"}]);
        assert!(!mark.is_on(&object));
    }

    #[test]
    fn definitions_are_not_marked() {
        let mut object = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "x"}});
        let before = object.clone();
        let id = ResourceId::of(&object);
        instance("web@staging").put_on(&mut object, &id);
        assert_eq!(object, before);
    }

    #[test]
    fn the_owner_of_a_foreign_object_is_named() {
        let mut object = config("shop");
        let id = ResourceId::of(&object);
        application("guestbook").put_on(&mut object, &id);
        let error = instance("web@staging").check_owner(&object).unwrap_err();
        assert_eq!(error.to_string(), "shop/ConfigMap/c belongs to the Argo CD Application guestbook");
        assert_eq!(application("guestbook").check_owner(&object), Ok(()));
    }

    #[test]
    fn tracking_ids_of_another_form_are_none() {
        for text in ["", "a", "a:b:c", "a:/ConfigMap:shop", "a:x/y/z:shop/c", "a:/ConfigMap:shop/c/d"] {
            assert_eq!(TrackingId::read(text), None, "{text:?}");
        }
        assert!(TrackingId::read("argo_guestbook:/Service:default/web").is_some());
    }
}
