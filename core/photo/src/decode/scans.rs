//! JPEG files of several scans: progressive ones, and those whose colours come one after the other.
//!
//! Nothing of such a file can be shown before its last scan, so all of it must be kept. libjpeg keeps
//! every level (12 megapixels 36 MB, 50 megapixels 149 MB); here only those are kept which the scaled
//! picture can show, most in one byte (11 MB and 21 MB for the same photos, 1600 pixels wanted). Reading them, and making
//! rows of samples of them, is done here without a library and without unsafe code.
//!
//! What hardly anything of today writes (arithmetic codes, codes that a file leaves out, sampling by more
//! than two as of FFmpeg's 4:1:1) is left to the library, whose cost is then asked for again. A file that
//! it refuses is refused here for the same reason, but for damage in scans of which the scaled picture
//! shows nothing: those are passed over unread.
//!
//! A file that was cut is refused. One that lacks its end mark alone is whole, as of one scan: the last
//! block of the last scan has come, and every bit of every level. One that ends with its mark before that
//! is shown as far as it tells, as every program shows it.
//!
//! Two threads read a file together ([`wave`]), to the same picture.

pub(super) mod code;
#[cfg(feature = "fuzz")]
mod door;
pub(super) mod frame;
pub(super) mod input;
pub(super) mod inverse;
pub(super) mod levels;
pub(super) mod pass;
mod picture;
pub(super) mod rows;
mod wave;

use crate::jpeg::{Feed, Trouble};
use code::Codes;
use frame::{Frame, Model, Signs};
use input::Input;
use inverse::Inverse;
use levels::Levels;
use pass::{InOrder, Ready, Scan};

#[cfg(feature = "fuzz")]
pub(crate) use door::against_library;
#[cfg(feature = "fuzz")]
pub(super) use door::{Few, LOUD, MOST};
pub(super) use frame::{cost, takes};
pub(super) use levels::Depth;
pub(super) use picture::Picture;
pub(super) use wave::{Pages, read_by_two};

/// Real files have about ten; a thousand empty ones would cost minutes.
const MAX_SCANS: usize = 100;

/// Why no picture came of a file here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    Trouble(Trouble),
    /// The library should try.
    Unusual,
    /// More large levels than one byte each allows for: see [`Depth::Two`].
    Deeper,
}

type Table = [u16; 64];

/// No scan has told anything of a level.
const UNTOLD: u8 = u8::MAX;

/// What the segments before a scan define.
#[derive(Default)]
pub(super) struct Defined {
    pub(super) tables: [Option<Table>; 4],
    pub(super) codes: Codes,
    /// Groups of blocks between restart markers; 0 for none.
    pub(super) interval: u32,
    pub(super) signs: Signs,
    /// Of a frame header that no scan has used yet.
    pub(super) frame: Option<Frame>,
    frames: usize,
}

/// The picture of a frame, as far as scans have told it.
struct Told {
    frame: Frame,
    model: Model,
    complement: bool,
    levels: Vec<Levels>,
    /// Each colour's steps as they stood when its first scan came.
    steps: Vec<Option<Table>>,
    /// Of each colour's levels, in the file's order, the lowest bit that was told.
    bits: Vec<[u8; 64]>,
    scans: usize,
}

/// Reads a whole file, to be shown at `eighths` (1, 2, 4 or 8) of its size.
pub(super) fn read(feed: &mut dyn Feed, eighths: u8, depth: Depth) -> Result<Picture, Failure> {
    let mut input = Input::new(feed);
    let told = read_from(&mut input, eighths, depth, |told, scan, input| {
        scan.read(&told.frame, &told.levels, &InOrder, input)
    });
    match told {
        Ok(told) => Ok(told.picture()),
        // What is wrong at the end of the file is that the rest of it is missing.
        Err(Failure::Trouble(Trouble::Damaged) | Failure::Unusual) if input.ended => {
            Err(Failure::Trouble(Trouble::Truncated))
        }
        Err(failure) => Err(failure),
    }
}

/// Goes through a file; `pass` comes to the end of a scan, and answers with the marker behind it.
fn read_from<'f>(
    input: &mut Input<'f>,
    eighths: u8,
    depth: Depth,
    mut pass: impl FnMut(&Told, Ready, &mut Input<'f>) -> Result<u8, Failure>,
) -> Result<Told, Failure> {
    const DAMAGED: Failure = Failure::Trouble(Trouble::Damaged);
    start(input)?;
    let mut defined = Defined::default();
    let mut told: Option<Told> = None;
    let mut marker = input.marker()?;
    while let Some(segment) = defined.until_scan(marker, eighths, input)? {
        let told = match (&mut told, defined.frame.take()) {
            (Some(told), _) => told,
            (told, Some(frame)) => told.insert(Told::new(frame, &defined.signs, depth)?),
            (None, None) => return Err(DAMAGED),
        };
        let scan = told.ready(&segment, &defined)?;
        marker = pass(told, scan, input)?;
    }
    match told {
        // One that merely lacks its end mark is whole.
        Some(told) if !input.ended || told.is_whole() => Ok(told),
        Some(_) => Err(Failure::Trouble(Trouble::Truncated)),
        None if input.ended => Err(Failure::Trouble(Trouble::Truncated)),
        None => Err(DAMAGED),
    }
}

/// Passes the mark that every file begins with.
pub(super) fn start(input: &mut Input<'_>) -> Result<(), Failure> {
    match [input.byte()?, input.byte()?] {
        [0xFF, 0xD8] => Ok(()),
        _ => Err(Failure::Trouble(Trouble::Damaged)),
    }
}

impl Defined {
    /// Reads segments, the one of `marker` first, up to the next scan: its header, or none at the end.
    pub(super) fn until_scan(
        &mut self,
        mut marker: u8,
        eighths: u8,
        input: &mut Input<'_>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        const DAMAGED: Failure = Failure::Trouble(Trouble::Damaged);
        loop {
            match marker {
                0xC0..=0xC2 => {
                    self.frames += 1;
                    if self.frames > 1 {
                        return Err(DAMAGED);
                    }
                    let segment = input.segment()?;
                    self.frame = Some(Frame::parse(&segment, marker == 0xC2, eighths.into())?);
                }
                0xC4 => self.codes.take(&input.segment()?)?,
                0xDB => self.take_tables(&input.segment()?)?,
                0xDD => {
                    let [high, low] = *input.segment()? else {
                        return Err(DAMAGED);
                    };
                    self.interval = u16::from_be_bytes([high, low]).into();
                }
                0xE0 => self.signs.jfif(&input.segment()?),
                0xEE => self.signs.adobe(&input.segment()?),
                0xDA => return input.segment().map(Some),
                0xD9 => return Ok(None),
                0x01 | 0xD0..=0xD7 => {}
                0xC3 | 0xC5..=0xC8 | 0xCB | 0xCD..=0xCF => {
                    return Err(Failure::Trouble(Trouble::Unsupported));
                }
                0xC9 | 0xCA | 0xCC => return Err(Failure::Unusual),
                0xDC | 0xE1..=0xED | 0xEF | 0xFE => input.skip_segment()?,
                _ => return Err(DAMAGED),
            }
            marker = input.marker()?;
        }
    }

    fn take_tables(&mut self, mut segment: &[u8]) -> Result<(), Failure> {
        const DAMAGED: Failure = Failure::Trouble(Trouble::Damaged);
        while let Some((place, rest)) = segment.split_first() {
            let size = if place >> 4 == 0 { 1 } else { 2 };
            let (steps, rest) = rest.split_at_checked(64 * size).ok_or(DAMAGED)?;
            let slot = self.tables.get_mut(usize::from(place & 15));
            let table = slot.ok_or(DAMAGED)?.insert([0; 64]);
            for (to, step) in table.iter_mut().zip(steps.chunks_exact(size)) {
                *to = step
                    .iter()
                    .fold(0, |number, byte| number << 8 | u16::from(*byte));
            }
            segment = rest;
        }
        Ok(())
    }
}

impl Told {
    fn new(frame: Frame, signs: &Signs, depth: Depth) -> Result<Self, Failure> {
        let levels = frame
            .colours
            .iter()
            .map(|colour| Levels::new(colour, depth));
        Ok(Self {
            model: signs.model(&frame),
            complement: signs.adobe.is_some(),
            levels: levels.collect::<Result<_, _>>()?,
            steps: vec![None; frame.colours.len()],
            bits: vec![[UNTOLD; 64]; frame.colours.len()],
            scans: 0,
            frame,
        })
    }

    /// The next scan of the file, ready to be read.
    fn ready(&mut self, segment: &[u8], defined: &Defined) -> Result<Ready, Failure> {
        self.scans += 1;
        if self.scans > MAX_SCANS {
            return Err(Failure::Trouble(Trouble::Unsupported));
        }
        let scan = Scan::parse(segment, &self.frame)?;
        for index in scan.colours() {
            let colour = self.frame.colours.get(index);
            let table = colour.and_then(|colour| defined.tables.get(usize::from(colour.table)));
            let table = table.and_then(Option::as_ref);
            if let Some(steps) = self.steps.get_mut(index)
                && steps.is_none()
            {
                let table = table.ok_or(Failure::Trouble(Trouble::Damaged))?;
                *steps = Some(*table);
            }
            if let Some(bits) = self.bits.get_mut(index) {
                scan.note(&self.frame, bits);
            }
        }
        scan.ready(
            &self.frame,
            &defined.codes,
            &mut self.levels,
            defined.interval,
        )
    }

    /// Whether every level was told down to its last bit. A file may end before that, with its mark: then
    /// that is all of it, and it is shown as far as it tells, as every program shows it.
    fn is_whole(&self) -> bool {
        let mut bits = self.bits.as_flattened().iter();
        bits.all(|bit| *bit == 0)
    }

    fn picture(self) -> Picture {
        let colours = self.levels.into_iter().zip(&self.steps);
        let made = colours.map(|(levels, steps)| {
            // A colour that no scan told is of the middle: all its levels are zero.
            let inverse = Inverse::new(levels.side, &steps.unwrap_or([0; 64]));
            (levels, inverse)
        });
        Picture::new(&self.frame, self.model, self.complement, made.collect())
    }
}

#[cfg(test)]
pub(super) mod tests;
