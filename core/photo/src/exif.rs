//! What the camera wrote beside the picture: the way it was held, the time and the place.
//!
//! The first turns the picture upright. The other two are [`Hints`], for the reporter's own eyes
//! until they choose to tell them. A block that cannot be read means no hints, never a refusal.

use ::exif::{Exif, In, Rational, Tag, Value};

use crate::orientation::Orientation;

/// Offered to the reporter, never sent unasked, and not part of the picture's bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hints {
    /// When the photo was taken by the camera's own clock: `YYYY-MM-DDTHH:MM:SS`, followed by the
    /// offset (`+08:00`) where the camera wrote one.
    pub taken_at: Option<String>,
    pub place: Option<Place>,
}

/// WGS 84, degrees; north and east are positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    pub latitude: f64,
    pub longitude: f64,
}

/// What a block told.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) orientation: Orientation,
    pub(crate) hints: Hints,
    /// The colours are Adobe RGB's; a camera that was set to it writes no profile.
    pub(crate) adobe_rgb: bool,
}

/// `block` is the TIFF structure of a JPEG's APP1 or a PNG's eXIf.
pub(crate) fn read(block: Option<Vec<u8>>) -> Said {
    block
        .and_then(parse)
        .map_or_else(Said::default, |exif| Said {
            orientation: orientation(&exif),
            hints: Hints {
                taken_at: taken_at(&exif),
                place: place(&exif),
            },
            adobe_rgb: adobe_rgb(&exif),
        })
}

/// Cameras break their own blocks in small ways: what can be read counts.
fn parse(block: Vec<u8>) -> Option<Exif> {
    let mut reader = ::exif::Reader::new();
    reader.continue_on_error(true);
    match reader.read_raw(block) {
        Ok(exif) => Some(exif),
        Err(::exif::Error::PartialResult(partial)) => Some(partial.into_inner().0),
        Err(_) => None,
    }
}

fn orientation(exif: &Exif) -> Orientation {
    exif.get_field(Tag::Orientation, In::PRIMARY)
        .and_then(|field| field.value.get_uint(0))
        .map_or_else(Orientation::default, Orientation::from_exif)
}

/// DCF 2.0, 3.3.2: colour space "uncalibrated" and interoperability "R03" together; the number 2 is
/// what some cameras write instead.
fn adobe_rgb(exif: &Exif) -> bool {
    let space = exif
        .get_field(Tag::ColorSpace, In::PRIMARY)
        .and_then(|field| field.value.get_uint(0));
    match space {
        Some(2) => true,
        Some(0xFFFF) => text(exif, Tag::InteroperabilityIndex) == Some("R03"),
        _ => false,
    }
}

fn text(exif: &Exif, tag: Tag) -> Option<&str> {
    let Value::Ascii(lines) = &exif.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    std::str::from_utf8(lines.first()?)
        .ok()
        .map(|text| text.trim_matches(['\0', ' ']))
}

/// Rebuilt from checked numbers, so that nothing else a file may hold there gets through.
fn taken_at(exif: &Exif) -> Option<String> {
    let (when, offset) = [
        (Tag::DateTimeOriginal, Tag::OffsetTimeOriginal),
        (Tag::DateTimeDigitized, Tag::OffsetTimeDigitized),
        (Tag::DateTime, Tag::OffsetTime),
    ]
    .into_iter()
    .find_map(|(when, offset)| Some((text(exif, when)?, text(exif, offset))))?;
    let [year, month, day, hour, minute, second] = numbers(when, "dddd:dd:dd dd:dd:dd")?;
    let real = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour <= 23
        && minute <= 59
        && second <= 60;
    let offset = offset.and_then(checked_offset).unwrap_or_default();
    real.then(|| format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{offset}"))
}

fn checked_offset(text: &str) -> Option<String> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', text.strip_prefix('+')?),
    };
    let [hours, minutes] = numbers(rest, "dd:dd")?;
    (hours <= 14 && minutes <= 59).then(|| format!("{sign}{hours:02}:{minutes:02}"))
}

/// Reads the groups of digits of a text that has exactly the given shape (`d` is a digit).
fn numbers<const N: usize>(text: &str, shape: &str) -> Option<[u32; N]> {
    if text.len() != shape.len() {
        return None;
    }
    let fits = text
        .bytes()
        .zip(shape.bytes())
        .all(|(byte, like)| match like {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        });
    let groups = text.split([':', ' ']).map(|digits| digits.parse().ok());
    fits.then(|| groups.collect::<Option<Vec<u32>>>())?
        .and_then(|all| all.try_into().ok())
}

fn place(exif: &Exif) -> Option<Place> {
    let latitude = degrees(
        exif,
        Tag::GPSLatitude,
        Tag::GPSLatitudeRef,
        ["N", "S"],
        90.0,
    )?;
    let longitude = degrees(
        exif,
        Tag::GPSLongitude,
        Tag::GPSLongitudeRef,
        ["E", "W"],
        180.0,
    )?;
    // Cameras without a fix write zeros; nobody reports from that point of the Atlantic.
    (latitude != 0.0 || longitude != 0.0).then_some(Place {
        latitude,
        longitude,
    })
}

fn degrees(exif: &Exif, tag: Tag, side: Tag, [plus, minus]: [&str; 2], most: f64) -> Option<f64> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    let part = |at: usize| parts.get(at).map_or(Some(0.0), number);
    let size = number(parts.first()?)? + part(1)? / 60.0 + part(2)? / 3600.0;
    let sign = match text(exif, side)? {
        side if side == plus => 1.0,
        side if side == minus => -1.0,
        _ => return None,
    };
    (size <= most).then_some(size * sign)
}

fn number(part: &Rational) -> Option<f64> {
    (part.denom != 0).then(|| f64::from(part.num) / f64::from(part.denom))
}

#[cfg(test)]
mod tests;
