//! Arithmetic modulo large odd numbers, in Montgomery's form: what finding primes and signing spend their time in.
//!
//! A number `a` is held as `a·R mod n` with `R = 2^(64·N)`, in limbs from the lowest. Times depend on the numbers: this
//! makes previews of secrets, which anyone can make again.

/// The largest exponents are walked in windows of so many bits.
const WINDOW: u32 = 4;

/// A modulus of `N` limbs, with the products of two numbers in `M = 2·N`.
pub(super) struct Modulus<const N: usize, const M: usize> {
    modulus: [u64; N],
    /// `-1 / modulus` modulo 2⁶⁴.
    inverse: u64,
    one: [u64; N],
}

/// `value + left·right + carry`, as the limb and the next carry; the sum always fits into two limbs.
#[inline(always)]
fn multiply_add(value: u64, left: u64, right: u64, carry: u64) -> (u64, u64) {
    let sum = u128::from(value) + u128::from(left) * u128::from(right) + u128::from(carry);
    (sum as u64, (sum >> 64) as u64)
}

/// Adds a multiple of a number to limbs, of which there are as many, and gives the carry.
#[inline(always)]
fn add_multiple(limbs: &mut [u64], factor: u64, number: &[u64]) -> u64 {
    let mut carry = 0;
    for (limb, other) in limbs.iter_mut().zip(number) {
        (*limb, carry) = multiply_add(*limb, factor, *other, carry);
    }
    carry
}

#[inline(always)]
fn add(left: u64, right: u64, carry: u64) -> (u64, u64) {
    let sum = u128::from(left) + u128::from(right) + u128::from(carry);
    (sum as u64, (sum >> 64) as u64)
}

/// `left - right`, and whether it is negative and so wrapped around.
fn subtract<const N: usize>(left: &[u64; N], right: &[u64; N]) -> ([u64; N], bool) {
    let mut result = [0; N];
    let mut borrow = false;
    for index in 0..N {
        (result[index], borrow) = left[index].borrowing_subtract(right[index], borrow);
    }
    (result, borrow)
}

/// `borrowing_sub` of the standard library, which is not stable.
trait BorrowingSubtract: Sized {
    fn borrowing_subtract(self, other: Self, borrow: bool) -> (Self, bool);
}

impl BorrowingSubtract for u64 {
    #[inline(always)]
    fn borrowing_subtract(self, other: u64, borrow: bool) -> (u64, bool) {
        let (difference, first) = self.overflowing_sub(other);
        let (difference, second) = difference.overflowing_sub(u64::from(borrow));
        (difference, first | second)
    }
}

impl<const N: usize, const M: usize> Modulus<N, M> {
    /// `None` for a number that is even or whose highest bit is not set.
    pub(super) fn new(modulus: [u64; N]) -> Option<Self> {
        const { assert!(M == 2 * N && N > 0) };
        if modulus[0] & 1 == 0 || modulus[N - 1] >> 63 == 0 {
            return None;
        }
        // Newton's iteration doubles the bits that are right; an odd number is its own inverse modulo 8.
        let mut inverse = modulus[0];
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(modulus[0].wrapping_mul(inverse)));
        }
        // As the highest bit is set, R modulo the modulus is their difference.
        let (one, _) = subtract(&[0; N], &modulus);
        Some(Self { modulus, inverse: inverse.wrapping_neg(), one })
    }

    /// 1.
    pub(super) fn one(&self) -> &[u64; N] {
        &self.one
    }

    /// -1.
    pub(super) fn minus_one(&self) -> [u64; N] {
        subtract(&self.modulus, &self.one).0
    }

    /// Brings a number below `R` below the modulus.
    pub(super) fn reduce_once(&self, number: [u64; N]) -> [u64; N] {
        match subtract(&number, &self.modulus) {
            (_, true) => number,
            (reduced, false) => reduced,
        }
    }

    /// `2·a`.
    pub(super) fn double(&self, a: &[u64; N]) -> [u64; N] {
        let mut doubled = [0; N];
        let mut carry = 0;
        for index in 0..N {
            doubled[index] = a[index] << 1 | carry;
            carry = a[index] >> 63;
        }
        if carry == 0 { self.reduce_once(doubled) } else { subtract(&doubled, &self.modulus).0 }
    }

    /// `a·b`.
    pub(super) fn multiply(&self, a: &[u64; N], b: &[u64; N]) -> [u64; N] {
        let mut product = [0; M];
        for (i, factor) in a.iter().enumerate() {
            product[i + N] = add_multiple(&mut product[i..i + N], *factor, b);
        }
        self.reduce(product)
    }

    /// `a²`, where the products of different limbs are made once.
    pub(super) fn square(&self, a: &[u64; N]) -> [u64; N] {
        let mut product = [0; M];
        for (i, factor) in a.iter().enumerate() {
            product[i + N] = add_multiple(&mut product[2 * i + 1..i + N], *factor, &a[i + 1..]);
        }
        let (mut shifted, mut carry) = (0, 0);
        for (pair, limb) in product.chunks_exact_mut(2).zip(a) {
            let own = u128::from(*limb) * u128::from(*limb);
            let (low, high) = (pair[0], pair[1]);
            (pair[0], carry) = add(low << 1 | shifted, own as u64, carry);
            (pair[1], carry) = add(high << 1 | low >> 63, (own >> 64) as u64, carry);
            shifted = high >> 63;
        }
        self.reduce(product)
    }

    /// `product / R`.
    #[inline(always)]
    fn reduce(&self, mut product: [u64; M]) -> [u64; N] {
        let mut above = 0;
        for i in 0..N {
            let factor = product[i].wrapping_mul(self.inverse);
            let carry = add_multiple(&mut product[i..i + N], factor, &self.modulus);
            (product[i + N], above) = add(product[i + N], carry, above);
        }
        let mut result = [0; N];
        result.copy_from_slice(&product[N..]);
        if above == 0 { self.reduce_once(result) } else { subtract(&result, &self.modulus).0 }
    }

    /// `a` to the power of an exponent in limbs from the lowest.
    pub(super) fn power(&self, a: &[u64; N], exponent: &[u64]) -> [u64; N] {
        let mut powers = [self.one; 1 << WINDOW];
        for index in 1..powers.len() {
            powers[index] = self.multiply(&powers[index - 1], a);
        }
        let mut result = self.one;
        for limb in exponent.iter().rev() {
            for shift in (0..u64::BITS).step_by(WINDOW as usize).rev() {
                for _ in 0..WINDOW {
                    result = self.square(&result);
                }
                let digit = (limb >> shift) as usize % powers.len();
                if digit != 0 {
                    result = self.multiply(&result, &powers[digit]);
                }
            }
        }
        result
    }

    /// A number below the modulus in Montgomery's form.
    pub(super) fn enter(&self, number: &[u64; N]) -> [u64; N] {
        // R², by squaring 2^(N·64/2^k)·R; of the small power doublings are cheapest.
        let bits = 64 * N;
        let squarings = bits.trailing_zeros();
        let mut square = self.one;
        for _ in 0..bits >> squarings {
            square = self.double(&square);
        }
        for _ in 0..squarings {
            square = self.square(&square);
        }
        self.multiply(number, &square)
    }

    /// The number that is held in Montgomery's form.
    pub(super) fn leave(&self, number: &[u64; N]) -> [u64; N] {
        let mut product = [0; M];
        product[..N].copy_from_slice(number);
        self.reduce(product)
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;

    fn big(limbs: &[u64]) -> BigUint {
        BigUint::from_slice(
            &limbs.iter().flat_map(|limb| [*limb as u32, (limb >> 32) as u32]).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn arithmetic_agrees_with_that_of_large_integers() {
        // Limbs of all ones make every carry that there is.
        let full = u64::MAX;
        for modulus in [[full, full, full], [1, 0, 1 << 63], [full - 2, 0, full], [0x1234_5677, 7, full - 9]]
        {
            let ours = Modulus::<3, 6>::new(modulus).unwrap();
            for number in [[0, 0, 0], [1, 0, 0], [full, full, (1 << 63) - 1], [5, full, 1 << 62]] {
                let number = ours.reduce_once(number);
                let held = ours.enter(&number);
                assert_eq!(ours.leave(&held), number);
                let n = big(&modulus);
                let check = |result: &[u64; 3], expected: BigUint| {
                    assert_eq!(big(&ours.leave(result)), expected, "{number:x?} modulo {modulus:x?}");
                };
                check(&ours.square(&held), big(&number).pow(2) % &n);
                check(&ours.multiply(&held, &ours.minus_one()), (&n - big(&number)) % &n);
                check(&ours.double(&held), (big(&number) << 1) % &n);
                let exponent = [0xfedc_ba98_7654_3210, 3];
                check(&ours.power(&held, &exponent), big(&number).modpow(&big(&exponent), &n));
            }
        }
        assert!(Modulus::<1, 2>::new([1 << 63]).is_none() && Modulus::<1, 2>::new([3]).is_none());
    }
}
