use std::{sync::Arc, time::Duration};

use lapor_engine::calendar::Instant;
use rustls::{pki_types::UnixTime, time_provider::TimeProvider};

use super::PhoneTime;

fn read(wall_ms: i64) -> Option<UnixTime> {
    PhoneTime(Arc::new(move || Instant(wall_ms))).current_time()
}

#[test]
fn certificates_are_held_against_the_phones_own_clock() {
    let day = 1_790_000_000;
    let expected = UnixTime::since_unix_epoch(Duration::from_secs(day));
    assert_eq!(read(1_790_000_000_000), Some(expected));
}

#[test]
fn a_clock_before_1970_still_says_a_day_that_is_too_early() {
    let first = UnixTime::since_unix_epoch(Duration::ZERO);
    assert_eq!(read(-1), Some(first));
    assert_eq!(read(i64::MIN), Some(first));
}
