//! JPEG files of several scans: progressive ones, and those whose colours come one after the other.
//!
//! Nothing of such a file can be shown before its last scan, so all of it must be kept. libjpeg keeps
//! every level (12 megapixels 36 MB, 50 megapixels 149 MB); here only those are kept which the scaled
//! picture can show, most in one byte (11 MB and 19 MB for the same photos). Reading them, and making
//! rows of samples of them, is done here without a library and without unsafe code.
//!
//! What no camera or program of today writes (arithmetic codes, sampling by more than two, codes that
//! a file leaves out) is left to the library, whose cost is then asked for again. Errors are the
//! library's: a file that it refuses is refused here for the same reason.

mod code;
#[cfg(feature = "fuzz")]
mod door;
mod frame;
mod input;
mod inverse;
mod levels;
mod pass;
mod rows;

use crate::jpeg::{Feed, Trouble};
use code::Codes;
use frame::{Frame, Model, Signs};
use input::Input;
use inverse::Inverse;
use levels::Levels;
use pass::Scan;

#[cfg(feature = "fuzz")]
pub(crate) use door::against_library;
pub(super) use frame::{cost, takes};
pub(super) use levels::Depth;
pub(super) use rows::Picture;

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

/// What the segments between scans define.
#[derive(Default)]
struct Defined {
    tables: [Option<Table>; 4],
    codes: Codes,
    interval: u32,
    signs: Signs,
}

/// The picture of a frame, as far as scans have told it.
struct Told {
    frame: Frame,
    model: Model,
    complement: bool,
    levels: Vec<Levels>,
    /// Each colour's steps as they stood when its first scan came.
    steps: Vec<Option<Table>>,
    scans: usize,
}

/// Reads a whole file, to be shown at `eighths` (1, 2, 4 or 8) of its size.
pub(super) fn read(feed: &mut dyn Feed, eighths: u8, depth: Depth) -> Result<Picture, Failure> {
    let mut input = Input::new(feed);
    match read_from(&mut input, eighths, depth) {
        // What is wrong at the end of the file is that the rest of it is missing.
        Err(Failure::Trouble(Trouble::Damaged) | Failure::Unusual) if input.ended => {
            Err(Failure::Trouble(Trouble::Truncated))
        }
        outcome => outcome,
    }
}

fn read_from(input: &mut Input<'_>, eighths: u8, depth: Depth) -> Result<Picture, Failure> {
    const DAMAGED: Failure = Failure::Trouble(Trouble::Damaged);
    const UNSUPPORTED: Failure = Failure::Trouble(Trouble::Unsupported);
    if [input.byte()?, input.byte()?] != [0xFF, 0xD8] {
        return Err(DAMAGED);
    }
    let mut defined = Defined::default();
    let mut frame: Option<Frame> = None;
    let mut told: Option<Told> = None;
    let mut marker = input.marker()?;
    loop {
        match marker {
            0xC0..=0xC2 => {
                if frame.is_some() || told.is_some() {
                    return Err(DAMAGED);
                }
                let segment = input.segment()?;
                frame = Some(Frame::parse(&segment, marker == 0xC2, eighths.into())?);
            }
            0xC4 => defined.codes.take(&input.segment()?)?,
            0xDB => defined.take_tables(&input.segment()?)?,
            0xDD => {
                let [high, low] = *input.segment()? else {
                    return Err(DAMAGED);
                };
                defined.interval = u16::from_be_bytes([high, low]).into();
            }
            0xE0 => defined.signs.jfif(&input.segment()?),
            0xEE => defined.signs.adobe(&input.segment()?),
            0xDA => {
                let segment = input.segment()?;
                let told = match (&mut told, frame.take()) {
                    (Some(told), _) => told,
                    (told, Some(frame)) => told.insert(Told::new(frame, &defined.signs, depth)?),
                    (None, None) => return Err(DAMAGED),
                };
                marker = told.scan(&segment, &defined, input)?;
                continue;
            }
            0xD9 => break,
            0x01 | 0xD0..=0xD7 => {}
            0xC3 | 0xC5..=0xC8 | 0xCB | 0xCD..=0xCF => return Err(UNSUPPORTED),
            0xC9 | 0xCA | 0xCC => return Err(Failure::Unusual),
            0xDC | 0xE1..=0xED | 0xEF | 0xFE => input.skip_segment()?,
            _ => return Err(DAMAGED),
        }
        marker = input.marker()?;
    }
    match told {
        // Without an end nobody knows what lacks.
        _ if input.ended => Err(Failure::Trouble(Trouble::Truncated)),
        Some(told) => Ok(told.picture()),
        None => Err(DAMAGED),
    }
}

impl Defined {
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
            .map(|colour| Levels::new(colour.count(), colour.side, depth));
        Ok(Self {
            model: signs.model(&frame),
            complement: signs.adobe.is_some(),
            levels: levels.collect::<Result<_, _>>()?,
            steps: vec![None; frame.colours.len()],
            scans: 0,
            frame,
        })
    }

    /// Reads a scan, and answers with the marker behind it.
    fn scan(
        &mut self,
        segment: &[u8],
        defined: &Defined,
        input: &mut Input<'_>,
    ) -> Result<u8, Failure> {
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
        }
        scan.read(
            &self.frame,
            &defined.codes,
            &mut self.levels,
            defined.interval,
            input,
        )
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
mod tests;
