//! The keyring of the desktop, asked on a thread of its own and with a limit of time.
//!
//! One item per server, named by its origin; its secret is JSON, since some keyrings keep only UTF-8. One more
//! item lists the servers, because not every keyring can be searched.
//!
//! A keyring that waits for its owner (to unlock it, to allow the access) blocks its caller. So the calls are
//! made by a worker; who asked goes on after the limit, and until the worker is back nobody else waits.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyring_core::{CredentialStore as Backend, Entry, Error};
use slipway_git::Credential;
use zeroize::Zeroizing;

use super::logins::{Logins, to_json};
use super::{CredentialError, KeyringState, ServerOrigin};

/// Under this name items are kept; users see it in the programs that show a keyring.
const SERVICE: &str = "slipway";
/// The item that lists the servers; no origin is named so.
const INDEX: &str = "servers";

/// Opens the keyring.
pub(super) type Open = Arc<dyn Fn() -> Result<Arc<Backend>, Error> + Send + Sync>;
/// Says whether the keyring may stay open: a connection that failed is made anew.
type Job = Box<dyn FnOnce(Result<&Arc<Backend>, &Error>) -> bool + Send>;

pub(super) struct Keyring {
    open: Open,
    limit: Duration,
    /// Protects the way to the worker; held while a job is handed over, never while it is done.
    worker: Mutex<Option<Sender<Job>>>,
    /// Whether the worker still does what nobody waits for any more.
    stuck: Arc<AtomicBool>,
}

/// The way back of an answer. Fields are dropped in their order: the mark goes after the sender, also when the
/// library panics, so that a keyring is never taken for stuck for good.
struct Reply<T> {
    answer: SyncSender<Result<T, CredentialError>>,
    _done: Done,
}

/// Says when dropped that the worker is free again.
struct Done(Arc<AtomicBool>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

/// Opens the keyring of the platform.
pub(super) fn open_platform() -> Result<Arc<Backend>, Error> {
    #[cfg(target_os = "linux")]
    return Ok(dbus_secret_service_keyring_store::Store::new()?);
    #[cfg(target_os = "macos")]
    return Ok(apple_native_keyring_store::keychain::Store::new()?);
    #[cfg(windows)]
    return Ok(windows_native_keyring_store::Store::new()?);
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    return Err(Error::NoDefaultStore);
}

impl Keyring {
    pub(super) fn new(open: Open, limit: Duration) -> Self {
        Self { open, limit, worker: Mutex::new(None), stuck: Arc::default() }
    }

    /// Whether it can be used, found out by reading the list of servers. May ask the user to unlock it.
    pub(super) fn state(&self) -> KeyringState {
        match self.origins() {
            Ok(_) => KeyringState::Ready,
            Err(CredentialError::Keyring(state)) => state,
            Err(error) => KeyringState::Failed(error.to_string()),
        }
    }

    pub(super) fn get(
        &self,
        origin: &ServerOrigin,
        username: Option<&str>,
    ) -> Result<Option<Credential>, CredentialError> {
        let (origin, username) = (origin.clone(), username.map(str::to_owned));
        self.call(move |backend| Ok(read_logins(backend, &origin)?.find(username.as_deref())))
    }

    pub(super) fn put(&self, origin: &ServerOrigin, credential: &Credential) -> Result<(), CredentialError> {
        let origin = origin.clone();
        let username = credential.username.clone();
        let password = Zeroizing::new(credential.password.clone());
        self.call(move |backend| {
            let mut logins = match read_logins(backend, &origin) {
                // An item that cannot be understood holds nothing to keep.
                Err(CredentialError::Malformed { .. }) => Logins::default(),
                other => other?,
            };
            logins.set(&username, &password);
            // The list first: a server without logins is harmless, logins that no list shows are not.
            let mut origins = read_index(backend)?;
            if origins.insert(origin.as_str().to_owned()) {
                write_index(backend, &origins)?;
            }
            write_logins(backend, &origin, &logins)
        })
    }

    pub(super) fn remove(
        &self,
        origin: &ServerOrigin,
        username: Option<&str>,
    ) -> Result<bool, CredentialError> {
        let (origin, username) = (origin.clone(), username.map(str::to_owned));
        self.call(move |backend| {
            let (mut logins, damaged) = match read_logins(backend, &origin) {
                Err(CredentialError::Malformed { .. }) => (Logins::default(), true),
                other => (other?, false),
            };
            let removed = logins.remove(username.as_deref()) || damaged;
            if !logins.is_empty() {
                if removed {
                    write_logins(backend, &origin, &logins)?;
                }
                return Ok(removed);
            }
            match entry(backend, origin.as_str())?.delete_credential() {
                Ok(()) | Err(Error::NoEntry) => {}
                Err(error) => return Err(classify(&error)),
            }
            let mut origins = read_index(backend)?;
            if origins.remove(origin.as_str()) {
                write_index(backend, &origins)?;
            }
            Ok(removed)
        })
    }

    pub(super) fn origins(&self) -> Result<BTreeSet<String>, CredentialError> {
        self.call(read_index)
    }

    /// Has the worker do something, and waits for it at most the limit.
    fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Backend>) -> Result<T, CredentialError> + Send + 'static,
    ) -> Result<T, CredentialError> {
        if self.stuck.load(Ordering::SeqCst) {
            return Err(CredentialError::Keyring(KeyringState::TimedOut));
        }
        let (answer, answered) = mpsc::sync_channel(1);
        let abandoned = Arc::new(AtomicBool::new(false));
        let reply = Reply { answer, _done: Done(Arc::clone(&self.stuck)) };
        let seen = Arc::clone(&abandoned);
        self.hand_over(Box::new(move |backend| {
            let reply = reply;
            // What nobody waits for is not begun any more.
            if seen.load(Ordering::SeqCst) {
                return true;
            }
            let result = match backend {
                Ok(backend) => work(backend),
                Err(error) => Err(CredentialError::Keyring(KeyringState::NoService(error.to_string()))),
            };
            let sound = !matches!(result, Err(CredentialError::Keyring(KeyringState::Failed(_))));
            // Who asked may have gone.
            let _ = reply.answer.send(result);
            sound
        }))?;
        match answered.recv_timeout(self.limit) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => {
                self.stuck.store(true, Ordering::SeqCst);
                abandoned.store(true, Ordering::SeqCst);
                // It may have come back between the limit and the mark.
                match answered.try_recv() {
                    Ok(result) => {
                        self.stuck.store(false, Ordering::SeqCst);
                        result
                    }
                    Err(_) => Err(CredentialError::Keyring(KeyringState::TimedOut)),
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                // The library panicked; the next call begins with a new worker. The old one may still be taken
                // down, and would drop what it is handed over meanwhile.
                *self.worker.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Err(CredentialError::Keyring(KeyringState::Failed("its library crashed".to_owned())))
            }
        }
    }

    fn hand_over(&self, job: Job) -> Result<(), CredentialError> {
        let mut worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner);
        let job = match worker.as_ref() {
            Some(sender) => match sender.send(job) {
                Ok(()) => return Ok(()),
                Err(rejected) => rejected.0,
            },
            None => job,
        };
        let (sender, jobs) = mpsc::channel::<Job>();
        let open = Arc::clone(&self.open);
        let started = std::thread::Builder::new().name("keyring".to_owned()).spawn(move || {
            let mut backend: Option<Arc<Backend>> = None;
            for job in jobs {
                let opened = match backend.take() {
                    Some(backend) => Ok(backend),
                    None => open(),
                };
                if job(opened.as_ref()) {
                    backend = opened.ok();
                }
            }
        });
        let failed = |reason: String| CredentialError::Keyring(KeyringState::Failed(reason));
        started.map_err(|error| failed(format!("no thread for it: {error}")))?;
        sender.send(job).map_err(|_| failed("its thread ended at once".to_owned()))?;
        *worker = Some(sender);
        Ok(())
    }
}

fn entry(backend: &Arc<Backend>, user: &str) -> Result<Entry, CredentialError> {
    backend.build(SERVICE, user, None).map_err(|error| classify(&error))
}

fn read(backend: &Arc<Backend>, user: &str) -> Result<Option<Zeroizing<Vec<u8>>>, CredentialError> {
    match entry(backend, user)?.get_secret() {
        Ok(secret) => Ok(Some(Zeroizing::new(secret))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(classify(&error)),
    }
}

fn read_logins(backend: &Arc<Backend>, origin: &ServerOrigin) -> Result<Logins, CredentialError> {
    let Some(secret) = read(backend, origin.as_str())? else { return Ok(Logins::default()) };
    // The message of the parser may quote the secret.
    serde_json::from_slice(&secret)
        .map_err(|_| CredentialError::Malformed { item: origin.as_str().to_owned() })
}

fn write_logins(
    backend: &Arc<Backend>,
    origin: &ServerOrigin,
    logins: &Logins,
) -> Result<(), CredentialError> {
    let json = to_json(logins, logins.json_bound())
        .map_err(|_| CredentialError::Malformed { item: origin.as_str().to_owned() })?;
    entry(backend, origin.as_str())?.set_secret(&json).map_err(|error| classify(&error))
}

fn read_index(backend: &Arc<Backend>) -> Result<BTreeSet<String>, CredentialError> {
    let Some(list) = read(backend, INDEX)? else { return Ok(BTreeSet::new()) };
    serde_json::from_slice(&list).map_err(|_| CredentialError::Malformed { item: INDEX.to_owned() })
}

fn write_index(backend: &Arc<Backend>, origins: &BTreeSet<String>) -> Result<(), CredentialError> {
    let json = to_json(origins, 0).map_err(|_| CredentialError::Malformed { item: INDEX.to_owned() })?;
    entry(backend, INDEX)?.set_secret(&json).map_err(|error| classify(&error))
}

/// Only the text for display is kept of an error: its value may hold the secret.
fn classify(error: &Error) -> CredentialError {
    CredentialError::Keyring(match error {
        Error::NoStorageAccess(_) => KeyringState::LockedOrDenied(error.to_string()),
        Error::NoDefaultStore => KeyringState::NoService(error.to_string()),
        _ => KeyringState::Failed(error.to_string()),
    })
}
