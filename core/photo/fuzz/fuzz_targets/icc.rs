//! A profile of colours, over gray, screen and press.
#![no_main]

libfuzzer_sys::fuzz_target!(|profile: &[u8]| lapor_photo::fuzz::icc(profile));
