//! Contexts of the kubeconfig.

use std::path::PathBuf;

use slipway_cluster::KubeconfigSource;
use slipway_model::Problem;

use crate::Api;
use crate::app::blocking;
use crate::convert;
use crate::dto::*;

impl Api {
    pub(crate) async fn contexts(&self, _: Nothing) -> Result<Contexts, ApiError> {
        let file = self.settings_now().kubeconfig;
        let source = KubeconfigSource::from(file.clone());
        let named = file.map_or_else(files_of_environment, |file| vec![file]);
        let files = named.iter().map(|file| file.display().to_string()).collect();
        blocking(move || {
            Ok(match slipway_cluster::contexts(&source) {
                Ok(contexts) => Contexts {
                    files,
                    contexts: contexts.into_iter().map(context).collect(),
                    problems: Vec::new(),
                },
                // No kubeconfig is a state to show, not a failure of the program.
                Err(failure) => {
                    let problem = failure
                        .hints
                        .iter()
                        .fold(Problem::warning("kubeconfig", failure.to_string()), |problem, hint| {
                            problem.hint(hint)
                        });
                    Contexts { files, contexts: Vec::new(), problems: vec![convert::problem(&problem)] }
                }
            })
        })
        .await
    }
}

fn context(context: slipway_cluster::Context) -> ContextInfo {
    ContextInfo {
        name: context.name,
        server: context.server.unwrap_or_default(),
        namespace: context.namespace,
        current: context.is_current,
        program: context.program,
    }
}

/// The files of `KUBECONFIG`, else `~/.kube/config`, as kubectl has them.
fn files_of_environment() -> Vec<PathBuf> {
    match std::env::var_os("KUBECONFIG").filter(|value| !value.is_empty()) {
        Some(value) => std::env::split_paths(&value).collect(),
        None => std::env::home_dir().map(|home| home.join(".kube/config")).into_iter().collect(),
    }
}
