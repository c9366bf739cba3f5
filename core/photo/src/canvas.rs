//! The small upright picture, 8-bit sRGB: the only whole picture that is ever held.

use crate::cover::{Rect, whole_blocks};
use crate::error::PhotoError;
use crate::orientation::Orientation;

#[cfg_attr(any(test, feature = "fuzz"), derive(Clone))]
pub(crate) struct Canvas {
    width: u32,
    height: u32,
    /// Of [`BAND`] rows each, the last one of what is left.
    bands: Vec<Band>,
    covered: Vec<Rect>,
}

/// Some rows of pixels, one behind the other.
pub(crate) type Band = Vec<[u8; 3]>;
/// So that a picture can be given back band by band while it is coded. Even: rows are coded in pairs.
const BAND: u32 = 32;

impl Canvas {
    pub(crate) fn new(width: u32, height: u32) -> Result<Self, PhotoError> {
        let mut bands = Vec::new();
        for first in (0..height).step_by(BAND as usize) {
            let count = width as usize * BAND.min(height - first) as usize;
            let mut band = Vec::new();
            band.try_reserve_exact(count)
                .map_err(|_| PhotoError::OutOfMemory)?;
            band.resize(count, [255; 3]);
            bands.push(band);
        }
        Ok(Self {
            width,
            height,
            bands,
            covered: Vec::new(),
        })
    }

    /// Makes the rectangles black, out to the edges of the blocks that they touch.
    pub(crate) fn cover(&mut self, rects: Vec<Rect>) {
        let width = (self.width as usize).max(1);
        for [across, down] in &rects {
            let (across, down) = (
                whole_blocks(across, self.width),
                whole_blocks(down, self.height),
            );
            let (first, count) = (down.start as usize, down.len());
            let rows = self.bands.iter_mut();
            let rows = rows.flat_map(|band| band.chunks_exact_mut(width));
            for row in rows.skip(first).take(count) {
                let span = row.get_mut(across.start as usize..across.end as usize);
                span.unwrap_or_default().fill([0; 3]);
            }
        }
        self.covered = rects;
    }

    /// What was covered, before it was widened to blocks.
    pub(crate) fn covered(&self) -> &[Rect] {
        &self.covered
    }

    pub(crate) fn width(&self) -> u32 {
        self.width
    }

    pub(crate) fn height(&self) -> u32 {
        self.height
    }

    /// From the top down.
    pub(crate) fn into_bands(self) -> Vec<Band> {
        self.bands
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[[u8; 3]]> {
        let width = (self.width as usize).max(1);
        self.bands
            .iter()
            .flat_map(move |band| band.chunks_exact(width))
    }

    /// Puts the stored row `y` where it belongs in the upright picture.
    pub(crate) fn place(&mut self, orientation: Orientation, y: u32, row: &[[u8; 3]]) {
        use Orientation as O;
        let width = (self.width as usize).max(1);
        let y = y as usize;
        let far = |of: u32| (of as usize).saturating_sub(1 + y);
        if orientation.turns() {
            let x = match orientation {
                O::Transpose | O::QuarterTurnLeft => y,
                _ => far(self.width),
            };
            let rows = self.bands.iter_mut();
            let rows = rows.flat_map(|band| band.chunks_exact_mut(width));
            let column = rows.filter_map(|row| row.get_mut(x));
            match orientation {
                O::Transpose | O::QuarterTurnRight => copy(column, row.iter()),
                _ => copy(column, row.iter().rev()),
            }
        } else {
            let y = match orientation {
                O::Upright | O::FlipAcross => y,
                _ => far(self.height),
            };
            let (band, y) = (y / BAND as usize, y % BAND as usize);
            let band = self.bands.get_mut(band).map(Vec::as_mut_slice);
            let band = band.unwrap_or_default();
            let Some(to) = band.get_mut(y * width..(y + 1) * width) else {
                return;
            };
            match orientation {
                O::Upright | O::FlipDown => copy(to.iter_mut(), row.iter()),
                _ => copy(to.iter_mut(), row.iter().rev()),
            }
        }
    }
}

fn copy<'a>(to: impl Iterator<Item = &'a mut [u8; 3]>, from: impl Iterator<Item = &'a [u8; 3]>) {
    to.zip(from).for_each(|(to, from)| *to = *from);
}

#[cfg(test)]
mod tests;
