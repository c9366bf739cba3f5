//! JPEG: one scan group by group with [`super::single`], several scans with [`super::scans`], and what
//! neither knows row by row with the library.

use std::sync::Arc;

use super::scans::{self, Depth, Failure};
use super::{Aim, shrunk, single};
use crate::canvas::Canvas;
use crate::colour::{Channels, MAX_PROFILE_BYTES, Space, Tables, from_inks};
use crate::cover::{Cover, Grain};
use crate::error::{MemoryReason, PhotoError};
use crate::format::Format;
use crate::header::{self, whole_profile};
use crate::jpeg::{Decoder, Decoding, Feed, Rows, Stop, Trouble};
use crate::probe::{ColourNotes, Seen};
use crate::resize::Side;
use crate::shrink::{Shrinking, in_step, target};
use crate::source::Source;
use crate::watch::Watch;

struct FileFeed<'a, 'w> {
    source: &'a mut Source,
    watch: &'a Watch<'w>,
}

impl Feed for FileFeed<'_, '_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Stop> {
        self.source.read_into(room).map_err(|error| {
            self.watch.fail(error);
            Stop
        })
    }

    fn tick(&mut self) -> Result<(), Stop> {
        self.watch.tick().map_err(|error| {
            self.watch.fail(error);
            Stop
        })
    }
}

fn explain(trouble: Trouble, watch: &Watch<'_>) -> PhotoError {
    match trouble {
        Trouble::Damaged => PhotoError::Damaged,
        Trouble::Truncated => PhotoError::Truncated,
        Trouble::Unsupported => PhotoError::Unsupported {
            format: Format::Jpeg,
        },
        Trouble::Memory => PhotoError::OutOfMemory,
        Trouble::Stopped => watch.failure(),
    }
}

/// The smallest scale at which the inverse DCT leaves no fewer pixels than the result wants.
pub(super) fn eighths(width: u32, height: u32, max_edge: u32) -> u8 {
    let (wide, high) = target(width, height, max_edge);
    let enough = |eighths: &u8| {
        let scaled = |side: u32| (u64::from(side) * u64::from(*eighths)).div_ceil(8);
        scaled(width) >= u64::from(wide) && scaled(height) >= u64::from(high)
    };
    [1, 2, 4].into_iter().find(enough).unwrap_or(8)
}

/// The inverse DCT averages numbers and not light, and sharply: where it leaves hardly more than the
/// result wants, a photo of 3640 pixels cannot look better than SSIMULACRA2 80 (91 with as much again
/// to shrink in light). With a quarter more, as of 12 megapixels, nothing of that is seen.
fn roomy(max_edge: u32) -> u32 {
    max_edge.saturating_add(max_edge / 5)
}

/// What the file says last counts first: its profile, then its camera's setting.
fn space(source: &mut Source, colour: &ColourNotes) -> Result<Space, PhotoError> {
    let channels = match colour.sampling.len() {
        1 => Channels::Gray,
        3 => Channels::Rgb,
        _ => Channels::Inks,
    };
    let profile = whole_profile(source, &colour.profile, MAX_PROFILE_BYTES)?;
    source.rewind()?;
    if let Some(space) = profile.and_then(|profile| Space::from_profile(&profile, channels)) {
        return Ok(space);
    }
    if colour.adobe_rgb && channels == Channels::Rgb {
        return Ok(Space::adobe_rgb());
    }
    Ok(Space::Srgb)
}

/// Where the rows come from.
enum Opened<'a, 'w> {
    Library(Decoding<FileFeed<'a, 'w>>),
    Single(Box<single::Picture<'a>>),
    Scans(Box<scans::Picture>),
}

impl Opened<'_, '_> {
    fn size(&self) -> (u32, u32) {
        match self {
            Self::Library(decoding) => (decoding.width, decoding.height),
            Self::Single(picture) => (picture.width, picture.height),
            Self::Scans(picture) => (picture.width, picture.height),
        }
    }

    fn rows(&self) -> Rows {
        match self {
            Self::Library(decoding) => decoding.rows,
            Self::Single(picture) => picture.rows,
            Self::Scans(picture) => picture.rows,
        }
    }

    /// The answer says whether there is something new for [`Opened::ahead`].
    fn row(&mut self, row: &mut [u8]) -> Result<bool, Trouble> {
        match self {
            Self::Library(decoding) => decoding.row(row).map(|()| false),
            Self::Single(picture) => picture.row(row),
            Self::Scans(picture) => {
                picture.row(row);
                Ok(false)
            }
        }
    }

    /// What another thread can do of the reading.
    fn ahead(&self) -> Option<Arc<single::Ahead>> {
        match self {
            Self::Single(picture) => Some(picture.ahead()),
            _ => None,
        }
    }

    fn finish(self) -> Result<(), Trouble> {
        match self {
            Self::Library(decoding) => decoding.finish(),
            Self::Single(picture) => picture.finish(),
            // It has seen the end before the first row.
            Self::Scans(_) => Ok(()),
        }
    }
}

/// Bytes that a file of several scans needs when its longer side is to have `max_edge` pixels.
pub(crate) fn held([width, height]: [u32; 2], sampling: &[(u8, u8)], max_edge: u32) -> u64 {
    if scans::takes(sampling) {
        let eighths = eighths(width, height, max_edge);
        scans::cost([width, height], sampling, eighths, Depth::Byte)
    } else {
        header::coefficient_bytes([width, height], sampling)
    }
}

fn open<'a, 'w: 'a>(
    source: &'a mut Source,
    seen: &Seen,
    eighths: u8,
    aim: Aim<'_>,
    watch: &'a Watch<'w>,
) -> Result<Opened<'a, 'w>, PhotoError> {
    let Seen { probe, colour, .. } = seen;
    let working_bytes = aim.working_bytes;
    if scans::takes(&colour.sampling) {
        if probe.several_scans {
            if let Some(picture) = own(source, seen, eighths, working_bytes, watch)? {
                return Ok(Opened::Scans(Box::new(picture)));
            }
            let size = [probe.width, probe.height];
            let needed = header::coefficient_bytes(size, &colour.sampling);
            probe.affords(MemoryReason::SeveralScans, needed, working_bytes)?;
        } else {
            let feed = FileFeed {
                source: &mut *source,
                watch,
            };
            let known = single::knows(feed, eighths);
            source.rewind()?;
            if known.map_err(|failure| failed(failure, watch))? {
                let feed = FileFeed { source, watch };
                let picture = single::Picture::open(feed, eighths, aim.pair);
                let picture = picture.map_err(|failure| failed(failure, watch))?;
                let size = [probe.width, probe.height].map(|side| scaled(side, eighths));
                return match [picture.width, picture.height] == size {
                    true => Ok(Opened::Single(Box::new(picture))),
                    false => Err(PhotoError::Damaged),
                };
            }
        }
        source.rewind()?;
    }
    let explain = |trouble| explain(trouble, watch);
    let feed = FileFeed { source, watch };
    let decoder = Decoder::open(feed, working_bytes).map_err(explain)?;
    // The limits were judged by our own reading of the header: the library must agree with it.
    let read = (decoder.width, decoder.height, decoder.several_scans);
    if read != (probe.width, probe.height, probe.several_scans) {
        return Err(PhotoError::Damaged);
    }
    decoder.start(eighths).map(Opened::Library).map_err(explain)
}

fn scaled(side: u32, eighths: u8) -> u32 {
    (side * u32::from(eighths)).div_ceil(8)
}

fn failed(failure: Failure, watch: &Watch<'_>) -> PhotoError {
    match failure {
        Failure::Trouble(trouble) => explain(trouble, watch),
        Failure::Unusual | Failure::Deeper => PhotoError::Damaged,
    }
}

/// None if it is a matter for the library.
fn own(
    source: &mut Source,
    Seen { probe, colour, .. }: &Seen,
    eighths: u8,
    working_bytes: u64,
    watch: &Watch<'_>,
) -> Result<Option<scans::Picture>, PhotoError> {
    let size = [probe.width, probe.height];
    for depth in [Depth::Byte, Depth::Two] {
        let needed = scans::cost(size, &colour.sampling, eighths, depth);
        probe.affords(MemoryReason::SeveralScans, needed, working_bytes)?;
        source.rewind()?;
        let mut feed = FileFeed {
            source: &mut *source,
            watch,
        };
        match scans::read(&mut feed, eighths, depth) {
            Ok(picture) => {
                let expected = size.map(|side| scaled(side, eighths));
                return match [picture.width, picture.height] == expected {
                    true => Ok(Some(picture)),
                    false => Err(PhotoError::Damaged),
                };
            }
            Err(Failure::Deeper) => {}
            Err(Failure::Unusual) => break,
            Err(Failure::Trouble(trouble)) => return Err(explain(trouble, watch)),
        }
    }
    Ok(None)
}

pub(super) fn decode(
    source: &mut Source,
    seen: &Seen,
    aim: Aim<'_>,
    watch: &Watch<'_>,
) -> Result<Canvas, PhotoError> {
    let Seen { probe, colour, .. } = seen;
    let space = space(source, colour)?;
    let edge = if probe.several_scans {
        // What is held of such a file grows with the scale.
        aim.max_edge
    } else {
        roomy(aim.max_edge)
    };
    let eighths = eighths(probe.width, probe.height, edge);
    let mut opened = open(source, seen, eighths, aim, watch)?;
    let (across, down) = opened.size();
    let rows = opened.rows();
    let (width, height) = target(probe.width, probe.height, aim.max_edge);
    let side = |full: u32, scaled: u32, result: u32| {
        let extent = f64::from(full) * f64::from(eighths) / 8.0;
        Side {
            source: scaled,
            extent,
            result,
        }
    };
    let sides = [
        side(probe.width, across, width),
        side(probe.height, down, height),
    ];

    let tables = Tables::of(&space);
    let grain = Grain {
        full: [probe.width, probe.height],
        group: colour.group,
        eighths: eighths.into(),
    };
    let cover = Cover::new(aim.covered, probe.orientation, grain);
    let mut shrinking = Shrinking::new(&tables, sides, probe.orientation, cover)?;
    let across = across as usize;
    let mut screen = match (rows, &space) {
        (Rows::Rgb, Space::Srgb | Space::Mixed(_)) => Vec::new(),
        _ => vec![[255; 3]; across],
    };
    let explain = |trouble| explain(trouble, watch);
    let ahead = opened.ahead();
    in_step(
        aim.pair,
        down,
        across * rows.channels(),
        |y, row| {
            let more = opened.row(row).map_err(explain)?;
            shrunk(y, down, watch)?;
            Ok(more)
        },
        |row| {
            if !screen.is_empty() {
                to_screen(row, rows, &space, &mut screen);
                return shrinking.push(screen.iter().map(|pixel| tables.rgb(*pixel)));
            }
            let pixels = row.as_chunks::<3>().0.iter();
            shrinking.push(pixels.map(|pixel| tables.rgb(*pixel)))
        },
        || ahead.as_ref().is_some_and(|ahead| ahead.help()),
    )?;
    opened.finish().map_err(explain)?;
    Ok(shrinking.finish())
}

/// Inks, and colours that are told by a table, become sRGB first.
fn to_screen(row: &mut [u8], rows: Rows, space: &Space, screen: &mut [[u8; 3]]) {
    let mut complement = rows == (Rows::Inks { complement: true });
    if let Space::Table(table) = space
        && table.channels() == rows.channels()
    {
        if complement {
            row.iter_mut().for_each(|ink| *ink = 255 - *ink);
            complement = false;
        }
        if table.row(row, screen) {
            return;
        }
    }
    match rows {
        Rows::Rgb => {
            let pixels = screen.iter_mut().zip(row.as_chunks::<3>().0);
            pixels.for_each(|(to, from)| *to = *from);
        }
        Rows::Inks { .. } => {
            let pixels = screen.iter_mut().zip(row.as_chunks::<4>().0);
            pixels.for_each(|(to, inks)| *to = from_inks(*inks, complement));
        }
    }
}

#[cfg(test)]
mod tests;
