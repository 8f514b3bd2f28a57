//! The marker that stands for a secret value.

use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::canonical::canonical;

/// What stands for a secret value on screen.
pub const MASK: &str = "••••••";

/// The key of the fingerprints by which masked values are told apart. Without the key nobody can find a value
/// by trying; so it is random, and it is kept as long as the fingerprints shall be comparable: for a session
/// in memory, or in the keyring where they are stored.
#[derive(Clone, PartialEq, Eq)]
pub struct MaskKey(Option<[u8; 32]>);

impl MaskKey {
    /// A key of 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Some(bytes))
    }

    /// No key: every value becomes the same marker. A comparison still says which values differ.
    #[must_use]
    pub fn without_fingerprints() -> Self {
        Self(None)
    }

    /// The marker of a value: `•••••• 3f9a01c2`, with the first eight digits of a keyed fingerprint. Equal
    /// values have equal markers; different values have different ones (but for one pair in four thousand
    /// million).
    #[must_use]
    pub fn marker(&self, value: &Value) -> String {
        let Some(key) = &self.0 else { return MASK.to_owned() };
        let code = authentication_code(key, canonical(value).as_bytes());
        let digits: String = code[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{MASK} {digits}")
    }
}

impl fmt::Debug for MaskKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "MaskKey(…)" } else { "MaskKey(none)" })
    }
}

/// HMAC-SHA-256 (RFC 2104) with a key of 32 bytes.
fn authentication_code(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let padded = |byte: u8| {
        let mut block = [byte; 64];
        for (place, key) in block.iter_mut().zip(key) {
            *place ^= key;
        }
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_code_is_that_of_the_standard() {
        // Computed with: printf 'what do ya want' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0102…20
        let mut key = [0u8; 32];
        for (index, byte) in key.iter_mut().enumerate() {
            *byte = u8::try_from(index + 1).unwrap();
        }
        let digits: String =
            authentication_code(&key, b"what do ya want").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digits, "9efc374b626710b7a495b2779868c15ab4a324c6881ccf46fa39088f4b65b13b");
    }

    #[test]
    fn equal_values_have_equal_markers_and_others_do_not() {
        let key = MaskKey::new([7; 32]);
        assert_eq!(key.marker(&json!("a")), key.marker(&json!("a")));
        assert_ne!(key.marker(&json!("1")), key.marker(&json!(1)), "a text and a number differ");
        assert_ne!(key.marker(&json!("a")), MaskKey::new([8; 32]).marker(&json!("a")));
        assert_eq!(MaskKey::without_fingerprints().marker(&json!("a")), MASK);
    }

    #[test]
    fn a_key_is_never_printed() {
        assert_eq!(format!("{:?}", MaskKey::new([65; 32])), "MaskKey(…)");
    }
}
