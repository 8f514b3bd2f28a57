//! The key by which masked values are told apart on screen.

use std::sync::OnceLock;

use slipway_diff::MaskKey;

/// Random, and only in memory: a fingerprint means nothing to another run of the program.
pub(crate) fn mask_key() -> &'static MaskKey {
    static KEY: OnceLock<MaskKey> = OnceLock::new();
    KEY.get_or_init(|| MaskKey::new(rand::random()))
}
