//! Arithmetic on integers, floats and decimals, and sequences of integers.

use super::{ANY, ANY_NUMBER, INT, ONE, TWO};
use crate::call::Call;
use crate::error::FunctionError;
use crate::function::{Args, FunctionResult, Functions, Signature};
use crate::sprig::casts::{to_float, to_int};
use crate::sprig::decimal::Decimal;
use crate::sprig::strconv::parse_int;
use crate::value::{List, Value, types};

const ONE_AND_MORE: Signature = Signature::variadic(&[ANY, ANY]);
const DIVIDE_BY_ZERO: &str = "runtime error: integer divide by zero";

pub(super) fn register(functions: &mut Functions) {
    let add = &mut |name: &str, signature, body| functions.add(name, signature, body);
    add("int", ONE, |_, args| Ok(Value::Int(to_int(args.any(0)))));
    add("int64", ONE, |_, args| Ok(Value::Int64(to_int(args.any(0)))));
    add("float64", ONE, |_, args| Ok(Value::Float(to_float(args.any(0)))));
    add("toDecimal", ONE, |_, args| Ok(Value::Int64(parse_int(&args.any(0).to_text(), 8).unwrap_or(0))));

    add("add1", ONE, |_, args| Ok(Value::Int64(to_int(args.any(0)).wrapping_add(1))));
    add("add", ANY_NUMBER, |_, args| {
        Ok(Value::Int64(args.all().iter().map(to_int).fold(0, i64::wrapping_add)))
    });
    add("mul", ONE_AND_MORE, |_, args| {
        Ok(Value::Int64(args.all().iter().map(to_int).fold(1, i64::wrapping_mul)))
    });
    add("sub", TWO, |_, args| Ok(Value::Int64(to_int(args.any(0)).wrapping_sub(to_int(args.any(1))))));
    add("div", TWO, |_, args| quotient(args, i64::wrapping_div));
    add("mod", TWO, |_, args| quotient(args, i64::wrapping_rem));
    for name in ["max", "biggest"] {
        add(name, ONE_AND_MORE, |_, args| Ok(Value::Int64(args.all().iter().map(to_int).max().unwrap_or(0))));
    }
    add("min", ONE_AND_MORE, |_, args| Ok(Value::Int64(args.all().iter().map(to_int).min().unwrap_or(0))));

    add("maxf", ONE_AND_MORE, |_, args| {
        Ok(fold(args, |left, right| if left > right { left } else { right }))
    });
    add("minf", ONE_AND_MORE, |_, args| {
        Ok(fold(args, |left, right| if left < right { left } else { right }))
    });
    add("floor", ONE, |_, args| Ok(Value::Float(to_float(args.any(0)).floor())));
    add("ceil", ONE, |_, args| Ok(Value::Float(to_float(args.any(0)).ceil())));
    add("round", Signature::variadic(&[ANY, INT, types::FLOAT64]), |_, args| {
        let up_from = if args.len() > 2 { args.float(2) } else { 0.5 };
        Ok(Value::Float(round(to_float(args.any(0)), args.int(1), up_from)))
    });

    add("add1f", ONE, |_, args| decimals(args.any(0), &[Value::Int(1)], |left, right| Ok(left.add(right))));
    add("addf", ANY_NUMBER, |_, args| {
        decimals(&Value::Float(0.0), args.all(), |left, right| Ok(left.add(right)))
    });
    add("subf", ONE_AND_MORE, |_, args| {
        decimals(args.any(0), args.rest(1), |left, right| Ok(left.subtract(right)))
    });
    add("mulf", ONE_AND_MORE, |_, args| {
        decimals(args.any(0), args.rest(1), |left, right| Ok(left.multiply(right)))
    });
    add("divf", ONE_AND_MORE, |_, args| decimals(args.any(0), args.rest(1), Decimal::divide));

    add("until", Signature::fixed(&[INT]), |call, args| {
        let stop = args.int(0);
        Ok(integers(steps(call, 0, stop, if stop < 0 { -1 } else { 1 })?))
    });
    add("untilStep", Signature::fixed(&[INT, INT, INT]), |call, args| {
        Ok(integers(steps(call, args.int(0), args.int(1), args.int(2))?))
    });
    add("seq", Signature::variadic(&[INT]), sequence);
}

fn quotient(args: Args<'_>, divide: fn(i64, i64) -> i64) -> FunctionResult {
    let (left, right) = (to_int(args.any(0)), to_int(args.any(1)));
    if right == 0 {
        return Err(FunctionError::panic(DIVIDE_BY_ZERO));
    }
    Ok(Value::Int64(divide(left, right)))
}

/// Go's `math.Max` and `math.Min` give NaN where one of the numbers is NaN, unless the other is the very extreme.
fn fold(args: Args<'_>, choose: fn(f64, f64) -> f64) -> Value {
    let numbers = args.all().iter().map(to_float);
    Value::Float(
        numbers
            .reduce(|left, right| {
                if left.is_nan() || right.is_nan() {
                    let extreme = choose(f64::INFINITY, f64::NEG_INFINITY);
                    return if left == extreme || right == extreme { extreme } else { f64::NAN };
                }
                if left == 0.0 && right == 0.0 {
                    // The zeros differ in their sign only, which the larger has not and the smaller has.
                    return if choose(0.0, 1.0) == 1.0 { left + right } else { -(-left - right) };
                }
                choose(left, right)
            })
            .unwrap_or(0.0),
    )
}

fn round(value: f64, places: i64, up_from: f64) -> f64 {
    let power = power_of_ten(places);
    let digit = power * value;
    let fraction = if digit.is_infinite() { f64::NAN } else { digit.fract() };
    let rounded = if fraction >= up_from { digit.ceil() } else { digit.floor() };
    rounded / power
}

/// Go's `math.Pow(10, places)`, which for a negative exponent is the reciprocal.
fn power_of_ten(places: i64) -> f64 {
    let magnitude = 10_f64.powi(i32::try_from(places.unsigned_abs()).unwrap_or(i32::MAX));
    if places < 0 { 1.0 / magnitude } else { magnitude }
}

fn decimals(
    first: &Value,
    others: &[Value],
    operation: impl Fn(&Decimal, &Decimal) -> Result<Decimal, String>,
) -> FunctionResult {
    let decimal = |value: &Value| Decimal::from_float(to_float(value));
    let result = decimal(first).and_then(|first| {
        others.iter().try_fold(first, |result, other| operation(&result, &decimal(other)?))
    });
    result.map(|result| Value::Float(result.to_float())).map_err(FunctionError::panic)
}

/// From `start` towards `stop`, without it; nothing where the step leads away.
fn steps(
    call: &mut Call<'_, '_>,
    start: i64,
    stop: i64,
    step: i64,
) -> Result<impl Iterator<Item = i64> + use<>, FunctionError> {
    let forward = stop >= start;
    let leads_there = if forward { step > 0 } else { step < 0 };
    let count = if leads_there { start.abs_diff(stop).div_ceil(step.unsigned_abs()) } else { 0 };
    let bytes = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(size_of::<Value>());
    call.allocate(bytes)?;
    Ok((0..count).map(move |index| start.wrapping_add(step.wrapping_mul(index as i64))))
}

fn integers(numbers: impl Iterator<Item = i64>) -> Value {
    let items: Vec<Value> = numbers.map(Value::Int).collect();
    // Go grows the list one by one, doubling its capacity.
    let capacity = if items.is_empty() { 0 } else { items.len().next_power_of_two() };
    List::with_capacity(types::INTS, items, capacity).into()
}

fn sequence(call: &mut Call<'_, '_>, args: Args<'_>) -> FunctionResult {
    let (start, step, end) = match args.len() {
        1 => (1, if args.int(0) < 1 { -1 } else { 1 }, args.int(0)),
        2 => (args.int(0), if args.int(1) < args.int(0) { -1 } else { 1 }, args.int(1)),
        3 => (args.int(0), args.int(1), args.int(2)),
        _ => return Ok("".into()),
    };
    let beyond = if end < start { -1 } else { 1 };
    if args.len() == 3 && end < start && step > 0 {
        return Ok("".into());
    }
    let mut output = String::new();
    for number in steps(call, start, end.wrapping_add(beyond), step)? {
        if !output.is_empty() {
            output.push(' ');
        }
        output.push_str(&number.to_string());
    }
    Ok(output.into())
}
