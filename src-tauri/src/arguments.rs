//! What the window can be started with.

use std::path::PathBuf;

/// The window of Slipway.
#[derive(clap::Parser, Debug)]
#[command(name = "slipway-desktop", version, about = "The window of Slipway")]
pub(crate) struct Arguments {
    /// The repository to open; by default the start screen with the last ones.
    pub(crate) repository: Option<PathBuf>,

    /// Opens the built-in sample repository with the sandbox.
    #[arg(long, conflicts_with = "repository")]
    pub(crate) sample: bool,

    /// What to log, as in `info` or `slipway=debug`.
    #[arg(long, env = "SLIPWAY_LOG", default_value = "warn")]
    log: String,
}

impl Arguments {
    /// The filter; the default where the text is none.
    pub(crate) fn log_filter(&self) -> tracing_subscriber::EnvFilter {
        tracing_subscriber::EnvFilter::try_new(&self.log)
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"))
    }
}
