//! What kind of setting differs, and so whether it moves with a promotion.

mod text;

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_diff::{EnvironmentWords, FieldChange};
use slipway_model::{ApplicationName, EnvironmentName, FieldPath, ResourceId, Segment};

use crate::pins::{Pin, pin_of};
use crate::version::Image;
use text::{differ_in_version_only, holds_account, holds_region, holds_url, is_host, words_of};

/// The classes of a setting (`docs`: contracts, version, state, class).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SettingClass {
    /// A version.
    A,
    /// A setting of Kubernetes.
    B,
    /// A static business setting, which never moves.
    C,
    /// Any other business setting.
    D,
}

impl SettingClass {
    /// The letter.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        }
    }

    /// Reads `A` to `D`, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "A" | "a" => Some(Self::A),
            "B" | "b" => Some(Self::B),
            "C" | "c" => Some(Self::C),
            "D" | "d" => Some(Self::D),
            _ => None,
        }
    }
}

impl fmt::Display for SettingClass {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        })
    }
}

/// How many differences there are of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCounts {
    /// Versions.
    pub a: usize,
    /// Settings of Kubernetes.
    pub b: usize,
    /// Static business settings.
    pub c: usize,
    /// Other business settings.
    pub d: usize,
}

impl ClassCounts {
    /// Counts one more.
    pub fn add(&mut self, class: SettingClass) {
        match class {
            SettingClass::A => self.a += 1,
            SettingClass::B => self.b += 1,
            SettingClass::C => self.c += 1,
            SettingClass::D => self.d += 1,
        }
    }
}

/// A class and why, in a sentence for the screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classified {
    /// The class.
    pub class: SettingClass,
    /// Why.
    pub reason: String,
}

/// Where a difference is classified.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The application.
    pub application: &'a ApplicationName,
    /// The environment that would be changed.
    pub environment: &'a EnvironmentName,
    /// The names of all environments of the repository.
    pub words: &'a EnvironmentWords,
    /// The pinned classes.
    pub pins: &'a [Pin],
}

/// The class of a field that differs: the first match of a pin, A, C, B and D.
#[must_use]
pub fn classify(resource: &ResourceId, field: &FieldChange, place: &Place<'_>) -> Classified {
    if let Some(pin) = pin_of(place.pins, place.application, place.environment, resource, &field.path) {
        let reason = pin.reason.trim().trim_end_matches('.');
        let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
        return Classified { class: pin.class, reason: format!("Pinned in .slipway.yaml{why}.") };
    }
    let (class, reason) = version(resource, field)
        .map(|reason| (SettingClass::A, reason))
        .or_else(|| business(field, place.words).map(|reason| (SettingClass::C, reason)))
        .or_else(|| kubernetes(resource, field).map(|reason| (SettingClass::B, reason)))
        .unwrap_or((SettingClass::D, "Another setting of the application."));
    Classified { class, reason: reason.to_owned() }
}

/// The class of a resource that only one side has: a pin, C for a Secret or Namespace, else D.
#[must_use]
pub fn classify_resource(resource: &ResourceId, is_new: bool, place: &Place<'_>) -> Classified {
    if let Some(pin) = pin_of(place.pins, place.application, place.environment, resource, &FieldPath::root())
    {
        return Classified {
            class: pin.class,
            reason: format!("Pinned in .slipway.yaml: {}.", pin.reason.trim_end_matches('.')),
        };
    }
    match (resource.group.as_str(), resource.kind.as_str()) {
        ("", "Secret") => {
            let reason = "Secret values stay in their environment.".to_owned();
            return Classified { class: SettingClass::C, reason };
        }
        ("", "Namespace") => {
            let reason = "The namespace belongs to the environment.".to_owned();
            return Classified { class: SettingClass::C, reason };
        }
        _ => {}
    }
    let reason = if is_new { "The resource is new." } else { "The resource is no longer there." };
    Classified { class: SettingClass::D, reason: reason.to_owned() }
}

/// The names along a path: keys, and the value by which a list item is named.
fn names(path: &FieldPath) -> Vec<&str> {
    path.segments()
        .iter()
        .filter_map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            Segment::Keyed(keys) => keys.first().map(|(_, value)| value.as_str()),
            Segment::Index(_) => None,
        })
        .collect()
}

/// The name of the setting itself: the last key, or the name of the item whose `value` it is.
fn setting_name(path: &FieldPath) -> &str {
    let names = names(path);
    match names.as_slice() {
        [.., name, "value"] => name,
        [.., name] => name,
        [] => "",
    }
}

fn texts(field: &FieldChange) -> impl Iterator<Item = &str> {
    [&field.old, &field.new].into_iter().flatten().filter_map(Value::as_str)
}

fn version(resource: &ResourceId, field: &FieldChange) -> Option<&'static str> {
    let keys = names(&field.path);
    let last = *keys.last()?;
    let parent = keys.len().checked_sub(2).map_or("", |index| keys[index]);
    let old_and_new =
        (field.old.as_ref().and_then(Value::as_str), field.new.as_ref().and_then(Value::as_str));
    if matches!(last, "image" | "imageName") && texts(field).next().is_some() {
        return match old_and_new {
            // The registry alone is a matter of the environment.
            (Some(old), Some(new)) if moves_registry_only(old, new) => None,
            _ => Some("The image is the version."),
        };
    }
    if matches!(last, "tag" | "imageTag" | "newTag" | "digest" | "imageDigest") || last.ends_with("ImageTag")
    {
        return Some("The tag or digest of an image is the version.");
    }
    if matches!(words_of(setting_name(&field.path)).as_slice(), [.., image, tag] if image == "image" && matches!(tag.as_str(), "tag" | "digest" | "version"))
    {
        return Some("The tag or digest of an image is the version.");
    }
    if matches!(last, "targetRevision") {
        return Some("The target revision is the version.");
    }
    if last == "version" && (keys.contains(&"chart") || parent == "helm") {
        return Some("The version of a chart.");
    }
    if matches!(last, "chartVersion" | "helmVersion") {
        return Some("The version of a chart.");
    }
    if parent == "ref"
        && matches!(last, "tag" | "branch" | "commit" | "semver" | "digest" | "name")
        && is_source(resource)
    {
        return Some("The revision of a source is the version.");
    }
    if matches!(last, "app.kubernetes.io/version" | "helm.sh/chart" | "tags.datadoghq.com/version") {
        return Some("The label repeats the version.");
    }
    match old_and_new {
        (Some(old), Some(new)) if differ_in_version_only(old, new) => {
            Some("Only the version in the reference differs.")
        }
        _ => None,
    }
}

fn is_source(resource: &ResourceId) -> bool {
    resource.kind.ends_with("Repository") || resource.group.ends_with("toolkit.fluxcd.io")
}

/// Whether two image references have the same version from another registry.
fn moves_registry_only(old: &str, new: &str) -> bool {
    let (old, new) = (Image::parse(old), Image::parse(new));
    old.repository != new.repository && (old.tag, old.digest) == (new.tag, new.digest)
}

const HOST_NAMES: [&str; 17] = [
    "host",
    "hosts",
    "hostname",
    "hostnames",
    "domain",
    "domains",
    "url",
    "urls",
    "uri",
    "uris",
    "endpoint",
    "endpoints",
    "server",
    "servers",
    "issuer",
    "address",
    "fqdn",
];
const ACCOUNT_NAMES: [&str; 7] =
    ["account", "accounts", "tenant", "subscription", "project", "project_id", "organization"];
const REGION_NAMES: [&str; 4] = ["region", "regions", "zone", "zones"];

fn business(field: &FieldChange, words: &EnvironmentWords) -> Option<&'static str> {
    business_name(field).or_else(|| {
        [&field.old, &field.new].into_iter().flatten().find_map(|value| business_value(value, words, 0))
    })
}

/// Whether a field that is of class C is so because of parts of its value alone, so that other parts may move.
pub(crate) fn is_static_by_value(resource: &ResourceId, field: &FieldChange, place: &Place<'_>) -> bool {
    let is_pinned = pin_of(place.pins, place.application, place.environment, resource, &field.path).is_some();
    !is_pinned && business_name(field).is_none()
}

/// What makes a field one of its environment whatever its value.
fn business_name(field: &FieldChange) -> Option<&'static str> {
    if field.secret {
        return Some("Secret values stay in their environment.");
    }
    let keys = names(&field.path);
    let last = *keys.last()?;
    if is_secret_reference(&field.path, &keys) {
        return Some("References to Secrets stay in their environment.");
    }
    if matches!(last, "namespace" | "targetNamespace" | "storageNamespace") {
        return Some("The namespace belongs to the environment.");
    }
    let keyed_by_host =
        field.path.segments().iter().any(
            |segment| matches!(segment, Segment::Keyed(keys) if keys.iter().any(|(key, _)| key == "host")),
        );
    if keyed_by_host || is_host_setting(setting_name(&field.path)) || keys.contains(&"dnsNames") {
        return Some("Hosts and addresses belong to the environment.");
    }
    let name = words_of(setting_name(&field.path));
    let ends_with = |names: &[&str]| name.last().is_some_and(|last| names.contains(&last.as_str()));
    let is_account_id =
        matches!(name.as_slice(), [.., what, id] if id == "id" && ACCOUNT_NAMES.contains(&what.as_str()));
    if is_account_id || ends_with(&["account"]) && !keys.contains(&"serviceAccount") {
        return Some("Accounts belong to the environment.");
    }
    if ends_with(&REGION_NAMES) {
        return Some("The region belongs to the environment.");
    }
    None
}

fn is_host_setting(name: &str) -> bool {
    words_of(name).last().is_some_and(|last| HOST_NAMES.contains(&last.as_str()))
}

fn is_secret_reference(path: &FieldPath, keys: &[&str]) -> bool {
    let is_reference = |key: &&str| {
        matches!(
            *key,
            "secretKeyRef"
                | "secretRef"
                | "secretName"
                | "imagePullSecrets"
                | "existingSecret"
                | "secretStoreRef"
                | "secretObjectRef"
                | "passwordSecret"
                | "remoteRef"
                | "secretProviderClass"
                | "tokenSecretRef"
        )
    };
    let under_volume = keys.contains(&"volumes") && keys.contains(&"secret");
    // The name of a Secret in a list of names: `secrets` of a service account.
    let listed = matches!(path.segments(), [Segment::Key(key), ..] if key == "secrets");
    keys.iter().any(is_reference) || under_volume || listed
}

/// Whether a line of a text belongs to its environment: by what it holds, or by the name that it sets
/// (`database.host = db1`).
pub(crate) fn line_of_environment(line: &str, words: &EnvironmentWords) -> bool {
    if words.are_in(line) || holds_url(line) || holds_account(line) || holds_region(line) {
        return true;
    }
    let is_edge = |character: char| character.is_whitespace() || "=\"'`,;[](){}".contains(character);
    if line.split(is_edge).any(is_host) {
        return true;
    }
    let name = line.trim().split(['=', ':']).next().unwrap_or_default().trim();
    let name_words = words_of(name);
    let ends_with = |names: &[&str]| name_words.last().is_some_and(|last| names.contains(&last.as_str()));
    name.len() < line.trim().len()
        && !name.contains(char::is_whitespace)
        && (ends_with(&HOST_NAMES)
            || ends_with(&REGION_NAMES)
            || ends_with(&["account", "namespace", "password", "secret", "token"]))
}

/// What makes a value one of its environment; looks into maps and lists.
fn business_value(value: &Value, words: &EnvironmentWords, depth: usize) -> Option<&'static str> {
    match value {
        Value::String(text) if words.are_in(text) => Some("The value names an environment."),
        Value::String(text) if holds_url(text) || is_host(text) => {
            Some("Hosts and addresses belong to the environment.")
        }
        Value::String(text) if holds_account(text) => Some("Accounts belong to the environment."),
        Value::String(text) if holds_region(text) => Some("The region belongs to the environment."),
        Value::Array(items) if depth < 60 => {
            items.iter().find_map(|item| business_value(item, words, depth + 1))
        }
        Value::Object(map) if depth < 60 => {
            if map.keys().any(|key| matches!(key.as_str(), "secretKeyRef" | "secretRef" | "secretName")) {
                return Some("References to Secrets stay in their environment.");
            }
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            entries.into_iter().find_map(|(_, value)| business_value(value, words, depth + 1))
        }
        _ => None,
    }
}

fn kubernetes(resource: &ResourceId, field: &FieldChange) -> Option<&'static str> {
    let keys = names(&field.path);
    match resource.kind.as_str() {
        "HorizontalPodAutoscaler" | "VerticalPodAutoscaler" | "ScaledObject" | "ScaledJob" => {
            return Some("Autoscaling is sized per environment.");
        }
        "PodDisruptionBudget" => return Some("A disruption budget is sized per environment."),
        "PersistentVolumeClaim" | "PersistentVolume" | "StorageClass" | "VolumeSnapshotClass" => {
            return Some("Storage is sized per environment.");
        }
        "ResourceQuota" | "LimitRange" => return Some("Quotas are sized per environment."),
        "PriorityClass" => return Some("Scheduling is a setting of Kubernetes."),
        _ => {}
    }
    let is_metadata = |keys: &[&str]| {
        matches!(keys, ["metadata", ..] | ["spec", "template", "metadata", ..])
            || matches!(
                keys,
                ["spec", "jobTemplate", "spec", "template", "metadata", ..]
                    | ["spec", "jobTemplate", "metadata", ..]
            )
    };
    if is_metadata(&keys) {
        return Some("Labels and annotations are settings of Kubernetes.");
    }
    keys.iter().enumerate().find_map(|(index, key)| match *key {
        "replicas" | "replicaCount" => Some("The number of replicas is sized per environment."),
        "minReplicas" | "maxReplicas" | "autoscaling" => Some("Autoscaling is sized per environment."),
        "resources" if is_resources(keys.get(index + 1).copied(), field) => {
            Some("Resources are sized per environment.")
        }
        "nodeSelector"
        | "affinity"
        | "tolerations"
        | "topologySpreadConstraints"
        | "priorityClassName"
        | "runtimeClassName"
        | "schedulerName"
        | "nodeName" => Some("Scheduling is a setting of Kubernetes."),
        "volumeClaimTemplates"
        | "storageClassName"
        | "storageClass"
        | "storage"
        | "persistence"
        | "persistentVolumeClaim" => Some("Storage is sized per environment."),
        "livenessProbe" | "readinessProbe" | "startupProbe" => Some("Probes are settings of Kubernetes."),
        "podDisruptionBudget" => Some("A disruption budget is sized per environment."),
        "ingressClassName" | "loadBalancerClass" | "kubernetes.io/ingress.class" => {
            Some("The class of a service or ingress is a setting of Kubernetes.")
        }
        "type" | "externalTrafficPolicy" | "internalTrafficPolicy"
            if resource.kind == "Service" && index == 1 =>
        {
            Some("The class of a service or ingress is a setting of Kubernetes.")
        }
        _ => None,
    })
}

/// `resources` of a container, not those of a role.
fn is_resources(next: Option<&str>, field: &FieldChange) -> bool {
    let holds = |value: &Value| value.get("limits").is_some() || value.get("requests").is_some();
    matches!(next, Some("limits" | "requests" | "claims"))
        || (next.is_none() && [&field.old, &field.new].into_iter().flatten().any(holds))
}
