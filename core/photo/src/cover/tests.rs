#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::fixtures::{OneFile, pixels, png, unfiltered};
use crate::jpeg::{Drain, Encoder, Stop, Storing};
use crate::{Flow, Picture, Settings, prepare};

fn region(left: f64, top: f64, width: f64, height: f64) -> Region {
    Region::new(left, top, width, height).unwrap()
}

fn covered(file: &[u8], regions: &[Region], max_edge: u32) -> Result<Picture, PhotoError> {
    let settings = Settings {
        redactions: regions.to_vec(),
        max_edge,
        thumbnail_edge: 64,
        ..Settings::default()
    };
    let file = OneFile::new("photo", file);
    prepare(&file.path, &settings, &mut |_| Flow::Continue)
}

#[test]
fn a_region_lies_in_the_picture_or_is_refused() {
    for [left, top, width, height] in [
        [0.2, 0.2, 0.0, 0.1],
        [0.2, 0.2, 0.1, -0.1],
        [1.0, 0.2, 0.5, 0.5],
        [-0.5, 0.2, 0.5, 0.5],
        [f64::NAN, 0.2, 0.5, 0.5],
        [0.2, 0.2, f64::INFINITY, 0.5],
    ] {
        let made = Region::new(left, top, width, height);
        assert_eq!(
            made,
            Err(PhotoError::RegionOutside),
            "{left} {top} {width} {height}"
        );
    }
    assert_eq!(region(-0.25, 0.5, 0.5, 3.0), region(0.0, 0.5, 0.25, 0.5));
    assert_eq!(region(-0.25, 0.5, 0.5, 3.0).edges(), [0.0, 0.5, 0.25, 1.0]);
}

#[test]
fn what_cannot_be_covered_is_not_sent_uncovered() {
    let pdf = covered(b"%PDF-1.4\n%%EOF\n", &[region(0.0, 0.0, 0.5, 0.5)], 1600);
    let format = crate::Format::Pdf;
    assert_eq!(pdf.map(|_| ()), Err(PhotoError::CannotCover { format }));
    let many = vec![region(0.0, 0.0, 0.5, 0.5); 65];
    let refused = covered(&picture(Kind::Png, Orientation::Upright, 0), &many, 1600);
    let (regions, limit) = (65, 64);
    assert_eq!(
        refused.map(|_| ()),
        Err(PhotoError::TooManyRegions { regions, limit })
    );
}

// ---- pictures whose covered part differs

const WIDE: u32 = 212;
const HIGH: u32 = 156;
/// Of the upright picture, off every grid.
const PLATE: [f64; 4] = [0.31, 0.22, 0.27, 0.33];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Jpeg(Storing),
    Png,
    DeepPng,
    Interlaced,
}

/// What stands at a place of the upright picture; `hidden` chooses what stands under the plate.
fn scene(x: u32, y: u32, hidden: u32) -> [u8; 3] {
    let [left, top, width, height] = PLATE;
    let (fx, fy) = (
        (f64::from(x) + 0.5) / f64::from(WIDE),
        (f64::from(y) + 0.5) / f64::from(HIGH),
    );
    let inside = fx > left && fx < left + width && fy > top && fy < top + height;
    if !inside {
        return [
            90 + (x / 3) as u8,
            240 - (y / 2) as u8,
            128 + ((x * y) % 90) as u8,
        ];
    }
    match hidden {
        0 => [255; 3],
        1 => [0, 0, 255],
        _ => {
            let noise = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503).wrapping_add(hidden);
            [(noise >> 8) as u8, (noise >> 16) as u8, (noise >> 24) as u8]
        }
    }
}

struct Bytes<'a>(&'a mut Vec<u8>);

impl Drain for Bytes<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn tick(&mut self) -> Result<(), Stop> {
        Ok(())
    }
}

/// The scene as a camera held in the given way stores it.
fn picture(kind: Kind, orientation: Orientation, hidden: u32) -> Vec<u8> {
    let (width, height) = orientation.upright_size(WIDE, HIGH);
    let row = |y: u32| -> Vec<[u8; 3]> {
        let at = |x| {
            let (x, y) = orientation.upright(x, y, width, height);
            scene(x, y, hidden)
        };
        (0..width).map(at).collect()
    };
    let block = [
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(),
        &[orientation.number() as u8, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    match kind {
        Kind::Jpeg(effort) => {
            let mut bytes = Vec::new();
            let mut encoder = Encoder::start(Bytes(&mut bytes), width, height, 20, effort).unwrap();
            encoder
                .marker(0xE1, &[b"Exif\0\0".as_slice(), &block].concat())
                .unwrap();
            (0..height).for_each(|y| encoder.rows(&row(y)).unwrap());
            encoder.finish().unwrap();
            bytes
        }
        Kind::Png => {
            let rows = unfiltered((0..height).map(|y| row(y).into_flattened()));
            png((width, height), [8, 2, 0], &[(b"eXIf", &block)], &rows)
        }
        Kind::DeepPng => {
            let deep = |y| {
                row(y)
                    .into_flattened()
                    .into_iter()
                    .flat_map(|value| [value, 77])
                    .collect()
            };
            let rows = unfiltered((0..height).map(deep));
            png((width, height), [16, 2, 0], &[(b"eXIf", &block)], &rows)
        }
        Kind::Interlaced => {
            let passes = [
                (0, 0, 8, 8),
                (4, 0, 8, 8),
                (0, 4, 4, 8),
                (2, 0, 4, 4),
                (0, 2, 2, 4),
                (1, 0, 2, 2),
                (0, 1, 1, 2),
            ];
            let mut rows = Vec::new();
            for (left, top, step, down) in passes {
                let pass = (top..height).step_by(down).map(|y| {
                    row(y)
                        .into_iter()
                        .skip(left)
                        .step_by(step)
                        .flatten()
                        .collect()
                });
                rows.extend(unfiltered(pass));
            }
            png((width, height), [8, 2, 1], &[(b"eXIf", &block)], &rows)
        }
    }
}

const KINDS: [Kind; 5] = [
    Kind::Jpeg(Storing::Stream),
    Kind::Jpeg(Storing::Progressive),
    Kind::Png,
    Kind::DeepPng,
    Kind::Interlaced,
];

/// Whole, at half, a quarter and an eighth of the file's size, and between.
const EDGES: [u32; 6] = [1600, 150, 106, 60, 53, 26];

#[test]
fn nothing_of_what_is_covered_has_an_influence() {
    let plate = [region(PLATE[0], PLATE[1], PLATE[2], PLATE[3])];
    for kind in KINDS {
        for orientation in Orientation::ALL {
            let files = [0, 1, 2, 9].map(|hidden| picture(kind, orientation, hidden));
            assert_ne!(files[0], files[1]);
            // Every way of holding the camera at one size, and every size at one.
            let sizes = if orientation == Orientation::QuarterTurnRight {
                &EDGES[..]
            } else {
                &EDGES[1..2]
            };
            for edge in sizes {
                let made = files
                    .each_ref()
                    .map(|file| covered(file, &plate, *edge).unwrap());
                for other in &made[1..] {
                    assert_eq!(
                        made[0].bytes, other.bytes,
                        "{kind:?} {orientation:?} {edge}"
                    );
                    assert_eq!(made[0].sha256, other.sha256);
                    assert_eq!(made[0].thumbnail, other.thumbnail);
                    assert_eq!(made[0].hints, other.hints);
                }
            }
            let open = files
                .each_ref()
                .map(|file| covered(file, &[], 150).unwrap().bytes);
            assert_ne!(open[0], open[1], "the test sees a difference at all");
        }
    }
}

#[test]
fn the_plate_is_black_and_the_rest_is_seen_however_the_camera_was_held() {
    let plate = region(PLATE[0], PLATE[1], PLATE[2], PLATE[3]);
    for kind in KINDS {
        for orientation in Orientation::ALL {
            let made = covered(&picture(kind, orientation, 3), &[plate], 1600).unwrap();
            let rows = pixels(&made.bytes);
            assert_eq!((made.width, made.height), (WIDE, HIGH));
            let mut wrong = 0;
            for (y, row) in rows.iter().enumerate() {
                for (x, pixel) in row.iter().enumerate() {
                    let (fx, fy) = (x as f64 / f64::from(WIDE), y as f64 / f64::from(HIGH));
                    let near = |far: f64| {
                        fx > PLATE[0] - far
                            && fx < PLATE[0] + PLATE[2] + far
                            && fy > PLATE[1] - far
                            && fy < PLATE[1] + PLATE[3] + far
                    };
                    if near(0.0) {
                        assert_eq!(*pixel, [0; 3], "{kind:?} {orientation:?} {x} {y}");
                    } else if !near(0.3) {
                        let expected = scene(x as u32, y as u32, 3);
                        wrong += usize::from(pixel[0].abs_diff(expected[0]) > 40);
                    }
                }
            }
            assert!(
                wrong < 60,
                "{kind:?} {orientation:?}: {wrong} pixels are others"
            );
        }
    }
}

#[test]
fn a_picture_made_smaller_for_its_budget_stays_covered() {
    let plate = [region(PLATE[0], PLATE[1], PLATE[2], PLATE[3])];
    let within = |hidden: u32, max_bytes: u64| {
        let kind = Kind::Jpeg(Storing::Stream);
        let file = OneFile::new("photo", &picture(kind, Orientation::Upright, hidden));
        let settings = Settings {
            redactions: plate.to_vec(),
            max_bytes,
            ..Settings::default()
        };
        prepare(&file.path, &settings, &mut |_| Flow::Continue)
    };
    let budget = (500..1500)
        .rev()
        .step_by(4)
        .find(|bytes| within(0, *bytes).is_ok_and(|made| made.width < WIDE))
        .unwrap();
    let made = [0, 1, 2].map(|hidden| within(hidden, budget).unwrap());
    assert_eq!(made[0].bytes, made[1].bytes);
    assert_eq!(made[0].bytes, made[2].bytes);
    let rows = pixels(&made[0].bytes);
    let middle = (f64::from(made[0].width) * 0.45) as usize;
    let there = rows[(f64::from(made[0].height) * 0.38) as usize][middle];
    // So coarse that black itself is rounded.
    assert!(there.iter().all(|value| *value <= 4), "{there:?}");
}

#[test]
fn a_whole_picture_can_be_covered() {
    let all = [region(0.0, 0.0, 1.0, 1.0)];
    let made = covered(&picture(Kind::Png, Orientation::Transverse, 2), &all, 100).unwrap();
    assert!(
        pixels(&made.bytes)
            .iter()
            .flatten()
            .all(|pixel| *pixel == [0; 3])
    );
}
