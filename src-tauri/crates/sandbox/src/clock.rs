//! Time and ids, handed in so that tests decide about them.

#[cfg(test)]
use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// Where the time comes from.
pub(crate) trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that moves when told to.
#[cfg(test)]
pub(crate) struct ManualClock(Mutex<Timestamp>);

#[cfg(test)]
impl ManualClock {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 50)))
    }

    pub(crate) fn advance(&self, by: std::time::Duration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = later(*now, by);
    }
}

#[cfg(test)]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// `time` as objects carry it: seconds, in UTC.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `time` with microseconds, as leases and events carry it.
pub(crate) fn rfc3339_micro(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// A time some duration later; the end of time where it would overflow.
pub(crate) fn later(time: Timestamp, by: std::time::Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Ids and name suffixes: a counter hashed with a seed, so that equal seeds give equal ids.
pub(crate) struct Ids {
    seed: u64,
    counter: u64,
}

/// The letters of generated names, without vowels and without what is easily confused.
const NAME_LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    fn next(&mut self) -> [u8; 32] {
        self.counter += 1;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update(self.counter.to_le_bytes());
        hash.finalize().into()
    }

    /// A new uid in the form of a UUID.
    pub(crate) fn uid(&mut self) -> String {
        let mut bytes = self.next();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex: String = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// Five letters for the end of a generated name.
    pub(crate) fn suffix(&mut self) -> String {
        letters(&self.next(), 5)
    }
}

/// Letters for names out of a hash.
pub(crate) fn letters(hash: &[u8], count: usize) -> String {
    hash.iter()
        .take(count)
        .map(|byte| char::from(NAME_LETTERS[usize::from(*byte) % NAME_LETTERS.len()]))
        .collect()
}

/// The hash of a pod template that its ReplicaSet carries in its name.
pub(crate) fn template_hash(template: &serde_json::Value) -> String {
    letters(&Sha256::digest(canonical(template).as_bytes()), 10)
}

/// JSON with sorted keys, whatever order the map keeps.
pub(crate) fn canonical(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let fields: Vec<String> = keys
                .into_iter()
                .map(|key| format!("{}:{}", Value::String(key.clone()), canonical(&map[key.as_str()])))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_like_the_servers_and_repeat_with_the_seed() {
        let uid = Ids::new(1).uid();
        assert_eq!(uid.len(), 36);
        assert_eq!(&uid[14..15], "4");
        assert_eq!(uid, Ids::new(1).uid());
        assert_ne!(uid, Ids::new(2).uid());
    }

    #[test]
    fn times_are_whole_seconds_in_utc() {
        assert_eq!(rfc3339(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339_micro(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn the_hash_of_a_template_ignores_the_order_of_keys() {
        let left = serde_json::json!({"a": 1, "b": [{"c": 2, "d": 3}]});
        let right = serde_json::json!({"b": [{"d": 3, "c": 2}], "a": 1});
        assert_eq!(template_hash(&left), template_hash(&right));
    }
}
