#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use proptest::prelude::*;

use super::*;

#[test]
fn the_first_chunk_is_modest_and_sizes_stay_within_floor_and_ceiling() {
    assert_eq!(Chunks::current(0), 64 * KIB);
    assert_eq!(Chunks::current(1), 8 * KIB);
    assert_eq!(Chunks::current(100 * KIB), 100 * KIB);
    assert_eq!(Chunks::current(u64::MAX), 4 * KIB * KIB);
}

#[test]
fn a_chunk_grows_towards_half_a_minute_of_line_eightfold_at_most() {
    // EDGE at its best, 64 KiB in 8 s: 240 KiB are half a minute.
    assert_eq!(Chunks::after_success(0, 64 * KIB, 8_000), 240 * KIB);
    // A burst into buffers is not the line's speed.
    assert_eq!(Chunks::after_success(0, 64 * KIB, 1), 512 * KIB);
    assert_eq!(
        Chunks::after_success(0, 64 * KIB, 0),
        512 * KIB,
        "a clock that stood still"
    );
    assert_eq!(
        Chunks::after_success(2 << 20, 2 << 20, 100),
        4 << 20,
        "never above the ceiling"
    );
    // A line that got slow: back to what half a minute carries, never under the floor.
    assert_eq!(
        Chunks::after_success(256 * KIB, 256 * KIB, 120_000),
        64 * KIB
    );
    assert_eq!(Chunks::after_success(64 * KIB, 16 * KIB, 300_000), 8 * KIB);
}

#[test]
fn every_second_cut_without_progress_halves_it_down_to_the_floor() {
    let mut chunk = 64 * KIB;
    let mut sizes = Vec::new();
    for cuts in 1..=10 {
        chunk = Chunks::after_cut(chunk, cuts);
        sizes.push(chunk / KIB);
    }
    assert_eq!(sizes, [64, 32, 32, 16, 16, 8, 8, 8, 8, 8]);
    assert_eq!(Chunks::after_cut(0, 0), Chunks::FIRST, "no cut, no change");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_gives_a_size_within_bounds(chunk in any::<u64>(), sent in any::<u64>(), took in any::<u64>(), cuts in any::<u32>()) {
        for size in [Chunks::after_success(chunk, sent, took), Chunks::after_cut(chunk, cuts), Chunks::current(chunk)] {
            prop_assert!((Chunks::FLOOR..=Chunks::CEILING).contains(&size));
        }
    }
}
