//! The small upright picture as it will be coded: brightness whole, colours at half the resolution (Y,
//! Cb, Cr of JFIF). It is the only whole picture that is ever held, and takes half of what its pixels
//! would: two lines of those become samples as soon as both have come.

mod plane;

use crate::cover::{Rect, whole_blocks};
use crate::error::PhotoError;
use crate::orientation::Orientation;
use crate::wide::wide;

pub(crate) use plane::{Plane, SIDE, Samples, Strip, pixels};

/// A colour that is none, and black: what is covered.
const MIDDLE: u8 = 128;
const BLACK: u8 = 0;

#[cfg_attr(any(test, feature = "fuzz"), derive(Clone))]
pub(crate) struct Canvas {
    width: u32,
    height: u32,
    planes: [Plane; 3],
    /// The line whose neighbour is still to come.
    waiting: Option<usize>,
    pair: Pixels,
    samples: Made,
    covered: Vec<Rect>,
}

/// The upper and the lower line of a pair, or the left and the right one.
type Pixels = [Vec<[u8; 3]>; 2];

/// What a pair of lines becomes.
#[derive(Default)]
#[cfg_attr(any(test, feature = "fuzz"), derive(Clone))]
struct Made {
    /// Of each two by two pixels.
    sums: Vec<[i32; 3]>,
    light: [Vec<u8>; 2],
    blue: Vec<u8>,
    red: Vec<u8>,
}

impl Canvas {
    pub(crate) fn new(width: u32, height: u32) -> Result<Self, PhotoError> {
        let size = [width as usize, height as usize];
        let half = size.map(|side| side.div_ceil(2));
        Ok(Self {
            width,
            height,
            planes: [
                Plane::new(size, 2 * SIDE)?,
                Plane::new(half, SIDE)?,
                Plane::new(half, SIDE)?,
            ],
            waiting: None,
            pair: Pixels::default(),
            samples: Made::default(),
            covered: Vec::new(),
        })
    }

    /// Makes the rectangles black, out to the edges of the blocks that they touch; after the last row.
    pub(crate) fn cover(&mut self, rects: Vec<Rect>) {
        let [light, blue, red] = &mut self.planes;
        for [across, down] in &rects {
            let [across, down] =
                [(across, self.width), (down, self.height)].map(|(range, side)| {
                    let blocks = whole_blocks(range, side);
                    blocks.start as usize..blocks.end as usize
                });
            let [half_across, half_down] =
                [&across, &down].map(|range| range.start / 2..range.end.div_ceil(2));
            light.set_all(across, down, BLACK);
            for colour in [&mut *blue, &mut *red] {
                colour.set_all(half_across.clone(), half_down.clone(), MIDDLE);
            }
        }
        self.covered = rects;
    }

    pub(crate) fn width(&self) -> u32 {
        self.width
    }

    pub(crate) fn height(&self) -> u32 {
        self.height
    }

    /// After the last row: the samples, filled up to whole blocks, and what was covered before it was
    /// widened to blocks.
    pub(crate) fn finish(self) -> ([Plane; 3], Vec<Rect>) {
        let mut planes = self.planes;
        planes.iter_mut().for_each(Plane::fill_up);
        (planes, self.covered)
    }

    /// Puts the stored row `y` where it belongs in the upright picture. Rows come from the first to the
    /// last.
    pub(crate) fn place(&mut self, orientation: Orientation, y: u32, row: &[[u8; 3]]) {
        use Orientation as O;
        let turns = orientation.turns();
        let lines = if turns { self.width } else { self.height };
        let line = match orientation {
            O::Upright | O::FlipAcross | O::Transpose | O::QuarterTurnLeft => y,
            _ => lines.saturating_sub(1 + y),
        } as usize;
        let [even, odd] = &mut self.pair;
        let to = if line.is_multiple_of(2) {
            &mut *even
        } else {
            &mut *odd
        };
        to.clear();
        match orientation {
            O::Upright | O::FlipDown | O::Transpose | O::QuarterTurnRight => {
                to.extend_from_slice(row);
            }
            _ => to.extend(row.iter().rev()),
        }
        let beside = line ^ 1;
        if beside >= lines as usize {
            // A last odd line counts twice.
            odd.clone_from(even);
        } else if self.waiting != Some(beside) {
            self.waiting = Some(line);
            return;
        }
        self.waiting = None;
        split(even, odd, &mut self.samples);
        self.keep(turns, line / 2, line.max(beside) < lines as usize);
    }

    /// The samples of pair `at` of the rows, or of the columns, whose second one may lie beyond the last.
    fn keep(&mut self, columns: bool, at: usize, both: bool) {
        let [light, blue, red] = &mut self.planes;
        let Made {
            light: [first, second],
            blue: blues,
            red: reds,
            ..
        } = &self.samples;
        let second: &[u8] = if both { second } else { &[] };
        if columns {
            light.set_columns(2 * at, first, second);
            blue.set_columns(at, blues, &[]);
            red.set_columns(at, reds, &[]);
        } else {
            light.set_row(2 * at, first);
            if both {
                light.set_row(2 * at + 1, second);
            }
            blue.set_row(at, blues);
            red.set_row(at, reds);
        }
    }
}

wide!(fn split(upper: &[[u8; 3]], lower: &[[u8; 3]], made: &mut Made) = split_pair);

/// Two lines of pixels become two of brightness and one of each colour.
#[inline(always)]
fn split_pair(upper: &[[u8; 3]], lower: &[[u8; 3]], made: &mut Made) {
    let Made {
        sums,
        light: [first, second],
        blue,
        red,
    } = made;
    for (light, pixels) in [(first, upper), (second, lower)] {
        light.clear();
        light.extend(pixels.iter().map(brightness));
    }
    sums.clear();
    let ((above, last_above), (below, last_below)) =
        (upper.as_chunks::<2>(), lower.as_chunks::<2>());
    sums.extend(
        above
            .iter()
            .zip(below)
            .map(|(above, below)| sum_of_four(above, below)),
    );
    // A last odd pixel counts twice.
    if let ([above], [below]) = (last_above, last_below) {
        sums.push(sum_of_four(&[*above; 2], &[*below; 2]));
    }
    blue.clear();
    blue.extend(
        sums.iter()
            .map(|[r, g, b]| chroma(-11_059 * r - 21_709 * g + 32_768 * b)),
    );
    red.clear();
    red.extend(
        sums.iter()
            .map(|[r, g, b]| chroma(32_768 * r - 27_439 * g - 5_329 * b)),
    );
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
    (((sum + (1 << 17)) >> 18) + i32::from(MIDDLE)).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests;
