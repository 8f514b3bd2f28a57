//! The generators of ApplicationSets, without a cluster: list, git directories and files, matrix, merge, and
//! clusters as far as the repository names them.

use globset::{GlobBuilder, GlobMatcher};
use serde_json::{Map, Value, json};
use slipway_model::RepoPath;

use super::parameters::{Parameters, unknown};
use super::{Repository, fasttemplate};
use crate::go_template::{Missing, evaluate_text};

/// Generators inside generators deeper than this are refused; Argo CD allows two levels.
const MAXIMUM_DEPTH: usize = 6;
/// A set that gives more Applications than this is cut off.
pub(super) const MAXIMUM_ROWS: usize = 10_000;

/// What a generator gives.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Parameters, one for each Application, and the template of the generator that gave them.
    pub(super) rows: Vec<(Parameters, Option<Value>)>,
    /// Why something is missing: generators that only the cluster can run.
    pub(super) opaque: Vec<String>,
}

/// Evaluates generators.
pub(super) struct Generators<'a> {
    pub(super) repository: &'a Repository<'a>,
    pub(super) is_go_template: bool,
}

impl Generators<'_> {
    /// All rows of a list of generators.
    pub(super) fn all(&self, generators: &[Value]) -> Rows {
        let mut result = Rows::default();
        for generator in generators {
            let rows = self.one(generator, &Parameters::default(), 0);
            result.rows.extend(rows.rows);
            result.opaque.extend(rows.opaque);
        }
        result.rows.truncate(MAXIMUM_ROWS);
        result
    }

    fn one(&self, generator: &Value, given: &Parameters, depth: usize) -> Rows {
        let mut result = Rows::default();
        if depth > MAXIMUM_DEPTH {
            result.opaque.push("generators nested too deeply".to_owned());
            return result;
        }
        for (kind, body) in generator.as_object().into_iter().flatten() {
            let body = &self.interpolated(body, given);
            let mut rows = match kind.as_str() {
                "list" => self.list(body),
                "git" => self.git(body),
                "clusters" => self.clusters(body),
                "matrix" => self.matrix(body, given, depth),
                "merge" => self.merge(body, given, depth),
                "selector" | "template" => continue,
                other => {
                    result.opaque.push(format!("the generator `{other}` runs in the cluster only"));
                    continue;
                }
            };
            if let Some(template) = body.get("template").filter(|template| template.is_object()) {
                rows.rows.iter_mut().for_each(|(_, own)| *own = Some(template.clone()));
            }
            result.rows.extend(rows.rows);
            result.opaque.extend(rows.opaque);
        }
        if let Some(selector) = generator.get("selector") {
            result.rows.retain(|(parameters, _)| selects(selector, parameters));
        }
        result
    }

    fn list(&self, body: &Value) -> Rows {
        let mut elements = body.get("elements").and_then(Value::as_array).cloned().unwrap_or_default();
        if let Some(text) = body.get("elementsYaml").and_then(Value::as_str)
            && let Ok(Value::Array(more)) = slipway_yaml::decode(text)
        {
            elements.extend(more);
        }
        rows(elements.into_iter().filter_map(|element| match element {
            Value::Object(values) => Some(Parameters { values, is_for_unnamed_clusters: false }),
            _ => None,
        }))
    }

    /// The Secrets of clusters are rarely in the repository. Those that are not stand as one row of unknowns.
    fn clusters(&self, body: &Value) -> Rows {
        let values = body.get("values").and_then(Value::as_object).cloned().unwrap_or_default();
        let selector = body.get("selector");
        if selector.is_some_and(selects_nothing) {
            return Rows::default();
        }
        let mut found = Vec::new();
        for secret in self.repository.cluster_secrets() {
            let labels = secret.pointer("/metadata/labels").cloned().unwrap_or_default();
            if selector.is_some_and(|selector| !matches_labels(selector, &labels)) {
                continue;
            }
            let text = |key: &str| {
                secret.pointer(&format!("/stringData/{key}")).and_then(Value::as_str).map(str::to_owned)
            };
            let (Some(name), Some(server)) = (text("name"), text("server")) else { continue };
            // A Secret of the cluster that Argo CD itself runs in is there on every developer's machine.
            if server.contains("kubernetes.default.svc") {
                continue;
            }
            let mut row = self.cluster(json!(name), json!(server), &values, &labels);
            row.values.insert("nameNormalized".to_owned(), json!(normalised(&name)));
            row.is_for_unnamed_clusters = false;
            found.push(row);
        }
        let mut unnamed = self.cluster(unknown("name"), unknown("server"), &values, &json!({}));
        unnamed.is_for_unnamed_clusters = true;
        found.push(unnamed);
        rows(found)
    }

    fn cluster(&self, name: Value, server: Value, values: &Map<String, Value>, labels: &Value) -> Parameters {
        let mut parameters = Parameters::default();
        parameters.values.insert("nameNormalized".to_owned(), name.clone());
        parameters.values.insert("name".to_owned(), name);
        parameters.values.insert("server".to_owned(), server);
        parameters.values.insert("metadata".to_owned(), json!({"labels": labels, "annotations": {}}));
        self.add_values(&mut parameters, values);
        parameters
    }

    /// `values` of a generator; their texts may use the parameters.
    fn add_values(&self, parameters: &mut Parameters, values: &Map<String, Value>) {
        if values.is_empty() {
            return;
        }
        let values = self.interpolated(&Value::Object(values.clone()), parameters);
        if self.is_go_template {
            parameters.values.insert("values".to_owned(), values);
        } else {
            for (key, value) in values.as_object().into_iter().flatten() {
                parameters.values.insert(format!("values.{key}"), value.clone());
            }
        }
    }

    fn git(&self, body: &Value) -> Rows {
        let address = body.get("repoURL").and_then(Value::as_str).unwrap_or_default();
        if !self.repository.is_own(address) {
            let opaque = vec![format!("the git generator reads another repository, `{address}`")];
            return Rows { rows: Vec::new(), opaque };
        }
        let prefix = body.get("pathParamPrefix").and_then(Value::as_str).unwrap_or_default();
        let values = body.get("values").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut found = self.git_directories(body, prefix);
        found.extend(self.git_files(body, prefix));
        found.iter_mut().for_each(|parameters| self.add_values(parameters, &values));
        rows(found)
    }

    fn git_directories(&self, body: &Value, prefix: &str) -> Vec<Parameters> {
        let Some(globs) = body.get("directories").map(Globs::new) else { return Vec::new() };
        self.repository
            .index
            .directories()
            .keys()
            .filter(|path| !path.is_root() && !path.segments().any(|segment| segment.starts_with('.')))
            .filter(|path| globs.matches(path.as_str()))
            .map(|path| self.path_parameters(path, None, prefix, Parameters::default()))
            .collect()
    }

    fn git_files(&self, body: &Value, prefix: &str) -> Vec<Parameters> {
        let Some(globs) = body.get("files").map(Globs::new) else { return Vec::new() };
        let index = self.repository.index;
        let mut found = Vec::new();
        for (directory, names) in index.directories() {
            for name in &names.files {
                let file = directory.child(name);
                if !globs.matches(file.as_str()) {
                    continue;
                }
                for document in index.documents(&file).iter() {
                    let items = document.as_array().map_or(std::slice::from_ref(document), Vec::as_slice);
                    for item in items {
                        let values = item.as_object().cloned().unwrap_or_default();
                        let parameters = Parameters { values, is_for_unnamed_clusters: false };
                        found.push(self.path_parameters(directory, Some(name), prefix, parameters));
                    }
                }
            }
        }
        found
    }

    fn path_parameters(
        &self,
        directory: &RepoPath,
        file: Option<&str>,
        prefix: &str,
        mut parameters: Parameters,
    ) -> Parameters {
        let basename = directory.file_name().unwrap_or_default();
        let segments: Vec<&str> = directory.segments().collect();
        if self.is_go_template {
            let mut path = json!({
                "path": directory.as_str(),
                "basename": basename,
                "basenameNormalized": normalised(basename),
                "segments": segments,
            });
            if let Some(file) = file {
                path["filename"] = json!(file);
                path["filenameNormalized"] = json!(normalised(file));
            }
            if prefix.is_empty() {
                parameters.values.insert("path".to_owned(), path);
            } else {
                parameters.values.insert(prefix.to_owned(), json!({"path": path}));
            }
            return parameters;
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}.") };
        let mut add =
            |name: String, value: &str| parameters.values.insert(format!("{prefix}{name}"), json!(value));
        add("path".to_owned(), directory.as_str());
        add("path.basename".to_owned(), basename);
        add("path.basenameNormalized".to_owned(), &normalised(basename));
        for (place, segment) in segments.iter().enumerate() {
            add(format!("path[{place}]"), segment);
        }
        if let Some(file) = file {
            add("path.filename".to_owned(), file);
            add("path.filenameNormalized".to_owned(), &normalised(file));
        }
        parameters
    }

    fn matrix(&self, body: &Value, given: &Parameters, depth: usize) -> Rows {
        let mut result = Rows::default();
        let children =
            body.get("generators").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let [first, second] = children else { return result };
        let outer = self.one(first, given, depth + 1);
        result.opaque.extend(outer.opaque);
        for (left, _) in outer.rows {
            let inner = self.one(second, &given.merged(&left), depth + 1);
            result.opaque.extend(inner.opaque);
            result
                .rows
                .extend(inner.rows.into_iter().map(|(right, template)| (left.merged(&right), template)));
            if result.rows.len() > MAXIMUM_ROWS {
                break;
            }
        }
        result.opaque.dedup();
        result
    }

    fn merge(&self, body: &Value, given: &Parameters, depth: usize) -> Rows {
        let mut result = Rows::default();
        let keys: Vec<&str> = body
            .get("mergeKeys")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let children =
            body.get("generators").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let Some((first, others)) = children.split_first() else { return result };
        let base = self.one(first, given, depth + 1);
        result.opaque.extend(base.opaque);
        result.rows = base.rows;
        for other in others {
            let over = self.one(other, given, depth + 1);
            result.opaque.extend(over.opaque);
            let mut named = Vec::new();
            for (parameters, _) in over.rows {
                let same = |row: &Parameters| keys.iter().all(|key| row.flat(key) == parameters.flat(key));
                if let Some((row, _)) = result.rows.iter_mut().find(|(row, _)| same(row)) {
                    *row = row.merged(&parameters);
                    continue;
                }
                // A cluster that this list names, of those that the repository does not hold.
                if let Some((row, template)) = result.rows.iter().find(|(row, _)| row.is_for_unnamed_clusters)
                {
                    named.push((named_cluster(row, &parameters), template.clone()));
                }
            }
            result.rows.splice(0..0, named);
        }
        result
    }

    /// Texts of a generator may use the parameters of the one before it.
    fn interpolated(&self, value: &Value, parameters: &Parameters) -> Value {
        if parameters.values.is_empty() {
            return value.clone();
        }
        map_texts(value, &|text| {
            if self.is_go_template {
                evaluate_text(text, &Value::Object(parameters.values.clone()), Missing::Nothing)
                    .unwrap_or_else(|_| text.to_owned())
            } else {
                fasttemplate::replace(text, parameters)
            }
        })
    }
}

fn named_cluster(unnamed: &Parameters, own: &Parameters) -> Parameters {
    let mut row = unnamed.merged(own);
    row.is_for_unnamed_clusters = false;
    let name = own.values.get("name").or_else(|| own.values.get("nameNormalized")).cloned();
    if let Some(name) = name {
        for key in ["name", "nameNormalized"] {
            if !own.values.contains_key(key) {
                row.values.insert(key.to_owned(), name.clone());
            }
        }
    }
    row
}

fn rows(found: impl IntoIterator<Item = Parameters>) -> Rows {
    Rows { rows: found.into_iter().map(|parameters| (parameters, None)).collect(), opaque: Vec::new() }
}

/// Changes every text of a value.
pub(super) fn map_texts(value: &Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) if text.contains("{{") => Value::String(change(text)),
        Value::Array(items) => items.iter().map(|item| map_texts(item, change)).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), map_texts(value, change))).collect())
        }
        other => other.clone(),
    }
}

/// As Argo CD makes a name fit for a label.
fn normalised(text: &str) -> String {
    let replaced: String = text
        .to_lowercase()
        .chars()
        .map(|each| if each.is_ascii_alphanumeric() || matches!(each, '-' | '.') { each } else { '-' })
        .collect();
    replaced.trim_matches(['-', '.']).to_owned()
}

fn selects(selector: &Value, parameters: &Parameters) -> bool {
    let labels: Map<String, Value> =
        parameters.texts().into_iter().map(|(key, value)| (key, Value::from(value))).collect();
    matches_labels(selector, &Value::Object(labels))
}

/// A label selector of Kubernetes.
fn matches_labels(selector: &Value, labels: &Value) -> bool {
    let label = |key: &str| labels.get(key).and_then(Value::as_str);
    let exact = selector
        .get("matchLabels")
        .and_then(Value::as_object)
        .is_none_or(|wanted| wanted.iter().all(|(key, value)| label(key) == value.as_str()));
    let expressions = selector.get("matchExpressions").and_then(Value::as_array).is_none_or(|all| {
        all.iter().all(|expression| {
            let key = expression.get("key").and_then(Value::as_str).unwrap_or_default();
            let values: Vec<&str> = expression
                .get("values")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            match expression.get("operator").and_then(Value::as_str).unwrap_or_default() {
                "In" => label(key).is_some_and(|value| values.contains(&value)),
                "NotIn" => !label(key).is_some_and(|value| values.contains(&value)),
                "Exists" => label(key).is_some(),
                "DoesNotExist" => label(key).is_none(),
                _ => true,
            }
        })
    });
    exact && expressions
}

/// Whether a selector wants a label both to be there and not: the way to write "no cluster".
fn selects_nothing(selector: &Value) -> bool {
    let keys = |operator: &str| {
        selector
            .get("matchExpressions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|each| each.get("operator").and_then(Value::as_str) == Some(operator))
            .filter_map(|each| each.get("key").and_then(Value::as_str))
            .collect::<Vec<_>>()
    };
    let absent = keys("DoesNotExist");
    keys("Exists").iter().any(|key| absent.contains(key))
}

/// Paths of a git generator: an excluding pattern wins over every including one.
struct Globs(Vec<(GlobMatcher, bool)>);

impl Globs {
    fn new(entries: &Value) -> Self {
        let globs = entries.as_array().into_iter().flatten().filter_map(|entry| {
            let pattern =
                entry.get("path").and_then(Value::as_str)?.trim_start_matches("./").trim_end_matches('/');
            let glob = GlobBuilder::new(pattern).literal_separator(true).build().ok()?;
            Some((glob.compile_matcher(), entry.get("exclude") == Some(&Value::Bool(true))))
        });
        Self(globs.collect())
    }

    fn matches(&self, path: &str) -> bool {
        let any =
            |excluded: bool| self.0.iter().any(|(glob, exclude)| *exclude == excluded && glob.is_match(path));
        any(false) && !any(true)
    }
}
