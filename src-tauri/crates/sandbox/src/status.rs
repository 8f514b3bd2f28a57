//! Answers of the API that are not objects: errors as `Status` objects, the way the API server words them.

use serde_json::{Value, json};

/// One reason of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    /// The kind of cause: `FieldValueInvalid`, `FieldManagerConflict`, …
    pub(crate) reason: &'static str,
    /// What is wrong.
    pub(crate) message: String,
    /// The field.
    pub(crate) field: String,
}

/// What the API refuses, as an HTTP code and a `Status` object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ApiError {
    /// The HTTP code.
    pub(crate) code: u16,
    /// The machine-readable reason; empty where the API server gives none.
    pub(crate) reason: &'static str,
    /// The text for people.
    pub(crate) message: String,
    /// What the request was about.
    pub(crate) about: Box<About>,
    /// The causes, field by field.
    pub(crate) causes: Vec<Cause>,
}

/// What a request is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) group: String,
    /// The plural for most errors, the kind for validation errors, as upstream.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) uid: String,
}

impl About {
    pub(crate) fn new(group: &str, kind: &str, name: &str) -> Self {
        Self { group: group.to_owned(), kind: kind.to_owned(), name: name.to_owned(), uid: String::new() }
    }

    /// `deployments.apps`, or `pods` in the core group.
    pub(crate) fn qualified(&self) -> String {
        if self.group.is_empty() { self.kind.clone() } else { format!("{}.{}", self.kind, self.group) }
    }
}

impl ApiError {
    pub(crate) fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, reason, message: message.into(), about: Box::default(), causes: Vec::new() }
    }

    pub(crate) fn with(mut self, about: About) -> Self {
        self.about = Box::new(about);
        self
    }

    pub(crate) fn not_found(about: About) -> Self {
        let message = format!("{} \"{}\" not found", about.qualified(), about.name);
        Self::new(404, "NotFound", message).with(about)
    }

    /// Nothing is served at this path.
    pub(crate) fn no_such_resource() -> Self {
        Self::new(404, "NotFound", "the server could not find the requested resource")
    }

    pub(crate) fn already_exists(about: About) -> Self {
        let message = format!("{} \"{}\" already exists", about.qualified(), about.name);
        Self::new(409, "AlreadyExists", message).with(about)
    }

    pub(crate) fn conflict(about: About, why: &str) -> Self {
        let message =
            format!("Operation cannot be fulfilled on {} \"{}\": {why}", about.qualified(), about.name);
        Self::new(409, "Conflict", message).with(about)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(crate) fn forbidden(about: About, why: &str) -> Self {
        let message = format!("{} \"{}\" is forbidden: {why}", about.qualified(), about.name);
        Self::new(403, "Forbidden", message).with(about)
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    }

    pub(crate) fn gone(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }

    /// Validation failed; `about.kind` is the kind.
    pub(crate) fn invalid(about: About, causes: Vec<Cause>) -> Self {
        let list: Vec<String> =
            causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
        let list = if list.len() == 1 { list.concat() } else { format!("[{}]", list.join(", ")) };
        let message = format!("{} \"{}\" is invalid: {list}", about.qualified(), about.name);
        Self { code: 422, reason: "Invalid", message, about: Box::new(about), causes }
    }

    /// The `Status` object.
    pub(crate) fn to_status(&self) -> Value {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "code": self.code,
        });
        if !self.reason.is_empty() {
            status["reason"] = json!(self.reason);
        }
        let mut details = serde_json::Map::new();
        for (key, value) in [
            ("name", &self.about.name),
            ("group", &self.about.group),
            ("kind", &self.about.kind),
            ("uid", &self.about.uid),
        ] {
            if !value.is_empty() {
                details.insert(key.to_owned(), json!(value));
            }
        }
        if !self.causes.is_empty() {
            let causes = self
                .causes
                .iter()
                .map(|cause| json!({"reason": cause.reason, "message": cause.message, "field": cause.field}));
            details.insert("causes".to_owned(), causes.collect());
        }
        if !details.is_empty() {
            status["details"] = Value::Object(details);
        }
        status
    }
}

impl Cause {
    pub(crate) fn required(field: impl Into<String>) -> Self {
        Self { reason: "FieldValueRequired", message: "Required value".to_owned(), field: field.into() }
    }

    pub(crate) fn invalid(field: impl Into<String>, value: &Value, why: &str) -> Self {
        let message = format!("Invalid value: {value}: {why}");
        Self { reason: "FieldValueInvalid", message, field: field.into() }
    }

    pub(crate) fn forbidden(field: impl Into<String>, why: &str) -> Self {
        Self { reason: "FieldValueForbidden", message: format!("Forbidden: {why}"), field: field.into() }
    }
}

/// The `Status` that says an object was deleted.
pub(crate) fn success(about: &About) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {"name": about.name, "group": about.group, "kind": about.kind, "uid": about.uid},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_worded_like_the_servers() {
        let about = About::new("apps", "deployments", "api");
        let error = ApiError::not_found(about.clone());
        assert_eq!(error.message, "deployments.apps \"api\" not found");
        assert_eq!(error.to_status()["details"]["group"], "apps");
        let conflict = ApiError::conflict(about, "the object has been modified");
        assert!(conflict.message.starts_with("Operation cannot be fulfilled on deployments.apps \"api\": "));
        let invalid = ApiError::invalid(About::new("", "Pod", "p"), vec![Cause::required("spec.containers")]);
        assert_eq!(invalid.message, "Pod \"p\" is invalid: spec.containers: Required value");
    }
}
