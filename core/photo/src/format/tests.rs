#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

#[test]
fn the_first_bytes_tell_the_format() {
    let cases: [(&[u8], Option<Format>); 18] = [
        (b"\xFF\xD8\xFF\xE1", Some(Format::Jpeg)),
        (b"\x89PNG\r\n\x1A\n....", Some(Format::Png)),
        (b"%PDF-1.7", Some(Format::Pdf)),
        (b"\xEF\xBB\xBF%PDF-1.4", Some(Format::Pdf)),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Some(Format::Heic)),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Some(Format::Heic)),
        (
            b"\0\0\0\x1Cftypmif1\0\0\0\0mif1avifmiaf",
            Some(Format::Avif),
        ),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", Some(Format::Avif)),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", Some(Format::Video)),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", Some(Format::Video)),
        (b"RIFF\0\0\0\0WEBPVP8 ", Some(Format::WebP)),
        (b"RIFF\0\0\0\0AVI LIST", Some(Format::Video)),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"GIF89a", Some(Format::Gif)),
        (b"II*\0", Some(Format::Tiff)),
        (b"\xFF\x0A", Some(Format::JpegXl)),
        (b"hello", None),
        (b"\0\0\0\xFFftyp", Some(Format::Video)),
    ];
    for (start, format) in cases {
        assert_eq!(sniff(start), format, "{start:?}");
    }
}
