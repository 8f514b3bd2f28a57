//! Discovery: which groups, versions and resources there are, in the plain and in the aggregated form.

use serde_json::{Value, json};

use crate::registry::{Api, Registry};

/// `/version`
pub(crate) fn version() -> Value {
    let mut parts = slipway_schema::KUBERNETES_VERSION.split('.');
    let (major, minor) = (parts.next().unwrap_or("1"), parts.next().unwrap_or("0"));
    json!({
        "major": major, "minor": minor, "gitVersion": format!("v{}", slipway_schema::KUBERNETES_VERSION),
        "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "slipway-sandbox",
        "platform": "linux/amd64",
    })
}

/// `/api`
pub(crate) fn core_versions() -> Value {
    json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
}

/// `/apis`
pub(crate) fn groups(registry: &Registry) -> Value {
    let groups: Vec<Value> =
        registry.groups().into_iter().map(|(name, versions)| group(name, &versions)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

fn group(name: &str, versions: &[&str]) -> Value {
    let entry = |version: &&str| json!({"groupVersion": format!("{name}/{version}"), "version": version});
    let list: Vec<Value> = versions.iter().map(&entry).collect();
    json!({"name": name, "versions": list, "preferredVersion": versions.first().map(entry)})
}

/// `/apis/GROUP`
pub(crate) fn one_group(registry: &Registry, name: &str) -> Option<Value> {
    let groups = registry.groups();
    let mut out = group(name, groups.get(name)?);
    out["kind"] = json!("APIGroup");
    out["apiVersion"] = json!("v1");
    Some(out)
}

fn in_version<'a>(registry: &'a Registry, group: &str, version: &str) -> Vec<&'a Api> {
    registry
        .all()
        .map(std::convert::AsRef::as_ref)
        .filter(|api: &&Api| api.group == group && api.version == version)
        .collect()
}

/// `/api/v1`, `/apis/GROUP/VERSION`; `None` where nothing is served in that version.
pub(crate) fn resources(registry: &Registry, group: &str, version: &str) -> Option<Value> {
    let apis = in_version(registry, group, version);
    let first = apis.first()?;
    let mut list = Vec::new();
    for api in &apis {
        let mut entry = json!({
            "name": api.plural, "singularName": api.singular, "namespaced": api.namespaced,
            "kind": api.kind, "verbs": api.verbs,
        });
        if !api.short_names.is_empty() {
            entry["shortNames"] = json!(api.short_names);
        }
        if !api.categories.is_empty() {
            entry["categories"] = json!(api.categories);
        }
        list.push(entry);
        for name in &api.subresources {
            let Some(sub) = subresource(api, name) else { continue };
            let mut entry = json!({
                "name": format!("{}/{name}", api.plural), "singularName": "", "namespaced": api.namespaced,
                "kind": sub.kind, "verbs": sub.verbs,
            });
            if !sub.group_version.is_empty() {
                let (group, version) = slipway_schema::kinds::split_api_version(sub.group_version);
                entry["group"] = json!(group);
                entry["version"] = json!(version);
            }
            list.push(entry);
        }
    }
    Some(json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": first.api_version(), "resources": list,
    }))
}

struct Subresource {
    kind: String,
    group_version: &'static str,
    verbs: &'static [&'static str],
}

/// The sub-resources the sandbox serves.
fn subresource(api: &Api, name: &str) -> Option<Subresource> {
    let (kind, group_version, verbs): (&str, &str, &[&str]) = match name {
        "status" => (api.kind.as_str(), "", &["get", "patch", "update"]),
        "scale" => ("Scale", "autoscaling/v1", &["get", "patch", "update"]),
        "log" => ("Pod", "", &["get"]),
        "eviction" => ("Eviction", "policy/v1", &["create"]),
        "token" => ("TokenRequest", "authentication.k8s.io/v1", &["create"]),
        "finalize" => (api.kind.as_str(), "", &["update"]),
        _ => return None,
    };
    Some(Subresource { kind: kind.to_owned(), group_version, verbs })
}

/// The aggregated form of `/api` (`core`) or `/apis`.
pub(crate) fn aggregated(registry: &Registry, core: bool) -> Value {
    let groups: Vec<(&str, Vec<&str>)> =
        if core { vec![("", vec!["v1"])] } else { registry.groups().into_iter().collect() };
    let items: Vec<Value> = groups
        .into_iter()
        .map(|(group, versions)| {
            let versions: Vec<Value> = versions
                .into_iter()
                .map(|version| {
                    let resources: Vec<Value> =
                        in_version(registry, group, version).into_iter().map(aggregated_resource).collect();
                    json!({"version": version, "freshness": "Current", "resources": resources})
                })
                .collect();
            json!({"metadata": {"name": group, "creationTimestamp": null}, "versions": versions})
        })
        .collect();
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items})
}

fn aggregated_resource(api: &Api) -> Value {
    let scope = if api.namespaced { "Namespaced" } else { "Cluster" };
    let kind = |group_version: &str, kind: &str| {
        let (group, version) = match group_version {
            "" => (api.group.as_str(), api.version.as_str()),
            other => slipway_schema::kinds::split_api_version(other),
        };
        json!({"group": group, "version": version, "kind": kind})
    };
    let mut out = json!({
        "resource": api.plural, "responseKind": kind("", &api.kind), "scope": scope,
        "singularResource": api.singular, "verbs": api.verbs,
    });
    if !api.short_names.is_empty() {
        out["shortNames"] = json!(api.short_names);
    }
    if !api.categories.is_empty() {
        out["categories"] = json!(api.categories);
    }
    let below: Vec<Value> = api
        .subresources
        .iter()
        .filter_map(|name| {
            let sub = subresource(api, name)?;
            Some(json!({"subresource": name, "responseKind": kind(sub.group_version, &sub.kind), "verbs": sub.verbs}))
        })
        .collect();
    if !below.is_empty() {
        out["subresources"] = json!(below);
    }
    out
}
