//! Repositories that are fetched to be read, by the installed `git` and by libgit2.

use super::*;
use crate::cache::RepositoryCache;
use crate::error::GitError;
use crate::transport::{Cancel, Network, Transport};

fn transports() -> Vec<Network> {
    Transport::installed().into_iter().chain([Transport::BuiltIn]).map(Network::new).collect()
}

fn fetch(
    cache: &RepositoryCache,
    url: &str,
    revision: &str,
    network: &Network,
) -> Result<crate::FetchedRevision, GitError> {
    cache.fetch(url, revision, network, &mut |_| {}, &Cancel::new())
}

fn read(cache: &RepositoryCache, url: &str, revision: &str, file: &str) -> Option<String> {
    let fetched = cache.find(url, revision).unwrap()?;
    text(&*cache.tree(&fetched).unwrap(), file)
}

#[test]
fn branches_tags_and_commits_are_fetched_and_stay_what_they_were() {
    for (number, network) in transports().into_iter().enumerate() {
        let rig = Rig::new();
        let origin = rig.repository("origin", &[("app/a.yaml", "a: 1\n")]);
        git(&origin, &["tag", "-a", "-m", "one", "v1"]);
        let first = git(&origin, &["rev-parse", "HEAD"]).trim().to_owned();
        write(&origin, "app/a.yaml", "a: 2\n");
        git(&origin, &["commit", "-qam", "second"]);
        git(&origin, &["branch", "feature/x"]);
        let url = format!("file://{}", origin.display());
        let cache = RepositoryCache::new(&rig.path(&format!("cache-{number}")));
        assert_eq!(cache.find(&url, "").unwrap(), None);
        for (revision, expected) in [
            ("", "a: 2\n"),
            ("v1", "a: 1\n"),
            (&first, "a: 1\n"),
            (&first[..9], "a: 1\n"),
            ("feature/x", "a: 2\n"),
        ] {
            let fetched = fetch(&cache, &url, revision, &network)
                .unwrap_or_else(|failure| panic!("{revision} by {network:?}: {failure:?}"));
            assert_eq!(fetched.revision, revision);
            assert_eq!(read(&cache, &url, revision, "app/a.yaml").as_deref(), Some(expected), "{revision}");
        }
        write(&origin, "app/a.yaml", "a: 3\n");
        git(&origin, &["commit", "-qam", "third"]);
        let file = "app/a.yaml";
        assert_eq!(
            read(&cache, &url, "", file).as_deref(),
            Some("a: 2\n"),
            "it stays until it is fetched again"
        );
        fetch(&cache, &url, "", &network).unwrap();
        assert_eq!(read(&cache, &url, "", file).as_deref(), Some("a: 3\n"));
        // Another process finds the same.
        let again = RepositoryCache::new(&rig.path(&format!("cache-{number}")));
        assert_eq!(read(&again, &url, "", file).as_deref(), Some("a: 3\n"));
        let all = again.list().unwrap();
        assert_eq!(all.len(), 5);
        assert!(
            all.iter().all(|fetched| fetched.url == url && fetched.fetched_at > 0 && cache.size(fetched) > 0)
        );
        for fetched in &all {
            again.forget(fetched).unwrap();
        }
        assert_eq!(again.list().unwrap(), []);
        assert_eq!(read(&again, &url, "", file), None);
    }
}

#[test]
fn what_a_server_does_not_have_is_named() {
    for network in transports() {
        let rig = Rig::new();
        let origin = rig.repository("origin", &[("a", "1")]);
        let url = format!("file://{}", origin.display());
        let cache = RepositoryCache::new(&rig.path("cache"));
        for revision in ["nowhere", "0123456789abcdef0123456789abcdef01234567", "-x", "main~1", "a b"] {
            let failure = fetch(&cache, &url, revision, &network).unwrap_err();
            assert!(
                matches!(&failure, GitError::UnknownRevision { revision: named } if named == revision),
                "{revision}: {failure:?}"
            );
        }
        assert!(cache.list().unwrap().is_empty());
        let gone = format!("file://{}", rig.path("gone").display());
        assert!(matches!(fetch(&cache, &gone, "", &network), Err(GitError::Network { .. })));
        for refused in ["ext::sh -c true", "--upload-pack=x"] {
            assert!(matches!(fetch(&cache, refused, "", &network), Err(GitError::RefusedUrl { .. })));
        }
        let cancelled = Cancel::new();
        cancelled.cancel();
        let outcome = cache.fetch(&url, "", &network, &mut |_| {}, &cancelled);
        assert!(matches!(outcome, Err(GitError::Cancelled)), "{outcome:?}");
    }
}

#[test]
fn a_server_with_a_password_is_asked_and_the_password_is_not_kept() {
    for network in transports() {
        let rig = Rig::new();
        let origin = rig.repository("origin", &[("a.yaml", "a: 1\n")]);
        git(&rig.path("."), &["clone", "-q", "--bare", &origin.display().to_string(), "served.git"]);
        let server = servers::http(&rig.path("."), Some(("ada", "s3cret")));
        let cache = RepositoryCache::new(&rig.path("cache"));
        let plain = format!("{server}/served.git");
        assert!(matches!(fetch(&cache, &plain, "main", &network), Err(GitError::Authentication { .. })));
        let with_password = format!("{}/served.git", server.replace("://", "://ada:s3cret@"));
        let fetched = fetch(&cache, &with_password, "main", &network).unwrap();
        assert_eq!(fetched.url, plain);
        assert_eq!(read(&cache, &with_password, "main", "a.yaml").as_deref(), Some("a: 1\n"));
        assert_eq!(cache.find(&plain, "main").unwrap(), None, "another address");
        let grep = Command::new("grep").args(["-rl", "s3cret"]).arg(rig.path("cache")).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&grep.stdout), "");
    }
}

#[test]
fn submodules_are_part_of_what_is_fetched() {
    for network in transports() {
        let rig = Rig::new();
        let inner = rig.repository("inner", &[("base/b.yaml", "b: 1\n")]);
        let origin = rig.repository("origin", &[("a.yaml", "a: 1\n")]);
        git(&origin, &["submodule", "--quiet", "add", "../inner", "vendor/inner"]);
        git(&origin, &["config", "-f", ".gitmodules", "submodule.gone.path", "vendor/gone"]);
        git(&origin, &["config", "-f", ".gitmodules", "submodule.gone.url", "../gone"]);
        let head = git(&inner, &["rev-parse", "HEAD"]);
        git(
            &origin,
            &["update-index", "--add", "--cacheinfo", &format!("160000,{},vendor/gone", head.trim())],
        );
        git(&origin, &["add", ".gitmodules"]);
        git(&origin, &["commit", "-qm", "submodules"]);
        let url = format!("file://{}", origin.display());
        let cache = RepositoryCache::new(&rig.path("cache"));
        let fetched = fetch(&cache, &url, "", &network).unwrap();
        let outcomes: Vec<(&str, bool)> =
            fetched.submodules.iter().map(|each| (each.path.as_str(), each.failure.is_none())).collect();
        assert_eq!(outcomes, [("vendor/inner", true), ("vendor/gone", false)]);
        let tree = cache.tree(&fetched).unwrap();
        assert_eq!(text(&*tree, "vendor/inner/base/b.yaml").as_deref(), Some("b: 1\n"));
        assert_eq!(names(&*tree, "vendor/inner"), ["base"]);
        assert!(matches!(
            tree.read(&path("vendor/gone/b.yaml")),
            Err(slipway_model::TreeError::InSubmodule { .. })
        ));
    }
}

#[test]
fn submodules_stay_away_where_the_address_says_so() {
    for network in transports() {
        let rig = Rig::new();
        rig.repository("inner", &[("base/b.yaml", "b: 1\n")]);
        let origin = rig.repository("origin", &[("a.yaml", "a: 1\n")]);
        git(&origin, &["submodule", "--quiet", "add", "../inner", "vendor/inner"]);
        git(&origin, &["commit", "-qm", "submodules"]);
        let cache = RepositoryCache::new(&rig.path("cache"));
        let plain = format!("file://{}", origin.display());
        let without = format!("{plain}?submodules=false");
        let fetched = fetch(&cache, &format!("{without}&timeout=60000ms"), "", &network).unwrap();
        assert_eq!((fetched.submodules.len(), &fetched.url), (0, &without));
        assert_eq!(cache.find(&without, "").unwrap().as_ref(), Some(&fetched), "whatever time it may take");
        assert_eq!(cache.find(&plain, "").unwrap(), None, "that has submodules");
        assert_eq!(read(&cache, &without, "", "a.yaml").as_deref(), Some("a: 1\n"));
        assert!(cache.tree(&fetched).unwrap().read(&path("vendor/inner/base/b.yaml")).is_err());
        assert_eq!(fetch(&cache, &plain, "", &network).unwrap().submodules.len(), 1);
    }
}

#[test]
fn a_fetch_takes_no_longer_than_its_address_allows() {
    for network in transports() {
        let rig = Rig::new();
        let origin = rig.repository("origin", &[("a.yaml", "a: 1\n")]);
        let cache = RepositoryCache::new(&rig.path("cache"));
        let url = format!("file://{}?timeout=0ms", origin.display());
        let outcome = fetch(&cache, &url, "", &network);
        let Err(GitError::Network { message, .. }) = &outcome else { panic!("{outcome:?}") };
        assert!(message.contains("longer than the 0 s"), "{message}");
        assert_eq!(cache.find(&url, "").unwrap(), None);
    }
}

#[test]
fn a_fetched_repository_starts_no_program() {
    let Some(network) = transports().into_iter().next() else { return };
    let rig = Rig::new();
    let origin = rig.repository("origin", &[("a", "1"), (".gitattributes", "* filter=evil\n")]);
    let url = format!("file://{}", origin.display());
    let cache = RepositoryCache::new(&rig.path("cache"));
    let fetched = fetch(&cache, &url, "", &network).unwrap();
    // Whatever it is that leaves a hook in the cache, a fetch does not run it.
    let hooks = rig.path("cache").join(&fetched.id).join("git/hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    let mark = rig.path("mark");
    let script = format!("#!/bin/sh\ntouch {}\n", mark.display());
    for hook in ["reference-transaction", "post-checkout", "post-merge"] {
        write(&hooks, hook, &script);
        Command::new("chmod").arg("+x").arg(hooks.join(hook)).status().unwrap();
    }
    fetch(&cache, &url, "main", &network).unwrap();
    assert_eq!(read(&cache, &url, "main", "a").as_deref(), Some("1"));
    assert!(!mark.exists());
}
