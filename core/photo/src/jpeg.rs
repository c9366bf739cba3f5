//! The JPEG library, made safe: a decoder that yields rows at an eighth, a quarter, half or all of
//! the size; and an encoder for synthetic photos.

mod ffi;

use ffi::RawDecoding;
#[cfg(feature = "synth")]
use ffi::RawEncoding;

#[cfg(feature = "synth")]
pub(crate) use ffi::Drain;
pub(crate) use ffi::{Feed, Stop};
#[cfg(test)]
pub(crate) use ffi::{Layout, ScanLayout};

/// Why the library gave up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Damaged,
    Truncated,
    Unsupported,
    Memory,
    /// A callback wished it, and knows why.
    Stopped,
}

/// What the rows of a decoder hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    Rgb,
    /// Four inks; `complement` when the file stores what the ink leaves of white.
    Inks {
        complement: bool,
    },
}

impl Rows {
    pub(crate) const fn channels(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Inks { .. } => 4,
        }
    }
}

/// A file whose header the library has read.
pub(crate) struct Decoder<F: Feed> {
    raw: RawDecoding<F>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Every coefficient will be held at once.
    pub(crate) several_scans: bool,
    adobe: bool,
}

impl<F: Feed> Decoder<F> {
    /// `memory_limit` bounds what the library may hold of coefficients, in bytes.
    pub(crate) fn open(feed: F, memory_limit: u64) -> Result<Self, Trouble> {
        let mut raw = RawDecoding::new(feed, memory_limit)?;
        let header = raw.header()?;
        Ok(Self {
            raw,
            width: header.width,
            height: header.height,
            several_scans: header.many_scans != 0,
            adobe: header.adobe != 0,
        })
    }

    /// Decodes at `eighths` of the size: 1, 2, 4 or 8. A file of several scans is read whole here.
    pub(crate) fn start(mut self, eighths: u8) -> Result<Decoding<F>, Trouble> {
        let frame = self.raw.start(eighths)?;
        let rows = match frame.channels {
            3 => Rows::Rgb,
            4 => Rows::Inks {
                complement: self.adobe,
            },
            _ => return Err(Trouble::Unsupported),
        };
        Ok(Decoding {
            raw: self.raw,
            width: frame.width,
            height: frame.height,
            rows,
        })
    }
}

/// A picture whose rows are coming.
pub(crate) struct Decoding<F: Feed> {
    raw: RawDecoding<F>,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rows: Rows,
}

impl<F: Feed> Decoding<F> {
    /// `row` must have `width` times the channels of `rows`.
    pub(crate) fn row(&mut self, row: &mut [u8]) -> Result<(), Trouble> {
        self.raw.row(row)
    }

    /// After the last row: tells a file without end mark from one whose data ended early.
    pub(crate) fn finish(mut self) -> Result<(), Trouble> {
        self.raw.finish()
    }
}

/// How a synthetic photo is stored.
#[cfg(feature = "synth")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storing {
    /// Fixed Huffman tables: needs no second look at the picture, so it can be of any size.
    Stream,
    /// Progressive: as large as the picture.
    Progressive,
}

/// Colours at half the resolution, a JFIF header and no other metadata. For synthetic photos alone:
/// what becomes of a report is written by [`crate::encode`].
#[cfg(feature = "synth")]
pub(crate) struct Encoder<D: Drain> {
    raw: RawEncoding<D>,
}

#[cfg(feature = "synth")]
impl<D: Drain> Encoder<D> {
    /// `coarseness` is the percentage of the standard quantisation tables.
    pub(crate) fn start(
        drain: D,
        width: u32,
        height: u32,
        coarseness: u16,
        storing: Storing,
    ) -> Result<Self, Trouble> {
        let mut raw = RawEncoding::new(drain)?;
        raw.start(width, height, coarseness, storing)?;
        Ok(Self { raw })
    }

    /// Before the first row.
    pub(crate) fn marker(&mut self, marker: u8, bytes: &[u8]) -> Result<(), Trouble> {
        self.raw.marker(marker, bytes)
    }

    /// One or more whole rows.
    pub(crate) fn rows(&mut self, pixels: &[[u8; 3]]) -> Result<(), Trouble> {
        self.raw.rows(pixels.as_flattened())
    }

    pub(crate) fn finish(mut self) -> Result<(), Trouble> {
        self.raw.finish()
    }
}

/// A whole file of any layout, from its rows.
#[cfg(test)]
pub(crate) fn written(layout: &Layout, pixels: &[u8]) -> Result<Vec<u8>, Trouble> {
    struct Kept<'a>(&'a mut Vec<u8>);
    impl Drain for Kept<'_> {
        fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
            self.0.extend_from_slice(bytes);
            Ok(())
        }

        fn tick(&mut self) -> Result<(), Stop> {
            Ok(())
        }
    }
    let mut bytes = Vec::new();
    let mut raw = RawEncoding::new(Kept(&mut bytes))?;
    raw.start_as(layout)?;
    raw.rows(pixels)?;
    raw.finish()?;
    drop(raw);
    Ok(bytes)
}

#[cfg(test)]
mod tests;
