//! The figures as a table, and as JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;

use serde_json::{Value, json};
use slipway_render::EngineKind;

use crate::figure::{Budget, Figure, Unit, grouped};

/// The machine that is measured on, as far as the figures depend on it.
pub(crate) struct Machine {
    cores: usize,
    processor: Option<String>,
    /// Processes that wanted to run in the last minute, before the bench started.
    load: Option<f64>,
}

/// The figures of one repository.
pub(crate) struct Size {
    /// What lies in it.
    pub(crate) name: String,
    pub(crate) instances: usize,
    pub(crate) files: usize,
    pub(crate) engines: BTreeMap<EngineKind, usize>,
    pub(crate) figures: Vec<Figure>,
}

impl Machine {
    pub(crate) fn of_process() -> Self {
        let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        });
        let load = fs::read_to_string("/proc/loadavg").ok();
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor,
            load: load.and_then(|text| text.split_whitespace().next()?.parse().ok()),
        }
    }

    /// Whether other programs take so much that the figures are those of a busy machine.
    fn is_busy(&self) -> bool {
        self.load.is_some_and(|load| load > self.cores as f64 / 2.0)
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cores", self.cores)?;
        if let Some(processor) = &self.processor {
            write!(f, ", {processor}")?;
        }
        if let Some(load) = self.load {
            write!(f, ", load {load:.1}")?;
        }
        if self.is_busy() {
            write!(
                f,
                "\nThe machine is busy with other work: the least value is nearest to what it can do."
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let engines: Vec<String> =
            self.engines.iter().map(|(engine, count)| format!("{} {engine}", grouped(*count))).collect();
        writeln!(
            f,
            "{}: {} instances, {} files ({})",
            self.name,
            grouped(self.instances),
            grouped(self.files),
            engines.join(", ")
        )?;
        let wide = self.figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or_default();
        writeln!(f, "  {:<wide$}  {:>10}  {:>21}  {:>4}  budget", "", "median", "least – greatest", "runs")?;
        for figure in &self.figures {
            let line = row(figure, wide);
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn row(figure: &Figure, wide: usize) -> String {
    let (Some(median), Some(least), Some(greatest)) =
        (figure.median(), figure.values.first(), figure.values.last())
    else {
        return format!("  {:<wide$}  not measured on this system", figure.name);
    };
    let range = format!("{} – {}", number(*least), number(*greatest));
    let unit = if figure.unit == Unit::MicrosecondsPerInstance { "µs" } else { figure.unit.as_str() };
    let value = format!("{} {unit}", number(median));
    let runs = figure.values.len();
    let judged = match (figure.budget, figure.is_within()) {
        (Some(Budget::Median(limit)), Some(within)) => {
            format!("≤ {} {unit}: {}", number(limit), word(within))
        }
        (Some(Budget::Percentile95(limit)), Some(within)) => {
            let found = figure.percentile_95().map(number).unwrap_or_default();
            format!("p95 {found} ≤ {} {unit}: {}", number(limit), word(within))
        }
        _ => String::new(),
    };
    let separator = if judged.is_empty() || figure.note.is_empty() { "" } else { "; " };
    format!(
        "  {:<wide$}  {value:>10}  {range:>21}  {runs:>4}  {judged}{separator}{}",
        figure.name, figure.note
    )
}

fn word(within: bool) -> &'static str {
    if within { "within" } else { "OVER" }
}

/// Three digits that count.
pub(crate) fn number(value: f64) -> String {
    if value >= 100.0 {
        grouped(value.round() as usize)
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// Everything, for programs.
pub(crate) fn json(machine: &Machine, sizes: &[Size]) -> Value {
    let figure = |figure: &Figure| {
        let (limit, percentile) = match figure.budget {
            Some(Budget::Median(limit)) => (Some(limit), Some(50)),
            Some(Budget::Percentile95(limit)) => (Some(limit), Some(95)),
            None => (None, None),
        };
        json!({
            "name": figure.name.trim(),
            "unit": figure.unit.as_str(),
            "median": figure.median(),
            "percentile95": figure.percentile_95(),
            "least": figure.values.first(),
            "greatest": figure.values.last(),
            "runs": figure.values.len(),
            "budget": limit,
            "budgetPercentile": percentile,
            "within": figure.is_within(),
        })
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "cores": machine.cores,
        "processor": machine.processor,
        "load": machine.load,
        "sizes": sizes
            .iter()
            .map(|size| json!({
                "name": size.name,
                "instances": size.instances,
                "files": size.files,
                "figures": size.figures.iter().map(figure).collect::<Vec<_>>(),
            }))
            .collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Figures;

    #[test]
    fn a_row_says_whether_the_budget_is_kept() {
        let mut figures = Figures::new(1);
        figures.add("kept", Unit::Milliseconds, Some(Budget::Median(150.0)), vec![99.0, 12.0, 1_234.5]);
        figures.add("missed", Unit::Milliseconds, Some(Budget::Percentile95(50.0)), vec![51.0]);
        figures.add("unknown", Unit::Megabytes, Some(Budget::Median(400.0)), Vec::new());
        let rows: Vec<String> = figures.all.iter().map(|figure| row(figure, 7)).collect();
        assert_eq!(rows[0], "  kept        99.0 ms           12.0 – 1,235     3  ≤ 150 ms: within");
        assert!(rows[1].ends_with("p95 51.0 ≤ 50.0 ms: OVER"), "{}", rows[1]);
        assert_eq!(rows[2], "  unknown  not measured on this system");
    }
}
