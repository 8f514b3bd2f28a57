//! Group, version, kind and the ids made of them.

use std::fmt;

use super::scope::is_certainly_cluster_scoped;

/// The namespace that ids of cluster-scoped objects are compared by.
pub(crate) const CLUSTER_NAMESPACE: &str = "_non_namespaceable_";
/// The namespace of objects that name none.
pub(crate) const DEFAULT_NAMESPACE: &str = "default";

/// Group, version and kind. As a selector, what is empty matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gvk {
    /// The group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
}

/// Splits `apps/v1` into group and version at the first slash.
#[must_use]
pub fn parse_group_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

impl Gvk {
    /// From what an object carries.
    #[must_use]
    pub fn of(api_version: &str, kind: &str) -> Self {
        let (group, version) = parse_group_version(api_version);
        Self { group: group.to_owned(), version: version.to_owned(), kind: kind.to_owned() }
    }

    /// A kind alone.
    #[must_use]
    pub fn kind_only(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }

    /// Group and version as an object writes them.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// Whether all that `selector` names is equal.
    #[must_use]
    pub fn is_selected_by(&self, selector: &Self) -> bool {
        let selected = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
        selected(&selector.group, &self.group)
            && selected(&selector.version, &self.version)
            && selected(&selector.kind, &self.kind)
    }

    /// Whether it is certainly cluster-scoped.
    #[must_use]
    pub fn is_cluster_scoped(&self) -> bool {
        is_certainly_cluster_scoped(&self.api_version(), &self.kind)
    }
}

impl fmt::Display for Gvk {
    /// `KIND.VERSION.GROUP`, as in kustomize's messages.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |text: &'static str, value: &str| {
            if value.is_empty() { text.to_owned() } else { value.to_owned() }
        };
        write!(
            formatter,
            "{}.{}.{}",
            or("[noKind]", &self.kind),
            or("[noVer]", &self.version),
            or("[noGrp]", &self.group)
        )
    }
}

/// The id of a resource: group, version, kind, name and namespace as it is written.
///
/// Two ids name the same thing when [`ResId::same_as`] says so, which takes an absent namespace for `default` and ignores
/// the namespace of cluster-scoped kinds; `==` compares the text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResId {
    /// Group, version, kind.
    pub gvk: Gvk,
    /// The name.
    pub name: String,
    /// The namespace; empty where none is written.
    pub namespace: String,
    /// Whether it was made from a whole object of a kind that is certainly cluster-scoped. Ids from the list of previous
    /// names never are; they carry kustomize's stand-in for the namespace instead.
    pub cluster_scoped: bool,
}

impl ResId {
    /// An id; whether it is cluster-scoped is looked up.
    #[must_use]
    pub fn new(gvk: Gvk, name: &str, namespace: &str) -> Self {
        let cluster_scoped = gvk.is_cluster_scoped();
        Self { gvk, name: name.to_owned(), namespace: namespace.to_owned(), cluster_scoped }
    }

    /// The namespace that ids are compared by.
    #[must_use]
    pub fn effective_namespace(&self) -> &str {
        effective_namespace(self.cluster_scoped, &self.namespace)
    }

    /// Whether both name the same thing.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.name == other.name
            && self.gvk == other.gvk
            && self.effective_namespace() == other.effective_namespace()
    }

    /// Whether all that `selector` names is equal; an empty part of it matches everything.
    #[must_use]
    pub fn is_selected_by(&self, selector: &Self) -> bool {
        (selector.name.is_empty() || selector.name == self.name)
            && (selector.namespace.is_empty() || selector.effective_namespace() == self.effective_namespace())
            && self.gvk.is_selected_by(&selector.gvk)
    }
}

pub(crate) fn effective_namespace(cluster_scoped: bool, namespace: &str) -> &str {
    if cluster_scoped {
        CLUSTER_NAMESPACE
    } else if namespace.is_empty() {
        DEFAULT_NAMESPACE
    } else {
        namespace
    }
}

impl fmt::Display for ResId {
    /// `KIND.VERSION.GROUP/NAME.NAMESPACE`, as in kustomize's messages.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.name.is_empty() { "[noName]" } else { &self.name };
        let namespace = if self.namespace.is_empty() { "[noNs]" } else { &self.namespace };
        write!(formatter, "{}/{name}.{namespace}", self.gvk)
    }
}
