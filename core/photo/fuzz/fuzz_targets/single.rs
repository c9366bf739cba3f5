//! JPEG files of one scan: the own decoder from the front and ahead, and against the library.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut file = b"\xFF\xD8\xFF".to_vec();
    file.extend(
        bytes
            .strip_prefix(b"\xFF\xD8\xFF".as_slice())
            .unwrap_or(bytes),
    );
    lapor_photo::fuzz::single(&file);
});
