//! `slipway serve`.

use std::path::PathBuf;

use slipway_api::dto::ApiError;
use slipway_api::{Api, ApiOptions, Shell};
use slipway_serve::{ServeOptions, Server};

use crate::Done;
use crate::arguments::ServeCommand;
use crate::commands::runtime;
use crate::output::Terminal;

pub(crate) fn run(
    terminal: &Terminal,
    repository: Option<PathBuf>,
    command: ServeCommand,
) -> Result<Done, ApiError> {
    runtime()?.block_on(async {
        let initial_repository = command.repository.or(repository);
        let api = Api::start(ApiOptions { shell: Shell::Browser, initial_repository, folders: None }).await?;
        if command.sample {
            api.open_sample_first().await?;
        }
        let server = Server::bind(api.clone(), ServeOptions { port: command.port })
            .await
            .map_err(|cause| slipway_api::failure("cannot-listen", slipway_api::chain(&cause)))?;
        terminal.line(&format!("ready: {}", server.address()));
        let outcome = tokio::select! {
            outcome = server.run() => outcome.map(|()| Done::Everything),
            _ = tokio::signal::ctrl_c() => Ok(Done::Interrupted),
        };
        api.stop().await;
        outcome.map_err(|cause| slipway_api::failure("cannot-listen", slipway_api::chain(&cause)))
    })
}
