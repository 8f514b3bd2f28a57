//! Go's `fmt`: `Sprint`, `Sprintln` and `Sprintf` over template values.
//!
//! Addresses are not printed as Go would (they differ from run to run): a pointer inside another value is `0xc000000000`.

mod flags;
mod printer;
mod printf;
#[cfg(test)]
mod tests;

use crate::value::Value;

pub(crate) use printer::Printer;

/// Where printing stops: a value that holds another many times over can be written endlessly. What is longer than
/// [`Call::size_limit`](crate::Call::size_limit) is refused by [`Call::allocate`](crate::Call::allocate) afterwards.
const LIMIT: usize = 256 << 20;

/// `fmt.Sprint`: a space between operands where neither is a string.
pub fn sprint(values: &[Value]) -> Vec<u8> {
    let mut printer = Printer::new(Vec::new(), LIMIT);
    printer.print(values);
    printer.finish()
}

/// `fmt.Sprintln`: a space between all operands, and a newline.
pub fn sprintln(values: &[Value]) -> Vec<u8> {
    let mut printer = Printer::new(Vec::new(), LIMIT);
    printer.println(values);
    printer.finish()
}

/// `fmt.Sprintf`.
pub fn sprintf(format: &[u8], values: &[Value]) -> Vec<u8> {
    let mut printer = Printer::new(Vec::new(), LIMIT);
    printer.printf(format, values);
    printer.finish()
}

/// A value with a verb, for an error text; cut at a mebibyte.
pub(crate) fn describe(verb: &[u8], value: &Value) -> String {
    let mut printer = Printer::new(Vec::new(), 1 << 20);
    printer.printf(verb, std::slice::from_ref(value));
    crate::go::to_lossy(&printer.finish()).into_owned()
}

/// Appends one value as `{{ value }}` prints it; a composite one until the output has reached the limit.
pub(crate) fn append(out: &mut Vec<u8>, value: &Value, limit: usize) {
    match value {
        Value::String(text) => out.extend_from_slice(text),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(n) | Value::Int64(n) => append_integer(out, *n),
        Value::Float(n) => append_float(out, *n),
        Value::Object(object) if let Some(text) = object.pointer_string() => out.extend_from_slice(&text),
        _ => {
            let start = out.len();
            let mut printer = Printer::new(std::mem::take(out), limit);
            printer.print(std::slice::from_ref(value));
            *out = printer.finish();
            // An action prints what a pointer points to.
            if matches!(value, Value::Object(object) if object.is_pointer())
                && out[start..].starts_with(b"&{")
            {
                out.remove(start);
            }
        }
    }
}

pub(crate) fn append_integer(out: &mut Vec<u8>, n: i64) {
    let mut buffer = [0; 20];
    let mut at = buffer.len();
    let mut rest = n.unsigned_abs();
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&buffer[at..]);
}

fn append_float(out: &mut Vec<u8>, n: f64) {
    // The common case of values: a small integer. From 1e+06 on Go writes an exponent when trailing zeros allow; beyond
    // this bound the general way decides.
    if n.fract() == 0.0 && n.abs() < 1e6 && !(n == 0.0 && n.is_sign_negative()) {
        return append_integer(out, n as i64);
    }
    crate::go::append_float(out, n, b'g', None, false);
}
