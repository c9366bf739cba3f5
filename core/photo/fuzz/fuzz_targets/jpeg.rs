//! The whole way of a JPEG.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut file = b"\xFF\xD8\xFF".to_vec();
    file.extend(
        bytes
            .strip_prefix(b"\xFF\xD8\xFF".as_slice())
            .unwrap_or(bytes),
    );
    lapor_photo_fuzz::prepared(&file, lapor_photo_fuzz::Way::of(bytes));
});
