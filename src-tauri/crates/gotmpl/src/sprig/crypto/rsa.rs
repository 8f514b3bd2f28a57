//! RSA: keys that follow from a seed, and signatures.

use num_bigint::BigUint;

use super::super::environment::Generator;
use super::montgomery::Modulus;
use super::prime::{self, EXPONENT};

/// Keys of more bits are not read: signing with one takes seconds.
const MOST_BITS: u64 = 8_192;

/// What stands before a SHA-256 sum in a signature: its algorithm (RFC 8017, 9.2).
const SHA256_PREFIX: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// The lengths of keys that sprig makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Length {
    /// Of certificates.
    Bits2048,
    /// Of `genPrivateKey`.
    Bits4096,
}

/// A private key of two primes.
#[derive(Debug)]
pub(crate) struct RsaKey {
    pub(super) n: BigUint,
    pub(super) e: BigUint,
    d: BigUint,
    p: BigUint,
    q: BigUint,
    /// `d` modulo `p - 1` and modulo `q - 1`, and `1 / q` modulo `p`.
    remainder: [BigUint; 3],
}

impl RsaKey {
    /// Makes a key.
    pub(super) fn generate(generator: &mut Generator, length: Length) -> RsaKey {
        loop {
            let (p, q) = match length {
                Length::Bits2048 => pair::<16, 32>(generator),
                Length::Bits4096 => pair::<32, 64>(generator),
            };
            let e = BigUint::from(EXPONENT);
            let (p1, q1) = (&p - 1_u32, &q - 1_u32);
            let multiple = &p1 * &q1 / greatest_common_divisor(p1, q1);
            if let Some(d) = e.modinv(&multiple)
                && let Some(key) = RsaKey::new(&p * &q, e, d, p, q)
            {
                return key;
            }
        }
    }

    /// A key of its parts; `None` where they do not belong together.
    pub(super) fn new(n: BigUint, e: BigUint, d: BigUint, p: BigUint, q: BigUint) -> Option<RsaKey> {
        let one = BigUint::from(1_u32);
        let small = n.bits() <= MOST_BITS && e.bits() < 32;
        if !small || !e.bit(0) || e == one || !n.bit(0) || p <= one || q <= one || &p * &q != n || d >= n {
            return None;
        }
        let (p1, q1) = (&p - 1_u32, &q - 1_u32);
        let (dp, dq) = (&d % &p1, &d % &q1);
        if &e * &dp % &p1 != &one % &p1 || &e * &dq % &q1 != &one % &q1 {
            return None;
        }
        let inverse = q.modinv(&p)?;
        Some(RsaKey { n, e, d, p, q, remainder: [dp, dq, inverse] })
    }

    /// The numbers of `RSAPrivateKey` after its version, in their order.
    pub(super) fn numbers(&self) -> [&BigUint; 8] {
        let [dp, dq, inverse] = &self.remainder;
        [&self.n, &self.e, &self.d, &self.p, &self.q, dp, dq, inverse]
    }

    /// Signs a SHA-256 sum after PKCS #1 version 1.5; `None` where the key is too short for one.
    pub(super) fn sign(&self, sum: &[u8; 32]) -> Option<Vec<u8>> {
        let width = usize::try_from(self.n.bits().div_ceil(8)).ok()?;
        let padding = width.checked_sub(3 + SHA256_PREFIX.len() + sum.len()).filter(|length| *length >= 8)?;
        let padded = [&[0, 1], &vec![0xff; padding][..], &[0], &SHA256_PREFIX, sum].concat();
        let message = BigUint::from_bytes_be(&padded);
        // By the Chinese remainder theorem, as two halves.
        let [dp, dq, inverse] = &self.remainder;
        let first = power(&message, dp, &self.p);
        let second = power(&message, dq, &self.q);
        let difference = (&first + &self.p - &second % &self.p) * inverse % &self.p;
        let signature = (second + difference * &self.q).to_bytes_be();
        Some([vec![0; width - signature.len()], signature].concat())
    }
}

/// Two primes that are not close to each other, as their product could be factored otherwise.
fn pair<const N: usize, const M: usize>(generator: &mut Generator) -> (BigUint, BigUint) {
    let first = prime::draw::<N, M>(generator);
    loop {
        let second = prime::draw::<N, M>(generator);
        if first[N - 2..] != second[N - 2..] {
            return (from_limbs(&first), from_limbs(&second));
        }
    }
}

fn from_limbs(limbs: &[u64]) -> BigUint {
    BigUint::from_bytes_le(&limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect::<Vec<_>>())
}

fn greatest_common_divisor(mut a: BigUint, mut b: BigUint) -> BigUint {
    while b != BigUint::ZERO {
        (a, b) = (b.clone(), a % b);
    }
    a
}

/// `base` to a power, fast for primes of the usual lengths.
fn power(base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
    let base = base % modulus;
    let fast = match modulus.bits() {
        512 => fast_power::<8, 16>(&base, exponent, modulus),
        1024 => fast_power::<16, 32>(&base, exponent, modulus),
        2048 => fast_power::<32, 64>(&base, exponent, modulus),
        _ => None,
    };
    fast.unwrap_or_else(|| base.modpow(exponent, modulus))
}

fn fast_power<const N: usize, const M: usize>(
    base: &BigUint,
    exponent: &BigUint,
    modulus: &BigUint,
) -> Option<BigUint> {
    let limbs = |number: &BigUint| -> Option<[u64; N]> {
        let mut limbs = number.to_u64_digits();
        limbs.resize(N, 0);
        limbs.try_into().ok()
    };
    let modulus = Modulus::<N, M>::new(limbs(modulus)?)?;
    let result = modulus.power(&modulus.enter(&limbs(base)?), &exponent.to_u64_digits());
    Some(from_limbs(&modulus.leave(&result)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum that a signature holds, by the public key alone.
    fn verified(key: &RsaKey, signature: &[u8]) -> Vec<u8> {
        BigUint::from_bytes_be(signature).modpow(&key.e, &key.n).to_bytes_be()
    }

    #[test]
    fn a_key_signs_what_its_public_half_verifies() {
        let key = RsaKey::generate(&mut Generator::from_seed([3; 32]), Length::Bits2048);
        assert_eq!(key.n.bits(), 2048);
        let sum = [0x5a; 32];
        let signature = key.sign(&sum).unwrap();
        assert_eq!(signature.len(), 256);
        let padded = verified(&key, &signature);
        assert!(padded.starts_with(&[1, 0xff, 0xff]) && padded.ends_with(&sum));
        assert_eq!(padded.len(), 255, "the first byte is 0");
        let [n, e, d, p, q, ..] = key.numbers().map(BigUint::clone);
        assert!(RsaKey::new(n.clone(), e.clone(), d.clone(), p.clone(), q.clone()).is_some());
        assert!(RsaKey::new(n.clone(), e.clone(), &d - 2_u32, p.clone(), q.clone()).is_none());
        assert!(RsaKey::new(n + 2_u32, e, d, p, q).is_none());
    }

    #[test]
    fn keys_of_unusual_lengths_sign_too() {
        // 2⁵²¹ - 1 and 2⁶⁰⁷ - 1 are primes of Mersenne.
        let mersenne = |bits: u32| (BigUint::from(1_u32) << bits) - 1_u32;
        let (p, q, e) = (mersenne(521), mersenne(607), BigUint::from(EXPONENT));
        let d = e.modinv(&((&p - 1_u32) * (&q - 1_u32))).unwrap();
        let key = RsaKey::new(&p * &q, e, d, p, q).unwrap();
        let padded = verified(&key, &key.sign(&[7; 32]).unwrap());
        assert!(padded.ends_with(&[7; 32]));
    }
}
