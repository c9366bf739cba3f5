//! What the reporter covers: a face, a number plate, a house number.
//!
//! The covered pixels are made black in the rows of the file, before anything is made of them: what
//! is shrunk, encoded or shown in a list has never seen them. A file's coding carries a pixel beyond
//! its place, to the edge of the group in which it was coded and, where colours are coarser, a little
//! further; so as much is covered. Then the black is widened in the small picture to the blocks in
//! which that will be coded, past the ripples that its edge left around it.

use std::ops::Range;

use crate::error::PhotoError;
use crate::orientation::Orientation;

/// More than anybody draws by hand.
pub(crate) const MAX_REGIONS: usize = 64;
/// How far the ripples of shrinking go, in pixels of the result: the three lobes of Lanczos.
const RIPPLES: u32 = 3;
/// Colours at half the resolution: the result is coded in groups of so many pixels.
const BLOCKS: u32 = 16;

/// A rectangle of the upright picture that is to be covered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Region {
    /// All four as parts of the upright picture's width and height, from 0 to 1. What reaches beyond
    /// the picture is cut off; a rectangle of which nothing lies in the picture is refused, because
    /// somebody meant to cover something.
    pub fn new(left: f64, top: f64, width: f64, height: f64) -> Result<Self, PhotoError> {
        let sound = [left, top, width, height]
            .iter()
            .all(|number| number.is_finite())
            && width > 0.0
            && height > 0.0;
        let within = |at: f64| at.clamp(0.0, 1.0);
        let region = Self {
            left: within(left),
            top: within(top),
            right: within(left + width),
            bottom: within(top + height),
        };
        if !sound || region.left >= region.right || region.top >= region.bottom {
            return Err(PhotoError::RegionOutside);
        }
        Ok(region)
    }

    /// Left, top, right and bottom of what lies in the picture, as parts of the upright picture from 0
    /// to 1. So much is covered at least.
    pub fn edges(&self) -> [f64; 4] {
        [self.left, self.top, self.right, self.bottom]
    }

    /// Where it lies among the stored rows: across and down, as parts.
    fn stored(&self, orientation: Orientation) -> [Range<f64>; 2] {
        use Orientation as O;
        let (across, down) = (self.left..self.right, self.top..self.bottom);
        let back = |range: Range<f64>| 1.0 - range.end..1.0 - range.start;
        match orientation {
            O::Upright => [across, down],
            O::FlipAcross => [back(across), down],
            O::HalfTurn => [back(across), back(down)],
            O::FlipDown => [across, back(down)],
            O::Transpose => [down, across],
            O::QuarterTurnRight => [down, back(across)],
            O::Transverse => [back(down), back(across)],
            O::QuarterTurnLeft => [back(down), across],
        }
    }
}

/// Where pixels lie, across and down.
pub(crate) type Rect = [Range<u32>; 2];

/// How a file's rows come: see [`Cover::new`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grain {
    /// Stored pixels, across and down.
    pub(crate) full: [u32; 2],
    /// Pixels that are coded together, across and down.
    pub(crate) group: [u32; 2],
    /// The rows have so many eighths of the stored pixels.
    pub(crate) eighths: u32,
}

/// The regions of one picture, in the pixels of its rows as they are decoded.
#[derive(Debug, Default)]
pub(crate) struct Cover {
    rects: Vec<Rect>,
}

impl Cover {
    pub(crate) fn new(regions: &[Region], orientation: Orientation, grain: Grain) -> Self {
        let rects = regions.iter().map(|region| {
            let [across, down] = region.stored(orientation);
            let [width, height] = grain.full;
            let [wide, high] = grain.group;
            [
                decoded(across, width, wide, grain.eighths),
                decoded(down, height, high, grain.eighths),
            ]
        });
        Self {
            rects: rects.collect(),
        }
    }

    /// The covered pixels of row `y`.
    pub(crate) fn spans(&self, y: u32) -> impl Iterator<Item = Range<usize>> {
        self.rects
            .iter()
            .filter(move |[_, down]| down.contains(&y))
            .map(|[across, _]| across.start as usize..across.end as usize)
    }

    /// In the result, whose stored sides measure `to` of the rows' `from`, upright.
    pub(crate) fn in_result(
        &self,
        from: [u32; 2],
        to: [u32; 2],
        orientation: Orientation,
    ) -> Vec<Rect> {
        let ([from_width, from_height], [width, height]) = (from, to);
        let upright = |[across, down]: &Rect| {
            let (across, down) = (
                scaled(across, from_width, width),
                scaled(down, from_height, height),
            );
            let corner = |x: u32, y: u32| orientation.upright(x, y, width, height);
            let (one, other) = (
                corner(across.start, down.start),
                corner(across.end.saturating_sub(1), down.end.saturating_sub(1)),
            );
            let range = |a: u32, b: u32| a.min(b)..a.max(b) + 1;
            [range(one.0, other.0), range(one.1, other.1)]
        };
        self.rects.iter().map(upright).collect()
    }
}

/// From parts of a side to the decoded pixels that anything of it reaches.
fn decoded(part: Range<f64>, full: u32, group: u32, eighths: u32) -> Range<u32> {
    // Whole numbers between 0 and the side.
    let first = (part.start * f64::from(full) - 1e-6).floor().max(0.0) as u32;
    let past = (part.end * f64::from(full) + 1e-6)
        .ceil()
        .min(f64::from(full)) as u32;
    let group = group.max(1);
    let (first, past) = (
        first / group * group,
        u64::from(past.div_ceil(group)) * u64::from(group),
    );
    // Coarse colours are smoothed into the neighbour: at most one of them, which is so many pixels.
    let smoothed = group / 8 + 1;
    let side = scale_up(u64::from(full), eighths);
    let first = u64::from(first) * u64::from(eighths) / 8;
    let past = scale_up(past, eighths).saturating_add(smoothed).min(side);
    u32::try_from(first).unwrap_or(0).saturating_sub(smoothed)..past
}

fn scale_up(pixels: u64, eighths: u32) -> u32 {
    u32::try_from((pixels * u64::from(eighths)).div_ceil(8)).unwrap_or(u32::MAX)
}

/// The pixels of the smaller side that the range reaches, its ripples included.
pub(crate) fn scaled(range: &Range<u32>, from: u32, to: u32) -> Range<u32> {
    let (from, to) = (u64::from(from.max(1)), u64::from(to));
    let first = u64::from(range.start) * to / from;
    let past = (u64::from(range.end) * to).div_ceil(from) + u64::from(RIPPLES);
    let (first, past) = (first.saturating_sub(u64::from(RIPPLES)), past.min(to));
    // Both are at most `to`.
    u32::try_from(first).unwrap_or(0)..u32::try_from(past).unwrap_or(u32::MAX)
}

/// To the edges of the blocks in which the result is coded.
pub(crate) fn whole_blocks(range: &Range<u32>, side: u32) -> Range<u32> {
    let past = range.end.div_ceil(BLOCKS).saturating_mul(BLOCKS).min(side);
    range.start / BLOCKS * BLOCKS..past
}

#[cfg(test)]
pub(crate) mod tests;
