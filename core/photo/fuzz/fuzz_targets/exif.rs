//! What a camera wrote beside the picture.
#![no_main]

libfuzzer_sys::fuzz_target!(|block: &[u8]| lapor_photo::fuzz::exif(block));
