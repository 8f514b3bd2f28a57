//! Types and kinds of values.

use super::{ANY, ONE, STRING, TWO};
use crate::function::{Functions, Signature};
use crate::sprig::structure::deep_equal;
use crate::value::Value;

pub(super) fn register(functions: &mut Functions) {
    const NAMED: Signature = Signature::fixed(&[STRING, ANY]);
    functions.add("typeOf", ONE, |_, args| Ok(args.any(0).type_name().into()));
    functions.add("kindOf", ONE, |_, args| Ok(args.any(0).kind().name().into()));
    functions.add("typeIs", NAMED, |_, args| Ok(Value::Bool(*args.string(0) == args.any(1).type_name())));
    functions.add("typeIsLike", NAMED, |_, args| {
        let (wanted, name) = (args.string(0), args.any(1).type_name());
        Ok(Value::Bool(*wanted == name || name.strip_prefix('*').is_some_and(|name| *wanted == name)))
    });
    functions.add("kindIs", NAMED, |_, args| Ok(Value::Bool(*args.string(0) == args.any(1).kind().name())));
    functions
        .add("deepEqual", TWO, |call, args| Ok(Value::Bool(deep_equal(call, args.any(0), args.any(1))?)));
}
