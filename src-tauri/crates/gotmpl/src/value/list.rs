//! Go slices. Their elements do not change once made (no template function writes into one), so they are shared.

use std::rc::Rc;

use super::Value;
use super::type_of::{Type, types};

struct Inner {
    kind: &'static Type,
    items: Rc<Vec<Value>>,
    start: usize,
    length: usize,
    /// How far a slice expression may reach beyond the length; the missing elements are nil.
    capacity: usize,
    nil: bool,
}

/// A Go slice with its type (`[]interface {}`, `[]string`, …); cheap to clone, elements are shared. Dereferences to
/// `[Value]`, so `iter`, `len`, `first`, indexing and the like are those of a Rust slice.
///
/// Elements of a `[]string` are `Value::String` and so on: whoever makes a typed list puts only such elements in.
#[derive(Clone)]
pub struct List(Rc<Inner>);

impl List {
    /// A `[]interface {}`.
    pub fn new(items: Vec<Value>) -> List {
        List::of(types::LIST, items)
    }

    /// A list of a given slice type, such as [`types::STRINGS`].
    pub fn of(kind: &'static Type, items: Vec<Value>) -> List {
        let capacity = items.len();
        List::with_capacity(kind, items, capacity)
    }

    /// A list whose Go capacity is larger than its length, as `append` and JSON decoding leave it.
    pub fn with_capacity(kind: &'static Type, items: Vec<Value>, capacity: usize) -> List {
        let length = items.len();
        List(Rc::new(Inner {
            kind,
            items: Rc::new(items),
            start: 0,
            length,
            capacity: capacity.max(length),
            nil: false,
        }))
    }

    /// A nil slice: prints `[]`, has length 0, is `null` in JSON.
    pub fn nil(kind: &'static Type) -> List {
        List(Rc::new(Inner { kind, items: Rc::default(), start: 0, length: 0, capacity: 0, nil: true }))
    }

    /// A `[]string`.
    pub fn strings<S: Into<super::Str>>(items: impl IntoIterator<Item = S>) -> List {
        List::of(types::STRINGS, items.into_iter().map(|item| Value::String(item.into())).collect())
    }

    /// The slice type.
    pub fn type_of(&self) -> &'static Type {
        self.0.kind
    }

    /// The type of the elements.
    pub fn element_type(&self) -> &'static Type {
        self.0.kind.element().unwrap_or(types::INTERFACE)
    }

    /// Whether it is a nil slice (an empty one that was made is not).
    pub fn is_nil(&self) -> bool {
        self.0.nil
    }

    /// Go's `cap`.
    pub fn capacity(&self) -> usize {
        self.0.capacity
    }

    /// The same elements under another slice type with the same element type.
    pub fn retyped(&self, kind: &'static Type) -> List {
        let inner = &*self.0;
        List(Rc::new(Inner { kind, items: Rc::clone(&inner.items), ..*inner }))
    }

    /// Go's `list[low:high:max]`, sharing the elements; `low <= high <= max <= capacity` is the caller's to check.
    /// Elements between length and capacity are the zero value of the element type.
    pub fn slice(&self, low: usize, high: usize, max: usize) -> List {
        let inner = &*self.0;
        let (start, end) = (inner.start + low, inner.start + high);
        let items = if end > inner.items.len() {
            let mut items = (*inner.items).clone();
            items.resize(end, Value::zero(self.element_type()));
            Rc::new(items)
        } else {
            Rc::clone(&inner.items)
        };
        List(Rc::new(Inner {
            kind: inner.kind,
            items,
            start,
            length: high - low,
            capacity: max - low,
            nil: inner.nil,
        }))
    }

    /// Whether both are the very same list.
    pub fn ptr_eq(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Tells lists apart while they live.
    pub(super) fn address(&self) -> usize {
        Rc::as_ptr(&self.0) as usize
    }

    /// Takes the elements out where nobody else has them, for taking a deep structure apart without recursion.
    pub(super) fn dismantle(self, into: &mut Vec<Value>) {
        if let Ok(mut inner) = Rc::try_unwrap(self.0) {
            inner.take(into);
        }
    }
}

impl Inner {
    fn take(&mut self, into: &mut Vec<Value>) {
        if let Some(items) = Rc::get_mut(&mut self.items) {
            into.append(items);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.items.iter().any(Value::is_container) {
            let mut values = Vec::new();
            self.take(&mut values);
            super::dismantle(values);
        }
    }
}

impl std::ops::Deref for List {
    type Target = [Value];

    #[inline]
    fn deref(&self) -> &[Value] {
        let inner = &*self.0;
        &inner.items[inner.start..inner.start + inner.length]
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> List {
        List::new(items.into_iter().collect())
    }
}
