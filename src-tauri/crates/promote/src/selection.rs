//! Which differences go along: `--include` and `--exclude`.

use std::fmt;
use std::str::FromStr;

use slipway_model::{FieldPath, FieldPathError, InstanceId, ResourceId};

use crate::class::SettingClass;
use crate::pins::covers;

/// What is ticked beyond and except the default, which is classes A and D. `exclude` wins over `include`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Ticked as well.
    pub include: Vec<Selector>,
    /// Not ticked.
    pub exclude: Vec<Selector>,
}

/// A class, a field, or one difference: `B`, `/spec/replicas`, `Deployment /spec/replicas`,
/// `web@production apps/Deployment//web /spec/replicas`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// All settings of a class.
    Class(SettingClass),
    /// A field and everything below it; a key `*` matches any one segment.
    Field {
        /// The kind; any where none is named.
        kind: Option<String>,
        /// The field; the root selects whole resources.
        path: FieldPath,
    },
    /// One difference of one instance, and nothing below or above it.
    Item {
        /// The instance that is changed.
        instance: InstanceId,
        /// The resource.
        resource: ResourceId,
        /// The field; the root for a whole resource.
        path: FieldPath,
    },
}

impl fmt::Display for Selector {
    /// The text that reads back as this selector.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field =
            |path: &FieldPath| if path.segments().is_empty() { "/".to_owned() } else { path.to_string() };
        match self {
            Self::Class(class) => formatter.write_str(class.as_str()),
            Self::Field { kind: None, path } => formatter.write_str(&field(path)),
            Self::Field { kind: Some(kind), path } => write!(formatter, "{kind} {}", field(path)),
            Self::Item { instance, resource, path } => {
                let ResourceId { group, kind, namespace, name } = resource;
                write!(formatter, "{instance} {group}/{kind}/{namespace}/{name} {}", field(path))
            }
        }
    }
}

/// Why a text selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// It is neither.
    #[error("`{0}` is neither a class (A, B, C, D) nor a field path that begins with `/`")]
    Neither(String),
    /// The path is none.
    #[error(transparent)]
    Path(#[from] FieldPathError),
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Some(class) = SettingClass::parse(text) {
            return Ok(Self::Class(class));
        }
        if let Some(item) = item(text)? {
            return Ok(item);
        }
        let (kind, path) = match text.split_once(char::is_whitespace) {
            Some((kind, path)) => (Some(kind.to_owned()), path.trim()),
            None => (None, text),
        };
        if !path.starts_with('/') {
            return Err(SelectorError::Neither(text.to_owned()));
        }
        Ok(Self::Field { kind, path: field_path(path)? })
    }
}

fn field_path(text: &str) -> Result<FieldPath, FieldPathError> {
    if text == "/" { Ok(FieldPath::root()) } else { text.parse() }
}

/// Reads `INSTANCE GROUP/KIND/NAMESPACE/NAME PATH`; `None` where the text is something else.
fn item(text: &str) -> Result<Option<Selector>, SelectorError> {
    let mut words = text.splitn(3, ' ');
    let (Some(instance), Some(resource), Some(path)) = (words.next(), words.next(), words.next()) else {
        return Ok(None);
    };
    let Ok(instance) = instance.parse::<InstanceId>() else { return Ok(None) };
    let parts: Vec<&str> = resource.split('/').collect();
    let [group, kind, namespace, name] = parts.as_slice() else {
        return Err(SelectorError::Neither(text.to_owned()));
    };
    let resource = ResourceId {
        group: (*group).to_owned(),
        kind: (*kind).to_owned(),
        namespace: (*namespace).to_owned(),
        name: (*name).to_owned(),
    };
    Ok(Some(Selector::Item { instance, resource, path: field_path(path)? }))
}

impl Selection {
    /// Whether a setting of this class at this place is ticked.
    #[must_use]
    pub fn ticks(
        &self,
        class: SettingClass,
        instance: &InstanceId,
        resource: &ResourceId,
        path: &FieldPath,
    ) -> bool {
        let by_default = matches!(class, SettingClass::A | SettingClass::D);
        let excluded = self.exclude.iter().any(|each| each.selects(class, instance, resource, path));
        (by_default || self.includes(class, instance, resource, path)) && !excluded
    }

    /// Whether the user asked for a setting of this class at this place.
    #[must_use]
    pub fn includes(
        &self,
        class: SettingClass,
        instance: &InstanceId,
        resource: &ResourceId,
        path: &FieldPath,
    ) -> bool {
        self.include.iter().any(|each| each.selects(class, instance, resource, path))
    }
}

impl Selector {
    fn selects(
        &self,
        class: SettingClass,
        instance: &InstanceId,
        resource: &ResourceId,
        path: &FieldPath,
    ) -> bool {
        match self {
            Self::Class(each) => *each == class,
            Self::Field { kind, path: pattern } => {
                kind.as_ref().is_none_or(|kind| *kind == resource.kind) && covers(pattern, path)
            }
            Self::Item { instance: wanted, resource: wanted_resource, path: wanted_path } => {
                wanted == instance && wanted_resource == resource && wanted_path == path
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(include: &[&str], exclude: &[&str]) -> Selection {
        let all = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Selection { include: all(include), exclude: all(exclude) }
    }

    #[test]
    fn a_and_d_are_ticked_and_exclusion_wins() {
        let resource = ResourceId {
            group: "apps".into(),
            kind: "Deployment".into(),
            namespace: String::new(),
            name: "web".into(),
        };
        let instance: InstanceId = "web@production".parse().unwrap();
        let replicas: FieldPath = "/spec/replicas".parse().unwrap();
        for (include, exclude, class, expected) in [
            (&[][..], &[][..], SettingClass::A, true),
            (&[], &[], SettingClass::D, true),
            (&[], &[], SettingClass::B, false),
            (&["B"], &[], SettingClass::B, true),
            (&["/spec"], &[], SettingClass::B, true),
            (&["Deployment /spec/replicas"], &[], SettingClass::B, true),
            (&["Service /spec/replicas"], &[], SettingClass::B, false),
            (&["B"], &["/spec/replicas"], SettingClass::B, false),
            (&[], &["d"], SettingClass::D, false),
            (&["web@production apps/Deployment//web /spec/replicas"], &[], SettingClass::B, true),
            (&["web@staging apps/Deployment//web /spec/replicas"], &[], SettingClass::B, false),
            (&["web@production apps/Deployment//web /spec"], &[], SettingClass::B, false),
        ] {
            let ticked = selection(include, exclude).ticks(class, &instance, &resource, &replicas);
            assert_eq!(ticked, expected, "{include:?} {exclude:?} {class:?}");
        }
    }

    #[test]
    fn selectors_read_back() {
        for text in ["B", "/", "/spec/replicas", "Deployment /", "web@a/b#apps/web /Secret/ns/web /data/a b"]
        {
            assert_eq!(text.parse::<Selector>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_selects_nothing_is_refused() {
        assert!("E".parse::<Selector>().is_err());
        assert!("spec/replicas".parse::<Selector>().is_err());
        assert!("/spec/[name".parse::<Selector>().is_err());
    }
}
