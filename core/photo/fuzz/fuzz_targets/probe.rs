//! Any bytes at all: what is it, and what would it cost?
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = lapor_photo_fuzz::on_file(bytes, lapor_photo::probe);
});
