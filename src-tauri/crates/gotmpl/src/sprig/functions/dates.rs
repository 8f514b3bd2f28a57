//! Times and durations. The local zone is UTC; "now" is the time of the render.

use std::any::Any;
use std::borrow::Cow;
use std::rc::Rc;

use super::{ANY, NO_ARGUMENTS, ONE, STRING, TWO_STRINGS, nil_dereference};
use crate::call::Call;
use crate::error::FunctionError;
use crate::function::{Args, Function, FunctionResult, Functions, Method, Signature};
use crate::sprig::environment::{Lookup, clock};
use crate::sprig::strconv::{NumberFault, parse_int};
use crate::sprig::time::{Duration, MONTHS, Time, WEEKDAYS, ZERO_SECONDS, Zone, zone_at};
use crate::value::{Kind, Number, Object, Str, StructField, Type, Value, types};

const HTML_LAYOUT: &[u8] = b"2006-01-02";

pub(super) fn register(functions: &mut Functions, lookup: Lookup) {
    functions.insert(Function::shared("now", NO_ARGUMENTS, move |call, _| {
        Ok(time_value(clock(lookup, call, "now")?.clone()))
    }));
    functions.insert(Function::shared("date", Signature::fixed(&[STRING, ANY]), move |call, args| {
        in_zone(lookup, call, "date", args.string(0), args.any(1), b"Local")
    }));
    for name in ["dateInZone", "date_in_zone"] {
        let signature = Signature::fixed(&[STRING, ANY, STRING]);
        functions.insert(Function::shared(name, signature, move |call, args| {
            in_zone(lookup, call, "dateInZone", args.string(0), args.any(1), args.string(2))
        }));
    }
    functions.insert(Function::shared("htmlDate", ONE, move |call, args| {
        in_zone(lookup, call, "htmlDate", HTML_LAYOUT, args.any(0), b"Local")
    }));
    functions.insert(Function::shared(
        "htmlDateInZone",
        Signature::fixed(&[ANY, STRING]),
        move |call, args| in_zone(lookup, call, "htmlDateInZone", HTML_LAYOUT, args.any(0), args.string(1)),
    ));
    functions.insert(Function::shared("ago", ONE, move |call, args| {
        let now = clock(lookup, call, "ago")?;
        let then = match args.any(0) {
            // Other than the functions that format, this one does not know int32.
            Value::Number(_) => None,
            value => given_time(value),
        };
        let age = now.since(then.as_ref().unwrap_or(now));
        Ok(age.round(Duration::SECOND).to_string().into())
    }));
    functions.insert(Function::shared("durationRound", ONE, move |call, args| {
        let duration = match args.any(0) {
            Value::String(text) => Duration::parse(text).unwrap_or(Duration(0)),
            Value::Int64(nanoseconds) => Duration(*nanoseconds),
            value => match time_of(value) {
                Some(time) => clock(lookup, call, "durationRound")?.since(time),
                None => Duration(0),
            },
        };
        Ok(coarse(duration).into())
    }));
    functions.add("duration", ONE, |_, args| {
        let seconds = match args.any(0) {
            Value::String(text) => match parse_int(text, 10) {
                Ok(number) | Err(NumberFault::Range(number)) => number,
                Err(NumberFault::Syntax) => 0,
            },
            Value::Int64(number) => *number,
            _ => 0,
        };
        Ok(Duration(seconds.wrapping_mul(Duration::SECOND.0)).to_string().into())
    });
    const MODIFY: Signature = Signature::fixed(&[STRING, TIME]);
    for name in ["dateModify", "date_modify"] {
        functions.add(name, MODIFY, |_, args| {
            let time = argument(args, 1)?;
            Ok(time_value(Duration::parse(args.string(0)).map_or_else(|_| time.clone(), |by| time.after(by))))
        });
    }
    for name in ["mustDateModify", "must_date_modify"] {
        functions.add(name, MODIFY, |_, args| {
            let by = Duration::parse(args.string(0)).map_err(FunctionError::new)?;
            Ok(time_value(argument(args, 1)?.after(by)))
        });
    }
    functions.add("toDate", TWO_STRINGS, |_, args| {
        Ok(time_value(Time::parse(args.string(0), args.string(1)).unwrap_or_else(|_| Time::zero())))
    });
    functions.add("mustToDate", TWO_STRINGS, |_, args| {
        Time::parse(args.string(0), args.string(1)).map(time_value).map_err(FunctionError::new)
    });
    functions.add("unixEpoch", Signature::fixed(&[TIME]), |_, args| {
        Ok(argument(args, 0)?.seconds.to_string().into())
    });
}

/// The time that a value stands for: a time, or seconds since 1970 as `int`, `int32` or `int64` (not as `float64`).
fn given_time(value: &Value) -> Option<Time> {
    match value {
        Value::Int(seconds) | Value::Int64(seconds) => Some(Time::utc(*seconds, 0)),
        Value::Number(Number::Int32(seconds)) => Some(Time::utc(i64::from(*seconds), 0)),
        value => time_of(value).cloned(),
    }
}

fn in_zone(
    lookup: Lookup,
    call: &mut Call<'_, '_>,
    function: &'static str,
    layout: &[u8],
    value: &Value,
    zone: &[u8],
) -> FunctionResult {
    let time = match given_time(value) {
        Some(time) => time,
        None => clock(lookup, call, function)?.clone(),
    };
    let zone =
        std::str::from_utf8(zone).ok().and_then(|name| zone_at(name, time.seconds)).unwrap_or(Zone::UTC);
    Ok(time.in_zone(zone).format(layout).into())
}

/// The largest unit that the duration exceeds, as `3h`.
fn coarse(duration: Duration) -> String {
    const UNITS: [(u64, &str); 6] =
        [(365 * 86_400, "y"), (30 * 86_400, "mo"), (86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let magnitude = duration.0.unsigned_abs();
    for (seconds, unit) in UNITS {
        let length = seconds * 1_000_000_000;
        if magnitude > length {
            return format!("{}{unit}", magnitude / length);
        }
    }
    "0s".to_owned()
}

struct TimeObject(Time);

/// A `time.Time` for templates.
pub(in crate::sprig) fn time_value(time: Time) -> Value {
    let object: Rc<dyn Object> = Rc::new(TimeObject(time));
    object.into()
}

/// The time, where the value is a `time.Time`.
pub(in crate::sprig) fn time_of(value: &Value) -> Option<&Time> {
    value.as_object()?.downcast::<TimeObject>().map(|object| &object.0)
}

fn argument(args: Args<'_>, index: usize) -> Result<&Time, FunctionError> {
    time_of(args.any(index)).ok_or_else(nil_dereference)
}

impl Object for TimeObject {
    fn type_of(&self) -> &'static Type {
        TIME
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn fields(&self) -> Vec<StructField> {
        Vec::new()
    }

    fn string(&self) -> Option<Str> {
        Some(self.0.to_string().into())
    }

    fn equals(&self, other: &dyn Object) -> Option<bool> {
        Some(other.downcast::<TimeObject>().is_some_and(|other| self.0 == other.0))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A number with a name of its own: a month, a weekday, a duration.
pub(in crate::sprig) struct Named {
    kind: &'static Type,
    number: i64,
}

impl Named {
    /// What spf13/cast makes of it: months and weekdays are known to it, durations are not.
    pub(in crate::sprig) fn number(&self) -> i64 {
        if self.kind == DURATION { 0 } else { self.number }
    }

    fn name(&self) -> Cow<'static, str> {
        let of = |names: &[&'static str], index: i64| {
            usize::try_from(index).ok().and_then(|index| names.get(index)).copied()
        };
        if self.kind == MONTH {
            return of(&MONTHS, self.number - 1)
                .map_or_else(|| format!("%!Month({})", self.number).into(), Cow::Borrowed);
        }
        if self.kind == WEEKDAY {
            return of(&WEEKDAYS, self.number)
                .map_or_else(|| format!("%!Weekday({})", self.number).into(), Cow::Borrowed);
        }
        Duration(self.number).to_string().into()
    }
}

fn named(kind: &'static Type, number: i64) -> FunctionResult {
    let object: Rc<dyn Object> = Rc::new(Named { kind, number });
    Ok(object.into())
}

impl Object for Named {
    fn type_of(&self) -> &'static Type {
        self.kind
    }

    fn field(&self, _name: &str) -> Option<Value> {
        None
    }

    fn fields(&self) -> Vec<StructField> {
        Vec::new()
    }

    fn string(&self) -> Option<Str> {
        Some(self.name().into())
    }

    fn integer(&self) -> Option<i64> {
        Some(self.number)
    }

    fn equals(&self, other: &dyn Object) -> Option<bool> {
        Some(
            other
                .downcast::<Named>()
                .is_some_and(|other| self.kind == other.kind && self.number == other.number),
        )
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Methods whose body gets the receiver as what it is.
macro_rules! methods {
    ($receiver:path: $($name:literal ($($parameter:expr),*) => $operation:expr,)*) => {
        &[$(Method {
            name: $name,
            signature: Signature::fixed(&[$($parameter),*]),
            body: |_: &mut Call<'_, '_>, receiver, args| {
                let operation: fn(_, Args<'_>) -> FunctionResult = $operation;
                match $receiver(receiver) {
                    Some(receiver) => operation(receiver, args),
                    None => Err(nil_dereference()),
                }
            },
        }),*]
    };
}

fn named_of(value: &Value) -> Option<&Named> {
    value.as_object()?.downcast()
}

const MONTH: &Type = &Type::named_integer(
    "time.Month",
    Kind::Int,
    methods!(named_of:
        "String" () => |month: &Named, _| Ok(month.name().into_owned().into()),
    ),
);

const WEEKDAY: &Type = &Type::named_integer(
    "time.Weekday",
    Kind::Int,
    methods!(named_of:
        "String" () => |day: &Named, _| Ok(day.name().into_owned().into()),
    ),
);

const DURATION: &Type = &Type::named_integer(
    "time.Duration",
    Kind::Int64,
    methods!(named_of:
        "String" () => |duration: &Named, _| Ok(duration.name().into_owned().into()),
        "Hours" () => |duration: &Named, _| Ok(Value::Float(duration.number as f64 / 3.6e12)),
        "Minutes" () => |duration: &Named, _| Ok(Value::Float(duration.number as f64 / 6e10)),
        "Seconds" () => |duration: &Named, _| Ok(Value::Float(duration.number as f64 / 1e9)),
        "Milliseconds" () => |duration: &Named, _| Ok(Value::Int64(duration.number / 1_000_000)),
        "Microseconds" () => |duration: &Named, _| Ok(Value::Int64(duration.number / 1_000)),
        "Nanoseconds" () => |duration: &Named, _| Ok(Value::Int64(duration.number)),
    ),
);

/// The type as a parameter of its own methods, where a constant cannot name itself; types are equal by their names.
const OTHER: &Type = &Type::structure("time.Time", &[]);

const TIME: &Type = &Type::structure(
    "time.Time",
    methods!(time_of:
        "Year" () => |time: &Time, _| Ok(Value::Int(time.civil().year)),
        "Month" () => |time: &Time, _| named(MONTH, time.civil().month.into()),
        "Day" () => |time: &Time, _| Ok(Value::Int(time.civil().day.into())),
        "YearDay" () => |time: &Time, _| Ok(Value::Int(time.civil().year_day.into())),
        "Weekday" () => |time: &Time, _| named(WEEKDAY, time.civil().weekday.into()),
        "Hour" () => |time: &Time, _| Ok(Value::Int(time.civil().hour.into())),
        "Minute" () => |time: &Time, _| Ok(Value::Int(time.civil().minute.into())),
        "Second" () => |time: &Time, _| Ok(Value::Int(time.civil().second.into())),
        "Nanosecond" () => |time: &Time, _| Ok(Value::Int(time.nanoseconds.into())),
        "Unix" () => |time: &Time, _| Ok(Value::Int64(time.seconds)),
        "UnixMilli" () => |time: &Time, _| Ok(Value::Int64(units(time, 1_000))),
        "UnixMicro" () => |time: &Time, _| Ok(Value::Int64(units(time, 1_000_000))),
        "UnixNano" () => |time: &Time, _| Ok(Value::Int64(units(time, 1_000_000_000))),
        "String" () => |time: &Time, _| Ok(time.to_string().into()),
        "Format" (types::STRING) => |time: &Time, args| Ok(time.format(args.string(0)).into()),
        "UTC" () => |time: &Time, _| Ok(time_value(time.in_zone(Zone::UTC))),
        "Local" () => |time: &Time, _| Ok(time_value(time.in_zone(Zone::UTC))),
        "IsZero" () => |time: &Time, _| Ok(Value::Bool(time.seconds == ZERO_SECONDS && time.nanoseconds == 0)),
        "Before" (OTHER) => |time: &Time, args| Ok(Value::Bool(moment(time) < moment(argument(args, 0)?))),
        "After" (OTHER) => |time: &Time, args| Ok(Value::Bool(moment(time) > moment(argument(args, 0)?))),
        "Equal" (OTHER) => |time: &Time, args| Ok(Value::Bool(moment(time) == moment(argument(args, 0)?))),
        "Compare" (OTHER) => |time: &Time, args| Ok(Value::Int(moment(time).cmp(&moment(argument(args, 0)?)) as i64)),
        "Sub" (OTHER) => |time: &Time, args| named(DURATION, time.since(argument(args, 0)?).0),
        "Add" (DURATION) => |time: &Time, args| {
            // A literal comes as a plain number.
        let by = named_of(args.any(0)).map_or_else(|| args.int(0), |duration| duration.number);
        Ok(time_value(time.after(Duration(by))))
        },
        "AddDate" (types::INT, types::INT, types::INT) => |time: &Time, args| {
            Ok(time_value(time.add_date(args.int(0), args.int(1), args.int(2))))
        },
    ),
);

fn moment(time: &Time) -> (i64, u32) {
    (time.seconds, time.nanoseconds)
}

/// The time in a unit of which a second has so many; it wraps, as in Go.
fn units(time: &Time, per_second: i64) -> i64 {
    time.seconds
        .wrapping_mul(per_second)
        .wrapping_add(i64::from(time.nanoseconds) / (1_000_000_000 / per_second))
}
