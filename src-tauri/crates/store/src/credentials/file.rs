//! The encrypted file: for where there is no keyring, when the user turns it on.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `SLIPCRED` |
//! | 4 | version, little endian |
//! | 4 + 4 + 4 | Argon2id: memory in KiB, passes, lanes; little endian |
//! | 16 | salt |
//! | 24 | nonce |
//! | … | JSON under XChaCha20-Poly1305, the bytes before it as associated data |
//! | 32 | SHA-256 of everything before it |
//!
//! The checksum needs no passphrase, so that damage by accident is told apart from a wrong passphrase. It
//! protects against nobody; the cipher does. A file changed on purpose looks like a wrong passphrase.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};
use slipway_git::Credential;
use zeroize::Zeroizing;

use super::logins::{Logins, to_json};
use super::{CredentialError, ServerOrigin};
use crate::{StoreError, write_atomically};

const MAGIC: &[u8; 8] = b"SLIPCRED";
const VERSION: u32 = 1;
const HEADER: usize = 8 + 4 + 12 + 16 + 24;
const TAG: usize = 16;
const CHECKSUM: usize = 32;
/// Thousands of logins; a longer file is not ours.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// How long another process may hold the file.
const LOCK_TRIES: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// What deriving the key costs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Cost {
    /// The memory and passes of the second recommended choice of RFC 9106, section 4; one lane, because the
    /// lanes would be computed one after the other here.
    pub(super) const STANDARD: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
    /// What a file may ask for, so that it cannot use up memory or time.
    const MAX: Self = Self { memory_kib: 512 * 1024, passes: 16, lanes: 16 };
}

type Key = Zeroizing<[u8; 32]>;
type Salt = [u8; 16];
/// Logins by origin.
type Content = BTreeMap<String, Logins>;

pub(super) struct EncryptedFile {
    path: PathBuf,
    passphrase: Zeroizing<String>,
    cost: Cost,
    /// The key derived last, so that not every access costs that again.
    key: Mutex<Option<(Cost, Salt, Key)>>,
}

impl EncryptedFile {
    pub(super) fn new(path: PathBuf, passphrase: Zeroizing<String>, cost: Cost) -> Self {
        Self { path, passphrase, cost, key: Mutex::new(None) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn get(
        &self,
        origin: &ServerOrigin,
        username: Option<&str>,
    ) -> Result<Option<Credential>, CredentialError> {
        let (content, _) = self.read()?;
        Ok(content.get(origin.as_str()).and_then(|logins| logins.find(username)))
    }

    pub(super) fn put(&self, origin: &ServerOrigin, credential: &Credential) -> Result<(), CredentialError> {
        let _lock = self.lock()?;
        let (mut content, salt) = self.read()?;
        let logins = content.entry(origin.as_str().to_owned()).or_default();
        logins.set(&credential.username, &credential.password);
        self.write(&content, salt)
    }

    pub(super) fn remove(
        &self,
        origin: &ServerOrigin,
        username: Option<&str>,
    ) -> Result<bool, CredentialError> {
        let _lock = self.lock()?;
        let (mut content, salt) = self.read()?;
        let removed = content.get_mut(origin.as_str()).is_some_and(|logins| logins.remove(username));
        if removed {
            content.retain(|_, logins| !logins.is_empty());
            self.write(&content, salt)?;
        }
        Ok(removed)
    }

    pub(super) fn origins(&self) -> Result<Vec<String>, CredentialError> {
        Ok(self.read()?.0.into_keys().collect())
    }

    fn failed(&self, action: &'static str) -> impl Fn(io::Error) -> CredentialError {
        let path = self.path.clone();
        move |source| StoreError::File { action, path: path.clone(), source }.into()
    }

    fn damaged(&self, reason: &'static str) -> CredentialError {
        CredentialError::DamagedFile { path: self.path.clone(), reason }
    }

    /// Keeps other processes from writing between our reading and writing; until it is dropped.
    fn lock(&self) -> Result<File, CredentialError> {
        let path = self.path.with_added_extension("lock");
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(folder).map_err(self.failed("make the folder of"))?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(self.failed("lock"))?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(fs::TryLockError::Error(error)) => return Err(self.failed("lock")(error)),
            }
        }
        Err(CredentialError::BusyFile { path: self.path.clone() })
    }

    /// The content and the salt of the file; nothing and a new salt where there is none.
    fn read(&self) -> Result<(Content, Salt), CredentialError> {
        if self.passphrase.is_empty() {
            return Err(CredentialError::NoPassphrase);
        }
        let mut bytes = Vec::new();
        match File::open(&self.path) {
            Ok(file) => file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(self.failed("read"))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((Content::new(), random()?));
            }
            Err(error) => return Err(self.failed("read")(error)),
        };
        if bytes.len() as u64 > MAX_BYTES {
            return Err(self.damaged("it is too long"));
        }
        if !bytes.starts_with(MAGIC) {
            return Err(self.damaged("it does not begin as such a file"));
        }
        if bytes.len() < HEADER + TAG + CHECKSUM {
            return Err(self.damaged("its end is missing"));
        }
        let (sealed, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
        if Sha256::digest(sealed).as_slice() != checksum {
            return Err(self.damaged("its checksum is wrong"));
        }
        let (header, body) = sealed.split_at(HEADER);
        let number = |at: usize| {
            let mut four = [0; 4];
            four.copy_from_slice(&header[at..at + 4]);
            u32::from_le_bytes(four)
        };
        let found = number(8);
        if found != VERSION {
            return Err(CredentialError::NewerFile { path: self.path.clone(), found, known: VERSION });
        }
        let cost = Cost { memory_kib: number(12), passes: number(16), lanes: number(20) };
        if cost.memory_kib > Cost::MAX.memory_kib
            || cost.passes > Cost::MAX.passes
            || cost.lanes > Cost::MAX.lanes
        {
            return Err(self.damaged("deriving its key would take too much memory or time"));
        }
        let mut salt = Salt::default();
        salt.copy_from_slice(&header[24..40]);
        let mut nonce = XNonce::default();
        nonce.copy_from_slice(&header[40..HEADER]);
        let key = self.key(cost, salt)?;
        // The same buffer holds the cipher text, then the plain text, and is wiped.
        let mut text = Zeroizing::new(body.to_vec());
        XChaCha20Poly1305::new((&*key).into())
            .decrypt_in_place(&nonce, header, &mut *text)
            .map_err(|_| CredentialError::WrongPassphrase { path: self.path.clone() })?;
        let content =
            serde_json::from_slice(&text).map_err(|_| self.damaged("what it holds cannot be understood"))?;
        Ok((content, salt))
    }

    fn write(&self, content: &Content, salt: Salt) -> Result<(), CredentialError> {
        let bound = content.iter().map(|(origin, logins)| 6 * origin.len() + 16 + logins.json_bound());
        let mut text = to_json(content, bound.sum::<usize>() + TAG + 16)
            .map_err(|error| self.failed("write")(error.into()))?;
        let nonce: [u8; 24] = random()?;
        let mut bytes = Vec::with_capacity(HEADER + text.len() + TAG + CHECKSUM);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        for number in [self.cost.memory_kib, self.cost.passes, self.cost.lanes] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&salt);
        bytes.extend_from_slice(&nonce);
        let key = self.key(self.cost, salt)?;
        XChaCha20Poly1305::new((&*key).into())
            .encrypt_in_place(&nonce.into(), &bytes, &mut *text)
            .map_err(|_| self.failed("encrypt")(io::Error::other("it is too long")))?;
        bytes.extend_from_slice(&text);
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        if bytes.len() as u64 > MAX_BYTES {
            return Err(self.failed("write")(io::Error::other("it would hold more than can be read back")));
        }
        write_atomically(&self.path, &bytes)?;
        Ok(())
    }

    fn key(&self, cost: Cost, salt: Salt) -> Result<Key, CredentialError> {
        let mut kept = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of_cost, of_salt, key)) = &*kept
            && (*of_cost, *of_salt) == (cost, salt)
        {
            return Ok(key.clone());
        }
        let mut key = Key::default();
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(key.len()))
            .map_err(|_| self.damaged("deriving its key as it says is not possible"))?;
        // The memory that the derivation works in would give the key away as well.
        let mut memory = Zeroizing::new(vec![Block::new(); params.block_count()]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(self.passphrase.as_bytes(), &salt, &mut *key, &mut memory[..])
            .map_err(|_| self.damaged("deriving its key as it says is not possible"))?;
        *kept = Some((cost, salt, key.clone()));
        Ok(key)
    }
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], CredentialError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| CredentialError::NoRandomness(error.to_string()))?;
    Ok(bytes)
}
