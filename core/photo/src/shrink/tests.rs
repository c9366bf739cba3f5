#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

fn walked(pair: Pair, rows: u32) -> Vec<u8> {
    let mut seen = Vec::new();
    in_step(
        pair,
        rows,
        3,
        |y, row| {
            row.fill(y as u8);
            Ok(false)
        },
        |row| {
            assert_eq!(row.len(), 3);
            seen.push(row[2]);
            Ok(())
        },
        || false,
    )
    .unwrap();
    seen
}

#[test]
fn every_row_comes_once_and_in_order_with_one_thread_and_with_two() {
    for rows in [0, 1, 15, 16, 17, 100, 250] {
        let expected: Vec<u8> = (0..rows as u8).collect();
        assert_eq!(walked(Pair(false), rows), expected);
        assert_eq!(walked(Pair(true), rows), expected);
    }
}

#[test]
fn a_decoder_that_fails_ends_both() {
    for pair in [Pair(false), Pair(true)] {
        let mut taken = 0;
        let outcome = in_step(
            pair,
            1000,
            1,
            |y, _| {
                if y == 500 {
                    Err(PhotoError::Truncated)
                } else {
                    Ok(false)
                }
            },
            |_| {
                taken += 1;
                Ok(())
            },
            || false,
        );
        assert_eq!(outcome, Err(PhotoError::Truncated));
        assert!(taken <= 500);
    }
}

#[test]
fn a_shrinker_that_fails_ends_both_and_is_heard() {
    for pair in [Pair(false), Pair(true)] {
        let mut decoded = 0;
        let mut taken = 0;
        let outcome = in_step(
            pair,
            100_000,
            1,
            |_, _| {
                decoded += 1;
                Ok(false)
            },
            |_| {
                taken += 1;
                if taken == 40 {
                    Err(PhotoError::OutOfMemory)
                } else {
                    Ok(())
                }
            },
            || false,
        );
        assert_eq!(outcome, Err(PhotoError::OutOfMemory));
        assert!(decoded < 1000, "{decoded}");
    }
}

#[test]
#[should_panic(expected = "a fault in shrinking")]
fn a_panic_beside_is_the_callers() {
    let _ = in_step(
        Pair(true),
        100,
        1,
        |_, _| Ok(false),
        |_| panic!("a fault in shrinking"),
        || false,
    );
}

/// One row that does not come before all that lay ahead is done: whoever waits for it must do that.
#[test]
fn who_waits_does_what_lies_ahead() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let left = AtomicUsize::new(100);
    let mut patience = 0_u64;
    let outcome = in_step(
        Pair(true),
        1,
        1,
        |_, _| {
            while left.load(Ordering::Relaxed) > 0 {
                patience += 1;
                assert!(patience < 5_000_000, "nobody does it");
                std::thread::yield_now();
            }
            Ok(false)
        },
        |_| Ok(()),
        || {
            let take = |left: usize| left.checked_sub(1);
            let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
            taken.is_ok()
        },
    );
    assert_eq!(outcome, Ok(()));
}

/// What comes to lie ahead while the other one sleeps wakes it.
#[test]
fn who_sleeps_is_woken_by_what_comes_ahead() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let (left, in_vain) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut patience = 0_u64;
    let mut until = |reached: &dyn Fn() -> bool| {
        while !reached() {
            patience += 1;
            assert!(patience < 5_000_000, "nobody was woken");
            std::thread::yield_now();
        }
    };
    let outcome = in_step(
        Pair(true),
        2,
        1,
        |y, _| {
            if y == 0 {
                // It has looked once, found nothing, and does not look again by itself.
                until(&|| in_vain.load(Ordering::SeqCst) > 0);
                left.store(1, Ordering::SeqCst);
                return Ok(true);
            }
            until(&|| left.load(Ordering::SeqCst) == 0);
            Ok(false)
        },
        |_| Ok(()),
        || {
            let take = |left: usize| left.checked_sub(1);
            let taken = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take);
            in_vain.fetch_add(usize::from(taken.is_err()), Ordering::SeqCst);
            taken.is_ok()
        },
    );
    assert_eq!(outcome, Ok(()));
}
