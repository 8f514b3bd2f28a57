//! Checksums in the notation that sprig gives them.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::value::Str;

/// The digest in hexadecimal.
pub(crate) fn sha1(text: &[u8]) -> Str {
    hexadecimal(&Sha1::digest(text))
}

/// The digest in hexadecimal.
pub(crate) fn sha256(text: &[u8]) -> Str {
    hexadecimal(&Sha256::digest(text))
}

/// The digest in hexadecimal.
pub(crate) fn sha512(text: &[u8]) -> Str {
    hexadecimal(&Sha512::digest(text))
}

/// The Adler-32 checksum.
pub(crate) fn adler32(text: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let (mut low, mut high) = (1_u32, 0_u32);
    // So many bytes cannot overflow 32 bits before the remainder is taken.
    for chunk in text.chunks(5552) {
        for byte in chunk {
            low += u32::from(*byte);
            high += low;
        }
        low %= MODULUS;
        high %= MODULUS;
    }
    high << 16 | low
}

fn hexadecimal(bytes: &[u8]) -> Str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    // The longest digest has 64 bytes.
    let mut text = [0; 128];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    Str::from_bytes(&text[..2 * bytes.len()])
}
