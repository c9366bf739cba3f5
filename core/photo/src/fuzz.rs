//! Doors for the fuzz targets in `fuzz/`: rooms that no app enters alone, with what must hold there.
//! Behind the feature `fuzz`. A door panics where a promise is broken.

#![allow(clippy::panic, reason = "that is how a fuzzer is told")]

use crate::budget::{self, Fit, Plainly};
use crate::canvas::Canvas;
use crate::colour::{Channels, Space, Tables};
use crate::cover::{Cover, Grain, Region, whole_blocks};
use crate::encode::{Coarseness, Original, Pair};
use crate::jpeg::{Decoder, Feed, Stop};
use crate::orientation::Orientation;
use crate::prepare::Dimensions;
use crate::watch::{Flow, Watch};

/// An EXIF block as it stands in a file.
pub fn exif(block: &[u8]) {
    let said = crate::exif::read(Some(block.to_vec()));
    if let Some(place) = said.hints.place {
        assert!(place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0);
    }
    if let Some(taken_at) = said.hints.taken_at {
        assert!(matches!(taken_at.len(), 19 | 25) && taken_at.is_ascii());
    }
}

/// A profile over each kind of picture, with a row of one. What takes most of the time comes seldom, or
/// a fuzzer would see hardly anything: by the length, which it changes all the time.
pub fn icc(profile: &[u8]) {
    let over_gray = profile.len().is_multiple_of(4);
    let deep = profile.len().is_multiple_of(16);
    for channels in [Channels::Gray, Channels::Rgb, Channels::Inks] {
        // Of colours it is the same as over a picture of colours.
        if channels == Channels::Gray && !over_gray && profile.get(16..20) == Some(b"RGB ") {
            continue;
        }
        let Some(space) = Space::from_profile(profile, channels) else {
            continue;
        };
        let mut tables = Tables::of(&space);
        let light = tables.rgb([0, 128, 255]);
        assert!(light.iter().all(|part| (0.0..=1.0).contains(part)));
        tables.show(light.map(|part| [part]), &mut [[0; 3]]);
        if deep {
            tables.prepare_deep(&space);
            let light = tables.deep_rgb([0, 32_768, 65_535]);
            assert!(light.iter().all(|part| (0.0..=1.0).contains(part)));
        }
        if let Space::Table(table) = &space {
            let numbers: Vec<u8> = (0..=255).cycle().take(64 * table.channels()).collect();
            assert!(table.row(&numbers, &mut [[0; 3]; 64]));
        }
    }
}

/// One region over a picture of `full` stored pixels, whose rows come at `eighths` and whose result
/// measures at most `edge`: nothing of the region may be left open.
pub fn cover(
    [left, top, width, height]: [f64; 4],
    orientation: u8,
    full: [u16; 2],
    group: [u8; 2],
    edge: u16,
) {
    let Ok(region) = Region::new(left, top, width, height) else {
        return;
    };
    let orientation = Orientation::from_exif(orientation.into());
    let full = full.map(|side| u32::from(side).max(1));
    let group = group.map(|side| u32::from(side) % 33);
    let result = <[u32; 2]>::from(crate::shrink::target(full[0], full[1], edge.into()));
    for eighths in [1, 2, 4, 8] {
        let rows = full.map(|side| (side * eighths).div_ceil(8));
        let cover = Cover::new(
            &[region],
            orientation,
            Grain {
                full,
                group,
                eighths,
            },
        );
        // The middle of the region, among the rows: where it is stored, told by trying.
        let (wide, high) = orientation.upright_size(full[0], full[1]);
        let middle = |from: f64, length: f64, side: u32| {
            let (from, to) = (from.clamp(0.0, 1.0), (from + length).clamp(0.0, 1.0));
            (((from + to) / 2.0 * f64::from(side)) as u32).min(side - 1)
        };
        let (x, y) = (middle(left, width, wide), middle(top, height, high));
        let stored = unturned(orientation, (x, y), full);
        let (column, row) = (stored.0 * eighths / 8, stored.1 * eighths / 8);
        let covered = |span: std::ops::Range<usize>| {
            assert!(
                span.start < span.end && span.end <= rows[0] as usize,
                "{span:?} of {rows:?}"
            );
            span.contains(&(column as usize))
        };
        assert!(
            cover.spans(row).any(covered),
            "{stored:?} of {full:?} is open"
        );
        assert_eq!(cover.spans(rows[1]).count(), 0);
        let (wide, high) = orientation.upright_size(result[0], result[1]);
        for [across, down] in cover.in_result(rows, result, orientation) {
            let (across, down) = (whole_blocks(&across, wide), whole_blocks(&down, high));
            assert!(across.start < across.end && across.end <= wide);
            assert!(down.start < down.end && down.end <= high);
        }
    }
}

/// The stored place of an upright one: the way back, by the four corners' rule.
fn unturned(orientation: Orientation, (x, y): (u32, u32), [width, height]: [u32; 2]) -> (u32, u32) {
    use Orientation as O;
    match orientation {
        O::Upright => (x, y),
        O::FlipAcross => (width - 1 - x, y),
        O::HalfTurn => (width - 1 - x, height - 1 - y),
        O::FlipDown => (x, height - 1 - y),
        O::Transpose => (y, x),
        O::QuarterTurnRight => (y, height - 1 - x),
        O::Transverse => (width - 1 - y, height - 1 - x),
        O::QuarterTurnLeft => (width - 1 - y, x),
    }
}

/// A JPEG of several scans, read here and by the library.
pub fn scans(bytes: &[u8]) {
    crate::decode::against_library(bytes);
}

/// A JPEG of one scan, read from the front, read ahead, and by the library.
pub fn single(bytes: &[u8]) {
    crate::decode::however_it_is_read(bytes);
}

fn tiled([width, height]: [u32; 2], pixels: &[u8]) -> Option<Canvas> {
    let mut canvas = Canvas::new(width, height).ok()?;
    let (colours, _) = pixels.as_chunks::<3>();
    let mut endless = colours.iter().copied().cycle();
    for y in 0..height {
        let row: Vec<[u8; 3]> = endless.by_ref().take(width as usize).collect();
        canvas.place(Orientation::Upright, y, &row);
    }
    Some(canvas)
}

/// A picture of any pixels (`pixels` over and over, from the upper left) through the encoder, on one
/// thread and on two: the same file of at most `budget` bytes, which the library reads.
pub fn encode([width, height]: [u32; 2], pixels: &[u8], budget: u64, quality: u8) {
    let Some(canvas) = tiled([width, height], pixels) else {
        return;
    };
    let finest = Coarseness::of_quality(quality);
    let fit = |two| {
        let mut go_on = |_| Flow::Continue;
        let watch = Watch::new(&mut go_on);
        let Ok(original) = Original::of(canvas.clone()) else {
            panic!("there is memory for {width} x {height}");
        };
        match budget::fit(
            &original,
            budget,
            finest,
            Dimensions::AsAllowed,
            Pair(two),
            &watch,
        ) {
            Ok(fit) => fit,
            Err(error) => panic!("{error}"),
        }
    };
    match (fit(false), fit(true)) {
        (Fit::Fits { bytes, .. }, Fit::Fits { bytes: other, .. }) => {
            assert!(bytes == other, "two threads made another file");
            assert!(bytes.len() as u64 <= budget, "{} bytes", bytes.len());
            readable(&bytes, [width, height]);
        }
        (
            Fit::TooBig { smallest, .. },
            Fit::TooBig {
                smallest: other, ..
            },
        ) => {
            assert_eq!(smallest, other);
            // By a hundredth less it may fit: sizes are told without the zeros after bytes of ones.
            assert!(smallest + smallest / 64 + 64 > budget, "{smallest} bytes");
        }
        _ => panic!("it fits on so many threads and not on others"),
    }
}

/// The same, plainly coded.
pub fn encode_plainly([width, height]: [u32; 2], pixels: &[u8], quality: u8) {
    let Some(canvas) = tiled([width, height], pixels) else {
        return;
    };
    let made = [false, true].map(|two| {
        let mut go_on = |_| Flow::Continue;
        let watch = Watch::new(&mut go_on);
        let Ok(original) = Original::of(canvas.clone()) else {
            panic!("there is memory for {width} x {height}");
        };
        let finest = Coarseness::of_quality(quality);
        match budget::plainly(&original, u64::MAX, finest, Pair(two), &watch) {
            Ok(Plainly {
                bytes: Some(bytes), ..
            }) => bytes,
            _ => panic!("nothing bounds it"),
        }
    });
    let [one, two] = made;
    assert!(one == two, "two threads made another file");
    readable(&one, [width, height]);
}

struct Whole<'a>(&'a [u8]);

impl Feed for Whole<'_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Stop> {
        std::io::Read::read(&mut self.0, room).map_err(|_| Stop)
    }

    fn tick(&mut self) -> Result<(), Stop> {
        Ok(())
    }
}

fn readable(bytes: &[u8], [width, height]: [u32; 2]) {
    let decoder = match Decoder::open(Whole(bytes), u64::MAX) {
        Ok(decoder) => decoder,
        Err(trouble) => panic!("the header: {trouble:?}"),
    };
    assert_eq!([decoder.width, decoder.height], [width, height]);
    let mut decoding = match decoder.start(8) {
        Ok(decoding) => decoding,
        Err(trouble) => panic!("the scans: {trouble:?}"),
    };
    let mut row = vec![0; width as usize * decoding.rows.channels()];
    for y in 0..height {
        assert_eq!(decoding.row(&mut row), Ok(()), "row {y}");
    }
    assert_eq!(decoding.finish(), Ok(()));
}
