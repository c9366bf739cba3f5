//! The entry points of `c/`: the one place of this crate where unsafe code stands.
//!
//! What the C side promises: it never unwinds, never keeps a pointer to rows beyond a call, calls
//! back only during a call of ours and on the same thread, and frees all it took in `free`.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

// Nothing of it is called from Rust, but its C library must be linked.
use mozjpeg_sys as _;

#[cfg(feature = "synth")]
use super::Storing;
use super::Trouble;

/// What a decoder reads from, and what it asks now and then; an error stops the decoding.
pub(crate) trait Feed {
    /// Fills some of `room`; 0 at the end of the file.
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Stop>;
    fn tick(&mut self) -> Result<(), Stop>;
}

impl<F: Feed + ?Sized> Feed for &mut F {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Stop> {
        (**self).read(room)
    }

    fn tick(&mut self) -> Result<(), Stop> {
        (**self).tick()
    }
}

/// Where an encoder writes to.
#[cfg(feature = "synth")]
pub(crate) trait Drain {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Stop>;
    fn tick(&mut self) -> Result<(), Stop>;
}

/// The callback keeps its own reason.
pub(crate) struct Stop;

#[repr(C)]
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) components: i32,
    pub(super) many_scans: i32,
    pub(super) adobe: i32,
}

#[repr(C)]
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Frame {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) channels: i32,
}

/// One scan as libjpeg's `jpeg_scan_info` has it.
#[cfg(test)]
#[repr(C)]
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct ScanLayout {
    pub(crate) count: c_int,
    pub(crate) colours: [c_int; 4],
    pub(crate) first: c_int,
    pub(crate) last: c_int,
    pub(crate) high: c_int,
    pub(crate) low: c_int,
}

/// What the library shall write, for tests; see `lapor_layout` in `c/encoder.c`.
#[cfg(test)]
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) components: i32,
    pub(crate) mixed: i32,
    pub(crate) coarseness: i32,
    pub(crate) factors: [[i32; 2]; 4],
    pub(crate) restart_interval: i32,
    pub(crate) scans: i32,
    pub(crate) script: [ScanLayout; 32],
}

#[repr(C)]
struct RawDecoder {
    _private: [u8; 0],
}

#[cfg(feature = "synth")]
#[repr(C)]
struct RawEncoder {
    _private: [u8; 0],
}

type ReadCallback = unsafe extern "C" fn(*mut c_void, *mut u8, usize) -> isize;
#[cfg(feature = "synth")]
type WriteCallback = unsafe extern "C" fn(*mut c_void, *const u8, usize) -> c_int;
type TickCallback = unsafe extern "C" fn(*mut c_void) -> c_int;

unsafe extern "C" {
    fn lapor_decoder_new(
        read: ReadCallback,
        tick: TickCallback,
        context: *mut c_void,
        memory_limit: usize,
    ) -> *mut RawDecoder;
    fn lapor_decoder_header(decoder: *mut RawDecoder, out: *mut Header) -> c_int;
    fn lapor_decoder_start(decoder: *mut RawDecoder, eighths: c_int, out: *mut Frame) -> c_int;
    fn lapor_decoder_row(decoder: *mut RawDecoder, row: *mut u8, size: usize) -> c_int;
    fn lapor_decoder_finish(decoder: *mut RawDecoder) -> c_int;
    fn lapor_decoder_free(decoder: *mut RawDecoder);
}

#[cfg(feature = "synth")]
unsafe extern "C" {
    fn lapor_encoder_new(
        write: WriteCallback,
        tick: TickCallback,
        context: *mut c_void,
    ) -> *mut RawEncoder;
    fn lapor_encoder_start(
        encoder: *mut RawEncoder,
        width: u32,
        height: u32,
        coarseness: c_int,
        progressive: c_int,
    ) -> c_int;
    #[cfg(test)]
    fn lapor_encoder_start_as(encoder: *mut RawEncoder, layout: *const Layout) -> c_int;
    fn lapor_encoder_marker(
        encoder: *mut RawEncoder,
        marker: c_int,
        bytes: *const u8,
        size: u32,
    ) -> c_int;
    fn lapor_encoder_rows(encoder: *mut RawEncoder, pixels: *const u8, size: usize) -> c_int;
    fn lapor_encoder_finish(encoder: *mut RawEncoder) -> c_int;
    fn lapor_encoder_free(encoder: *mut RawEncoder);
}

/// Keep in step with the enum in `c/jpeg.h`.
fn answer(code: c_int) -> Result<(), Trouble> {
    match code {
        0 => Ok(()),
        2 => Err(Trouble::Truncated),
        3 => Err(Trouble::Unsupported),
        4 => Err(Trouble::Memory),
        5 => Err(Trouble::Stopped),
        _ => Err(Trouble::Damaged),
    }
}

/// A panic must not cross C: it stops the work instead, and the message was printed by its hook.
fn guarded<T>(work: impl FnOnce() -> Result<T, Stop>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work))
        .ok()
        .and_then(Result::ok)
}

pub(super) struct RawDecoding<F: Feed> {
    raw: NonNull<RawDecoder>,
    feed: NonNull<F>,
    _owned: PhantomData<F>,
}

impl<F: Feed> RawDecoding<F> {
    pub(super) fn new(feed: F, memory_limit: u64) -> Result<Self, Trouble> {
        let limit = usize::try_from(memory_limit)
            .unwrap_or(usize::MAX)
            .min(i32::MAX as usize);
        let feed = NonNull::from(Box::leak(Box::new(feed)));
        let context = feed.as_ptr().cast::<c_void>();
        // SAFETY: the callbacks fit the declared types and cast the context back to the F it is;
        // it lives until `drop`, which frees the decoder first.
        let raw = unsafe { lapor_decoder_new(read::<F>, decoder_tick::<F>, context, limit) };
        match NonNull::new(raw) {
            Some(raw) => Ok(Self {
                raw,
                feed,
                _owned: PhantomData,
            }),
            None => {
                // SAFETY: it came from a Box above, and C has kept nothing.
                drop(unsafe { Box::from_raw(feed.as_ptr()) });
                Err(Trouble::Memory)
            }
        }
    }

    pub(super) fn header(&mut self) -> Result<Header, Trouble> {
        let mut header = Header::default();
        // SAFETY: the decoder is alive, the header is ours and of the same layout.
        answer(unsafe { lapor_decoder_header(self.raw.as_ptr(), &raw mut header) })?;
        Ok(header)
    }

    pub(super) fn start(&mut self, eighths: u8) -> Result<Frame, Trouble> {
        let mut frame = Frame::default();
        // SAFETY: as above.
        let code =
            unsafe { lapor_decoder_start(self.raw.as_ptr(), eighths.into(), &raw mut frame) };
        answer(code)?;
        Ok(frame)
    }

    /// `row` must be one whole row; C checks its size before it writes.
    pub(super) fn row(&mut self, row: &mut [u8]) -> Result<(), Trouble> {
        // SAFETY: the pointer is good for writing `len` bytes, and C writes no more.
        answer(unsafe { lapor_decoder_row(self.raw.as_ptr(), row.as_mut_ptr(), row.len()) })
    }

    pub(super) fn finish(&mut self) -> Result<(), Trouble> {
        // SAFETY: the decoder is alive.
        answer(unsafe { lapor_decoder_finish(self.raw.as_ptr()) })
    }
}

impl<F: Feed> Drop for RawDecoding<F> {
    fn drop(&mut self) {
        // SAFETY: both are alive and used for the last time; C before what it points to.
        unsafe {
            lapor_decoder_free(self.raw.as_ptr());
            drop(Box::from_raw(self.feed.as_ptr()));
        }
    }
}

unsafe extern "C" fn read<F: Feed>(context: *mut c_void, into: *mut u8, room: usize) -> isize {
    // SAFETY: the context is the feed given to `lapor_decoder_new`, and while C runs nobody else
    // uses it; `into` is C's own buffer of `room` bytes, zeroed when it was made.
    let (feed, room) = unsafe {
        (
            &mut *context.cast::<F>(),
            std::slice::from_raw_parts_mut(into, room),
        )
    };
    guarded(|| feed.read(room))
        .and_then(|count| isize::try_from(count).ok())
        .unwrap_or(-1)
}

unsafe extern "C" fn decoder_tick<F: Feed>(context: *mut c_void) -> c_int {
    // SAFETY: as in `read`.
    let feed = unsafe { &mut *context.cast::<F>() };
    c_int::from(guarded(|| feed.tick()).is_none())
}

#[cfg(feature = "synth")]
pub(super) struct RawEncoding<D: Drain> {
    raw: NonNull<RawEncoder>,
    drain: NonNull<D>,
    _owned: PhantomData<D>,
}

#[cfg(feature = "synth")]
impl<D: Drain> RawEncoding<D> {
    pub(super) fn new(drain: D) -> Result<Self, Trouble> {
        let drain = NonNull::from(Box::leak(Box::new(drain)));
        let context = drain.as_ptr().cast::<c_void>();
        // SAFETY: as for the decoder.
        let raw = unsafe { lapor_encoder_new(write::<D>, encoder_tick::<D>, context) };
        match NonNull::new(raw) {
            Some(raw) => Ok(Self {
                raw,
                drain,
                _owned: PhantomData,
            }),
            None => {
                // SAFETY: it came from a Box above, and C has kept nothing.
                drop(unsafe { Box::from_raw(drain.as_ptr()) });
                Err(Trouble::Memory)
            }
        }
    }

    pub(super) fn start(
        &mut self,
        width: u32,
        height: u32,
        coarseness: u16,
        storing: Storing,
    ) -> Result<(), Trouble> {
        let progressive = c_int::from(storing == Storing::Progressive);
        // SAFETY: the encoder is alive.
        answer(unsafe {
            lapor_encoder_start(
                self.raw.as_ptr(),
                width,
                height,
                coarseness.into(),
                progressive,
            )
        })
    }

    #[cfg(test)]
    pub(super) fn start_as(&mut self, layout: &Layout) -> Result<(), Trouble> {
        // SAFETY: both are alive; C reads the layout during the call and copies what it keeps but
        // for the script, which it reads while the encoder lives: the caller of this keeps it.
        answer(unsafe { lapor_encoder_start_as(self.raw.as_ptr(), layout) })
    }

    pub(super) fn marker(&mut self, marker: u8, bytes: &[u8]) -> Result<(), Trouble> {
        let size = u32::try_from(bytes.len()).map_err(|_| Trouble::Unsupported)?;
        // SAFETY: the pointer is good for reading `size` bytes; C copies them out.
        answer(unsafe {
            lapor_encoder_marker(self.raw.as_ptr(), marker.into(), bytes.as_ptr(), size)
        })
    }

    /// Whole rows; C takes as many as there are.
    pub(super) fn rows(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        // SAFETY: the pointer is good for reading `len` bytes, and C reads no more.
        answer(unsafe { lapor_encoder_rows(self.raw.as_ptr(), bytes.as_ptr(), bytes.len()) })
    }

    pub(super) fn finish(&mut self) -> Result<(), Trouble> {
        // SAFETY: the encoder is alive.
        answer(unsafe { lapor_encoder_finish(self.raw.as_ptr()) })
    }
}

#[cfg(feature = "synth")]
impl<D: Drain> Drop for RawEncoding<D> {
    fn drop(&mut self) {
        // SAFETY: both are alive and used for the last time; C before what it points to.
        unsafe {
            lapor_encoder_free(self.raw.as_ptr());
            drop(Box::from_raw(self.drain.as_ptr()));
        }
    }
}

#[cfg(feature = "synth")]
unsafe extern "C" fn write<D: Drain>(context: *mut c_void, bytes: *const u8, size: usize) -> c_int {
    // SAFETY: the context is the drain given to `lapor_encoder_new`, and while C runs nobody else
    // uses it; `bytes` is C's own buffer, of which `size` bytes are written.
    let (drain, bytes) = unsafe {
        (
            &mut *context.cast::<D>(),
            std::slice::from_raw_parts(bytes, size),
        )
    };
    c_int::from(guarded(|| drain.write(bytes)).is_none())
}

#[cfg(feature = "synth")]
unsafe extern "C" fn encoder_tick<D: Drain>(context: *mut c_void) -> c_int {
    // SAFETY: as in `write`.
    let drain = unsafe { &mut *context.cast::<D>() };
    c_int::from(guarded(|| drain.tick()).is_none())
}
