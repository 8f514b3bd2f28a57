//! Which differences go along: `--include` and `--exclude`.

use std::str::FromStr;

use slipway_model::{FieldPath, FieldPathError, ResourceId};

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

/// A class or a field: `B`, `/spec/replicas`, `Deployment /spec/replicas`.
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
        let (kind, path) = match text.split_once(char::is_whitespace) {
            Some((kind, path)) => (Some(kind.to_owned()), path.trim()),
            None => (None, text),
        };
        if !path.starts_with('/') {
            return Err(SelectorError::Neither(text.to_owned()));
        }
        Ok(Self::Field { kind, path: if path == "/" { FieldPath::root() } else { path.parse()? } })
    }
}

impl Selection {
    /// Whether a setting of this class at this place is ticked.
    #[must_use]
    pub fn ticks(&self, class: SettingClass, resource: &ResourceId, path: &FieldPath) -> bool {
        let any = |selectors: &[Selector]| selectors.iter().any(|each| each.selects(class, resource, path));
        let by_default = matches!(class, SettingClass::A | SettingClass::D);
        (by_default || any(&self.include)) && !any(&self.exclude)
    }
}

impl Selector {
    fn selects(&self, class: SettingClass, resource: &ResourceId, path: &FieldPath) -> bool {
        match self {
            Self::Class(each) => *each == class,
            Self::Field { kind, path: pattern } => {
                kind.as_ref().is_none_or(|kind| *kind == resource.kind) && covers(pattern, path)
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
        ] {
            let ticked = selection(include, exclude).ticks(class, &resource, &replicas);
            assert_eq!(ticked, expected, "{include:?} {exclude:?} {class:?}");
        }
    }

    #[test]
    fn what_selects_nothing_is_refused() {
        assert!("E".parse::<Selector>().is_err());
        assert!("spec/replicas".parse::<Selector>().is_err());
        assert!("/spec/[name".parse::<Selector>().is_err());
    }
}
