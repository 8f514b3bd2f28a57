//! A program that ends badly leaves a report with a backtrace, which the next start offers.

use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;

/// Writes a report for every panic, and goes on as before.
///
/// A panic of a thread of the pool becomes a row (`engine-crashed`) and is no end of the program; its report is
/// there all the same, because it is a mistake of ours.
pub(crate) fn install() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let report = report(info, &Backtrace::force_capture());
        match slipway_api::write_crash_report(&report) {
            Ok(path) => tracing::error!("a mistake of Slipway; the report is {}", path.display()),
            Err(failure) => tracing::error!("a mistake of Slipway, and its report cannot be kept: {failure}"),
        }
        before(info);
    }));
}

fn report(info: &PanicHookInfo<'_>, backtrace: &Backtrace) -> String {
    let said = info
        .payload()
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| info.payload().downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
    format!(
        "Slipway {} on {} {}\nthread {thread}, at {place}\n{said}\n\n{backtrace}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
    )
}
