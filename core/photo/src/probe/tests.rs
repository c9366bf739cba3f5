#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::fixtures::{FlatJpeg, OneFile, png, prepared_bytes, ramp_png, unfiltered};
use crate::synth;

fn probed(bytes: &[u8]) -> Result<Probe, PhotoError> {
    probe(&OneFile::new("file", bytes).path)
}

#[test]
fn a_phones_photo_before_anything_is_decoded() {
    let photo = OneFile::photo(1, 640, 480, 6);
    let probe = probe(&photo.path).unwrap();
    assert_eq!(
        (probe.format, probe.width, probe.height),
        (Format::Jpeg, 640, 480)
    );
    assert_eq!(probe.bytes, photo.bytes().len() as u64);
    assert_eq!(probe.orientation, Orientation::QuarterTurnRight);
    assert_eq!(probe.hints.taken_at.as_deref(), Some(synth::TAKEN_AT));
    let place = probe.hints.place.unwrap();
    assert!((place.latitude - synth::PLACE.latitude).abs() < 1e-4);
    assert!((place.longitude - synth::PLACE.longitude).abs() < 1e-4);
}

#[test]
fn other_formats_say_what_to_do() {
    let heic = probed(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").unwrap_err();
    assert_eq!(heic, PhotoError::ConvertHeic);
    assert!(heic.to_string().contains("convert it to JPEG"));
    for (bytes, format) in [
        (
            b"\0\0\0\x18ftypavif\0\0\0\0avifmif1".as_slice(),
            Format::Avif,
        ),
        (b"RIFF\0\0\0\0WEBPVP8 ", Format::WebP),
        (b"GIF89a\x01\0\x01\0", Format::Gif),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", Format::Video),
    ] {
        let refused = probed(bytes).unwrap_err();
        assert_eq!(refused, PhotoError::Convert { format });
        assert!(
            refused.to_string().contains("convert it to JPEG"),
            "{refused}"
        );
    }
    assert_eq!(probed(b"once upon a time"), Err(PhotoError::UnknownFormat));
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    let jpeg = FlatJpeg {
        with_data: false,
        ..FlatJpeg::new(65_000, 65_000, &[1, 2, 3])
    }
    .bytes();
    assert!(jpeg.len() < 1024);
    assert_eq!(
        (probed(&jpeg).unwrap().width, probed(&jpeg).unwrap().height),
        (65_000, 65_000)
    );
    let too_many = |width, height| {
        let limit = crate::Settings::default().max_pixels;
        Err(PhotoError::TooManyPixels {
            width,
            height,
            limit,
        })
    };
    assert_eq!(prepared_bytes(&jpeg), too_many(65_000, 65_000));
    for (width, height) in [
        (60_000, 60_000),
        (u32::MAX, u32::MAX),
        (2_000_000, 1),
        (1, 65_501),
    ] {
        let bomb = png((width, height), [8, 6, 0], &[], &[0; 100_000]);
        assert!(bomb.len() < 1024);
        assert_eq!(
            prepared_bytes(&bomb),
            too_many(width, height),
            "{width} x {height}"
        );
        assert_eq!(probed(&bomb).unwrap().width, width);
    }
}

#[test]
fn what_must_be_held_whole_is_measured_first() {
    let progressive = FlatJpeg {
        frame: 0xC2,
        with_data: false,
        ..FlatJpeg::new(8160, 6120, &[1, 2, 3])
    };
    let file = OneFile::new("photo.jpg", &progressive.bytes());
    let within = |max_working_bytes| {
        let settings = crate::Settings {
            max_working_bytes,
            ..crate::Settings::default()
        };
        crate::prepare(&file.path, &settings, &mut |_| crate::Flow::Continue)
    };
    // At a quarter of the size: of each block four levels, a byte each but for the mean's two, and
    // a bit for each of 64; and some room for levels that a byte does not hold.
    let (blocks, limit) = (1020 * 765, 30_000_000);
    let needed = 3 * (blocks * (2 + 3 + 8) + blocks / 32 * 24);
    let refused = PhotoError::TooMuchMemory {
        reason: MemoryReason::SeveralScans,
        width: 8160,
        height: 6120,
        needed,
        limit,
    };
    assert_eq!(within(limit), Err(refused));
    assert!(!matches!(
        within(needed),
        Err(PhotoError::TooMuchMemory { .. })
    ));

    let limit = crate::Settings::default().max_working_bytes;
    let interlaced = png((10_000, 10_000), [8, 2, 1], &[], &[0; 1000]);
    assert_eq!(
        prepared_bytes(&interlaced),
        Err(PhotoError::TooMuchMemory {
            reason: MemoryReason::Interlaced,
            width: 10_000,
            height: 10_000,
            needed: 300_000_000,
            limit,
        })
    );
}

#[test]
fn a_png_tells_its_layout_and_its_exif() {
    let plain = probed(&ramp_png(30, 20, true)).unwrap();
    assert_eq!(
        (plain.format, plain.width, plain.height),
        (Format::Png, 30, 20)
    );
    assert!(plain.interlaced);
    // The TIFF structure alone: little-endian, one field, orientation 8.
    let block = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0";
    let rows = unfiltered(vec![vec![9; 6]; 2]);
    let turned = png((2, 2), [8, 2, 0], &[(b"eXIf", block)], &rows);
    assert_eq!(
        probed(&turned).unwrap().orientation,
        Orientation::QuarterTurnLeft
    );
    assert_eq!(probed(b"\x89PNG\r\n\x1A\n"), Err(PhotoError::Truncated));
    assert_eq!(
        probed(&[b"\x89PNG\r\n\x1A\n".as_slice(), &[7; 40]].concat()),
        Err(PhotoError::Damaged)
    );
}
