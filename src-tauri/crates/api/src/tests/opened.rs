//! An opened repository while it is rendered.

use std::sync::{Arc, Mutex, mpsc};

use slipway_model::Tree;
use slipway_render::{Engine, EngineKind, Engines, RenderInputs, Rendered, Source};
use slipway_workspace::{Workspace, WorkspaceOptions};

use super::{Duration, api, repository};
use crate::opened::Opened;

/// Renders nothing as long as the other end of the channel is there.
struct Held(Mutex<mpsc::Receiver<()>>);

impl Engine for Held {
    fn kind(&self) -> EngineKind {
        EngineKind::Plain
    }
    fn version(&self) -> String {
        "held".to_owned()
    }
    fn render(&self, _: &dyn Tree, _: &Source, _: &RenderInputs) -> Rendered {
        self.0.lock().unwrap().recv().unwrap_err();
        Rendered::empty()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_is_answered_once_it_is_found_and_rendered_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("gitops");
    repository(&root);
    let api = api(folder.path()).await;
    let (release, held) = mpsc::channel();
    let engines = Engines::built_in().with(Arc::new(Held(Mutex::new(held))));
    let options = WorkspaceOptions {
        engines,
        today: || "2026-10-01".to_owned(),
        renders: None,
        remotes: Arc::new(slipway_model::NothingFetched),
    };
    let workspace = Workspace::open(&root, options).unwrap();
    let opened = Opened::new("repository-1".to_owned(), root, workspace);

    let first = tokio::time::timeout(Duration::from_secs(60), opened.fleet(&api));
    let progress = first.await.expect("it waits for what is rendered").unwrap().progress();
    assert_eq!((progress.rendered, progress.total), (0, 4));

    drop(release);
    let progress = opened.whole_fleet(&api).await.unwrap().progress();
    assert_eq!((progress.rendered, progress.total), (4, 4));
}
