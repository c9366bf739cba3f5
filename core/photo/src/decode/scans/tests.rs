#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod agreement;
mod ends;
mod pair;
mod wrong;

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::jpeg::{Decoder, Layout, ScanLayout, Stop, written};

pub(in crate::decode) struct Bytes<'a>(pub(in crate::decode) &'a [u8]);

impl Feed for Bytes<'_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Stop> {
        // Odd pieces, so that every edge falls in the middle of something; and so small that libjpeg
        // does not hurry, which lets bits pass that are no code.
        let count = room.len().min(self.0.len()).min(499);
        let (now, later) = self.0.split_at(count);
        room[..count].copy_from_slice(now);
        self.0 = later;
        Ok(count)
    }

    fn tick(&mut self) -> Result<(), Stop> {
        Ok(())
    }
}

/// Width, height, and rows one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::decode) struct Seen {
    pub(in crate::decode) size: [u32; 2],
    pub(in crate::decode) rows: Vec<u8>,
}

pub(in crate::decode) fn by_library(bytes: &[u8], eighths: u8) -> Result<Seen, Trouble> {
    let mut decoding = Decoder::open(Bytes(bytes), u64::MAX)?.start(eighths)?;
    let stride = decoding.width as usize * decoding.rows.channels();
    let mut rows = vec![0; stride * decoding.height as usize];
    for row in rows.chunks_exact_mut(stride) {
        decoding.row(row)?;
    }
    let size = [decoding.width, decoding.height];
    decoding.finish()?;
    Ok(Seen { size, rows })
}

pub(in crate::decode) fn by_us(bytes: &[u8], eighths: u8, depth: Depth) -> Result<Seen, Failure> {
    read(&mut Bytes(bytes), eighths, depth).map(rows_of)
}

fn rows_of(mut picture: Picture) -> Seen {
    let stride = picture.width as usize * picture.rows.channels();
    let mut rows = vec![0; stride * picture.height as usize];
    rows.chunks_exact_mut(stride)
        .for_each(|row| picture.row(row));
    Seen {
        size: [picture.width, picture.height],
        rows,
    }
}

/// The largest and the mean difference.
pub(in crate::decode) fn far(a: &Seen, b: &Seen) -> (u8, f64) {
    assert_eq!(a.size, b.size);
    assert_eq!(a.rows.len(), b.rows.len());
    let each = || a.rows.iter().zip(&b.rows).map(|(a, b)| a.abs_diff(*b));
    let sum: f64 = each().map(f64::from).sum();
    (each().max().unwrap_or(0), sum / a.rows.len().max(1) as f64)
}

/// Soft slopes, an edge, and grain of so many values.
pub(in crate::decode) fn scene([width, height]: [u32; 2], channels: u32, grain: u32) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            for channel in 0..channels {
                let hash = (x * 73 + y * 151 + channel * 31).wrapping_mul(0x9E37_79B1) >> 9;
                let slope = x * (3 + channel) + y * (5 - channel);
                let edge = if (x / 11 + y / 7) % 3 == channel % 3 {
                    90
                } else {
                    0
                };
                pixels.push(((slope / 2 + edge + hash % (grain + 1)) % 256) as u8);
            }
        }
    }
    pixels
}

pub(in crate::decode) type Script = &'static [(&'static [i32], [i32; 4])];

/// libjpeg's own for three colours.
pub(in crate::decode) const USUAL: Script = &[
    (&[0, 1, 2], [0, 0, 0, 1]),
    (&[0], [1, 5, 0, 2]),
    (&[2], [1, 63, 0, 1]),
    (&[1], [1, 63, 0, 1]),
    (&[0], [6, 63, 0, 2]),
    (&[0], [1, 63, 2, 1]),
    (&[0, 1, 2], [0, 0, 1, 0]),
    (&[2], [1, 63, 1, 0]),
    (&[1], [1, 63, 1, 0]),
    (&[0], [1, 63, 1, 0]),
];
/// Bands alone, as some cameras' programs write them.
pub(in crate::decode) const BANDS: Script = &[
    (&[0, 1, 2], [0, 0, 0, 0]),
    (&[0], [1, 9, 0, 0]),
    (&[1], [1, 20, 0, 0]),
    (&[0], [10, 63, 0, 0]),
    (&[2], [1, 63, 0, 0]),
    (&[1], [21, 63, 0, 0]),
];
/// Bit by bit, and colours one by one.
pub(in crate::decode) const BITS: Script = &[
    (&[2], [0, 0, 0, 2]),
    (&[0], [0, 0, 0, 2]),
    (&[1], [0, 0, 0, 0]),
    (&[0], [1, 63, 0, 4]),
    (&[0], [1, 63, 4, 3]),
    (&[0], [1, 63, 3, 2]),
    (&[0], [1, 40, 2, 1]),
    (&[0, 2], [0, 0, 2, 1]),
    (&[0], [41, 63, 2, 1]),
    (&[0], [1, 63, 1, 0]),
    (&[0], [0, 0, 1, 0]),
    (&[1], [1, 63, 0, 0]),
    (&[2], [1, 2, 0, 1]),
    (&[2], [3, 63, 0, 0]),
    (&[2], [1, 2, 1, 0]),
];
/// The means and nothing else, of two colours.
pub(in crate::decode) const MEANS: Script = &[(&[0, 1, 2], [0, 0, 0, 0])];
/// Not progressive.
pub(in crate::decode) const APART: Script = &[
    (&[0], [0, 63, 0, 0]),
    (&[2], [0, 63, 0, 0]),
    (&[1], [0, 63, 0, 0]),
];
pub(in crate::decode) const PAIRED: Script = &[(&[0], [0, 63, 0, 0]), (&[1, 2], [0, 63, 0, 0])];
pub(in crate::decode) const GRAY: Script = &[
    (&[0], [0, 0, 0, 1]),
    (&[0], [1, 5, 0, 2]),
    (&[0], [6, 63, 0, 2]),
    (&[0], [1, 63, 2, 1]),
    (&[0], [0, 0, 1, 0]),
    (&[0], [1, 63, 1, 0]),
];
pub(in crate::decode) const INKS: Script = &[
    (&[0, 1, 2, 3], [0, 0, 0, 1]),
    (&[0], [1, 63, 0, 1]),
    (&[1], [1, 63, 0, 1]),
    (&[2], [1, 63, 0, 0]),
    (&[3], [1, 63, 0, 1]),
    (&[3], [1, 63, 1, 0]),
    (&[0, 1, 2, 3], [0, 0, 1, 0]),
    (&[0], [1, 63, 1, 0]),
    (&[1], [1, 63, 1, 0]),
];

/// A file to be written by the library.
#[derive(Debug, Clone, Copy)]
pub(in crate::decode) struct Writing {
    pub(in crate::decode) size: [u32; 2],
    /// As many as there are colours.
    pub(in crate::decode) factors: &'static [[i32; 2]],
    pub(in crate::decode) mixed: bool,
    /// The percentage of the standard tables; below 10 levels are large.
    pub(in crate::decode) coarseness: i32,
    pub(in crate::decode) restart_interval: i32,
    pub(in crate::decode) script: Script,
    pub(in crate::decode) grain: u32,
}

impl Writing {
    pub(in crate::decode) fn usual() -> Self {
        Self {
            size: [65, 50],
            factors: &[[2, 2], [1, 1], [1, 1]],
            mixed: true,
            coarseness: 30,
            restart_interval: 0,
            script: USUAL,
            grain: 40,
        }
    }

    pub(in crate::decode) fn bytes(&self) -> Vec<u8> {
        let mut layout = Layout {
            width: self.size[0],
            height: self.size[1],
            components: self.factors.len() as i32,
            mixed: self.mixed.into(),
            coarseness: self.coarseness,
            factors: [[1, 1]; 4],
            restart_interval: self.restart_interval,
            scans: self.script.len() as i32,
            script: [ScanLayout::default(); 32],
        };
        layout.factors[..self.factors.len()].copy_from_slice(self.factors);
        for (to, (colours, [first, last, high, low])) in layout.script.iter_mut().zip(self.script) {
            to.count = colours.len() as i32;
            to.colours[..colours.len()].copy_from_slice(colours);
            (to.first, to.last, to.high, to.low) = (*first, *last, *high, *low);
        }
        let pixels = scene(self.size, self.factors.len() as u32, self.grain);
        written(&layout, &pixels).unwrap_or_else(|trouble| panic!("{trouble:?}: {self:?}"))
    }
}

/// Three colours at every size of each to the others.
pub(in crate::decode) const SAMPLINGS: [&[[i32; 2]]; 8] = [
    &[[1, 1], [1, 1], [1, 1]],
    &[[2, 1], [1, 1], [1, 1]],
    &[[1, 2], [1, 1], [1, 1]],
    &[[2, 2], [1, 1], [1, 1]],
    &[[2, 2], [2, 1], [1, 2]],
    &[[2, 1], [1, 2], [1, 1]],
    &[[1, 1], [2, 2], [2, 1]],
    &[[2, 2], [1, 1], [2, 2]],
];

/// Files of every kind that is decoded here.
pub(in crate::decode) fn all() -> Vec<Writing> {
    let mut all = Vec::new();
    for (number, factors) in SAMPLINGS.into_iter().enumerate() {
        for script in [USUAL, BANDS, BITS, MEANS, APART, PAIRED] {
            all.push(Writing {
                factors,
                script,
                restart_interval: [0, 1, 3, 0][(number + script.len()) % 4],
                mixed: number % 5 != 4,
                ..Writing::usual()
            });
        }
    }
    for factors in [&[[1, 1]], &[[2, 2]], &[[2, 1]]] {
        for restart_interval in [0, 5] {
            all.push(Writing {
                factors,
                script: GRAY,
                restart_interval,
                ..Writing::usual()
            });
        }
    }
    let inks: [&[[i32; 2]]; 3] = [
        &[[1, 1]; 4],
        &[[2, 2], [1, 1], [1, 1], [2, 2]],
        &[[2, 1], [1, 1], [1, 1], [2, 1]],
    ];
    for factors in inks {
        for mixed in [false, true] {
            all.push(Writing {
                factors,
                script: INKS,
                mixed,
                ..Writing::usual()
            });
        }
    }
    all
}

static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut files: Vec<Vec<u8>> = all().iter().step_by(3).map(Writing::bytes).collect();
    files.push(Writing::usual().bytes());
    files
});

/// A byte that was changed: where, and to what.
pub(in crate::decode) type Spoil = (prop::sample::Index, u8);

/// One of the files with some bytes changed, and which ones. Its sides have no more than `most` times
/// 256 pixels: a size that a header only claims would cost seconds.
pub(in crate::decode) fn spoiled(
    files: &'static LazyLock<Vec<Vec<u8>>>,
    most: u8,
) -> impl Strategy<Value = (Vec<u8>, Vec<Spoil>)> {
    let to = prop_oneof![any::<u8>(), Just(0xFF), Just(0), 0xC0..=0xDF_u8];
    let spoils = prop::collection::vec((any::<prop::sample::Index>(), to), 1..4);
    let which = any::<prop::sample::Index>();
    (which, spoils, any::<bool>()).prop_map(move |(which, spoils, front)| {
        let mut file = files[which.index(files.len())].clone();
        let reach = if front {
            file.len().min(800)
        } else {
            file.len()
        };
        for (at, to) in &spoils {
            file[2 + at.index(reach - 2)] = *to;
        }
        let frame = file
            .windows(2)
            .position(|two| matches!(two, [0xFF, 0xC0..=0xC2]));
        if let Some(frame) = frame
            && let Some(size) = file.get_mut(frame + 5..frame + 9)
        {
            (size[0], size[2]) = (size[0].min(most), size[2].min(most));
        }
        (file, spoils)
    })
}
