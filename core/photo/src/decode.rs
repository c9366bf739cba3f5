//! From a file to a small upright picture, row by row.

mod png;

use crate::canvas::Canvas;
use crate::colour::{Channels, Light, MAX_PROFILE_BYTES, Space, Tables, from_inks};
use crate::cover::{Cover, Grain, Region};
use crate::encode::Pair;
use crate::error::PhotoError;
use crate::format::Format;
use crate::header::whole_profile;
use crate::jpeg::{Decoder, Feed, Rows, Stop, Trouble};
use crate::probe::{ColourNotes, Seen};
use crate::resize::Side;
use crate::shrink::{Shrinking, in_step, target};
use crate::source::Source;
use crate::watch::{Stage, Watch};

pub(crate) use self::png::{Profile, open as open_png};

/// Share of the whole work, in thousandths, that decoding takes.
pub(crate) const DECODED: u16 = 400;

/// What the result may measure and show, and the work may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aim<'a> {
    /// Pixels on the longer side.
    pub(crate) max_edge: u32,
    pub(crate) working_bytes: u64,
    pub(crate) covered: &'a [Region],
    pub(crate) pair: Pair,
}

/// `seen` is of the same source, which stands at its start.
pub(crate) fn decode(
    source: &mut Source,
    seen: &Seen,
    aim: Aim<'_>,
    watch: &Watch<'_>,
) -> Result<Canvas, PhotoError> {
    match seen.probe.format {
        Format::Jpeg => jpeg(source, seen, aim, watch),
        _ => png::decode(source, &seen.probe, aim, watch),
    }
}

// ---- JPEG

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

pub(crate) fn explain(trouble: Trouble, watch: &Watch<'_>) -> PhotoError {
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
fn eighths(width: u32, height: u32, max_edge: u32) -> u8 {
    let (wide, high) = target(width, height, max_edge);
    let enough = |eighths: &u8| {
        let scaled = |side: u32| (u64::from(side) * u64::from(*eighths)).div_ceil(8);
        scaled(width) >= u64::from(wide) && scaled(height) >= u64::from(high)
    };
    [1, 2, 4].into_iter().find(enough).unwrap_or(8)
}

/// What the file says last counts first: its profile, then its camera's setting.
fn space(source: &mut Source, colour: &ColourNotes) -> Result<Space, PhotoError> {
    let channels = match colour.components {
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

fn jpeg(
    source: &mut Source,
    Seen { probe, colour, .. }: &Seen,
    aim: Aim<'_>,
    watch: &Watch<'_>,
) -> Result<Canvas, PhotoError> {
    let space = space(source, colour)?;
    let explain = |trouble| explain(trouble, watch);
    let feed = FileFeed { source, watch };
    let decoder = Decoder::open(feed, aim.working_bytes).map_err(explain)?;
    // The limits were judged by our own reading of the header: the library must agree with it.
    let read = (decoder.width, decoder.height, decoder.several_scans);
    if read != (probe.width, probe.height, probe.several_scans) {
        return Err(PhotoError::Damaged);
    }
    let eighths = eighths(probe.width, probe.height, aim.max_edge);
    let mut decoding = decoder.start(eighths).map_err(explain)?;
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
        side(probe.width, decoding.width, width),
        side(probe.height, decoding.height, height),
    ];

    let tables = Tables::of(&space);
    let grain = Grain {
        full: [probe.width, probe.height],
        group: colour.group,
        eighths: eighths.into(),
    };
    let cover = Cover::new(aim.covered, probe.orientation, grain);
    let mut shrinking = Shrinking::new(&tables, sides, probe.orientation, cover)?;
    let (across, height, rows) = (decoding.width as usize, decoding.height, decoding.rows);
    let mut lights: Vec<Light> = Vec::with_capacity(across);
    let mut screen = match (rows, &space) {
        (Rows::Rgb, Space::Srgb | Space::Mixed(_)) => Vec::new(),
        _ => vec![[255; 3]; across],
    };
    in_step(
        aim.pair,
        height,
        across * rows.channels(),
        |y, row| {
            decoding.row(row).map_err(explain)?;
            shrunk(y, height, watch)
        },
        |row| {
            lights.clear();
            if screen.is_empty() {
                let pixels = row.as_chunks::<3>().0.iter();
                lights.extend(pixels.map(|pixel| tables.rgb(*pixel)));
            } else {
                to_screen(row, rows, &space, &mut screen);
                lights.extend(screen.iter().map(|pixel| tables.rgb(*pixel)));
            }
            shrinking.push(&mut lights)
        },
    )?;
    decoding.finish().map_err(explain)?;
    Ok(shrinking.finish())
}

/// Reports now and then that row `y` of so many was read.
fn shrunk(y: u32, rows: u32, watch: &Watch<'_>) -> Result<(), PhotoError> {
    if !(y + 1).is_multiple_of(16) {
        return Ok(());
    }
    let share = u64::from(y + 1) * u64::from(DECODED) / u64::from(rows.max(1));
    watch.report(Stage::Decoding, u16::try_from(share).unwrap_or(DECODED))
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
