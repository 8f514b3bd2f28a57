//! Walking whole values. Maps can contain themselves, and one map many times over, so every walk has its bounds.

use std::collections::HashSet;
use std::rc::Rc;

use super::{List, Map, Value};

/// How deep a value is followed.
const MAX_DEPTH: usize = 10_000;
/// How many elements a copy has at most.
const MAX_COPIED: usize = 500_000;
/// From so many elements on it is remembered which pairs were compared.
const REMEMBER: usize = 1_000;

pub(super) fn equal(a: &Value, b: &Value) -> bool {
    Comparison::default().equal(a, b, MAX_DEPTH)
}

#[derive(Default)]
struct Comparison {
    elements: usize,
    /// Addresses of maps that are equal, or are being compared: as in Go, what is under way counts as equal.
    seen: HashSet<(usize, usize)>,
}

impl Comparison {
    fn equal(&mut self, a: &Value, b: &Value, depth: usize) -> bool {
        let Some(below) = depth.checked_sub(1) else { return false };
        self.elements += 1;
        match (a, b) {
            (Value::Nil, Value::Nil) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) | (Value::Int64(a), Value::Int64(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Number(a), Value::Number(b)) => a == b,
            (Value::String(a), Value::String(b)) | (Value::Bytes(a), Value::Bytes(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                a.type_of() == b.type_of()
                    && a.is_nil() == b.is_nil()
                    && a.len() == b.len()
                    && (a.ptr_eq(b)
                        || self.known(a.address(), b.address())
                        || crate::go::deep(|| self.lists(a, b, below)))
            }
            (Value::Map(a), Value::Map(b)) => {
                a.type_of() == b.type_of()
                    && a.is_nil() == b.is_nil()
                    && a.len() == b.len()
                    && (a.ptr_eq(b)
                        || self.known(a.address(), b.address())
                        || crate::go::deep(|| self.maps(a, b, below)))
            }
            (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b) || a.equals(&**b).unwrap_or(false),
            _ => false,
        }
    }

    /// Whether this pair was compared, or is being compared, before.
    fn known(&mut self, a: usize, b: usize) -> bool {
        self.elements > REMEMBER && !self.seen.insert((a, b))
    }

    fn lists(&mut self, a: &List, b: &List, below: usize) -> bool {
        a.iter().zip(b.iter()).all(|(a, b)| self.equal(a, b, below))
    }

    fn maps(&mut self, a: &Map, b: &Map, below: usize) -> bool {
        a.read(|a| {
            b.read(|b| a.iter().zip(b).all(|((key, a), (other, b))| key == other && self.equal(a, b, below)))
        })
    }
}

pub(super) fn copy(value: &Value) -> Value {
    copy_within(value, MAX_DEPTH, &mut 0)
}

fn copy_within(value: &Value, depth: usize, copied: &mut usize) -> Value {
    let Some(below) = depth.checked_sub(1).filter(|_| *copied < MAX_COPIED) else { return value.clone() };
    *copied += 1;
    match value {
        Value::List(list) if !list.is_nil() => crate::go::deep(|| {
            let items = list.iter().map(|item| copy_within(item, below, copied)).collect();
            Value::List(List::of(list.type_of(), items))
        }),
        Value::Map(map) if !map.is_nil() => crate::go::deep(|| {
            if let Some(copy) = map.deferred_copy() {
                return Value::Map(copy);
            }
            let entries = map.read(|entries| {
                entries.iter().map(|(key, value)| (key.clone(), copy_within(value, below, copied))).collect()
            });
            Value::Map(Map::with_entries(map.type_of(), entries))
        }),
        other => other.clone(),
    }
}
