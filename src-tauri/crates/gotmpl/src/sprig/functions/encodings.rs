//! Base64, base32 and JSON. Helm replaces `toJson` and `fromJson` by functions of its own.

use super::{ONE, ONE_STRING, written};
use crate::call::Call;
use crate::error::{FunctionError, LimitReached};
use crate::function::{Function, FunctionResult, Functions};
use crate::sprig::encoding::{base32_decode, base32_encode, base64_decode, base64_encode_into};
use crate::sprig::json::{self, EncodeError, Style};
use crate::value::Value;

pub(super) fn register(functions: &mut Functions) {
    functions.add("b64enc", ONE_STRING, |call, args| {
        call.allocate(args.string(0).len() / 3 * 4 + 4)?;
        Ok(written(call, |output| base64_encode_into(args.string(0), output)))
    });
    // Bad input gives the error's text in place of the result.
    functions.add("b64dec", ONE_STRING, |call, args| {
        call.charge(args.string(0).len() as u64 / 16)?;
        Ok(base64_decode(args.string(0)).map_or_else(Value::from, Value::from))
    });
    functions.add("b32enc", ONE_STRING, |call, args| {
        call.allocate(args.string(0).len().saturating_mul(2))?;
        Ok(base32_encode(args.string(0)).into())
    });
    functions.add("b32dec", ONE_STRING, |call, args| {
        call.charge(args.string(0).len() as u64 / 4)?;
        Ok(base32_decode(args.string(0)).map_or_else(Value::from, Value::from))
    });

    let styles = [("Json", Style::COMPACT), ("PrettyJson", Style::PRETTY), ("RawJson", Style::RAW)];
    for (name, style) in styles {
        // Without `must` the result of a value that JSON cannot hold is empty, but for `toRawJson`, which panics.
        functions.insert(Function::shared(&format!("to{name}"), ONE, move |call, args| {
            match encode(call, args.any(0), style) {
                Err(error) if style != Style::RAW && error.limit_reached().is_none() => Ok("".into()),
                result => result,
            }
        }));
        functions.insert(Function::shared(&format!("mustTo{name}"), ONE, move |call, args| {
            encode(call, args.any(0), style)
        }));
    }
    functions.add("fromJson", ONE_STRING, |call, args| {
        call.charge(args.string(0).len() as u64)?;
        Ok(json::decode(args.string(0)).unwrap_or_default())
    });
    functions.add("mustFromJson", ONE_STRING, |call, args| {
        call.charge(args.string(0).len() as u64)?;
        json::decode(args.string(0)).map_err(FunctionError::new)
    });
}

fn encode(call: &mut Call<'_, '_>, value: &Value, style: Style) -> FunctionResult {
    match json::encode(value, style, call.size_limit()) {
        Ok(text) => {
            call.allocate(text.len())?;
            Ok(text.into())
        }
        Err(error @ EncodeError::TooLarge(_)) => {
            Err(FunctionError::limit(LimitReached::Size, error.to_string()))
        }
        Err(error) => Err(FunctionError::new(error.to_string())),
    }
}
