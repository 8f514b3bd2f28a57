//! Which kinds of object a file holds, found without decoding it.

use memchr::memmem;
use serde_json::Value;
use slipway_model::RepoPath;

/// The group and kind of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectKind {
    /// The API group; empty for the core group.
    pub(crate) group: Box<str>,
    /// The kind.
    pub(crate) kind: Box<str>,
}

impl ObjectKind {
    fn new(api_version: &str, kind: &str) -> Self {
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        Self { group: group.into(), kind: kind.into() }
    }

    /// The kind of a decoded object.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        Some(Self::new(text("apiVersion")?, text("kind")?))
    }

    /// Whether the object declares deployments or configures the tools that do.
    pub(crate) fn is_declaration(&self) -> bool {
        self.is_argocd() || self.is_flux() || (self.is("tanka.dev", "Environment"))
    }

    /// An Argo CD Application, ApplicationSet or AppProject. `Application` is also a kind of app.k8s.io.
    pub(crate) fn is_argocd(&self) -> bool {
        &*self.group == "argoproj.io"
            && matches!(&*self.kind, "Application" | "ApplicationSet" | "AppProject")
    }

    /// An object of one of Flux's groups.
    pub(crate) fn is_flux(&self) -> bool {
        self.group.ends_with(".toolkit.fluxcd.io")
            || &*self.group == "source.extensions.fluxcd.io"
            || &*self.group == "fluxcd.controlplane.io"
    }

    /// Whether it is this group and kind.
    pub(crate) fn is(&self, group: &str, kind: &str) -> bool {
        &*self.group == group && &*self.kind == kind
    }
}

/// What is known of a file that holds Kubernetes objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileFacts {
    /// Its objects in order.
    pub(crate) objects: Vec<ObjectKind>,
    /// Whether the name of an object is left to a template.
    pub(crate) has_templated_names: bool,
    /// Whether it may hold a Secret by which Argo CD knows a cluster.
    pub(crate) is_cluster_secret: bool,
}

impl FileFacts {
    /// Searches a file; `None` where it holds no Kubernetes object.
    pub(crate) fn of(path: &RepoPath, bytes: &[u8]) -> Option<Self> {
        memmem::find(bytes, b"apiVersion")?;
        memmem::find(bytes, b"kind")?;
        let is_json = path.as_str().ends_with(".json");
        let mut objects = if is_json || looks_like_json(bytes) { in_json(bytes) } else { in_yaml(bytes) };
        if objects.iter().any(|object| object.is("", "List")) {
            let text = String::from_utf8_lossy(bytes);
            let values = slipway_yaml::decode_stream(&text)
                .map(|documents| documents.into_iter().map(|document| document.value).collect::<Vec<_>>());
            if let Ok(values) = values {
                objects.clear();
                values.iter().for_each(|value| add(value, &mut objects));
            }
        }
        let is_cluster_secret = objects.iter().any(|object| object.is("", "Secret"))
            && memmem::find(bytes, b"argocd.argoproj.io/secret-type").is_some();
        let has_templated_names = memmem::find(bytes, b"{{").is_some() && has_templated_names(bytes);
        (!objects.is_empty()).then_some(Self { objects, has_templated_names, is_cluster_secret })
    }

    /// Whether an object of the file declares deployments.
    pub(crate) fn declares(&self) -> bool {
        self.objects.iter().any(ObjectKind::is_declaration)
    }

    /// Whether the file holds an object that is deployed itself, not a declaration of others. A HelmRelease is
    /// both: where nothing leads to it, its directory is what is deployed.
    pub(crate) fn has_plain_objects(&self) -> bool {
        let is_release = |object: &ObjectKind| &*object.kind == "HelmRelease" && object.is_flux();
        self.objects
            .iter()
            .any(|object| (!object.is_declaration() && !is_tool_configuration(object)) || is_release(object))
    }
}

/// Whether a `name` directly below a top-level key is a template: then a tool renders the file first.
fn has_templated_names(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').any(|line| {
        let name = line.strip_prefix(b"  name:").or_else(|| line.strip_prefix(b"  namespace:"));
        name.is_some_and(|value| memmem::find(value, b"{{").is_some())
    })
}

/// Objects that are never sent to a cluster: configuration of tools on the developer's machine or in CI.
fn is_tool_configuration(object: &ObjectKind) -> bool {
    matches!(
        &*object.group,
        "kustomize.config.k8s.io"
            | "kind.x-k8s.io"
            | "skaffold"
            | "audit.k8s.io"
            | "backstage.io"
            | "client.authentication.k8s.io"
            | "viaduct.ai"
            | "goabout.com"
            | "builtin"
            | "ctlptl.dev"
            | "k3d.io"
            | "kubelet.config.k8s.io"
            | "kubeadm.k8s.io"
            | "apiserver.config.k8s.io"
            | "chart-testing"
            | "cli.kyverno.io"
            | "tanka.dev"
    ) || (object.group.is_empty() && matches!(&*object.kind, "Config" | "Kustomization" | "Template"))
}

fn looks_like_json(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
        && memmem::find(bytes.get(..64).unwrap_or(bytes), b"{{").is_none()
}

fn in_json(bytes: &[u8]) -> Vec<ObjectKind> {
    let mut objects = Vec::new();
    for value in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>() {
        match value {
            Ok(value) => add(&value, &mut objects),
            Err(_) => break,
        }
    }
    objects
}

fn add(value: &Value, objects: &mut Vec<ObjectKind>) {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    if let (Some(api_version), Some(kind)) = (text("apiVersion"), text("kind")) {
        match value.get("items").and_then(Value::as_array) {
            Some(items) if kind.ends_with("List") => items.iter().for_each(|item| add(item, objects)),
            _ => objects.push(ObjectKind::new(api_version, kind)),
        }
    }
}

/// Reads the top-level `apiVersion` and `kind` of every document, line by line: a key of the document itself
/// begins in the first column.
fn in_yaml(bytes: &[u8]) -> Vec<ObjectKind> {
    let mut objects = Vec::new();
    let (mut api_version, mut kind) = (None, None);
    let mut flush = |api_version: &mut Option<&str>, kind: &mut Option<&str>| {
        if let (Some(api_version), Some(kind)) = (api_version.take(), kind.take()) {
            objects.push(ObjectKind::new(api_version, kind));
        }
        (*api_version, *kind) = (None, None);
    };
    let mut start = 0;
    while start < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length);
        let line = &bytes[start..end];
        start = end + 1;
        match line.first() {
            Some(b'-') if line.starts_with(b"---") => flush(&mut api_version, &mut kind),
            Some(b'a' | b'"' | b'\'') if api_version.is_none() => {
                api_version = scalar(line, "apiVersion").or(api_version);
            }
            _ => {}
        }
        if matches!(line.first(), Some(b'k' | b'"' | b'\'')) && kind.is_none() {
            kind = scalar(line, "kind");
        }
    }
    flush(&mut api_version, &mut kind);
    objects
}

/// The plain value of `key: value`, without quotes and comment.
fn scalar<'l>(line: &'l [u8], key: &str) -> Option<&'l str> {
    let line = std::str::from_utf8(line).ok()?;
    let (written, value) = line.split_once(':')?;
    if written.trim().trim_matches(['"', '\'']) != key {
        return None;
    }
    let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    (!value.is_empty() && !value.contains("{{")).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(name: &str, text: &str) -> Vec<String> {
        FileFacts::of(&RepoPath::new(name).unwrap(), text.as_bytes())
            .map(|facts| facts.objects.iter().map(|each| format!("{}/{}", each.group, each.kind)).collect())
            .unwrap_or_default()
    }

    #[test]
    fn kinds_are_found_without_decoding() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("a.yaml", "apiVersion: v1\nkind: Service\n", &["/Service"]),
            ("a.yaml", "kind: \"Deployment\" # x\r\napiVersion: 'apps/v1'\r\n", &["apps/Deployment"]),
            (
                "a.yaml",
                "---\napiVersion: v1\nkind: A\n--- # next\nkind: B\napiVersion: g.io/v1\n",
                &["/A", "g.io/B"],
            ),
            ("a.yaml", "spec:\n  apiVersion: v1\n  kind: X\n", &[]),
            ("a.yaml", "kind: X\nother: apiVersion\n", &[]),
            (
                "a.yaml",
                "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: apps/v1, kind: Deployment}\n",
                &["apps/Deployment"],
            ),
            ("a.json", r#"{"kind":"Pod","apiVersion":"v1"}"#, &["/Pod"]),
            ("a.yaml", r#"{"kind":"Pod","apiVersion":"v1"}"#, &["/Pod"]),
            ("values.yaml", "image: x\n", &[]),
        ];
        for (name, text, expected) in cases {
            assert_eq!(kinds(name, text), *expected, "{text}");
        }
    }

    #[test]
    fn an_application_of_another_group_declares_nothing() {
        let facts = FileFacts::of(
            &RepoPath::new("a.yaml").unwrap(),
            b"apiVersion: app.k8s.io/v1beta1\nkind: Application\n",
        );
        assert!(!facts.unwrap().declares());
    }
}
