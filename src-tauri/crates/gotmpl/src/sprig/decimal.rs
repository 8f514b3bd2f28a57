//! Decimal arithmetic of the functions `addf`, `subf`, `mulf`, `divf`, `add1f`: shopspring/decimal's, so that
//! `addf 0.1 0.2` is 0.3.

use std::cmp::Ordering;

use num_bigint::{BigInt, Sign};

/// Digits after the decimal point that a division is carried out to.
const DIVISION_PRECISION: i64 = 16;

/// `coefficient × 10^exponent`.
#[derive(Clone, Debug)]
pub(crate) struct Decimal {
    coefficient: BigInt,
    exponent: i64,
}

impl Decimal {
    /// The decimal with the fewest digits that reads as this float. The error is upstream's panic.
    pub(crate) fn from_float(value: f64) -> Result<Decimal, String> {
        if !value.is_finite() {
            let shown = if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            return Err(format!("Cannot create a Decimal from {shown}"));
        }
        // Rust's exponential notation has the shortest digits that read back, like Go's.
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let coefficient: BigInt = format!("{whole}{fraction}").parse().unwrap_or_default();
        let exponent = exponent.parse::<i64>().unwrap_or(0) - fraction.len() as i64;
        let exponent = if coefficient.sign() == Sign::NoSign { 0 } else { exponent };
        Ok(Decimal { coefficient, exponent })
    }

    /// The nearest float.
    pub(crate) fn to_float(&self) -> f64 {
        // Rust's conversion from text is exact to the last bit whatever the number of digits.
        format!("{}e{}", self.coefficient, self.exponent).parse().unwrap_or(f64::NAN)
    }

    fn aligned(&self, other: &Decimal) -> (BigInt, BigInt, i64) {
        let exponent = self.exponent.min(other.exponent);
        let scale = |decimal: &Decimal| &decimal.coefficient * power_of_ten(decimal.exponent - exponent);
        (scale(self), scale(other), exponent)
    }

    pub(crate) fn add(&self, other: &Decimal) -> Decimal {
        let (left, right, exponent) = self.aligned(other);
        Decimal { coefficient: left + right, exponent }
    }

    pub(crate) fn subtract(&self, other: &Decimal) -> Decimal {
        let (left, right, exponent) = self.aligned(other);
        Decimal { coefficient: left - right, exponent }
    }

    pub(crate) fn multiply(&self, other: &Decimal) -> Decimal {
        Decimal {
            coefficient: &self.coefficient * &other.coefficient,
            exponent: self.exponent + other.exponent,
        }
    }

    /// The quotient to [`DIVISION_PRECISION`] places, rounded half away from zero. The error is upstream's panic.
    pub(crate) fn divide(&self, other: &Decimal) -> Result<Decimal, String> {
        if other.coefficient.sign() == Sign::NoSign {
            return Err("decimal division by 0".to_owned());
        }
        let scale = self.exponent - other.exponent + DIVISION_PRECISION;
        let (dividend, divisor) = if scale < 0 {
            (self.coefficient.clone(), &other.coefficient * power_of_ten(-scale))
        } else {
            (&self.coefficient * power_of_ten(scale), other.coefficient.clone())
        };
        let mut quotient = &dividend / &divisor;
        let remainder = dividend - &quotient * &divisor;
        let twice: BigInt = remainder * 2;
        if twice.magnitude().cmp(divisor.magnitude()) != Ordering::Less {
            let negative =
                (self.coefficient.sign() == Sign::Minus) != (other.coefficient.sign() == Sign::Minus);
            quotient += if negative { -1 } else { 1 };
        }
        Ok(Decimal { coefficient: quotient, exponent: -DIVISION_PRECISION })
    }
}

fn power_of_ten(exponent: i64) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(value: f64) -> Decimal {
        Decimal::from_float(value).unwrap()
    }

    #[test]
    fn sums_and_quotients_are_decimal() {
        assert_eq!(decimal(0.1).add(&decimal(0.2)).to_float(), 0.3);
        assert_eq!(decimal(1.1).multiply(&decimal(1.1)).to_float(), 1.21);
        assert_eq!(decimal(2.0).divide(&decimal(3.0)).unwrap().to_float(), 0.666_666_666_666_666_7);
        assert_eq!(decimal(1.0).divide(&decimal(0.0)).unwrap_err(), "decimal division by 0");
        assert_eq!(decimal(1e20).add(&decimal(1.0)).to_float(), 1e20);
    }
}
