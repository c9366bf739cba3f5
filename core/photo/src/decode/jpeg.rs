//! JPEG: one scan group by group with [`super::single`], several scans with [`super::scans`], and what
//! neither knows row by row with the library.

mod scale;

use std::io::{Seek as _, SeekFrom};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::scans::{self, Depth, Failure, Pages};
use super::{Aim, READ, shrunk, single};
use crate::canvas::Canvas;
use crate::colour::{Channels, MAX_PROFILE_BYTES, Space, Tables, from_inks};
use crate::cover::{Cover, Grain};
use crate::encode::Pair;
use crate::error::{MemoryReason, PhotoError};
use crate::format::Format;
use crate::header::{self, whole_profile};
use crate::jpeg::{Decoder, Decoding, Feed, Rows, Stop, Trouble};
use crate::probe::{ColourNotes, Seen};
use crate::resize::Side;
use crate::shrink::{Shrinking, in_step, target};
use crate::source::Source;
use crate::watch::{Stage, Watch};

pub(crate) use scale::held;
use scale::{eighths, kept_eighths, roomy};

struct FileFeed<'a, 'w> {
    source: &'a mut Source,
    watch: &'a Watch<'w>,
}

impl Feed for FileFeed<'_, '_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Stop> {
        let read = self.source.read_into(room).and_then(|count| {
            // Of several scans no row comes before all are read; of one, rows are ahead of this.
            let share = share_read(self.source.position(), self.source.bytes());
            self.watch.reached(Stage::Decoding, share)?;
            Ok(count)
        });
        read.map_err(|error| {
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

/// In thousandths of the whole work.
fn share_read(bytes: u64, of: u64) -> u16 {
    let share = bytes.saturating_mul(READ.into()) / of.max(1);
    u16::try_from(share).map_or(READ, |share| share.min(READ))
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

fn open<'a, 'w: 'a>(
    source: &'a mut Source,
    seen: &Seen,
    eighths: u8,
    aim: Aim<'_>,
    watch: &'a Watch<'w>,
) -> Result<Opened<'a, 'w>, PhotoError> {
    let Seen { probe, colour, .. } = seen;
    if scans::takes(&colour.sampling) {
        if probe.several_scans {
            if let Some(picture) = own(source, seen, eighths, aim, watch)? {
                return Ok(Opened::Scans(Box::new(picture)));
            }
            let size = [probe.width, probe.height];
            let needed = header::coefficient_bytes(size, &colour.sampling);
            probe.affords(MemoryReason::SeveralScans, needed, aim.working_bytes)?;
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
    let decoder = Decoder::open(feed, aim.working_bytes).map_err(explain)?;
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

/// A file for two readers.
struct Shared<'a> {
    source: Mutex<&'a mut Source>,
    /// Bytes that both have taken.
    taken: AtomicU64,
}

impl Pages for Shared<'_> {
    fn read(&self, at: u64, room: &mut [u8]) -> Result<usize, Stop> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        // What goes wrong is told by the one who then reads alone.
        source.seek(SeekFrom::Start(at)).map_err(|_| Stop)?;
        let count = source.read_into(room).map_err(|_| Stop)?;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

fn by_pair(
    source: &mut Source,
    eighths: u8,
    depth: Depth,
    watch: &Watch<'_>,
) -> Result<Option<scans::Picture>, PhotoError> {
    let mut stopped = None;
    let bytes = source.bytes();
    let pages = Shared {
        source: Mutex::new(source),
        taken: AtomicU64::new(0),
    };
    let tick = || {
        // The first time all of it is only looked over for where its scans begin.
        let taken = pages.taken.load(Ordering::Relaxed).saturating_sub(bytes);
        let told = watch.reached(Stage::Decoding, share_read(taken, bytes));
        told.and_then(|()| watch.tick()).map_err(|error| {
            stopped = Some(error);
            Stop
        })
    };
    let picture = scans::read_by_two(&pages, tick, eighths, depth);
    stopped.map_or(Ok(picture), Err)
}

/// None if it is a matter for the library.
fn own(
    source: &mut Source,
    Seen { probe, colour, .. }: &Seen,
    eighths: u8,
    aim: Aim<'_>,
    watch: &Watch<'_>,
) -> Result<Option<scans::Picture>, PhotoError> {
    let size = [probe.width, probe.height];
    for depth in [Depth::Byte, Depth::Two] {
        let needed = scans::cost(size, &colour.sampling, eighths, depth);
        probe.affords(MemoryReason::SeveralScans, needed, aim.working_bytes)?;
        let by_pair = match aim.pair {
            Pair(true) => by_pair(source, eighths, depth, watch)?,
            Pair(false) => None,
        };
        let picture = match by_pair {
            Some(picture) => Ok(picture),
            None => {
                source.rewind()?;
                let mut feed = FileFeed {
                    source: &mut *source,
                    watch,
                };
                scans::read(&mut feed, eighths, depth)
            }
        };
        match picture {
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
    let eighths = if probe.several_scans {
        let size = [probe.width, probe.height];
        kept_eighths(size, &colour.sampling, aim.max_edge, aim.working_bytes)
    } else {
        eighths(probe.width, probe.height, roomy(aim.max_edge))
    };
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
    let first = if probe.several_scans { READ } else { 0 };
    in_step(
        aim.pair,
        down,
        across * rows.channels(),
        |y, row| {
            let more = opened.row(row).map_err(explain)?;
            shrunk(y, down, first, watch)?;
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
