//! The fields of a kustomization file and of what is in it, and the check of a value against them.
//!
//! Kustomize reads the file by Go's JSON decoder: keys in any letter case, unknown keys and values of another type are
//! errors, null is the same as absent. The messages are Go's.

use serde_json::{Map, Value};
use slipway_model::FieldPath;

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    /// Text by the name of its Go type.
    Named(&'static str),
    Bool,
    Int(&'static str),
    TextMap,
    AnyMap,
    List(&'static Kind),
    Struct(&'static Struct),
}

/// A Go struct.
#[derive(Debug)]
pub(crate) struct Struct {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its fields: name in JSON, the embedded structs that it lies in (`ResId.Gvk.`), what it holds.
    pub(crate) fields: &'static [(&'static str, &'static str, Kind)],
}

/// What is wrong with a value, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mismatch {
    pub(crate) message: String,
    pub(crate) path: FieldPath,
    /// Whether the key itself is wrong rather than its value.
    pub(crate) key: bool,
}

/// Renames the keys of a value to those of `of`, drops nulls, and reports the first thing that does not fit, in the
/// order of keys as Go finds it. Unknown keys are an error if `strict`, else dropped.
pub(crate) fn normalise(value: Value, of: &'static Struct, strict: bool) -> (Value, Option<Mismatch>) {
    let mut walk = Walk { strict, first: None, go: Vec::new() };
    let value = walk.object(value, of, &FieldPath::root());
    (value, walk.first)
}

struct Walk {
    strict: bool,
    first: Option<Mismatch>,
    go: Vec<String>,
}

impl Walk {
    fn object(&mut self, value: Value, of: &'static Struct, path: &FieldPath) -> Value {
        let Value::Object(map) = value else { return Value::Object(Map::new()) };
        let mut entries: Vec<(String, Value)> = map.into_iter().collect();
        entries.sort_by(|left, right| left.0.cmp(&right.0));
        let mut result = Map::new();
        for (key, value) in entries {
            let exact = of.fields.iter().find(|field| field.0 == key);
            let field = exact.or_else(|| of.fields.iter().find(|field| field.0.eq_ignore_ascii_case(&key)));
            let inside = path.key(&key);
            let Some((name, embedded, kind)) = field else {
                if self.strict && self.first.is_none() {
                    let message = format!("json: unknown field {}", go_quote(&key));
                    self.first = Some(Mismatch { message, path: inside, key: true });
                }
                continue;
            };
            if value.is_null() {
                continue;
            }
            self.go.push(format!("{embedded}{name}"));
            let value = self.value(value, *kind, of, &inside);
            self.go.pop();
            if let Some(value) = value {
                result.insert((*name).to_owned(), value);
            }
        }
        Value::Object(result)
    }

    /// `None` where the value has the wrong type.
    fn value(&mut self, value: Value, kind: Kind, owner: &'static Struct, path: &FieldPath) -> Option<Value> {
        match (kind, value) {
            (Kind::AnyMap, value @ Value::Object(_))
            | (Kind::Text | Kind::Named(_), value @ Value::String(_))
            | (Kind::Bool, value @ Value::Bool(_)) => Some(value),
            (Kind::Int(_), Value::Number(number)) if number.is_i64() => Some(Value::Number(number)),
            (Kind::Text | Kind::Named(_), Value::Null) => Some(Value::from("")),
            (Kind::Struct(_), Value::Null) => Some(Value::Object(Map::new())),
            (Kind::TextMap, Value::Object(map)) => {
                let mut entries: Vec<(String, Value)> = map.into_iter().collect();
                entries.sort_by(|left, right| left.0.cmp(&right.0));
                let mut result = Map::new();
                for (key, value) in entries {
                    let inside = path.key(&key);
                    if let Some(value) = self.value(value, Kind::Text, owner, &inside) {
                        result.insert(key, value);
                    }
                }
                Some(Value::Object(result))
            }
            (Kind::List(item), Value::Array(items)) => {
                let items = items.into_iter().enumerate();
                let items =
                    items.filter_map(|(index, value)| self.value(value, *item, owner, &path.index(index)));
                Some(Value::Array(items.collect()))
            }
            (Kind::Struct(of), value @ Value::Object(_)) => Some(self.object(value, of, path)),
            (kind, value) => {
                if self.first.is_none() {
                    let what = match &value {
                        Value::Number(number) if matches!(kind, Kind::Int(_)) => format!("number {number}"),
                        value => json_type(value).to_owned(),
                    };
                    let message = format!(
                        "json: cannot unmarshal {what} into Go struct field {}.{} of type {}",
                        owner.name,
                        self.go.join("."),
                        go_name(kind)
                    );
                    self.first = Some(Mismatch { message, path: path.clone(), key: false });
                }
                None
            }
        }
    }
}

fn go_name(kind: Kind) -> String {
    match kind {
        Kind::Text => "string".to_owned(),
        Kind::Named(name) | Kind::Int(name) => name.to_owned(),
        Kind::Bool => "bool".to_owned(),
        Kind::TextMap => "map[string]string".to_owned(),
        Kind::AnyMap => "map[string]interface {}".to_owned(),
        Kind::List(item) => format!("[]{}", go_name(*item)),
        Kind::Struct(of) => format!("types.{}", of.name),
    }
}

/// What Go's JSON decoder calls a value.
fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The Go type of a decoded value, as `%T` prints it.
pub(crate) fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

/// A text as Go's `%q` prints it, for the characters that occur.
pub(crate) fn go_quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(control))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

const TEXTS: Kind = Kind::List(&Kind::Text);

macro_rules! structs {
    ($($constant:ident = $name:literal { $($field:literal $(in $embedded:literal)? : $kind:expr),* $(,)? })*) => {
        $(pub(crate) static $constant: Struct = Struct {
            name: $name,
            fields: &[$(($field, concat!($($embedded)?), $kind)),*],
        };)*
    };
}

structs! {
    OBJECT_META = "ObjectMeta" {
        "name": Kind::Text,
        "namespace": Kind::Text,
        "labels": Kind::TextMap,
        "annotations": Kind::TextMap,
    }
    FIELD_SPEC = "FieldSpec" {
        "group" in "Gvk.": Kind::Text,
        "version" in "Gvk.": Kind::Text,
        "kind" in "Gvk.": Kind::Text,
        "path": Kind::Text,
        "create": Kind::Bool,
    }
    LABEL = "Label" {
        "pairs": Kind::TextMap,
        "includeSelectors": Kind::Bool,
        "includeTemplates": Kind::Bool,
        "includeVolumeClaimTemplates": Kind::Bool,
        "fields": Kind::List(&Kind::Struct(&FIELD_SPEC)),
    }
    SELECTOR = "Selector" {
        "group" in "ResId.Gvk.": Kind::Text,
        "version" in "ResId.Gvk.": Kind::Text,
        "kind" in "ResId.Gvk.": Kind::Text,
        "name" in "ResId.": Kind::Text,
        "namespace" in "ResId.": Kind::Text,
        "annotationSelector": Kind::Text,
        "labelSelector": Kind::Text,
    }
    PATCH_ARGS = "PatchArgs" {
        "allowNameChange": Kind::Bool,
        "allowKindChange": Kind::Bool,
    }
    PATCH = "Patch" {
        "path": Kind::Text,
        "patch": Kind::Text,
        "target": Kind::Struct(&SELECTOR),
        "options": Kind::Struct(&PATCH_ARGS),
    }
    IMAGE = "Image" {
        "name": Kind::Text,
        "newName": Kind::Text,
        "tagSuffix": Kind::Text,
        "newTag": Kind::Text,
        "digest": Kind::Text,
    }
    REPLICA = "Replica" {
        "name": Kind::Text,
        "count": Kind::Int("int64"),
    }
    FIELD_OPTIONS = "FieldOptions" {
        "delimiter": Kind::Text,
        "index": Kind::Int("int"),
        "encoding": Kind::Text,
        "create": Kind::Bool,
    }
    SOURCE_SELECTOR = "SourceSelector" {
        "group" in "ResId.Gvk.": Kind::Text,
        "version" in "ResId.Gvk.": Kind::Text,
        "kind" in "ResId.Gvk.": Kind::Text,
        "name" in "ResId.": Kind::Text,
        "namespace" in "ResId.": Kind::Text,
        "fieldPath": Kind::Text,
        "options": Kind::Struct(&FIELD_OPTIONS),
    }
    TARGET_SELECTOR = "TargetSelector" {
        "select": Kind::Struct(&SELECTOR),
        "reject": Kind::List(&Kind::Struct(&SELECTOR)),
        "fieldPaths": TEXTS,
        "options": Kind::Struct(&FIELD_OPTIONS),
    }
    REPLACEMENT = "ReplacementField" {
        "source" in "Replacement.": Kind::Struct(&SOURCE_SELECTOR),
        "targets" in "Replacement.": Kind::List(&Kind::Struct(&TARGET_SELECTOR)),
        "sourceValue" in "Replacement.": Kind::Text,
        "path": Kind::Text,
    }
    VAR_TARGET = "Target" {
        "apiVersion": Kind::Text,
        "group" in "Gvk.": Kind::Text,
        "version" in "Gvk.": Kind::Text,
        "kind" in "Gvk.": Kind::Text,
        "name": Kind::Text,
        "namespace": Kind::Text,
    }
    FIELD_SELECTOR = "FieldSelector" {
        "fieldPath": Kind::Text,
    }
    VAR = "Var" {
        "name": Kind::Text,
        "objref": Kind::Struct(&VAR_TARGET),
        "fieldref": Kind::Struct(&FIELD_SELECTOR),
    }
    LEGACY_SORT_OPTIONS = "LegacySortOptions" {
        "orderFirst": TEXTS,
        "orderLast": TEXTS,
    }
    SORT_OPTIONS = "SortOptions" {
        "order": Kind::Named("types.SortOrder"),
        "legacySortOptions": Kind::Struct(&LEGACY_SORT_OPTIONS),
    }
    GENERATOR_OPTIONS = "GeneratorOptions" {
        "labels": Kind::TextMap,
        "annotations": Kind::TextMap,
        "disableNameSuffixHash": Kind::Bool,
        "immutable": Kind::Bool,
    }
    CONFIG_MAP_ARGS = "ConfigMapArgs" {
        "namespace" in "GeneratorArgs.": Kind::Text,
        "name" in "GeneratorArgs.": Kind::Text,
        "behavior" in "GeneratorArgs.": Kind::Text,
        "literals" in "GeneratorArgs.KvPairSources.": TEXTS,
        "files" in "GeneratorArgs.KvPairSources.": TEXTS,
        "envs" in "GeneratorArgs.KvPairSources.": TEXTS,
        "env" in "GeneratorArgs.KvPairSources.": Kind::Text,
        "options" in "GeneratorArgs.": Kind::Struct(&GENERATOR_OPTIONS),
    }
    SECRET_ARGS = "SecretArgs" {
        "namespace" in "GeneratorArgs.": Kind::Text,
        "name" in "GeneratorArgs.": Kind::Text,
        "behavior" in "GeneratorArgs.": Kind::Text,
        "literals" in "GeneratorArgs.KvPairSources.": TEXTS,
        "files" in "GeneratorArgs.KvPairSources.": TEXTS,
        "envs" in "GeneratorArgs.KvPairSources.": TEXTS,
        "env" in "GeneratorArgs.KvPairSources.": Kind::Text,
        "options" in "GeneratorArgs.": Kind::Struct(&GENERATOR_OPTIONS),
        "type": Kind::Text,
    }
    HELM_GLOBALS = "HelmGlobals" {
        "chartHome": Kind::Text,
        "configHome": Kind::Text,
    }
    HELM_CHART = "HelmChart" {
        "name": Kind::Text,
        "version": Kind::Text,
        "repo": Kind::Text,
        "releaseName": Kind::Text,
        "namespace": Kind::Text,
        "additionalValuesFiles": TEXTS,
        "valuesFile": Kind::Text,
        "valuesInline": Kind::AnyMap,
        "valuesMerge": Kind::Text,
        "includeCRDs": Kind::Bool,
        "skipHooks": Kind::Bool,
        "apiVersions": TEXTS,
        "kubeVersion": Kind::Text,
        "nameTemplate": Kind::Text,
        "skipTests": Kind::Bool,
        "debug": Kind::Bool,
        "devel": Kind::Bool,
    }
    HELM_CHART_ARGS = "HelmChartArgs" {
        "chartName": Kind::Text,
        "chartVersion": Kind::Text,
        "chartRepoUrl": Kind::Text,
        "chartHome": Kind::Text,
        "chartRepoName": Kind::Text,
        "helmBin": Kind::Text,
        "helmHome": Kind::Text,
        "values": Kind::Text,
        "valuesLocal": Kind::AnyMap,
        "valuesMerge": Kind::Text,
        "releaseName": Kind::Text,
        "releaseNamespace": Kind::Text,
        "extraArgs": TEXTS,
    }
    KUSTOMIZATION = "Kustomization" {
        "kind" in "TypeMeta.": Kind::Text,
        "apiVersion" in "TypeMeta.": Kind::Text,
        "metadata": Kind::Struct(&OBJECT_META),
        "openapi": Kind::TextMap,
        "namePrefix": Kind::Text,
        "nameSuffix": Kind::Text,
        "namespace": Kind::Text,
        "commonLabels": Kind::TextMap,
        "labels": Kind::List(&Kind::Struct(&LABEL)),
        "commonAnnotations": Kind::TextMap,
        "patchesStrategicMerge": Kind::List(&Kind::Named("types.PatchStrategicMerge")),
        "patchesJson6902": Kind::List(&Kind::Struct(&PATCH)),
        "patches": Kind::List(&Kind::Struct(&PATCH)),
        "images": Kind::List(&Kind::Struct(&IMAGE)),
        "imageTags": Kind::List(&Kind::Struct(&IMAGE)),
        "replacements": Kind::List(&Kind::Struct(&REPLACEMENT)),
        "replicas": Kind::List(&Kind::Struct(&REPLICA)),
        "vars": Kind::List(&Kind::Struct(&VAR)),
        "sortOptions": Kind::Struct(&SORT_OPTIONS),
        "resources": TEXTS,
        "components": TEXTS,
        "crds": TEXTS,
        "bases": TEXTS,
        "configMapGenerator": Kind::List(&Kind::Struct(&CONFIG_MAP_ARGS)),
        "secretGenerator": Kind::List(&Kind::Struct(&SECRET_ARGS)),
        "helmGlobals": Kind::Struct(&HELM_GLOBALS),
        "helmCharts": Kind::List(&Kind::Struct(&HELM_CHART)),
        "helmChartInflationGenerator": Kind::List(&Kind::Struct(&HELM_CHART_ARGS)),
        "generatorOptions": Kind::Struct(&GENERATOR_OPTIONS),
        "configurations": TEXTS,
        "generators": TEXTS,
        "transformers": TEXTS,
        "validators": TEXTS,
        "buildMetadata": TEXTS,
    }
}
