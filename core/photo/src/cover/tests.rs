#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::fixtures::{OneFile, Whole, pixels};
use crate::jpeg::Decoder;
use crate::source::Source;
use crate::{Effort, Flow, Picture, Settings, Threads, prepare};
use files::{HIGH, KINDS, Kind, WIDE, beyond_plate, picture, plate, scene};

pub(crate) mod files;

fn region(left: f64, top: f64, width: f64, height: f64) -> Region {
    Region::new(left, top, width, height).unwrap()
}

fn covered(file: &[u8], regions: &[Region], max_edge: u32) -> Result<Picture, PhotoError> {
    covered_by(WAYS[0], file, regions, max_edge)
}

fn covered_by(
    (effort, threads): (Effort, Threads),
    file: &[u8],
    regions: &[Region],
    max_edge: u32,
) -> Result<Picture, PhotoError> {
    let settings = Settings {
        effort,
        threads,
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

/// Whole, at half, a quarter and an eighth of the file's size, and between: so that the edges of the
/// blocks in which the result is coded, and is covered, fall on both sides of the file's own.
const EDGES: [u32; 8] = [1600, 200, 150, 137, 106, 60, 53, 26];

/// Every way of making the result, one after the other.
const WAYS: [(Effort, Threads); 4] = [
    (Effort::Thorough, Threads::One),
    (Effort::Plain, Threads::Two),
    (Effort::Thorough, Threads::Two),
    (Effort::Plain, Threads::One),
];

/// Nothing but black, of all that differs in the rows of the file: neither in the plate, nor beyond.
#[test]
fn the_rows_of_a_file_differ_only_where_they_are_covered() {
    for kind in KINDS
        .into_iter()
        .filter(|kind| matches!(kind, Kind::Jpeg(..)))
    {
        for orientation in Orientation::ALL {
            let files = [0, 1, 9].map(|hidden| picture(kind, orientation, hidden));
            let one = OneFile::new("photo", &files[0]);
            let seen = crate::probe::look(&mut Source::open(&one.path).unwrap()).unwrap();
            assert_eq!(seen.colour.group, kind.group(), "{kind:?}");
            for eighths in [1, 2, 4, 8] {
                let rows = files.each_ref().map(|file| decoded_rows(file, eighths));
                let grain = Grain {
                    full: [seen.probe.width, seen.probe.height],
                    group: seen.colour.group,
                    eighths: eighths.into(),
                };
                let cover = Cover::new(&[plate()], orientation, grain);
                for (y, row) in rows[0].iter().enumerate() {
                    let spans: Vec<_> = cover.spans(y as u32).collect();
                    for (x, pixel) in row.iter().enumerate() {
                        let differs = rows[1..].iter().any(|others| others[y][x] != *pixel);
                        let covered = spans.iter().any(|span| span.contains(&x));
                        assert!(
                            covered || !differs,
                            "{kind:?} {orientation:?} at {eighths}/8: {x} {y} is open"
                        );
                    }
                }
            }
        }
    }
}

/// By the library, which reads every kind.
fn decoded_rows(jpeg: &[u8], eighths: u8) -> Vec<Vec<Vec<u8>>> {
    let opened = Decoder::open(Whole(jpeg), u64::MAX);
    let mut decoding = opened.and_then(|decoder| decoder.start(eighths)).unwrap();
    let channels = decoding.rows.channels();
    let mut row = vec![0; decoding.width as usize * channels];
    let mut rows = Vec::new();
    for _ in 0..decoding.height {
        decoding.row(&mut row).unwrap();
        rows.push(row.chunks(channels).map(<[u8]>::to_vec).collect());
    }
    rows
}

#[test]
fn nothing_of_what_is_covered_has_an_influence() {
    let mut ways = WAYS.iter().cycle();
    for kind in KINDS {
        for orientation in Orientation::ALL {
            let files = [0, 1, 9].map(|hidden| picture(kind, orientation, hidden));
            assert_ne!(files[0], files[1]);
            // Every way of holding the camera at one size, and every size at one.
            let sizes = match orientation {
                Orientation::Upright => &EDGES[..],
                Orientation::QuarterTurnRight => &EDGES[1..4],
                _ => &EDGES[2..3],
            };
            for edge in sizes {
                let way = *ways.next().unwrap();
                let made = files
                    .each_ref()
                    .map(|file| covered_by(way, file, &[plate()], *edge).unwrap());
                for other in &made[1..] {
                    let told = format!("{kind:?} {orientation:?} {edge} {way:?}");
                    assert!(made[0].bytes == other.bytes, "{told}");
                    assert_eq!(made[0].sha256, other.sha256);
                    assert!(made[0].thumbnail == other.thumbnail, "{told}");
                    assert_eq!(made[0].hints, other.hints);
                }
            }
            let open = [&files[0], &files[1]].map(|file| covered(file, &[], 60).unwrap().bytes);
            assert_ne!(open[0], open[1], "the test sees a difference at all");
        }
    }
}

/// All of the plate, a rim that the file's groups, the ripples and the result's blocks ask for, and not
/// more; on each side by itself.
#[test]
fn the_plate_is_black_and_the_rest_is_seen_however_the_camera_was_held() {
    let mut ways = WAYS.iter().cycle();
    for kind in KINDS {
        for orientation in Orientation::ALL {
            let way = *ways.next().unwrap();
            let file = picture(kind, orientation, 3);
            let made = covered_by(way, &file, &[plate()], 1600).unwrap();
            let rows = pixels(&made.bytes);
            assert_eq!((made.width, made.height), (WIDE, HIGH));
            let [across, down] = kind.group();
            let group = match orientation.upright_size(1, 2) {
                (1, _) => [across, down],
                _ => [down, across],
            };
            // To the group's edge and a colour's breadth; the ripples; to the edge of a block.
            let rim = group.map(|group| f64::from(group + group / 8 + 1 + RIPPLES + BLOCKS));
            let tolerance = match kind {
                Kind::Jpeg([_, _, _, _], _) => 60,
                _ => 40,
            };
            let mut wrong = 0;
            for (y, row) in rows.iter().enumerate() {
                for (x, pixel) in row.iter().enumerate() {
                    let beyond = beyond_plate(x as u32, y as u32);
                    if beyond == [0.0; 2] {
                        assert_eq!(*pixel, [0; 3], "{kind:?} {orientation:?} {x} {y}");
                    } else if beyond.iter().zip(rim).any(|(far, rim)| *far >= rim) {
                        let expected = scene(x as u32, y as u32, 3);
                        wrong += usize::from(pixel[0].abs_diff(expected[0]) > tolerance);
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
    let within = |hidden: u32, max_bytes: u64| {
        let kind = KINDS[0];
        let file = OneFile::new("photo", &picture(kind, Orientation::Upright, hidden));
        let settings = Settings {
            redactions: vec![plate()],
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
