//! Semantic versions: `semver` gives a pointer to a struct with methods, `semverCompare` checks a constraint.

use std::any::Any;
use std::cmp::Ordering;
use std::rc::Rc;

use super::{ONE_STRING, TWO_STRINGS, nil_dereference};
use crate::call::Call;
use crate::error::FunctionError;
use crate::function::{Args, FunctionResult, Functions, Method, Signature};
use crate::sprig::semver::{Constraints, Version};
use crate::value::{Number, Object, Str, StructField, Type, Value, types};

pub(super) fn register(functions: &mut Functions) {
    functions.add("semver", ONE_STRING, |_, args| Ok(pointer(parse(args.string(0))?)));
    functions.add("semverCompare", TWO_STRINGS, |_, args| {
        let constraints = match args.string(0).to_str() {
            Some(text) => Constraints::cached(text),
            None => Constraints::parse(&args.string(0).to_lossy()).map(Rc::new),
        };
        let constraints = constraints.map_err(FunctionError::new)?;
        Ok(Value::Bool(constraints.check(&parse(args.string(1))?)))
    });
}

fn parse(text: &Str) -> Result<Version, FunctionError> {
    text.to_str()
        .map_or_else(|| Err("invalid semantic version".to_owned()), Version::parse)
        .map_err(FunctionError::new)
}

/// A `*semver.Version`, or a `semver.Version` as the increments give it.
pub(in crate::sprig) struct VersionObject {
    pub(in crate::sprig) version: Version,
    pointer: bool,
}

fn pointer(version: Version) -> Value {
    let object: Rc<dyn Object> = Rc::new(VersionObject { version, pointer: true });
    object.into()
}

fn structure(version: Version) -> Value {
    let object: Rc<dyn Object> = Rc::new(VersionObject { version, pointer: false });
    object.into()
}

/// What copying a version gives: upstream's copier does not reach into its fields, so it is 0.0.0.
pub(in crate::sprig) fn copied(value: &Value) -> Option<Value> {
    let object = value.as_object()?.downcast::<VersionObject>()?;
    let version = Version {
        major: 0,
        minor: 0,
        patch: 0,
        prerelease: String::new(),
        metadata: String::new(),
        original: String::new(),
    };
    Some(if object.pointer { pointer(version) } else { structure(version) })
}

impl Object for VersionObject {
    fn type_of(&self) -> &'static Type {
        if self.pointer { POINTER } else { STRUCTURE }
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn fields(&self) -> Vec<StructField> {
        Vec::new()
    }

    fn string(&self) -> Option<Str> {
        Some(self.version.to_string().into())
    }

    fn equals(&self, other: &dyn Object) -> Option<bool> {
        // Pointers are equal by identity, which has been compared before.
        Some(
            !self.pointer
                && other.downcast::<VersionObject>().is_some_and(|other| self.version == other.version),
        )
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

const NOTHING: Signature = Signature::fixed(&[]);
/// The pointer as a parameter of its own methods, where a constant cannot name itself; types are equal by their names.
const OTHER: Signature = Signature::fixed(&[&Type::pointer("*semver.Version", &[])]);
const TEXT: Signature = Signature::fixed(&[types::STRING]);

type Operation = fn(&Version, Args<'_>) -> FunctionResult;

/// The methods of the struct, and more that only a pointer has.
macro_rules! methods {
    ($($name:literal $signature:ident => $operation:expr,)*) => {
        methods!(@all
            "Major" NOTHING => |version, _| number(version.major),
            "Minor" NOTHING => |version, _| number(version.minor),
            "Patch" NOTHING => |version, _| number(version.patch),
            "Prerelease" NOTHING => |version, _| Ok(version.prerelease.clone().into()),
            "Metadata" NOTHING => |version, _| Ok(version.metadata.clone().into()),
            "String" NOTHING => |version, _| Ok(version.to_string().into()),
            "IncMajor" NOTHING => |version, _| incremented("major", version.next_major()),
            "IncMinor" NOTHING => |version, _| incremented("minor", version.next_minor()),
            "IncPatch" NOTHING => |version, _| incremented("patch", version.next_patch()),
            "SetPrerelease" TEXT => |version, args| changed(version.with_prerelease(&args.string(0).to_lossy())),
            "SetMetadata" TEXT => |version, args| changed(version.with_metadata(&args.string(0).to_lossy())),
            $($name $signature => $operation,)*
        )
    };
    (@all $($name:literal $signature:ident => $operation:expr,)*) => {
        &[$(Method {
            name: $name,
            signature: $signature,
            body: |_: &mut Call<'_, '_>, receiver, args| {
                let operation: Operation = $operation;
                match version_of(receiver) {
                    Some(version) => operation(version, args),
                    None => Err(nil_dereference()),
                }
            },
        }),*]
    };
}

const STRUCTURE: &Type = &Type::structure("semver.Version", methods!());

const POINTER: &Type = &Type::pointer(
    "*semver.Version",
    methods!(
        "Original" NOTHING => |version, _| Ok(version.original.clone().into()),
        "Compare" OTHER => |version, args| {
            Ok(Value::Int(match compare(version, args)? {
                Ordering::Less => -1,
                Ordering::Equal => 0,
                Ordering::Greater => 1,
            }))
        },
        "Equal" OTHER => |version, args| {
            // The one comparison that takes a nil pointer.
            Ok(Value::Bool(version_of(args.any(0)).is_some_and(|other| version.compare(other).is_eq())))
        },
        "LessThan" OTHER => |version, args| Ok(Value::Bool(compare(version, args)?.is_lt())),
        "LessThanEqual" OTHER => |version, args| Ok(Value::Bool(compare(version, args)?.is_le())),
        "GreaterThan" OTHER => |version, args| Ok(Value::Bool(compare(version, args)?.is_gt())),
        "GreaterThanEqual" OTHER => |version, args| Ok(Value::Bool(compare(version, args)?.is_ge())),
    ),
);

fn version_of(value: &Value) -> Option<&Version> {
    value.as_object()?.downcast::<VersionObject>().map(|object| &object.version)
}

fn compare(version: &Version, args: Args<'_>) -> Result<Ordering, FunctionError> {
    version_of(args.any(0)).map(|other| version.compare(other)).ok_or_else(nil_dereference)
}

fn number(number: u64) -> FunctionResult {
    Ok(Value::Number(Number::Uint64(number)))
}

fn incremented(what: &str, version: Option<Version>) -> FunctionResult {
    let overflow = || FunctionError::panic(format!("{what} version increment would overflow uint64"));
    version.map(structure).ok_or_else(overflow)
}

fn changed(version: Result<Version, String>) -> FunctionResult {
    version.map(structure).map_err(FunctionError::new)
}
