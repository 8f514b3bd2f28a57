//! What `.slipway.yaml` says about single settings: pinned classes and differences that are meant.

use serde::{Deserialize, Serialize};
use slipway_model::{ApplicationName, EnvironmentName, FieldPath, ResourceId, Segment};

use crate::class::SettingClass;

/// A setting whose class is decided by hand. `*` matches any application, environment or kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The application; `*` for all.
    pub application: String,
    /// The environment that is changed; `*` for all.
    pub environment: String,
    /// The kind; `*` for all.
    pub kind: String,
    /// The field and everything below it; a key `*` matches any one segment.
    pub path: FieldPath,
    /// Its class.
    pub class: SettingClass,
    /// Why; may be empty.
    pub reason: String,
}

/// A difference that is meant, so that it is no unexplained drift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The application; `*` for all.
    pub application: String,
    /// The environment that differs; `*` for all.
    pub environment: String,
    /// The kind; `*` for all.
    pub kind: String,
    /// The field and everything below it; a key `*` matches any one segment.
    pub path: FieldPath,
    /// Why.
    pub reason: String,
    /// The last day it is meant, `YYYY-MM-DD`; `None` for always.
    pub expires: Option<String>,
}

/// The pin that decides a field of a resource; the first one wins.
#[must_use]
pub fn pin_of<'a>(
    pins: &'a [Pin],
    application: &ApplicationName,
    environment: &EnvironmentName,
    resource: &ResourceId,
    path: &FieldPath,
) -> Option<&'a Pin> {
    pins.iter().find(|pin| {
        matches_pattern(&pin.application, application.as_str())
            && matches_pattern(&pin.environment, environment.as_str())
            && matches_pattern(&pin.kind, &resource.kind)
            && covers(&pin.path, path)
    })
}

/// The drift by which a difference of a field is meant on the day `today` (`YYYY-MM-DD`).
#[must_use]
pub fn drift_of<'a>(
    drifts: &'a [Drift],
    application: &ApplicationName,
    environment: &EnvironmentName,
    resource: &ResourceId,
    path: &FieldPath,
    today: &str,
) -> Option<&'a Drift> {
    drifts.iter().find(|drift| {
        drift.expires.as_deref().is_none_or(|expires| today <= expires)
            && matches_pattern(&drift.application, application.as_str())
            && matches_pattern(&drift.environment, environment.as_str())
            && matches_pattern(&drift.kind, &resource.kind)
            && covers(&drift.path, path)
    })
}

/// Whether `pattern` is the path or a path above it. A key `*` matches any segment; a keyed item is matched by
/// those of its keys that the pattern names.
#[must_use]
pub fn covers(pattern: &FieldPath, path: &FieldPath) -> bool {
    let (pattern, path) = (pattern.segments(), path.segments());
    pattern.len() <= path.len()
        && pattern.iter().zip(path).all(|(pattern, segment)| match (pattern, segment) {
            (Segment::Key(key), _) if key == "*" => true,
            (Segment::Keyed(wanted), Segment::Keyed(keys)) => wanted.iter().all(|pair| keys.contains(pair)),
            (pattern, segment) => pattern == segment,
        })
}

/// `*` stands for any text, also as a part: `payments-*`.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(first) = parts.next() else { return text.is_empty() };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(place) => rest = &rest[place + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text, expected) in [
            ("*", "any", true),
            ("web", "web", true),
            ("web", "web-2", false),
            ("web-*", "web-2", true),
            ("*-prod-*", "a-prod-b", true),
            ("a*a", "a", false),
            ("", "", true),
        ] {
            assert_eq!(matches_pattern(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_path_covers_itself_and_what_is_below() {
        let path = |text: &str| text.parse::<FieldPath>().unwrap();
        let image = path("/spec/template/spec/containers/[name=api]/image");
        assert!(covers(&path("/spec/template"), &image));
        assert!(covers(&path("/spec/template/spec/containers/*/image"), &image));
        assert!(!covers(&path("/spec/template/spec/containers/[name=web]/image"), &image));
        assert!(!covers(&path("/spec/temp"), &image));
    }

    #[test]
    fn a_drift_is_meant_until_the_end_of_its_last_day() {
        let drift = Drift {
            application: "search".into(),
            environment: "*".into(),
            kind: "*".into(),
            path: "/spec/replicas".parse().unwrap(),
            reason: "sale".into(),
            expires: Some("2027-01-31".into()),
        };
        let resource =
            ResourceId { group: String::new(), kind: "X".into(), namespace: String::new(), name: "x".into() };
        let on = |today: &str| {
            let (application, environment) =
                (ApplicationName::new("search"), EnvironmentName::new("production"));
            let path = "/spec/replicas".parse().unwrap();
            drift_of(std::slice::from_ref(&drift), &application, &environment, &resource, &path, today)
                .is_some()
        };
        assert!(on("2027-01-31"));
        assert!(!on("2027-02-01"));
    }
}
