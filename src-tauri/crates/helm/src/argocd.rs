//! How Argo CD uses Helm: the fields of `spec.source.helm` as options of a render.
//!
//! Argo CD runs `helm template` with `--values` for the values files and then for the inline values, `--set` for the
//! parameters, and `--include-crds` unless told otherwise (`reposerver/repository`, `util/helm`).

use slipway_model::{RepoPath, RepoPathError};

use crate::options::{Missing, Options, ValuesSource};

/// A parameter: an assignment of a text to a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// The key, in the grammar of `--set`.
    pub name: String,
    /// The value.
    pub value: String,
    /// Whether it stays a text (`--set-string`).
    pub force_string: bool,
}

/// A parameter whose value is the content of a file (`--set-file`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileParameter {
    /// The key.
    pub name: String,
    /// The file, relative to the chart; from the root of the repository where it begins with `/`.
    pub path: String,
}

/// The fields of `spec.source.helm` of an Application, and what Argo CD adds to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArgocdSource {
    /// The name of the Application; the name of the release where none is given.
    pub application: String,
    /// `releaseName`.
    pub release_name: String,
    /// `namespace`, else that of the destination.
    pub namespace: String,
    /// `valueFiles`, relative to the chart; from the root of the repository where they begin with `/`. Globs and files of
    /// other sources (`$ref/…`) are resolved by the caller, who knows them.
    pub value_files: Vec<String>,
    /// `ignoreMissingValueFiles`.
    pub ignore_missing_value_files: bool,
    /// `values`, or `valuesObject` as YAML, which goes before it.
    pub values: String,
    /// `parameters`.
    pub parameters: Vec<Parameter>,
    /// `fileParameters`.
    pub file_parameters: Vec<FileParameter>,
    /// `skipCrds`.
    pub skip_crds: bool,
    /// `skipTests`.
    pub skip_tests: bool,
    /// `skipSchemaValidation`.
    pub skip_schema_validation: bool,
    /// `kubeVersion`, else the version of the cluster.
    pub kube_version: Option<String>,
    /// `apiVersions`, else what the cluster has.
    pub api_versions: Vec<String>,
}

impl ArgocdSource {
    /// The options of a render of the chart at a path of the tree.
    ///
    /// # Errors
    /// When a file leads out of the repository.
    pub fn options(&self, chart: &RepoPath) -> Result<Options, RepoPathError> {
        let resolve = |file: &str| match file.strip_prefix('/') {
            Some(from_root) => RepoPath::new(from_root),
            None => chart.join(file),
        };
        let release = if self.release_name.is_empty() { &self.application } else { &self.release_name };
        let mut options = Options::new(release.clone(), self.namespace.clone());
        let missing = if self.ignore_missing_value_files { Missing::Ignore } else { Missing::Fail };
        for file in &self.value_files {
            options.values.push(ValuesSource::File { path: resolve(file)?, name: file.clone(), missing });
        }
        if !self.values.trim().is_empty() {
            let text = self.values.clone();
            options.values.push(ValuesSource::Text { name: "spec.source.helm.values".to_owned(), text });
        }
        for parameter in &self.parameters {
            let assignment = format!("{}={}", parameter.name, escape_commas(&parameter.value));
            let list = if parameter.force_string { &mut options.set_string } else { &mut options.set };
            list.push(assignment);
        }
        for parameter in &self.file_parameters {
            let path = resolve(&parameter.path)?;
            options.set_file.push(format!("{}={}", parameter.name, escape_commas(path.as_str())));
        }
        options.include_crds = !self.skip_crds;
        options.skip_tests = self.skip_tests;
        options.skip_schema_validation = self.skip_schema_validation;
        options.kube_version = self.kube_version.clone();
        options.api_versions = self.api_versions.clone();
        Ok(options)
    }
}

/// A backslash before each comma that has none, as Argo CD puts it; a list in braces is left alone.
fn escape_commas(value: &str) -> String {
    if value.starts_with('{') && value.ends_with('}') {
        return value.to_owned();
    }
    let mut escaped = String::with_capacity(value.len());
    let mut before = ' ';
    for character in value.chars() {
        if character == ',' && before != '\\' {
            escaped.push('\\');
        }
        escaped.push(character);
        before = character;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_the_flags_that_argo_cd_passes() {
        let source = ArgocdSource {
            application: "web".to_owned(),
            namespace: "shop".to_owned(),
            value_files: vec!["values-prod.yaml".to_owned(), "/shared/base.yaml".to_owned()],
            ignore_missing_value_files: true,
            values: "a: 1\n".to_owned(),
            parameters: vec![
                Parameter { name: "hosts".to_owned(), value: "a,b\\,c".to_owned(), force_string: true },
                Parameter { name: "list".to_owned(), value: "{x,y}".to_owned(), force_string: false },
            ],
            file_parameters: vec![FileParameter { name: "cert".to_owned(), path: "files/ca.pem".to_owned() }],
            ..ArgocdSource::default()
        };
        let options = source.options(&RepoPath::new("apps/web").unwrap()).unwrap();
        assert_eq!(
            (options.release.as_str(), options.namespace.as_str(), options.include_crds),
            ("web", "shop", true)
        );
        let paths: Vec<String> = options
            .values
            .iter()
            .map(|source| match source {
                ValuesSource::File { path, missing, .. } => format!("{path} {missing:?}"),
                ValuesSource::Text { name, .. } => name.clone(),
            })
            .collect();
        assert_eq!(
            paths,
            ["apps/web/values-prod.yaml Ignore", "shared/base.yaml Ignore", "spec.source.helm.values"]
        );
        assert_eq!(options.set_string, ["hosts=a\\,b\\,c"]);
        assert_eq!(options.set, ["list={x,y}"]);
        assert_eq!(options.set_file, ["cert=apps/web/files/ca.pem"]);
        let outside = ArgocdSource { value_files: vec!["../../../x".to_owned()], ..ArgocdSource::default() };
        assert!(outside.options(&RepoPath::new("apps/web").unwrap()).is_err());
    }
}
