//! The window and nothing but the window: it starts the façade, shows the page, passes calls and events on.
//! What the commands do lives in `crates/api`.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod bridge;
mod browser;
mod crash;
mod geometry;
mod renderer;
mod rescue;
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

/// What shows the pages.
const WEB_VIEW: &str = if cfg!(target_os = "linux") {
    "WebKitGTK"
} else if cfg!(target_os = "macos") {
    "WebKit"
} else {
    "WebView2"
};

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
    // The page and other starts name it by its absolute path.
    let initial_repository = arguments.repository.as_ref().and_then(|path| std::path::absolute(path).ok());
    let options = ApiOptions { shell: Shell::Window, initial_repository, folders: None };
    let api = match runtime.block_on(Api::start(options)) {
        Ok(api) => api,
        Err(error) => return fail(&error.message),
    };
    if arguments.sample
        && let Err(error) = runtime.block_on(api.open_sample_first())
    {
        return fail(&error.message);
    }
    let builder = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(api.clone())
        .manage(windows::Windows::default())
        .manage(watchdog::Pages::default())
        .invoke_handler(tauri::generate_handler![bridge::call, windows::window_shows, windows::window_open])
        .setup(move |app| {
            bridge::forward_events(app.handle().clone(), &api);
            match tauri::webview_version() {
                Ok(version) => api.shown_by(format!("{WEB_VIEW} {version}")),
                Err(error) => tracing::warn!(%error, "the version of the web view is not known"),
            }
            windows::start(app.handle(), &api)?;
            if let Some(listener) = listener {
                let handle = app.handle().clone();
                listener.listen(move |asked| windows::open(&handle, &asked));
            }
            end_when_asked(app.handle());
            Ok(())
        });
    #[cfg(target_os = "macos")]
    let builder = builder.on_web_content_process_terminate(|view| {
        watchdog::page_ended(view.app_handle(), view.label(), "it crashed");
    });
    let outcome = builder.build(tauri::generate_context!());
    let app = match outcome {
        Ok(app) => app,
        Err(error) => return fail(&format!("the window cannot be opened: {error}")),
    };
    app.run(|handle, event| match event {
        tauri::RunEvent::Exit => tauri::async_runtime::block_on(stop(handle)),
        tauri::RunEvent::WindowEvent { label, event, .. } => windows::happened(handle, &label, &event),
        _ => {}
    });
    ExitCode::SUCCESS
}

/// Ends what is going on, and tells the next start that the program was closed.
async fn stop(handle: &tauri::AppHandle) {
    let api = handle.state::<Api>().inner().clone();
    api.stop().await;
}

/// A program that is asked to end, as when the user logs out or closes its terminal, is closed and did not crash.
#[cfg(unix)]
fn end_when_asked(handle: &tauri::AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};

    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        let handle = handle.clone();
        tauri::async_runtime::spawn(async move {
            match signal(kind) {
                Ok(mut asked) => {
                    if asked.recv().await.is_some() {
                        windows::keep(&handle);
                        handle.exit(0);
                    }
                }
                Err(error) => tracing::warn!(%error, "the program cannot hear that it is to end"),
            }
        });
    }
}

/// The system closes the windows.
#[cfg(not(unix))]
fn end_when_asked(_: &tauri::AppHandle) {}

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
    Ok(single::take_place(&folder, &asked, single::PATIENCE))
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
