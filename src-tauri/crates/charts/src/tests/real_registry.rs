//! The registry of the CNCF (`registry` of `github.com/distribution/distribution`), filled by `helm push`. The programs are
//! named by `SLIPWAY_REGISTRY` and `SLIPWAY_HELM`; without them the tests are skipped.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::*;
use crate::ChartError;

/// A user of the registry: `ada`, `secret`.
const USERS: &str = "ada:$2a$10$jSBZJiurVTZwr4loWaenw.YgDH1AIWGhCLYtfRT9wVvM.0DocWCwC\n";

struct Registry {
    process: Child,
    /// `127.0.0.1:PORT`.
    address: String,
    folder: tempfile::TempDir,
    helm: PathBuf,
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It is gone already, or it ends now.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts the registry on a free port; `None` where the programs are not named.
fn registry(test: &str, users: Option<&str>) -> Option<Registry> {
    let named = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let (Some(program), Some(helm)) = (named("SLIPWAY_REGISTRY"), named("SLIPWAY_HELM")) else {
        println!("skipped: {test}: SLIPWAY_REGISTRY and SLIPWAY_HELM name no programs");
        return None;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut settings = format!(
        "version: 0.1\nlog: {{level: info}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"127.0.0.1:0\"}}\n",
        folder.path().join("data").display()
    );
    if let Some(users) = users {
        let file = folder.path().join("users");
        std::fs::write(&file, users).unwrap();
        settings.push_str(&format!("auth: {{htpasswd: {{realm: test, path: {}}}}}\n", file.display()));
    }
    let file = folder.path().join("settings.yaml");
    std::fs::write(&file, settings).unwrap();
    let mut process = Command::new(program)
        .arg("serve")
        .arg(&file)
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
    let address = log
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| line.split_once("listening on ").map(|(_, rest)| rest.to_owned()))
        .expect("the registry says where it listens");
    let address: String = address.chars().take_while(|each| matches!(each, '0'..='9' | '.' | ':')).collect();
    // Its log is read on, so that it never waits for somebody to read it.
    std::thread::spawn(move || log.for_each(drop));
    Some(Registry { process, address, folder, helm })
}

impl Registry {
    fn push(&self, name: &str, version: &str, credentials: &[&str]) {
        let archive = self.folder.path().join(format!("{name}-{version}.tgz"));
        std::fs::write(&archive, chart(name, version)).unwrap();
        let output = Command::new(&self.helm)
            .arg("push")
            .arg(Path::new(&archive))
            .arg(format!("oci://{}/team/charts", self.address))
            .arg("--plain-http")
            .args(credentials)
            .env_clear()
            .env("HOME", self.folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn charts_that_helm_pushed_are_fetched() {
    let Some(registry) = registry("charts_that_helm_pushed_are_fetched", None) else { return };
    for version in ["1.0.0", "1.2.0+build.5", "2.0.0-rc.1"] {
        registry.push("web", version, &[]);
    }
    let repository = format!("oci://{}/team/charts", registry.address);
    let folder = tempfile::tempdir().unwrap();
    let store = ChartStore::open(folder.path()).unwrap();
    for (wanted, version) in [
        ("", "1.2.0+build.5"),
        ("~1.0", "1.0.0"),
        ("1.2.0+build.5", "1.2.0+build.5"),
        (">0.0.0-0", "2.0.0-rc.1"),
    ] {
        let found = store.fetch(&request(&repository, "web", wanted), &Access::anonymous()).unwrap();
        assert_eq!(found.version, version, "{wanted}");
        assert_eq!(found.digest, format!("sha256:{}", sha256(&chart("web", version))));
        assert_eq!(version_of(&store.find(&repository, "web", wanted).unwrap()), version);
    }
    let error = store.fetch(&request(&repository, "web", "7.0.0"), &Access::anonymous()).unwrap_err();
    assert_eq!(error.hints(), ["it has 2.0.0-rc.1, 1.2.0+build.5, 1.0.0"], "{error}");
    let error = store.fetch(&request(&repository, "none", ""), &Access::anonymous()).unwrap_err();
    assert!(matches!(error, ChartError::NoChart { .. }), "{error}");
}

#[test]
fn a_registry_with_users_lets_in_who_has_a_password() {
    let Some(registry) = registry("a_registry_with_users_lets_in_who_has_a_password", Some(USERS)) else {
        return;
    };
    registry.push("web", "1.0.0", &["--username", "ada", "--password", "secret"]);
    let repository = format!("oci://{}/team/charts", registry.address);
    let folder = tempfile::tempdir().unwrap();
    let store = ChartStore::open(folder.path()).unwrap();
    let error = store.fetch(&request(&repository, "web", ""), &Access::anonymous()).unwrap_err();
    assert!(matches!(error, ChartError::Unauthorized { status: 401, had_credentials: false, .. }), "{error}");
    let wrong = |_: &str| Some(Credential { username: "ada".to_owned(), password: "wrong".to_owned() });
    let access = Access { credentials: &wrong, ..Access::anonymous() };
    let error = store.fetch(&request(&repository, "web", ""), &access).unwrap_err();
    assert!(matches!(error, ChartError::Unauthorized { had_credentials: true, .. }), "{error}");
    store.fetch(&request(&repository, "web", ""), &as_ada()).unwrap();
}
