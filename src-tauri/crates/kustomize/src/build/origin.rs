//! What `buildMetadata` notes: where a resource and its changes come from.

use crate::resource::Resource;
use crate::source::RepositoryUrl;

pub(crate) const ORIGIN: &str = "config.kubernetes.io/origin";
pub(crate) const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// Where something comes from, as kustomize writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    path: String,
    repository: String,
    reference: String,
    configured_in: String,
    /// `apiVersion`, kind, name, namespace.
    configured_by: Option<[String; 4]>,
}

impl Origin {
    /// The origin of what a path of a kustomization names.
    pub(crate) fn append(&self, path: &str) -> Self {
        let mut origin = self.clone();
        match RepositoryUrl::parse(path) {
            Some(url) => {
                origin.repository = url.clone_url();
                origin.reference = url.reference;
                origin.path = clean(&url.directory);
            }
            None => origin.path = join(&self.path, path),
        }
        origin
    }

    /// The origin of what a built-in plugin does that a field of the kustomization file configures.
    pub(crate) fn of_field(&self, file_name: &str, kind: &str) -> Self {
        Self {
            path: String::new(),
            repository: self.repository.clone(),
            reference: self.reference.clone(),
            configured_in: join(&self.path, file_name),
            configured_by: Some(["builtin".to_owned(), kind.to_owned(), String::new(), String::new()]),
        }
    }

    /// The origin of what a plugin does whose configuration is a resource; `None` where that has no origin.
    pub(crate) fn of_plugin(config: &Resource) -> Option<Self> {
        let origin = Self::parse(config.annotation(ORIGIN)?);
        Some(Self {
            configured_in: origin.path,
            path: String::new(),
            configured_by: Some([
                config.api_version().to_owned(),
                config.kind().to_owned(),
                config.name().to_owned(),
                config.namespace().to_owned(),
            ]),
            ..origin
        })
    }

    fn parse(text: &str) -> Self {
        let value = slipway_yaml::decode(text).unwrap_or_default();
        let field =
            |name: &str| value.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        Self { path: field("path"), repository: field("repo"), reference: field("ref"), ..Self::default() }
    }

    /// As the annotation holds it.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let fields = [
            ("path", &self.path),
            ("repo", &self.repository),
            ("ref", &self.reference),
            ("configuredIn", &self.configured_in),
        ];
        for (name, value) in fields {
            push(&mut text, "", name, value);
        }
        if let Some(by) = &self.configured_by {
            text.push_str("configuredBy:\n");
            for (name, value) in ["apiVersion", "kind", "name", "namespace"].iter().zip(by) {
                push(&mut text, "  ", name, value);
            }
        }
        if text.is_empty() {
            text.push_str("{}\n");
        }
        text
    }

    /// Notes where a resource comes from, unless that is known.
    pub(crate) fn note(&self, resource: &mut Resource) {
        if resource.annotation(ORIGIN).is_none() {
            resource.set_annotation(ORIGIN, self.text());
        }
    }

    /// Notes a change of a resource; of one without origin it is the origin.
    pub(crate) fn note_change(&self, resource: &mut Resource) {
        if resource.annotation(ORIGIN).is_none() {
            resource.set_annotation(ORIGIN, self.text());
            return;
        }
        let mut text = resource.annotation(TRANSFORMATIONS).unwrap_or_default().to_owned();
        for (index, line) in self.text().lines().enumerate() {
            text.push_str(if index == 0 { "- " } else { "  " });
            text.push_str(line);
            text.push('\n');
        }
        resource.set_annotation(TRANSFORMATIONS, text);
    }
}

fn push(text: &mut String, indent: &str, name: &str, value: &str) {
    if !value.is_empty() {
        text.push_str(indent);
        text.push_str(name);
        text.push_str(": ");
        text.push_str(&slipway_yaml::emit_as_go(&serde_json::Value::from(value)));
    }
}

/// Joins two paths as Go's `filepath.Join`.
fn join(first: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (true, true) => String::new(),
        (true, false) => clean(second),
        (false, true) => clean(first),
        (false, false) => clean(&format!("{first}/{second}")),
    }
}

fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => {
                kept.pop();
            }
            ".." if rooted => {}
            part => kept.push(part),
        }
    }
    let joined = kept.join("/");
    if rooted { format!("/{joined}") } else { joined }
}
