#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use proptest::prelude::*;

use super::*;

#[test]
fn what_somebody_else_answers_goes_again_in_a_smaller_piece() {
    let smaller = |length: &u64| Some(Chunks::after_refusal(*length));
    let pieces = std::iter::successors(Some(Chunks::CEILING), smaller);
    let pieces: Vec<u64> = pieces.skip(1).take(5).map(|length| length / KIB).collect();
    assert_eq!(pieces, [64, 32, 16, 8, 4]);
}

#[test]
fn the_first_chunk_holds_a_picture_and_sizes_stay_within_floor_and_ceiling() {
    assert_eq!(Chunks::current(0), 512 * KIB);
    assert_eq!(Chunks::current(1), 8 * KIB);
    assert_eq!(Chunks::current(100 * KIB), 100 * KIB);
    assert_eq!(Chunks::current(u64::MAX), 4 * KIB * KIB);
}

#[test]
fn a_chunk_grows_towards_a_minute_of_line_eightfold_at_most() {
    // EDGE at its best, 64 KiB in 8 s: 480 KiB are a minute.
    assert_eq!(Chunks::after_success(64 * KIB, 64 * KIB, 8_000), 480 * KIB);
    // A burst into buffers is not the line's speed.
    assert_eq!(Chunks::after_success(64 * KIB, 64 * KIB, 1), 512 * KIB);
    assert_eq!(
        Chunks::after_success(64 * KIB, 64 * KIB, 0),
        512 * KIB,
        "a clock that stood still"
    );
    assert_eq!(
        Chunks::after_success(2 << 20, 2 << 20, 100),
        4 << 20,
        "never above the ceiling"
    );
    // A line that got slow: back to what a minute carries, never under the floor.
    assert_eq!(
        Chunks::after_success(256 * KIB, 256 * KIB, 240_000),
        64 * KIB
    );
    assert_eq!(Chunks::after_success(64 * KIB, 16 * KIB, 600_000), 8 * KIB);
}

#[test]
fn what_never_reached_the_gateway_makes_the_next_chunk_modest() {
    assert_eq!(Chunks::after_question(0, 0, 0), 64 * KIB);
    assert_eq!(Chunks::after_question(4 << 20, 0, 1), 64 * KIB);
    assert_eq!(Chunks::after_question(64 * KIB, 0, 1), 64 * KIB);
}

/// Words, or the end of every window: what lies between keeps all of a chunk that does not end.
#[test]
fn what_always_gives_way_and_never_reaches_the_gateway_halves_down_to_the_floor() {
    let next = |chunk: &u64| Some(Chunks::after_question(*chunk, 0, 0));
    let sizes = std::iter::successors(Some(Chunks::FIRST), next);
    let sizes: Vec<u64> = sizes.skip(1).take(5).map(|size| size / KIB).collect();
    assert_eq!(sizes, [64, 32, 16, 8, 8]);
}

#[test]
fn a_cut_limits_the_next_chunk_to_what_came_through_and_words_do_not() {
    assert_eq!(Chunks::after_question(0, 200 * KIB, 1), 200 * KIB);
    assert_eq!(Chunks::after_question(0, 3 * KIB, 1), 64 * KIB);
    assert_eq!(Chunks::after_question(32 * KIB, 3 * KIB, 1), 32 * KIB);
    assert_eq!(Chunks::after_question(0, 3 * KIB, 0), 512 * KIB);
}

#[test]
fn every_second_cut_without_progress_halves_it_down_to_the_floor() {
    let mut chunk = 64 * KIB;
    let mut sizes = Vec::new();
    for cuts in 1..=10 {
        chunk = Chunks::after_question(chunk, 0, cuts);
        sizes.push(chunk / KIB);
    }
    assert_eq!(sizes, [64, 32, 32, 16, 16, 8, 8, 8, 8, 8]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_gives_a_size_within_bounds(chunk in any::<u64>(), sent in any::<u64>(), took in any::<u64>(), gained in any::<u64>(), cuts in any::<u32>()) {
        for size in [Chunks::after_success(chunk, sent, took), Chunks::after_question(chunk, gained, cuts), Chunks::current(chunk)] {
            prop_assert!((Chunks::FLOOR..=Chunks::CEILING).contains(&size));
        }
    }
}
