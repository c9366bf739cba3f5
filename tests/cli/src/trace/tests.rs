#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

#[test]
fn a_clock_is_set_the_way_people_say_it() {
    assert_eq!(moment("+90s"), Ok(Moment::Off(90_000)));
    assert_eq!(moment("-10y"), Ok(Moment::Off(-315_360_000_000)));
    assert_eq!(
        moment("2026-11-22T08:00:00+07:00"),
        Ok(Moment::At(Instant(1_795_309_200_000)))
    );
    for text in ["", "+", "10y", "+10", "+10w", "--1d", "+é", "tomorrow"] {
        assert!(moment(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_clock_that_was_set_goes_on() {
    let clock = Moment::At(Instant(1_000_000)).clock();
    let first = clock();
    let second = clock();
    assert!(
        first.wall.0 >= 1_000_000 && first.wall.0 < 1_060_000,
        "{first:?}"
    );
    assert!(second.wall >= first.wall && second.boot >= first.boot);
}
