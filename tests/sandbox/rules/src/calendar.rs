//! Working days and deadlines: data with a version, and the one rule that reads them.

use chrono::{Datelike as _, NaiveDate, Weekday};

/// Deadlines in working days, with where they come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadlineRules {
    pub version: &'static str,
    /// First day on which this table holds, `YYYY-MM-DD`.
    pub effective: &'static str,
    /// To verify and forward.
    pub verify: u32,
    /// For the institution's first follow-up.
    pub follow_up: u32,
    /// After a follow-up that nobody replied to.
    pub close: u32,
}

/// PermenPANRB 62/2018, taken over by 5/2025 as far as is published.
pub const DEADLINES: DeadlineRules = DeadlineRules {
    version: "2025-1",
    effective: "2025-01-01",
    verify: 3,
    follow_up: 5,
    close: 10,
};

/// (month, day) by the yearly decree of three ministers.
type Days = &'static [(u32, u32)];

struct Year {
    year: i32,
    holidays: Days,
    /// Cuti bersama.
    joint_leave: Days,
}

/// Source: the SKB 3 Menteri for 2026 as carried by the PyPI package `holidays` (MIT), country
/// ID, categories `public` (17) and `government` (8).
const YEARS: &[Year] = &[Year {
    year: 2026,
    holidays: &[
        (1, 1),
        (1, 16),
        (2, 17),
        (3, 19),
        (3, 21),
        (3, 22),
        (4, 3),
        (4, 5),
        (5, 1),
        (5, 14),
        (5, 27),
        (5, 31),
        (6, 1),
        (6, 16),
        (8, 17),
        (8, 25),
        (12, 25),
    ],
    joint_leave: &[
        (2, 16),
        (3, 18),
        (3, 20),
        (3, 23),
        (3, 24),
        (5, 15),
        (5, 28),
        (12, 24),
    ],
}];

/// Which days count: Monday to Friday less holidays. A year without a table has only its
/// weekends; [`WorkingDays::knows`] tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkingDays {
    /// Whether cuti bersama counts as a working day.
    pub joint_leave_counts: bool,
}

impl WorkingDays {
    /// Whether the decree of that year is in the table.
    pub fn knows(year: i32) -> bool {
        YEARS.iter().any(|held| held.year == year)
    }

    pub fn is_working(self, day: NaiveDate) -> bool {
        if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            return false;
        }
        let date = (day.month(), day.day());
        YEARS
            .iter()
            .filter(|held| held.year == day.year())
            .all(|held| {
                !held.holidays.contains(&date)
                    && (self.joint_leave_counts || !held.joint_leave.contains(&date))
            })
    }

    /// The `count`-th working day after `day`; `day` itself never counts.
    pub fn after(self, day: NaiveDate, count: u32) -> NaiveDate {
        let mut at = day;
        let mut left = count;
        while left > 0 {
            // The calendar's end is in the year 262142.
            let Some(next) = at.succ_opt() else { break };
            at = next;
            if self.is_working(at) {
                left -= 1;
            }
        }
        at
    }
}

#[cfg(test)]
mod tests;
