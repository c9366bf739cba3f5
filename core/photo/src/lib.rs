//! One photo in, by its path; one small upright JPEG without metadata out.
//!
//! This room owns everything that happens to a picture between the camera's file and the bytes that
//! are frozen into a report: what the file is ([`probe`]), its limits, decoding row by row, turning
//! it upright, colour, shrinking, and the JPEG encoder that lands within the budget ([`prepare`]).
//! It reads the place and the time of the photo so that a reporter can be *offered* them ([`Hints`]);
//! it never puts them into the result.
//!
//! It never writes a file, keeps nothing between calls, starts no thread but one where
//! [`Settings::threads`] allows it and only while the call lasts, reads no clock but the
//! monotonic one for [`Picture::millis`], and holds no whole camera picture: memory follows the
//! width of the photo, not its area (the two exceptions are measured before they are allocated, see
//! [`PhotoError::TooMuchMemory`]).
//!
//! JPEG files are decoded by this room itself, on two threads where the caller allows it: those of one
//! scan as they come (`decode/single`), those of several with nothing kept but what the scaled picture
//! shows (`decode/scans`). The rare ones that neither knows are libjpeg's (`c/`, wrapped in `jpeg`). PNG
//! is the `png` crate's. The result is written by this room itself (`encode`), thoroughly or, where bytes
//! are no matter, plainly ([`Effort`]).
//!
//! A file that was cut is refused; a JPEG that lacks nothing but its end mark is whole.
//!
//! A PDF passes unchanged up to its limit: **its own metadata stays in it** (author, program, times), and whether such
//! were seen is told ([`Picture::details_seen`]). One behind bytes that are no part of it is refused.
//!
//! No figure of this room was taken on ARM.

mod block;
mod budget;
mod canvas;
mod colour;
mod cover;
mod decode;
mod encode;
mod error;
mod exif;
#[cfg(test)]
mod fixtures;
mod format;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod header;
mod jpeg;
#[cfg(test)]
mod odd;
mod orientation;
mod pair;
mod prepare;
mod probe;
mod resize;
mod shrink;
mod source;
#[cfg(feature = "synth")]
pub mod synth;
mod watch;
mod wide;

pub use self::exif::{Hints, Place};
pub use cover::Region;
pub use error::{FileKind, MemoryReason, PhotoError};
pub use format::{Format, MediaType};
pub use orientation::Orientation;
pub use prepare::{Dimensions, Effort, Picture, Settings, Threads, prepare};
pub use probe::{Probe, probe};
pub use watch::{Flow, Progress, Stage};
