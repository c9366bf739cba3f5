//! Photos that the project makes itself: camera-sized, with detail, and with all that a phone writes
//! beside the picture (place, time, orientation, maker's note, thumbnail). For tests, the demo and
//! the benchmarks; behind the feature `synth`, in no app.
//!
//! The scene depends on the seed alone, so the eight orientations of one seed are eight files of one
//! picture. Text that must never leave the phone carries [`CANARY`].

mod scene;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use ::exif::experimental::Writer as TagWriter;
use ::exif::{Field, In, Rational, Tag, Value};

use crate::exif::Place;
use crate::jpeg::{Drain, Encoder, Stop, Storing};
use crate::orientation::Orientation;
pub(crate) use scene::Scene;

/// Stands in every text field of the metadata.
pub const CANARY: &str = "lapor-canary";
/// A square in Denpasar, to a ten-thousandth of a degree.
pub const PLACE: Place = Place {
    latitude: -8.6565,
    longitude: 115.2174,
};
/// As the hints give it.
pub const TAKEN_AT: &str = "2026-03-17T09:41:05+08:00";

/// libjpeg's quality 90: what phones use, and 3 to 4 bits of noise a pixel make their file size.
const COARSENESS: u16 = 20;
const ROWS: u32 = 16;

/// Draws the scene of `seed`, stored as a camera held in the given way (EXIF 1 to 8) would, and
/// returns the bytes written. `width` and `height` are the stored ones. Writes row by row: a
/// picture of any size takes a few hundred kilobytes of memory.
pub fn camera_photo(
    path: &Path,
    seed: u64,
    width: u32,
    height: u32,
    orientation: u8,
) -> io::Result<u64> {
    let orientation = Orientation::from_exif(orientation.into());
    let metadata = metadata(&thumbnail(seed, width, height, orientation)?, orientation)?;
    let file = BufWriter::with_capacity(256 * 1024, File::create(path)?);
    let mut written = draw(file, seed, (width, height), orientation, Some(&metadata))?;
    // What a motion photo appends.
    let trailer = format!("ftypmp42 {CANARY} trailing data");
    let mut file = File::options().append(true).open(path)?;
    file.write_all(trailer.as_bytes())?;
    written += trailer.len() as u64;
    Ok(written)
}

/// The same scene as some programs store it: progressive, so that all of it must be held at once.
/// Without metadata. It is held here too.
pub fn progressive_photo(path: &Path, seed: u64, width: u32, height: u32) -> io::Result<u64> {
    let file = BufWriter::with_capacity(256 * 1024, File::create(path)?);
    let (mut written, mut failure) = (0, None);
    let drain = Counted {
        into: file,
        written: &mut written,
        failure: &mut failure,
    };
    strips(
        drain,
        seed,
        (width, height),
        Orientation::Upright,
        None,
        Storing::Progressive,
    )
    .map_err(|trouble| io::Error::other(format!("the encoder failed: {trouble:?}")))?;
    Ok(written)
}

struct Counted<'a, W> {
    into: W,
    written: &'a mut u64,
    failure: &'a mut Option<io::Error>,
}

impl<W: Write> Drain for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        *self.written += bytes.len() as u64;
        self.into.write_all(bytes).map_err(|error| {
            *self.failure = Some(error);
            Stop
        })
    }

    fn tick(&mut self) -> Result<(), Stop> {
        Ok(())
    }
}

fn draw(
    into: impl Write,
    seed: u64,
    (width, height): (u32, u32),
    orientation: Orientation,
    metadata: Option<&[u8]>,
) -> io::Result<u64> {
    let (mut written, mut failure) = (0, None);
    let outcome = {
        let drain = Counted {
            into,
            written: &mut written,
            failure: &mut failure,
        };
        strips(
            drain,
            seed,
            (width, height),
            orientation,
            metadata,
            Storing::Stream,
        )
    };
    match (outcome, failure) {
        (_, Some(error)) => Err(error),
        (Err(trouble), None) => Err(io::Error::other(format!("the encoder failed: {trouble:?}"))),
        (Ok(()), None) => Ok(written),
    }
}

fn strips(
    drain: impl Drain,
    seed: u64,
    (width, height): (u32, u32),
    orientation: Orientation,
    metadata: Option<&[u8]>,
    storing: Storing,
) -> Result<(), crate::jpeg::Trouble> {
    let (wide, high) = orientation.upright_size(width, height);
    let scene = Scene::new(seed, wide, high);
    let mut encoder = Encoder::start(drain, width, height, COARSENESS, storing)?;
    if let Some(metadata) = metadata {
        encoder.marker(0xE1, metadata)?;
        encoder.marker(0xFE, CANARY.as_bytes())?;
    }
    let mut strip = Vec::with_capacity((width * ROWS) as usize);
    let mut y = 0;
    while y < height {
        strip.clear();
        for y in y..height.min(y + ROWS) {
            for x in 0..width {
                let (x, y) = orientation.upright(x, y, width, height);
                strip.push(scene.pixel(x, y));
            }
        }
        encoder.rows(&strip)?;
        y += ROWS;
    }
    encoder.finish()
}

fn thumbnail(seed: u64, width: u32, height: u32, orientation: Orientation) -> io::Result<Vec<u8>> {
    let size = crate::shrink::target(width, height, 160);
    let mut bytes = Vec::new();
    draw(&mut bytes, seed, size, orientation, None)?;
    Ok(bytes)
}

/// The whole APP1 segment's content.
fn metadata(thumbnail: &[u8], orientation: Orientation) -> io::Result<Vec<u8>> {
    let ascii = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
    let field = |tag, value| Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    };
    let number = u16::try_from(orientation.number()).unwrap_or(1);
    let note = format!("{CANARY} maker's note").into_bytes();
    let fields = [
        field(Tag::Make, ascii(&format!("Synth {CANARY}"))),
        field(Tag::Model, ascii("Synth One")),
        field(Tag::Orientation, Value::Short(vec![number])),
        field(Tag::Software, ascii(CANARY)),
        field(Tag::DateTime, ascii("2026:03:17 09:41:05")),
        field(Tag::DateTimeOriginal, ascii("2026:03:17 09:41:05")),
        field(Tag::OffsetTimeOriginal, ascii("+08:00")),
        field(Tag::BodySerialNumber, ascii(CANARY)),
        field(Tag::MakerNote, Value::Undefined(note, 0)),
        field(Tag::GPSLatitudeRef, ascii("S")),
        field(Tag::GPSLatitude, Value::Rational(degrees(PLACE.latitude))),
        field(Tag::GPSLongitudeRef, ascii("E")),
        field(Tag::GPSLongitude, Value::Rational(degrees(PLACE.longitude))),
    ];
    let mut writer = TagWriter::new();
    fields.iter().for_each(|field| writer.push_field(field));
    writer.set_jpeg(thumbnail, In::THUMBNAIL);
    let mut block = io::Cursor::new(Vec::new());
    writer.write(&mut block, true).map_err(io::Error::other)?;
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(block.into_inner());
    Ok(segment)
}

/// Degrees, minutes and hundredths of seconds, as phones write them.
fn degrees(value: f64) -> Vec<Rational> {
    // Between 0 and 180 * 360,000: it fits.
    let hundredths = (value.abs() * 360_000.0).round() as u32;
    vec![
        Rational {
            num: hundredths / 360_000,
            denom: 1,
        },
        Rational {
            num: hundredths / 6_000 % 60,
            denom: 1,
        },
        Rational {
            num: hundredths % 6_000,
            denom: 100,
        },
    ]
}

#[cfg(test)]
mod tests;
