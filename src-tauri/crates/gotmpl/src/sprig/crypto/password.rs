//! Passwords hashed, derived, and text encrypted with one.

use std::sync::{LazyLock, Mutex, PoisonError};

use aes::Aes256;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use hmac::{Hmac, Mac};
use sha2::{Digest as _, Sha256};

use super::super::cache::Bounded;
use super::super::encoding::{base64_decode, base64_encode};
use super::super::environment::Generator;

/// bcrypt's cost in sprig, which templates cannot change.
const COST: u32 = 10;
const BLOCK: usize = 16;

/// A bcrypt hash, or the text of the error in its place, as sprig gives it.
pub(crate) fn bcrypt(password: &[u8], generator: &mut Generator) -> String {
    if password.len() > 72 {
        return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes".to_owned();
    }
    let mut salt = [0; 16];
    generator.fill(&mut salt);
    once(&[b"bcrypt", &salt, password], || match bcrypt::hash_with_salt(password, COST, salt) {
        Ok(parts) => parts.format_for_version(bcrypt::Version::TwoA),
        Err(error) => format!("failed to encrypt string with bcrypt: {error}"),
    })
}

/// Results of functions that are slow on purpose, by a hash of what they follow from: every render of the same input
/// asks for the same ones.
static SLOW: LazyLock<Mutex<Bounded<[u8; 32], String>>> = LazyLock::new(|| Mutex::new(Bounded::new(4096)));

fn once(inputs: &[&[u8]], compute: impl FnOnce() -> String) -> String {
    let mut hash = Sha256::new();
    for input in inputs {
        hash.update((input.len() as u64).to_be_bytes());
        hash.update(input);
    }
    let key: [u8; 32] = hash.finalize().into();
    let known = || SLOW.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(result) = known().get(&key) {
        return result.clone();
    }
    let result = compute();
    known().insert(key, result.clone());
    result
}

/// The templates of the Master Password algorithm; each letter stands for a class of characters.
fn templates(kind: &[u8]) -> Option<&'static [&'static str]> {
    Some(match kind {
        b"maximum" => &["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        b"long" => &[
            "CvcvnoCvcvCvcv",
            "CvcvCvcvnoCvcv",
            "CvcvCvcvCvcvno",
            "CvccnoCvcvCvcv",
            "CvccCvcvnoCvcv",
            "CvccCvcvCvcvno",
            "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv",
            "CvcvCvccCvcvno",
            "CvcvnoCvcvCvcc",
            "CvcvCvcvnoCvcc",
            "CvcvCvcvCvccno",
            "CvccnoCvccCvcv",
            "CvccCvccnoCvcv",
            "CvccCvccCvcvno",
            "CvcvnoCvccCvcc",
            "CvcvCvccnoCvcc",
            "CvcvCvccCvccno",
            "CvccnoCvcvCvcc",
            "CvccCvcvnoCvcc",
            "CvccCvcvCvccno",
        ],
        b"medium" => &["CvcnoCvc", "CvcCvcno"],
        b"short" => &["Cvcn"],
        b"basic" => &["aaanaaan", "aannaaan", "aaannaaa"],
        b"pin" => &["nnnn"],
        _ => return None,
    })
}

fn class(letter: u8) -> &'static [u8] {
    match letter {
        b'V' => b"AEIOU",
        b'C' => b"BCDFGHJKLMNPQRSTVWXYZ",
        b'v' => b"aeiou",
        b'c' => b"bcdfghjklmnpqrstvwxyz",
        b'a' => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        b'n' => b"0123456789",
        b'o' => b"@&%?,=[]_:-+*$#!'^~;()/.",
        _ => b"AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    }
}

/// The password of the Master Password algorithm for a site, or the text of the error in its place.
pub(crate) fn derive(counter: u32, kind: &[u8], password: &[u8], user: &[u8], site: &[u8]) -> String {
    let inputs = [b"derive", &counter.to_be_bytes()[..], kind, password, user, site];
    once(&inputs, || derive_anew(counter, kind, password, user, site))
}

fn derive_anew(counter: u32, kind: &[u8], password: &[u8], user: &[u8], site: &[u8]) -> String {
    const SCOPE: &[u8] = b"com.lyndir.masterpassword";
    let Some(templates) = templates(kind) else {
        return format!("cannot find password template {}", String::from_utf8_lossy(kind));
    };
    let salt = [SCOPE, &(user.len() as u32).to_be_bytes(), user].concat();
    let mut key = [0; 64];
    // N = 32768, as upstream.
    let derived = scrypt::Params::new(15, 8, 2).map_err(|error| error.to_string()).and_then(|parameters| {
        scrypt::scrypt(password, &salt, &parameters, &mut key).map_err(|error| error.to_string())
    });
    if let Err(error) = derived {
        return format!("failed to derive password: {error}");
    }
    let message = [SCOPE, &(site.len() as u32).to_be_bytes(), site, &counter.to_be_bytes()].concat();
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(&message);
    let seed = mac.finalize().into_bytes();
    let template = templates[usize::from(seed[0]) % templates.len()];
    // The longest template has 20 letters, the seed 32 bytes.
    template
        .bytes()
        .zip(&seed[1..])
        .map(|(letter, byte)| {
            let characters = class(letter);
            char::from(characters[usize::from(*byte) % characters.len()])
        })
        .collect()
}

fn cipher(password: &[u8]) -> Aes256 {
    let mut key = [0; 32];
    let length = password.len().min(32);
    key[..length].copy_from_slice(&password[..length]);
    Aes256::new(&key.into())
}

/// AES-256-CBC with a random first block, in base64.
pub(crate) fn encrypt(password: &[u8], text: &[u8], generator: &mut Generator) -> String {
    if text.is_empty() {
        return String::new();
    }
    let cipher = cipher(password);
    let padding = BLOCK - text.len() % BLOCK;
    let mut output = vec![0; BLOCK];
    generator.fill(&mut output);
    output.extend_from_slice(text);
    output.resize(output.len() + padding, padding as u8);
    for start in (BLOCK..output.len()).step_by(BLOCK) {
        let mut block = [0; BLOCK];
        for (index, byte) in block.iter_mut().enumerate() {
            *byte = output[start + index] ^ output[start - BLOCK + index];
        }
        let mut block = block.into();
        cipher.encrypt_block(&mut block);
        output[start..start + BLOCK].copy_from_slice(&block);
    }
    base64_encode(&output)
}

/// Undoes [`encrypt`]. The error is Go's text; `true` beside it where upstream panics.
pub(crate) fn decrypt(password: &[u8], text: &[u8]) -> Result<Vec<u8>, (String, bool)> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let input = base64_decode(text).map_err(|error| (error, false))?;
    let panic = |text: String| Err((text, true));
    if input.len() < BLOCK {
        return panic(format!(
            "runtime error: slice bounds out of range [:{BLOCK}] with capacity {}",
            base64_capacity(text)
        ));
    }
    if input.len() % BLOCK != 0 {
        return panic("crypto/cipher: input not full blocks".to_owned());
    }
    if input.len() == BLOCK {
        return panic("runtime error: index out of range [-1]".to_owned());
    }
    let cipher = cipher(password);
    let mut output = Vec::with_capacity(input.len());
    for start in (BLOCK..input.len()).step_by(BLOCK) {
        let mut block = [0; BLOCK];
        block.copy_from_slice(&input[start..start + BLOCK]);
        let mut block = block.into();
        cipher.decrypt_block(&mut block);
        output.extend(block.iter().zip(&input[start - BLOCK..]).map(|(byte, before)| byte ^ before));
    }
    // The last byte says how many are padding; a wrong password makes it anything.
    let padding = usize::from(output.last().copied().unwrap_or(0));
    match output.len().checked_sub(padding) {
        Some(length) => {
            output.truncate(length);
            Ok(output)
        }
        None => panic(format!("runtime error: slice bounds out of range [:-{}]", padding - output.len())),
    }
}

/// The capacity of the buffer that Go decodes base64 into.
fn base64_capacity(text: &[u8]) -> usize {
    text.len() / 4 * 3
}
