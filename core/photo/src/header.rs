//! What a JPEG says of itself before its picture data: size, layout, and where its EXIF block lies.
//!
//! Read by ourselves and before the library is woken, so that the cost of a file is known before
//! anything is allocated for it. Holds at most one EXIF block (64 KB); other segments are skipped.

mod profile;

pub(crate) use profile::{ProfilePart, whole_profile};

use std::io::{BufRead, Seek, SeekFrom};

use crate::error::PhotoError;
use crate::format::Format;

/// A camera writes some dozens; each one costs a step through the file.
const MAX_SEGMENTS: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JpegHeader {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Sampling factors, across and down, of each colour.
    pub(crate) sampling: Vec<(u8, u8)>,
    pub(crate) progressive: bool,
    /// The colours do not come together: the library must hold every coefficient.
    pub(crate) several_scans: bool,
    /// What stands behind `Exif\0\0`, unparsed.
    pub(crate) exif: Option<Vec<u8>>,
    /// Where the ICC profile lies.
    pub(crate) profile: Vec<ProfilePart>,
}

impl JpegHeader {
    /// Pixels across and down that are coded together.
    pub(crate) fn group(&self) -> [u32; 2] {
        group(&self.sampling)
    }
}

/// Pixels across and down that are coded together.
fn group(sampling: &[(u8, u8)]) -> [u32; 2] {
    let most =
        |of: fn(&(u8, u8)) -> u8| 8 * u32::from(sampling.iter().map(of).max().unwrap_or(1).max(1));
    [most(|(across, _)| *across), most(|(_, down)| *down)]
}

/// What libjpeg holds when it must keep all coefficients: 64 of two bytes a block, the blocks filled
/// up to whole groups of sampling.
pub(crate) fn coefficient_bytes([width, height]: [u32; 2], sampling: &[(u8, u8)]) -> u64 {
    let [across, down] = group(sampling);
    let groups_across = u64::from(width).div_ceil(u64::from(across));
    let groups_down = u64::from(height).div_ceil(u64::from(down));
    let blocks: u64 = sampling
        .iter()
        .map(|(h, v)| u64::from(*h) * u64::from(*v))
        .sum();
    groups_across * groups_down * blocks * 128
}

/// Reads from the start of the file up to the first scan.
pub(crate) fn read(source: &mut (impl BufRead + Seek)) -> Result<JpegHeader, PhotoError> {
    let mut reader = Segments { source };
    if reader.bytes::<2>()? != [0xFF, 0xD8] {
        return Err(PhotoError::Damaged);
    }
    let mut frame: Option<Frame> = None;
    let mut exif = None;
    let mut profile = Vec::new();
    for _ in 0..MAX_SEGMENTS {
        let marker = reader.marker()?;
        match marker {
            0x01 | 0xD0..=0xD7 => continue,
            0xD8 => return Err(PhotoError::Damaged),
            0xD9 => return Err(PhotoError::Truncated),
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(reader.bytes()?));
        let Some(length) = length.checked_sub(2) else {
            return Err(PhotoError::Damaged);
        };
        match marker {
            0xC0..=0xC2 => {
                if frame.is_some() {
                    return Err(PhotoError::Damaged);
                }
                frame = Some(Frame::parse(&reader.segment(length)?, marker == 0xC2)?);
            }
            // Lossless, hierarchical, arithmetic: 0xC4, 0xC8 and 0xCC are no frames.
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Err(PhotoError::Unsupported {
                    format: Format::Jpeg,
                });
            }
            0xDA => {
                let scan = reader.segment(length)?;
                let frame = frame.ok_or(PhotoError::Damaged)?;
                let in_scan = usize::from(*scan.first().ok_or(PhotoError::Damaged)?);
                return Ok(JpegHeader {
                    several_scans: frame.progressive || in_scan < frame.sampling.len(),
                    width: frame.width,
                    height: frame.height,
                    sampling: frame.sampling,
                    progressive: frame.progressive,
                    exif,
                    profile,
                });
            }
            0xE1 if exif.is_none() => {
                let segment = reader.segment(length)?;
                exif = segment.strip_prefix(b"Exif\0\0").map(<[u8]>::to_vec);
            }
            0xE2 if profile.len() < profile::MAX_PARTS => {
                profile.extend(reader.profile_part(length)?);
            }
            _ => reader.skip(length)?,
        }
    }
    Err(PhotoError::Damaged)
}

struct Frame {
    width: u32,
    height: u32,
    sampling: Vec<(u8, u8)>,
    progressive: bool,
}

impl Frame {
    fn parse(segment: &[u8], progressive: bool) -> Result<Self, PhotoError> {
        let Some(([precision, h1, h2, w1, w2, count], colours)) = segment.split_first_chunk()
        else {
            return Err(PhotoError::Damaged);
        };
        let (height, width) = (
            u16::from_be_bytes([*h1, *h2]),
            u16::from_be_bytes([*w1, *w2]),
        );
        if *precision != 8 || !matches!(count, 1 | 3 | 4) {
            return Err(PhotoError::Unsupported {
                format: Format::Jpeg,
            });
        }
        let (colours, _) = colours.as_chunks::<3>();
        let sampling: Vec<(u8, u8)> = colours
            .iter()
            .take(usize::from(*count))
            .map(|[_, factors, _]| (factors >> 4, factors & 15))
            .collect();
        let sound = sampling
            .iter()
            .all(|(h, v)| (1..=4).contains(h) && (1..=4).contains(v));
        if !sound || sampling.len() != usize::from(*count) || width == 0 || height == 0 {
            return Err(PhotoError::Damaged);
        }
        Ok(Self {
            width: width.into(),
            height: height.into(),
            sampling,
            progressive,
        })
    }
}

struct Segments<'a, S> {
    source: &'a mut S,
}

impl<S: BufRead + Seek> Segments<'_, S> {
    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], PhotoError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn segment(&mut self, length: usize) -> Result<Vec<u8>, PhotoError> {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), PhotoError> {
        self.source
            .read_exact(bytes)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => PhotoError::Truncated,
                _ => PhotoError::reading(&error),
            })
    }

    /// Some writers leave bytes that belong to nothing before a marker; like every reader, pass them.
    fn marker(&mut self) -> Result<u8, PhotoError> {
        loop {
            let ready = self
                .source
                .fill_buf()
                .map_err(|error| PhotoError::reading(&error))?;
            if ready.is_empty() {
                return Err(PhotoError::Truncated);
            }
            let at = ready.iter().position(|byte| *byte == 0xFF);
            let passed = at.map_or(ready.len(), |at| at + 1);
            self.source.consume(passed);
            if at.is_none() {
                continue;
            }
            let mut byte = 0xFF;
            while byte == 0xFF {
                [byte] = self.bytes()?;
            }
            if byte != 0 {
                return Ok(byte);
            }
        }
    }

    fn skip(&mut self, length: usize) -> Result<(), PhotoError> {
        let by = i64::try_from(length).map_err(|_| PhotoError::Damaged)?;
        self.source
            .seek(SeekFrom::Current(by))
            .map(drop)
            .map_err(|error| PhotoError::reading(&error))
    }
}

#[cfg(test)]
mod tests;
