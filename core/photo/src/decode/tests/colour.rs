//! What the numbers of a file mean, told in every way that a file can tell it. The expected colours
//! come from moxcms's own transforms or from published figures, never from this crate's tables.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::io::Write as _;

use moxcms::{ColorProfile, Layout, TransformOptions};

use crate::fixtures::{
    FlatJpeg, exif_segment, packed_profile, pixels, png, prepared_bytes, press_profile,
    profile_segments, unfiltered,
};

/// The one colour of a picture that has one.
fn colour(file: &[u8]) -> [u8; 3] {
    let rows = pixels(&prepared_bytes(file).unwrap().bytes);
    rows[rows.len() / 2][rows[0].len() / 2]
}

#[track_caller]
fn near(found: [u8; 3], expected: [u8; 3]) {
    let worst = found.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max();
    assert!(worst <= Some(3), "{found:?} for {expected:?}");
}

fn by_moxcms(profile: &ColorProfile, numbers: [u8; 3]) -> [u8; 3] {
    let mut screen = [0; 3];
    profile
        .create_transform_8bit(
            Layout::Rgb,
            &ColorProfile::new_srgb(),
            Layout::Rgb,
            TransformOptions::default(),
        )
        .unwrap()
        .transform(&numbers, &mut screen)
        .unwrap();
    screen
}

fn flat(values: &[u8], adobe: Option<u8>, segments: Vec<u8>) -> Vec<u8> {
    FlatJpeg {
        adobe,
        segments,
        ..FlatJpeg::new(64, 48, values)
    }
    .bytes()
}

fn flat_png(form: [u8; 3], pixel: &[u8], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let rows = unfiltered((0..48).map(|_| pixel.repeat(64)));
    png((64, 48), form, chunks, &rows)
}

const SKIN: [u8; 3] = [214, 160, 120];
const LEAF: [u8; 3] = [60, 170, 40];

#[test]
fn a_phones_wide_colours_become_srgb() {
    let p3 = ColorProfile::new_display_p3();
    let profile = p3.encode().unwrap();
    for numbers in [SKIN, LEAF, [255; 3], [0; 3], [128; 3], [255, 0, 0]] {
        let expected = by_moxcms(&p3, numbers);
        let photo = flat(&numbers, Some(0), profile_segments(&profile, 1));
        near(colour(&photo), expected);
        let chunk = packed_profile(&profile);
        let plain = flat_png([8, 2, 0], &numbers, &[(b"iCCP", &chunk)]);
        near(colour(&plain), expected);
        let deep: Vec<u8> = numbers.iter().flat_map(|value| [*value; 2]).collect();
        near(
            colour(&flat_png([16, 2, 0], &deep, &[(b"iCCP", &chunk)])),
            expected,
        );
    }
    // The profile matters at all.
    assert!(by_moxcms(&p3, LEAF)[0].abs_diff(LEAF[0]) > 20);
}

#[test]
fn adobe_rgb_and_prophoto_too() {
    for profile in [
        ColorProfile::new_adobe_rgb(),
        ColorProfile::new_pro_photo_rgb(),
    ] {
        let segments = profile_segments(&profile.encode().unwrap(), 1);
        for numbers in [SKIN, LEAF] {
            let found = colour(&flat(&numbers, Some(0), segments.clone()));
            near(found, by_moxcms(&profile, numbers));
        }
    }
}

#[test]
fn a_profile_in_pieces_is_put_together_or_left() {
    let p3 = ColorProfile::new_display_p3();
    let profile = p3.encode().unwrap();
    let whole = profile_segments(&profile, 3);
    near(
        colour(&flat(&LEAF, Some(0), whole.clone())),
        by_moxcms(&p3, LEAF),
    );
    // The last piece first: their numbers count.
    let one = 18 + profile.len().div_ceil(3);
    let turned = [&whole[2 * one..], &whole[..2 * one]].concat();
    near(colour(&flat(&LEAF, Some(0), turned)), by_moxcms(&p3, LEAF));
    let lacking = whole[..2 * one].to_vec();
    near(colour(&flat(&LEAF, Some(0), lacking)), LEAF);
    let twice = [whole.as_slice(), &whole[..one]].concat();
    near(colour(&flat(&LEAF, Some(0), twice)), LEAF);
}

#[test]
fn the_usual_profile_changes_no_byte() {
    let srgb = ColorProfile::new_srgb().encode().unwrap();
    let without = prepared_bytes(&flat(&SKIN, Some(0), Vec::new())).unwrap();
    let with = prepared_bytes(&flat(&SKIN, Some(0), profile_segments(&srgb, 1))).unwrap();
    assert_eq!(without.bytes, with.bytes);
}

#[test]
fn a_broken_or_foreign_profile_costs_no_picture() {
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    let gray = ColorProfile::new_gray_with_gamma(1.8).encode().unwrap();
    let cut = p3[..p3.len() / 2].to_vec();
    for profile in [
        cut,
        b"no profile".to_vec(),
        Vec::new(),
        gray,
        press_profile(),
    ] {
        near(
            colour(&flat(&LEAF, Some(0), profile_segments(&profile, 1))),
            LEAF,
        );
    }
}

/// Half the light of white is 188 on sRGB's scale; whoever averages numbers gets 128, and whoever
/// turns to light twice something else again.
#[test]
fn shrinking_averages_light_also_under_a_profile() {
    let chunk = packed_profile(&ColorProfile::new_display_p3().encode().unwrap());
    let rows = unfiltered((0..400).map(|y| {
        (0..400)
            .flat_map(|x| [if (x + y) % 2 == 0 { 255 } else { 0 }; 3])
            .collect()
    }));
    for chunks in [vec![], vec![(b"iCCP", chunk.as_slice())]] {
        let file =
            crate::fixtures::OneFile::new("board.png", &png((400, 400), [8, 2, 0], &chunks, &rows));
        let settings = crate::Settings {
            max_edge: 100,
            ..crate::Settings::default()
        };
        let made = crate::prepare(&file.path, &settings, &mut |_| crate::Flow::Continue).unwrap();
        near(pixels(&made.bytes)[50][50], [188; 3]);
    }
}

#[test]
fn gray_under_a_gray_profile() {
    let profile = ColorProfile::new_gray_with_gamma(1.8).encode().unwrap();
    // 128 / 255 to the power of 1.8 is 0.289 of white's light: 147 on sRGB's scale.
    near(
        colour(&flat(&[128], None, profile_segments(&profile, 1))),
        [147; 3],
    );
    let chunk = packed_profile(&profile);
    near(
        colour(&flat_png([8, 0, 0], &[128], &[(b"iCCP", &chunk)])),
        [147; 3],
    );
    near(
        colour(&flat_png([8, 4, 0], &[128, 255], &[(b"iCCP", &chunk)])),
        [147; 3],
    );
    // A gray picture may carry the profile of a screen.
    let wide = ColorProfile::new_adobe_rgb().encode().unwrap();
    near(
        colour(&flat(&[128], None, profile_segments(&wide, 1))),
        [128; 3],
    );
}

/// The made-up press turns 100 % cyan into a blue that no formula would give.
#[test]
fn inks_under_a_presses_profile() {
    let segments = profile_segments(&press_profile(), 2);
    let paper = [0, 0, 0, 0];
    let cyan = [255, 0, 0, 0];
    let complement = |inks: [u8; 4]| inks.map(|ink| 255 - ink);
    // Without Adobe's marker the file holds ink, with it what the ink leaves (0: as they are).
    near(colour(&flat(&paper, None, segments.clone())), [255; 3]);
    let plain = colour(&flat(&cyan, None, segments.clone()));
    assert!(
        plain[2] > 200 && plain[0] < 60 && plain[1] < 160,
        "{plain:?}"
    );
    near(
        colour(&flat(&complement(cyan), Some(0), segments.clone())),
        plain,
    );
    // YCCK: the first three once more the other way round, as brightness and two colours: red.
    near(
        colour(&flat(&[76, 85, 255, 255], Some(2), segments.clone())),
        plain,
    );
    // Without a profile, ink takes away its own colour.
    near(
        colour(&flat(&complement(cyan), Some(0), Vec::new())),
        [0, 255, 255],
    );
}

#[test]
fn a_cameras_adobe_rgb_has_no_profile() {
    let expected = by_moxcms(&ColorProfile::new_adobe_rgb(), LEAF);
    near(
        colour(&flat(&LEAF, Some(0), exif_segment(0xFFFF, "R03"))),
        expected,
    );
    near(
        colour(&flat(&LEAF, Some(0), exif_segment(2, "R98"))),
        expected,
    );
    near(colour(&flat(&LEAF, Some(0), exif_segment(1, "R98"))), LEAF);
    near(
        colour(&flat(&LEAF, Some(0), exif_segment(0xFFFF, "R98"))),
        LEAF,
    );
    // A profile says it better.
    let p3 = ColorProfile::new_display_p3();
    let both = [
        exif_segment(0xFFFF, "R03"),
        profile_segments(&p3.encode().unwrap(), 1),
    ]
    .concat();
    near(colour(&flat(&LEAF, Some(0), both)), by_moxcms(&p3, LEAF));
}

/// Eight numbers of 100,000ths: white, red, green, blue.
fn corners(points: [u32; 8]) -> Vec<u8> {
    points
        .iter()
        .flat_map(|point| point.to_be_bytes())
        .collect()
}

#[test]
fn a_pngs_own_words_in_their_order() {
    let adobe = ColorProfile::new_adobe_rgb();
    let p3 = ColorProfile::new_display_p3();
    let gamma = 45_471_u32; // 256 / 563
    let wide = corners([
        31_270, 32_900, 64_000, 33_000, 21_000, 71_000, 15_000, 6_000,
    ]);
    let gama = gamma.to_be_bytes();
    let by_corners = flat_png([8, 2, 0], &LEAF, &[(b"gAMA", &gama), (b"cHRM", &wide)]);
    near(colour(&by_corners), by_moxcms(&adobe, LEAF));

    // 1.0: the numbers are light.
    let light = 100_000_u32.to_be_bytes();
    near(
        colour(&flat_png([8, 0, 0], &[55], &[(b"gAMA", &light)])),
        [128; 3],
    );
    let said_srgb = flat_png([8, 0, 0], &[55], &[(b"gAMA", &light), (b"sRGB", &[0])]);
    near(colour(&said_srgb), [55; 3]);

    // Code points: P3 by 12 and 13; they count before a profile.
    let points = [12, 13, 0, 1];
    let by_points = flat_png([8, 2, 0], &LEAF, &[(b"cICP", &points)]);
    near(colour(&by_points), by_moxcms(&p3, LEAF));
    let chunk = packed_profile(&adobe.encode().unwrap());
    let both = flat_png([8, 2, 0], &LEAF, &[(b"cICP", &points), (b"iCCP", &chunk)]);
    near(colour(&both), by_moxcms(&p3, LEAF));
    let narrow = flat_png([8, 2, 0], &LEAF, &[(b"cICP", &[12, 13, 0, 0])]);
    near(colour(&narrow), LEAF);
    // A film's brightness: 58 % of the signal is the white of a page (BT.2408).
    let bright = flat_png([8, 0, 0], &[148], &[(b"cICP", &[9, 16, 0, 1])]);
    near(colour(&bright), [255; 3]);
    let half = flat_png([8, 0, 0], &[96], &[(b"cICP", &[9, 18, 0, 1])]);
    let found = colour(&half)[0];
    assert!((100..200).contains(&found), "{found}");
}

#[test]
fn a_profile_that_unpacks_without_end_is_left() {
    let mut huge =
        flate2::write::ZlibEncoder::new(b"name\0\0".to_vec(), flate2::Compression::best());
    for _ in 0..40 {
        huge.write_all(&[0; 1 << 20]).unwrap();
    }
    let chunk = huge.finish().unwrap();
    assert!(chunk.len() < 100_000);
    near(
        colour(&flat_png([8, 2, 0], &LEAF, &[(b"iCCP", &chunk)])),
        LEAF,
    );
}

#[test]
fn a_table_for_screens_is_followed_too() {
    let profile = crate::fixtures::swapping_profile();
    near(
        colour(&flat(&SKIN, Some(0), profile_segments(&profile, 4))),
        [SKIN[1], SKIN[0], SKIN[2]],
    );
}
