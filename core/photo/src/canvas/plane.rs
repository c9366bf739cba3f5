//! Samples of one kind, as the encoder takes them: filled up to whole blocks by the last row and column.

use std::ops::Range;

use crate::error::PhotoError;

/// Samples along one side of a block.
pub(crate) const SIDE: usize = 8;

#[cfg_attr(any(test, feature = "fuzz"), derive(Clone))]
pub(crate) struct Plane {
    /// Blocks that the picture reaches into.
    pub(crate) wide: usize,
    pub(crate) high: usize,
    /// Samples that the picture has, across and down.
    size: [usize; 2],
    /// Samples a row, whole blocks, and for brightness whole pairs of blocks.
    stride: usize,
    samples: Vec<u8>,
}

/// One block's samples, row by row.
pub(crate) type Samples = [[u8; SIDE]; SIDE];

impl Plane {
    pub(super) fn new([width, height]: [usize; 2], multiple: usize) -> Result<Self, PhotoError> {
        let stride = width.next_multiple_of(multiple);
        let count = stride * height.next_multiple_of(multiple);
        let mut samples = Vec::new();
        samples
            .try_reserve_exact(count)
            .map_err(|_| PhotoError::OutOfMemory)?;
        samples.resize(count, 0);
        Ok(Self {
            wide: width.div_ceil(SIDE),
            high: height.div_ceil(SIDE),
            size: [width, height],
            stride,
            samples,
        })
    }

    pub(super) fn set_row(&mut self, y: usize, row: &[u8]) {
        let from = y * self.stride;
        let to = self.samples.get_mut(from..from + row.len());
        if let Some(to) = to {
            to.copy_from_slice(row);
        }
    }

    /// The columns `x` and, where there are any samples of it, the next one.
    pub(super) fn set_columns(&mut self, x: usize, first: &[u8], second: &[u8]) {
        let rows = self.samples.chunks_exact_mut(self.stride.max(1));
        if second.is_empty() {
            for (row, sample) in rows.zip(first) {
                if let Some(to) = row.get_mut(x) {
                    *to = *sample;
                }
            }
            return;
        }
        for (row, (one, other)) in rows.zip(first.iter().zip(second)) {
            if let Some([to, beside]) = row.get_mut(x..).and_then(<[u8]>::first_chunk_mut) {
                (*to, *beside) = (*one, *other);
            }
        }
    }

    /// Makes all of a rectangle the same.
    pub(super) fn set_all(&mut self, across: Range<usize>, down: Range<usize>, sample: u8) {
        let rows = self.samples.chunks_exact_mut(self.stride.max(1));
        for row in rows.skip(down.start).take(down.len()) {
            let span = row.get_mut(across.clone());
            span.unwrap_or_default().fill(sample);
        }
    }

    /// Repeats the last column and the last row to the end of the blocks.
    pub(super) fn fill_up(&mut self) {
        let [width, height] = self.size;
        let stride = self.stride.max(1);
        if width < stride {
            for row in self.samples.chunks_exact_mut(stride).take(height) {
                let last = row.get(width.saturating_sub(1)).copied();
                let rest = row.get_mut(width..).unwrap_or_default();
                rest.fill(last.unwrap_or_default());
            }
        }
        let rows = self.samples.split_at_mut_checked(height * stride);
        let (rows, below) = rows.unwrap_or_default();
        let last = rows.rchunks_exact(stride).next().unwrap_or_default();
        for row in below.chunks_exact_mut(stride) {
            row.iter_mut().zip(last).for_each(|(to, last)| *to = *last);
        }
    }

    fn row(&self, y: usize) -> &[u8] {
        let from = y * self.stride;
        self.samples
            .get(from..from + self.stride)
            .unwrap_or_default()
    }

    /// The rows of samples of one row of blocks.
    pub(crate) fn strip(&self, row: usize) -> Strip<'_> {
        let from = row * SIDE * self.stride;
        let to = from + SIDE * self.stride;
        Strip {
            rows: self.samples.get(from..to).unwrap_or_default(),
            stride: self.stride.max(1),
        }
    }
}

pub(crate) struct Strip<'a> {
    rows: &'a [u8],
    stride: usize,
}

impl Strip<'_> {
    #[inline(always)]
    pub(crate) fn block(&self, index: usize) -> Samples {
        let mut block = [[0; SIDE]; SIDE];
        for (to, row) in block.iter_mut().zip(self.rows.chunks_exact(self.stride)) {
            if let Some(from) = row.get(index * SIDE..).and_then(|rest| rest.first_chunk()) {
                *to = *from;
            }
        }
        block
    }
}

/// The pixels of row `y` again, as a decoder sees them before any loss but that of the colours.
pub(crate) fn pixels<'a>(
    [light, blue, red]: &'a [Plane; 3],
    y: usize,
    width: usize,
) -> impl Iterator<Item = [u8; 3]> + 'a {
    let twice = |plane: &'a Plane| plane.row(y / 2).iter().flat_map(|sample| [*sample; 2]);
    let row = light.row(y).iter().zip(twice(blue)).zip(twice(red));
    row.take(width).map(|((light, blue), red)| {
        let (light, blue, red) = (
            i32::from(*light) << 16,
            i32::from(blue) - 128,
            i32::from(red) - 128,
        );
        // JFIF's factors in 65,536ths; the clamp makes it a byte.
        let value = |sum: i32| ((light + sum + 32_768) >> 16).clamp(0, 255) as u8;
        [
            value(91_881 * red),
            value(-22_554 * blue - 46_802 * red),
            value(116_130 * blue),
        ]
    })
}
