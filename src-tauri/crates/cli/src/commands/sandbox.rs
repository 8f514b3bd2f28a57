//! `slipway sandbox`.

use slipway_api::dto::ApiError;

use crate::Done;
use crate::arguments::SandboxCommand;
use crate::commands::runtime;
use crate::output::Terminal;

pub(crate) fn run(terminal: &Terminal, command: SandboxCommand) -> Result<Done, ApiError> {
    runtime()?.block_on(async {
        let sandbox = slipway_api::start_sandbox(command.environments, command.nodes).await?;
        let file = slipway_api::write_kubeconfig(&sandbox, command.kubeconfig.as_deref())?;
        terminal.line(&format!("export KUBECONFIG={}", file.display()));
        for (environment, context) in sandbox.contexts() {
            terminal.note(&format!("{environment}: kubectl --context {context} get nodes"));
        }
        // Ctrl-C is how it ends; a signal that cannot be waited for ends it as well.
        let _ = tokio::signal::ctrl_c().await;
        sandbox.stop().await;
        Ok(Done::Everything)
    })
}
