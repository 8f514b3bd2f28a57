//! `Chart.yaml`: what is read of it, as Go reads it into a struct, and what Helm refuses.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use crate::version;

/// The `Chart.yaml` of a chart (`chart.Metadata` of Helm).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Metadata {
    pub(crate) name: String,
    pub(crate) home: String,
    pub(crate) sources: Option<Vec<String>>,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) keywords: Option<Vec<String>>,
    /// `None` inside stands for an empty entry.
    pub(crate) maintainers: Option<Vec<Option<Maintainer>>>,
    pub(crate) icon: String,
    pub(crate) api_version: String,
    pub(crate) condition: String,
    pub(crate) tags: String,
    pub(crate) app_version: String,
    pub(crate) deprecated: bool,
    pub(crate) annotations: Option<BTreeMap<String, String>>,
    pub(crate) kube_version: String,
    /// `None` inside stands for an empty entry, which validation refuses.
    pub(crate) dependencies: Option<Vec<Option<Dependency>>>,
    pub(crate) kind: String,
}

/// Someone who maintains a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Maintainer {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) url: String,
}

/// A chart that a chart needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) repository: String,
    pub(crate) condition: String,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) enabled: bool,
    pub(crate) import_values: Option<Vec<Value>>,
    pub(crate) alias: String,
}

impl Metadata {
    /// Reads the fields of a decoded YAML document over those that are there, as `json.Unmarshal` of Go does.
    pub(crate) fn read(&mut self, document: &Value) -> Result<(), String> {
        let fields = match document {
            Value::Null => return Ok(()),
            Value::Object(fields) => fields,
            other => return Err(cannot(other, "Go value", "chart.Metadata")),
        };
        for (key, value) in sorted(fields) {
            let place = |name: &str| format!("Go struct field Metadata.{name}");
            match key.to_ascii_lowercase().as_str() {
                "name" => text(&mut self.name, value, &place("name"))?,
                "home" => text(&mut self.home, value, &place("home"))?,
                "sources" => texts(&mut self.sources, value, &place("sources"))?,
                "version" => text(&mut self.version, value, &place("version"))?,
                "description" => text(&mut self.description, value, &place("description"))?,
                "keywords" => texts(&mut self.keywords, value, &place("keywords"))?,
                "maintainers" => {
                    let place = place("maintainers");
                    self.maintainers =
                        list(value, &place, "[]*chart.Maintainer", |item| Maintainer::read(item, &place))?;
                }
                "icon" => text(&mut self.icon, value, &place("icon"))?,
                "apiversion" => text(&mut self.api_version, value, &place("apiVersion"))?,
                "condition" => text(&mut self.condition, value, &place("condition"))?,
                "tags" => text(&mut self.tags, value, &place("tags"))?,
                "appversion" => text(&mut self.app_version, value, &place("appVersion"))?,
                "deprecated" => boolean(&mut self.deprecated, value, &place("deprecated"))?,
                "annotations" => self.annotations = text_map(value, &place("annotations"))?,
                "kubeversion" => text(&mut self.kube_version, value, &place("kubeVersion"))?,
                "dependencies" => {
                    let place = place("dependencies");
                    self.dependencies =
                        list(value, &place, "[]*chart.Dependency", |item| Dependency::read(item, &place))?;
                }
                "type" => text(&mut self.kind, value, &place("type"))?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Cleans the texts and says what Helm refuses.
    pub(crate) fn validate(&mut self) -> Result<(), String> {
        for field in [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ] {
            sanitize(field);
        }
        self.sources.iter_mut().flatten().for_each(sanitize);
        self.keywords.iter_mut().flatten().for_each(sanitize);
        let refuse = |what: String| Err(format!("validation: {what}"));
        if self.api_version.is_empty() {
            return refuse("chart.metadata.apiVersion is required".to_owned());
        }
        if self.name.is_empty() {
            return refuse("chart.metadata.name is required".to_owned());
        }
        if matches!(self.name.as_str(), "." | "..") {
            return refuse(format!("chart.metadata.name {:?} is not allowed", self.name));
        }
        if self.name.contains('/') {
            return refuse(format!("chart.metadata.name {:?} is invalid", self.name));
        }
        if self.version.is_empty() {
            return refuse("chart.metadata.version is required".to_owned());
        }
        if !version::is_version(&self.version) {
            return refuse(format!("chart.metadata.version {:?} is invalid", self.version));
        }
        if !matches!(self.kind.as_str(), "" | "application" | "library") {
            return refuse("chart.metadata.type must be application or library".to_owned());
        }
        for maintainer in self.maintainers.iter_mut().flatten() {
            let Some(maintainer) = maintainer else {
                return refuse("maintainers must not contain empty or null nodes".to_owned());
            };
            sanitize(&mut maintainer.name);
            sanitize(&mut maintainer.email);
            sanitize(&mut maintainer.url);
        }
        let mut names = HashSet::new();
        for dependency in self.dependencies.iter_mut().flatten() {
            let Some(dependency) = dependency else {
                return refuse("dependencies must not contain empty or null nodes".to_owned());
            };
            dependency.sanitize();
            if !dependency.alias.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '_' | '-'))
            {
                return refuse(format!(
                    "dependency {:?} has disallowed characters in the alias",
                    dependency.name
                ));
            }
            let key = dependency.effective_name();
            if !names.insert(key.to_owned()) {
                return refuse(format!("more than one dependency with name or alias {key:?}"));
            }
        }
        Ok(())
    }

    /// The declared dependencies; `None` where the chart declares none.
    pub(crate) fn declared(&self) -> Option<impl Iterator<Item = &Dependency>> {
        self.dependencies.as_ref().map(|list| list.iter().flatten())
    }

    pub(crate) fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }
}

impl Maintainer {
    fn read(document: &Value, parent: &str) -> Result<Self, String> {
        let Value::Object(fields) = document else {
            return Err(cannot(document, parent, "chart.Maintainer"));
        };
        let mut maintainer = Self::default();
        for (key, value) in sorted(fields) {
            let place = |name: &str| format!("Go struct field Maintainer.maintainers.{name}");
            match key.to_ascii_lowercase().as_str() {
                "name" => text(&mut maintainer.name, value, &place("name"))?,
                "email" => text(&mut maintainer.email, value, &place("email"))?,
                "url" => text(&mut maintainer.url, value, &place("url"))?,
                _ => {}
            }
        }
        Ok(maintainer)
    }
}

impl Dependency {
    pub(crate) fn read(document: &Value, parent: &str) -> Result<Self, String> {
        let Value::Object(fields) = document else {
            return Err(cannot(document, parent, "chart.Dependency"));
        };
        let mut dependency = Self::default();
        for (key, value) in sorted(fields) {
            let place = |name: &str| format!("Go struct field Dependency.dependencies.{name}");
            match key.to_ascii_lowercase().as_str() {
                "name" => text(&mut dependency.name, value, &place("name"))?,
                "version" => text(&mut dependency.version, value, &place("version"))?,
                "repository" => text(&mut dependency.repository, value, &place("repository"))?,
                "condition" => text(&mut dependency.condition, value, &place("condition"))?,
                "tags" => texts(&mut dependency.tags, value, &place("tags"))?,
                "enabled" => boolean(&mut dependency.enabled, value, &place("enabled"))?,
                "import-values" => {
                    dependency.import_values = match value {
                        Value::Null => None,
                        Value::Array(items) => Some(items.clone()),
                        other => return Err(cannot(other, &place("import-values"), "[]interface {}")),
                    };
                }
                "alias" => text(&mut dependency.alias, value, &place("alias"))?,
                _ => {}
            }
        }
        Ok(dependency)
    }

    fn sanitize(&mut self) {
        for field in [&mut self.name, &mut self.version, &mut self.repository, &mut self.condition] {
            sanitize(field);
        }
        self.tags.iter_mut().flatten().for_each(sanitize);
    }

    /// The name under which it takes part: the alias, else the name.
    pub(crate) fn effective_name(&self) -> &str {
        if self.alias.is_empty() { &self.name } else { &self.alias }
    }
}

/// Go's error of `json.Unmarshal` for a value that does not fit; `place` is `Go value` or `Go struct field X.y`.
pub(crate) fn cannot(value: &Value, place: &str, wanted: &str) -> String {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let into = if place == "Go value" { "Go value".to_owned() } else { place.to_owned() };
    format!("json: cannot unmarshal {found} into {into} of type {wanted}")
}

/// The entries in the order in which Go reads them: JSON that was made of YAML has its keys sorted.
fn sorted(fields: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = fields.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| key.as_str());
    entries
}

/// A scalar where a text is wanted: `sigs.k8s.io/yaml` writes numbers and booleans as text then.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn text(field: &mut String, value: &Value, place: &str) -> Result<(), String> {
    if !value.is_null() {
        *field = scalar_text(value).ok_or_else(|| cannot(value, place, "string"))?;
    }
    Ok(())
}

fn boolean(field: &mut bool, value: &Value, place: &str) -> Result<(), String> {
    match value {
        Value::Null => {}
        Value::Bool(value) => *field = *value,
        other => return Err(cannot(other, place, "bool")),
    }
    Ok(())
}

fn texts(field: &mut Option<Vec<String>>, value: &Value, place: &str) -> Result<(), String> {
    *field = match value {
        Value::Null => None,
        Value::Array(items) => Some(
            items
                .iter()
                .map(|item| scalar_text(item).ok_or_else(|| cannot(item, place, "string")))
                .collect::<Result<_, _>>()?,
        ),
        other => return Err(cannot(other, place, "[]string")),
    };
    Ok(())
}

/// A map of texts, such as annotations.
pub(crate) fn text_map(value: &Value, place: &str) -> Result<Option<BTreeMap<String, String>>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Object(entries) => sorted(entries)
            .into_iter()
            .map(|(key, value)| {
                let text = scalar_text(value).ok_or_else(|| cannot(value, place, "string"))?;
                Ok((key.clone(), text))
            })
            .collect::<Result<_, _>>()
            .map(Some),
        other => Err(cannot(other, place, "map[string]string")),
    }
}

fn list<T>(
    value: &Value,
    place: &str,
    wanted: &str,
    mut read: impl FnMut(&Value) -> Result<T, String>,
) -> Result<Option<Vec<Option<T>>>, String> {
    match value {
        Value::Null => Ok(None),
        Value::Array(items) => items
            .iter()
            .map(|item| if item.is_null() { Ok(None) } else { read(item).map(Some) })
            .collect::<Result<_, _>>()
            .map(Some),
        other => Err(cannot(other, place, wanted)),
    }
}

/// Every white space becomes a space, what cannot be printed is dropped.
fn sanitize(text: &mut String) {
    if text.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|each| match each {
            each if each.is_whitespace() => Some(' '),
            each if each.is_control() => None,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => None,
            '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' => None,
            each => Some(each),
        })
        .collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Metadata, String> {
        let mut metadata = Metadata::default();
        metadata.read(&slipway_yaml::decode(yaml).unwrap())?;
        metadata.validate()?;
        Ok(metadata)
    }

    /// Recorded from `helm template` of helm v3.22.0.
    #[test]
    fn what_go_cannot_read_has_its_text() {
        for (yaml, expected) in [
            (
                "name: {a: 1}",
                "json: cannot unmarshal object into Go struct field Metadata.name of type string",
            ),
            (
                "keywords: x",
                "json: cannot unmarshal string into Go struct field Metadata.keywords of type []string",
            ),
            (
                "maintainers: [x]",
                "json: cannot unmarshal string into Go struct field Metadata.maintainers of type chart.Maintainer",
            ),
            (
                "maintainers: [{name: [1]}]",
                "json: cannot unmarshal array into Go struct field Maintainer.maintainers.name of type string",
            ),
            (
                "deprecated: 1",
                "json: cannot unmarshal number into Go struct field Metadata.deprecated of type bool",
            ),
            (
                "dependencies: {a: 1}",
                "json: cannot unmarshal object into Go struct field Metadata.dependencies of type []*chart.Dependency",
            ),
            (
                "dependencies: [{name: a, tags: x}]",
                "json: cannot unmarshal string into Go struct field Dependency.dependencies.tags of type []string",
            ),
            (
                "annotations: {a: {b: 1}}",
                "json: cannot unmarshal object into Go struct field Metadata.annotations of type string",
            ),
            ("- a", "json: cannot unmarshal array into Go value of type chart.Metadata"),
        ] {
            assert_eq!(read(yaml).unwrap_err(), expected, "{yaml}");
        }
    }

    /// Recorded from `helm template` of helm v3.22.0.
    #[test]
    fn what_helm_refuses_has_its_text() {
        let base = "apiVersion: v2\nname: c\nversion: 0.1.0\n";
        for (more, expected) in [
            ("name: ''", "validation: chart.metadata.name is required"),
            ("name: ..", "validation: chart.metadata.name \"..\" is not allowed"),
            ("name: a/b", "validation: chart.metadata.name \"a/b\" is invalid"),
            ("version: ''", "validation: chart.metadata.version is required"),
            ("version: x", "validation: chart.metadata.version \"x\" is invalid"),
            ("type: x", "validation: chart.metadata.type must be application or library"),
            ("maintainers: [null]", "validation: maintainers must not contain empty or null nodes"),
            ("dependencies: [null]", "validation: dependencies must not contain empty or null nodes"),
            (
                "dependencies: [{name: a},{name: b, alias: a}]",
                "validation: more than one dependency with name or alias \"a\"",
            ),
            (
                "dependencies: [{name: a, alias: 'a b'}]",
                "validation: dependency \"a\" has disallowed characters in the alias",
            ),
        ] {
            assert_eq!(read(&format!("{base}{more}\n")).unwrap_err(), expected, "{more}");
        }
    }

    #[test]
    fn scalars_become_texts_and_keys_fold_case() {
        let metadata = read(
            "ApiVersion: v2\nNAME: c\nversion: 1\nappVersion: 1.10\nannotations: {a: 1, b: true, c: null}\n",
        )
        .unwrap();
        assert_eq!(
            (metadata.name.as_str(), metadata.version.as_str(), metadata.app_version.as_str()),
            ("c", "1", "1.1")
        );
        let annotations: Vec<_> = metadata.annotations.unwrap().into_values().collect();
        assert_eq!(annotations, ["1", "true", ""]);
    }
}
