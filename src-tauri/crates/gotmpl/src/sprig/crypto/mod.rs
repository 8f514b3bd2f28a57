//! Hashes, passwords, keys and certificates.
//!
//! What is random comes from a [`Generator`](super::environment::Generator), so that it is the same in every render of
//! the same input. It is meant for looking at and comparing renders, not for use as a secret.

pub(super) mod certificate;
mod der;
mod dsa;
pub(super) mod hash;
pub(super) mod key;
pub(super) mod password;
mod pem;
mod rsa;
