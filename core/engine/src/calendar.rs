//! Instants and dates. Indonesia has three zones (+7, +8, +9) and no daylight saving, so an
//! instant is UTC milliseconds everywhere and a zone is an offset at the edge.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// UTC milliseconds since 1970.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Instant(pub i64);

impl Instant {
    pub fn plus(self, millis: u64) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(millis).unwrap_or(i64::MAX)),
        )
    }

    /// Milliseconds since `earlier`; nothing when the clock has gone back behind it.
    pub fn since(self, earlier: Self) -> Option<u64> {
        u64::try_from(self.0.checked_sub(earlier.0)?).ok()
    }

    /// `2026-11-22T08:00:00Z`, the contract's form.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|at| Self(at.timestamp_millis()))
    }

    /// The `Date` header of HTTP (RFC 9110).
    pub fn parse_http_date(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc2822(text)
            .ok()
            .map(|at| Self(at.timestamp_millis()))
    }

    /// The calendar day at a fixed offset east of UTC.
    pub fn date(self, offset_minutes: i32) -> Option<Date> {
        let shifted = self.0.checked_add(i64::from(offset_minutes) * 60_000)?;
        DateTime::from_timestamp_millis(shifted).map(|at| Date(at.date_naive()))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_timestamp_millis(self.0) {
            Some(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            None => write!(f, "{} ms", self.0),
        }
    }
}

/// Which of two dates that the service told is kept: the later one, so that an answer that took long does not
/// make a clock look right; but one that is more than a day ahead of what is told now was a wrong one.
pub fn kept_date(before: Option<Instant>, told: Instant) -> Instant {
    const DAY: u64 = 86_400_000;
    before
        .filter(|before| before.since(told).is_some_and(|ahead| ahead <= DAY))
        .unwrap_or(told)
}

/// One reading of both clocks of a phone. The wall clock lies (people set it), the boot clock
/// only runs while the phone is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    pub wall: Instant,
    /// Milliseconds since the phone (or the process, where the platform has no better) started.
    pub boot: u64,
}

/// A day in the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub NaiveDate);

impl Date {
    /// `YYYY-MM-DD` and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 10 {
            return None;
        }
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Self)
    }

    pub fn next(self) -> Option<Self> {
        self.0.succ_opt().map(Self)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

/// When something is due: a delay counted from the moment it was set. Due when the delay has
/// passed, and also when the clock has gone back behind `set_at`: a clock set ten years ahead
/// and corrected must not park a report for ten years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub set_at: Instant,
    /// Milliseconds.
    pub delay: u64,
}

impl Due {
    pub fn now(now: Instant) -> Self {
        Self {
            set_at: now,
            delay: 0,
        }
    }

    pub fn after(now: Instant, delay: u64) -> Self {
        Self { set_at: now, delay }
    }

    /// Milliseconds until due; 0 when due.
    pub fn remaining(self, now: Instant) -> u64 {
        match now.since(self.set_at) {
            Some(passed) => self.delay.saturating_sub(passed),
            None if mutant!(ClockBackParks) => u64::MAX,
            None => 0,
        }
    }

    pub fn is_due(self, now: Instant) -> bool {
        self.remaining(now) == 0
    }
}
