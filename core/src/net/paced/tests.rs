#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use tokio::time::Instant;

use super::{FIRST, LEAST, MOST, Rate};

const KB: u64 = 1_000;

/// `rate` bytes a second leave a full buffer for `seconds`, a kilobyte at a time.
fn drained(rate: &mut Rate, bytes_a_second: u64, seconds: u64) -> u64 {
    let start = Instant::now();
    rate.full(start);
    let mut size = rate.buffer;
    for taken in 1..=(bytes_a_second * seconds / KB) {
        let at = start + Duration::from_millis(taken * KB * 1_000 / bytes_a_second);
        size = rate.took(KB, at).unwrap_or(size);
    }
    size
}

#[test]
fn a_buffer_holds_two_seconds_of_the_line() {
    // 400 kbit/s.
    let size = drained(&mut Rate::new(), 50 * KB, 3);
    assert!((90 * KB..=110 * KB).contains(&size), "{size}");
}

#[test]
fn it_never_holds_less_than_recovery_needs_nor_more_than_a_phone_can_spare() {
    let size = drained(&mut Rate::new(), 2 * KB, 20);
    // A change of less than an eighth is not made.
    assert!((LEAST..=LEAST / 8 * 9).contains(&size), "{size}");
    assert_eq!(drained(&mut Rate::new(), 50_000 * KB, 1), MOST);
}

#[test]
fn what_fills_an_empty_buffer_says_nothing_of_the_line() {
    let mut rate = Rate::new();
    let now = Instant::now();
    assert_eq!(rate.took(1 << 20, now), None);
    rate.full(now);
    assert_eq!(rate.took(1 << 20, now), None, "too short a time");
    rate.restart();
    assert_eq!(rate.took(1 << 20, now + Duration::from_secs(1)), None);
    assert_eq!(rate.buffer, FIRST);
}

#[test]
fn a_line_that_slows_down_is_followed() {
    let mut rate = Rate::new();
    drained(&mut rate, 1_000 * KB, 2);
    rate.restart();
    let size = drained(&mut rate, 10 * KB, 1);
    assert!(
        size > 1_000 * KB,
        "a cell that is late for a moment: {size}"
    );
    rate.restart();
    let size = drained(&mut rate, 10 * KB, 60);
    assert!((18 * KB..=23 * KB).contains(&size), "{size}");
}
