//! The window and nothing but the window: it starts the façade, shows the page, passes calls and events on.
//! What the commands do lives in `crates/api`.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod bridge;
mod crash;
mod renderer;
mod single;
mod watchdog;
mod windows;

use std::path::PathBuf;
use std::process::ExitCode;

use arguments::Arguments;
use single::{Asked, Place};
use slipway_api::{Api, ApiOptions, Shell};
use tauri::Manager as _;
use tracing_subscriber::fmt::writer::MakeWriterExt as _;

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
    log_to_file_and_terminal();
    crash::install();
    let listener = match place(&arguments) {
        Ok(Place::Second) => return handed_over(),
        Ok(Place::First(listener)) => listener,
        Err(message) => return fail(&message),
    };
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
        .manage(windows::Windows::default())
        .invoke_handler(tauri::generate_handler![bridge::call, windows::window_shows, windows::window_open])
        .setup(move |app| {
            let window = windows::make(app.handle(), "main", None)?;
            if let Some(listener) = listener {
                let handle = app.handle().clone();
                listener.listen(move |asked| windows::open(&handle, &asked));
            }
            bridge::forward_events(app.handle().clone(), &api);
            watchdog::start(window, &api);
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match outcome {
        Ok(app) => app,
        Err(error) => return fail(&format!("the window cannot be opened: {error}")),
    };
    app.run(|handle, event| match event {
        tauri::RunEvent::Exit => {
            let api = handle.state::<Api>().inner().clone();
            tauri::async_runtime::block_on(api.stop());
        }
        tauri::RunEvent::WindowEvent { label, event: tauri::WindowEvent::Destroyed, .. } => {
            windows::closed(handle, &label);
        }
        _ => {}
    });
    ExitCode::SUCCESS
}

/// Every line goes to the terminal and to the log file, which the next person with a problem needs.
fn log_to_file_and_terminal() {
    let subscriber = tracing_subscriber::fmt().with_env_filter(log_filter()).with_ansi(false);
    match slipway_api::log_file() {
        Ok(file) => subscriber.with_writer(std::io::stderr.and(move || file.clone())).init(),
        Err(failure) => {
            subscriber.with_writer(std::io::stderr).init();
            tracing::warn!("there is no log file: {failure}");
        }
    }
}

/// Whether another program runs that takes what this one was started with. The sample is always a program of its
/// own, because it is shown next to work that goes on.
fn place(arguments: &Arguments) -> Result<Place, String> {
    if arguments.sample || arguments.alone {
        return Ok(Place::First(None));
    }
    let asked = match &arguments.repository {
        None => Asked::Front,
        Some(path) => {
            let path = std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Asked::Repository(path)
        }
    };
    let folder: PathBuf = slipway_api::runtime_folder().map_err(|failure| failure.message)?;
    Ok(single::take_place(&folder, &asked))
}

#[expect(clippy::print_stdout, reason = "whoever started it wants to know why no window comes from here")]
fn handed_over() -> ExitCode {
    println!("ready: the window that is open already shows it");
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
