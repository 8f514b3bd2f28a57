//! Printing values of every kind with a verb.

use super::flags::{Flags, Out};
use crate::value::{Kind, List, Map, Number, Object, Plain, Str, Type, Value, types};

/// How deep printed values may nest; beyond that the rest is `...`. Go would exhaust its stack on a map that contains
/// itself.
const MAX_DEPTH: usize = 1_000;

/// Stands for a verb that is no ASCII character; no value knows one.
const OTHER: u8 = 0xFF;

/// An output of formatted values.
pub(crate) struct Printer {
    pub(super) out: Out,
    pub(super) flags: Flags,
    /// While a bad verb is reported methods are not called.
    erroring: bool,
    /// The verb that is [`OTHER`].
    other: u32,
}

impl Printer {
    /// A printer that appends to a buffer, up to a limit.
    pub(crate) fn new(bytes: Vec<u8>, limit: usize) -> Printer {
        Printer { out: Out { bytes, limit }, flags: Flags::default(), erroring: false, other: 0 }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.out.bytes
    }

    pub(crate) fn print(&mut self, values: &[Value]) {
        let mut previous_string = true;
        for (index, value) in values.iter().enumerate() {
            let string = matches!(value, Value::String(_));
            if index > 0 && !string && !previous_string {
                self.out.write(b" ");
            }
            self.argument(value, b'v'.into());
            previous_string = string;
        }
    }

    pub(crate) fn println(&mut self, values: &[Value]) {
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.out.write(b" ");
            }
            self.argument(value, b'v'.into());
        }
        self.out.write(b"\n");
    }

    /// An operand with a verb (a rune; most are ASCII letters).
    pub(super) fn argument(&mut self, value: &Value, verb: u32) {
        let verb_byte = u8::try_from(verb).ok().filter(u8::is_ascii).unwrap_or(OTHER);
        if verb_byte == OTHER {
            self.other = verb;
        }
        match verb_byte {
            b'T' => {
                let name = value.type_name();
                if matches!(value, Value::Nil) {
                    self.flags.pad(&mut self.out, name.as_bytes());
                } else {
                    self.flags.string(&mut self.out, name.as_bytes());
                }
            }
            b'v' if matches!(value, Value::Nil) => self.flags.pad(&mut self.out, b"<nil>"),
            b'p' => self.pointer(value, verb_byte),
            _ if matches!(value, Value::Nil) => self.bad_verb(value, verb_byte),
            // Only Errorf wraps; a value without methods does not get that far, its own verbs decide.
            b'w' if matches!(value, Value::List(_) | Value::Map(_) | Value::Object(_)) && !self.erroring => {
                self.bad_verb(value, verb_byte);
            }
            _ => self.value(value, verb_byte, 0),
        }
    }

    fn value(&mut self, value: &Value, verb: u8, depth: usize) {
        if depth > MAX_DEPTH {
            return self.out.write(b"...");
        }
        if self.out.bytes.len() >= self.out.limit {
            return;
        }
        match value {
            // Inside of other values only: an operand that is nil was seen to.
            Value::Nil if self.flags.sharp_v => self.out.write(b"interface {}(nil)"),
            Value::Nil => self.out.write(b"<nil>"),
            Value::Bool(truth) => match verb {
                b't' | b'v' => self.flags.pad(&mut self.out, if *truth { b"true" } else { b"false" }),
                _ => self.bad_verb(value, verb),
            },
            Value::Int(n) | Value::Int64(n) => self.integer(value, *n as u64, true, verb),
            Value::Float(n) => self.float(value, *n, false, verb),
            Value::Number(number) => match number.plain() {
                Plain::Signed(n) => self.integer(value, n as u64, true, verb),
                Plain::Unsigned(n) => self.integer(value, n, false, verb),
                Plain::Float(n) => self.float(value, n, matches!(number, Number::Float32(_)), verb),
                Plain::Complex(real, imaginary) => self.complex(value, real, imaginary, verb),
            },
            Value::String(text) => self.string(value, text, verb),
            Value::Bytes(bytes) => self.bytes(bytes, verb, depth),
            Value::List(list) => crate::go::deep(|| self.list(list, verb, depth)),
            Value::Map(map) => crate::go::deep(|| self.map(map, verb, depth)),
            Value::Object(object) => crate::go::deep(|| self.object(value, &**object, verb, depth)),
            Value::Function(_) => self.pointer(value, verb),
        }
    }

    fn bad_verb(&mut self, value: &Value, verb: u8) {
        self.out.write(b"%!");
        let mut text = Vec::with_capacity(4);
        crate::go::append_rune(&mut text, if verb == OTHER { self.other } else { verb.into() });
        self.out.write(&text);
        self.out.write(b"(");
        if matches!(value, Value::Nil) {
            self.out.write(b"<nil>");
        } else {
            self.out.write(value.type_name().as_bytes());
            self.out.write(b"=");
            let erroring = std::mem::replace(&mut self.erroring, true);
            self.argument(value, b'v'.into());
            self.erroring = erroring;
        }
        self.out.write(b")");
    }

    fn integer(&mut self, value: &Value, n: u64, signed: bool, verb: u8) {
        let (flags, out) = (self.flags, &mut self.out);
        match verb {
            b'v' if flags.sharp_v && !signed => {
                Flags { sharp: true, ..flags }.integer(out, n, false, 16, verb);
            }
            b'v' | b'd' => flags.integer(out, n, signed, 10, verb),
            b'b' => flags.integer(out, n, signed, 2, verb),
            b'o' | b'O' => flags.integer(out, n, signed, 8, verb),
            b'x' | b'X' => flags.integer(out, n, signed, 16, verb),
            b'c' => flags.character(out, n),
            b'q' => flags.quoted_character(out, n),
            b'U' => flags.unicode(out, n),
            _ => self.bad_verb(value, verb),
        }
    }

    fn float(&mut self, value: &Value, n: f64, single: bool, verb: u8) {
        if !self.float_verb(n, single, verb) {
            self.bad_verb(value, verb);
        }
    }

    fn float_verb(&mut self, n: f64, single: bool, verb: u8) -> bool {
        let (flags, out) = (self.flags, &mut self.out);
        match verb {
            b'v' => flags.float(out, n, single, b'g', None),
            b'b' | b'g' | b'G' | b'x' | b'X' => flags.float(out, n, single, verb, None),
            b'f' | b'e' | b'E' => flags.float(out, n, single, verb, Some(6)),
            b'F' => flags.float(out, n, single, b'f', Some(6)),
            _ => return false,
        }
        true
    }

    fn complex(&mut self, value: &Value, real: f64, imaginary: f64, verb: u8) {
        if !b"vbgGxXfFeE".contains(&verb) {
            return self.bad_verb(value, verb);
        }
        self.out.write(b"(");
        self.float_verb(real, false, verb);
        let plus = std::mem::replace(&mut self.flags.plus, true);
        self.float_verb(imaginary, false, verb);
        self.flags.plus = plus;
        self.out.write(b"i)");
    }

    fn string(&mut self, value: &Value, text: &[u8], verb: u8) {
        let (flags, out) = (self.flags, &mut self.out);
        match verb {
            b'v' if flags.sharp_v => flags.quoted(out, text),
            b'v' | b's' => flags.string(out, text),
            b'x' | b'X' => flags.hexadecimal(out, text, verb == b'X'),
            b'q' => flags.quoted(out, text),
            _ => self.bad_verb(value, verb),
        }
    }

    fn bytes(&mut self, bytes: &Str, verb: u8, depth: usize) {
        let (flags, out) = (self.flags, &mut self.out);
        match verb {
            b's' => flags.string(out, bytes),
            b'x' | b'X' => flags.hexadecimal(out, bytes, verb == b'X'),
            b'q' => flags.quoted(out, bytes),
            b'v' if flags.sharp_v => {
                // At the top Go says byte, inside of others uint8.
                out.write(if depth == 0 { b"[]byte{" } else { b"[]uint8{" });
                for (index, byte) in bytes.iter().enumerate() {
                    out.write(if index > 0 { b", " } else { b"" });
                    Flags { sharp: true, ..flags }.integer(out, (*byte).into(), false, 16, b'v');
                }
                out.write(b"}");
            }
            _ => {
                out.write(b"[");
                for (index, byte) in bytes.iter().enumerate() {
                    self.out.write(if index > 0 { b" " } else { b"" });
                    let byte = Value::Number(Number::Uint8(*byte));
                    self.value(&byte, verb, depth + 1);
                }
                self.out.write(b"]");
            }
        }
    }

    fn list(&mut self, list: &List, verb: u8, depth: usize) {
        if self.wraps_inside(depth, verb) {
            return self.bad_verb(&Value::List(list.clone()), verb);
        }
        let sharp = self.flags.sharp_v;
        if sharp {
            self.out.write(list.type_of().name().as_bytes());
            if list.is_nil() {
                return self.out.write(b"(nil)");
            }
        }
        self.out.write(if sharp { b"{" } else { b"[" });
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                self.out.write(if sharp { b", " } else { b" " });
            }
            self.element(item, list.element_type(), verb, depth);
        }
        self.out.write(if sharp { b"}" } else { b"]" });
    }

    fn map(&mut self, map: &Map, verb: u8, depth: usize) {
        if self.wraps_inside(depth, verb) {
            return self.bad_verb(&Value::Map(map.clone()), verb);
        }
        let sharp = self.flags.sharp_v;
        if sharp {
            self.out.write(map.type_of().name().as_bytes());
            if map.is_nil() {
                return self.out.write(b"(nil)");
            }
        }
        self.out.write(if sharp { b"{" } else { b"map[" });
        let element = map.element_type();
        map.read(|entries| {
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    self.out.write(if sharp { b", " } else { b" " });
                }
                self.string(&Value::String(key.clone()), key, verb);
                self.out.write(b":");
                self.element(value, element, verb, depth);
            }
        });
        self.out.write(if sharp { b"}" } else { b"]" });
    }

    /// An element of a list, map or struct: nil prints by the element's declared type.
    fn element(&mut self, value: &Value, declared: &'static Type, verb: u8, depth: usize) {
        // An interface around the element is a level of its own.
        let level = depth + 1 + usize::from(declared.kind() == Kind::Interface);
        if matches!(value, Value::Nil) && declared.kind() == Kind::Pointer {
            return self.flags.pad(&mut self.out, b"<nil>");
        }
        self.value(value, verb, level);
    }

    /// `%w` of a composite inside of another.
    fn wraps_inside(&self, depth: usize, verb: u8) -> bool {
        verb == b'w' && depth > 0 && !self.erroring
    }

    fn object(&mut self, value: &Value, object: &dyn Object, verb: u8, depth: usize) {
        if !self.erroring && !self.flags.sharp_v && matches!(verb, b'v' | b's' | b'x' | b'X' | b'q') {
            if object.is_pointer() && object.is_nil() && object.string().is_some() {
                return self.out.write(b"<nil>");
            }
            if let Some(text) = object.string() {
                return self.string(&Value::String(text.clone()), &text, verb);
            }
        }
        if let Some(integer) = object.integer() {
            return self.integer(value, integer as u64, true, verb);
        }
        if object.is_pointer() {
            if depth > 0 || object.is_nil() {
                return self.pointer(value, verb);
            }
            self.out.write(b"&");
        }
        let (sharp, names) = (self.flags.sharp_v, self.flags.plus_v || self.flags.sharp_v);
        if sharp {
            self.out.write(object.type_of().name().trim_start_matches('*').as_bytes());
        }
        self.out.write(b"{");
        let level = depth + usize::from(object.is_pointer());
        for (index, field) in object.fields().iter().enumerate() {
            if index > 0 {
                self.out.write(if sharp { b", " } else { b" " });
            }
            if names {
                self.out.write(field.name.as_bytes());
                self.out.write(b":");
            }
            let declared = if field.interface {
                types::INTERFACE
            } else {
                field.value.type_of().unwrap_or(types::INTERFACE)
            };
            self.element(&field.value, declared, verb, level);
        }
        self.out.write(b"}");
    }

    /// The address of a map, slice, function or pointer. Ours is always the same.
    fn pointer(&mut self, value: &Value, verb: u8) {
        const ADDRESS: u64 = 0xc0_0000_0000;
        if !matches!(value.kind(), Kind::Map | Kind::Slice | Kind::Func | Kind::Pointer) {
            return self.bad_verb(value, verb);
        }
        let nil = value.is_nil();
        let address = if nil { 0 } else { ADDRESS };
        let (flags, out) = (self.flags, &mut self.out);
        match verb {
            b'v' if flags.sharp_v => {
                out.write(format!("({})(", value.type_name()).as_bytes());
                if nil {
                    out.write(b"nil");
                } else {
                    Flags { sharp: true, ..flags }.integer(out, address, false, 16, b'v');
                }
                out.write(b")");
            }
            b'v' if nil => flags.pad(out, b"<nil>"),
            b'v' | b'p' => Flags { sharp: !flags.sharp, ..flags }.integer(out, address, false, 16, b'v'),
            b'b' | b'o' | b'd' | b'x' | b'X' => self.integer(value, address, false, verb),
            _ => self.bad_verb(value, verb),
        }
    }
}
