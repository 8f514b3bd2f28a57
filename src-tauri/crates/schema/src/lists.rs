//! How lists of the built-in kinds are matched item by item.

use slipway_model::FieldPath;

use crate::types::{self, Container};

/// How server-side apply treats a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListType {
    /// Owned and replaced as a whole.
    Atomic,
    /// Scalars, each owned by itself.
    Set,
    /// Items told apart by their keys.
    Map,
}

impl ListType {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "atomic" => Some(Self::Atomic),
            "set" => Some(Self::Set),
            "map" => Some(Self::Map),
            _ => None,
        }
    }
}

/// The facts of one list.
///
/// `keys` is what server-side apply matches by, `merge_key` what strategic merge matches by; they differ on
/// purpose (`containerPort` + `protocol` against `containerPort`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListFacts {
    /// How server-side apply treats it.
    pub list_type: ListType,
    /// The keys of a list that is a map; empty otherwise.
    pub keys: &'static [&'static str],
    /// The key of strategic merge.
    pub merge_key: Option<&'static str>,
    /// The first strategy of strategic merge, `merge` or `replace`; absent where the list is replaced by
    /// default.
    pub patch_strategy: Option<&'static str>,
}

/// The facts of the list at `path`; `None` where there is no list or its type is unknown.
///
/// ```
/// use slipway_schema::lists;
/// let path = "/spec/template/spec/containers".parse().unwrap();
/// assert_eq!(lists::keys("apps/v1", "Deployment", &path).unwrap().keys, ["name"]);
/// ```
#[must_use]
pub fn keys(api_version: &str, kind: &str, path: &FieldPath) -> Option<ListFacts> {
    let field = types::field(api_version, kind, path)?;
    (field.container == Container::List).then(|| ListFacts {
        list_type: field.list_type.unwrap_or(ListType::Atomic),
        keys: &field.keys,
        merge_key: field.merge_key,
        patch_strategy: field.patch_strategies.iter().copied().find(|strategy| *strategy != "retainKeys"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_told_apart() {
        let facts = |path: &str| keys("v1", "Pod", &path.parse().unwrap());
        let ports = facts("/spec/containers/[name=a]/ports").unwrap();
        assert_eq!(ports.keys, ["containerPort", "protocol"]);
        assert_eq!((ports.merge_key, ports.patch_strategy), (Some("containerPort"), Some("merge")));
        assert_eq!(facts("/spec/containers/0/args").unwrap().list_type, ListType::Atomic);
        assert_eq!(facts("/metadata/finalizers").unwrap().list_type, ListType::Set);
        assert_eq!(facts("/spec/volumes").unwrap().patch_strategy, Some("merge"));
        assert!(facts("/spec").is_none());
        assert!(keys("example.com/v1", "Widget", &"/spec/items".parse().unwrap()).is_none());
    }
}
