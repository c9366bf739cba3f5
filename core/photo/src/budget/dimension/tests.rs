#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

/// Coarseness at 1600 pixels, detail, and what was measured to look best.
const MEASURED: [(&str, f32, f64, Option<u32>); 12] = [
    ("a bird, 40 KB", 187.1, 550.0, Some(1024)),
    ("a glass of wine, 40 KB", 226.8, 370.0, Some(1024)),
    ("a glass of wine, 75 KB", 88.5, 370.0, Some(1280)),
    ("skin, 40 KB", 206.2, 905.0, Some(1024)),
    ("a branch, 40 KB", 162.9, 600.0, Some(1024)),
    ("a bridge, 75 KB", 34.4, 1310.0, None),
    ("a meadow, 75 KB", 358.5, 11_600.0, None),
    ("mountains, 150 KB", 96.8, 4540.0, None),
    ("a street with leaves, 75 KB", 219.3, 5600.0, None),
    ("a night, 40 KB", 120.7, 660.0, None),
    ("foliage, 75 KB", 128.4, 1590.0, None),
    ("skin, 150 KB", 47.9, 905.0, None),
];

#[test]
fn what_looked_best_is_chosen() {
    for (name, coarseness, detail, best) in MEASURED {
        assert_eq!(better(1600, Coarseness(coarseness), detail), best, "{name}");
    }
}

#[test]
fn a_small_picture_stays_as_it_is() {
    let (soft, coarse) = (100.0, Coarseness(300.0));
    assert_eq!(better(LEAST_EDGE, coarse, soft), Some(512));
    assert_eq!(better(LEAST_EDGE - 1, coarse, soft), None);
}

#[test]
fn what_holds_nothing_at_all_is_no_trouble() {
    assert_eq!(better(1600, Coarseness(1.0), 0.0), Some(1280));
}
