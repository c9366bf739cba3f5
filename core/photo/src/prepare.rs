//! The whole way of one picture: look, judge, decode, search, result.

mod document;
mod thumbnail;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::time::Instant;

use sha2::{Digest as _, Sha256};

use crate::budget::{self, Fit};
use crate::cover::{MAX_REGIONS, Region};
use crate::decode::{self, Aim, DECODED};
use crate::encode::{Coarseness, Original, Pair};
use crate::error::PhotoError;
use crate::exif::Hints;
use crate::format::{Format, MediaType};
use crate::probe::{self, Bounds};
use crate::shrink;
use crate::source::Source;
use crate::watch::{Flow, Progress, Stage, Watch};

/// How many threads a picture may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Threads {
    /// The caller's alone.
    #[default]
    One,
    /// One more beside it while the work lasts. The bytes are the same.
    Two,
}

/// What is done to save bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Effort {
    /// Everything: the best look that a budget buys.
    #[default]
    Thorough,
    /// Nothing, where [`Settings::max_bytes`] is enough for a picture of [`Settings::max_quality`] as
    /// most programs write it: nearest levels, one scan. Takes two thirds of the time and a tenth
    /// more bytes. Where it is not enough, the same is made as of [`Effort::Thorough`].
    Plain,
}

/// How large the picture is, of what [`Settings::max_edge`] allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dimensions {
    /// Four fifths or two thirds of it, where the bytes are so few that such a picture looks better when
    /// it is enlarged again to be looked at.
    #[default]
    ByLook,
    /// All of it, unless it does not fit at any quality.
    AsAllowed,
}

/// Limits of the result and of the work.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The JPEG takes at most so many bytes.
    pub max_bytes: u64,
    /// Pixels on the longer side of the JPEG, taken as 1 to 4096 whatever is asked for: the result
    /// is held whole while its quality is searched. A smaller picture is not enlarged.
    pub max_edge: u32,
    pub dimensions: Dimensions,
    /// The result is no finer than this (libjpeg's scale of 1 to 100), also where bytes are left:
    /// an easy photo stops here. At 96 photos without noise have SSIMULACRA2 88 to 92 (`make bench-photo`,
    /// line `photo-ceiling`), where side by side nobody tells them from the camera's; 82 to 90 with it.
    pub max_quality: u8,
    /// A PDF takes at most so many bytes.
    pub max_document_bytes: u64,
    /// A file of more pixels is refused before it is decoded.
    pub max_pixels: u64,
    /// Bytes that a file may need because it must be held whole: of a progressive JPEG what the result
    /// shows (8 and 12 megapixels 12 and 11 MB, 50 megapixels 21 MB, 200 megapixels 30 MB with colours at half
    /// resolution and 1600 pixels wanted), of an interlaced PNG three bytes a pixel.
    pub max_working_bytes: u64,
    /// Pixels on the longer side of the small picture for a list; 0 for none, at most 512.
    pub thumbnail_edge: u32,
    /// Parts of the upright picture that nobody shall see, at most 64. They are black in the result,
    /// with a margin, and nothing of what they held has any influence on a byte of it.
    pub redactions: Vec<Region>,
    pub threads: Threads,
    pub effort: Effort,
}

impl Default for Settings {
    /// 300 KB and 1600 pixels are the project's own figures; 2 MiB is what the form of LAPOR! takes
    /// of a file; 220 megapixels lets the largest phone cameras (200) pass.
    fn default() -> Self {
        Self {
            max_bytes: 300 * 1024,
            max_edge: 1600,
            dimensions: Dimensions::default(),
            max_quality: 96,
            max_document_bytes: 2 * 1024 * 1024,
            max_pixels: 220_000_000,
            max_working_bytes: 96 * 1024 * 1024,
            thumbnail_edge: 0,
            redactions: Vec::new(),
            threads: Threads::One,
            effort: Effort::Thorough,
        }
    }
}

const MAX_EDGE: u32 = 4096;
const MAX_THUMBNAIL_EDGE: u32 = 512;

/// What becomes part of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The exact bytes to send.
    pub bytes: Vec<u8>,
    /// The small JPEG for a list, upright, without metadata and covered alike; empty when none was
    /// wanted, and for a PDF. It stays on the phone.
    pub thumbnail: Vec<u8>,
    pub media_type: MediaType,
    pub sha256: [u8; 32],
    /// Pixels, upright; 0 for a PDF.
    pub width: u32,
    pub height: u32,
    /// libjpeg's scale of 1 to 100, rounded; 0 for a PDF.
    pub quality: u8,
    /// How often the whole picture was quantised until it fitted: once in nearly all. 0 for a PDF.
    pub quantised: u32,
    /// How often it was entropy-coded: once, but where so many bytes of ones must be followed by a zero
    /// that the first coding is over the budget, which is known only then. 0 for a PDF.
    pub coded: u32,
    /// Size of the file that was read.
    pub original_bytes: u64,
    /// From the file, and not in `bytes`: for the reporter's eyes.
    pub hints: Hints,
    /// Of a PDF: it shows that it carries an author, programs or times. They may also lie where nobody sees them:
    /// false says nothing. Never of a JPEG, which is made here.
    pub details_seen: bool,
    /// Time taken, by the monotonic clock.
    pub millis: u64,
}

/// Reads the photo at `path` and makes the picture to send: an upright JPEG without metadata within
/// the settings, or the unchanged bytes of a PDF.
///
/// `progress` is called now and then on the same thread; it can end the work. A panic of it ends the work
/// too, and goes on to whoever called this. The file is opened once and read from that handle alone.
pub fn prepare(
    path: &Path,
    settings: &Settings,
    progress: &mut dyn FnMut(Progress) -> Flow,
) -> Result<Picture, PhotoError> {
    let started = Instant::now();
    let watch = Watch::new(progress);
    let made = contained(|| {
        watch.report(Stage::Decoding, 0)?;
        let mut source = Source::open(path)?;
        let made = make(&mut source, settings, &watch);
        if !matches!(made, Err(PhotoError::Cancelled | PhotoError::Io { .. })) {
            // A file that changed meanwhile explains any failure, and spoils any success.
            source.unchanged()?;
        }
        let mut picture = made?;
        watch.report(Stage::Encoding, 1000)?;
        picture.millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(picture)
    });
    match watch.panicked() {
        Some(panic) => resume_unwind(panic),
        None => made,
    }
}

/// The libraries beneath should never panic; if one does over a strange file, it ends here.
pub(crate) fn contained<T>(work: impl FnOnce() -> Result<T, PhotoError>) -> Result<T, PhotoError> {
    if cfg!(test) {
        // This crate's own tests must see it.
        return work();
    }
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(PhotoError::Damaged))
}

fn make(
    source: &mut Source,
    settings: &Settings,
    watch: &Watch<'_>,
) -> Result<Picture, PhotoError> {
    let original_bytes = source.bytes();
    let regions = settings.redactions.len();
    if regions > MAX_REGIONS {
        return Err(PhotoError::TooManyRegions {
            regions,
            limit: MAX_REGIONS,
        });
    }
    let seen = probe::look(source)?;
    if seen.probe.format == Format::Pdf {
        return document(source, settings);
    }
    let working_bytes = settings.max_working_bytes;
    let max_edge = settings.max_edge.min(MAX_EDGE);
    seen.accept(Bounds {
        pixels: settings.max_pixels,
        working_bytes,
        max_edge,
    })?;

    let aim = Aim {
        max_edge,
        working_bytes,
        covered: &settings.redactions,
        pair: Pair(settings.threads == Threads::Two),
    };
    let original = Original::of(decode::decode(source, &seen, aim, watch)?)?;
    let edge = settings.thumbnail_edge.min(MAX_THUMBNAIL_EDGE);
    let small = thumbnail::small(&original, edge)?;
    let Made {
        width,
        height,
        coarseness,
        quantised,
        coded,
        bytes,
    } = within(original, settings, watch)?;
    Ok(Picture {
        thumbnail: thumbnail::coded(small, watch)?,
        media_type: MediaType::Jpeg,
        sha256: Sha256::digest(&bytes).into(),
        width,
        height,
        quality: coarseness.quality(),
        quantised,
        coded,
        original_bytes,
        hints: seen.probe.hints,
        details_seen: false,
        millis: 0,
        bytes,
    })
}

fn document(source: &mut Source, settings: &Settings) -> Result<Picture, PhotoError> {
    if !settings.redactions.is_empty() {
        return Err(PhotoError::CannotCover {
            format: Format::Pdf,
        });
    }
    let (size, limit) = (source.bytes(), settings.max_document_bytes);
    if size > limit {
        return Err(PhotoError::DocumentTooLarge { bytes: size, limit });
    }
    let bytes = source.first(usize::try_from(size).map_err(|_| PhotoError::OutOfMemory)?)?;
    document::accept(&bytes)?;
    Ok(Picture {
        thumbnail: Vec::new(),
        media_type: MediaType::Pdf,
        sha256: Sha256::digest(&bytes).into(),
        width: 0,
        height: 0,
        quality: 0,
        quantised: 0,
        coded: 0,
        original_bytes: size,
        hints: Hints::default(),
        details_seen: document::shows_details(&bytes),
        millis: 0,
        bytes,
    })
}

/// Tried one after the other when the lowest quality is still too big. A picture that lacks so much looks
/// no better at 1280 pixels, and no worse at 1024.
const SMALLER_EDGES: [u32; 7] = [1024, 800, 640, 480, 320, 240, 160];

struct Made {
    width: u32,
    height: u32,
    coarseness: Coarseness,
    quantised: u32,
    coded: u32,
    bytes: Vec<u8>,
}

fn within(
    mut original: Original,
    settings: &Settings,
    watch: &Watch<'_>,
) -> Result<Made, PhotoError> {
    let finest = Coarseness::of_quality(settings.max_quality);
    let pair = Pair(settings.threads == Threads::Two);
    let mut edges = SMALLER_EDGES.iter();
    let (mut before, mut coded_before) = (0, 0);
    let mut dimensions = settings.dimensions;
    watch.report(Stage::Encoding, DECODED)?;
    if settings.effort == Effort::Plain {
        before += 1;
        let plain = budget::plainly(&original, settings.max_bytes, finest, pair, watch)?;
        coded_before += plain.coded;
        if let Some(bytes) = plain.bytes {
            return Ok(Made {
                width: original.width(),
                height: original.height(),
                coarseness: finest,
                quantised: before,
                coded: coded_before,
                bytes,
            });
        }
    }
    loop {
        let budget = settings.max_bytes;
        match budget::fit(&original, budget, finest, dimensions, pair, watch)? {
            Fit::Fits {
                coarseness,
                quantised,
                coded,
                bytes,
            } => {
                return Ok(Made {
                    width: original.width(),
                    height: original.height(),
                    coarseness,
                    quantised: before + quantised,
                    coded: coded_before + coded,
                    bytes,
                });
            }
            Fit::BetterSmaller { edge } => {
                // The choice is made once: its figures are of the picture at its full size.
                dimensions = Dimensions::AsAllowed;
                original = Original::of(shrink::smaller(&original, edge)?)?;
            }
            Fit::TooBig {
                quantised,
                coded,
                smallest,
            } => {
                dimensions = Dimensions::AsAllowed;
                before += quantised;
                coded_before += coded;
                let longer = original.width().max(original.height());
                let Some(edge) = edges.find(|edge| **edge < longer) else {
                    return Err(PhotoError::CannotFit {
                        smallest,
                        limit: settings.max_bytes,
                    });
                };
                original = Original::of(shrink::smaller(&original, *edge)?)?;
            }
        }
    }
}

#[cfg(test)]
mod tests;
