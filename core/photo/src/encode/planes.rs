//! Brightness and the two colours as the encoder takes them: brightness whole, colours at half the
//! resolution, each filled up to whole blocks by its last row and column.

use crate::canvas::Canvas;
use crate::error::PhotoError;

/// Samples along one side of a block.
pub(super) const SIDE: usize = 8;

pub(super) struct Plane {
    /// Blocks that the picture reaches into.
    pub(super) wide: usize,
    pub(super) high: usize,
    /// Samples a row, whole blocks, and for brightness whole pairs of blocks.
    stride: usize,
    samples: Vec<u8>,
}

/// One block's samples, row by row.
pub(super) type Samples = [[u8; SIDE]; SIDE];

impl Plane {
    fn new(width: usize, height: usize, multiple: usize) -> Result<Self, PhotoError> {
        let stride = width.next_multiple_of(multiple);
        let count = stride * height.next_multiple_of(multiple);
        let mut samples = Vec::new();
        samples
            .try_reserve_exact(count)
            .map_err(|_| PhotoError::OutOfMemory)?;
        Ok(Self {
            wide: width.div_ceil(SIDE),
            high: height.div_ceil(SIDE),
            stride,
            samples,
        })
    }

    /// Takes the next row and repeats its last sample to the end.
    fn push(&mut self, row: impl Iterator<Item = u8>) {
        let end = self.samples.len() + self.stride;
        self.samples.extend(row);
        let last = self.samples.last().copied().unwrap_or_default();
        self.samples.resize(end, last);
    }

    /// Repeats the last row down to the last whole block.
    fn fill(&mut self, rows: usize) {
        while self.samples.len() < rows * self.stride {
            let last = self.samples.len().saturating_sub(self.stride);
            self.samples.extend_from_within(last..);
        }
    }

    fn row(&self, y: usize) -> &[u8] {
        let from = y * self.stride;
        self.samples
            .get(from..from + self.stride)
            .unwrap_or_default()
    }

    /// The rows of samples of one row of blocks.
    pub(super) fn strip(&self, row: usize) -> Strip<'_> {
        let from = row * SIDE * self.stride;
        let to = from + SIDE * self.stride;
        Strip {
            rows: self.samples.get(from..to).unwrap_or_default(),
            stride: self.stride.max(1),
        }
    }
}

pub(super) struct Strip<'a> {
    rows: &'a [u8],
    stride: usize,
}

impl Strip<'_> {
    pub(super) fn block(&self, index: usize) -> Samples {
        let mut block = [[0; SIDE]; SIDE];
        for (to, row) in block.iter_mut().zip(self.rows.chunks_exact(self.stride)) {
            if let Some(from) = row.get(index * SIDE..).and_then(|rest| rest.first_chunk()) {
                *to = *from;
            }
        }
        block
    }
}

/// Y, Cb, Cr (JFIF). Brightness takes the place of the pixels that it was made of: beside them it
/// would be the most that is held at any time.
pub(super) fn of(canvas: Canvas) -> Result<[Plane; 3], PhotoError> {
    let (width, height) = (canvas.width() as usize, canvas.height() as usize);
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let mut blue = Plane::new(half_width, half_height, SIDE)?;
    let mut red = Plane::new(half_width, half_height, SIDE)?;
    let stride = width.next_multiple_of(2 * SIDE);
    let mut bytes = canvas.into_bytes();
    // A row of brightness is shorter than one of pixels; where it is not, it gets room before them.
    let narrow = if stride > 3 * width {
        stride * height.next_multiple_of(2)
    } else {
        0
    };
    bytes.splice(..0, std::iter::repeat_n(0, narrow));

    let mut pixels: [Vec<[u8; 3]>; 2] = [Vec::new(), Vec::new()];
    let mut sums: Vec<[i32; 3]> = Vec::with_capacity(half_width);
    for row in (0..height).step_by(2) {
        // A last odd row or column counts twice.
        for (down, pixels) in pixels.iter_mut().enumerate() {
            let from = narrow + (row + down).min(height - 1) * width * 3;
            let row = bytes.get(from..from + width * 3).unwrap_or_default();
            pixels.clear();
            pixels.extend(row.as_chunks::<3>().0);
        }
        for (down, pixels) in pixels.iter().enumerate() {
            let from = (row + down) * stride;
            // What is written lies before all pixels that are still to be read.
            let Some(row) = bytes.get_mut(from..from + stride) else {
                continue;
            };
            for (to, pixel) in row.iter_mut().zip(pixels) {
                *to = brightness(pixel);
            }
            let last = pixels.last().map_or(0, brightness);
            row.get_mut(width..).unwrap_or_default().fill(last);
        }
        let [upper, lower] = &pixels;
        sums.clear();
        let pairs = upper.chunks(2).zip(lower.chunks(2));
        sums.extend(pairs.map(|(above, below)| sum_of_four(above, below)));
        blue.push(
            sums.iter()
                .map(|[r, g, b]| chroma(-11_059 * r - 21_709 * g + 32_768 * b)),
        );
        red.push(
            sums.iter()
                .map(|[r, g, b]| chroma(32_768 * r - 27_439 * g - 5_329 * b)),
        );
    }
    bytes.truncate(stride * height);
    let whole = stride * height.next_multiple_of(2 * SIDE);
    bytes.shrink_to(whole);
    bytes
        .try_reserve_exact(whole.saturating_sub(bytes.len()))
        .map_err(|_| PhotoError::OutOfMemory)?;
    let mut light = Plane {
        wide: width.div_ceil(SIDE),
        high: height.div_ceil(SIDE),
        stride,
        samples: bytes,
    };
    light.fill(height.next_multiple_of(2 * SIDE));
    blue.fill(half_height.next_multiple_of(SIDE));
    red.fill(half_height.next_multiple_of(SIDE));
    Ok([light, blue, red])
}

/// The pixels of row `y` again, as a decoder sees them before any loss but that of the colours.
pub(super) fn pixels<'a>(
    [light, blue, red]: &'a [Plane; 3],
    y: usize,
    width: usize,
) -> impl Iterator<Item = [u8; 3]> + 'a {
    let twice = |plane: &'a Plane| plane.row(y / 2).iter().flat_map(|sample| [sample, sample]);
    let row = light.row(y).iter().zip(twice(blue)).zip(twice(red));
    row.take(width).map(|((light, blue), red)| {
        let (light, blue, red) = (
            i32::from(*light) << 16,
            i32::from(*blue) - 128,
            i32::from(*red) - 128,
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

fn brightness([red, green, blue]: &[u8; 3]) -> u8 {
    let sum = 19_595 * u32::from(*red) + 38_470 * u32::from(*green) + 7_471 * u32::from(*blue);
    // At most 255: the three weights make 65,536.
    ((sum + 32_768) >> 16) as u8
}

fn sum_of_four(above: &[[u8; 3]], below: &[[u8; 3]]) -> [i32; 3] {
    let two = |row: &[[u8; 3]]| -> [i32; 3] {
        let (left, right) = match row {
            [left, right, ..] => (*left, *right),
            [only] => (*only, *only),
            [] => ([0; 3], [0; 3]),
        };
        let [r, g, b] = left.map(i32::from);
        let [s, h, c] = right.map(i32::from);
        [r + s, g + h, b + c]
    };
    let ([r, g, b], [s, h, c]) = (two(above), two(below));
    [r + s, g + h, b + c]
}

/// From a sum over four pixels, weighted in 65,536ths, to a sample around 128.
fn chroma(sum: i32) -> u8 {
    // Between 0 and 255 by the clamp.
    (((sum + (1 << 17)) >> 18) + 128).clamp(0, 255) as u8
}
