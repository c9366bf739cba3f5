#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use proptest::prelude::*;

use super::*;
use crate::canvas::Canvas;
use crate::fixtures::{drawn, pixels};
use crate::watch::Flow;

const FINEST: Coarseness = Coarseness(16.0);

fn fitted(canvas: &Canvas, budget: u64, pair: bool) -> Fit {
    let mut go_on = |_| Flow::Continue;
    let watch = Watch::new(&mut go_on);
    let original = Original::of(canvas.clone()).unwrap();
    fit(
        &original,
        budget,
        FINEST,
        Dimensions::AsAllowed,
        Pair(pair),
        &watch,
    )
    .unwrap()
}

/// A street with leaves, writing and grain.
fn street(width: u32, height: u32, seed: u64) -> Canvas {
    let scene = crate::synth::Scene::new(seed, width, height);
    drawn(width, height, |x, y| scene.pixel(x, y))
}

#[test]
fn an_easy_photo_stops_at_the_finest_quality() {
    let canvas = drawn(640, 480, |x, y| [(x / 4) as u8, (y / 4) as u8, 90]);
    let Fit::Fits {
        coarseness, bytes, ..
    } = fitted(&canvas, 300_000, false)
    else {
        panic!("it fits")
    };
    assert_eq!(coarseness, FINEST);
    assert!(bytes.len() < 60_000, "{}", bytes.len());
}

#[test]
fn a_photo_that_is_too_big_even_at_the_lowest_quality_says_so() {
    let Fit::TooBig { smallest, .. } = fitted(&street(640, 480, 1), 8_000, false) else {
        panic!("it does not fit")
    };
    assert!(smallest > 8_000);
    assert!(matches!(
        fitted(&street(640, 480, 1), 0, false),
        Fit::TooBig { .. }
    ));
}

/// Below the quality at which a smaller picture looks better, and down to the last.
#[test]
fn whoever_asks_for_a_low_quality_gets_it() {
    let canvas = street(160, 120, 1);
    for quality in [39, 20, 5, 1, 0] {
        let finest = Coarseness::of_quality(quality);
        let mut go_on = |_| Flow::Continue;
        let watch = Watch::new(&mut go_on);
        let original = Original::of(canvas.clone()).unwrap();
        let made = fit(
            &original,
            300_000,
            finest,
            Dimensions::AsAllowed,
            Pair(false),
            &watch,
        )
        .unwrap();
        assert!(matches!(made, Fit::Fits { coarseness, .. } if coarseness == finest));
    }
}

#[test]
fn no_budget_is_too_large() {
    let canvas = street(64, 48, 1);
    assert!(matches!(
        fitted(&canvas, u64::MAX, false),
        Fit::Fits {
            coarseness: FINEST,
            ..
        }
    ));
}

/// What decides how long a picture takes: the entropy coding comes once whatever happens, and the
/// whole picture is seldom quantised twice.
#[test]
fn the_sample_is_right_at_once_in_nineteen_of_twenty() {
    let mut again = 0;
    for seed in 1..=10 {
        for budget in [60_000, 30_000] {
            let canvas = street(800, 600, seed);
            if let Fit::Fits { quantised, .. } = fitted(&canvas, budget, false) {
                again += i32::from(quantised > 1);
            }
        }
    }
    assert!(again <= 1, "{again} of 20 were quantised again");
}

/// Bytes of ones are followed by zeros that no size tells before it is coded: of a photo 0.4 %, of
/// patterns more. Such a picture is coded once more, a step coarser, and its dimensions stay.
#[test]
fn whatever_the_zeros_add_a_larger_budget_never_fits_less() {
    let mixed = |x: u32, y: u32| {
        let hash = (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA6B)).wrapping_mul(73);
        hash.rotate_left(13).wrapping_mul(0x297A_2D39) >> 8
    };
    let noise = drawn(160, 120, |x, y| [(mixed(x, y) % 2 * 255) as u8; 3]);
    let squares = drawn(64, 48, |x, y| [((x + y) % 2 * 255) as u8; 3]);
    let mut again = 0;
    for (canvas, budgets) in [(noise, 4_000..16_000), (squares, 500..2_000)] {
        let mut fits = false;
        let step = (budgets.end - budgets.start) / 200;
        for budget in budgets.step_by(step as usize) {
            match fitted(&canvas, budget, false) {
                Fit::Fits {
                    coded,
                    quantised,
                    bytes,
                    ..
                } => {
                    fits = true;
                    assert!(bytes.len() as u64 <= budget);
                    assert!(quantised >= coded && coded <= CODINGS);
                    again += i32::from(coded > 1);
                }
                Fit::TooBig { smallest, .. } => {
                    assert!(!fits, "{budget} was enough, {smallest}");
                }
                Fit::BetterSmaller { edge } => panic!("its dimensions are given, not {edge}"),
            }
        }
        assert!(fits, "the test sees one that fits");
    }
    assert!(again > 0, "the test sees none that was coded again");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the picture and the budget: never over; used, unless the finest quality is reached;
    /// and the same bytes with two threads.
    #[test]
    fn the_budget_is_kept_and_used(
        seed in 1..1000_u64,
        width in 200..500_u32,
        height in 200..500_u32,
        bits_a_pixel in 0.5..3.0_f64,
    ) {
        let canvas = street(width, height, seed);
        let budget = (f64::from(width * height) * bits_a_pixel / 8.0) as u64;
        match fitted(&canvas, budget, false) {
            Fit::Fits {
        coarseness, bytes, ..
    } => {
                prop_assert!(bytes.len() as u64 <= budget);
                let share = bytes.len() as f64 / budget as f64;
                prop_assert!(share >= 0.95 || coarseness == FINEST, "{share} at {}", coarseness.0);
                prop_assert_eq!(pixels(&bytes).len() as u32, height);
                let Fit::Fits { bytes: beside, .. } = fitted(&canvas, budget, true) else {
                    panic!("it fits with one thread")
                };
                prop_assert_eq!(bytes, beside);
            }
            Fit::TooBig { smallest, .. } => prop_assert!(smallest as f64 * STUFFED > budget as f64),
            Fit::BetterSmaller { edge } => panic!("its dimensions are given, not {edge}"),
        }
    }

    /// Pictures that are like no photo: the search ends, and what it gives fits.
    #[test]
    fn a_picture_that_follows_no_rule_ends_too(
        noise in any::<u32>(),
        width in 1..120_u32,
        height in 1..120_u32,
        grain in 0..=255_u32,
        budget in 0..20_000_u64,
    ) {
        let canvas = drawn(width, height, |x, y| {
            let hash = ((x * 0x9E37) ^ (y * 0x85EB) ^ noise).wrapping_mul(0x2C1B_3C6D) >> 11;
            [(hash & grain) as u8, (hash >> 8 & grain) as u8, (x * y) as u8]
        });
        if let Fit::Fits { bytes, .. } = fitted(&canvas, budget, false) {
            prop_assert!(bytes.len() as u64 <= budget);
            prop_assert_eq!(pixels(&bytes).len() as u32, height);
        }
    }
}
