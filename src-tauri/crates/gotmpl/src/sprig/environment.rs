//! What the functions need of the outside: the time and a seed. And what they report back: which of them were used.

use std::cell::RefCell;
use std::collections::BTreeMap;

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use super::time::Time;
use crate::call::{Call, Place};
use crate::error::FunctionError;

/// How to get at the [`Environment`] from a call; a caller whose host data is more than an environment passes a function
/// of its own to [`register_with`](super::register_with).
pub type Lookup = for<'run, 'set> fn(&Call<'run, 'set>) -> Option<&'set Environment>;

/// The time and the seed of one render, and the record of what used them.
///
/// Everything random is drawn from the seed, the file that the call stands in, the name of the function, its arguments and
/// the number of times it was called like that before. So the same input gives the same bytes, and a call that is added
/// somewhere does not change what calls in other files or with other arguments give.
#[derive(Debug)]
pub struct Environment {
    now: Time,
    seed: [u8; 32],
    drawn: RefCell<BTreeMap<[u8; 32], u64>>,
    uses: RefCell<BTreeMap<&'static str, Use>>,
}

/// What a function is not repeatable for, outside of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// It shows the time of the render.
    Clock,
    /// It is random; here it follows from the seed.
    Random,
}

/// A function whose result another tool would give differently on each render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The name, such as `genCA`.
    pub function: &'static str,
    /// Why it is not repeatable.
    pub source: Source,
    /// How often it was called.
    pub count: u64,
    /// Where the calls stand, in order and without repetition; of very many the first that were made.
    pub places: Vec<Place>,
}

/// Places that are kept of one function.
const MOST_PLACES: usize = 100;

impl Environment {
    /// An environment for one render: the time in seconds and nanoseconds since 1970, and a seed of any length.
    pub fn new(seconds: i64, nanoseconds: u32, seed: &[u8]) -> Environment {
        Environment {
            now: Time::utc(seconds, nanoseconds),
            seed: Sha256::digest(seed).into(),
            drawn: RefCell::default(),
            uses: RefCell::default(),
        }
    }

    /// The functions used so far that are not repeatable, by name.
    pub fn uses(&self) -> Vec<Use> {
        self.uses.borrow().values().cloned().collect()
    }

    fn draw(&self, file: &str, function: &str, arguments: &[&[u8]]) -> Generator {
        let mut hash = Sha256::new_with_prefix(self.seed);
        for part in [file.as_bytes(), function.as_bytes()].into_iter().chain(arguments.iter().copied()) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let key: [u8; 32] = hash.finalize().into();
        let mut drawn = self.drawn.borrow_mut();
        let count = drawn.entry(key).or_default();
        let seed: [u8; 32] = Sha256::new_with_prefix(key).chain_update(count.to_be_bytes()).finalize().into();
        *count += 1;
        Generator { render: self.seed, ..Generator::from_seed(seed) }
    }

    fn record(&self, function: &'static str, source: Source, place: Option<Place>) {
        let mut uses = self.uses.borrow_mut();
        let used = uses.entry(function).or_insert(Use { function, source, count: 0, places: Vec::new() });
        used.count += 1;
        if let Some(place) = place.filter(|_| used.places.len() < MOST_PLACES)
            && let Err(position) = used.places.binary_search(&place)
        {
            used.places.insert(position, place);
        }
    }
}

fn environment<'set>(
    lookup: Lookup,
    call: &Call<'_, 'set>,
    function: &str,
) -> Result<&'set Environment, FunctionError> {
    lookup(call).ok_or_else(|| {
        FunctionError::new(format!(
            "{function} needs the time and the seed of the render, which this execution was not given"
        ))
    })
}

/// The time of the render, for a function of that name.
pub(crate) fn clock<'set>(
    lookup: Lookup,
    call: &Call<'_, 'set>,
    function: &'static str,
) -> Result<&'set Time, FunctionError> {
    let environment = environment(lookup, call, function)?;
    environment.record(function, Source::Clock, call.place());
    Ok(&environment.now)
}

/// A generator for a call of a function with arguments.
pub(crate) fn generator(
    lookup: Lookup,
    call: &Call<'_, '_>,
    function: &'static str,
    arguments: &[&[u8]],
) -> Result<Generator, FunctionError> {
    let environment = environment(lookup, call, function)?;
    let place = call.place();
    let generator = environment.draw(place.as_ref().map_or("", |place| &place.file), function, arguments);
    environment.record(function, Source::Random, place);
    Ok(generator)
}

/// A generator as [`generator`] gives it, and the time of the render.
pub(crate) fn generator_and_clock<'set>(
    lookup: Lookup,
    call: &Call<'_, 'set>,
    function: &'static str,
    arguments: &[&[u8]],
) -> Result<(Generator, &'set Time), FunctionError> {
    let generator = generator(lookup, call, function, arguments)?;
    Ok((generator, &environment(lookup, call, function)?.now))
}

/// Random numbers that follow from a seed: ChaCha20, the same in every version of this program.
pub(crate) struct Generator {
    /// What everything in the render follows from.
    render: [u8; 32],
    seed: [u8; 32],
    stream: ChaCha20Rng,
}

impl Generator {
    fn from_seed(seed: [u8; 32]) -> Generator {
        Generator { render: seed, seed, stream: ChaCha20Rng::from_seed(seed) }
    }

    /// What the numbers follow from; the key for caching what was made of them.
    pub(crate) fn seed(&self) -> [u8; 32] {
        self.seed
    }

    /// The generator for crates that take one.
    pub(crate) fn stream(&mut self) -> &mut ChaCha20Rng {
        &mut self.stream
    }

    /// One of a few generators of the render, which this one chooses: for what takes long to make and may be the same
    /// in many calls.
    pub(crate) fn one_of(&self, few: u8, purpose: &str) -> Generator {
        let choice = self.seed[0] % few.max(1);
        let hash = Sha256::new_with_prefix(self.render).chain_update([choice]).chain_update(purpose);
        Generator { render: self.render, ..Generator::from_seed(hash.finalize().into()) }
    }

    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        self.stream.fill_bytes(bytes);
    }

    /// A number below a bound, each equally likely; 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // The last, incomplete run of numbers is drawn again.
        let limit = u64::MAX - u64::MAX % bound;
        loop {
            let number = self.stream.next_u64();
            if number < limit {
                return number % bound;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_with_the_same_arguments_differ_and_renders_do_not() {
        let draw = |environment: &Environment, argument: &[u8]| {
            environment.draw("a.yaml", "randAlphaNum", &[argument]).below(u64::MAX)
        };
        let (one, other) = (Environment::new(0, 0, b"seed"), Environment::new(0, 0, b"seed"));
        let first = draw(&one, b"8");
        let second = draw(&one, b"8");
        assert_ne!(first, second);
        assert_eq!(first, draw(&other, b"8"));
        assert_ne!(draw(&other, b"9"), second, "other arguments have a sequence of their own");
        assert_eq!(draw(&other, b"8"), second, "which does not disturb this one");
        let elsewhere = Environment::new(0, 0, b"another seed");
        assert_ne!(draw(&elsewhere, b"8"), first);
    }
}
