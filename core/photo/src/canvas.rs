//! The small upright picture, 8-bit sRGB: the only whole picture that is ever held.

use crate::cover::{Rect, whole_blocks};
use crate::error::PhotoError;
use crate::orientation::Orientation;

#[cfg_attr(any(test, feature = "fuzz"), derive(Clone))]
pub(crate) struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 3]>,
    covered: Vec<Rect>,
}

impl Canvas {
    pub(crate) fn new(width: u32, height: u32) -> Result<Self, PhotoError> {
        let count = width as usize * height as usize;
        let mut pixels = Vec::new();
        pixels
            .try_reserve_exact(count)
            .map_err(|_| PhotoError::OutOfMemory)?;
        pixels.resize(count, [255; 3]);
        Ok(Self {
            width,
            height,
            pixels,
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
            for row in self.pixels.chunks_exact_mut(width).skip(first).take(count) {
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

    /// Three a pixel, row by row.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.pixels.into_flattened()
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[[u8; 3]]> {
        self.pixels.chunks_exact((self.width as usize).max(1))
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
            let column = self
                .pixels
                .chunks_exact_mut(width)
                .filter_map(|row| row.get_mut(x));
            match orientation {
                O::Transpose | O::QuarterTurnRight => copy(column, row.iter()),
                _ => copy(column, row.iter().rev()),
            }
        } else {
            let y = match orientation {
                O::Upright | O::FlipAcross => y,
                _ => far(self.height),
            };
            let Some(to) = self.pixels.get_mut(y * width..(y + 1) * width) else {
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
