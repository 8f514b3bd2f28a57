//! Fetches from servers on this machine.

pub(crate) mod archive;
mod failures;
mod real_registry;
mod registries;
mod repositories;
mod server;
mod stored;

use std::cell::Cell;
use std::time::Duration;

use slipway_model::{Fetched, RepoPath, Tree as _};

use crate::http::Timeouts;
use crate::store::folder::hex;
use crate::{Access, ChartRequest, ChartStore, Credential};
use archive::pack;
use sha2::{Digest as _, Sha256};

/// A store in a folder that is removed with it, with little patience.
struct Temporary {
    folder: tempfile::TempDir,
    store: ChartStore,
}

impl std::ops::Deref for Temporary {
    type Target = ChartStore;
    fn deref(&self) -> &ChartStore {
        &self.store
    }
}

fn store() -> Temporary {
    let folder = tempfile::tempdir().unwrap();
    let store = ChartStore::with_timeouts(folder.path(), impatient()).unwrap();
    Temporary { folder, store }
}

fn impatient() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(10),
        silence: Duration::from_millis(700),
        whole: Duration::from_secs(20),
    }
}

fn request(repository: &str, name: &str, version: &str) -> ChartRequest {
    ChartRequest {
        repository: repository.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        pass_credentials: false,
    }
}

/// The archive of a chart.
fn chart(name: &str, version: &str) -> Vec<u8> {
    let metadata = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    let file = format!("{name}/Chart.yaml");
    pack(&[(&file, &metadata), (&format!("{name}/templates/a.yaml"), "kind: ConfigMap\n")])
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The index of a repository: name, version, address and digest of each chart.
fn index(charts: &[(&str, &str, &str, &str)]) -> String {
    let mut text = "apiVersion: v1\nentries:\n".to_owned();
    let mut names: Vec<&str> = charts.iter().map(|chart| chart.0).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        text.push_str(&format!("  {name}:\n"));
        for (_, version, url, digest) in charts.iter().filter(|chart| chart.0 == name) {
            text.push_str(&format!(
                "  - apiVersion: v2\n    name: {name}\n    version: {version}\n    urls: [\"{url}\"]\n    digest: \"{digest}\"\n"
            ));
        }
    }
    text
}

/// What Chart.yaml says after `version:`.
fn version_of(fetched: &Fetched) -> String {
    let bytes = fetched.tree.read(&RepoPath::new("Chart.yaml").unwrap()).unwrap().unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    text.lines().find_map(|line| line.strip_prefix("version: ")).unwrap().to_owned()
}

fn ada(_: &str) -> Option<Credential> {
    Some(Credential { username: "ada".to_owned(), password: "secret".to_owned() })
}

/// `ada:secret`.
const ADA: &str = "Basic YWRhOnNlY3JldA==";

fn as_ada() -> Access<'static> {
    Access { credentials: &ada, ..Access::anonymous() }
}

#[test]
fn a_fetch_stops_when_it_is_told_to() {
    let server = server::Server::start(|_| server::Reply::hang());
    let store = ChartStore::open(store().folder.path()).unwrap();
    let asked = Cell::new(0);
    let stops = || {
        asked.set(asked.get() + 1);
        asked.get() > 3
    };
    let access = Access { cancelled: &stops, ..Access::anonymous() };
    let error = store.fetch(&request(&server.url, "web", ""), &access).unwrap_err();
    assert!(matches!(error, crate::ChartError::Cancelled), "{error}");
}
