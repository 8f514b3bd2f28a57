//! Large primes that follow from a seed.

use std::sync::LazyLock;

use super::super::environment::Generator;
use super::montgomery::Modulus;

/// The public exponent of every key that is made. It must not divide a prime less one.
pub(super) const EXPONENT: u32 = 65_537;

/// Candidates are divided by the primes below this before they are tested.
const SIEVE_BOUND: usize = 1 << 17;
/// How many odd candidates are sieved at once; one in 350 of the length of 1024 bits is prime.
const WIDTH: usize = 1 << 14;

/// An odd prime, and the factor that replaces dividing by it: `⌊2⁶⁴ / prime⌋`.
struct Small {
    prime: u64,
    factor: u64,
}

static SMALL: LazyLock<Vec<Small>> = LazyLock::new(|| {
    let mut composite = vec![false; SIEVE_BOUND];
    let mut primes = Vec::new();
    for number in (3..SIEVE_BOUND).step_by(2) {
        if composite[number] {
            continue;
        }
        for multiple in (number * number..SIEVE_BOUND).step_by(2 * number) {
            composite[multiple] = true;
        }
        let prime = number as u64;
        primes.push(Small { prime, factor: ((1_u128 << 64) / u128::from(prime)) as u64 });
    }
    primes
});

impl Small {
    /// The remainder of a number below 2⁵⁰.
    #[inline(always)]
    fn remainder(&self, number: u64) -> u64 {
        let quotient = ((u128::from(number) * u128::from(self.factor)) >> 64) as u64;
        let rest = number - quotient * self.prime;
        if rest >= self.prime { rest - self.prime } else { rest }
    }

    fn remainder_of(&self, limbs: &[u64]) -> u64 {
        limbs.iter().rev().fold(0, |rest, limb| {
            let rest = self.remainder(rest << 32 | limb >> 32);
            self.remainder(rest << 32 | limb & 0xffff_ffff)
        })
    }
}

/// A prime of `64·N` bits whose two highest bits are set, so that the product of two has twice as many bits.
///
/// It is the first at or after a number that is drawn. What is left of the sieve has to pass the test of Miller and
/// Rabin to the base 2, and then to as many random bases as Go asks for.
pub(super) fn draw<const N: usize, const M: usize>(generator: &mut Generator) -> [u64; N] {
    loop {
        let mut start = limbs::<N>(generator);
        start[0] |= 1;
        start[N - 1] |= 0b11 << 62;
        let mut composite = vec![false; WIDTH];
        for small in SMALL.iter() {
            let rest = small.remainder_of(&start);
            // The first k for which start + 2k is a multiple.
            let missing = if rest == 0 { 0 } else { small.prime - rest };
            let first = if missing % 2 == 0 { missing / 2 } else { (missing + small.prime) / 2 };
            for multiple in (first as usize..WIDTH).step_by(small.prime as usize) {
                composite[multiple] = true;
            }
        }
        let offsets = (0..WIDTH).filter(|index| !composite[*index]).map(|index| 2 * index as u64);
        let found = offsets
            .map_while(|offset| plus(&start, offset))
            .find(|candidate| modulo(candidate, EXPONENT) != 1 && is_prime::<N, M>(candidate, generator));
        if let Some(prime) = found {
            return prime;
        }
    }
}

fn limbs<const N: usize>(generator: &mut Generator) -> [u64; N] {
    let mut limbs = [0; N];
    for limb in &mut limbs {
        let mut bytes = [0; 8];
        generator.fill(&mut bytes);
        *limb = u64::from_le_bytes(bytes);
    }
    limbs
}

/// The sum; `None` where it has more bits.
fn plus<const N: usize>(number: &[u64; N], offset: u64) -> Option<[u64; N]> {
    let mut sum = *number;
    let mut carry = offset;
    for limb in &mut sum {
        let overflowed;
        (*limb, overflowed) = limb.overflowing_add(carry);
        carry = u64::from(overflowed);
    }
    (carry == 0).then_some(sum)
}

fn modulo(number: &[u64], divisor: u32) -> u64 {
    let divisor = u64::from(divisor);
    number.iter().rev().fold(0, |rest, limb| {
        let rest = (rest << 32 | limb >> 32) % divisor;
        (rest << 32 | limb & 0xffff_ffff) % divisor
    })
}

fn is_prime<const N: usize, const M: usize>(candidate: &[u64; N], generator: &mut Generator) -> bool {
    let Some(modulus) = Modulus::<N, M>::new(*candidate) else { return false };
    if !passes(&modulus, candidate, power_of_two) {
        return false;
    }
    // `crypto/internal/fips140/rsa`: for each length so many that a mistake is less likely than one in 2¹¹².
    let rounds = match 64 * N {
        3747.. => 3,
        1345.. => 4,
        476.. => 5,
        _ => 20,
    };
    (0..rounds).all(|_| {
        // A random number is the form of another, equally random one.
        let base = modulus.reduce_once(limbs::<N>(generator));
        passes(&modulus, candidate, |modulus, exponent| modulus.power(&base, exponent))
    })
}

/// The test of Miller and Rabin for an odd number, with what raises its base to a power.
fn passes<const N: usize, const M: usize>(
    modulus: &Modulus<N, M>,
    candidate: &[u64; N],
    power: impl FnOnce(&Modulus<N, M>, &[u64; N]) -> [u64; N],
) -> bool {
    // The candidate less one is odd·2^twos; it is odd, so the lowest bit alone goes.
    let mut odd = *candidate;
    odd[0] -= 1;
    let mut twos = 0;
    while odd[0] & 1 == 0 {
        for index in 0..N {
            let above = odd.get(index + 1).copied().unwrap_or(0);
            odd[index] = odd[index] >> 1 | above << 63;
        }
        twos += 1;
    }
    let minus_one = modulus.minus_one();
    let mut result = power(modulus, &odd);
    if result == *modulus.one() || result == minus_one {
        return true;
    }
    for _ in 1..twos {
        result = modulus.square(&result);
        if result == minus_one {
            return true;
        }
    }
    false
}

/// 2 to a power; multiplying by 2 costs next to nothing.
fn power_of_two<const N: usize, const M: usize>(modulus: &Modulus<N, M>, exponent: &[u64; N]) -> [u64; N] {
    let mut result = *modulus.one();
    for limb in exponent.iter().rev() {
        for bit in (0..u64::BITS).rev() {
            result = modulus.square(&result);
            if limb >> bit & 1 == 1 {
                result = modulus.double(&result);
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generator(seed: u8) -> Generator {
        Generator::from_seed([seed; 32])
    }

    #[test]
    fn numbers_are_told_to_be_prime_or_not() {
        let prime = |low: u64, high: u64| is_prime::<2, 4>(&[low, high], &mut generator(1));
        // 2¹²⁸ - 159 is the largest prime of 128 bits, 2¹²⁸ - 173 the next.
        assert!(prime(u64::MAX - 158, u64::MAX) && prime(u64::MAX - 172, u64::MAX));
        for offset in (1..173).step_by(2).filter(|offset| *offset != 159) {
            assert!(!prime(u64::MAX - offset + 1, u64::MAX), "2^128 - {offset}");
        }
    }

    #[test]
    fn a_drawn_prime_follows_from_the_seed_and_fits_the_exponent() {
        let drawn = draw::<4, 8>(&mut generator(7));
        assert_eq!(drawn, draw::<4, 8>(&mut generator(7)));
        assert_ne!(drawn, draw::<4, 8>(&mut generator(8)));
        assert_eq!(drawn[3] >> 62, 0b11);
        assert_ne!(modulo(&drawn, EXPONENT), 1);
        let rests = SMALL.iter().map(|small| small.remainder_of(&drawn));
        assert!(rests.zip(SMALL.iter()).all(|(rest, small)| rest != 0
            && rest == modulo(&drawn, u32::try_from(small.prime).unwrap())));
    }
}
