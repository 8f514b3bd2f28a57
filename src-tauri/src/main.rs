//! The window and nothing but the window: it starts the façade, shows the page, passes calls and events on.
//! What the commands do lives in `crates/api`.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod bridge;
mod renderer;
mod watchdog;

use std::process::ExitCode;

use arguments::Arguments;
use slipway_api::{Api, ApiOptions, Shell};
use tauri::{Manager as _, WebviewUrl, WebviewWindowBuilder};

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args_os().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => return refuse(&message),
    };
    if arguments.help || arguments.version {
        return inform(&arguments);
    }
    if let Err(error) = renderer::choose() {
        return fail(&format!("the renderer cannot be chosen: {error}"));
    }
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(log_filter()).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("no thread can be started: {error}")),
    };
    tauri::async_runtime::set(runtime.handle().clone());
    let options =
        ApiOptions { shell: Shell::Window, initial_repository: arguments.repository.clone(), folders: None };
    let api = match runtime.block_on(Api::start(options)) {
        Ok(api) => api,
        Err(error) => return fail(&error.message),
    };
    if arguments.sample
        && let Err(error) = runtime.block_on(api.open_sample_first())
    {
        return fail(&error.message);
    }
    let outcome = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(api.clone())
        .invoke_handler(tauri::generate_handler![bridge::call])
        .setup(move |app| {
            let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
                .title("Slipway")
                .inner_size(1440.0, 900.0)
                .min_inner_size(1024.0, 640.0)
                .build()?;
            bridge::forward_events(app.handle().clone(), &api);
            watchdog::start(window, &api);
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match outcome {
        Ok(app) => app,
        Err(error) => return fail(&format!("the window cannot be opened: {error}")),
    };
    app.run(|handle, event| {
        if matches!(event, tauri::RunEvent::Exit) {
            let api = handle.state::<Api>().inner().clone();
            tauri::async_runtime::block_on(api.stop());
        }
    });
    ExitCode::SUCCESS
}

/// What to log; the default where `SLIPWAY_LOG` is not set or no filter.
fn log_filter() -> tracing_subscriber::EnvFilter {
    tracing_subscriber::EnvFilter::try_from_env("SLIPWAY_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"))
}

#[expect(clippy::print_stdout, reason = "asked for on the terminal")]
fn inform(arguments: &Arguments) -> ExitCode {
    if arguments.help {
        print!("{}", arguments::USAGE);
    } else {
        println!("slipway-desktop {}", env!("CARGO_PKG_VERSION"));
    }
    ExitCode::SUCCESS
}

#[expect(clippy::print_stderr, reason = "the command line is wrong, so there is a terminal")]
fn refuse(message: &str) -> ExitCode {
    eprint!("slipway-desktop: {message}\n\n{}", arguments::USAGE);
    ExitCode::from(2)
}

#[expect(clippy::print_stderr, reason = "there is no window yet that could say it")]
fn fail(message: &str) -> ExitCode {
    eprintln!("slipway-desktop: {message}");
    ExitCode::FAILURE
}
