//! Contexts of the kubeconfig.

use crate::Api;
use crate::app::blocking;
use crate::convert;
use crate::dto::*;

impl Api {
    pub(crate) async fn contexts(&self, _: Nothing) -> Result<Contexts, ApiError> {
        let file = self.settings_now().kubeconfig;
        blocking(move || {
            let found = slipway_cluster::kubeconfig::contexts(file.as_deref());
            Ok(Contexts {
                files: found.files.iter().map(|file| file.display().to_string()).collect(),
                contexts: found
                    .contexts
                    .into_iter()
                    .map(|context| ContextInfo {
                        name: context.name,
                        server: context.server,
                        namespace: context.namespace,
                        current: context.current,
                    })
                    .collect(),
                problems: convert::problems(&found.problems),
            })
        })
        .await
    }
}
