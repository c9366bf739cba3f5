#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use super::{State, Way};

#[test]
fn half_of_an_even_round_trip_lies_on_each_way() {
    let mut state = State::new();
    let now = Instant::now();
    state.obey("rtt 1300", now).unwrap();
    let both = state.delay(Way::Up, now) + state.delay(Way::Back, now);
    assert_eq!(both, Duration::from_millis(1300));
}

#[test]
fn a_hole_is_silent_for_its_time_and_no_longer() {
    let mut state = State::new();
    let now = Instant::now();
    state.obey("hole 30000", now).unwrap();
    assert!(state.swallows(now + Duration::from_millis(29_999)));
    assert!(!state.swallows(now + Duration::from_secs(30)));
}

#[test]
fn a_line_that_is_down_stays_so_until_it_is_up() {
    let mut state = State::new();
    let now = Instant::now();
    state.obey("down", now).unwrap();
    assert!(state.swallows(now + Duration::from_secs(3600)));
    state.obey("up", now).unwrap();
    assert!(!state.swallows(now));
    assert!(state.obey("sideways", now).is_err());
}

#[test]
fn round_trips_of_a_spiky_line_have_the_points_that_were_asked_for() {
    let mut state = State::new();
    let mut now = Instant::now();
    state.obey("spiky 350 2300 7", now).unwrap();
    let mut trips: Vec<u128> = (0..20_000)
        .map(|_| {
            now += Duration::from_millis(250);
            (state.delay(Way::Up, now) + state.delay(Way::Back, now)).as_millis()
        })
        .collect();
    trips.sort_unstable();
    let (p50, p99) = (trips[10_000], trips[19_800]);
    assert!((330..370).contains(&p50), "{p50}");
    assert!((2_000..2_600).contains(&p99), "{p99}");
    // Within one schedule of the cell it does not change.
    let first = state.delay(Way::Up, now);
    assert_eq!(
        first,
        state.delay(Way::Up, now + Duration::from_millis(100))
    );
}

#[test]
fn a_schedule_begun_anew_has_the_same_spikes_however_busy_the_line_is() {
    let begun = Instant::now();
    let at = |state: &State, ms| state.delay(Way::Up, begun + Duration::from_millis(ms));
    let mut busy = State::new();
    busy.obey("spiky 350 2300 7", begun).unwrap();
    let first: Vec<Duration> = (0..400).map(|tick| at(&busy, tick * 50)).collect();
    assert_eq!(at(&busy, 19_950), first[399]);
    assert_eq!(at(&busy, 600), first[12]);
    let changes = first.windows(2).filter(|two| two[0] != two[1]).count();
    assert_eq!(changes, 79, "another every quarter of a second");
    let later = begun + Duration::from_secs(100);
    busy.obey("spiky 350 2300 7", later).unwrap();
    let again = busy.delay(Way::Up, later + Duration::from_millis(600));
    assert_eq!(again, first[12]);
    busy.obey("spiky 350 2300 8", begun).unwrap();
    assert_ne!(at(&busy, 600), first[12]);
}
