//! One figure: what was measured, how often, and the budget it is held against.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// The figures of one repository, in the order in which they were measured.
pub(crate) struct Figures {
    pub(crate) all: Vec<Figure>,
    runs: usize,
}

/// What was measured. Values are in the unit.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) unit: Unit,
    /// Sorted; empty where it could not be measured.
    pub(crate) values: Vec<f64>,
    pub(crate) budget: Option<Budget>,
    /// What else there is to say, for instance a rate.
    pub(crate) note: String,
}

/// What the values count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Milliseconds,
    MicrosecondsPerInstance,
    Megabytes,
}

impl Unit {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::MicrosecondsPerInstance => "µs each",
            Self::Megabytes => "MB",
        }
    }
}

/// The greatest value that is within the budget, and which of the values is held against it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Budget {
    Median(f64),
    /// The 95th percentile.
    Percentile95(f64),
}

impl Figure {
    /// The value in the middle, of two the smaller.
    pub(crate) fn median(&self) -> Option<f64> {
        self.values.get(self.values.len().saturating_sub(1) / 2).copied()
    }

    /// The smallest value that 95 of 100 do not exceed.
    pub(crate) fn percentile_95(&self) -> Option<f64> {
        let place = (self.values.len() * 95).div_ceil(100);
        self.values.get(place.checked_sub(1)?).copied()
    }

    /// Whether it is within its budget; `None` without one, or without a value.
    pub(crate) fn is_within(&self) -> Option<bool> {
        match self.budget? {
            Budget::Median(limit) => Some(self.median()? <= limit),
            Budget::Percentile95(limit) => Some(self.percentile_95()? <= limit),
        }
    }
}

impl Figures {
    pub(crate) fn new(runs: usize) -> Self {
        Self { all: Vec::new(), runs }
    }

    /// How often something is measured that takes long.
    pub(crate) fn runs(&self) -> usize {
        self.runs
    }

    /// Measures how long `work` takes, once for warming up where `runs` is more than one.
    pub(crate) fn time<T>(
        &mut self,
        name: &str,
        budget: Option<Budget>,
        runs: usize,
        mut work: impl FnMut() -> anyhow::Result<T>,
    ) -> anyhow::Result<()> {
        if runs > 1 {
            black_box(work()?);
        }
        let mut spent = Vec::with_capacity(runs);
        for _ in 0..runs {
            let started = Instant::now();
            // What was made is dropped after the clock was read.
            let made = black_box(work()?);
            spent.push(started.elapsed());
            drop(made);
        }
        self.durations(name, budget, &spent);
        Ok(())
    }

    /// Adds durations that were measured elsewhere.
    pub(crate) fn durations(&mut self, name: &str, budget: Option<Budget>, spent: &[Duration]) {
        let values = spent.iter().map(|each| each.as_secs_f64() * 1e3).collect();
        self.add(name, Unit::Milliseconds, budget, values);
    }

    /// Adds the time that each of `count` pieces of work took, and how many are done in a second.
    pub(crate) fn each(&mut self, name: &str, count: usize, spent: &[Duration]) {
        if count == 0 {
            return;
        }
        let values = spent.iter().map(|each| each.as_secs_f64() * 1e6 / count as f64).collect();
        self.add(name, Unit::MicrosecondsPerInstance, None, values);
        if let Some(figure) = self.all.last_mut() {
            let rate = figure.median().filter(|median| *median > 0.0).map_or(0.0, |median| 1e6 / median);
            figure.note = format!("{} per second", grouped(rate as usize));
        }
    }

    /// Adds values.
    pub(crate) fn add(&mut self, name: &str, unit: Unit, budget: Option<Budget>, mut values: Vec<f64>) {
        values.sort_by(f64::total_cmp);
        self.all.push(Figure { name: name.to_owned(), unit, values, budget, note: String::new() });
    }

    /// Says something about the last figure.
    pub(crate) fn note(&mut self, text: String) {
        if let Some(figure) = self.all.last_mut() {
            figure.note = text;
        }
    }
}

/// A number with commas between groups of three digits.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(values: &[f64], budget: Budget) -> Figure {
        let mut figures = Figures::new(1);
        figures.add("x", Unit::Milliseconds, Some(budget), values.to_vec());
        figures.all.remove(0)
    }

    #[test]
    fn the_median_and_the_percentile_are_values_that_occurred() {
        let few = figure(&[30.0, 10.0, 20.0], Budget::Median(20.0));
        assert_eq!(
            (few.median(), few.percentile_95(), few.is_within()),
            (Some(20.0), Some(30.0), Some(true))
        );
        let many: Vec<f64> = (1..=20).map(f64::from).collect();
        let many = figure(&many, Budget::Percentile95(18.0));
        assert_eq!(
            (many.median(), many.percentile_95(), many.is_within()),
            (Some(10.0), Some(19.0), Some(false))
        );
        let none = figure(&[], Budget::Median(1.0));
        assert_eq!((none.median(), none.percentile_95(), none.is_within()), (None, None, None));
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!([0, 999, 6_000, 1_234_567].map(grouped), ["0", "999", "6,000", "1,234,567"]);
    }
}
