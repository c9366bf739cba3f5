//! Bad files by the hundred, made from good ones: each must give a picture or a typed error, soon.
//! With `LAPOR_ODD_PICTURES=folder` they are written there as well, as seeds for the fuzz targets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::time::{Duration, Instant};

use moxcms::ColorProfile;

use crate::fixtures::{
    FlatJpeg, OneFile, exif_segment, packed_profile, png, prepared_bytes, press_profile,
    profile_segments, ramp_png, segment, swapping_profile, unfiltered,
};
use crate::{Flow, PhotoError, Settings, prepare};

/// Nothing here has more pixels than a thumbnail, and a slow machine is allowed for.
const SOON: Duration = Duration::from_secs(5);

type Named = (String, Vec<u8>);

fn flat(values: &[u8], change: impl FnOnce(&mut FlatJpeg)) -> Vec<u8> {
    let mut flat = FlatJpeg::new(40, 24, values);
    change(&mut flat);
    flat.bytes()
}

fn plain_png(form: [u8; 3], pixel: &[u8], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    png(
        (24, 20),
        form,
        chunks,
        &unfiltered((0..20).map(|_| pixel.repeat(24))),
    )
}

/// One of each kind that is understood.
fn good() -> Vec<Named> {
    let photo = OneFile::photo(1, 96, 72, 6);
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    let chunk = packed_profile(&p3);
    let palette: [(&[u8; 4], &[u8]); 2] =
        [(b"PLTE", &[200, 30, 60, 1, 2, 3]), (b"tRNS", &[255, 0])];
    let named = [
        ("photo.jpg", photo.bytes()),
        (
            "progressive.jpg",
            prepared_bytes(&photo.bytes()).unwrap().bytes,
        ),
        ("gray.jpg", flat(&[90], |_| {})),
        (
            "ycck.jpg",
            flat(&[200, 90, 150, 240], |flat| flat.adobe = Some(2)),
        ),
        (
            "press.jpg",
            flat(&[200, 90, 150, 240], |flat| {
                flat.segments = profile_segments(&press_profile(), 3)
            }),
        ),
        ("apart.jpg", flat(&[200, 90, 150], |flat| flat.apart = true)),
        (
            "wide.jpg",
            flat(&[200, 90, 150], |flat| {
                flat.segments = profile_segments(&p3, 2)
            }),
        ),
        (
            "adobe.jpg",
            flat(&[200, 90, 150], |flat| {
                flat.segments = exif_segment(0xFFFF, "R03")
            }),
        ),
        ("ramp.png", ramp_png(40, 30, false)),
        ("passes.png", ramp_png(40, 30, true)),
        (
            "deep.png",
            plain_png([16, 6, 0], &[1, 2, 3, 4, 5, 6, 7, 8], &[(b"iCCP", &chunk)]),
        ),
        (
            "gray.png",
            plain_png(
                [8, 4, 0],
                &[90, 200],
                &[(b"gAMA", &45_000_u32.to_be_bytes())],
            ),
        ),
        ("palette.png", plain_png([8, 3, 0], &[1], &palette)),
        (
            "points.png",
            plain_png([8, 2, 0], &[9, 90, 200], &[(b"cICP", &[9, 16, 0, 1])]),
        ),
        (
            "table.png",
            plain_png(
                [8, 2, 0],
                &[9, 90, 200],
                &[(b"iCCP", &packed_profile(&swapping_profile()))],
            ),
        ),
    ];
    named.map(|(name, bytes)| (name.to_owned(), bytes)).to_vec()
}

/// Cut short, bits turned, and parts repeated or lost: the same each time.
fn spoilt(good: &[Named]) -> Vec<Named> {
    let mut dice = 0x9E37_79B9_7F4A_7C15_u64;
    let mut throw = |below: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice as usize % below.max(1)
    };
    let mut all = Vec::new();
    for (name, bytes) in good {
        let size = bytes.len();
        for part in 0..24 {
            all.push((
                format!("{name}-cut-{part}"),
                bytes[..size * part / 24].to_vec(),
            ));
        }
        for turn in 0..40 {
            let mut file = bytes.clone();
            // Half of them in the first part, where the structure is.
            let reach = if turn % 2 == 0 { size } else { size.min(400) };
            (0..=turn % 4).for_each(|_| file[throw(reach)] ^= 1 << throw(8));
            all.push((format!("{name}-turned-{turn}"), file));
        }
        for part in 0..6 {
            let (from, count) = (throw(size), 1 + throw(60));
            let piece = bytes[from..(from + count).min(size)].to_vec();
            let mut file = bytes.clone();
            if part % 2 == 0 {
                file.splice(from..from, piece);
            } else {
                file.drain(from..from + piece.len());
            }
            all.push((format!("{name}-moved-{part}"), file));
        }
    }
    all
}

/// Sizes, counts and kinds that a header may only claim.
fn lies() -> Vec<Named> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: String, bytes: Vec<u8>| all.push((name, bytes));
    let usual = flat(&[200, 90, 150], |_| {});
    let frame = usual
        .windows(2)
        .position(|two| two == [0xFF, 0xC0])
        .unwrap();
    for kind in 0xC0..=0xCF_u8 {
        let mut file = usual.clone();
        file[frame + 1] = kind;
        add(format!("kind-{kind:x}.jpg"), file);
    }
    // Precision, height, width, count, and the sampling of each colour.
    for (at, values) in [
        (4, &[0, 7, 12, 16][..]),
        (5, &[0, 255]),
        (7, &[0, 255]),
        (9, &[0, 1, 2, 4, 255]),
        (11, &[0, 0x14, 0x41, 0x44, 0x55, 0xFF]),
        (14, &[0x22, 0x44]),
        (12, &[1, 3, 255]),
    ] {
        for value in values {
            let mut file = usual.clone();
            file[frame + at] = *value;
            add(format!("frame-{at}-{value}.jpg"), file);
        }
    }
    for (width, height) in [
        (0, 9),
        (9, 0),
        (1, 65_535),
        (65_535, 1),
        (65_500, 65_500),
        (65_535, 65_535),
    ] {
        let empty = FlatJpeg {
            with_data: false,
            ..FlatJpeg::new(width, height, &[1, 2, 3])
        };
        add(format!("claims-{width}x{height}.jpg"), empty.bytes());
        for (frame, kind) in [(0xC2, "progressive"), (0xC0, "baseline")] {
            let whole = FlatJpeg {
                frame,
                ..empty.clone()
            };
            add(format!("claims-{width}x{height}-{kind}.jpg"), whole.bytes());
        }
    }
    let progressive = flat(&[200, 90, 150], |flat| flat.frame = 0xC2);
    let scan = progressive
        .windows(2)
        .position(|two| two == [0xFF, 0xDA])
        .unwrap();
    let mut scans = progressive[..progressive.len() - 2].to_vec();
    (0..3000).for_each(|_| scans.extend(&progressive[scan..progressive.len() - 2]));
    add(
        "3000-scans.jpg".to_owned(),
        [scans, vec![0xFF, 0xD9]].concat(),
    );
    for (name, extra) in [
        ("length-0", vec![0xFF, 0xE5, 0, 0]),
        ("length-1", vec![0xFF, 0xE5, 0, 1]),
        ("only-marks", vec![0xFF; 70_000]),
        ("restart-0", segment(0xDD, &[0, 0])),
        ("restart-1", segment(0xDD, &[0, 1])),
        ("another-start", vec![0xFF, 0xD8]),
        ("an-end", vec![0xFF, 0xD9]),
        ("no-tables", segment(0xC4, &[])),
        (
            "bad-table",
            segment(0xC4, &[&[0; 1][..], &[255; 16], &[7; 300]].concat()),
        ),
        ("half-table", segment(0xDB, &[0, 1, 2])),
        ("arithmetic", segment(0xCC, &[0, 0])),
        ("exif-of-nothing", segment(0xE1, b"Exif\0\0")),
        (
            "exif-in-a-ring",
            segment(
                0xE1,
                b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0",
            ),
        ),
        (
            "profile-of-nothing",
            segment(0xE2, b"ICC_PROFILE\0\x01\x01"),
        ),
        ("profile-0-of-0", segment(0xE2, b"ICC_PROFILE\0\0\0garbage")),
        (
            "profile-2-of-1",
            segment(0xE2, b"ICC_PROFILE\0\x02\x01garbage"),
        ),
        (
            "profiles-500",
            segment(0xE2, b"ICC_PROFILE\0\x01\xFF").repeat(500),
        ),
        ("segments-20000", segment(0xE7, b"x").repeat(20_000)),
    ] {
        add(
            format!("{name}.jpg"),
            flat(&[200, 90, 150], |flat| flat.segments = extra),
        );
    }
    for form in [[8, 2, 0], [8, 2, 1], [16, 6, 1], [1, 0, 0], [16, 6, 0]] {
        for size in [
            (0, 1),
            (1, 0),
            (60_000, 60_000),
            (65_500, 3_000),
            (u32::MAX, 1),
            (0x7FFF_FFFF, 0x7FFF_FFFF),
            (4_000, 4_000),
        ] {
            add(
                format!("claims-{size:?}-{form:?}.png"),
                png(size, form, &[], &[0; 5_000]),
            );
        }
    }
    for depth in 0..=17 {
        for colour in 0..=7 {
            add(
                format!("depth-{depth}-{colour}.png"),
                png((9, 7), [depth, colour, 0], &[], &[0; 500]),
            );
        }
    }
    // Far more data than rows, in few bytes; and a profile that unpacks without end.
    add(
        "too-much.png".to_owned(),
        png((16, 16), [8, 2, 0], &[], &vec![0; 20_000_000]),
    );
    let endless = packed_profile(&vec![0; 40_000_000]);
    add(
        "profile-without-end.png".to_owned(),
        plain_png([8, 2, 0], &[1, 2, 3], &[(b"iCCP", &endless)]),
    );
    add(
        "filters.png".to_owned(),
        png((16, 16), [8, 2, 0], &[], &[9; 49 * 16]),
    );
    all
}

fn judged((name, bytes): &Named) -> Result<(), PhotoError> {
    let settings = Settings {
        max_edge: 64,
        ..Settings::default()
    };
    let file = OneFile::new("odd", bytes);
    let began = Instant::now();
    let made = prepare(&file.path, &settings, &mut |_| Flow::Continue);
    let took = began.elapsed();
    assert!(took < SOON, "{name} took {took:?}");
    let _ = crate::probe(&file.path);
    made.map(|picture| {
        assert!(picture.bytes.starts_with(&[0xFF, 0xD8]), "{name}");
        assert!(
            (1..=64).contains(&picture.width.max(picture.height)),
            "{name}"
        );
    })
}

#[test]
fn every_good_file_gives_a_picture() {
    for named in good() {
        assert_eq!(judged(&named), Ok(()), "{}", named.0);
    }
}

#[test]
fn every_bad_file_ends_soon_in_a_picture_or_a_typed_error() {
    let good = good();
    let (spoilt, lies) = (spoilt(&good), lies());
    let refused = |all: &[Named]| all.iter().filter(|named| judged(named).is_err()).count();
    let (of_spoilt, of_lies) = (refused(&spoilt), refused(&lies));
    // Both ends occur: neither is everything refused, nor does everything pass.
    assert!(
        spoilt.len() > 1000 && of_spoilt > 300 && of_spoilt < 900,
        "{of_spoilt} of {}",
        spoilt.len()
    );
    assert!(
        lies.len() > 200 && of_lies > 100 && of_lies < lies.len(),
        "{of_lies} of {}",
        lies.len()
    );

    if let Some(folder) = std::env::var_os("LAPOR_ODD_PICTURES") {
        let folder = std::path::Path::new(&folder);
        let small = good
            .iter()
            .chain(&spoilt)
            .chain(&lies)
            .filter(|(_, bytes)| bytes.len() < 40_000);
        for (name, bytes) in small {
            let kind = if name.contains(".png") { "png" } else { "jpeg" };
            std::fs::create_dir_all(folder.join(kind)).unwrap();
            let name = name.replace(['/', ' '], "_");
            std::fs::write(folder.join(kind).join(name), bytes).unwrap();
        }
        std::fs::create_dir_all(folder.join("icc")).unwrap();
        let profiles = [
            ColorProfile::new_display_p3(),
            ColorProfile::new_adobe_rgb(),
            ColorProfile::new_srgb(),
            ColorProfile::new_bt2020_pq(),
            ColorProfile::new_gray_with_gamma(1.8),
        ];
        let encoded = profiles.iter().map(|profile| profile.encode().unwrap());
        let tables = [
            press_profile(),
            crate::fixtures::table_profile(b"RGB ", 3, 3, |rgb| [rgb[0] * 100.0, 0.0, 0.0]),
        ];
        for (number, profile) in encoded.chain(tables).enumerate() {
            std::fs::write(folder.join("icc").join(format!("{number}")), profile).unwrap();
        }
        std::fs::create_dir_all(folder.join("exif")).unwrap();
        let photo = OneFile::photo(1, 96, 72, 6).bytes();
        std::fs::write(folder.join("exif/phone"), &photo[12..1500]).unwrap();
        std::fs::write(
            folder.join("exif/colours"),
            &exif_segment(0xFFFF, "R03")[10..],
        )
        .unwrap();
    }
}
