//! The windows: one for each repository, where they were the last time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use slipway_api::dto::ApiError;
use slipway_api::{Api, KeptWindow};
use tauri::{AppHandle, LogicalSize, Manager as _, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

use crate::geometry::{self, Area};
use crate::single::Asked;
use crate::watchdog;

/// The label of the window that the program starts with.
pub(crate) const FIRST: &str = "main";

/// Windows that are moved are written down when they have come to rest.
const REST: Duration = Duration::from_secs(1);

/// What is known of each window, by its label.
#[derive(Default)]
pub(crate) struct Windows {
    /// Protects what the windows show; never held while a window is made.
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Which repository each window shows. A window at its start screen shows none.
    shown: BTreeMap<String, PathBuf>,
    /// The labels, the one that had the focus last at the end.
    order: Vec<String>,
    /// The number of the next window.
    next: u32,
    /// Whether the windows are about to be written down.
    writing: bool,
}

/// Where a repository is shown.
#[derive(Debug, PartialEq, Eq)]
enum Spot {
    /// In this window, which may still be being made.
    Taken(String),
    /// In a window of this label, which is to be made.
    Free(String),
}

impl Windows {
    fn with<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The window for a repository. One that is to be made has it from now on, so that two who ask at once get one.
    fn spot(&self, path: &Path) -> Spot {
        let wanted = root(path);
        self.with(|known| {
            if let Some((label, _)) = known.shown.iter().find(|(_, each)| root(each) == wanted) {
                return Spot::Taken(label.clone());
            }
            known.next += 1;
            let label = format!("repository-{}", known.next);
            known.shown.insert(label.clone(), path.to_path_buf());
            Spot::Free(label)
        })
    }

    fn show(&self, label: &str, path: Option<PathBuf>) {
        self.with(|known| match path {
            Some(path) => known.shown.insert(label.to_owned(), path),
            None => known.shown.remove(label),
        });
    }

    fn focused(&self, label: &str) {
        self.with(|known| {
            known.order.retain(|each| each != label);
            known.order.push(label.to_owned());
        });
    }

    fn closed(&self, label: &str) {
        self.with(|known| {
            known.order.retain(|each| each != label);
            known.shown.remove(label);
        });
    }
}

/// The repository that a path is in: without links, and the folder above it that has a `.git`.
fn root(path: &Path) -> PathBuf {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let root = path.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_path_buf);
    root.unwrap_or(path)
}

/// Makes the windows of a start: the one that was asked for, else those of before.
pub(crate) fn start(app: &AppHandle, api: &Api) -> tauri::Result<()> {
    let kept = api.kept_windows();
    let again: Vec<(&Path, &KeptWindow)> = if api.was_asked() || api.ended_badly() || !api.reopens() {
        Vec::new()
    } else {
        let there = |each: &&KeptWindow| each.repository.as_deref().is_some_and(Path::is_dir);
        kept.iter().filter(there).filter_map(|each| Some((each.repository.as_deref()?, each))).collect()
    };
    let Some(((front, place), others)) = again.split_last() else {
        let initial = api.initial_repository().unwrap_or_else(|failure| {
            tracing::warn!("{}", failure.message);
            None
        });
        let place = initial.as_deref().and_then(|initial| place_of(&kept, initial)).or(kept.last());
        return first(app, initial.as_deref(), place);
    };
    first(app, Some(front), Some(place))?;
    for (path, place) in others {
        show(app, path, Some(place));
    }
    to_front(app, FIRST);
    Ok(())
}

/// Makes the first window. Others that ask for its repository find it from now on.
fn first(app: &AppHandle, repository: Option<&Path>, place: Option<&KeptWindow>) -> tauri::Result<()> {
    app.state::<Windows>().show(FIRST, repository.map(Path::to_path_buf));
    make(app, FIRST, repository, place)?;
    Ok(())
}

/// Where a repository was shown the last time.
fn place_of<'a>(kept: &'a [KeptWindow], repository: &Path) -> Option<&'a KeptWindow> {
    let wanted = root(repository);
    kept.iter().rev().find(|each| each.repository.as_deref().is_some_and(|each| root(each) == wanted))
}

/// Brings the window of a repository to the front, or makes one.
fn show(app: &AppHandle, path: &Path, place: Option<&KeptWindow>) {
    let windows = app.state::<Windows>();
    match windows.spot(path) {
        Spot::Taken(label) => to_front(app, &label),
        Spot::Free(label) => {
            if let Err(error) = make(app, &label, Some(path), place) {
                windows.closed(&label);
                tracing::error!(%error, "the window cannot be opened");
            }
        }
    }
}

/// Makes a window. With a repository it opens that one, else its start screen.
fn make(
    app: &AppHandle,
    label: &str,
    repository: Option<&Path>,
    before: Option<&KeptWindow>,
) -> tauri::Result<WebviewWindow> {
    let url = match repository {
        None => WebviewUrl::default(),
        Some(path) => WebviewUrl::App(format!("index.html?repository={}", encode(path)).into()),
    };
    let title = repository
        .and_then(Path::file_name)
        .map_or_else(|| "Slipway".to_owned(), |name| format!("{} – Slipway", name.to_string_lossy()));
    // In pixels as they are at 100 %, as all that is kept of a window.
    let screens: Vec<Area> = app
        .available_monitors()?
        .iter()
        .map(|screen| {
            let position = screen.position().to_logical::<f64>(screen.scale_factor());
            let size = screen.size().to_logical::<f64>(screen.scale_factor());
            Area { x: position.x, y: position.y, width: size.width, height: size.height }
        })
        .collect();
    let (width, height) = geometry::size(before.map_or(geometry::USUAL, |before| before.size), &screens);
    let mut builder = WebviewWindowBuilder::new(app, label, url)
        .title(title)
        .inner_size(width, height)
        .min_inner_size(geometry::SMALLEST.0, geometry::SMALLEST.1)
        .maximized(before.is_some_and(|before| before.maximized));
    // A desktop may not let programs place their windows.
    if let Some(position) = before.and_then(|before| before.position)
        && geometry::reachable(position, width, &screens)
    {
        builder = builder.position(position.0, position.1);
    }
    let window = builder.build()?;
    app.state::<Windows>().focused(label);
    watchdog::hear_of_ends(&window)?;
    watchdog::expect_paint(&window);
    Ok(window)
}

/// Everything but letters and digits as `%XX`.
fn encode(path: &Path) -> String {
    path.to_string_lossy()
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Brings the window of a repository to the front, or makes one; without a repository, the window that was in front.
pub(crate) fn open(app: &AppHandle, asked: &Asked) {
    match asked {
        Asked::Front => {
            if let Some(label) = app.state::<Windows>().with(|known| known.order.last().cloned()) {
                to_front(app, &label);
            }
        }
        Asked::Repository(path) => show(app, path, place_of(&app.state::<Api>().kept_windows(), path)),
    }
}

/// A window that is still being made comes to the front by itself.
fn to_front(app: &AppHandle, label: &str) {
    if let Some(window) = app.get_webview_window(label) {
        // A window manager may refuse; the window is there all the same.
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

/// The page tells which repository its window shows, and gets its title.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri gives a command its window by value")]
pub(crate) fn window_shows(window: WebviewWindow, path: Option<String>, name: Option<String>) {
    let windows = window.state::<Windows>();
    windows.show(window.label(), path.map(PathBuf::from));
    let title = name.map_or_else(|| "Slipway".to_owned(), |name| format!("{name} – Slipway"));
    if let Err(error) = window.set_title(&title) {
        tracing::warn!(%error, "the title cannot be set");
    }
    keep_soon(window.app_handle());
}

/// Opens a repository in a window of its own, or brings the one that shows it to the front.
#[tauri::command]
pub(crate) async fn window_open(app: AppHandle, path: String) -> Result<(), ApiError> {
    let path = PathBuf::from(path);
    if !path.is_absolute() {
        return Err(slipway_api::failure("bad-request", format!("`{}` is no absolute path", path.display())));
    }
    open(&app, &Asked::Repository(path));
    Ok(())
}

/// Follows what happens to a window.
pub(crate) fn happened(app: &AppHandle, label: &str, event: &tauri::WindowEvent) {
    match event {
        tauri::WindowEvent::Destroyed => {
            let windows = app.state::<Windows>();
            windows.closed(label);
            app.state::<watchdog::Pages>().closed(label);
            // The last one is what the next start opens: it was written down when it was asked to close.
            if windows.with(|known| !known.order.is_empty()) {
                keep_soon(app);
            }
        }
        tauri::WindowEvent::CloseRequested { .. } => keep(app),
        tauri::WindowEvent::Focused(true) => app.state::<Windows>().focused(label),
        tauri::WindowEvent::Moved(_) | tauri::WindowEvent::Resized(_) => keep_soon(app),
        _ => {}
    }
}

/// Writes the windows down when they have come to rest.
fn keep_soon(app: &AppHandle) {
    let already = app.state::<Windows>().with(|known| std::mem::replace(&mut known.writing, true));
    if already {
        return;
    }
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(REST).await;
        app.state::<Windows>().with(|known| known.writing = false);
        keep(&app);
    });
}

/// Writes the windows down. Where none is left the last ones stay written.
pub(crate) fn keep(app: &AppHandle) {
    let (order, shown) = app.state::<Windows>().with(|known| (known.order.clone(), known.shown.clone()));
    let windows: Vec<KeptWindow> = order
        .iter()
        .filter_map(|label| {
            let window = app.get_webview_window(label)?;
            let scale = window.scale_factor().ok()?;
            let size: LogicalSize<f64> = window.inner_size().ok()?.to_logical(scale);
            Some(KeptWindow {
                repository: shown.get(label).cloned(),
                position: window.outer_position().ok().map(|position| {
                    let position = position.to_logical::<f64>(scale);
                    (position.x, position.y)
                }),
                size: (size.width, size.height),
                maximized: window.is_maximized().unwrap_or_default(),
            })
        })
        .collect();
    if !windows.is_empty() {
        app.state::<Api>().keep_windows(windows);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_one_window_also_while_that_is_being_made() {
        let windows = Windows::default();
        windows.show(FIRST, Some(PathBuf::from("/no/such/a")));
        assert_eq!(windows.spot(Path::new("/no/such/a")), Spot::Taken(FIRST.to_owned()));
        let Spot::Free(label) = windows.spot(Path::new("/no/such/b")) else { panic!("nobody shows it") };
        assert_eq!(windows.spot(Path::new("/no/such/b")), Spot::Taken(label.clone()));
        let Spot::Free(other) = windows.spot(Path::new("/no/such/c")) else { panic!("nobody shows it") };
        assert_ne!(label, other);
        windows.closed(&label);
        assert!(matches!(windows.spot(Path::new("/no/such/b")), Spot::Free(_)), "its window was closed");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_a_folder_below_are_the_same_repository() {
        let folder = std::env::temp_dir().join(format!("slipway-windows-{}", std::process::id()));
        let repository = folder.join("gitops");
        std::fs::create_dir_all(repository.join(".git")).unwrap();
        std::fs::create_dir_all(repository.join("apps/web")).unwrap();
        std::os::unix::fs::symlink(&repository, folder.join("link")).unwrap();
        let windows = Windows::default();
        windows.show(FIRST, Some(repository.clone()));
        for same in [folder.join("link"), repository.join("apps/web"), folder.join("link/apps/../apps")] {
            assert_eq!(windows.spot(&same), Spot::Taken(FIRST.to_owned()), "{}", same.display());
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_window_in_front_is_the_one_that_had_the_focus_last() {
        let windows = Windows::default();
        for label in ["main", "repository-1", "main"] {
            windows.focused(label);
        }
        assert_eq!(windows.with(|known| known.order.clone()), ["repository-1", "main"]);
        windows.closed("main");
        assert_eq!(windows.with(|known| known.order.clone()), ["repository-1"]);
    }

    #[test]
    fn a_path_in_an_address_is_written_so_that_it_reads_back() {
        assert_eq!(encode(Path::new("/a b/ö&x=1#?")), "%2Fa%20b%2F%C3%B6%26x%3D1%23%3F");
    }
}
