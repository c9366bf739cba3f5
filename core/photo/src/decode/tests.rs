#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod colour;

use super::*;
use crate::colour::over_white;
use crate::fixtures::{pixels, png, prepared_bytes, ramp, ramp_png, unfiltered};
use crate::shrink::target;

/// Mean difference to the expected picture, over all numbers.
fn difference(bytes: &[u8], expected: impl Fn(usize, usize) -> [u8; 3]) -> f64 {
    let picture = prepared_bytes(bytes).unwrap();
    let rows = pixels(&picture.bytes);
    let mut sum = 0;
    for (y, row) in rows.iter().enumerate() {
        for (x, pixel) in row.iter().enumerate() {
            let differences = pixel.iter().zip(expected(x, y)).map(|(a, b)| a.abs_diff(b));
            sum += differences.map(usize::from).sum::<usize>();
        }
    }
    sum as f64 / (rows.len() * rows[0].len() * 3) as f64
}

/// Gentle enough that what the JPEG loses is small.
fn soft(x: usize, y: usize) -> [u8; 3] {
    [(x * 2) as u8, (y * 2) as u8, 90]
}

const SIDE: usize = 96;

fn soft_png(form: [u8; 3], pixel: impl Fn([u8; 3]) -> Vec<u8>) -> Vec<u8> {
    let rows = unfiltered((0..SIDE).map(|y| (0..SIDE).flat_map(|x| pixel(soft(x, y))).collect()));
    png((SIDE as u32, SIDE as u32), form, &[], &rows)
}

#[test]
fn eight_and_sixteen_bits_alike() {
    let eight = soft_png([8, 2, 0], |rgb| rgb.to_vec());
    let deep = soft_png([16, 2, 0], |rgb| {
        rgb.iter().flat_map(|value| [*value; 2]).collect()
    });
    assert!(difference(&eight, soft) < 2.0);
    assert!(difference(&deep, soft) < 2.0);
    assert_eq!(
        prepared_bytes(&eight).unwrap().bytes,
        prepared_bytes(&deep).unwrap().bytes
    );
}

#[test]
fn gray_in_all_depths() {
    let gray = |_: usize, y: usize| [(y * 2) as u8; 3];
    let eight = soft_png([8, 0, 0], |[_, y, _]| vec![y]);
    assert!(difference(&eight, gray) < 2.0);
    let sixteen = soft_png([16, 0, 0], |[_, y, _]| vec![y, y]);
    assert!(difference(&sixteen, gray) < 2.0);
    // One bit a pixel: the left half black.
    let rows = unfiltered((0..SIDE).map(|_| [[0; SIDE / 16], [255; SIDE / 16]].concat()));
    let one = png((SIDE as u32, SIDE as u32), [1, 0, 0], &[], &rows);
    assert!(difference(&one, |x, _| [if x < SIDE / 2 { 0 } else { 255 }; 3]) < 2.0);
}

#[test]
fn what_is_transparent_turns_white() {
    let half = |x: usize, y: usize| soft(x, y).map(|value| over_white(value, 128));
    let eight = soft_png([8, 6, 0], |[r, g, b]| vec![r, g, b, 128]);
    assert!(difference(&eight, half) < 2.0);
    let deep = soft_png([16, 6, 0], |[r, g, b]| vec![r, r, g, g, b, b, 128, 128]);
    assert!(difference(&deep, half) < 2.0);
    let nothing = soft_png([8, 4, 0], |[r, _, _]| vec![r, 0]);
    assert!(difference(&nothing, |_, _| [255; 3]) < 0.5);
    let gone = soft_png([16, 4, 0], |[r, _, _]| vec![r, r, 0, 0]);
    assert!(difference(&gone, |_, _| [255; 3]) < 0.5);
}

#[test]
fn a_palette_with_transparent_entries() {
    let rows = unfiltered((0..SIDE).map(|_| [[0; SIDE / 2], [1; SIDE / 2]].concat()));
    let palette: [(&[u8; 4], &[u8]); 2] =
        [(b"PLTE", &[200, 30, 60, 1, 2, 3]), (b"tRNS", &[255, 0])];
    let bytes = png((SIDE as u32, SIDE as u32), [8, 3, 0], &palette, &rows);
    let expected = |x: usize, _: usize| {
        if x < SIDE / 2 {
            [200, 30, 60]
        } else {
            [255; 3]
        }
    };
    assert!(difference(&bytes, expected) < 3.0);
}

#[test]
fn seven_passes_give_the_picture_of_one() {
    for (width, height) in [(1, 1), (3, 5), (4, 1), (64, 48), (61, 47)] {
        let plain = prepared_bytes(&ramp_png(width, height, false)).unwrap();
        let interlaced = prepared_bytes(&ramp_png(width, height, true)).unwrap();
        assert_eq!(plain.bytes, interlaced.bytes, "{width} x {height}");
    }
}

#[test]
fn a_png_cut_short_or_damaged_is_refused() {
    let whole = ramp_png(64, 64, false);
    let data = whole.windows(4).position(|four| four == b"IDAT").unwrap();
    for cut in [20, data, data + 30, whole.len() - 60] {
        let outcome = prepared_bytes(&whole[..cut]).map(|_| ());
        assert_eq!(outcome, Err(PhotoError::Truncated), "{cut}");
    }
    let mut damaged = whole.clone();
    damaged[data + 40] ^= 0x55;
    assert_eq!(
        prepared_bytes(&damaged).map(|_| ()),
        Err(PhotoError::Damaged)
    );
    let rows = unfiltered((0..30).map(|y| (0..64).flat_map(|x| ramp(x, y)).collect()));
    let too_few = png((64, 64), [8, 2, 0], &[], &rows);
    assert!(prepared_bytes(&too_few).is_err());
}

#[test]
fn the_longer_side_fits_and_nothing_is_enlarged() {
    assert_eq!(target(4000, 3000, 1600), (1600, 1200));
    assert_eq!(target(3000, 4000, 1600), (1200, 1600));
    assert_eq!(target(100, 50, 1600), (100, 50));
    assert_eq!(target(60_000, 1, 1600), (1600, 1));
    assert_eq!(target(1601, 1600, 1600), (1600, 1599));
    assert_eq!(target(5, 5, 0), (1, 1));
    assert_eq!(target(65_500, 65_500, u32::MAX), (65_500, 65_500));
}
