//! Keys of the digital signature algorithm, which nothing accepts any more but `genPrivateKey "dsa"` still makes.

use num_bigint::BigUint;

use super::super::environment::Generator;
use super::der;

/// A prime of 2048 bits. The parameters of a group are public and may be shared, so they need not be made anew (which
/// takes seconds); these were made with `openssl genpkey -genparam -algorithm DSA`.
const P: &str = "\
     9a2d0e9cf3ed609e11dc8d7e3da78299077d089301dddfd5b2655f41ee56c0e783bc8c9ccbca9c1e1685dfe1333cbfe3\
     7def83e2f6b08fe901be27edac9b689e21ecdf716479598131d42ab8fac116f80a77a09633331845cb5bbe466f4702da\
     39969c954e2c0152f67e6084aae94d952af842e2480f9a0476719bd2649aab972e3fa67a074db35540dc0740421079ce\
     8b82d407349c92c2ab2d844f702ceeeed4cc89edbdf27a2c50e82d23f46e234b0ecf0be4da34372f33dbe99236540d2d\
     f2451749912cfbfe0f436971fefa6ac6d944f515ad5d85634a0a730fc11c0b2d4364cefd2cfed4f255eada0813bfd0a0\
     d5d26b165a19b6dd06986d9279b5e181";

/// A prime of 256 bits that divides `P - 1`.
const Q: &str = "\
     cb43992ac9d7dabcc4860afac80c0f4003238fa6c27f8590c8318b7d75887d1b";

/// A generator of the subgroup of that order.
const G: &str = "\
     242156d673c36514514fcd092145394e3f9f75910a25c392f45a3ed931c39439c75e0cc5d16d2ad49b8a515c7fddb6ae\
     e51abe4a1fc3b9d3776d8bb604e8d765f0a355583eb31ad3e13af44ff8affa74785e40107a0d57b210a23d1fa1fc85be\
     d55cb7a01eb0f49b4f8a0c53d93038fbc59c442fa71990d4f53c3c814c0d4fd8c3fa9d5e5a4ea42132bfb00b43e65176\
     aa17ffdec010a897790186beda66b0f9161b357aa125a183f09c8d9eeb4b583b741507b4a65ec80587ee4893ce685566\
     7fe9b5f8e7ab4fbb275ef86eeb73091195701b51e964c3a6dd296caa0bb35cb8e6d7cc8757f2cd6e1c756c7ad419140e\
     55d62ded8f0becfb01946f7904b3254c";

/// A key: the secret exponent `x`, and `y = g^x`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DsaKey {
    numbers: [BigUint; 5],
}

fn number(text: &str) -> BigUint {
    BigUint::parse_bytes(text.as_bytes(), 16).expect("the number is written in hexadecimal above")
}

impl DsaKey {
    /// A key in the fixed group.
    pub(super) fn generate(generator: &mut Generator) -> DsaKey {
        let (p, q, g) = (number(P), number(Q), number(G));
        let mut bytes = [0; 40];
        generator.fill(&mut bytes);
        let x = BigUint::from_bytes_be(&bytes) % (&q - 1_u32) + 1_u32;
        let y = g.modpow(&x, &p);
        DsaKey { numbers: [p, q, g, y, x] }
    }

    /// Version, p, q, g, y, x, as OpenSSL writes them.
    pub(super) fn to_der(&self) -> Vec<u8> {
        let mut content = der::integer(&[0]);
        for number in &self.numbers {
            content.extend(der::integer(&number.to_bytes_be()));
        }
        der::value(der::tag::SEQUENCE, &content)
    }

    /// Reads what [`DsaKey::to_der`] writes.
    pub(super) fn from_der(bytes: &[u8]) -> Option<DsaKey> {
        let mut sequence = der::Reader::new(bytes).enter(der::tag::SEQUENCE)?;
        sequence.unsigned()?;
        let mut next = || sequence.unsigned().map(BigUint::from_bytes_be);
        Some(DsaKey { numbers: [next()?, next()?, next()?, next()?, next()?] })
    }
}
