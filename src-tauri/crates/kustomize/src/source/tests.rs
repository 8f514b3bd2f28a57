//! Tests of roots and of URLs.

use slipway_model::{MemoryTree, RepoPath};

use super::*;

#[test]
fn urls_are_split_as_kustomize_splits_them() {
    let cases = [
        ("https://github.com/org/repo/path/to?ref=v1", "https://github.com/", "org/repo", "path/to", "v1"),
        (
            "https://github.com/org/repo//path/to?version=v2",
            "https://github.com/",
            "org/repo",
            "path/to",
            "v2",
        ),
        ("github.com/org/repo", "https://github.com/", "org/repo", "", ""),
        ("git@github.com:org/repo.git//deploy?ref=main", "git@github.com:", "org/repo.git", "deploy", "main"),
        ("ssh://git@github.com/org/repo", "git@github.com:", "org/repo", "", ""),
        ("git::https://gitlab.com/org/repo.git/deploy", "https://gitlab.com/", "org/repo.git", "/deploy", ""),
        (
            "https://user@dev.azure.com/org/project/_git/repo/deploy",
            "https://user@dev.azure.com/",
            "org/project/_git/repo",
            "deploy",
            "",
        ),
        ("GITHUB.com:org/repo", "https://github.com/", "org/repo", "", ""),
        ("ssh://git@host:7999/org/repo.git", "ssh://git@host:7999/", "org/repo.git", "", ""),
        ("user@host:org/repo.git?ref=a%2Fb", "user@host:", "org/repo.git", "", "a/b"),
    ];
    for (raw, host, repository, directory, reference) in cases {
        let url = RepositoryUrl::parse(raw).unwrap_or_else(|| panic!("{raw} is a URL"));
        let directory = directory.trim_start_matches('/');
        assert_eq!(
            (url.host.as_str(), url.repository.as_str(), url.directory.as_str(), url.reference.as_str()),
            (host, repository, directory, reference),
            "{raw}"
        );
    }
    for path in
        ["../base", "base", "a/b.git", "/abs/path", "https://github.com/org/repo//../..", "./github.com/a/b"]
    {
        assert_eq!(RepositoryUrl::parse(path), None, "{path}");
    }
    let query = RepositoryUrl::parse("https://h/a/b?submodules=false&timeout=1m30s").unwrap();
    assert_eq!((query.submodules, query.timeout_milliseconds), (false, 90_000));
}

fn with_root<T>(directory: &str, unrestricted: bool, run: impl Fn(Root<'_>) -> T) -> T {
    let tree = MemoryTree::new([
        ("apps/web/kustomization.yaml", "resources: []"),
        ("apps/web/a.yaml", "a"),
        ("apps/web/sub/b.yaml", "b"),
        ("shared/c.yaml", "c"),
    ]);
    let log = Log::new(&tree, false);
    let directory = RepoPath::new(directory).unwrap();
    run(Root::first(&log, &directory, unrestricted).unwrap())
}

#[test]
fn files_outside_the_directory_are_refused_unless_allowed() {
    let message = |path: &str, unrestricted| {
        with_root("apps/web", unrestricted, |root| match root.load(path) {
            Ok((file, _)) => file.to_string(),
            Err(failure) => failure.message().to_owned(),
        })
    };
    assert_eq!(message("sub/b.yaml", false), "apps/web/sub/b.yaml");
    assert_eq!(
        message("../../shared/c.yaml", false),
        "security; file 'shared/c.yaml' is not in or below 'apps/web'"
    );
    assert_eq!(message("../../shared/c.yaml", true), "shared/c.yaml");
    assert_eq!(message("../../../c.yaml", true), "`../../../c.yaml` leads out of the repository");
    assert_eq!(message("sub", false), "'apps/web/sub' must resolve to a file");
    assert_eq!(
        message("x.yaml", false),
        "evalsymlink failure on 'apps/web/x.yaml' : lstat apps/web/x.yaml: no such file or directory"
    );
}

#[test]
fn a_directory_that_holds_a_visited_one_is_a_cycle() {
    let message = |path: &str| {
        with_root("apps/web", false, |root| root.open(path).err().map(|failure| failure.message().to_owned()))
    };
    assert_eq!(
        message("..").unwrap(),
        "cycle detected: candidate root 'apps' contains visited root 'apps/web'"
    );
    assert_eq!(
        message("."),
        Some("cycle detected: candidate root 'apps/web' contains visited root 'apps/web'".into())
    );
    assert_eq!(message("../../shared"), None);
    assert!(message("../base..old").unwrap().contains("is ambiguous: resolves to"));
    assert_eq!(message("/x").unwrap(), "new root '/x' cannot be absolute");
}
