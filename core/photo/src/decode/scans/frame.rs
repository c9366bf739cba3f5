//! What the frame header says, and what follows from it: how many blocks each colour has, at which
//! size its samples are wanted, and what must be kept for that.

use super::Failure;
use super::levels::{self, Depth};
use crate::jpeg::Trouble;

/// libjpeg's own limit on the blocks that are coded together.
const MAX_BLOCKS_TOGETHER: u32 = 10;
/// Other factors are left to the library: no camera writes them, FFmpeg writes four (4:1:1).
const MAX_FACTOR: u8 = 2;

/// One colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decode) struct Colour {
    pub(in crate::decode) name: u8,
    /// Sampling factors across and down.
    pub(in crate::decode) factors: [u32; 2],
    /// Number of its table of steps.
    pub(in crate::decode) table: u8,
    /// Blocks across and down that the picture reaches into.
    pub(in crate::decode) blocks: [u32; 2],
    /// Samples along one side of a block, of the eight that the file tells: 1, 2, 4 or 8.
    pub(in crate::decode) side: u32,
}

impl Colour {
    pub(in crate::decode) fn count(&self) -> usize {
        let [across, down] = self.blocks;
        across as usize * down as usize
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::decode) struct Frame {
    pub(in crate::decode) size: [u32; 2],
    pub(in crate::decode) progressive: bool,
    pub(in crate::decode) colours: Vec<Colour>,
    /// The largest factors.
    pub(in crate::decode) most: [u32; 2],
    /// Samples along one side of a block of the finest colour.
    pub(in crate::decode) eighths: u32,
}

impl Frame {
    /// From the content of a SOF segment that the probe has accepted, to be seen at `eighths`.
    pub(in crate::decode) fn parse(
        segment: &[u8],
        progressive: bool,
        eighths: u32,
    ) -> Result<Self, Failure> {
        const DAMAGED: Failure = Failure::Trouble(Trouble::Damaged);
        let ([precision, h1, h2, w1, w2, count], colours) =
            segment.split_first_chunk::<6>().ok_or(DAMAGED)?;
        let (colours, rest) = colours.as_chunks::<3>();
        if !rest.is_empty() || colours.len() != usize::from(*count) {
            return Err(DAMAGED);
        }
        if *precision != 8 {
            return Err(Failure::Trouble(Trouble::Unsupported));
        }
        let names: Vec<u8> = colours.iter().map(|[name, ..]| *name).collect();
        let twice = names
            .iter()
            .enumerate()
            .any(|(at, name)| names.iter().skip(at + 1).any(|other| other == name));
        let factors: Vec<(u8, u8)> = colours
            .iter()
            .map(|[_, factors, _]| (factors >> 4, factors & 15))
            .collect();
        if twice || !takes(&factors) {
            return Err(Failure::Unusual);
        }
        let size = [
            u16::from_be_bytes([*w1, *w2]).into(),
            u16::from_be_bytes([*h1, *h2]).into(),
        ];
        if size.contains(&0) {
            return Err(DAMAGED);
        }
        let shapes = shapes(size, &factors, eighths);
        let named = shapes
            .zip(colours)
            .map(|(colour, [name, _, table])| Colour {
                name: *name,
                table: *table,
                ..colour
            });
        Ok(Self {
            size,
            progressive,
            colours: named.collect(),
            most: most(&factors),
            eighths,
        })
    }

    /// Groups of blocks that are coded together, across and down.
    pub(in crate::decode) fn groups(&self) -> [u32; 2] {
        let ([width, height], [across, down]) = (self.size, self.most);
        [width.div_ceil(8 * across), height.div_ceil(8 * down)]
    }

    /// Whether the blocks of these colours may be coded together.
    pub(in crate::decode) fn may_join(&self, colours: &[usize]) -> bool {
        let blocks: u32 = colours
            .iter()
            .filter_map(|index| self.colours.get(*index))
            .map(|colour| colour.factors.iter().product::<u32>())
            .sum();
        colours.len() == 1 || blocks <= MAX_BLOCKS_TOGETHER
    }
}

/// Whether files of these sampling factors are decoded here.
pub(in crate::decode) fn takes(factors: &[(u8, u8)]) -> bool {
    let sound = |factor: &u8| (1..=MAX_FACTOR).contains(factor);
    matches!(factors.len(), 1 | 3 | 4) && factors.iter().all(|(h, v)| sound(h) && sound(v))
}

/// Bytes that the levels of a file of these factors take when it is seen at `eighths`.
pub(in crate::decode) fn cost(
    size: [u32; 2],
    factors: &[(u8, u8)],
    eighths: u8,
    depth: Depth,
) -> u64 {
    shapes(size, factors, eighths.into())
        .map(|colour| levels::cost(colour.count() as u64, colour.side, depth))
        .sum()
}

fn most(factors: &[(u8, u8)]) -> [u32; 2] {
    let largest = |of: fn(&(u8, u8)) -> u8| factors.iter().map(of).max().unwrap_or(1).into();
    [largest(|(h, _)| *h), largest(|(_, v)| *v)]
}

fn shapes(
    [width, height]: [u32; 2],
    factors: &[(u8, u8)],
    eighths: u32,
) -> impl Iterator<Item = Colour> {
    let most = most(factors);
    let [most_across, most_down] = most;
    factors.iter().map(move |(h, v)| {
        let factors = [u32::from(*h).max(1), u32::from(*v).max(1)];
        let [across, down] = factors;
        Colour {
            name: 0,
            table: 0,
            factors,
            blocks: [
                (width * across).div_ceil(8 * most_across),
                (height * down).div_ceil(8 * most_down),
            ],
            side: side(factors, most, eighths),
        }
    })
}

/// A coarser colour is seen larger rather than enlarged afterwards, as libjpeg does it.
fn side(factors: [u32; 2], most: [u32; 2], eighths: u32) -> u32 {
    let mut side = eighths;
    let doubles = |side: u32| {
        let both = factors.iter().zip(most);
        both.into_iter()
            .all(|(factor, most)| (most * eighths).is_multiple_of(factor * side * 2))
    };
    while side < 8 && doubles(side) {
        side *= 2;
    }
    side
}

/// How the numbers of a pixel are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decode) enum Model {
    Gray,
    /// Brightness and two differences.
    Differences,
    Rgb,
    Inks,
    /// Three inks as brightness and differences, and the black one.
    InkDifferences,
}

/// What stands before the first scan and tells the model.
#[derive(Debug, Default)]
pub(in crate::decode) struct Signs {
    pub(in crate::decode) jfif: bool,
    /// Adobe's own number for the model.
    pub(in crate::decode) adobe: Option<u8>,
}

impl Signs {
    pub(in crate::decode) fn jfif(&mut self, segment: &[u8]) {
        self.jfif |= segment.len() >= 14 && segment.starts_with(b"JFIF\0");
    }

    pub(in crate::decode) fn adobe(&mut self, segment: &[u8]) {
        if segment.starts_with(b"Adobe")
            && let Some(transform) = segment.get(11)
        {
            self.adobe = Some(*transform);
        }
    }

    /// As libjpeg decides it.
    pub(in crate::decode) fn model(&self, frame: &Frame) -> Model {
        let names: Vec<u8> = frame.colours.iter().map(|colour| colour.name).collect();
        match (frame.colours.len(), self.adobe) {
            (1, _) => Model::Gray,
            (3, _) if self.jfif => Model::Differences,
            (3, Some(0)) => Model::Rgb,
            (3, None) if names == *b"RGB" => Model::Rgb,
            (3, _) => Model::Differences,
            (_, None | Some(0)) => Model::Inks,
            _ => Model::InkDifferences,
        }
    }
}
