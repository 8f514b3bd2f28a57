//! The format of one stored render: a header, then zstd-compressed JSON.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `SLIPRNDR` |
//! | 4 | version, little endian |
//! | 8 | length of the JSON, little endian |
//! | 32 | SHA-256 of the compressed JSON |

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use slipway_render::Rendered;

const MAGIC: &[u8; 8] = b"SLIPRNDR";
const VERSION: u32 = 1;
const HEADER: usize = 8 + 4 + 8 + 32;
/// The longest JSON that is kept.
const MAX_JSON: u64 = 64 * 1024 * 1024;
/// The longest record: what cannot be compressed grows a little.
pub(super) const MAX_BYTES: u64 = MAX_JSON + MAX_JSON / 64;
/// Level 3 is the usual balance of zstd.
const LEVEL: i32 = 3;

/// An encoded render.
pub(super) struct Record {
    /// The SHA-256 of the JSON, in hexadecimal.
    pub(super) content: String,
    pub(super) bytes: Vec<u8>,
}

/// Why a record cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damage {
    #[error("it is no render of this version")]
    Header,
    #[error("its checksum is wrong")]
    Checksum,
    #[error("it cannot be decompressed")]
    Compression(#[source] std::io::Error),
    #[error("it holds no render")]
    Json(#[source] serde_json::Error),
}

impl Record {
    /// Encodes a render; `None` where it is too long to be kept.
    pub(super) fn encode(rendered: &Rendered) -> std::io::Result<Option<Self>> {
        let json = serde_json::to_vec(rendered)?;
        let length = json.len() as u64;
        if length > MAX_JSON {
            return Ok(None);
        }
        let body = zstd::bulk::compress(&json, LEVEL)?;
        let mut bytes = Vec::with_capacity(HEADER + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&Sha256::digest(&body));
        bytes.extend_from_slice(&body);
        let mut content = String::with_capacity(64);
        for byte in Sha256::digest(&json) {
            // Writing to a string cannot fail.
            let _ = write!(content, "{byte:02x}");
        }
        Ok(Some(Self { content, bytes }))
    }

    /// Decodes a record. The checksum is compared before anything is decompressed.
    pub(super) fn decode(bytes: &[u8]) -> Result<Rendered, Damage> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(Damage::Header)?;
        let (version, rest) = rest.split_first_chunk().ok_or(Damage::Header)?;
        let (length, rest) = rest.split_first_chunk().ok_or(Damage::Header)?;
        let (checksum, body) = rest.split_first_chunk::<32>().ok_or(Damage::Header)?;
        let length = u64::from_le_bytes(*length);
        if u32::from_le_bytes(*version) != VERSION || length > MAX_JSON {
            return Err(Damage::Header);
        }
        if Sha256::digest(body).as_slice() != checksum {
            return Err(Damage::Checksum);
        }
        let capacity = usize::try_from(length).map_err(|_| Damage::Header)?;
        let json = zstd::bulk::decompress(body, capacity).map_err(Damage::Compression)?;
        if json.len() != capacity {
            return Err(Damage::Header);
        }
        serde_json::from_slice(&json).map_err(Damage::Json)
    }
}
