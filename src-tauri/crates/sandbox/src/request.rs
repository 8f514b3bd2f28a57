//! What a request asks for: the path and the query, taken apart.

use std::collections::BTreeMap;

use crate::status::ApiError;
use crate::store::selectors::Selector;

/// What the path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// `/version`
    Version,
    /// `/healthz`, `/livez`, `/readyz` and what is below them.
    Health,
    /// `/api`
    CoreVersions,
    /// `/apis`
    Groups,
    /// `/apis/GROUP`
    Group(String),
    /// `/api/v1`, `/apis/GROUP/VERSION`
    GroupVersion { group: String, version: String },
    /// `/openapi/v2`
    OpenApiV2,
    /// `/openapi/v3`
    OpenApiV3Index,
    /// `/openapi/v3/…`
    OpenApiV3 { group: String, version: String },
    /// Objects.
    Objects(ObjectPath),
    /// Nothing that is known.
    Unknown,
}

/// The path of objects: a collection, one object, or a sub-resource of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ObjectPath {
    pub(crate) group: String,
    pub(crate) version: String,
    /// Empty where every namespace, or none, is meant.
    pub(crate) namespace: String,
    pub(crate) plural: String,
    /// Empty where the whole collection is meant.
    pub(crate) name: String,
    /// Empty where the object itself is meant.
    pub(crate) subresource: String,
    /// Whether the path has the old form `/watch/…`.
    pub(crate) watch: bool,
}

impl Target {
    pub(crate) fn parse(path: &str) -> Self {
        let decoded: Vec<String> =
            path.split('/').filter(|segment| !segment.is_empty()).map(percent_decode).collect();
        let segments: Vec<&str> = decoded.iter().map(String::as_str).collect();
        match segments.as_slice() {
            ["version"] => Self::Version,
            ["healthz" | "livez" | "readyz", ..] => Self::Health,
            ["api"] => Self::CoreVersions,
            ["apis"] => Self::Groups,
            ["apis", group] => Self::Group((*group).to_owned()),
            ["api", version] => Self::GroupVersion { group: String::new(), version: (*version).to_owned() },
            ["apis", group, version] => {
                Self::GroupVersion { group: (*group).to_owned(), version: (*version).to_owned() }
            }
            ["openapi", "v2"] => Self::OpenApiV2,
            ["openapi", "v3"] => Self::OpenApiV3Index,
            ["openapi", "v3", "api", version] => {
                Self::OpenApiV3 { group: String::new(), version: (*version).to_owned() }
            }
            ["openapi", "v3", "apis", group, version] => {
                Self::OpenApiV3 { group: (*group).to_owned(), version: (*version).to_owned() }
            }
            ["api", version, rest @ ..] => objects("", version, rest),
            ["apis", group, version, rest @ ..] => objects(group, version, rest),
            _ => Self::Unknown,
        }
    }
}

fn objects(group: &str, version: &str, segments: &[&str]) -> Target {
    let (watch, segments) = match segments {
        ["watch", rest @ ..] => (true, rest),
        other => (false, other),
    };
    let mut path =
        ObjectPath { group: group.to_owned(), version: version.to_owned(), watch, ..ObjectPath::default() };
    let rest = match segments {
        // `/namespaces/NAME/status` and `/finalize` are sub-resources of the namespace itself.
        ["namespaces", name, subresource @ ("status" | "finalize")] => {
            path.plural = "namespaces".to_owned();
            path.name = (*name).to_owned();
            path.subresource = (*subresource).to_owned();
            return Target::Objects(path);
        }
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => {
            path.namespace = (*namespace).to_owned();
            rest
        }
        other => other,
    };
    match rest {
        [plural] => path.plural = (*plural).to_owned(),
        [plural, name] => {
            path.plural = (*plural).to_owned();
            path.name = (*name).to_owned();
        }
        [plural, name, subresource @ ..] if !subresource.is_empty() => {
            path.plural = (*plural).to_owned();
            path.name = (*name).to_owned();
            path.subresource = subresource.join("/");
        }
        _ => return Target::Unknown,
    }
    Target::Objects(path)
}

/// Decodes `%41` and, in queries, `+`. What is no valid escape stays as it is.
pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let hex = bytes.get(index + 1..index + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match (bytes[index], hex.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                index += 3;
            }
            (byte, _) => {
                out.push(byte);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What is done with fields the schema does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FieldValidation {
    Ignore,
    #[default]
    Warn,
    Strict,
}

/// The query of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pub(crate) selector: Selector,
    pub(crate) resource_version: String,
    pub(crate) resource_version_match: String,
    pub(crate) limit: usize,
    pub(crate) continue_token: String,
    pub(crate) watch: bool,
    pub(crate) bookmarks: bool,
    pub(crate) send_initial_events: bool,
    pub(crate) timeout_seconds: Option<u64>,
    pub(crate) field_manager: String,
    pub(crate) field_validation: FieldValidation,
    pub(crate) force: bool,
    pub(crate) dry_run: bool,
    pub(crate) propagation_policy: String,
    pub(crate) grace_period_seconds: Option<i64>,
    /// Of tables: `None`, `Metadata` or `Object`.
    pub(crate) include_object: String,
    /// Of logs.
    pub(crate) container: String,
    pub(crate) tail_lines: Option<usize>,
    pub(crate) previous: bool,
    pub(crate) timestamps: bool,
}

impl Query {
    /// Reads the query; unknown parameters are ignored, as the server does.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let values: BTreeMap<String, String> = text
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                (percent_decode(key), percent_decode(&value.replace('+', "%20")))
            })
            .collect();
        let get = |key: &str| values.get(key).cloned().unwrap_or_default();
        let flag = |key: &str| matches!(values.get(key).map(String::as_str), Some("true" | "1" | ""));
        let number = |key: &str| -> Result<Option<i64>, ApiError> {
            match values.get(key).map(String::as_str) {
                None | Some("") => Ok(None),
                Some(text) => text.parse().map(Some).map_err(|_| {
                    ApiError::bad_request(format!("`{key}` must be a whole number, not {text:?}"))
                }),
            }
        };
        let positive =
            |key: &str| Ok::<_, ApiError>(number(key)?.and_then(|value| u64::try_from(value).ok()));
        let selector =
            Selector::parse(&get("labelSelector"), &get("fieldSelector")).map_err(ApiError::bad_request)?;
        let dry_run = match get("dryRun").as_str() {
            "" => false,
            "All" => true,
            other => {
                return Err(ApiError::bad_request(format!(
                    "invalid dryRun {other:?}: supported values: \"All\""
                )));
            }
        };
        let field_validation = match get("fieldValidation").as_str() {
            "Ignore" => FieldValidation::Ignore,
            "" | "Warn" => FieldValidation::Warn,
            "Strict" => FieldValidation::Strict,
            other => {
                return Err(ApiError::bad_request(format!(
                    "invalid fieldValidation {other:?}: supported values: \"Ignore\", \"Strict\", \"Warn\""
                )));
            }
        };
        Ok(Self {
            selector,
            resource_version: get("resourceVersion"),
            resource_version_match: get("resourceVersionMatch"),
            limit: positive("limit")?.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0),
            continue_token: get("continue"),
            watch: flag("watch"),
            bookmarks: flag("allowWatchBookmarks"),
            send_initial_events: flag("sendInitialEvents"),
            timeout_seconds: positive("timeoutSeconds")?,
            field_manager: get("fieldManager"),
            field_validation,
            force: flag("force"),
            dry_run,
            propagation_policy: get("propagationPolicy"),
            grace_period_seconds: number("gracePeriodSeconds")?,
            include_object: get("includeObject"),
            container: get("container"),
            tail_lines: positive("tailLines")?.and_then(|lines| usize::try_from(lines).ok()),
            previous: flag("previous"),
            timestamps: flag("timestamps"),
        })
    }
}

/// What the client wants to be told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The object itself.
    Object,
    /// A table for people.
    Table,
    /// Only the metadata.
    Metadata,
    /// The aggregated discovery document.
    Discovery,
    /// OpenAPI v2 as protocol buffers.
    OpenApiV2Protobuf,
}

impl Form {
    /// Reads `Accept`; `None` where nothing of it can be served.
    pub(crate) fn parse(accept: &str) -> Option<Self> {
        if accept.is_empty() {
            return Some(Self::Object);
        }
        for part in accept.split(',') {
            let mut words = part.split(';').map(str::trim);
            let media = words.next().unwrap_or_default();
            let parameters: BTreeMap<&str, &str> = words.filter_map(|word| word.split_once('=')).collect();
            if media == "application/com.github.proto-openapi.spec.v2@v1.0+protobuf" {
                return Some(Self::OpenApiV2Protobuf);
            }
            if !matches!(
                media,
                "application/json" | "*/*" | "application/*" | "text/plain" | "application/yaml"
            ) {
                continue;
            }
            let version = parameters.get("v").copied().unwrap_or_default();
            match parameters.get("as").copied() {
                None => return Some(Self::Object),
                Some("Table") if matches!(version, "v1" | "v1beta1") => return Some(Self::Table),
                Some("PartialObjectMetadata" | "PartialObjectMetadataList") if version == "v1" => {
                    return Some(Self::Metadata);
                }
                Some("APIGroupDiscoveryList") if version == "v2" => return Some(Self::Discovery),
                Some(_) => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        let objects = |path: &str| match Target::parse(path) {
            Target::Objects(path) => {
                format!(
                    "{}|{}|{}|{}|{}|{}",
                    path.group, path.version, path.namespace, path.plural, path.name, path.subresource
                )
            }
            other => format!("{other:?}"),
        };
        assert_eq!(objects("/api/v1/namespaces"), "|v1||namespaces||");
        assert_eq!(objects("/api/v1/namespaces/a"), "|v1||namespaces|a|");
        assert_eq!(objects("/api/v1/namespaces/a/finalize"), "|v1||namespaces|a|finalize");
        assert_eq!(objects("/api/v1/namespaces/a/pods"), "|v1|a|pods||");
        assert_eq!(objects("/api/v1/namespaces/a/pods/x/log"), "|v1|a|pods|x|log");
        assert_eq!(objects("/apis/apps/v1/deployments"), "apps|v1||deployments||");
        assert_eq!(objects("/apis/a.b/v1/namespaces/n/c/system%3Ax"), "a.b|v1|n|c|system:x|");
        assert_eq!(Target::parse("/apis/apps"), Target::Group("apps".to_owned()));
        assert_eq!(Target::parse("/nothing"), Target::Unknown);
    }

    #[test]
    fn the_first_form_that_can_be_served_is_taken() {
        for (accept, expected) in [
            ("", Some(Form::Object)),
            ("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", Some(Form::Table)),
            ("application/vnd.kubernetes.protobuf,application/json", Some(Form::Object)),
            (
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json",
                Some(Form::Discovery),
            ),
            ("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", Some(Form::Metadata)),
            ("application/vnd.kubernetes.protobuf", None),
        ] {
            assert_eq!(Form::parse(accept), expected, "{accept}");
        }
    }

    #[test]
    fn a_query_that_makes_no_sense_is_refused() {
        assert!(Query::parse("limit=x").is_err());
        assert!(Query::parse("dryRun=Some").is_err());
        assert!(Query::parse("fieldValidation=Maybe").is_err());
        assert!(Query::parse("labelSelector=a%3Db%2Cc+in+(d)&unknown=1").is_ok());
    }
}
