//! Reviews of who may do what: there is one user, and it may do everything.

use serde_json::{Value, json};

use super::{Answer, Context, USER};
use crate::registry::Api;
use crate::status::ApiError;

/// Whether a kind is only ever posted, never stored.
pub(super) fn is_review(api: &Api) -> bool {
    matches!(api.group.as_str(), "authentication.k8s.io" | "authorization.k8s.io") || api.kind == "Binding"
}

/// Answers a review.
pub(super) fn review(context: &Context<'_>) -> Result<Answer, ApiError> {
    let (mut object, _) = super::write::read_object(context)?;
    let user = json!({"username": USER, "groups": ["system:masters", "system:authenticated"]});
    object["status"] = match context.api.kind.as_str() {
        "SelfSubjectAccessReview" | "SubjectAccessReview" | "LocalSubjectAccessReview" => {
            json!({"allowed": true, "reason": "the sandbox allows everything"})
        }
        "SelfSubjectRulesReview" => json!({
            "incomplete": false,
            "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
        }),
        "SelfSubjectReview" => json!({"userInfo": user}),
        "TokenReview" => json!({"authenticated": false, "error": "the sandbox knows one token only"}),
        _ => return Err(ApiError::method_not_allowed()),
    };
    let value: Value = context.as_requested(&object);
    Ok(Answer::Json { code: 201, value, warnings: Vec::new() })
}
