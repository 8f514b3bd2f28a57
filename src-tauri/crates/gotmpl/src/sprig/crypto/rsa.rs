//! RSA keys that are kept: finding primes, reading a key and signing take from milliseconds to seconds, and every render
//! of the same input asks for the same.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use num_bigint::BigUint;
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use sha2::{Digest as _, Sha256};

use super::super::environment::Generator;
use super::der::{self, tag};

/// Of how many keys a function gives one. A fleet of thousands of charts would ask for as many keys, which nobody tells
/// apart. Each function has keys of its own, so that a certificate and the authority that signs it never share one.
const FEW: u8 = 16;

/// Sums of 256 bits, by which keys and messages are found again.
type Sum = [u8; 32];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    /// Follows from a seed, with so many bits.
    Seed(Sum, usize),
    /// Was read; the sum of its encoding.
    Encoding(Sum),
}

/// The keys in use, emptied when full.
static KEPT: LazyLock<Mutex<HashMap<Source, Arc<RsaKey>>>> = LazyLock::new(Mutex::default);
const MOST_KEYS: usize = 1024;

/// A private key with what it signed.
#[derive(Debug)]
pub(crate) struct RsaKey {
    key: rsa::PrivateKey,
    encoding: Vec<u8>,
    /// By the sum of the message; emptied when full.
    signatures: Mutex<HashMap<Sum, Vec<u8>>>,
}

const MOST_SIGNATURES: usize = 4096;

impl RsaKey {
    /// The key of so many bits that a call of a function gets, one of those that the function has in this render.
    pub(super) fn one_of_few(
        generator: &Generator,
        function: &str,
        bits: usize,
    ) -> Result<Arc<RsaKey>, rsa::Error> {
        let mut generator = generator.one_of(FEW, function);
        let source = Source::Seed(generator.seed(), bits);
        if let Some(kept) = kept(source) {
            return Ok(kept);
        }
        let key = keep(source, RsaKey::new(rsa::PrivateKey::new(generator.stream(), bits)?));
        // A certificate's key is written into the render and read from there again to sign the next one.
        Ok(keep_shared(Source::Encoding(sum(&key.encoding)), key))
    }

    /// Reads `RSAPrivateKey` of RFC 8017 with two primes.
    pub(super) fn read(encoding: &[u8]) -> Option<Arc<RsaKey>> {
        let source = Source::Encoding(sum(encoding));
        if let Some(kept) = kept(source) {
            return Some(kept);
        }
        let mut sequence = der::Reader::new(encoding).enter(tag::SEQUENCE)?;
        if !sequence.unsigned()?.is_empty() {
            // Version 1 has more than two primes.
            return None;
        }
        let mut next = || sequence.unsigned().map(rsa::BoxedUint::from_be_slice_vartime);
        let (n, e, d, p, q) = (next()?, next()?, next()?, next()?, next()?);
        let key = rsa::PrivateKey::from_components(n, e, d, vec![p, q]).ok()?;
        Some(keep(source, RsaKey::new(key)))
    }

    fn new(key: rsa::PrivateKey) -> RsaKey {
        let encoding = encode(&key);
        RsaKey { key, encoding, signatures: Mutex::default() }
    }

    /// `RSAPrivateKey` of RFC 8017.
    pub(super) fn encoding(&self) -> &[u8] {
        &self.encoding
    }

    /// Modulus and exponent, each as an `INTEGER`.
    pub(super) fn public_numbers(&self) -> [Vec<u8>; 2] {
        [der::integer(&self.key.n_bytes()), der::integer(&self.key.e_bytes())]
    }

    pub(super) fn bits(&self) -> u64 {
        BigUint::from_bytes_be(&self.key.n_bytes()).bits()
    }

    /// The signature of the message's SHA-256 sum, padded as PKCS #1 v1.5.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rsa::Error> {
        let digest = sum(message);
        if let Some(signed) = self.signatures.lock().unwrap_or_else(PoisonError::into_inner).get(&digest) {
            return Ok(signed.clone());
        }
        let padding = rsa::Pkcs1v15Sign { hash_len: Some(digest.len()), prefix: Box::from(SHA256_INFO) };
        let signature = self.key.sign(padding, &digest)?;
        let mut signatures = self.signatures.lock().unwrap_or_else(PoisonError::into_inner);
        if signatures.len() >= MOST_SIGNATURES {
            signatures.clear();
        }
        signatures.insert(digest, signature.clone());
        Ok(signature)
    }
}

/// What precedes a SHA-256 sum before it is padded: `DigestInfo` up to its last value (RFC 8017, 9.2).
const SHA256_INFO: &[u8] = &[
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

fn encode(key: &rsa::PrivateKey) -> Vec<u8> {
    let big = |bytes: &[u8]| BigUint::from_bytes_be(bytes);
    let primes: Vec<BigUint> = key.primes().iter().map(|prime| big(&prime.to_be_bytes())).collect();
    let d = big(&key.d().to_be_bytes());
    let mut numbers = vec![BigUint::ZERO, big(&key.n_bytes()), big(&key.e_bytes()), d.clone()];
    if let [p, q, ..] = &primes[..] {
        let inverse = q.modinv(p).unwrap_or_default();
        numbers.extend([p.clone(), q.clone(), &d % (p - 1_u32), &d % (q - 1_u32), inverse]);
    }
    let content: Vec<u8> = numbers.iter().flat_map(|number| der::integer(&number.to_bytes_be())).collect();
    der::value(tag::SEQUENCE, &content)
}

fn sum(bytes: &[u8]) -> Sum {
    Sha256::digest(bytes).into()
}

fn kept(source: Source) -> Option<Arc<RsaKey>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).get(&source).map(Arc::clone)
}

fn keep(source: Source, key: RsaKey) -> Arc<RsaKey> {
    keep_shared(source, Arc::new(key))
}

fn keep_shared(source: Source, key: Arc<RsaKey>) -> Arc<RsaKey> {
    let mut keys = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if keys.len() >= MOST_KEYS {
        keys.clear();
    }
    keys.insert(source, Arc::clone(&key));
    key
}
