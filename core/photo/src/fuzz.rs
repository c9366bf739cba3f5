//! Doors for the fuzz targets in `fuzz/`: rooms that no app enters alone, with what must hold there.
//! Behind the feature `fuzz`. A door panics where a promise is broken.

#![allow(clippy::panic, reason = "that is how a fuzzer is told")]

use crate::colour::{Channels, Space, Tables};
use crate::cover::{Cover, Grain, Region, whole_blocks};
use crate::orientation::Orientation;

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

/// A profile over each kind of picture, with a row of one.
pub fn icc(profile: &[u8]) {
    for channels in [Channels::Gray, Channels::Rgb, Channels::Inks] {
        let Some(space) = Space::from_profile(profile, channels) else {
            continue;
        };
        let mut tables = Tables::of(&space);
        let light = tables.rgb([0, 128, 255]);
        assert!(light.iter().all(|part| (0.0..=1.0).contains(part)));
        let _ = tables.pixel([light[0], light[1], light[2]]);
        tables.prepare_deep(&space);
        let _ = tables.deep_rgb([0, 32_768, 65_535]);
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
    let result = <[u32; 2]>::from(crate::decode::target(full[0], full[1], edge.into()));
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
