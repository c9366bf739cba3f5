#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

const STRICT: WorkingDays = WorkingDays {
    joint_leave_counts: false,
};
const LENIENT: WorkingDays = WorkingDays {
    joint_leave_counts: true,
};

#[test]
fn three_working_days_over_nyepi_and_idul_fitri() {
    assert_eq!(STRICT.after(day("2026-03-17"), 3), day("2026-03-27"));
    assert_eq!(LENIENT.after(day("2026-03-17"), 3), day("2026-03-23"));
}

#[test]
fn the_decree_of_2026_has_17_holidays_and_8_days_of_joint_leave() {
    let year = &YEARS[0];
    assert_eq!(
        (year.year, year.holidays.len(), year.joint_leave.len()),
        (2026, 17, 8)
    );
    assert!(WorkingDays::knows(2026));
    assert!(!WorkingDays::knows(2027));
    assert!(
        year.holidays
            .iter()
            .all(|held| !year.joint_leave.contains(held))
    );
}

#[test]
fn a_report_on_saturday_counts_from_monday() {
    assert_eq!(STRICT.after(day("2026-11-21"), 3), day("2026-11-25"));
    assert_eq!(STRICT.after(day("2026-11-20"), 1), day("2026-11-23"));
}

#[test]
fn no_working_days_is_the_same_day() {
    assert_eq!(STRICT.after(day("2026-11-21"), 0), day("2026-11-21"));
}
