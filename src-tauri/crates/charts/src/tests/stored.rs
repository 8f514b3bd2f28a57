use std::fs;

use super::server::{Reply, Server};
use super::*;

/// Charts `a` and `b` are one archive.
fn repository() -> Server {
    let listed =
        index(&[("a", "1.0.0", "x.tgz", ""), ("b", "1.0.0", "x.tgz", ""), ("c", "1.0.0", "c.tgz", "")]);
    Server::start(move |asked| match asked.path() {
        "/index.yaml" => Reply::ok(listed.clone()),
        "/c.tgz" => Reply::ok(chart("c", "1.0.0")),
        _ => Reply::ok(chart("x", "1.0.0")),
    })
}

#[test]
fn a_damaged_archive_counts_as_not_fetched_and_says_why() {
    let server = repository();
    let store = store();
    let fetch = || store.fetch(&request(&server.url, "a", ""), &Access::anonymous()).unwrap();
    let digest = fetch().digest;
    let archive = store.folder.path().join("archives").join(format!("{}.tgz", &digest["sha256:".len()..]));
    let whole = fs::read(&archive).unwrap();
    let mut bad = whole.clone();
    bad[20] ^= 1;
    fs::write(&archive, bad).unwrap();
    let reopened = ChartStore::open(store.folder.path()).unwrap();
    assert!(reopened.find(&server.url, "a", "").is_none());
    assert_eq!(reopened.list()[0].problem.as_deref(), Some("its archive is damaged; fetch it again"));
    assert!(store.find(&server.url, "a", "").is_some(), "what is in memory stays");
    reopened.fetch(&request(&server.url, "a", ""), &Access::anonymous()).unwrap();
    assert!(reopened.find(&server.url, "a", "").is_some());
    assert_eq!(fs::read(&archive).unwrap(), whole);

    fs::remove_file(&archive).unwrap();
    let reopened = ChartStore::open(store.folder.path()).unwrap();
    assert_eq!(reopened.list()[0].problem.as_deref(), Some("its archive is gone; fetch it again"));
    assert!(reopened.find(&server.url, "a", "").is_none());
}

#[test]
fn an_archive_is_removed_with_the_last_that_refers_to_it() {
    let server = repository();
    let store = store();
    for name in ["a", "b", "c"] {
        store.fetch(&request(&server.url, name, ""), &Access::anonymous()).unwrap();
    }
    let archives = || fs::read_dir(store.folder.path().join("archives")).unwrap().count();
    assert_eq!((archives(), store.list().len()), (2, 3));
    let size = store.size().unwrap();
    assert!(store.remove(&server.url, "a", "").unwrap());
    assert!(!store.remove(&server.url, "a", "").unwrap());
    assert_eq!((archives(), store.list().len()), (2, 2));
    assert!(store.find(&server.url, "a", "").is_none() && store.find(&server.url, "b", "").is_some());
    assert!(store.remove(&server.url, "b", "").unwrap());
    assert_eq!((archives(), store.list().len()), (1, 1));
    assert!(store.size().unwrap() < size);
}

#[test]
fn what_cannot_be_read_in_the_table_is_passed_over() {
    let server = repository();
    let store = store();
    store.fetch(&request(&server.url, "a", ""), &Access::anonymous()).unwrap();
    let references = store.folder.path().join("references");
    let file = fs::read_dir(&references).unwrap().next().unwrap().unwrap().path();
    fs::write(references.join("half.json"), "{\"repository\": \"").unwrap();
    fs::copy(&file, references.join("of-another.json")).unwrap();
    assert_eq!(ChartStore::open(store.folder.path()).unwrap().list().len(), 1);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("sha256:", "sha256:../../")).unwrap();
    let reopened = ChartStore::open(store.folder.path()).unwrap();
    assert!(reopened.list().is_empty(), "a digest that is a path is none");
}

#[test]
fn several_may_use_one_folder_at_once() {
    let server = repository();
    let store = store();
    let other = ChartStore::open(store.folder.path()).unwrap();
    std::thread::scope(|scope| {
        for round in 0..6 {
            let each = if round % 2 == 0 { &store.store } else { &other };
            let url = &server.url;
            let name = ["a", "b", "c"][round % 3];
            scope.spawn(move || {
                each.fetch(&request(url, name, ""), &Access::anonymous()).unwrap();
                each.fetch(&request(url, name, "1.0.0"), &Access::anonymous()).unwrap();
                each.remove(url, name, "1.0.0").unwrap();
            });
        }
    });
    store.refresh().unwrap();
    other.refresh().unwrap();
    assert_eq!(store.list(), other.list());
    for name in ["a", "b", "c"] {
        assert!(store.find(&server.url, name, "").is_some(), "{name}");
    }
    assert_eq!(fs::read_dir(store.folder.path().join("temporary")).unwrap().count(), 0);
}
