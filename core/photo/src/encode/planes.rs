//! Brightness and the two colours as the encoder takes them: brightness whole, colours at half the
//! resolution, each filled up to whole blocks by its last row and column.

use super::Pair;
use crate::canvas::{Band, Canvas};
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
    fn new([width, height]: [usize; 2], multiple: usize) -> Result<Self, PhotoError> {
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
    fn push(&mut self, row: impl ExactSizeIterator<Item = u8>) {
        let from = self.samples.len();
        let wide = row.len();
        self.samples.resize(from + self.stride, 0);
        let to = self.samples.get_mut(from..).unwrap_or_default();
        for (to, sample) in to.iter_mut().zip(row) {
            *to = sample;
        }
        let last = to.get(wide.saturating_sub(1)).copied().unwrap_or_default();
        to.get_mut(wide..).unwrap_or_default().fill(last);
    }

    /// Appends the rows below: `rows` together with these, filled up to a `multiple`.
    fn join(&mut self, below: Self, rows: usize, multiple: usize) -> Result<(), PhotoError> {
        let room = rows.next_multiple_of(multiple) * self.stride;
        self.samples
            .try_reserve_exact(room.saturating_sub(self.samples.len()))
            .map_err(|_| PhotoError::OutOfMemory)?;
        self.samples.extend(below.samples);
        self.high = rows.div_ceil(SIDE);
        while self.samples.len() < room {
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

/// Y, Cb, Cr (JFIF). Bands are given back as they are read: beside all of them the planes would be
/// the most that is held at any time.
pub(super) fn of(canvas: Canvas, pair: Pair) -> Result<[Plane; 3], PhotoError> {
    let (width, height) = (canvas.width() as usize, canvas.height() as usize);
    let mut upper = canvas.into_bands();
    let middle = if pair.0 { upper.len() / 2 } else { upper.len() };
    let lower = upper.split_off(middle);
    let part = |bands: Vec<Band>, rows: usize| -> Result<[Plane; 3], PhotoError> {
        let half = [width.div_ceil(2), rows.div_ceil(2)];
        let mut planes = [
            Plane::new([width, rows], 2 * SIDE)?,
            Plane::new(half, SIDE)?,
            Plane::new(half, SIDE)?,
        ];
        for band in bands {
            split(&band, width, &mut planes);
        }
        Ok(planes)
    };
    let rows = |bands: &[Band]| bands.iter().map(Vec::len).sum::<usize>() / width.max(1);
    let lower_rows = rows(&lower);
    // The upper part has room for all from the start.
    let (mine, beside) = pair.both(|| part(upper, height), || part(lower, lower_rows));
    let mut planes = mine?;
    let [light, blue, red] = &mut planes;
    let [lower_light, lower_blue, lower_red] = beside.unwrap_or(Err(PhotoError::OutOfMemory))?;
    light.join(lower_light, height, 2 * SIDE)?;
    blue.join(lower_blue, height.div_ceil(2), SIDE)?;
    red.join(lower_red, height.div_ceil(2), SIDE)?;
    Ok(planes)
}

wide!(fn split(band: &[[u8; 3]], width: usize, planes: &mut [Plane; 3]) = split_pairs);

/// Two rows of pixels become two of brightness and one of each colour.
#[inline(always)]
fn split_pairs(band: &[[u8; 3]], width: usize, [light, blue, red]: &mut [Plane; 3]) {
    let mut sums = vec![[0; 3]; width.div_ceil(2)];
    for rows in band.chunks(2 * width.max(1)) {
        let (upper, lower) = rows.split_at_checked(width).unwrap_or_default();
        light.push(upper.iter().map(brightness));
        // A last odd row or column counts twice.
        let lower = if lower.is_empty() {
            upper
        } else {
            light.push(lower.iter().map(brightness));
            lower
        };
        let ((above, last_above), (below, last_below)) =
            (upper.as_chunks::<2>(), lower.as_chunks::<2>());
        for (sum, (above, below)) in sums.iter_mut().zip(above.iter().zip(below)) {
            *sum = sum_of_four(above, below);
        }
        if let ([above], [below], Some(sum)) = (last_above, last_below, sums.last_mut()) {
            *sum = sum_of_four(&[*above; 2], &[*below; 2]);
        }
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
