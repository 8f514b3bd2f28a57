//! The built-in kinds: how they are named in URLs and what can be done with them.

use std::sync::OnceLock;

use crate::tables;

/// A kind in one version, as discovery describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version: `v1`.
    pub version: &'static str,
    /// Group and version as objects write them: `v1`, `apps/v1`.
    pub api_version: &'static str,
    /// The kind: `Deployment`.
    pub kind: &'static str,
    /// The plural in URLs: `deployments`.
    pub plural: &'static str,
    /// The singular: `deployment`.
    pub singular: &'static str,
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// Whether this is the version clients use when they ask for the kind without one.
    pub preferred: bool,
    /// Short names for the command line: `deploy`.
    pub short_names: Vec<&'static str>,
    /// Groups of kinds such as `all`.
    pub categories: Vec<&'static str>,
    /// Sub-resources: `status`, `scale`, `log`.
    pub subresources: Vec<&'static str>,
    /// What can be done: `create`, `get`, `list`, …
    pub verbs: Vec<&'static str>,
    /// The name of its type, for [`crate::types::find`].
    pub type_name: &'static str,
}

impl Resource {
    fn parse(line: &'static str) -> Option<Self> {
        let mut columns = line.split(' ');
        let mut next = || columns.next();
        let api_version = next()?;
        let (group, version) = split_api_version(api_version);
        let (kind, plural, singular, flags) = (next()?, next()?, next()?, next()?);
        Some(Self {
            group,
            version,
            api_version,
            kind,
            plural,
            singular,
            namespaced: flags.contains('n'),
            preferred: flags.contains('p'),
            short_names: tables::words(next()?),
            categories: tables::words(next()?),
            subresources: tables::words(next()?),
            verbs: tables::words(next()?),
            type_name: next()?,
        })
    }
}

/// Splits `apps/v1` into group and version; the core group is empty.
#[must_use]
pub fn split_api_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// Every built-in kind in every version, in the order of discovery.
pub fn all() -> &'static [Resource] {
    static ALL: OnceLock<Vec<Resource>> = OnceLock::new();
    ALL.get_or_init(|| tables::lines(tables::RESOURCES).filter_map(Resource::parse).collect())
}

/// Finds a kind in one version.
#[must_use]
pub fn find(group: &str, version: &str, kind: &str) -> Option<&'static Resource> {
    all().iter().find(|each| each.kind == kind && each.group == group && each.version == version)
}

/// Finds a kind by the `apiVersion` and `kind` an object carries.
#[must_use]
pub fn of_object(api_version: &str, kind: &str) -> Option<&'static Resource> {
    let (group, version) = split_api_version(api_version);
    find(group, version, kind)
}

/// Finds a kind in the version clients prefer.
#[must_use]
pub fn preferred(group: &str, kind: &str) -> Option<&'static Resource> {
    all().iter().find(|each| each.kind == kind && each.group == group && each.preferred)
}

/// Finds a kind by its name in URLs.
#[must_use]
pub fn by_plural(group: &str, version: &str, plural: &str) -> Option<&'static Resource> {
    all().iter().find(|each| each.plural == plural && each.group == group && each.version == version)
}

/// The API versions that `.Capabilities.APIVersions` holds where no cluster is asked.
pub fn api_versions() -> &'static [&'static str] {
    static ALL: OnceLock<Vec<&'static str>> = OnceLock::new();
    ALL.get_or_init(|| tables::lines(tables::API_VERSIONS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_kind_with_a_type() {
        assert_eq!(all().len(), tables::lines(tables::RESOURCES).count());
        for resource in all() {
            assert!(crate::types::find(resource.type_name).is_some(), "{} has no type", resource.kind);
        }
    }

    #[test]
    fn a_kind_is_found_by_kind_and_by_plural() {
        let deployment = find("apps", "v1", "Deployment").unwrap();
        assert_eq!(deployment.short_names, ["deploy"]);
        assert_eq!(by_plural("apps", "v1", "deployments"), Some(deployment));
        assert_eq!(preferred("autoscaling", "HorizontalPodAutoscaler").unwrap().version, "v2");
        assert!(find("", "v1", "Deployment").is_none());
        assert!(!of_object("v1", "Namespace").unwrap().namespaced);
    }

    #[test]
    fn helms_versions_are_groups_and_versions() {
        assert!(api_versions().contains(&"apps/v1"));
        assert!(api_versions().iter().all(|version| !version.contains(' ')));
    }
}
