//! From what templates print to manifests: cut, read, sorted, hooks set apart.
//!
//! Package `helm.sh/helm/v3/pkg/releaseutil` and `helm template` itself.

use std::sync::Arc;

use serde_json::Value;
use slipway_model::{Location, Problem, RepoPath};

use crate::chart::ignore;
use crate::chart::metadata::{cannot, scalar_text};
use crate::decoded::{Decoded, Way};
use crate::engine::{Printed, Renderables, is_partial};
use crate::failure::{Failure, code};
use crate::go_yaml;
use crate::node::Node;
use crate::options::{HelmVersion, Options};

/// One manifest of a render.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The template or file it comes from as Helm names it: `parent/charts/child/templates/service.yaml`.
    pub template: String,
    /// The same file in the tree; the archive where it is in one.
    pub file: RepoPath,
    /// Its position among the manifests of that file, from 0.
    pub index: usize,
    /// The manifest as it was printed, without white space around it.
    pub text: Arc<str>,
    /// The manifest as Kubernetes reads it.
    pub object: Arc<Value>,
    /// How it takes part in the life of the release; `None` for what is simply installed.
    pub hook: Option<Hook>,
    /// Whether it comes from `crds/`.
    pub is_crd: bool,
}

/// What the annotations `helm.sh/hook…` of a manifest say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hook {
    /// When it runs: `pre-install`, `test` and so on.
    pub events: Vec<String>,
    /// Its place among the hooks of an event.
    pub weight: i64,
    /// When it is deleted.
    pub delete_policies: Vec<String>,
}

impl Hook {
    /// Whether it is a test.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.events.iter().any(|event| event == "test")
    }
}

const HOOK: &str = "helm.sh/hook";
const EVENTS: [&str; 9] = [
    "pre-install",
    "post-install",
    "pre-delete",
    "post-delete",
    "pre-upgrade",
    "post-upgrade",
    "pre-rollback",
    "post-rollback",
    "test",
];

/// The kinds in the order in which they are installed.
const INSTALL_ORDER: [&str; 36] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
];

/// What Helm 4 installs after those and before kinds it does not know.
const INSTALL_ORDER_V4: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Where a kind is installed: its place among the known ones, then by name.
fn rank(kind: &str, helm: HelmVersion) -> (usize, &str) {
    let known = INSTALL_ORDER.iter().position(|each| *each == kind).or_else(|| {
        let later = INSTALL_ORDER_V4.iter().position(|each| *each == kind)?;
        (helm == HelmVersion::V4).then_some(INSTALL_ORDER.len() + later)
    });
    known.map_or((usize::MAX, kind), |place| (place, ""))
}

/// The manifests of a render in Helm's order: custom resource definitions, manifests by kind, hooks by kind.
pub(crate) fn arrange(
    root: &Node,
    printed: &Printed,
    templates: &Renderables,
    options: &Options,
    decoded: &Decoded,
    log: &mut Vec<Problem>,
) -> Result<Vec<Document>, Failure> {
    let mut documents = Vec::new();
    if options.include_crds {
        definitions(root, decoded, &mut documents, log);
    }
    let (manifests, hooks) = sort(printed, templates, options.helm, decoded, log)?;
    documents.extend(manifests);
    let hooks = hooks.into_iter();
    documents.extend(
        hooks.filter(|document| !(options.skip_tests && document.hook.as_ref().is_some_and(Hook::is_test))),
    );
    if !options.show_only.is_empty() {
        documents = chosen(&documents, &options.show_only)?;
    }
    documents.retain(|document| !document.object.is_null());
    Ok(documents)
}

/// Reads and sorts what was printed.
fn sort(
    printed: &Printed,
    templates: &Renderables,
    helm: HelmVersion,
    decoded: &Decoded,
    log: &mut Vec<Problem>,
) -> Result<(Vec<Document>, Vec<Document>), Failure> {
    let way = match helm {
        HelmVersion::V3 => Way::Version3,
        HelmVersion::V4 => Way::Version4,
    };
    let mut files: Vec<&(String, Vec<u8>)> =
        printed.iter().filter(|(name, _)| !name.ends_with("NOTES.txt") && !is_partial(name)).collect();
    files.sort_unstable_by(|left, right| left.0.cmp(&right.0));
    let (mut manifests, mut hooks) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let path = templates.get(name).map(|renderable| renderable.path.clone()).unwrap_or_default();
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => std::borrow::Cow::Borrowed(text),
            Err(_) => {
                // What is no UTF-8 is no YAML either; the manifest that holds it is refused below.
                String::from_utf8_lossy(bytes)
            }
        };
        let invalid = matches!(text, std::borrow::Cow::Owned(_));
        for (index, manifest) in slipway_yaml::split_manifests(&text).into_iter().enumerate() {
            let refuse = |message: String| {
                Failure::new(code::MANIFEST, format!("YAML parse error on {name}: {message}"))
                    .at(Location::file(&path))
            };
            if invalid && manifest.contains('\u{fffd}') {
                let original = go_yaml::decode(bytes).err().map(|error| error.message);
                if let Some(message) = original {
                    return Err(refuse(message));
                }
            }
            let (text, object) =
                decoded.get(way, manifest, |manifest| decode(manifest, helm)).map_err(|error| {
                    let failure = refuse(error.message).hint(error.explanation);
                    match error.place {
                        Some((text, line, column)) => failure.showing(&text, line, column),
                        None => failure,
                    }
                })?;
            let head =
                Head::read(&object).map_err(|message| refuse(format!("{}{message}", go_yaml::UNMARSHAL)))?;
            let mut document = Document {
                template: name.clone(),
                file: path.clone(),
                index,
                text: printed_text(text, helm),
                object,
                hook: None,
                is_crd: false,
            };
            match head.hook() {
                None => manifests.push((head.kind, document)),
                Some(Ok(hook)) => {
                    document.hook = Some(hook);
                    hooks.push((head.kind, document));
                }
                Some(Err(types)) => {
                    let message = format!("info: skipping unknown hook: {types:?}");
                    log.push(Problem::warning(code::LOG, message).at(Location::file(&path)));
                }
            }
        }
    }
    let by_kind = |documents: &mut Vec<(String, Document)>| {
        documents.sort_by(|left, right| rank(&left.0, helm).cmp(&rank(&right.0, helm)));
    };
    by_kind(&mut manifests);
    by_kind(&mut hooks);
    let plain =
        |documents: Vec<(String, Document)>| documents.into_iter().map(|(_, document)| document).collect();
    Ok((plain(manifests), plain(hooks)))
}

/// The manifest as it is printed; Helm 4 leaves one more line break between manifests.
fn printed_text(manifest: Arc<str>, helm: HelmVersion) -> Arc<str> {
    match helm {
        HelmVersion::V3 => manifest,
        HelmVersion::V4 => Arc::from(format!("{manifest}\n")),
    }
}

/// Reads a manifest as it is installed: a line break follows it, which a block of text at its end takes in. Mistakes are
/// told of the manifest alone, as Helm reads it first.
fn decode(manifest: &str, helm: HelmVersion) -> Result<Value, go_yaml::DecodeError> {
    let last = manifest.rsplit('\n').next().unwrap_or(manifest);
    let may_end_in_block = last.starts_with([' ', '\t']) && manifest.contains(['|', '>']);
    if may_end_in_block {
        let breaks = if helm == HelmVersion::V4 { "\n\n" } else { "\n" };
        if let Ok(value) = slipway_yaml::decode(&format!("{manifest}{breaks}")) {
            return Ok(value);
        }
    }
    go_yaml::decode_text(manifest)
}

/// What Helm looks at in a manifest.
#[derive(Default)]
struct Head {
    kind: String,
    annotations: Vec<(String, String)>,
}

impl Head {
    /// Reads the fields as Go reads them into `releaseutil.SimpleHead`.
    fn read(object: &Value) -> Result<Self, String> {
        let mut head = Self::default();
        let fields = match object {
            Value::Null => return Ok(head),
            Value::Object(fields) => fields,
            other => return Err(cannot(other, "Go value", "releaseutil.SimpleHead")),
        };
        let text = |value: &Value, place: &str| {
            scalar_text(value).ok_or_else(|| cannot(value, &format!("Go struct field {place}"), "string"))
        };
        let mut keys: Vec<&String> = fields.keys().filter(|key| is_head(key)).collect();
        keys.sort_unstable();
        for key in keys {
            let value = &fields[key];
            match key.to_ascii_lowercase().as_str() {
                "apiversion" => {
                    text(value, "SimpleHead.apiVersion")?;
                }
                "kind" if !value.is_null() => head.kind = text(value, "SimpleHead.kind")?,
                "metadata" => match value {
                    Value::Null => {}
                    Value::Object(metadata) => {
                        if let Some(annotations) = find(metadata, "annotations") {
                            head.annotations = read_annotations(annotations)?;
                        }
                        if let Some(name) = find(metadata, "name") {
                            text(name, ".metadata.name")?;
                        }
                    }
                    other => return Err(cannot(other, "Go struct field SimpleHead.metadata", METADATA_TYPE)),
                },
                _ => {}
            }
        }
        Ok(head)
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The hook that the manifest is; the error is what it calls itself and is none.
    fn hook(&self) -> Option<Result<Hook, String>> {
        let types = self.annotation(HOOK)?;
        let mut hook = Hook::default();
        for event in types.split(',') {
            let event = event.trim().to_lowercase();
            // Helm 2 knew two kinds of tests.
            let event = if event == "test-success" { "test".to_owned() } else { event };
            if !EVENTS.contains(&event.as_str()) {
                return Some(Err(types.to_owned()));
            }
            hook.events.push(event);
        }
        hook.weight =
            self.annotation("helm.sh/hook-weight").and_then(|weight| weight.parse().ok()).unwrap_or(0);
        if let Some(policies) = self.annotation("helm.sh/hook-delete-policy") {
            hook.delete_policies = policies.split(',').map(|policy| policy.trim().to_lowercase()).collect();
        }
        Some(Ok(hook))
    }
}

const METADATA_TYPE: &str = "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }";

fn is_head(key: &str) -> bool {
    ["apiversion", "kind", "metadata"].iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// A field by its name; Go folds case where the exact name is not there.
fn find<'a>(map: &'a serde_json::Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name)
        .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn read_annotations(value: &Value) -> Result<Vec<(String, String)>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Object(entries) => {
            let mut annotations = Vec::with_capacity(entries.len());
            for (key, value) in entries {
                let text = scalar_text(value)
                    .ok_or_else(|| cannot(value, "Go struct field .metadata.annotations", "string"))?;
                annotations.push((key.clone(), text));
            }
            Ok(annotations)
        }
        other => Err(cannot(other, "Go struct field .metadata.annotations", "map[string]string")),
    }
}

/// The manifests of `crds/` of a chart and of all charts in it. Helm prints them as they are, templates or not.
fn definitions(node: &Node, decoded: &Decoded, documents: &mut Vec<Document>, log: &mut Vec<Problem>) {
    let full_path = node.full_path();
    for file in node.chart.files.iter().filter(|file| is_definition(&file.name)) {
        let path = node.chart.path(&file.name);
        let text = String::from_utf8_lossy(&file.data);
        for (index, manifest) in slipway_yaml::split_manifests(&text).into_iter().enumerate() {
            let (text, object) = match decoded.get(Way::Definition, manifest, go_yaml::decode_text) {
                Ok(known) => known,
                Err(error) => {
                    let message = format!("a document is left out: {}", error.explanation);
                    log.push(Problem::warning(code::MANIFEST, message).at(Location::file(&path)));
                    continue;
                }
            };
            documents.push(Document {
                template: format!("{full_path}/{}", file.name),
                file: path.clone(),
                index,
                text,
                object,
                hook: None,
                is_crd: true,
            });
        }
    }
    for child in node.children().iter() {
        definitions(child, decoded, documents, log);
    }
}

/// Whether a file of a chart is a custom resource definition that is installed first.
pub(crate) fn is_definition(name: &str) -> bool {
    let extension =
        name.rsplit('/').next().unwrap_or(name).rsplit_once('.').map_or("", |(_, extension)| extension);
    name.starts_with("crds/")
        && ["yaml", "yml", "json"].iter().any(|each| extension.eq_ignore_ascii_case(each))
}

/// The manifests of the templates that `--show-only` names, in the order of the patterns.
fn chosen(documents: &[Document], patterns: &[String]) -> Result<Vec<Document>, Failure> {
    let mut chosen = Vec::new();
    for pattern in patterns {
        let before = chosen.len();
        let matching = documents.iter().filter(|document| {
            let inside = document.template.split_once('/').map_or("", |(_, inside)| inside);
            // A file of `crds/` is named before its first manifest only.
            !(document.is_crd && document.index > 0) && ignore::matches(pattern, inside) == Some(true)
        });
        chosen.extend(matching.cloned());
        if chosen.len() == before {
            let message = format!("could not find template {pattern} in chart");
            return Err(Failure::new(code::OPTIONS, message)
                .hint("templates are named from the chart's directory, `templates/service.yaml`; what prints nothing is not there"));
        }
    }
    Ok(chosen)
}
