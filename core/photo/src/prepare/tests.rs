#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod canaries;
mod documents;
mod mutation;
mod watching;

use super::*;
use crate::fixtures::{FlatJpeg, OneFile, pixels, prepared, prepared_bytes, ramp_png};
use crate::synth;

const KB: u64 = 1024;

fn within_bytes(photo: &OneFile, max_bytes: u64) -> Result<Picture, PhotoError> {
    let settings = Settings {
        max_bytes,
        ..Settings::default()
    };
    prepare(&photo.path, &settings, &mut |_| Flow::Continue)
}

#[test]
fn a_camera_photo_becomes_a_picture_within_the_budget() {
    let photo = OneFile::photo(7, 2400, 1800, 1);
    let picture = prepared(&photo.path).unwrap();
    assert_eq!((picture.width, picture.height), (1600, 1200));
    assert_eq!(picture.media_type.as_str(), "image/jpeg");
    assert!(
        picture.bytes.len() as u64 <= 300 * KB,
        "{}",
        picture.bytes.len()
    );
    assert!(picture.bytes.len() as u64 >= 285 * KB || picture.quality == 96);
    assert_eq!(picture.original_bytes, photo.bytes().len() as u64);
    let hash: [u8; 32] = Sha256::digest(&picture.bytes).into();
    assert_eq!(picture.sha256, hash);
    assert_eq!(pixels(&picture.bytes).len(), 1200);
}

fn with_effort(photo: &OneFile, effort: Effort, max_bytes: u64, threads: Threads) -> Picture {
    let settings = Settings {
        max_bytes,
        max_quality: 80,
        effort,
        threads,
        ..Settings::default()
    };
    prepare(&photo.path, &settings, &mut |_| Flow::Continue).unwrap()
}

#[test]
fn whoever_has_bytes_to_spare_gets_a_plain_picture() {
    let photo = OneFile::photo(7, 800, 600, 1);
    let thorough = with_effort(&photo, Effort::Thorough, u64::MAX, Threads::One);
    let plain = with_effort(&photo, Effort::Plain, u64::MAX, Threads::One);
    assert_eq!((plain.width, plain.height, plain.quality), (800, 600, 80));
    assert!(
        plain.bytes.len() > thorough.bytes.len()
            && plain.bytes.len() < thorough.bytes.len() * 5 / 4,
        "{} after {}",
        plain.bytes.len(),
        thorough.bytes.len()
    );
    let two = with_effort(&photo, Effort::Plain, u64::MAX, Threads::Two);
    assert!(two.bytes == plain.bytes);
}

#[test]
fn a_plain_picture_over_the_budget_is_made_thoroughly() {
    let photo = OneFile::photo(7, 800, 600, 1);
    let plain = with_effort(&photo, Effort::Plain, u64::MAX, Threads::One);
    // Its own size is enough, a byte less is not.
    let size = plain.bytes.len() as u64;
    let same = with_effort(&photo, Effort::Plain, size, Threads::One);
    assert!(same.bytes == plain.bytes && same.quantised == 1);
    for budget in [size - 1, size / 2] {
        let within = with_effort(&photo, Effort::Plain, budget, Threads::One);
        let thorough = with_effort(&photo, Effort::Thorough, budget, Threads::One);
        assert!(within.bytes == thorough.bytes && within.bytes.len() as u64 <= budget);
        assert_eq!(within.quantised, thorough.quantised + 1);
    }
}

#[test]
fn the_same_photo_gives_the_same_bytes() {
    let photo = OneFile::photo(7, 800, 600, 3);
    assert_eq!(
        prepared(&photo.path).unwrap().sha256,
        prepared(&photo.path).unwrap().sha256
    );
}

#[test]
fn all_eight_orientations_give_one_upright_picture() {
    let upright = prepared(&OneFile::photo(5, 480, 360, 1).path).unwrap();
    let expected = pixels(&upright.bytes);
    for orientation in 2..=8 {
        // The stored sides are exchanged where the camera was turned.
        let (width, height) = if orientation >= 5 {
            (360, 480)
        } else {
            (480, 360)
        };
        let turned = prepared(&OneFile::photo(5, width, height, orientation).path).unwrap();
        assert_eq!((turned.width, turned.height), (480, 360), "{orientation}");
        let sum: u64 = pixels(&turned.bytes)
            .iter()
            .flatten()
            .flatten()
            .zip(expected.iter().flatten().flatten())
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum();
        let mean = sum as f64 / (480.0 * 360.0 * 3.0);
        assert!(mean < 6.0, "orientation {orientation} differs by {mean}");
    }
}

#[test]
fn nothing_of_the_metadata_is_in_the_result() {
    let photo = OneFile::photo(9, 900, 700, 6);
    let original = photo.bytes();
    let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
    let picture = prepared(&photo.path).unwrap();
    for secret in [
        synth::CANARY.as_bytes(),
        b"Exif",
        b"Synth",
        b"2026",
        b"+08:00",
        b"ftyp",
    ] {
        assert!(has(&original, secret), "the original has it");
        assert!(
            !has(&picture.bytes, secret),
            "{}",
            String::from_utf8_lossy(secret)
        );
    }
    assert_eq!(
        segments(&picture.bytes),
        ["JFIF", "tables", "frame", "scans", "end"]
    );
    // They are offered, beside the bytes.
    assert_eq!(picture.hints.taken_at.as_deref(), Some(synth::TAKEN_AT));
    assert!(picture.hints.place.is_some());
}

/// The kinds of segment in order, each once; the last byte of the file must end the last one.
pub(super) fn segments(jpeg: &[u8]) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    let mut at = 2;
    while at < jpeg.len() {
        assert_eq!(jpeg[at], 0xFF);
        let length = || usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        let (kind, next) = match jpeg[at + 1] {
            0xE0 => {
                assert_eq!(
                    &jpeg[at + 2..at + 18],
                    b"\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
                );
                ("JFIF", at + 18)
            }
            0xDB => ("tables", at + 2 + length()),
            0xC2 => ("frame", at + 2 + length()),
            0xC4 => ("scans", at + 2 + length()),
            0xDA => {
                let data = at + 2 + length();
                let ends = |two: &[u8]| two[0] == 0xFF && two[1] != 0;
                (
                    "scans",
                    data + jpeg[data..].windows(2).position(ends).unwrap(),
                )
            }
            0xD9 => {
                assert_eq!(at + 2, jpeg.len(), "nothing follows the end");
                ("end", at + 2)
            }
            other => panic!("segment {other:x}"),
        };
        if kinds.last() != Some(&kind) {
            kinds.push(kind);
        }
        at = next;
    }
    kinds
}

#[test]
fn a_small_budget_lowers_first_the_quality_and_then_the_size() {
    let photo = OneFile::photo(2, 1600, 1200, 1);
    let mut last = u32::MAX;
    for kilobytes in [300, 150, 80, 40, 15, 5] {
        let picture = within_bytes(&photo, kilobytes * KB).unwrap();
        assert!(
            picture.bytes.len() as u64 <= kilobytes * KB,
            "{kilobytes} KB"
        );
        assert!(picture.quality >= 13);
        assert!(picture.width <= last);
        last = picture.width;
    }
    assert!(last < 1600);
    let refused = within_bytes(&photo, 300).unwrap_err();
    let PhotoError::CannotFit {
        smallest,
        limit: 300,
    } = refused
    else {
        panic!("{refused:?}")
    };
    assert!(smallest > 300);
}

/// At so few bytes one sees more of soft light on a smaller picture, and of sharp leaves and writing on
/// one of the full size.
#[test]
fn a_soft_photo_is_made_smaller_for_its_look_and_a_sharp_one_is_not() {
    let widths = |(seed, kilobytes): (u64, [u64; 3]), dimensions| {
        let photo = OneFile::photo(seed, 1600, 1200, 1);
        kilobytes.map(|kilobytes| {
            let settings = Settings {
                max_bytes: kilobytes * KB,
                dimensions,
                ..Settings::default()
            };
            let picture = prepare(&photo.path, &settings, &mut |_| Flow::Continue).unwrap();
            assert!(picture.bytes.len() as u64 <= kilobytes * KB);
            assert_eq!(picture.height, picture.width * 3 / 4);
            picture.width
        })
    };
    let (soft, sharp) = ((303, [30, 60, 300]), (2, [60, 100, 300]));
    let [least, less, enough] = widths(soft, Dimensions::ByLook);
    assert_eq!((least, less, enough), (1024, 1600, 1600));
    assert_eq!(widths(soft, Dimensions::AsAllowed), [1600; 3]);
    // The choice is made once, however few the bytes are.
    let [least, ..] = widths((303, [13, 60, 300]), Dimensions::ByLook);
    assert_eq!(least, 1024);
    assert_eq!(widths(sharp, Dimensions::ByLook), [1600; 3]);
}

#[test]
fn a_small_picture_stays_small() {
    let picture = prepared_bytes(&ramp_png(31, 17, false)).unwrap();
    assert_eq!(
        (picture.width, picture.height, picture.quality),
        (31, 17, 96)
    );
    let dot = prepared_bytes(&FlatJpeg::new(1, 1, &[9]).bytes()).unwrap();
    assert_eq!((dot.width, dot.height), (1, 1));
}

#[test]
fn a_broken_exif_block_costs_the_hints_and_not_the_picture() {
    let exif = crate::fixtures::segment(0xE1, b"Exif\0\0II*\0\xFF\xFF\xFF\xFF garbage");
    let flat = FlatJpeg {
        segments: exif,
        ..FlatJpeg::new(32, 16, &[50, 100, 150])
    };
    let picture = prepared_bytes(&flat.bytes()).unwrap();
    assert_eq!((picture.width, picture.height), (32, 16));
    assert_eq!(picture.hints, Hints::default());
}

/// Calls `meddle` once, when some rows have been read.
fn meddled_with(photo: &OneFile, meddle: impl Fn()) -> Result<Picture, PhotoError> {
    let mut done = false;
    prepare(&photo.path, &Settings::default(), &mut |progress| {
        if progress.permille > 20 && !done {
            done = true;
            meddle();
        }
        Flow::Continue
    })
}

#[test]
fn a_file_that_shrinks_while_it_is_read() {
    let photo = OneFile::photo(4, 1600, 1200, 1);
    let expected = photo.bytes().len() as u64;
    assert!(expected > 400_000, "more than any buffer holds");
    let outcome = meddled_with(&photo, || {
        std::fs::File::options()
            .write(true)
            .open(&photo.path)
            .unwrap()
            .set_len(1000)
            .unwrap();
    });
    assert_eq!(
        outcome.map(|_| ()),
        Err(PhotoError::Vanished {
            read: 1000,
            expected
        })
    );
}

#[test]
fn a_file_that_is_written_while_it_is_read() {
    let photo = OneFile::photo(4, 1600, 1200, 1);
    let outcome = meddled_with(&photo, || {
        let longer = [photo.bytes(), vec![0; 99]].concat();
        std::fs::write(&photo.path, longer).unwrap();
    });
    assert_eq!(outcome.map(|_| ()), Err(PhotoError::Changed));
}

/// Whoever holds it open still has it whole.
#[test]
fn a_file_that_is_deleted_while_it_is_read_still_gives_its_picture() {
    let photo = OneFile::photo(4, 1600, 1200, 1);
    let outcome = meddled_with(&photo, || std::fs::remove_file(&photo.path).unwrap());
    assert_eq!(outcome.unwrap().width, 1600);
    assert_eq!(prepared(&photo.path), Err(PhotoError::NotFound));
}

#[test]
fn no_error_names_the_path_or_the_place() {
    let photo = OneFile::new("budi-santoso.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    let refused = prepared(&photo.path).unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("budi"));
}

#[test]
fn no_setting_makes_the_result_larger_than_memory_allows() {
    let photo = OneFile::photo(4, 5000, 64, 1);
    let settings = Settings {
        max_edge: u32::MAX,
        max_bytes: u64::MAX,
        ..Settings::default()
    };
    let picture = prepare(&photo.path, &settings, &mut |_| Flow::Continue).unwrap();
    assert_eq!((picture.width, picture.height), (4096, 52));
}

#[test]
fn a_list_gets_a_small_picture_of_the_same_photo() {
    let photo = OneFile::photo(7, 1200, 900, 6);
    let settings = Settings {
        thumbnail_edge: 256,
        ..Settings::default()
    };
    let picture = prepare(&photo.path, &settings, &mut |_| Flow::Continue).unwrap();
    let small = pixels(&picture.thumbnail);
    assert_eq!((small[0].len(), small.len()), (192, 256), "upright");
    assert!(
        (2_000..24 * 1024).contains(&picture.thumbnail.len()),
        "{}",
        picture.thumbnail.len()
    );
    // The same scene: mean colours of a part that is a sixth in from the corner.
    let mean = |rows: &[Vec<[u8; 3]>]| {
        let (high, wide) = (rows.len() / 3, rows[0].len() / 3);
        let sum: u64 = rows[..high]
            .iter()
            .flat_map(|row| row[..wide].iter().flatten())
            .map(|v| u64::from(*v))
            .sum();
        sum as f64 / (high * wide * 3) as f64
    };
    assert!((mean(&small) - mean(&pixels(&picture.bytes))).abs() < 2.0);
    // The picture itself is the same with and without.
    assert_eq!(picture.bytes, prepared(&photo.path).unwrap().bytes);
    assert!(prepared(&photo.path).unwrap().thumbnail.is_empty());
}
