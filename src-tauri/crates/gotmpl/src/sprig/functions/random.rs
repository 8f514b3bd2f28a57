//! Random texts and numbers. They follow from the seed of the render ([`Environment`](super::super::Environment)).

use super::{INT, NO_ARGUMENTS, ONE_STRING};
use crate::call::Call;
use crate::error::FunctionError;
use crate::function::{Args, Function, FunctionResult, Functions, Signature};
use crate::sprig::encoding::base64_encode;
use crate::sprig::environment::{Lookup, generator};
use crate::sprig::words::characters;
use crate::value::Value;

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";

/// The characters from the space to the tilde.
const fn ascii() -> [u8; 95] {
    let mut characters = [b' '; 95];
    let mut index = 0;
    while index < 95 {
        characters[index] = b' ' + index as u8;
        index += 1;
    }
    characters
}

static ASCII: [u8; 95] = ascii();

pub(super) fn register(functions: &mut Functions, lookup: Lookup) {
    const COUNT: Signature = Signature::fixed(&[INT]);
    let texts: [(&'static str, &'static [u8]); 4] = [
        ("randAlphaNum", ALPHANUMERIC),
        ("randAlpha", LETTERS),
        ("randAscii", &ASCII),
        ("randNumeric", DIGITS),
    ];
    for (name, alphabet) in texts {
        functions.insert(Function::shared(name, COUNT, move |call, args| {
            text(lookup, call, name, alphabet, args.int(0))
        }));
    }
    functions.insert(Function::shared("randBytes", COUNT, move |call, args| {
        let count = usize::try_from(args.int(0))
            .map_err(|_| FunctionError::panic("runtime error: makeslice: len out of range"))?;
        call.allocate(count.saturating_mul(2))?;
        let count_text = count.to_string();
        let mut bytes = vec![0; count];
        generator(lookup, call, "randBytes", &[count_text.as_bytes()])?.fill(&mut bytes);
        Ok(base64_encode(&bytes).into())
    }));
    functions.insert(Function::shared("randInt", Signature::fixed(&[INT, INT]), move |call, args| {
        let (low, high) = (args.int(0), args.int(1));
        let span = high.wrapping_sub(low);
        let Some(span) = u64::try_from(span).ok().filter(|span| *span > 0) else {
            return Err(FunctionError::panic("invalid argument to Intn"));
        };
        let arguments = [low.to_string(), high.to_string()];
        let arguments = [arguments[0].as_bytes(), arguments[1].as_bytes()];
        let drawn = generator(lookup, call, "randInt", &arguments)?.below(span);
        Ok(Value::Int(low.wrapping_add(drawn as i64)))
    }));
    functions.insert(Function::shared("uuidv4", NO_ARGUMENTS, move |call, _| {
        let mut bytes = [0; 16];
        generator(lookup, call, "uuidv4", &[])?.fill(&mut bytes);
        // Version 4, variant 10.
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut text = String::with_capacity(36);
        for (index, byte) in bytes.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push_str(&format!("{byte:02x}"));
        }
        Ok(text.into())
    }));
    functions.insert(Function::shared("shuffle", ONE_STRING, move |call, args| shuffle(lookup, call, args)));
}

fn text(
    lookup: Lookup,
    call: &mut Call<'_, '_>,
    name: &'static str,
    alphabet: &[u8],
    count: i64,
) -> FunctionResult {
    // A negative length is an error that sprig drops.
    let Some(count) = usize::try_from(count).ok().filter(|count| *count > 0) else { return Ok("".into()) };
    call.allocate(count)?;
    call.charge(count as u64)?;
    let mut generator = generator(lookup, call, name, &[count.to_string().as_bytes()])?;
    let text: Vec<u8> =
        (0..count).map(|_| alphabet[generator.below(alphabet.len() as u64) as usize]).collect();
    Ok(text.into())
}

fn shuffle(lookup: Lookup, call: &mut Call<'_, '_>, args: Args<'_>) -> FunctionResult {
    let text = args.string(0);
    if text.is_empty() {
        return Ok(args.any(0).clone());
    }
    call.charge(text.len() as u64)?;
    let mut generator = generator(lookup, call, "shuffle", &[text])?;
    let mut shuffled: Vec<char> = characters(text).collect();
    for last in (1..shuffled.len()).rev() {
        shuffled.swap(last, generator.below(last as u64 + 1) as usize);
    }
    Ok(shuffled.into_iter().collect::<String>().into())
}
