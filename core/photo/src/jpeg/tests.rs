#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use crate::PhotoError;
use crate::fixtures::{FlatJpeg, OneFile, pixels, prepared_bytes};

/// The one colour of a flat picture, after the whole way.
fn colour(flat: &FlatJpeg) -> [u8; 3] {
    let picture = prepared_bytes(&flat.bytes()).unwrap();
    pixels(&picture.bytes)[3][3]
}

fn near(a: [u8; 3], b: [u8; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 3)
}

#[test]
fn gray_and_colour() {
    let gray = colour(&FlatJpeg::new(16, 24, &[77]));
    assert!(near(gray, [77, 77, 77]), "{gray:?}");
    // YCbCr of pure red.
    let red = colour(&FlatJpeg::new(16, 24, &[76, 85, 255]));
    assert!(near(red, [254, 0, 0]), "{red:?}");
}

#[test]
fn four_inks_as_adobe_stores_them_and_plain() {
    let flat = FlatJpeg::new(16, 16, &[255, 0, 0, 255]);
    // Complements: no cyan, full magenta and yellow, no black.
    let red = colour(&FlatJpeg {
        adobe: Some(0),
        ..flat.clone()
    });
    assert!(near(red, [255, 0, 0]), "{red:?}");
    // Plain inks: full cyan and full black.
    let black = colour(&flat);
    assert!(near(black, [0, 0, 0]), "{black:?}");
    let cyan = colour(&FlatJpeg {
        values: vec![255, 0, 0, 0],
        ..flat.clone()
    });
    assert!(near(cyan, [0, 255, 255]), "{cyan:?}");
    // YCCK: the inks of a light gray, as their complements turned to YCbCr.
    let gray = FlatJpeg {
        values: vec![255, 128, 128, 200],
        adobe: Some(2),
        ..flat.clone()
    };
    let gray = colour(&gray);
    assert!(gray[0] == gray[1] && gray[1] == gray[2], "{gray:?}");
}

#[test]
fn colours_that_come_one_after_the_other() {
    let apart = FlatJpeg {
        apart: true,
        ..FlatJpeg::new(40, 40, &[76, 85, 255])
    };
    assert!(near(colour(&apart), [254, 0, 0]));
    let progressive = FlatJpeg {
        frame: 0xC2,
        ..FlatJpeg::new(40, 40, &[76, 85, 255])
    };
    assert!(near(colour(&progressive), [254, 0, 0]));
}

#[test]
fn a_photo_cut_short_anywhere_is_refused_and_never_half_gray() {
    let photo = OneFile::photo(3, 320, 240, 1).bytes();
    let end = photo
        .windows(2)
        .rposition(|two| two == [0xFF, 0xD9])
        .unwrap();
    for share in 1..40 {
        let cut = end * share / 40;
        let outcome = prepared_bytes(&photo[..cut]).map(|_| ());
        let expected = if cut < 3 {
            PhotoError::UnknownFormat
        } else {
            PhotoError::Truncated
        };
        assert_eq!(outcome, Err(expected), "{cut} of {end}");
    }
    // Only the end mark lacks: the picture is whole.
    assert!(prepared_bytes(&photo[..end]).is_ok());
    assert!(prepared_bytes(&photo[..end + 1]).is_ok());
}

#[test]
fn a_progressive_photo_cut_short_is_refused() {
    let photo = prepared_bytes(&OneFile::photo(3, 320, 240, 1).bytes())
        .unwrap()
        .bytes;
    assert!(
        photo.windows(2).any(|two| two == [0xFF, 0xC2]),
        "it is progressive"
    );
    for share in 1..20 {
        let cut = photo.len() * share / 20;
        assert_eq!(
            prepared_bytes(&photo[..cut]).map(|_| ()),
            Err(PhotoError::Truncated),
            "{cut} of {}",
            photo.len()
        );
    }
}

/// A copy that was cut short on a disk which had already set the room aside.
#[test]
fn a_photo_whose_rest_is_zeros_is_refused() {
    let mut photo = OneFile::photo(3, 320, 240, 1).bytes();
    let middle = photo.len() / 2;
    photo[middle..].fill(0);
    let refused = prepared_bytes(&photo).map(|_| ()).unwrap_err();
    assert!(
        matches!(refused, PhotoError::Truncated | PhotoError::Damaged),
        "{refused:?}"
    );
}

#[test]
fn a_photo_with_an_end_mark_in_its_middle_is_refused() {
    let mut photo = OneFile::photo(3, 320, 240, 1).bytes();
    let middle = photo.len() / 2;
    photo[middle..middle + 2].copy_from_slice(&[0xFF, 0xD9]);
    assert_eq!(prepared_bytes(&photo).map(|_| ()), Err(PhotoError::Damaged));
}

#[test]
fn scans_without_end_are_not_waited_for() {
    let flat = FlatJpeg {
        frame: 0xC2,
        ..FlatJpeg::new(64, 64, &[90])
    }
    .bytes();
    let start = flat.windows(2).position(|two| two == [0xFF, 0xDA]).unwrap();
    let (head, rest) = flat.split_at(start);
    // The same first scan again and again.
    let scan = &rest[..rest.len() - 2];
    let bytes = [head, &scan.repeat(5_000), &[0xFF, 0xD9]].concat();
    assert!(prepared_bytes(&bytes).is_err());
}

#[test]
fn a_callers_panic_stops_the_work_and_does_not_cross_c() {
    let photo = OneFile::photo(3, 320, 240, 1);
    let mut calls = 0;
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        crate::prepare(&photo.path, &crate::Settings::default(), &mut |progress| {
            calls += 1;
            // Within the encoder only its own callback asks.
            if progress.permille > 500 {
                std::panic::resume_unwind(Box::new("the caller's own"));
            }
            crate::Flow::Continue
        })
    }));
    assert!(calls > 1);
    assert!(!matches!(outcome, Ok(Ok(_))));
}
