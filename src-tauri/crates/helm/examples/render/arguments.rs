//! The arguments of `slipway render` for one chart, and cases of the corpus.

use std::path::Path;

use serde_json::Value;
use slipway_helm::{HelmVersion, Missing, Options, ValuesSource};
use slipway_model::RepoPath;

pub(crate) struct Request {
    pub(crate) name: String,
    pub(crate) chart: RepoPath,
    pub(crate) options: Options,
    /// Whether it has to fail.
    pub(crate) fails: bool,
}

fn absolute(base: &Path, path: &str) -> Result<RepoPath, String> {
    let joined = base.join(path);
    let full = std::path::absolute(&joined).map_err(|error| error.to_string())?;
    RepoPath::new(full.to_string_lossy().trim_start_matches('/')).map_err(|error| error.to_string())
}

impl Request {
    pub(crate) fn read(arguments: &[String], base: &Path) -> Result<Self, String> {
        let mut options = Options::new("release-name", "default");
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        options.now = since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0));
        let mut chart = None;
        let mut rest = arguments.iter();
        while let Some(flag) = rest.next() {
            match flag.as_str() {
                "--include-crds" => options.include_crds = true,
                "--skip-tests" => options.skip_tests = true,
                "--is-upgrade" => options.is_upgrade = true,
                "--helm4" => options.helm = HelmVersion::V4,
                flag => {
                    let value = rest.next().ok_or_else(|| format!("{flag} needs a value"))?.clone();
                    match flag {
                        "--path" => chart = Some(absolute(base, &value)?),
                        "--engine" if value == "helm" => {}
                        "--release" => options.release = value,
                        "--namespace" => options.namespace = value,
                        "--values" => options.values.push(ValuesSource::File {
                            path: absolute(base, &value)?,
                            name: value,
                            missing: Missing::Fail,
                        }),
                        "--set" => options.set.push(value),
                        "--set-string" => options.set_string.push(value),
                        "--set-json" => options.set_json.push(value),
                        "--set-file" => {
                            for part in value.split(',') {
                                let name = part.split_once('=').map_or(part, |(_, name)| name);
                                if let Ok(content) = std::fs::read_to_string(base.join(name)) {
                                    options.files.push((name.to_owned(), content));
                                }
                            }
                            options.set_file.push(value);
                        }
                        "--kube-version" => options.kube_version = Some(value),
                        "--api-versions" => options.api_versions.extend(value.split(',').map(str::to_owned)),
                        "--show-only" => options.show_only.push(value),
                        other => return Err(format!("{other} is not known here")),
                    }
                }
            }
        }
        let chart = chart.ok_or("--path is missing")?;
        Ok(Self { name: chart.to_string(), chart, options, fails: false })
    }

    pub(crate) fn of_case(corpus: &Path, case: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(case.join("case.json")).map_err(|error| error.to_string())?;
        let json: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let list = |name: &str| -> Vec<String> {
            let items = json.get(name).and_then(Value::as_array).into_iter().flatten();
            items.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let chart = std::path::absolute(corpus.join("charts").join(text("chart")));
        let chart = chart.map_err(|error| error.to_string())?.to_string_lossy().into_owned();
        let mut arguments = vec!["--path".to_owned(), chart];
        let mut pair = |flag: &str, value: String| {
            if !value.is_empty() {
                arguments.extend([flag.to_owned(), value]);
            }
        };
        pair("--release", text("release"));
        pair("--namespace", text("namespace"));
        list("values").into_iter().for_each(|file| pair("--values", file));
        pair("--kube-version", text("kubeVersion"));
        pair("--api-versions", list("apiVersions").join(","));
        list("showOnly").into_iter().for_each(|file| pair("--show-only", file));
        arguments.extend(list("args"));
        for (name, flag) in
            [("includeCrds", "--include-crds"), ("skipTests", "--skip-tests"), ("isUpgrade", "--is-upgrade")]
        {
            if json.get(name) == Some(&Value::Bool(true)) {
                arguments.push(flag.to_owned());
            }
        }
        let mut request = Self::read(&arguments, case)?;
        request.name = text("id");
        request.fails = text("expect") == "error";
        Ok(request)
    }
}
