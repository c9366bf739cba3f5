#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

#[test]
fn the_decoder_scales_no_further_than_the_result_allows() {
    assert_eq!(eighths(4000, 3000, 1600), 4);
    assert_eq!(eighths(8160, 6120, 1600), 2);
    assert_eq!(eighths(16_320, 12_240, 1600), 1);
    assert_eq!(eighths(3000, 2000, 1600), 8);
    assert_eq!(eighths(3200, 2400, 1600), 4);
    assert_eq!(eighths(100, 100, 1600), 8);
}

#[test]
fn most_of_the_shrinking_is_left_to_light() {
    assert_eq!(eighths(4000, 3000, roomy(1600)), 4);
    assert_eq!(eighths(8160, 6120, roomy(1600)), 2);
    assert_eq!(eighths(3640, 2400, roomy(1600)), 8);
    assert_eq!(eighths(3264, 2448, roomy(1600)), 8);
    assert_eq!(roomy(u32::MAX), u32::MAX);
}

/// Phones' photos with colours at half the resolution, at the default size of the result.
#[test]
fn what_photos_of_several_scans_hold() {
    let sampling = [(2, 2), (1, 1), (1, 1)];
    let megabytes = |size| held(size, &sampling, 1600, u64::MAX) as f64 / 1e6;
    for (size, most) in [
        ([4000, 3000], 11.1),
        ([8160, 6120], 21.0),
        ([16_320, 12_240], 31.0),
    ] {
        let megabytes = megabytes(size);
        assert!(megabytes < most && megabytes > most * 0.9, "{megabytes}");
    }
    // What is left to the library costs what it takes there.
    let four_in_a_row = [(4, 1), (1, 1), (1, 1)];
    assert_eq!(
        held([4000, 3000], &four_in_a_row, 1600, u64::MAX),
        125 * 375 * 6 * 128
    );
}

/// As much to shrink in light as of a file of one scan, while it costs at most 16 MB and what may be held.
#[test]
fn a_photo_of_several_scans_has_room_where_that_is_cheap() {
    const ALL: u64 = 96 << 20;
    let halves = [(2, 2), (1, 1), (1, 1)];
    let kept = |size, working| kept_eighths(size, &halves, 1600, working);
    assert_eq!(kept([3264, 2448], ALL), 8);
    assert_eq!(kept([3640, 2730], ALL), 8);
    assert_eq!(kept([3640, 3640], ALL), 4, "a square takes more");
    assert_eq!(kept([4000, 3000], ALL), 4);
    // With colours at half the resolution, which are then kept whole, it is 29 MB for 13.
    assert_eq!(kept([6528, 4896], ALL), 2);
    let size = [3264, 2448];
    let cost = |eighths, depth| scans::cost(size, &halves, eighths, depth);
    // A noisy photo may turn out to need two bytes a level: that must not be its refusal.
    let needed = cost(8, Depth::Two);
    assert_eq!(kept(size, needed), 8);
    assert_eq!(kept(size, needed - 1), 4);
    assert_eq!(held(size, &halves, 1600, needed), cost(8, Depth::Byte));
    assert_eq!(held(size, &halves, 1600, needed - 1), cost(4, Depth::Byte));
    // Where the library holds all of it, its scale costs nothing.
    assert_eq!(
        kept_eighths([3264, 2448], &[(4, 1), (1, 1), (1, 1)], 1600, 0),
        8
    );
}

/// Reading the scans is most of the work, and no row has come yet.
#[test]
fn the_work_can_be_ended_while_scans_are_read() {
    use crate::fixtures::OneFile;
    use crate::{Flow, Settings, prepare};

    let file = OneFile::new("photo.jpg", b"");
    crate::synth::progressive_photo(&file.path, 4, 1280, 960).unwrap();
    let asked_before_rows = |cancel_at: usize| {
        let (mut calls, mut ended) = (0, 0);
        let outcome = prepare(&file.path, &Settings::default(), &mut |progress| {
            calls += 1;
            if progress.permille <= READ {
                ended = calls;
            }
            match calls > cancel_at {
                true => Flow::Cancel,
                false => Flow::Continue,
            }
        });
        (outcome.map(drop), calls, ended)
    };
    let (outcome, _, before_rows) = asked_before_rows(usize::MAX);
    assert_eq!(outcome, Ok(()));
    assert!(before_rows > 15, "asked {before_rows} times");
    for at in (1..before_rows).step_by(4) {
        let (outcome, calls, _) = asked_before_rows(at);
        assert_eq!(outcome, Err(PhotoError::Cancelled), "at call {at}");
        assert_eq!(calls, at + 1, "nobody asks again");
    }
}
