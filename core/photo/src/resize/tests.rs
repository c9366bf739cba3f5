#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

fn resized(pixels: &[Vec<[u8; 3]>], width: u32, height: u32) -> Vec<Vec<[u8; 3]>> {
    let tables = Tables::new();
    let side = |source: usize, result| Side {
        source: source as u32,
        extent: source as f64,
        result,
    };
    let mut resizer = Resizer::new(
        &tables,
        side(pixels[0].len(), width),
        side(pixels.len(), height),
    );
    let mut rows = Vec::new();
    for row in pixels {
        let lights = row.iter().map(|pixel| tables.rgb(*pixel));
        resizer
            .push(lights, std::iter::empty(), &mut |y, row| {
                assert_eq!(y as usize, rows.len(), "rows come in order, each once");
                rows.push(row.to_vec());
            })
            .unwrap();
    }
    rows
}

#[test]
fn a_picture_of_the_right_size_passes_unchanged() {
    let picture: Vec<Vec<_>> = (0..20)
        .map(|y| (0..30).map(|x| crate::fixtures::ramp(x, y)).collect())
        .collect();
    assert_eq!(resized(&picture, 30, 20), picture);
}

#[test]
fn fine_black_and_white_becomes_the_gray_of_half_the_light() {
    let picture: Vec<Vec<_>> = (0..64)
        .map(|y| {
            (0..64)
                .map(|x| [if (x + y) % 2 == 0 { 255 } else { 0 }; 3])
                .collect()
        })
        .collect();
    for pixel in resized(&picture, 16, 16)[8].iter().skip(4).take(8) {
        // Half the light is 188 of 255; averaging the numbers would give 128.
        assert!((186..=190).contains(&pixel[0]), "{pixel:?}");
    }
}

#[test]
fn every_size_gives_all_rows_and_keeps_a_flat_colour() {
    for (width, height) in [(1, 1), (1, 50), (50, 1), (7, 13), (100, 3)] {
        let picture = vec![vec![[200, 100, 50]; width]; height];
        for (to_width, to_height) in [(1, 1), (width as u32, 1), (5, 9), (60, 40)] {
            let result = resized(&picture, to_width, to_height);
            assert_eq!(result.len(), to_height as usize);
            assert!(
                result
                    .iter()
                    .flatten()
                    .all(|pixel| *pixel == [200, 100, 50])
            );
        }
    }
}

#[test]
fn the_weights_of_every_pixel_sum_to_one() {
    for (source, extent, result) in [(2000, 2000.0, 1600), (2001, 2000.5, 1600), (10, 10.0, 1)] {
        for taps in taps(source, extent, result) {
            let sum: f32 = taps.weights.iter().sum();
            assert!((sum - 1.0).abs() < 1e-4, "{sum}");
            assert!(taps.first + taps.weights.len() <= source as usize);
        }
    }
}

#[test]
fn few_rows_are_held() {
    let tables = Tables::new();
    let side = |source, result| Side {
        source,
        extent: f64::from(source),
        result,
    };
    let mut resizer = Resizer::new(&tables, side(40, 16), side(4000, 1600));
    for _ in 0..4000 {
        let row = [[0.5; 3]; 40].into_iter();
        resizer
            .push(row, std::iter::empty(), &mut |_, _| {})
            .unwrap();
        assert!(resizer.held.len() + resizer.spare.len() <= 24 + ROWS);
    }
}

/// As a processor with the narrow registers does it, and as this one does.
#[test]
fn wider_registers_change_nothing() {
    let number = |at: usize| (at * 7919 % 1009) as f32 / 1009.0;
    let columns: Vec<Column> = (0..200)
        .map(|x| [0, 1, 2].map(|c| [0, 1, 2, 3].map(|y| number(x * 12 + c * 4 + y))))
        .collect();
    let across = Windows::of(taps(200, 200.0, 144), 200);
    let mut rows = [(); 2].map(|()| [(); ROWS].map(|()| vec![0.0; 3 * 144]));
    let [here, narrow] = &mut rows;
    shrink(&across, &columns, here, 144);
    all_windows(&across, &columns, narrow, 144);
    assert_eq!(here, narrow);

    let weighed: Vec<(&[f32], f32)> = here
        .iter()
        .map(Vec::as_slice)
        .zip([0.3, 0.4, 0.5, -0.2])
        .collect();
    let (mut here, mut narrow) = (vec![[0; 3]; 144], vec![[1; 3]; 144]);
    let tables = Tables::new();
    blend(&weighed, &tables, &mut here);
    all_pixels(&weighed, &tables, &mut narrow);
    assert_eq!(here, narrow);
    assert!(here.iter().flatten().any(|number| *number > 100));
}

#[test]
fn what_is_black_has_no_influence_on_its_neighbours() {
    let tables = Tables::new();
    let side = |source, result| Side {
        source,
        extent: f64::from(source),
        result,
    };
    let shrunk = |hidden: f32, blacken: bool| {
        let mut resizer = Resizer::new(&tables, side(90, 40), side(30, 13));
        let mut made: Vec<Vec<[u8; 3]>> = Vec::new();
        for y in 0..30 {
            let covered = 9..22;
            let light = |x: usize| {
                let inside = (30..51).contains(&x) && covered.contains(&y);
                [if inside { hidden } else { 0.4 }; 3]
            };
            let black = (blacken && covered.contains(&y)).then_some(30..51);
            resizer
                .push((0..90).map(light), black.into_iter(), &mut |_, row| {
                    made.push(row.to_vec());
                })
                .unwrap();
        }
        made
    };
    let black = shrunk(0.0, false);
    assert_eq!(shrunk(1.0, true), black);
    assert_eq!(shrunk(0.3, true), black);
    assert_ne!(shrunk(1.0, false), black);
}
