//! What the library sees, we see.

use super::*;

/// At the full size every level is shown: one that was read wrong is seen. A colour's rounding is
/// three levels at most when its brightness and a difference round apart.
fn agrees(writing: &Writing) {
    let bytes = writing.bytes();
    let theirs = by_library(&bytes, 8).unwrap();
    let ours =
        by_us(&bytes, 8, Depth::Two).unwrap_or_else(|error| panic!("{error:?}: {writing:?}"));
    let (most, mean) = far(&ours, &theirs);
    // Of a few pixels all may round apart.
    let bound = if ours.rows.len() < 500 { 1.5 } else { 0.3 };
    assert!(most <= 3 && mean < bound, "{most}, {mean}: {writing:?}");
}

#[test]
fn every_sampling_and_every_order_of_scans() {
    all().iter().for_each(agrees);
}

#[test]
fn every_size_from_a_dot_to_some_blocks() {
    for width in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33] {
        for height in [1, 2, 3, 8, 9, 16, 17, 25] {
            let size = [width, height];
            let usual = Writing {
                size,
                ..Writing::usual()
            };
            agrees(&usual);
            let factors = if width % 2 == 0 {
                &[[2, 1], [1, 1], [1, 1]]
            } else {
                &[[1, 2], [1, 1], [1, 1]]
            };
            agrees(&Writing { factors, ..usual });
        }
    }
}

#[test]
fn flat_fields_and_the_strongest_grain() {
    for grain in [0, 255] {
        for coarseness in [1, 5, 100, 400] {
            for script in [USUAL, BITS] {
                agrees(&Writing {
                    size: [200, 90],
                    grain,
                    coarseness,
                    script,
                    ..Writing::usual()
                });
            }
        }
    }
}

/// The same but for what is finer than its pixels: the library takes means of those, which blurs, and
/// at hard edges everywhere that is some levels.
#[test]
fn smaller_pictures_are_like_the_librarys() {
    for writing in all() {
        let soft = Writing {
            grain: 6,
            size: [130, 97],
            ..writing
        };
        let bytes = soft.bytes();
        for eighths in [1, 2, 4] {
            let theirs = by_library(&bytes, eighths).unwrap();
            let ours = by_us(&bytes, eighths, Depth::Byte).unwrap();
            let (_, mean) = far(&ours, &theirs);
            assert!(mean < 8.0, "{mean} at {eighths}: {soft:?}");
        }
    }
}

/// At an eighth of a gray picture there are only means: nothing is left to choose.
#[test]
fn means_alone_are_the_librarys() {
    for script in [GRAY, &GRAY[..1]] {
        let gray = Writing {
            factors: &[[1, 1]],
            script,
            size: [700, 430],
            grain: 200,
            ..Writing::usual()
        };
        let bytes = gray.bytes();
        let (most, _) = far(
            &by_us(&bytes, 1, Depth::Byte).unwrap(),
            &by_library(&bytes, 1).unwrap(),
        );
        assert!(most <= 1, "{most}");
    }
}

/// What is kept of a block does not depend on how much of it is kept.
#[test]
fn kept_levels_are_the_same_at_every_scale() {
    for writing in all() {
        let bytes = Writing {
            grain: 120,
            ..writing
        }
        .bytes();
        let whole = by_us(&bytes, 8, Depth::Two).unwrap();
        assert_eq!(whole, by_us_or_deeper(&bytes, 8));
        for eighths in [1, 2, 4] {
            assert_eq!(
                by_us(&bytes, eighths, Depth::Two).unwrap(),
                by_us_or_deeper(&bytes, eighths),
                "{writing:?}"
            );
        }
    }
}

fn by_us_or_deeper(bytes: &[u8], eighths: u8) -> Seen {
    match by_us(bytes, eighths, Depth::Byte) {
        Err(Failure::Deeper) => by_us(bytes, eighths, Depth::Two).unwrap(),
        seen => seen.unwrap(),
    }
}

/// The definition of the transform, in double precision, over the lowest waves.
#[test]
fn smaller_blocks_show_the_lowest_waves_of_the_large_one() {
    let mut dice = 7_u32;
    for side in [1_u32, 2, 4, 8] {
        for _ in 0..300 {
            let colour = frame::Colour {
                name: 1,
                factors: [1, 1],
                table: 0,
                blocks: [1, 1],
                side,
            };
            let levels = Levels::new(&colour, Depth::Two).unwrap();
            let mut throw = |below: u32| {
                dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (dice >> 8) % below
            };
            let mut table = [1; 64];
            table
                .iter_mut()
                .for_each(|step| *step = 1 + throw(30) as u16);
            let mean = throw(30) as i16 - 15;
            levels.means(0).unwrap()[0] = mean;
            let mut numbers = [0.0; 64];
            numbers[0] = f64::from(mean) * f64::from(table[0]);
            for at in 1..64 {
                let level = throw(9) as i16 - 4;
                let mut others = levels.others(0).unwrap();
                others.set(levels.shape(), 0, at, level).unwrap();
                numbers[usize::from(crate::block::ORDER[at])] =
                    f64::from(level) * f64::from(table[at]);
            }
            let count = side as usize;
            let mut samples = vec![0; count * count];
            let mut block = vec![0; count * count];
            levels.copy(0, &mut block);
            let walk = inverse::Walk {
                first: 0,
                block: 0,
                wide: 1,
                group: 0,
                count: 1,
                column: 0,
                mean: 0,
            };
            let inverse = Inverse::new(side, &table);
            inverse::strip(&inverse, &block, walk, &mut samples, count);
            for (at, sample) in samples.iter().enumerate() {
                let expected = wave(&numbers, count, at % count, at / count);
                let off = (f64::from(*sample) - expected.clamp(0.0, 255.0)).abs();
                assert!(off < 0.51, "{sample} is {expected} of side {side}");
            }
        }
    }
}

fn wave(numbers: &[f64; 64], side: usize, x: usize, y: usize) -> f64 {
    let one = |at: usize, frequency: usize| {
        let angle = (2 * at + 1) as f64 * frequency as f64 * std::f64::consts::PI;
        let height = if frequency == 0 { 0.5_f64.sqrt() } else { 1.0 };
        height * (angle / (2 * side) as f64).cos() / 2.0
    };
    let mut sum = 128.0;
    for row in 0..side {
        for column in 0..side {
            sum += numbers[row * 8 + column] * one(x, column) * one(y, row);
        }
    }
    sum
}
