//! From samples to the rows of a picture: coarser colours are enlarged and the numbers of a pixel
//! become red, green and blue (or inks), all as libjpeg does it to the bit.

use super::frame::{Colour, Frame, Model};
use crate::jpeg::Rows;

/// A picture, as far as its samples are there.
pub(in crate::decode) struct Shown {
    pub(in crate::decode) width: u32,
    pub(in crate::decode) height: u32,
    pub(in crate::decode) rows: Rows,
    model: Model,
    pub(in crate::decode) planes: Vec<Plane>,
}

impl Shown {
    /// Of each colour so many rows of blocks are kept as `strips` says; two at least.
    pub(in crate::decode) fn new(
        frame: &Frame,
        model: Model,
        complement: bool,
        strips: impl Fn(&Colour) -> usize,
    ) -> Self {
        let eighths = frame.eighths;
        let [width, height] = frame.size.map(|side| (side * eighths).div_ceil(8));
        let planes = frame.colours.iter().map(|colour| {
            let side = colour.side as usize;
            let mut sizes = [0; 2];
            let mut enlarged = [false; 2];
            let each = frame.size.iter().zip(colour.factors).zip(frame.most);
            for ((size, enlarged), ((full, factor), most)) in
                sizes.iter_mut().zip(&mut enlarged).zip(each)
            {
                let samples = u64::from(*full) * u64::from(factor * colour.side);
                // No more than the full side.
                *size = samples.div_ceil(u64::from(most * 8)) as usize;
                *enlarged = most * eighths > factor * colour.side;
            }
            let [across, _] = colour.blocks.map(|blocks| blocks as usize);
            let strip = || Strip {
                of: None,
                samples: vec![0; across * side * side],
            };
            Plane {
                side,
                stride: across * side,
                size: sizes,
                enlarged,
                smooth: eighths > 1,
                strips: std::iter::repeat_with(strip).take(strips(colour)).collect(),
                sums: Vec::new(),
                line: Vec::new(),
            }
        });
        Self {
            width,
            height,
            rows: match model {
                Model::Inks | Model::InkDifferences => Rows::Inks { complement },
                _ => Rows::Rgb,
            },
            model,
            planes: planes.collect(),
        }
    }

    /// Row `y`, whose samples must be there; `row` has the width times the channels of `rows`.
    pub(in crate::decode) fn row(&mut self, y: usize, row: &mut [u8]) {
        for plane in &mut self.planes {
            plane.enlarge(y);
        }
        let lines: Vec<&[u8]> = self
            .planes
            .iter()
            .map(|plane| plane.line.as_slice())
            .collect();
        match (self.model, lines.as_slice()) {
            (Model::Gray, [gray, ..]) => {
                let pixels = row.as_chunks_mut::<3>().0.iter_mut();
                pixels.zip(*gray).for_each(|(to, gray)| *to = [*gray; 3]);
            }
            (Model::Rgb, [red, green, blue, ..]) => {
                let pixels = row.as_chunks_mut::<3>().0.iter_mut();
                for (((to, red), green), blue) in pixels.zip(*red).zip(*green).zip(*blue) {
                    *to = [*red, *green, *blue];
                }
            }
            (Model::Differences, [light, blue, red, ..]) => {
                let pixels = row.as_chunks_mut::<3>().0.iter_mut();
                for (((to, light), blue), red) in pixels.zip(*light).zip(*blue).zip(*red) {
                    *to = colours(*light, *blue, *red);
                }
            }
            (Model::Inks, [cyan, magenta, yellow, black]) => {
                let pixels = row.as_chunks_mut::<4>().0.iter_mut();
                let inks = cyan.iter().zip(*magenta).zip(*yellow).zip(*black);
                for (to, (((cyan, magenta), yellow), black)) in pixels.zip(inks) {
                    *to = [*cyan, *magenta, *yellow, *black];
                }
            }
            (Model::InkDifferences, [light, blue, red, black]) => {
                let pixels = row.as_chunks_mut::<4>().0.iter_mut();
                let inks = light.iter().zip(*blue).zip(*red).zip(*black);
                for (to, (((light, blue), red), black)) in pixels.zip(inks) {
                    let [r, g, b] = colours(*light, *blue, *red).map(|colour| 255 - colour);
                    *to = [r, g, b, *black];
                }
            }
            _ => {}
        }
    }
}

/// JFIF's, in 65,536ths.
#[inline(always)]
fn colours(light: u8, blue: u8, red: u8) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (light, blue, red) = (
        i32::from(light),
        i32::from(blue) - 128,
        i32::from(red) - 128,
    );
    let parts = [
        light + ((91_881 * red + HALF) >> 16),
        light + ((HALF - 22_554 * blue - 46_802 * red) >> 16),
        light + ((116_130 * blue + HALF) >> 16),
    ];
    parts.map(|part| part.clamp(0, 255) as u8)
}

/// The samples of one row of blocks.
struct Strip {
    of: Option<usize>,
    samples: Vec<u8>,
}

pub(in crate::decode) struct Plane {
    side: usize,
    /// Samples of a row that the file has.
    pub(in crate::decode) stride: usize,
    /// Samples that belong to the picture, across and down.
    size: [usize; 2],
    /// Twice, across and down.
    enlarged: [bool; 2],
    /// Enlarged by blending neighbours.
    smooth: bool,
    /// Rows of blocks, one below the other: a blend reaches into two.
    strips: Vec<Strip>,
    sums: Vec<u16>,
    line: Vec<u8>,
}

impl Plane {
    /// The rows of samples that the picture's row `y` is made of: the nearest, and one to blend it with.
    fn near(&self, y: usize) -> [usize; 2] {
        let [width, height] = self.size;
        let last = height.saturating_sub(1);
        let [_, higher] = self.enlarged;
        let near = if higher { y / 2 } else { y }.min(last);
        match (higher && self.blends(width), y % 2) {
            (false, _) => [near, near],
            (true, 0) => [near, near.saturating_sub(1)],
            (true, _) => [near, (near + 1).min(last)],
        }
    }

    /// Two samples are too few for libjpeg to blend, unless only rows are.
    fn blends(&self, width: usize) -> bool {
        let [wider, _] = self.enlarged;
        self.smooth && (width > 2 || !wider)
    }

    /// The rows of blocks that the picture's row `y` needs: the upper first.
    pub(in crate::decode) fn wanted(&self, y: usize) -> [usize; 2] {
        let [near, beside] = self.near(y);
        [near.min(beside) / self.side, near.max(beside) / self.side]
    }

    /// Room for the samples of a row of blocks, unless they are there; it takes that of an older one.
    pub(in crate::decode) fn fresh(&mut self, of: usize) -> Option<&mut [u8]> {
        let strips = self.strips.len().max(1);
        let strip = self.strips.get_mut(of % strips)?;
        if strip.of == Some(of) {
            return None;
        }
        strip.of = Some(of);
        Some(&mut strip.samples)
    }

    /// The same room, while samples come into it group by group.
    pub(in crate::decode) fn more(&mut self, of: usize) -> &mut [u8] {
        let strips = self.strips.len().max(1);
        let strip = self.strips.get_mut(of % strips);
        strip.map_or(&mut [], |strip| {
            strip.of = Some(of);
            &mut strip.samples
        })
    }

    fn samples(&self, row: usize) -> &[u8] {
        let strip = self.strips.get(row / self.side % self.strips.len().max(1));
        let from = row % self.side * self.stride;
        let [width, _] = self.size;
        let samples = strip.and_then(|strip| strip.samples.get(from..from + width));
        samples.unwrap_or_default()
    }

    /// Makes `line` the picture's row `y`.
    fn enlarge(&mut self, y: usize) {
        let [wider, higher] = self.enlarged;
        let smooth = self.blends(self.size[0]);
        let [near, beside] = self.near(y);
        let mut line = std::mem::take(&mut self.line);
        let mut sums = std::mem::take(&mut self.sums);
        line.clear();
        let samples = self.samples(near);
        match (wider, higher) {
            (false, true) if smooth => {
                let bias = if y.is_multiple_of(2) { 1 } else { 2 };
                let pairs = samples.iter().zip(self.samples(beside));
                line.extend(pairs.map(|(near, far)| {
                    ((u16::from(*near) * 3 + u16::from(*far) + bias) >> 2) as u8
                }));
            }
            (true, false) if smooth => {
                sums.clear();
                sums.extend(samples.iter().map(|sample| u16::from(*sample)));
                blend::<2>(&sums, [1, 2], &mut line);
            }
            (true, true) if smooth => {
                sums.clear();
                let pairs = samples.iter().zip(self.samples(beside));
                sums.extend(pairs.map(|(near, far)| u16::from(*near) * 3 + u16::from(*far)));
                blend::<4>(&sums, [8, 7], &mut line);
            }
            (true, _) => line.extend(samples.iter().flat_map(|sample| [*sample; 2])),
            (false, _) => line.extend_from_slice(samples),
        }
        (self.line, self.sums) = (line, sums);
    }
}

/// Twice as many: each three quarters of its own and one of its neighbour, `SHIFT` bits less.
fn blend<const SHIFT: u16>(sums: &[u16], [left, right]: [u16; 2], line: &mut Vec<u8>) {
    let pair = |before: u16, own: u16, after: u16| {
        [
            ((own * 3 + before + left) >> SHIFT) as u8,
            ((own * 3 + after + right) >> SHIFT) as u8,
        ]
    };
    let (Some(first), Some(last)) = (sums.first(), sums.last()) else {
        return;
    };
    let own = |at: usize| sums.get(at).copied().unwrap_or(*last);
    line.extend(pair(*first, *first, own(1)));
    line.extend(
        sums.array_windows::<3>()
            .flat_map(|[before, own, after]| pair(*before, *own, *after)),
    );
    if let [.., before, last] = sums {
        line.extend(pair(*before, *last, *last));
    }
}
