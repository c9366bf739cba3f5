//! Pictures of a draft: how far one is, what became of it, why it was refused.

use lapor_core::{
    client::Attached,
    engine::{
        report::{AsItIs, Place, ReportKey, Sha256Hash},
        words::{self, Lang},
    },
    photo::{FileKind, Flow, Format, MemoryReason, PhotoError, Progress, Region, Stage},
    store::AttachmentRow,
};

use crate::errors::ShellError;

/// Told how far a picture is, on the thread that makes it; answers whether to go on. Must return
/// at once and must not wait for another call of the client.
#[uniffi::export(foreign)]
pub trait PictureWatcher: Send + Sync {
    /// `permille` runs from 0 to 1000 over both stages, and never back.
    fn progress(&self, stage: Stage, permille: u16) -> Result<Flow, ShellError>;
}

/// A watcher that fails has no wish that could be heard: the picture goes on.
pub(crate) fn ask(watcher: &dyn PictureWatcher, progress: Progress) -> Flow {
    watcher
        .progress(progress.stage, progress.permille)
        .unwrap_or(Flow::Continue)
}

/// A rectangle of the upright picture that nobody shall see: left, top, width and height as parts of
/// the picture's own, from 0 to 1. What reaches beyond the picture is cut off.
#[derive(Debug, Clone, Copy, PartialEq, uniffi::Record)]
pub struct CoveredRegion {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl CoveredRegion {
    /// All of them, or the first that does not lie in the picture.
    pub(crate) fn all(regions: &[Self]) -> Result<Vec<Region>, PhotoError> {
        let region = |one: &Self| Region::new(one.left, one.top, one.width, one.height);
        regions.iter().map(region).collect()
    }
}

/// A picture or document of a report, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ReportAttachment {
    /// Made by the core, never the file's own name.
    pub name: String,
    pub media_type: String,
    pub sha256: Sha256Hash,
    pub bytes: u64,
    /// Size of the file that it was made from.
    pub original_bytes: u64,
    /// Pixels; 0 for a document.
    pub width: u32,
    pub height: u32,
    /// JPEG quality on libjpeg's scale of 1 to 100; 0 for a document.
    pub quality: u8,
    /// What the service has of it, bytes.
    pub arrived: u64,
    /// The service has all of it.
    pub stored: bool,
    /// Its bytes are still on this phone.
    pub present: bool,
    /// Neither on this phone nor at the service: it will not arrive.
    pub lost: bool,
    /// It was not made here, and goes out byte for byte with what its programs wrote into it.
    pub as_it_is: bool,
}

/// A document of the report is sent as it is: show `words` where it was attached, and wherever the report is looked
/// at before it is submitted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SentAsItIs {
    /// Of the report: the words are stronger then.
    pub anonymous: bool,
    pub secret: bool,
    /// Such details were seen while it was attached. False says nothing of the document, and is all that is said later.
    pub details_seen: bool,
    pub words: String,
}

/// What stands beside a report in a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ListThumbnail {
    pub key: ReportKey,
    /// Upright, at most 256 pixels on a side.
    pub jpeg: Vec<u8>,
}

/// What [`crate::LaporClient::attach`] made.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct NewPicture {
    pub attachment: ReportAttachment,
    /// When the photo was taken, by its own word: `YYYY-MM-DDTHH:MM:SS`, with an offset where the
    /// camera wrote one. Offer it to the reporter; nothing of it is sent unasked.
    pub taken_at: Option<String>,
    /// Where; the same holds.
    pub place: Option<Place>,
    pub took_ms: u64,
    /// None of what was made here.
    pub as_it_is: Option<SentAsItIs>,
}

impl SentAsItIs {
    pub(crate) fn of(note: AsItIs, lang: Lang) -> Self {
        Self {
            anonymous: note.anonymous,
            secret: note.secret,
            details_seen: note.details_seen,
            words: words::as_it_is(note, lang),
        }
    }
}

impl From<&AttachmentRow> for ReportAttachment {
    fn from(row: &AttachmentRow) -> Self {
        Self {
            name: row.name.clone(),
            media_type: row.media_type.clone(),
            sha256: row.sha256,
            bytes: row.bytes,
            original_bytes: row.original_bytes,
            width: row.width,
            height: row.height,
            quality: row.quality,
            arrived: row.uploaded,
            stored: row.stored,
            present: row.present,
            lost: row.is_lost(),
            as_it_is: row.is_as_it_is(),
        }
    }
}

impl NewPicture {
    pub(crate) fn of(made: Attached, lang: Lang) -> Self {
        Self {
            attachment: (&made.attachment).into(),
            taken_at: made.hints.taken_at,
            place: made.hints.place.map(|place| Place {
                latitude: place.latitude,
                longitude: place.longitude,
            }),
            took_ms: made.took_ms,
            as_it_is: made.as_it_is.map(|note| SentAsItIs::of(note, lang)),
        }
    }
}

/// Why a file did not become a picture; each case with what its message needs.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum PictureProblem {
    NoFile,
    /// The file ended while it was being read, bytes.
    Vanished {
        read: u64,
        expected: u64,
    },
    Changed,
    NotAFile {
        kind: FileKind,
    },
    Empty,
    FileTooLarge {
        bytes: u64,
        limit: u64,
    },
    UnknownFormat,
    /// The camera can be told to write JPEG.
    ConvertHeic,
    Convert {
        format: Format,
    },
    /// `limit` counts all pixels.
    TooManyPixels {
        width: u32,
        height: u32,
        limit: u64,
    },
    TooMuchMemory {
        reason: MemoryReason,
        width: u32,
        height: u32,
        needed: u64,
        limit: u64,
    },
    OutOfMemory,
    Truncated,
    Damaged,
    Unsupported {
        format: Format,
    },
    /// So many bytes stand before the document and are no part of it, a mail's head for one.
    BeforeDocument {
        bytes: u64,
    },
    DocumentTooLarge {
        bytes: u64,
        limit: u64,
    },
    CannotFit {
        smallest: u64,
        limit: u64,
    },
    /// Nothing of what was to be covered lies in the picture, or it is no rectangle.
    RegionOutside,
    TooManyRegions {
        regions: u32,
        limit: u32,
    },
    /// A document is sent as it is; nothing of it is sent when a part was to be covered.
    CannotCover {
        format: Format,
    },
    /// Never alone: the call ends with `Cancelled`.
    Cancelled,
    Unreadable {
        kind: String,
    },
}

impl From<PhotoError> for PictureProblem {
    fn from(error: PhotoError) -> Self {
        match error {
            PhotoError::NotFound => Self::NoFile,
            PhotoError::Vanished { read, expected } => Self::Vanished { read, expected },
            PhotoError::Changed => Self::Changed,
            PhotoError::NotAFile { kind } => Self::NotAFile { kind },
            PhotoError::Empty => Self::Empty,
            PhotoError::FileTooLarge { bytes, limit } => Self::FileTooLarge { bytes, limit },
            PhotoError::UnknownFormat => Self::UnknownFormat,
            PhotoError::ConvertHeic => Self::ConvertHeic,
            PhotoError::Convert { format } => Self::Convert { format },
            PhotoError::TooManyPixels {
                width,
                height,
                limit,
            } => Self::TooManyPixels {
                width,
                height,
                limit,
            },
            PhotoError::TooMuchMemory {
                reason,
                width,
                height,
                needed,
                limit,
            } => Self::TooMuchMemory {
                reason,
                width,
                height,
                needed,
                limit,
            },
            PhotoError::OutOfMemory => Self::OutOfMemory,
            PhotoError::Truncated => Self::Truncated,
            PhotoError::Damaged => Self::Damaged,
            PhotoError::Unsupported { format } => Self::Unsupported { format },
            PhotoError::BeforeDocument { bytes } => Self::BeforeDocument { bytes },
            PhotoError::DocumentTooLarge { bytes, limit } => {
                Self::DocumentTooLarge { bytes, limit }
            }
            PhotoError::CannotFit { smallest, limit } => Self::CannotFit { smallest, limit },
            PhotoError::RegionOutside => Self::RegionOutside,
            PhotoError::TooManyRegions { regions, limit } => Self::TooManyRegions {
                regions: u32::try_from(regions).unwrap_or(u32::MAX),
                limit: u32::try_from(limit).unwrap_or(u32::MAX),
            },
            PhotoError::CannotCover { format } => Self::CannotCover { format },
            PhotoError::Cancelled => Self::Cancelled,
            PhotoError::Io { kind } => Self::Unreadable {
                kind: kind.to_string(),
            },
        }
    }
}
