//! How a file is broken.

use std::fmt;

/// One way to break a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breakage {
    /// It ends here.
    Cut(usize),
    /// This byte is another one.
    Byte(usize, u8),
    /// These bytes are gone.
    Without(usize, usize),
    /// These bytes stand there twice.
    Twice(usize, usize),
}

impl Breakage {
    /// The broken content.
    pub(crate) fn of(self, content: &[u8]) -> Vec<u8> {
        let at = |place: usize| place.min(content.len());
        match self {
            Self::Cut(end) => content[..at(end)].to_vec(),
            Self::Byte(place, byte) => {
                let mut broken = content.to_vec();
                if let Some(old) = broken.get_mut(place) {
                    *old = byte;
                }
                broken
            }
            Self::Without(start, length) => {
                [&content[..at(start)], &content[at(start.saturating_add(length))..]].concat()
            }
            Self::Twice(start, length) => {
                let end = at(start.saturating_add(length));
                [&content[..end], &content[at(start)..]].concat()
            }
        }
    }
}

impl fmt::Display for Breakage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut(end) => write!(formatter, "cut at {end}"),
            Self::Byte(place, byte) => write!(formatter, "byte {place} is {byte:#04x}"),
            Self::Without(start, length) => write!(formatter, "without {length} bytes from {start}"),
            Self::Twice(start, length) => write!(formatter, "{length} bytes from {start} twice"),
        }
    }
}

/// Bytes that mean something in YAML, JSON, templates and programs.
const MEANINGFUL: &[u8] = b"{}[]():,-?&*#|>'\"%@`!$\\/.\t\n 0\xff\x00";

/// Places of one file, in an order that the seed decides (splitmix64).
pub(crate) struct Places(u64);

impl Places {
    pub(crate) fn new(seed: u64, case: &str, file: &str) -> Self {
        // FNV-1a: other files are broken at other places.
        let hash = case.bytes().chain(file.bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed ^ hash)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % limit).unwrap_or_default()
    }

    /// Mostly a cut; now and then something else.
    pub(crate) fn next_breakage(&mut self, length: usize) -> Breakage {
        let place = self.below(length);
        match self.below(10) {
            0 => Breakage::Byte(place, MEANINGFUL[self.below(MEANINGFUL.len())]),
            1 => Breakage::Without(place, 1 + self.below(60)),
            2 => Breakage::Twice(place, 1 + self.below(200)),
            _ => Breakage::Cut(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_break_equal_places() {
        let all = |seed| {
            let mut places = Places::new(seed, "case", "file");
            (0..50).map(|_| places.next_breakage(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(all(7), all(7));
        assert_ne!(all(7), all(8));
    }

    #[test]
    fn a_place_behind_the_end_breaks_nothing_else() {
        for breakage in [
            Breakage::Cut(9),
            Breakage::Byte(9, 0),
            Breakage::Without(9, 9),
            Breakage::Twice(9, 9),
            Breakage::Without(1, usize::MAX),
        ] {
            assert!(breakage.of(b"abc").len() <= 3, "{breakage}");
        }
        assert_eq!(Breakage::Twice(1, 1).of(b"abc"), b"abbc");
    }
}
