//! Instants, layouts and durations as Go's package `time` has them.
//!
//! The zone of an instant is its abbreviation and offset; where a rule set is asked for by name (`dateInZone`), it is
//! only used to find those. The local zone is UTC: the same input gives the same bytes on every machine.

mod duration;
mod layout;
mod parse;
mod zone;

use std::borrow::Cow;

pub use duration::Duration;
pub(crate) use zone::zone_at;

const SECONDS_PER_DAY: i64 = 86_400;

/// The abbreviation and the offset from UTC, in seconds, that an instant is shown in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Such as `CET`; empty where only the offset is known.
    pub name: Cow<'static, str>,
    /// Seconds east of Greenwich.
    pub offset: i32,
}

impl Zone {
    /// Coordinated universal time, which is the local zone too.
    pub const UTC: Zone = Zone { name: Cow::Borrowed("UTC"), offset: 0 };
}

/// An instant and the zone it is shown in (Go's `time.Time`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub seconds: i64,
    /// Nanoseconds within the second.
    pub nanoseconds: u32,
    /// Where it is shown.
    pub zone: Zone,
}

/// The zero `time.Time`: the first second of the year 1.
pub const ZERO_SECONDS: i64 = -62_135_596_800;

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(crate) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Year, month and so on of an instant in its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Astronomical year; 0 is 1 BC.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 1 to 366.
    pub year_day: u32,
    /// 0 is Sunday.
    pub weekday: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59.
    pub second: u32,
}

impl Time {
    /// An instant in UTC.
    pub fn utc(seconds: i64, nanoseconds: u32) -> Time {
        Time { seconds, nanoseconds, zone: Zone::UTC }
    }

    /// Go's zero value, which is what a text that cannot be read becomes.
    pub fn zero() -> Time {
        Time::utc(ZERO_SECONDS, 0)
    }

    /// The same instant in another zone.
    pub fn in_zone(&self, zone: Zone) -> Time {
        Time { zone, ..*self }
    }

    /// The instant this much later; it wraps where 64 bits of seconds end, as in Go.
    pub fn after(&self, duration: Duration) -> Time {
        let total = i64::from(self.nanoseconds) + duration.0.rem_euclid(1_000_000_000);
        let seconds = self
            .seconds
            .wrapping_add(duration.0.div_euclid(1_000_000_000))
            .wrapping_add(total / 1_000_000_000);
        Time { seconds, nanoseconds: (total % 1_000_000_000) as u32, zone: self.zone.clone() }
    }

    /// From `earlier` to this instant, held at the ends of the range of a duration.
    pub fn since(&self, earlier: &Time) -> Duration {
        let seconds = i128::from(self.seconds) - i128::from(earlier.seconds);
        let total = seconds * 1_000_000_000 + i128::from(self.nanoseconds) - i128::from(earlier.nanoseconds);
        Duration(total.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
    }

    /// Year, month and so on in the instant's zone.
    pub fn civil(&self) -> Civil {
        let local = self.seconds.saturating_add(i64::from(self.zone.offset));
        let days = local.div_euclid(SECONDS_PER_DAY);
        let rest = local.rem_euclid(SECONDS_PER_DAY) as u32;
        let (year, month, day) = date_of_days(days);
        Civil {
            year,
            month,
            day,
            year_day: (days - days_of_date(year, 1, 1)) as u32 + 1,
            weekday: (days + 4).rem_euclid(7) as u32,
            hour: rest / 3600,
            minute: rest / 60 % 60,
            second: rest % 60,
        }
    }

    /// The same time of day so many years, months and days later; a date that does not exist moves on (31 November is
    /// 1 December). Held within a few hundred million years.
    pub fn add_date(&self, years: i64, months: i64, days: i64) -> Time {
        const FAR: i64 = 200_000_000;
        let civil = self.civil();
        let months = i64::from(civil.month) - 1 + months.clamp(-FAR, FAR);
        let year = (civil.year + years.clamp(-FAR, FAR) + months.div_euclid(12)).clamp(-2 * FAR, 2 * FAR);
        let first = days_of_date(year, months.rem_euclid(12) as u32 + 1, 1);
        let day = first + i64::from(civil.day) - 1 + days.clamp(-365 * FAR, 365 * FAR);
        let seconds = day * SECONDS_PER_DAY + i64::from(civil.hour * 3600 + civil.minute * 60 + civil.second);
        Time { seconds: seconds - i64::from(self.zone.offset), ..self.clone() }
    }
}

impl std::fmt::Display for Time {
    /// What printing a `time.Time` without a monotonic reading shows.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.format(b"2006-01-02 15:04:05.999999999 -0700 MST");
        formatter.write_str(&String::from_utf8_lossy(&text))
    }
}

/// Seconds since the epoch of a civil date and time in UTC.
fn seconds_of(year: i64, month: u32, day: u32, hour: i64, minute: i64, second: i64) -> i64 {
    days_of_date(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar. Years start in March here, so that the leap day
/// is the last of its year.
fn days_of_date(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = i64::from((month + 9) % 12);
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_of_date`].
fn date_of_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u32;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
