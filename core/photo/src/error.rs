//! Everything that can be wrong with a photo, each case with what its message needs.

use std::io;

use crate::format::Format;

/// Why a file did not become a picture. The texts name no path and nothing that is in the picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    #[error("there is no file at this path: pick the photo again")]
    NotFound,
    /// The file lost bytes under our hands, or its disk went away.
    #[error(
        "the file ended after {read} of {expected} bytes while it was being read: \
         pick the photo again"
    )]
    Vanished { read: u64, expected: u64 },
    #[error("the file was changed while it was being read: pick the photo again when it is ready")]
    Changed,
    #[error("this is {kind}, not a file: pick a photo")]
    NotAFile { kind: FileKind },
    #[error("the file is empty: pick the photo again")]
    Empty,
    #[error("the file has {bytes} bytes and at most {limit} are read: pick a smaller photo")]
    FileTooLarge { bytes: u64, limit: u64 },
    #[error("this is no kind of picture that is known here: pick a JPEG, a PNG or a PDF")]
    UnknownFormat,
    #[error(
        "this is a HEIC photo: convert it to JPEG first, or let the camera take the most \
         compatible format"
    )]
    ConvertHeic,
    #[error("this is {format}: convert it to JPEG first")]
    Convert { format: Format },
    /// `limit` is in pixels, whatever the sides.
    #[error(
        "the picture has {width} x {height} pixels and at most {limit} are taken, \
         at most 65500 on a side: pick a smaller one"
    )]
    TooManyPixels { width: u32, height: u32, limit: u64 },
    /// The few kinds of file that cannot be read row by row.
    #[error(
        "{reason} of {width} x {height} pixels needs {needed} bytes of memory and at most \
         {limit} are used: save it as an ordinary JPEG, or smaller"
    )]
    TooMuchMemory {
        reason: MemoryReason,
        width: u32,
        height: u32,
        needed: u64,
        limit: u64,
    },
    #[error("the system has no memory left: close other apps and try again")]
    OutOfMemory,
    #[error("the file is cut short, part of it is missing: pick the original again")]
    Truncated,
    #[error("the file is damaged: pick the original again")]
    Damaged,
    /// Whole and correct perhaps, but of a variety that no camera writes.
    #[error("this variety of {format} cannot be read: save it as an ordinary JPEG")]
    Unsupported { format: Format },
    /// What stands there no page shows, a mail's head for one, and it would be sent with them.
    #[error("{bytes} bytes before the document are no part of it: save it as a PDF again")]
    BeforeDocument { bytes: u64 },
    #[error("the document has {bytes} bytes and at most {limit} are taken: make it smaller")]
    DocumentTooLarge { bytes: u64, limit: u64 },
    /// Even the smallest picture at the lowest quality is over the budget.
    #[error("the picture does not fit into {limit} bytes, the smallest takes {smallest}")]
    CannotFit { smallest: u64, limit: u64 },
    #[error("a region to cover must lie in the picture: left, top, width and height as parts of 1")]
    RegionOutside,
    #[error("{regions} regions are to be covered and at most {limit} can be")]
    TooManyRegions { regions: usize, limit: usize },
    /// Nothing may be sent uncovered that was to be covered.
    #[error("no part of a {format} can be covered: take a photo of it, or leave it out")]
    CannotCover { format: Format },
    #[error("cancelled")]
    Cancelled,
    #[error("the file cannot be read ({kind}): check that this app may read it")]
    Io { kind: io::ErrorKind },
}

impl PhotoError {
    pub(crate) fn reading(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::OutOfMemory => Self::OutOfMemory,
            kind => Self::Io { kind },
        }
    }
}

/// What lies at a path that is no regular file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Directory,
    Fifo,
    Socket,
    Device,
    Other,
}

impl std::fmt::Display for FileKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Directory => "a folder",
            Self::Fifo => "a pipe",
            Self::Socket => "a socket",
            Self::Device => "a device",
            Self::Other => "something else",
        })
    }
}

/// Why a file must be held in memory as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryReason {
    /// A progressive JPEG, or one whose colours lie in separate scans.
    SeveralScans,
    /// A PNG whose rows come in seven passes.
    Interlaced,
}

impl std::fmt::Display for MemoryReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::SeveralScans => "a JPEG of several scans (a progressive one)",
            Self::Interlaced => "an interlaced PNG",
        })
    }
}
