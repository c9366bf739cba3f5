//! Instants as UTC milliseconds, and the days they fall on at the service's seat.

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, SecondsFormat, Utc};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(pub i64);

/// WIB. The cut-off hour of a working day is unpublished, so the day of the service's seat counts.
const JAKARTA_SECONDS: i32 = 7 * 3600;

impl Instant {
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339, any offset.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|at| Self(at.timestamp_millis()))
    }

    /// RFC 3339 in UTC with whole seconds, as the contract writes times.
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_seconds(days.saturating_mul(86_400))
    }

    /// IMF-fixdate of RFC 9110, for the `Date` header.
    pub(crate) fn http_date(self) -> String {
        self.utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// The day in Jakarta (WIB).
    pub fn day(self) -> NaiveDate {
        match FixedOffset::east_opt(JAKARTA_SECONDS) {
            Some(wib) => self.utc().with_timezone(&wib).date_naive(),
            None => self.utc().date_naive(),
        }
    }

    fn utc(self) -> DateTime<Utc> {
        let at = DateTime::from_timestamp_millis(self.0).unwrap_or_default();
        // RFC 3339 has four digits for the year; a clock beyond them is a broken clock.
        if (0..=9999).contains(&at.year()) {
            at
        } else {
            DateTime::default()
        }
    }
}
