//! `slipway completions` and the manual page.

use clap::CommandFactory as _;
use slipway_api::dto::ApiError;

use crate::Done;
use crate::arguments::{Arguments, CompletionsCommand};

pub(crate) fn run(command: &CompletionsCommand) -> Result<Done, ApiError> {
    clap_complete::generate(command.shell, &mut Arguments::command(), "slipway", &mut std::io::stdout());
    Ok(Done::Everything)
}

pub(crate) fn man_page() -> Result<Done, ApiError> {
    clap_mangen::Man::new(Arguments::command()).render(&mut std::io::stdout()).map_err(|cause| {
        slipway_api::failure("broken-pipe", format!("the page cannot be written: {cause}"))
    })?;
    Ok(Done::Everything)
}
