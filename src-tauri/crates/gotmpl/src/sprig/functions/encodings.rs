//! Base64, base32 and JSON. Helm replaces `toJson` and `fromJson` by functions of its own.

use super::{ONE, ONE_STRING};
use crate::error::FunctionError;
use crate::function::{FunctionResult, Functions};
use crate::sprig::encoding::{base32_decode, base32_encode, base64_decode, base64_encode};
use crate::sprig::json::{self, Style};
use crate::value::Value;

pub(super) fn register(functions: &mut Functions) {
    functions.add("b64enc", ONE_STRING, |call, args| {
        call.allocate(args.string(0).len() / 3 * 4 + 4)?;
        Ok(base64_encode(args.string(0)).into())
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

    functions.add("toJson", ONE, |_, args| {
        Ok(json::encode(args.any(0), Style::COMPACT).unwrap_or_default().into())
    });
    functions.add("mustToJson", ONE, |_, args| must(args.any(0), Style::COMPACT));
    functions.add("toPrettyJson", ONE, |_, args| {
        Ok(json::encode(args.any(0), Style::PRETTY).unwrap_or_default().into())
    });
    functions.add("mustToPrettyJson", ONE, |_, args| must(args.any(0), Style::PRETTY));
    functions.add("toRawJson", ONE, |_, args| {
        json::encode(args.any(0), Style::RAW).map(Value::from).map_err(FunctionError::panic)
    });
    functions.add("mustToRawJson", ONE, |_, args| must(args.any(0), Style::RAW));
    functions.add("fromJson", ONE_STRING, |call, args| {
        call.charge(args.string(0).len() as u64)?;
        Ok(json::decode(args.string(0)).unwrap_or_default())
    });
    functions.add("mustFromJson", ONE_STRING, |call, args| {
        call.charge(args.string(0).len() as u64)?;
        json::decode(args.string(0)).map_err(FunctionError::new)
    });
}

fn must(value: &Value, style: Style) -> FunctionResult {
    json::encode(value, style).map(Value::from).map_err(FunctionError::new)
}
