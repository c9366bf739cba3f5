//! Pictures of which only the covered part differs, in every kind of file whose coding carries a pixel
//! beyond its place.

use super::*;
use crate::fixtures::{in_seven_passes, png, segment, unfiltered};
use crate::jpeg::{Layout, ScanLayout, written};

pub(super) const WIDE: u32 = 212;
pub(super) const HIGH: u32 = 156;
/// Pixels of the upright picture: left, top, right and bottom. Each lies off the grids of 8, 16 and 32
/// pixels, and so that what is covered for one of these grids is not enough, or too much, for the others.
const PLATE: [f64; 4] = [57.5, 25.4, 100.3, 69.6];

pub(super) fn plate() -> Region {
    let [left, top, right, bottom] = PLATE;
    let (wide, high) = (f64::from(WIDE), f64::from(HIGH));
    let (width, height) = ((right - left) / wide, (bottom - top) / high);
    Region::new(left / wide, top / high, width, height).unwrap()
}

/// How far a pixel lies from the plate, across and down; nothing for one that it touches.
pub(super) fn beyond_plate(x: u32, y: u32) -> [f64; 2] {
    let [left, top, right, bottom] = PLATE;
    let far = |at: u32, from: f64, to: f64| {
        let at = f64::from(at);
        (from - (at + 1.0)).max(at - to).max(0.0)
    };
    [far(x, left, right), far(y, top, bottom)]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Sampling factors of each colour, and whether each scan tells all of them.
    Jpeg(&'static [[i32; 2]], Scans),
    Png,
    DeepPng,
    Interlaced,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scans {
    One,
    Progressive,
    Apart,
}

const HALVES: &[[i32; 2]] = &[[2, 2], [1, 1], [1, 1]];
/// 4:2:2, which many cameras write.
const ACROSS: &[[i32; 2]] = &[[2, 1], [1, 1], [1, 1]];
/// 4:4:0: the same turned without loss.
const DOWN: &[[i32; 2]] = &[[1, 2], [1, 1], [1, 1]];
/// 4:1:1, of video cameras.
pub(crate) const QUARTERS: &[[i32; 2]] = &[[4, 1], [1, 1], [1, 1]];
const QUARTERS_DOWN: &[[i32; 2]] = &[[1, 4], [1, 1], [1, 1]];
const WHOLE: &[[i32; 2]] = &[[1, 1], [1, 1], [1, 1]];
const INKS: &[[i32; 2]] = &[[2, 1], [1, 1], [1, 1], [2, 1]];
const INKS_DOWN: &[[i32; 2]] = &[[1, 2], [1, 1], [1, 1], [1, 2]];

pub(super) const KINDS: [Kind; 18] = [
    Kind::Jpeg(HALVES, Scans::One),
    Kind::Jpeg(HALVES, Scans::Progressive),
    Kind::Jpeg(ACROSS, Scans::One),
    Kind::Jpeg(ACROSS, Scans::Progressive),
    Kind::Jpeg(DOWN, Scans::One),
    Kind::Jpeg(DOWN, Scans::Progressive),
    Kind::Jpeg(DOWN, Scans::Apart),
    Kind::Jpeg(QUARTERS, Scans::One),
    Kind::Jpeg(QUARTERS, Scans::Progressive),
    Kind::Jpeg(QUARTERS_DOWN, Scans::One),
    Kind::Jpeg(WHOLE, Scans::One),
    Kind::Jpeg(INKS, Scans::One),
    Kind::Jpeg(INKS, Scans::Progressive),
    Kind::Jpeg(INKS_DOWN, Scans::One),
    Kind::Jpeg(INKS_DOWN, Scans::Apart),
    Kind::Png,
    Kind::DeepPng,
    Kind::Interlaced,
];

impl Kind {
    /// Pixels of the stored picture that are coded together, across and down.
    pub(super) fn group(self) -> [u32; 2] {
        let most = |of: usize, factors: &[[i32; 2]]| {
            let most = factors.iter().map(|factors| factors[of]).max().unwrap();
            most as u32 * 8
        };
        match self {
            Self::Jpeg(factors, _) => [most(0, factors), most(1, factors)],
            _ => [1, 1],
        }
    }
}

/// What stands at a place of the upright picture; `hidden` chooses what stands under the plate.
pub(super) fn scene(x: u32, y: u32, hidden: u32) -> [u8; 3] {
    if beyond_plate(x, y) != [0.0; 2] {
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

/// The scene as a camera held in the given way stores it.
pub(crate) fn picture(kind: Kind, orientation: Orientation, hidden: u32) -> Vec<u8> {
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
        Kind::Jpeg(factors, scans) => {
            // Inks are stored as what they leave of the light.
            let ink = (factors.len() == 4).then_some(255);
            let pixels = (0..height).flat_map(&row);
            let pixels: Vec<u8> = pixels.flat_map(|rgb| rgb.into_iter().chain(ink)).collect();
            let mut bytes = jpeg((width, height), factors, scans, &pixels);
            let exif = segment(0xE1, &[b"Exif\0\0".as_slice(), &block].concat());
            bytes.splice(2..2, exif);
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
            let rows: Vec<Vec<[u8; 3]>> = (0..height).map(row).collect();
            let rows = in_seven_passes(&rows);
            png((width, height), [8, 2, 1], &[(b"eXIf", &block)], &rows)
        }
    }
}

fn jpeg((width, height): (u32, u32), factors: &[[i32; 2]], scans: Scans, pixels: &[u8]) -> Vec<u8> {
    let colours = factors.len() as i32;
    let scan = |of: &[i32], [first, last]: [i32; 2]| {
        let mut scan = ScanLayout {
            count: of.len() as i32,
            first,
            last,
            ..ScanLayout::default()
        };
        scan.colours[..of.len()].copy_from_slice(of);
        scan
    };
    let all: Vec<i32> = (0..colours).collect();
    let each = |band| all.iter().map(move |of| scan(&[*of], band));
    let script: Vec<ScanLayout> = match scans {
        Scans::One => vec![scan(&all, [0, 63])],
        Scans::Apart => each([0, 63]).collect(),
        Scans::Progressive => {
            let means = [scan(&all, [0, 0])].into_iter();
            means.chain(each([1, 9])).chain(each([10, 63])).collect()
        }
    };
    let mut layout = Layout {
        width,
        height,
        components: colours,
        mixed: i32::from(colours == 3),
        coarseness: 20,
        factors: [[1, 1]; 4],
        restart_interval: 0,
        scans: script.len() as i32,
        script: [ScanLayout::default(); 32],
    };
    layout.factors[..factors.len()].copy_from_slice(factors);
    layout.script[..script.len()].copy_from_slice(&script);
    written(&layout, pixels).unwrap()
}
