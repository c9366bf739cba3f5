#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

/// By the definition of the eight ways, and of the samples of each pixel.
fn placed([width, height]: [u32; 2], orientation: Orientation) -> Canvas {
    let (wide, high) = orientation.upright_size(width, height);
    let mut canvas = Canvas::new(wide, high).unwrap();
    for y in 0..height {
        let row: Vec<_> = (0..width).map(|x| stored(x, y)).collect();
        canvas.place(orientation, y, &row);
    }
    canvas
}

fn stored(x: u32, y: u32) -> [u8; 3] {
    [x * 7 + y, 255 - y * 5, x * 3 + y * 11].map(|colour| colour as u8)
}

/// Brightness, blue and red of the whole picture and of what fills up its blocks, in numbers that know
/// nothing of lines or pairs.
fn expected(side: [u32; 2], upright: impl Fn(u32, u32) -> [u8; 3]) -> [Vec<Vec<f64>>; 3] {
    let [wide, high] = side;
    let last = |at: u32, side: u32| at.min(side - 1);
    let weighed = |pixel: [u8; 3], weights: [f64; 3]| -> f64 {
        let colours = pixel.into_iter().zip(weights);
        colours
            .map(|(colour, weight)| f64::from(colour) * weight)
            .sum()
    };
    let light = (0..high.next_multiple_of(16)).map(|y| {
        let row = (0..wide.next_multiple_of(16))
            .map(|x| weighed(upright(last(x, wide), last(y, high)), [0.299, 0.587, 0.114]));
        row.collect()
    });
    let colour = |weights: [f64; 3]| -> Vec<Vec<f64>> {
        let [half_wide, half_high] = side.map(|side| side.div_ceil(2));
        let rows = (0..half_high.next_multiple_of(8)).map(|y| {
            let row = (0..half_wide.next_multiple_of(8)).map(|x| {
                let (x, y) = (last(x, half_wide) * 2, last(y, half_high) * 2);
                let four = [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)];
                let sum: f64 = four
                    .into_iter()
                    .map(|(x, y)| weighed(upright(last(x, wide), last(y, high)), weights))
                    .sum();
                128.0 + sum / 4.0
            });
            row.collect()
        });
        rows.collect()
    };
    [
        light.collect(),
        colour([-0.168_736, -0.331_264, 0.5]),
        colour([0.5, -0.418_688, -0.081_312]),
    ]
}

/// Every sample of every block, of even sides and odd ones.
#[test]
fn each_orientation_puts_every_stored_pixel_where_it_belongs() {
    for [width, height] in [[5, 3], [4, 6], [17, 16], [1, 9], [16, 33], [1, 1]] {
        for orientation in Orientation::ALL {
            let (wide, high) = orientation.upright_size(width, height);
            let mut upright = std::collections::HashMap::new();
            for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
                upright.insert(orientation.upright(x, y, width, height), stored(x, y));
            }
            let expected = expected([wide, high], |x, y| upright[&(x, y)]);
            let (planes, _) = placed([width, height], orientation).finish();
            for (plane, expected) in planes.iter().zip(&expected) {
                for (y, expected) in expected.iter().enumerate() {
                    for (x, expected) in expected.iter().enumerate() {
                        let is = plane.strip(y / SIDE).block(x / SIDE)[y % SIDE][x % SIDE];
                        assert!(
                            (f64::from(is) - expected).abs() < 0.51,
                            "{is}, not {expected}, at {x}, {y} of {width} x {height} {orientation:?}"
                        );
                    }
                }
            }
        }
    }
}

/// Out to whole blocks and into what fills them up, and not a sample further.
#[test]
fn what_is_covered_is_black_and_nothing_else() {
    let (width, height) = (53, 37);
    for [across, down] in [
        [3..4, 2..3],
        [20..34, 0..37],
        [52..53, 36..37],
        [0..53, 17..18],
    ] {
        let mut canvas = placed([width, height], Orientation::Upright);
        let (before, _) = canvas.clone().finish();
        canvas.cover(vec![[across.clone(), down.clone()]]);
        let (planes, covered) = canvas.finish();
        assert_eq!(covered, [[across.clone(), down.clone()]]);
        for (number, (plane, before)) in planes.iter().zip(&before).enumerate() {
            // Of a group of 16 pixels: two blocks of brightness, one of a colour.
            let (blocks, black) = if number == 0 { (2, 0) } else { (1, 128) };
            let within = |block: usize, range: &std::ops::Range<u32>| {
                let groups = range.start as usize / 16..(range.end as usize).div_ceil(16);
                groups.contains(&(block / blocks))
            };
            for (row, column) in
                (0..plane.high).flat_map(|row| (0..plane.wide).map(move |column| (row, column)))
            {
                let is = plane.strip(row).block(column);
                if within(column, &across) && within(row, &down) {
                    assert_eq!(is, [[black; SIDE]; SIDE], "{row}, {column} of {number}");
                } else {
                    assert_eq!(is, before.strip(row).block(column), "{row}, {column}");
                }
            }
        }
    }
}

#[test]
fn a_photo_taken_with_the_phone_upright_is_turned_to_the_right() {
    // EXIF 6: the first stored row is the right side of the scene, its first pixel the top.
    assert_eq!(Orientation::from_exif(6).upright(0, 0, 4, 3), (2, 0));
    assert_eq!(Orientation::from_exif(8).upright(0, 0, 4, 3), (0, 3));
    assert_eq!(Orientation::from_exif(3).upright(0, 0, 4, 3), (3, 2));
    assert_eq!(Orientation::from_exif(0), Orientation::Upright);
    assert_eq!(Orientation::from_exif(9), Orientation::Upright);
}
