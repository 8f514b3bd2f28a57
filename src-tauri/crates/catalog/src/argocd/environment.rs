//! The build environment that Argo CD puts into parameters and paths (`$ARGOCD_APP_NAME` and others).

use serde_json::Value;

use super::fasttemplate::scalar;

/// The variables of one source, as `newEnv` of Argo CD's `reposerver/repository` makes them.
#[derive(Clone, Copy, Debug)]
pub(super) struct BuildEnvironment<'a> {
    application: &'a Value,
    source: &'a Value,
}

impl<'a> BuildEnvironment<'a> {
    /// The environment of a source of an Application.
    pub(super) fn new(application: &'a Value, source: &'a Value) -> Self {
        Self { application, source }
    }

    /// The value of a variable; empty where it is not set. The commit is not known before it is deployed; the revision that
    /// is asked for stands for it.
    fn value(&self, name: &str) -> String {
        let text = |value: &Value, pointer: &str| value.pointer(pointer).and_then(scalar).unwrap_or_default();
        let revision = || text(self.source, "/targetRevision");
        match name {
            "ARGOCD_APP_NAME" => text(self.application, "/metadata/name"),
            "ARGOCD_APP_NAMESPACE" => text(self.application, "/spec/destination/namespace"),
            "ARGOCD_APP_PROJECT_NAME" => text(self.application, "/spec/project"),
            "ARGOCD_APP_REVISION" | "ARGOCD_APP_SOURCE_TARGET_REVISION" => revision(),
            "ARGOCD_APP_REVISION_SHORT" => revision().chars().take(7).collect(),
            "ARGOCD_APP_REVISION_SHORT_8" => revision().chars().take(8).collect(),
            "ARGOCD_APP_SOURCE_REPO_URL" => text(self.source, "/repoURL"),
            "ARGOCD_APP_SOURCE_PATH" => text(self.source, "/path"),
            _ => String::new(),
        }
    }

    /// Replaces `$name` and `${name}` as Go's `os.Expand` reads them: what is not set becomes empty, `$$` a dollar.
    pub(super) fn substitute(&self, text: &str) -> String {
        let mut result = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            result.push_str(&rest[..at]);
            let after = &rest[at + 1..];
            let (name, length) = name(after);
            match name {
                Some("$") => result.push('$'),
                Some(name) => result.push_str(&self.value(name)),
                None if length == 0 => result.push('$'),
                None => {}
            }
            rest = &after[length..];
        }
        result.push_str(rest);
        result
    }
}

/// The name that a text behind a dollar begins with, and how many bytes belong to it. Without a name they are bad syntax,
/// which Go leaves out.
fn name(text: &str) -> (Option<&str>, usize) {
    let is_special = |character: char| "*#$@!?-0123456789".contains(character);
    let Some(first) = text.chars().next() else { return (None, 0) };
    if first == '{' {
        return match text[1..].find('}') {
            Some(0) => (None, 2),
            Some(end) => (Some(&text[1..=end]), end + 2),
            None => (None, 1),
        };
    }
    if is_special(first) {
        return (Some(&text[..1]), 1);
    }
    let is_word = |character: char| character == '_' || character.is_ascii_alphanumeric();
    let end = text.find(|character| !is_word(character)).unwrap_or(text.len());
    ((end > 0).then(|| &text[..end]), end)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_are_replaced_as_go_expands_them() {
        let application = json!({"metadata": {"name": "web"}, "spec": {"project": "p"}});
        let source = json!({"path": "apps/web"});
        let environment = BuildEnvironment::new(&application, &source);
        for (text, expected) in [
            ("a-$ARGOCD_APP_NAME-b", "a-web-b"),
            ("${ARGOCD_APP_NAME}x${ARGOCD_APP_SOURCE_PATH}", "webxapps/web"),
            ("$$ARGOCD_APP_NAME ${$}", "$ARGOCD_APP_NAME $"),
            ("$UNSET|${UNSET}|$1", "||"),
            ("5$ and $", "5$ and $"),
            ("${}x ${open", "x open"),
        ] {
            assert_eq!(environment.substitute(text), expected, "{text}");
        }
    }
}
