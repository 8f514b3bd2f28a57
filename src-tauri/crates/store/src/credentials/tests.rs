use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};

use keyring_core::api::CredentialStoreApi as _;
use keyring_core::{CredentialStore as Backend, Error, mock};

use super::*;

/// Small, so that tests are quick.
const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
const URL: &str = "https://git.example.com";

fn credential(username: &str, password: &str) -> Credential {
    Credential { username: username.to_owned(), password: password.to_owned() }
}

fn with_backend(
    open: impl Fn() -> Result<Arc<Backend>, Error> + Send + Sync + 'static,
    limit: Duration,
) -> Credentials {
    Credentials { keyring: Keyring::new(Arc::new(open), limit), file: None }
}

/// A keyring in memory.
fn in_memory() -> (Arc<mock::Store>, Credentials) {
    let store = mock::Store::new().unwrap();
    let kept = Arc::clone(&store);
    (store, with_backend(move || Ok(Arc::clone(&kept) as Arc<Backend>), Duration::from_secs(60)))
}

/// No keyring at all.
fn without_keyring() -> Credentials {
    with_backend(|| Err(Error::PlatformFailure("no session bus".into())), Duration::from_secs(60))
}

fn with_file(credentials: Credentials, path: &Path, passphrase: &str) -> Credentials {
    let passphrase = Zeroizing::new(passphrase.to_owned());
    Credentials { file: Some(EncryptedFile::new(path.to_path_buf(), passphrase, CHEAP)), ..credentials }
}

fn password(credentials: &Credentials, url: &str, username: Option<&str>) -> Option<String> {
    credentials.get(url, username).unwrap().map(|credential| credential.password)
}

/// What every place must do.
fn check_place(credentials: &Credentials, place: Place) {
    assert_eq!(credentials.available().used, Some(place));
    assert_eq!(password(credentials, URL, None), None);
    assert!(credentials.list().unwrap().is_empty());
    assert_eq!(credentials.put(URL, &credential("ada", "one")).unwrap(), place);
    credentials.put(URL, &credential("bob", "two\n\u{0}ü")).unwrap();
    credentials.put("https://Other.example.com:8443/a/b.git", &credential("ada", "three")).unwrap();
    assert_eq!(password(credentials, URL, Some("ada")).as_deref(), Some("one"));
    assert_eq!(password(credentials, URL, None).as_deref(), Some("two\n\u{0}ü"), "the last set");
    assert_eq!(password(credentials, URL, Some("eve")), None);
    credentials.put("HTTPS://x@git.example.com:443/", &credential("ada", "four")).unwrap();
    assert_eq!(password(credentials, URL, None).as_deref(), Some("four"), "replaced, and the last set");
    assert_eq!(password(credentials, "http://git.example.com", None), None, "never sent in clear");
    let list = credentials.list().unwrap();
    let origins: Vec<&str> = list.iter().map(|server| server.origin.as_str()).collect();
    assert_eq!(origins, [URL, "https://other.example.com:8443"]);
    assert!(list.iter().all(|server| server.place == place));
    assert!(credentials.remove(URL, Some("ada")).unwrap());
    assert!(!credentials.remove(URL, Some("ada")).unwrap());
    assert_eq!(password(credentials, URL, None).as_deref(), Some("two\n\u{0}ü"));
    assert!(credentials.remove(URL, None).unwrap());
    assert_eq!(credentials.list().unwrap().len(), 1);
    let store: &dyn CredentialStore = credentials;
    assert!(store.get(URL, None).is_none());
    assert!(store.get("https://other.example.com:8443", Some("ada")).is_some());
}

#[test]
fn the_keyring_keeps_credentials() {
    let (_store, credentials) = in_memory();
    check_place(&credentials, Place::Keyring);
}

#[test]
fn the_file_keeps_credentials_where_there_is_no_keyring() {
    let folder = tempfile::tempdir().unwrap();
    check_place(&with_file(without_keyring(), &folder.path().join("deep/file"), "open"), Place::File);
}

#[test]
fn the_newer_of_two_places_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let (store, keyring_only) = in_memory();
    keyring_only.put(URL, &credential("ada", "first")).unwrap();
    // A session without a keyring.
    let file_only = with_file(without_keyring(), &path, "open");
    assert_eq!(file_only.put(URL, &credential("ada", "second")).unwrap(), Place::File);
    let both = with_file(
        with_backend(move || Ok(Arc::clone(&store) as Arc<Backend>), Duration::from_secs(60)),
        &path,
        "open",
    );
    assert_eq!(password(&both, URL, None).as_deref(), Some("second"));
    assert_eq!(both.put(URL, &credential("ada", "third")).unwrap(), Place::Keyring);
    assert_eq!(password(&both, URL, None).as_deref(), Some("third"));
    assert_eq!(password(&file_only, URL, None), None, "the file no longer holds the second");
    assert!(both.remove(URL, None).unwrap());
    assert_eq!(password(&keyring_only, URL, None), None);
}

#[test]
fn a_file_that_cannot_be_opened_hides_no_credential_of_the_keyring() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    with_file(without_keyring(), &path, "open").put(URL, &credential("bob", "x")).unwrap();
    let (_store, keyring) = in_memory();
    keyring.put(URL, &credential("ada", "one")).unwrap();
    let credentials = with_file(keyring, &path, "shut");
    assert_eq!(password(&credentials, URL, None).as_deref(), Some("one"));
    let missing = credentials.get(URL, Some("bob")).unwrap_err();
    assert!(matches!(missing, CredentialError::WrongPassphrase { .. }), "{missing}");
}

#[test]
fn a_keyring_that_failed_is_opened_anew() {
    let store = mock::Store::new().unwrap();
    let item = store.build("slipway", URL, None).unwrap();
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let credentials = with_backend(
        move || {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(Arc::clone(&store) as Arc<Backend>)
        },
        Duration::from_secs(60),
    );
    for (error, expected) in [(None, 1), (None, 1), (Some(()), 1), (None, 2)] {
        if error.is_some() {
            let item = item.as_any().downcast_ref::<mock::Cred>().unwrap();
            item.set_error(Error::PlatformFailure("the bus restarted".into()));
        }
        assert_eq!(credentials.get(URL, None).is_err(), error.is_some());
        assert_eq!(opened.load(Ordering::SeqCst), expected);
    }
}

#[test]
fn without_keyring_and_file_nothing_is_kept() {
    let credentials = without_keyring();
    let available = credentials.available();
    assert_eq!(available.used, None);
    assert!(matches!(available.keyring, KeyringState::NoService(_)));
    assert!(matches!(available.file, FileState::Off));
    assert_eq!(
        available.to_string(),
        "Credentials cannot be kept: no keyring can be reached (Platform failure: no session bus). The encrypted \
         file can be turned on instead."
    );
    let error = credentials.put(URL, &credential("ada", "hunter2")).unwrap_err().to_string();
    assert!(error.contains("no session bus") && !error.contains("hunter2"), "{error}");
}

#[test]
fn what_the_keyring_refuses_is_told_without_the_secret() {
    let (store, credentials) = in_memory();
    credentials.put(URL, &credential("ada", "hunter2")).unwrap();
    let item = store.build("slipway", URL, None).unwrap();
    let item = item.as_any().downcast_ref::<mock::Cred>().unwrap();
    for (error, expected) in [
        (Error::NoStorageAccess("prompt dismissed".into()), "locked or refused access"),
        (Error::PlatformFailure("bus closed".into()), "bus closed"),
        (Error::BadEncoding(b"hunter2".to_vec()), "not valid UTF-8"),
        (Error::TooLong("secret".to_owned(), 2560), "2560"),
    ] {
        item.set_error(error);
        let text = credentials.get(URL, None).unwrap_err();
        assert!(text.to_string().contains(expected), "{text}");
        assert!(!format!("{text} {text:?}").contains("hunter2") && !format!("{text:?}").contains("104, 117"));
    }
    assert_eq!(password(&credentials, URL, None).as_deref(), Some("hunter2"), "it works again");
}

#[test]
fn an_item_of_another_program_is_named_and_can_be_replaced() {
    let (store, credentials) = in_memory();
    store.build("slipway", URL, None).unwrap().set_password("hunter2").unwrap();
    let error = credentials.get(URL, None).unwrap_err().to_string();
    assert!(error.contains(URL) && !error.contains("hunter2"), "{error}");
    credentials.put(URL, &credential("ada", "new")).unwrap();
    assert_eq!(password(&credentials, URL, None).as_deref(), Some("new"));
}

#[test]
fn a_keyring_that_does_not_answer_blocks_nobody() {
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let store = mock::Store::new().unwrap();
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let (done, finished) = mpsc::channel::<()>();
    let credentials = with_backend(
        move || {
            count.fetch_add(1, Ordering::SeqCst);
            // Waits for the test, as a keyring waits for its owner.
            let _ = released.lock().unwrap().recv();
            let _ = done.send(());
            Ok(Arc::clone(&store) as Arc<Backend>)
        },
        Duration::from_millis(50),
    );
    for _ in 0..3 {
        let error = credentials.get(URL, None).unwrap_err();
        assert!(matches!(error, CredentialError::Keyring(KeyringState::TimedOut)), "{error}");
    }
    assert_eq!(opened.load(Ordering::SeqCst), 1, "threads do not pile up");
    release.send(()).unwrap();
    finished.recv().unwrap();
    // The worker comes back between here and a few steps later.
    let answered = (0..10_000).any(|_| {
        std::thread::yield_now();
        credentials.get(URL, None).is_ok()
    });
    assert!(answered, "it is asked again once it is back");
}

#[test]
fn a_crash_in_the_library_is_an_error_and_the_next_call_begins_anew() {
    let store = mock::Store::new().unwrap();
    let calls = AtomicUsize::new(0);
    let credentials = with_backend(
        move || {
            assert!(calls.fetch_add(1, Ordering::SeqCst) > 0, "the first call crashes");
            Ok(Arc::clone(&store) as Arc<Backend>)
        },
        Duration::from_secs(60),
    );
    assert!(matches!(
        credentials.get(URL, None).unwrap_err(),
        CredentialError::Keyring(KeyringState::Failed(_))
    ));
    assert_eq!(password(&credentials, URL, None), None);
}

#[test]
fn the_file_holds_nothing_in_clear_and_is_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let credentials = with_file(without_keyring(), &path, "open sesame");
    credentials.put(URL, &credential("adalovelace", "hunter2hunter2")).unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let text = String::from_utf8_lossy(&fs::read(entry.unwrap().path()).unwrap()).into_owned();
        for secret in ["adalovelace", "hunter2", "example.com", "sesame"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let before = fs::read(&path).unwrap();
    credentials.put(URL, &credential("adalovelace", "hunter2hunter2")).unwrap();
    assert_ne!(fs::read(&path).unwrap()[40..64], before[40..64], "no nonce is used twice");
    assert!(!format!("{credentials:?}").contains("sesame"));
}

#[test]
fn a_wrong_passphrase_and_damage_are_told_apart_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    with_file(without_keyring(), &path, "open").put(URL, &credential("ada", "one")).unwrap();
    let intact = fs::read(&path).unwrap();
    let wrong = with_file(without_keyring(), &path, "shut");
    assert!(matches!(wrong.get(URL, None).unwrap_err(), CredentialError::WrongPassphrase { .. }));
    assert!(matches!(
        wrong.put(URL, &credential("ada", "two")).unwrap_err(),
        CredentialError::WrongPassphrase { .. }
    ));
    let FileState::Failed(CredentialError::WrongPassphrase { .. }) = wrong.available().file else {
        unreachable!("the state says the same");
    };
    assert_eq!(fs::read(&path).unwrap(), intact);

    let right = with_file(without_keyring(), &path, "open");
    for place in 0..intact.len() {
        let mut bytes = intact.clone();
        bytes[place] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let error = right.get(URL, None).unwrap_err();
        assert!(matches!(error, CredentialError::DamagedFile { .. }), "{place}: {error}");
    }
    for length in [0, 4, 12, 63, intact.len() - 1] {
        fs::write(&path, &intact[..length]).unwrap();
        let error = right.put(URL, &credential("ada", "two")).unwrap_err();
        assert!(matches!(error, CredentialError::DamagedFile { .. }), "{length}: {error}");
        assert_eq!(fs::read(&path).unwrap(), &intact[..length]);
    }
}

#[test]
fn a_file_that_was_changed_on_purpose_is_refused() {
    use sha2::{Digest as _, Sha256};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let credentials = with_file(without_keyring(), &path, "open");
    credentials.put(URL, &credential("ada", "one")).unwrap();
    let intact = fs::read(&path).unwrap();
    type Expected = fn(&CredentialError) -> bool;
    let cases: [(usize, u8, Expected); 4] = [
        (8, 2, |error| matches!(error, CredentialError::NewerFile { found: 2, .. })),
        // 16 GiB of memory.
        (15, 1, |error| matches!(error, CredentialError::DamagedFile { .. })),
        (40, 0, |error| matches!(error, CredentialError::WrongPassphrase { .. })),
        (70, 0, |error| matches!(error, CredentialError::WrongPassphrase { .. })),
    ];
    for (place, value, expected) in cases {
        let mut bytes = intact[..intact.len() - 32].to_vec();
        bytes[place] = if value == 0 { !bytes[place] } else { value };
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        fs::write(&path, bytes).unwrap();
        let error = credentials.get(URL, None).unwrap_err();
        assert!(expected(&error), "{place}: {error}");
    }
}

#[test]
fn an_empty_passphrase_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let credentials = with_file(without_keyring(), &path, "");
    assert!(matches!(
        credentials.put(URL, &credential("ada", "one")).unwrap_err(),
        CredentialError::NoPassphrase
    ));
    assert!(!path.exists());
}

#[test]
fn two_writers_of_the_file_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let credentials = with_file(without_keyring(), path, "open");
                for number in 0..3 {
                    let url = format!("https://{writer}-{number}.example.com");
                    credentials.put(&url, &credential("ada", "one")).unwrap();
                }
            });
        }
    });
    assert_eq!(with_file(without_keyring(), &path, "open").list().unwrap().len(), 12);
}

#[test]
fn only_addresses_of_servers_are_taken() {
    for url in [
        "",
        "git.example.com",
        "ssh://git.example.com",
        "https://",
        "https://a b",
        "https://a\nb",
        "https://:443",
    ] {
        assert!(matches!(ServerOrigin::of(url), Err(CredentialError::Address)), "{url}");
    }
    for (url, expected) in [
        ("https://user:pa@ss@Git.Example.com/a@b?c", "https://git.example.com"),
        ("http://localhost:80#x", "http://localhost"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
        ("https://a:80", "https://a:80"),
    ] {
        assert_eq!(ServerOrigin::of(url).unwrap().as_str(), expected);
    }
}
