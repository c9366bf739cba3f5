//! The whole way of a PNG; the library passes its checksums when it is built for fuzzing.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mark = b"\x89PNG\r\n\x1A\n".as_slice();
    let file = [mark, bytes.strip_prefix(mark).unwrap_or(bytes)].concat();
    lapor_photo_fuzz::prepared(&file, lapor_photo_fuzz::Way::of(bytes));
});
