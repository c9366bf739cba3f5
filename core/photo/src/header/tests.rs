#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::io::Cursor;

use super::*;
use crate::fixtures::{FlatJpeg, segment};

fn header(bytes: &[u8]) -> Result<JpegHeader, PhotoError> {
    read(&mut Cursor::new(bytes))
}

#[test]
fn the_header_tells_size_and_layout() {
    let mut photo = FlatJpeg::new(4000, 3000, &[1, 2, 3]);
    photo.with_data = false;
    let plain = header(&photo.bytes()).unwrap();
    assert_eq!((plain.width, plain.height), (4000, 3000));
    assert!(!plain.progressive && !plain.several_scans);
    photo.apart = true;
    let apart = header(&photo.bytes()).unwrap();
    assert!(!apart.progressive && apart.several_scans);
    (photo.apart, photo.frame) = (false, 0xC2);
    let progressive = header(&photo.bytes()).unwrap();
    assert!(progressive.progressive && progressive.several_scans);
}

#[test]
fn coefficients_of_known_photos() {
    let known = |width, height, sampling: &[(u8, u8)]| {
        let header = JpegHeader {
            width,
            height,
            sampling: sampling.to_vec(),
            progressive: true,
            several_scans: true,
            exif: None,
            profile: Vec::new(),
        };
        coefficient_bytes([header.width, header.height], &header.sampling)
    };
    // Colours at half the resolution: one and a half samples a pixel, two bytes each.
    assert_eq!(
        known(4000, 3000, &[(2, 2), (1, 1), (1, 1)]),
        250 * 188 * 6 * 128
    );
    assert_eq!(
        known(8160, 6120, &[(2, 2), (1, 1), (1, 1)]),
        510 * 383 * 6 * 128
    );
    assert_eq!(known(8, 8, &[(1, 1)]), 128);
}

#[test]
fn a_header_cut_anywhere_is_truncated_and_never_more() {
    let whole = FlatJpeg {
        with_data: false,
        ..FlatJpeg::new(16, 16, &[1, 2, 3])
    }
    .bytes();
    // The last two bytes are the end mark, and after the scan's header nothing more is read.
    for cut in 0..whole.len() - 2 {
        assert_eq!(header(&whole[..cut]), Err(PhotoError::Truncated), "{cut}");
    }
}

#[test]
fn nonsense_is_refused() {
    let flat = FlatJpeg::new(16, 16, &[1]);
    let with = |segments| {
        FlatJpeg {
            segments,
            ..flat.clone()
        }
        .bytes()
    };
    assert_eq!(
        header(&with(vec![0xFF, 0xFE, 0, 1])),
        Err(PhotoError::Damaged)
    );
    assert_eq!(header(&with(vec![0xFF, 0xD8])), Err(PhotoError::Damaged));
    assert_eq!(
        header(&with(segment(0xC0, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]))),
        Err(PhotoError::Damaged)
    );
    assert_eq!(
        header(&FlatJpeg::new(0, 16, &[1]).bytes()),
        Err(PhotoError::Damaged)
    );
    let unsupported = Err(PhotoError::Unsupported {
        format: Format::Jpeg,
    });
    assert_eq!(
        header(
            &FlatJpeg {
                precision: 12,
                ..flat.clone()
            }
            .bytes()
        ),
        unsupported
    );
    assert_eq!(
        header(
            &FlatJpeg {
                frame: 0xC3,
                ..flat.clone()
            }
            .bytes()
        ),
        unsupported
    );
    assert_eq!(
        header(
            &FlatJpeg {
                frame: 0xC9,
                ..flat.clone()
            }
            .bytes()
        ),
        unsupported
    );
    assert_eq!(header(&FlatJpeg::new(16, 16, &[1, 2]).bytes()), unsupported);
}

#[test]
fn bytes_that_belong_to_nothing_are_passed_over() {
    let flat = FlatJpeg {
        segments: b"\0\0junk\xFF\0\xFF\xFF".to_vec(),
        ..FlatJpeg::new(9, 7, &[5])
    };
    assert_eq!(header(&flat.bytes()).unwrap().width, 9);
}

#[test]
fn a_file_of_nothing_but_segments_comes_to_an_end() {
    let mut bytes = vec![0xFF, 0xD8];
    for _ in 0..MAX_SEGMENTS + 1 {
        bytes.extend(segment(0xFE, b""));
    }
    assert_eq!(header(&bytes), Err(PhotoError::Damaged));
}
