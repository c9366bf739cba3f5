#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use super::*;

const HOUR: u64 = 3_600_000;

#[test]
fn a_wait_ends_after_its_delay_and_at_once_when_the_clock_goes_back() {
    let set = Instant::parse_rfc3339("2026-11-22T08:00:00Z").unwrap();
    let due = Due::after(set, HOUR);
    assert_eq!(due.remaining(set), HOUR);
    assert_eq!(due.remaining(set.plus(HOUR / 2)), HOUR / 2);
    assert!(due.is_due(set.plus(HOUR)));
    assert!(
        due.is_due(Instant(set.0 - 1)),
        "ten years ahead, then corrected: go at once"
    );
}

#[test]
fn the_day_is_the_day_where_the_reporter_stands() {
    let at = Instant::parse_rfc3339("2026-11-22T16:30:00Z").unwrap();
    assert_eq!(at.date(7 * 60).unwrap().to_string(), "2026-11-22");
    assert_eq!(at.date(8 * 60).unwrap().to_string(), "2026-11-23");
    assert_eq!(at.date(9 * 60).unwrap().to_string(), "2026-11-23");
}

#[test]
fn only_whole_dates_are_dates() {
    for bad in [
        "",
        "2026-2-3",
        "2026-02-30",
        "2026-13-01",
        "22-11-2026",
        "2026-11-22T00",
        "２０２６-11-22",
    ] {
        assert_eq!(Date::parse(bad), None, "{bad}");
    }
    assert_eq!(
        Date::parse("2024-02-29")
            .unwrap()
            .next()
            .unwrap()
            .to_string(),
        "2024-03-01"
    );
}

#[test]
fn the_http_date_of_a_server_is_read() {
    let at = Instant::parse_http_date("Sun, 22 Nov 2026 08:00:00 GMT").unwrap();
    assert_eq!(at.to_string(), "2026-11-22T08:00:00Z");
}
