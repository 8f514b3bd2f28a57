//! Paths with slashes; those of the operating system are the same, as on Linux.

use super::ONE_STRING;
use crate::function::Functions;
use crate::sprig::path;
use crate::value::{Str, Value};

pub(super) fn register(functions: &mut Functions) {
    for name in ["base", "osBase"] {
        functions.add(name, ONE_STRING, |_, args| Ok(Str::from_bytes(path::base(args.string(0))).into()));
    }
    for name in ["dir", "osDir"] {
        functions
            .add(name, ONE_STRING, |_, args| Ok(Str::from_bytes(&path::directory(args.string(0))).into()));
    }
    for name in ["clean", "osClean"] {
        functions.add(name, ONE_STRING, |_, args| Ok(Str::from_bytes(&path::clean(args.string(0))).into()));
    }
    for name in ["ext", "osExt"] {
        functions.add(
            name,
            ONE_STRING,
            |_, args| Ok(Str::from_bytes(path::extension(args.string(0))).into()),
        );
    }
    for name in ["isAbs", "osIsAbs"] {
        functions.add(name, ONE_STRING, |_, args| Ok(Value::Bool(args.string(0).starts_with(b"/"))));
    }
}
