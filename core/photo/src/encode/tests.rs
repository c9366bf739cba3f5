#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use proptest::prelude::*;

use super::*;
use crate::fixtures::{drawn, pixels};
use crate::watch::Flow;

fn quantised(canvas: &Canvas, coarseness: Coarseness) -> Quantised {
    let mut go_on = |_| Flow::Continue;
    let watch = Watch::new(&mut go_on);
    let original = Original::of(canvas.clone()).unwrap();
    let rates = [Rates::guessed(), Rates::guessed()];
    Quantised::new(&original, coarseness, &rates, Pair(false), &watch).unwrap()
}

fn plain(canvas: &Canvas, coarseness: Coarseness, pair: bool) -> Plain {
    let mut go_on = |_| Flow::Continue;
    let watch = Watch::new(&mut go_on);
    let original = Original::of(canvas.clone()).unwrap();
    Plain::new(&original, coarseness, Pair(pair), &watch).unwrap()
}

/// Row and column of a block, its mean and its levels.
type Block<'a> = ([usize; 2], i16, &'a [trellis::Level]);

fn lights(made: &Quantised) -> Vec<Block<'_>> {
    let light = &made.components[0];
    let block = |(index, levels)| {
        let [row, column] = [index / light.wide, index % light.wide];
        ([row, column], light.mean(row, column).unwrap(), levels)
    };
    light.blocks().enumerate().map(block).collect()
}

/// Groups of two by two, and a block of each colour.
fn plain_lights(made: &Plain, width: u32) -> Vec<Block<'_>> {
    let across = width.div_ceil(16) as usize;
    let blocks = made.parts.iter().flat_map(Rows::whole_blocks).enumerate();
    blocks
        .filter(|(index, _)| index % 6 < 4)
        .map(|(index, (mean, levels))| {
            let (group, corner) = (index / 6, index % 6);
            let row = group / across * 2 + corner / 2;
            ([row, group % across * 2 + corner % 2], mean, levels)
        })
        .collect()
}

/// What the brightness of a file must be when it is decoded: from the levels, by the definition of
/// the transform.
fn brightness(blocks: Vec<Block<'_>>, coarseness: Coarseness) -> Vec<Vec<f64>> {
    let [table, _] = coarseness.tables();
    let side = |of: fn(&Block<'_>) -> usize| blocks.iter().map(of).max().unwrap_or(0) * 8 + 8;
    let (wide, high) = (
        side(|([_, column], ..)| *column),
        side(|([row, _], ..)| *row),
    );
    let mut rows = vec![vec![0.0; wide]; high];
    for ([row, column], mean, levels) in blocks {
        let mut numbers = [[0.0; 8]; 8];
        numbers[0][0] = f64::from(mean) * f64::from(table.steps.at(0));
        for level in levels {
            let order = usize::from(tables::SPECTRUM_ORDER[level.place()]);
            let step = f64::from(table.steps.at(level.place()));
            numbers[order % 8][order / 8] = f64::from(level.value()) * step;
        }
        for y in 0..8 {
            for x in 0..8 {
                rows[row * 8 + y][column * 8 + x] = 128.0 + inverse(&numbers, x, y);
            }
        }
    }
    rows
}

fn inverse(numbers: &[[f64; 8]; 8], x: usize, y: usize) -> f64 {
    let wave = |at: usize, frequency: usize| {
        let scale = if frequency == 0 { 0.5_f64.sqrt() } else { 1.0 };
        let angle = (2 * at + 1) as f64 * frequency as f64 * std::f64::consts::PI / 16.0;
        scale * angle.cos()
    };
    let mut sum = 0.0;
    for (v, row) in numbers.iter().enumerate() {
        for (u, number) in row.iter().enumerate() {
            if *number != 0.0 {
                sum += number * wave(x, u) * wave(y, v);
            }
        }
    }
    sum / 4.0
}

/// libjpeg and, independent of it, zune-jpeg see exactly what was meant.
fn both_decoders_agree(canvas: &Canvas, coarseness: Coarseness) {
    let made = quantised(canvas, coarseness);
    let bytes = made.bytes(Pair(false));
    assert!(bytes.len() as u64 >= made.size());
    seen_as_meant(canvas, &bytes, &brightness(lights(&made), coarseness));

    let made = plain(canvas, coarseness, false);
    let expected = brightness(plain_lights(&made, canvas.width()), coarseness);
    let size = made.size();
    let bytes = made.bytes();
    // Zeros after bytes of ones come on top of it.
    let zeros = bytes.windows(2).filter(|two| *two == [0xFF, 0]).count() as u64;
    assert!(
        (size..=size + zeros).contains(&(bytes.len() as u64)),
        "{size}"
    );
    seen_as_meant(canvas, &bytes, &expected);
    assert!(
        plain(canvas, coarseness, true).bytes() == bytes,
        "two threads"
    );
}

fn seen_as_meant(canvas: &Canvas, bytes: &[u8], expected: &[Vec<f64>]) {
    let ours = pixels(bytes);
    let theirs = image::load_from_memory(bytes).unwrap().to_rgb8();
    assert_eq!(
        (theirs.width(), theirs.height()),
        (canvas.width(), canvas.height())
    );
    for (y, row) in ours.iter().enumerate() {
        for (x, pixel) in row.iter().enumerate() {
            let meant = expected[y][x].clamp(0.0, 255.0);
            let seen = f64::from(pixel[1]);
            assert!(
                (meant - seen).abs() <= 2.0,
                "{x}, {y}: {meant} is {seen} by libjpeg"
            );
            let seen = f64::from(theirs.get_pixel(x as u32, y as u32).0[1]);
            assert!(
                (meant - seen).abs() <= 2.0,
                "{x}, {y}: {meant} is {seen} by zune-jpeg"
            );
        }
    }
}

fn noise(x: u32, y: u32, seed: u32) -> u32 {
    (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA6B) ^ seed)
        .wrapping_mul(0x2C1B_3C6D)
        .rotate_left(13)
        .wrapping_mul(0x297A_2D39)
        >> 8
}

/// Gray, from flat to noise with the range of all values.
fn gray(width: u32, height: u32, seed: u32, grain: u32, slope: u32) -> Canvas {
    drawn(width, height, |x, y| {
        let value = x * slope + y * 3 + noise(x, y, seed) % (grain + 1);
        [value.min(255) as u8; 3]
    })
}

#[test]
fn runs_of_empty_blocks_longer_than_one_code_can_tell() {
    // 37,000 blocks of brightness: over 0x7FFF.
    both_decoders_agree(&gray(1600, 1480, 1, 0, 0), Coarseness(50.0));
}

#[test]
fn the_sharpest_edges_there_are() {
    let squares = |size: u32| {
        drawn(96, 80, move |x, y| {
            [if (x / size + y / size).is_multiple_of(2) {
                255
            } else {
                0
            }; 3]
        })
    };
    for size in [1, 2, 3, 8, 11] {
        both_decoders_agree(&squares(size), Coarseness(1.0));
        both_decoders_agree(&squares(size), Coarseness(60.0));
    }
}

#[test]
fn a_finer_table_is_nearer_and_takes_more() {
    let canvas = gray(320, 240, 5, 60, 1);
    let mut last = (0, 0.0);
    for percent in [400.0, 200.0, 100.0, 50.0, 25.0, 12.0, 6.0] {
        let bytes = quantised(&canvas, Coarseness(percent)).bytes(Pair(false));
        let mut error = 0.0;
        let original = Original::of(canvas.clone()).unwrap();
        for (row, made) in original.rows().zip(pixels(&bytes)) {
            for (pixel, made) in row.zip(made) {
                error += (f64::from(pixel[1]) - f64::from(made[1])).powi(2);
            }
        }
        let noise_ratio = 10.0 * (255.0_f64.powi(2) * 320.0 * 240.0 / error).log10();
        assert!(bytes.len() > last.0 && noise_ratio > last.1, "at {percent}");
        last = (bytes.len(), noise_ratio);
    }
    assert!(last.1 > 40.0, "{} dB", last.1);
}

/// No level further than half a step from its number.
#[test]
fn a_plain_picture_takes_the_nearest_levels() {
    let canvas = gray(64, 48, 3, 90, 1);
    let original = Original::of(canvas.clone()).unwrap();
    for percent in [1.0, 20.0, 130.0] {
        let [table, _] = Coarseness(percent).tables();
        let made = plain(&canvas, Coarseness(percent), false);
        for ([row, column], _, levels) in plain_lights(&made, 64) {
            let spectrum = dct::forward(&original.planes[0].strip(row).block(column));
            for (place, order) in tables::SPECTRUM_ORDER.iter().enumerate().skip(1) {
                let order = usize::from(*order);
                let exact = spectrum[order / 8][order % 8] * table.divide[order];
                let level = levels.iter().find(|level| level.place() == place);
                let level = f32::from(level.map_or(0, |level| level.value()));
                assert!((exact - level).abs() <= 0.501, "{exact} became {level}");
            }
        }
    }
}

/// As a processor with the narrow registers does it, and as this one does.
#[test]
fn wider_registers_change_nothing() {
    let canvas = drawn(160, 96, |x, y| {
        [0, 1, 2].map(|seed| (noise(x, y, seed) % 200) as u8)
    });
    let original = Original::of(canvas).unwrap();
    let [table, _] = Coarseness(40.0).tables();
    let rates = Rates::guessed();
    let [mut here, mut narrow] = [Rows::default(), Rows::default()];
    let plane = &original.planes[0];
    block_row(&plane.strip(3), plane.wide, &table, &rates, &mut here);
    blocks(&plane.strip(3), plane.wide, &table, &rates, &mut narrow);
    assert!(here.whole_blocks().eq(narrow.whole_blocks()));
    assert_ne!(here.levels().len(), 0);
}

#[test]
fn the_colours_are_kept() {
    for colour in [
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [12, 200, 180],
        [255, 255, 255],
    ] {
        let canvas = drawn(33, 17, |_, _| colour);
        let thorough = quantised(&canvas, Coarseness(10.0)).bytes(Pair(false));
        let plain = plain(&canvas, Coarseness(10.0), false).bytes();
        let made = [pixels(&thorough), pixels(&plain)];
        for pixel in made.iter().flatten().flatten() {
            let far = pixel.iter().zip(colour).map(|(a, b)| a.abs_diff(b)).max();
            assert!(far <= Some(3), "{colour:?} became {pixel:?}");
        }
    }
}

#[test]
fn quality_and_coarseness_are_two_words_for_one_thing() {
    for quality in 1..=100 {
        let near = Coarseness::of_quality(quality).quality();
        assert!(near.abs_diff(quality) <= 1, "{quality} became {near}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the picture, its size and its coarseness.
    #[test]
    fn what_is_written_is_what_was_quantised(
        width in 1..90_u32,
        height in 1..90_u32,
        seed in any::<u32>(),
        grain in prop_oneof![Just(0_u32), 1..40_u32, Just(255)],
        slope in 0..4_u32,
        percent in prop_oneof![Just(1.0_f32), 2.0..30.0_f32, 30.0..400.0_f32],
    ) {
        both_decoders_agree(&gray(width, height, seed, grain, slope), Coarseness(percent));
    }
}

#[test]
fn a_picture_that_is_made_smaller_once_more_begins_from_its_own_colours() {
    for colour in [
        [220, 30, 40],
        [20, 200, 60],
        [30, 50, 210],
        [250, 250, 250],
        [0, 0, 0],
    ] {
        let canvas = drawn(33, 21, |_, _| colour);
        let original = Original::of(canvas).unwrap();
        for pixel in original.rows().flatten() {
            for (is, was) in pixel.into_iter().zip(colour) {
                assert!(is.abs_diff(was) <= 2, "{pixel:?} of {colour:?}");
            }
        }
    }
}

#[test]
fn a_last_odd_row_and_column_keep_their_colours() {
    let (edge, inside) = ([220, 30, 40], [30, 60, 210]);
    for (width, height) in [(5, 3), (33, 35), (1, 7), (16, 65)] {
        let last = |at: u32, side: u32| side % 2 == 1 && at + 1 == side;
        let colour = move |x, y| {
            if last(x, width) || last(y, height) {
                edge
            } else {
                inside
            }
        };
        let original = Original::of(drawn(width, height, colour)).unwrap();
        for (y, row) in (0..).zip(original.rows()) {
            for (x, pixel) in (0..).zip(row) {
                for (is, was) in pixel.into_iter().zip(colour(x, y)) {
                    assert!(is.abs_diff(was) <= 2, "{pixel:?} at {x}, {y} of {width}");
                }
            }
        }
    }
}

/// A wave of a known height along one side alone holds what the standard's transform says.
#[test]
fn the_detail_of_a_picture_is_told_in_the_scale_of_the_standard() {
    let detail = |frequency: f64| {
        let canvas = drawn(320, 240, |x, _| {
            let phase = (2.0 * f64::from(x % 8) + 1.0) * frequency * std::f64::consts::PI / 16.0;
            [(128.0 + 100.0 * phase.cos()).round() as u8; 3]
        });
        let original = Original::of(canvas).unwrap();
        Sample::of(&original, Pair(false)).detail()
    };
    // T.81, A.3.3: eight rows of the wave, a quarter of their sum, one over the root of two along the
    // other side: 100 * 8 * 4 / 4 / sqrt(2).
    let height = 800.0 / 2.0_f64.sqrt();
    for frequency in [3.0, 4.0] {
        let told = detail(frequency);
        assert!((told.sqrt() - height).abs() < 4.0, "{frequency}: {told}");
    }
    for frequency in [1.0, 2.0, 5.0, 6.0, 7.0] {
        let told = detail(frequency);
        assert!(told < 20.0, "{frequency}: {told}");
    }
}

/// Half of the scans' bytes must not pass for all of them.
#[test]
#[should_panic(expected = "a fault in coding")]
fn a_panic_beside_while_work_is_shared_is_the_callers() {
    let asking = std::thread::current().id();
    let begun = AtomicBool::new(false);
    let answers = shared(Pair(true), &[0; 8], |_| {
        if std::thread::current().id() != asking {
            begun.store(true, Ordering::SeqCst);
            panic!("a fault in coding");
        }
        let mut patience = 0_u64;
        while !begun.load(Ordering::SeqCst) {
            patience += 1;
            assert!(patience < 50_000_000, "nobody came to share the work");
            std::thread::yield_now();
        }
    });
    unreachable!("{} answers for 8 jobs", answers.len());
}
