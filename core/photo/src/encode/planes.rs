//! Brightness and the two colours as the encoder takes them: brightness whole, colours at half the
//! resolution, each filled up to whole blocks by its last row and column.

use super::Pair;
use crate::canvas::Canvas;
use crate::error::PhotoError;
use crate::wide::wide;

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
    #[inline(always)]
    fn push(&mut self, row: impl Iterator<Item = u8>) {
        let end = self.samples.len() + self.stride;
        self.samples.extend(row);
        let last = self.samples.last().copied().unwrap_or_default();
        self.samples.resize(end, last);
    }

    /// Appends the rows below, `rows` together with these.
    fn join(&mut self, below: Self, rows: usize) -> Result<(), PhotoError> {
        let room = rows.next_multiple_of(SIDE) * self.stride - self.samples.len();
        self.samples
            .try_reserve_exact(room)
            .map_err(|_| PhotoError::OutOfMemory)?;
        self.samples.extend(below.samples);
        self.high = rows.div_ceil(SIDE);
        self.fill(rows.next_multiple_of(SIDE))
    }

    /// Repeats the last row down to the last whole block, and holds no room beyond.
    fn fill(&mut self, rows: usize) -> Result<(), PhotoError> {
        let whole = rows * self.stride;
        self.samples.shrink_to(whole);
        self.samples
            .try_reserve_exact(whole.saturating_sub(self.samples.len()))
            .map_err(|_| PhotoError::OutOfMemory)?;
        while self.samples.len() < whole {
            let last = self.samples.len().saturating_sub(self.stride);
            self.samples.extend_from_within(last..);
        }
        Ok(())
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
    #[inline(always)]
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
pub(super) fn of(canvas: Canvas, pair: Pair) -> Result<[Plane; 3], PhotoError> {
    let (width, height) = (canvas.width() as usize, canvas.height() as usize);
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let stride = width.next_multiple_of(2 * SIDE);
    let mut bytes = canvas.into_bytes();
    if stride > 3 * width {
        widen(&mut bytes, width * 3, stride);
    }
    let pixels = bytes.len() / height.max(1);

    // An upper and a lower part, each in place; then the lower joins the upper.
    let middle = (half_height / 2) * 2;
    let (upper, lower) = bytes.split_at_mut(middle * pixels);
    let part = |part: &mut [u8], rows: usize| -> Result<[Plane; 2], PhotoError> {
        let mut colours = [
            Plane::new(half_width, rows.div_ceil(2), SIDE)?,
            Plane::new(half_width, rows.div_ceil(2), SIDE)?,
        ];
        split(part, pixels, [width, rows], stride, &mut colours);
        Ok(colours)
    };
    let (mine, beside) = pair.both(|| part(upper, middle), || part(lower, height - middle));
    let ([mut blue, mut red], [lower_blue, lower_red]) =
        (mine?, beside.unwrap_or(Err(PhotoError::OutOfMemory))?);
    let from = middle * pixels;
    bytes.copy_within(from..from + (height - middle) * stride, middle * stride);
    bytes.truncate(stride * height);

    for (upper, lower) in [(&mut blue, lower_blue), (&mut red, lower_red)] {
        upper.join(lower, half_height)?;
    }
    let mut light = Plane {
        wide: width.div_ceil(SIDE),
        high: height.div_ceil(SIDE),
        stride,
        samples: bytes,
    };
    light.fill(height.next_multiple_of(2 * SIDE))?;
    Ok([light, blue, red])
}

/// Makes rows of `length` so long that a row of brightness has room in them.
fn widen(bytes: &mut Vec<u8>, length: usize, stride: usize) {
    let mut wider = Vec::with_capacity(bytes.len() / length.max(1) * stride);
    for row in bytes.chunks_exact(length.max(1)) {
        wider.extend(row);
        wider.resize(wider.len() + stride - length, 0);
    }
    *bytes = wider;
}

wide!(fn split(bytes: &mut [u8], length: usize, size: [usize; 2], stride: usize, colours: &mut [Plane; 2]) = split_rows);

/// `rows` rows of pixels, each `length` bytes behind the one before it, become rows of brightness,
/// each `stride` behind the one before it and no longer than those.
#[inline(always)]
fn split_rows(
    bytes: &mut [u8],
    length: usize,
    [width, rows]: [usize; 2],
    stride: usize,
    [blue, red]: &mut [Plane; 2],
) {
    let mut pixels: [Vec<[u8; 3]>; 2] = [Vec::new(), Vec::new()];
    let mut sums: Vec<[i32; 3]> = Vec::with_capacity(width.div_ceil(2));
    for row in (0..rows).step_by(2) {
        // A last odd row or column counts twice.
        for (down, pixels) in pixels.iter_mut().enumerate() {
            let from = (row + down).min(rows - 1) * length;
            let row = bytes.get(from..from + width * 3).unwrap_or_default();
            pixels.clear();
            pixels.extend(row.as_chunks::<3>().0);
        }
        for (down, pixels) in pixels.iter().enumerate().take(rows - row) {
            let from = (row + down) * stride;
            // What is written lies before all pixels that are still to be read.
            let row = bytes.get_mut(from..from + stride).unwrap_or_default();
            for (to, pixel) in row.iter_mut().zip(pixels) {
                *to = brightness(pixel);
            }
            let last = pixels.last().map_or(0, brightness);
            row.get_mut(width..).unwrap_or_default().fill(last);
        }
        let [upper, lower] = &pixels;
        sums.clear();
        let ((upper, upper_last), (lower, lower_last)) =
            (upper.as_chunks::<2>(), lower.as_chunks::<2>());
        let pairs = upper.iter().zip(lower);
        sums.extend(pairs.map(|(above, below)| sum_of_four(above, below)));
        let last = upper_last.iter().zip(lower_last);
        sums.extend(last.map(|(above, below)| sum_of_four(&[*above; 2], &[*below; 2])));
        blue.push(
            sums.iter()
                .map(|[r, g, b]| chroma(-11_059 * r - 21_709 * g + 32_768 * b)),
        );
        red.push(
            sums.iter()
                .map(|[r, g, b]| chroma(32_768 * r - 27_439 * g - 5_329 * b)),
        );
    }
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

#[inline(always)]
fn brightness([red, green, blue]: &[u8; 3]) -> u8 {
    let sum = 19_595 * u32::from(*red) + 38_470 * u32::from(*green) + 7_471 * u32::from(*blue);
    // At most 255: the three weights make 65,536.
    ((sum + 32_768) >> 16) as u8
}

#[inline(always)]
fn sum_of_four(above: &[[u8; 3]; 2], below: &[[u8; 3]; 2]) -> [i32; 3] {
    let two = |[left, right]: &[[u8; 3]; 2]| -> [i32; 3] {
        let [r, g, b] = left.map(i32::from);
        let [s, h, c] = right.map(i32::from);
        [r + s, g + h, b + c]
    };
    let ([r, g, b], [s, h, c]) = (two(above), two(below));
    [r + s, g + h, b + c]
}

/// From a sum over four pixels, weighted in 65,536ths, to a sample around 128.
#[inline(always)]
fn chroma(sum: i32) -> u8 {
    // Between 0 and 255 by the clamp.
    (((sum + (1 << 17)) >> 18) + 128).clamp(0, 255) as u8
}
