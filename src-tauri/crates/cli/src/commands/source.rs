//! From the arguments of `--path` to a request.

use std::collections::BTreeMap;
use std::path::PathBuf;

use slipway_api::dto::ApiError;
use slipway_api::model::{EngineKind, Parameters};
use slipway_api::{PathRequest, failure};

use crate::arguments::{EngineArgument, LoadRestrictor, SourceArguments};

/// The request for `path`.
pub(crate) fn request(
    path: PathBuf,
    source: SourceArguments,
    namespace: Option<String>,
) -> Result<PathRequest, ApiError> {
    Ok(PathRequest {
        path,
        root: source.root,
        engine: match source.engine {
            EngineArgument::Auto => None,
            EngineArgument::Helm => Some(EngineKind::Helm),
            EngineArgument::Kustomize => Some(EngineKind::Kustomize),
            EngineArgument::Jsonnet => Some(EngineKind::Jsonnet),
            EngineArgument::Minijinja => Some(EngineKind::Minijinja),
            EngineArgument::Plain => Some(EngineKind::Plain),
        },
        values: source.values,
        set_file: source.set_file,
        jpath: source.jpath,
        raw: false,
        parameters: Parameters {
            release: source.release,
            namespace,
            set: source.set,
            set_string: source.set_string,
            set_json: source.set_json,
            kube_version: source.kube_version,
            api_versions: source.api_versions,
            include_crds: source.include_crds,
            skip_tests: source.skip_tests,
            is_upgrade: source.is_upgrade,
            show_only: source.show_only,
            load_restrictor_none: source.load_restrictor == LoadRestrictor::None,
            enable_helm: source.enable_helm,
            ext_str: pairs("--ext-str", source.ext_str)?,
            ext_code: pairs("--ext-code", source.ext_code)?,
            tla_str: pairs("--tla-str", source.tla_str)?,
            tla_code: pairs("--tla-code", source.tla_code)?,
            ..Parameters::default()
        },
    })
}

/// `KEY=VALUE`; a key alone takes its value from the environment, as jsonnet does.
fn pairs(flag: &str, arguments: Vec<String>) -> Result<BTreeMap<String, String>, ApiError> {
    arguments
        .into_iter()
        .map(|argument| match argument.split_once('=') {
            Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
            None => match std::env::var(&argument) {
                Ok(value) => Ok((argument, value)),
                Err(_) => Err(failure(
                    "bad-argument",
                    format!("`{flag} {argument}`: there is no `=`, and no environment variable of that name"),
                )),
            },
        })
        .collect()
}
