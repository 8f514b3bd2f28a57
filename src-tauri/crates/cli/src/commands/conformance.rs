//! `slipway conformance`: JSON Lines of cases on standard input, results on standard output.

use std::io::{BufRead as _, BufWriter, Write as _};

use slipway_api::conformance;
use slipway_api::dto::ApiError;

use crate::Done;
use crate::arguments::{ConformanceCommand, ConformanceTopic};

/// Answers every case, right or wrong. A line that is no case is an error of the caller.
pub(crate) fn run(command: &ConformanceCommand) -> Result<Done, ApiError> {
    let answer = match command.topic {
        ConformanceTopic::Health => conformance::health,
        ConformanceTopic::Plan => conformance::plan,
        ConformanceTopic::Template => conformance::template,
        ConformanceTopic::Yaml => conformance::yaml,
    };
    let broken = |cause: std::io::Error| {
        slipway_api::failure("broken-pipe", format!("the lines ended early: {cause}"))
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line.map_err(broken)?;
        if line.trim().is_empty() {
            continue;
        }
        let case = serde_json::from_str(&line).map_err(|cause| {
            slipway_api::failure("bad-case", format!("line {}: the case is no JSON: {cause}", number + 1))
        })?;
        serde_json::to_writer(&mut out, &answer(&case)).map_err(|cause| broken(cause.into()))?;
        out.write_all(b"\n").map_err(broken)?;
    }
    out.flush().map_err(broken)?;
    Ok(Done::Everything)
}
