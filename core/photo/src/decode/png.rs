//! PNG: rows as they come; only an interlaced one is put together whole.

use crate::canvas::Canvas;
use crate::colour::{
    Channels, CodePoints, Light, Space, Table, Tables, over_white, over_white_deep,
};
use crate::cover::{Cover, Grain};
use crate::error::PhotoError;
use crate::format::Format;
use crate::probe::Probe;
use crate::source::Source;
use crate::watch::{Stage, Watch};

use super::{Aim, READ, shrunk};
use crate::shrink::{Shrinking, whole_sides};

/// What the PNG library may hold for itself: rows of 65,500 pixels take half a megabyte.
const PNG_BYTES: usize = 8 * 1024 * 1024;

/// Whether the ICC profile is unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Read,
    Skipped,
}

/// Up to the first picture data. The source must stand at its start.
pub(crate) fn open(
    source: &mut Source,
    profile: Profile,
) -> Result<png::Reader<&mut Source>, PhotoError> {
    let mut decoder = png::Decoder::new_with_limits(source, png::Limits { bytes: PNG_BYTES });
    decoder.set_transformations(png::Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(profile == Profile::Skipped);
    decoder.read_info().map_err(|error| png_error(&error))
}

/// PNG, 3rd edition, 4.3: code points before a profile, a profile before the word "sRGB", that
/// before a curve and corners.
fn space(said: &png::Info<'_>) -> Space {
    let points = said.coding_independent_code_points.filter(|points| {
        // Numbers of 16 to 235, or those of a film: not known here.
        points.is_video_full_range_image && points.matrix_coefficients == 0
    });
    let by_points = points.and_then(|points| {
        Space::from_code_points(CodePoints {
            primaries: points.color_primaries,
            transfer: points.transfer_function,
        })
    });
    if let Some(space) = by_points {
        return space;
    }
    let channels = match said.color_type {
        png::ColorType::Grayscale | png::ColorType::GrayscaleAlpha => Channels::Gray,
        _ => Channels::Rgb,
    };
    let profile = said.icc_profile.as_ref();
    if let Some(space) = profile.and_then(|profile| Space::from_profile(profile, channels)) {
        return space;
    }
    match said.gama_chunk {
        Some(gamma) if said.srgb.is_none() => {
            let corners = said
                .chrm_chunk
                .filter(|_| channels == Channels::Rgb)
                .map(|corners| {
                    [corners.white, corners.red, corners.green, corners.blue]
                        .map(|(x, y)| [f64::from(x.into_value()), f64::from(y.into_value())])
                });
            Space::from_gamma(gamma.into_value(), corners)
        }
        _ => Space::Srgb,
    }
}

fn png_error(error: &png::DecodingError) -> PhotoError {
    match error {
        png::DecodingError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            PhotoError::Truncated
        }
        png::DecodingError::IoError(error) => PhotoError::reading(error),
        png::DecodingError::LimitsExceeded => PhotoError::Unsupported {
            format: Format::Png,
        },
        png::DecodingError::Format(_) | png::DecodingError::Parameter(_) => PhotoError::Damaged,
    }
}

pub(super) fn decode(
    source: &mut Source,
    probe: &Probe,
    aim: Aim<'_>,
    watch: &Watch<'_>,
) -> Result<Canvas, PhotoError> {
    let mut reader = open(source, Profile::Read)?;
    let space = space(reader.info());
    let (colour, depth) = reader.output_color_type();
    let deep = depth == png::BitDepth::Sixteen;
    let mut tables = Tables::of(&space);
    if deep {
        tables.prepare_deep(&space);
    }
    let sides = whole_sides(probe.width, probe.height, aim.max_edge);
    let grain = Grain {
        full: [probe.width, probe.height],
        group: [1, 1],
        eighths: 8,
    };
    let cover = Cover::new(aim.covered, probe.orientation, grain);
    let mut shrinking = Shrinking::new(&tables, sides, probe.orientation, cover)?;
    let width = probe.width as usize;
    let mut lights: Vec<Light> = Vec::with_capacity(width);
    let mut screen = Screen::new(&space, width);

    if probe.interlaced {
        let mut whole = interlaced(&mut reader, probe, colour, deep, watch)?;
        for (y, row) in (0..).zip(whole.chunks_exact_mut(width.max(1))) {
            screen.show(row);
            shrinking.push(row.iter().map(|pixel| tables.rgb(*pixel)))?;
            shrunk(y, probe.height, READ, watch)?;
        }
        return Ok(shrinking.finish());
    }
    let mut pixels: Vec<[u8; 3]> = Vec::with_capacity(width);
    for y in 0..probe.height {
        let row = reader.next_row().map_err(|error| png_error(&error))?;
        let row = row.ok_or(PhotoError::Damaged)?;
        lights.clear();
        pixels.clear();
        if deep && screen.is_same() {
            each_deep(row.data(), colour, |pixel| {
                lights.push(tables.deep_rgb(pixel))
            });
        } else if deep {
            each_deep(row.data(), colour, |pixel| {
                pixels.push(pixel.map(eight_bits))
            });
        } else if screen.is_same() {
            each(row.data(), colour, |pixel| lights.push(tables.rgb(pixel)));
        } else {
            each(row.data(), colour, |pixel| pixels.push(pixel));
        }
        screen.show(&mut pixels);
        lights.extend(pixels.iter().map(|pixel| tables.rgb(*pixel)));
        if lights.len() != width {
            return Err(PhotoError::Damaged);
        }
        shrinking.push(lights.iter().copied())?;
        shrunk(y, probe.height, 0, watch)?;
    }
    Ok(shrinking.finish())
}

fn eight_bits(value: u16) -> u8 {
    u8::try_from((u32::from(value) + 128) / 257).unwrap_or(u8::MAX)
}

/// Turns rows into sRGB where a table tells how.
struct Screen<'a> {
    table: Option<&'a Table>,
    row: Vec<[u8; 3]>,
}

impl<'a> Screen<'a> {
    fn new(space: &'a Space, width: usize) -> Self {
        let table = match space {
            Space::Table(table) if table.channels() == 3 => Some(table),
            _ => None,
        };
        let row = if table.is_some() {
            vec![[255; 3]; width]
        } else {
            Vec::new()
        };
        Self { table, row }
    }

    fn is_same(&self) -> bool {
        self.table.is_none()
    }

    fn show(&mut self, pixels: &mut [[u8; 3]]) {
        if let Some(table) = self.table
            && table.row(pixels.as_flattened(), &mut self.row)
        {
            pixels
                .iter_mut()
                .zip(&self.row)
                .for_each(|(to, from)| *to = *from);
        }
    }
}

/// The seven passes of Adam7: first column and row, and the steps between (PNG, 8.2).
const PASSES: [(usize, usize, usize, usize); 7] = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
];

/// The passes must be put together before a row is known, so this one holds the whole picture; its
/// size was judged by [`Probe::accept`].
fn interlaced(
    reader: &mut png::Reader<&mut Source>,
    probe: &Probe,
    colour: png::ColorType,
    deep: bool,
    watch: &Watch<'_>,
) -> Result<Vec<[u8; 3]>, PhotoError> {
    let (width, height) = (probe.width as usize, probe.height as usize);
    let mut whole: Vec<[u8; 3]> = Vec::new();
    whole
        .try_reserve_exact(width * height)
        .map_err(|_| PhotoError::OutOfMemory)?;
    whole.resize(width * height, [255; 3]);
    let mut read = 0;
    for (left, top, step, down) in PASSES {
        if left >= width {
            continue;
        }
        for y in (top..height).step_by(down) {
            watch.tick()?;
            read += (width - left).div_ceil(step);
            // At most all of them.
            let share = read * usize::from(READ) / (width * height).max(1);
            watch.reached(Stage::Decoding, share as u16)?;
            let row = reader.next_row().map_err(|error| png_error(&error))?;
            let row = row.ok_or(PhotoError::Damaged)?;
            let line = whole.get_mut(y * width + left..(y + 1) * width);
            let mut places = line.unwrap_or_default().iter_mut().step_by(step);
            let mut put = |pixel| {
                if let Some(place) = places.next() {
                    *place = pixel;
                }
            };
            if deep {
                each_deep(row.data(), colour, |pixel| put(pixel.map(eight_bits)));
            } else {
                each(row.data(), colour, put);
            }
        }
    }
    Ok(whole)
}

/// Rows of 8 bits a channel, palette and small depths already expanded, over white.
fn each(row: &[u8], colour: png::ColorType, mut put: impl FnMut([u8; 3])) {
    use png::ColorType as C;
    match colour {
        C::Grayscale | C::Indexed => row.iter().for_each(|gray| put([*gray; 3])),
        C::GrayscaleAlpha => row
            .as_chunks::<2>()
            .0
            .iter()
            .for_each(|[gray, alpha]| put([over_white(*gray, *alpha); 3])),
        C::Rgb => row.as_chunks::<3>().0.iter().for_each(|pixel| put(*pixel)),
        C::Rgba => row
            .as_chunks::<4>()
            .0
            .iter()
            .for_each(|[red, green, blue, alpha]| {
                put([red, green, blue].map(|value| over_white(*value, *alpha)));
            }),
    }
}

/// The same for 16 bits, most significant byte first.
fn each_deep(row: &[u8], colour: png::ColorType, mut put: impl FnMut([u16; 3])) {
    use png::ColorType as C;
    fn numbers<const BYTES: usize, const N: usize>(row: &[u8], mut with: impl FnMut([u16; N])) {
        for pixel in row.as_chunks::<BYTES>().0 {
            let mut values = [0; N];
            for (value, bytes) in values.iter_mut().zip(pixel.as_chunks::<2>().0) {
                *value = u16::from_be_bytes(*bytes);
            }
            with(values);
        }
    }
    match colour {
        C::Grayscale | C::Indexed => numbers::<2, 1>(row, |[gray]| put([gray; 3])),
        C::GrayscaleAlpha => {
            numbers::<4, 2>(row, |[gray, alpha]| put([over_white_deep(gray, alpha); 3]));
        }
        C::Rgb => numbers::<6, 3>(row, put),
        C::Rgba => numbers::<8, 4>(row, |[red, green, blue, alpha]| {
            put([red, green, blue].map(|value| over_white_deep(value, alpha)));
        }),
    }
}
