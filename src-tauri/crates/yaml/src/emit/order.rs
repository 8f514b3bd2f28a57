//! The order of keys: numbers inside of names count as numbers (`a2` before `a10`), letters come last.

use std::cmp::Ordering;

use serde_json::{Map, Value};

/// The entries of a map in the order in which go-yaml writes them.
pub(super) fn sorted(map: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let mut entries: Vec<(&str, &Value)> = map.iter().map(|(key, value)| (key.as_str(), value)).collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    // The order of go-yaml is not transitive for some names, which the standard sort may answer with a panic.
    let mut ordered: Vec<(&str, &Value)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let comes_before = |placed: &(&str, &Value)| natural(placed.0, entry.0) != Ordering::Greater;
        let at = match ordered.last() {
            Some(last) if comes_before(last) => ordered.len(),
            _ => ordered.partition_point(comes_before),
        };
        ordered.insert(at, entry);
    }
    ordered
}

/// `keyList.Less` of go-yaml, for texts.
fn natural(left: &str, right: &str) -> Ordering {
    let mut same = left.bytes().zip(right.bytes()).take_while(|(x, y)| x == y).count();
    while !left.is_char_boundary(same) || !right.is_char_boundary(same) {
        same -= 1;
    }
    let (a, b) = (&left[same..], &right[same..]);
    let (Some(x), Some(y)) = (a.chars().next(), b.chars().next()) else { return a.len().cmp(&b.len()) };
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A zero counts where another digit stands before it in the same number.
    let inside_number = (x == '0' || y == '0')
        && left[..same].bytes().rev().take_while(|digit| digit.is_ascii_digit()).any(|digit| digit != b'0');
    let number = |text: &str| {
        let digits = text.bytes().take_while(|digit| digit.is_ascii_digit());
        digits.fold((i64::from(inside_number), 0_usize), |(value, length), digit| {
            (value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')), length + 1)
        })
    };
    let (left, right) = (number(a), number(b));
    left.cmp(&right).then(x.cmp(&y))
}
