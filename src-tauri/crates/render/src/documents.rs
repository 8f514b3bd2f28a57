//! From the text of a file to the manifests in it.

use serde_json::Value;
use slipway_model::{Location, Manifest, Origin, Problem, RepoPath};
use slipway_yaml::{Document, YamlError, decode_stream};

/// Files that hold this text are not rendered by Argo CD's directory source.
pub(crate) const SKIP_MARKER: &str = "+argocd:skip-file-rendering";

/// How the documents of a text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// A stream of YAML documents.
    Yaml,
    /// Exactly one JSON object.
    Json,
}

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A file that lies in a directory, perhaps for another reason than to be a manifest.
    File,
    /// The result of a template, which was written to be a manifest.
    Template,
}

impl Syntax {
    /// By the name of a file: `*.yaml`, `*.yml`, `*.json`; `None` for every other.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension {
            "yaml" | "yml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Reads the manifests in a file the way Argo CD's directory source does
/// (`reposerver/repository/repository.go`, `getObjsFromYAMLOrJson`):
/// broken YAML is an error only if it looks like a manifest or if a document of the file could be read;
/// a document without `kind` beside manifests is an error, a file without any manifest a warning.
pub(crate) fn read_manifests(
    file: &RepoPath,
    text: &str,
    syntax: Syntax,
    purpose: Purpose,
    problems: &mut Vec<Problem>,
) -> Vec<Manifest> {
    let documents = match syntax {
        Syntax::Json => match json_document(file, text) {
            Ok(document) => vec![document],
            Err(problem) => {
                problems.push(problem);
                return Vec::new();
            }
        },
        Syntax::Yaml => match decode_stream(text) {
            Ok(documents) => documents,
            Err(error) => {
                problems.push(broken_yaml(file, text, purpose, &error));
                return Vec::new();
            }
        },
    };
    manifests_of(file, documents, syntax, purpose, problems)
}

fn manifests_of(
    file: &RepoPath,
    documents: Vec<Document>,
    syntax: Syntax,
    purpose: Purpose,
    problems: &mut Vec<Problem>,
) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    let mut others = Vec::new();
    for document in documents {
        if document.value.is_null() || document.value.as_object().is_some_and(serde_json::Map::is_empty) {
            continue;
        }
        let origin = Origin { file: file.clone(), document: document.index, line: Some(document.line) };
        match add_object(document.value, &origin, &mut manifests) {
            Ok(()) => {}
            Err(missing) => others.push((document.line, missing)),
        }
    }
    // A file that is no manifest at all may lie here for another reason; a document among manifests that is
    // none is a mistake, which Argo CD and kubectl refuse. Argo CD refuses any JSON file without a kind.
    let is_error = !manifests.is_empty() || syntax == Syntax::Json || purpose == Purpose::Template;
    for (line, missing) in others {
        let message = format!("not a manifest: {missing}");
        let problem = if is_error {
            Problem::error("not-a-manifest", message).hint("give it `apiVersion` and `kind`, or move it away")
        } else {
            Problem::warning("not-a-manifest", format!("{message}; the file is left out"))
        };
        problems.push(
            problem
                .hint(format!("a file that contains `{SKIP_MARKER}` is skipped"))
                .at(Location::at(file, line, 1)),
        );
    }
    manifests
}

/// Adds an object, or the items of a list of any kind, to `manifests`. Lists are told by `items` being a list,
/// as the Kubernetes libraries do.
///
/// # Errors
/// What keeps the value, or an item, from being a manifest: it is no map, or has no `apiVersion` or `kind`.
pub fn add_object(value: Value, origin: &Origin, manifests: &mut Vec<Manifest>) -> Result<(), String> {
    let Value::Object(mut object) = value else {
        return Err(format!("expected a map, found {}", crate::values::kind_name(&value)));
    };
    for key in ["apiVersion", "kind"] {
        match object.get(key) {
            Some(Value::String(text)) if !text.is_empty() => {}
            Some(Value::String(_)) | Some(Value::Null) | None => return Err(format!("it has no `{key}`")),
            Some(other) => {
                return Err(format!("`{key}` must be a text, found {}", crate::values::kind_name(other)));
            }
        }
    }
    match object.remove("items") {
        Some(Value::Array(items)) => {
            for (index, item) in items.into_iter().enumerate() {
                add_object(item, origin, manifests).map_err(|missing| format!("item {index}: {missing}"))?;
            }
        }
        other => {
            if let Some(items) = other {
                object.insert("items".to_owned(), items);
            }
            manifests.push(Manifest::new(Value::Object(object), origin.clone()));
        }
    }
    Ok(())
}

/// Whether a value says that it is a Kubernetes object.
pub(crate) fn is_manifest(value: &Value) -> bool {
    ["apiVersion", "kind"]
        .iter()
        .all(|key| value.get(key).and_then(Value::as_str).is_some_and(|it| !it.is_empty()))
}

fn json_document(file: &RepoPath, text: &str) -> Result<Document, Problem> {
    let line_of = |offset: usize| u32::try_from(text[..offset].matches('\n').count() + 1).unwrap_or(u32::MAX);
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = match stream.next() {
        Some(Ok(value)) => value,
        Some(Err(error)) => {
            let (line, column) = (error.line().max(1), error.column().max(1));
            let at = Location::at(
                file,
                u32::try_from(line).unwrap_or(u32::MAX),
                u32::try_from(column).unwrap_or(u32::MAX),
            );
            // The library's text ends with the place, which the location says already.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            return Err(Problem::error("json-syntax", message).at(at));
        }
        None => return Err(Problem::error("json-syntax", "the file is empty").at(Location::at(file, 1, 1))),
    };
    let end = stream.byte_offset();
    let rest = text[end..].trim_start();
    if !rest.is_empty() {
        return Err(Problem::error(
            "json-several",
            "something follows the object; a JSON file holds exactly one",
        )
        .hint("several objects go into a `List`, or into a YAML file")
        .at(Location::at(file, line_of(text.len() - rest.len()), 1)));
    }
    let line = line_of(text.len() - text.trim_start().len());
    Ok(Document { index: 0, line, value })
}

fn broken_yaml(file: &RepoPath, text: &str, purpose: Purpose, error: &YamlError) -> Problem {
    let looks_like_a_manifest = ["apiVersion:", "kind:", "metadata:"].iter().all(|key| text.contains(key));
    let problem = error.problem(file);
    if purpose == Purpose::Template || looks_like_a_manifest || some_document_parses(text, error.line) {
        return problem;
    }
    Problem::warning(
        "not-a-manifest",
        format!("not a manifest and no valid YAML ({}); the file is left out", error.message),
    )
    .at(Location::at(file, error.line, error.column))
}

/// Whether a document before the one with the error is a manifest.
fn some_document_parses(text: &str, error_line: u32) -> bool {
    let mut end = 0;
    let mut last_separator = None;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number >= error_line as usize {
            break;
        }
        if line.starts_with("---") {
            last_separator = Some(end);
        }
        end += line.len();
    }
    last_separator
        .and_then(|end| decode_stream(&text[..end]).ok())
        .is_some_and(|documents| documents.iter().any(|document| is_manifest(&document.value)))
}
