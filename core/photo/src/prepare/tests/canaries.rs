//! A word in every place of a file where a word can stand, and none of them in what is sent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::io::Write as _;

use moxcms::{ColorProfile, LocalizableString, ProfileText};

use super::segments;
use crate::fixtures::{OneFile, png, profile_segments, segment, unfiltered};
use crate::{Flow, Picture, Settings, prepare, synth};

/// What every hidden word begins with; the rest names its place.
const WORD: &str = "canary-in-";

fn word(place: &str) -> Vec<u8> {
    format!("{WORD}{place}").into_bytes()
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|part| part == what)
}

/// A profile that counts, with a text in it.
fn profile() -> Vec<u8> {
    let text = String::from_utf8(word("profile")).unwrap();
    let localized = LocalizableString::new("en".to_owned(), "US".to_owned(), text);
    let mut profile = ColorProfile::new_display_p3();
    profile.description = Some(ProfileText::Localizable(vec![localized.clone()]));
    profile.copyright = Some(ProfileText::Localizable(vec![localized]));
    profile.encode().unwrap()
}

fn made(bytes: &[u8]) -> Picture {
    let file = OneFile::new(&format!("{WORD}name"), bytes);
    let settings = Settings {
        thumbnail_edge: 256,
        ..Settings::default()
    };
    prepare(&file.path, &settings, &mut |_| Flow::Continue).unwrap()
}

fn assert_silent(picture: &Picture) {
    for bytes in [&picture.bytes, &picture.thumbnail] {
        assert!(bytes.len() > 500);
        // UTF-16 too: profiles and some cameras write it.
        let wide: Vec<u8> = WORD.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let turned: Vec<u8> = WORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for what in [
            WORD.as_bytes(),
            &wide,
            &turned,
            synth::CANARY.as_bytes(),
            b"Exif",
            b"http",
            b"ICC_PROFILE",
            b"MPF\0",
            b"Photoshop",
            b"ftyp",
            b"Adobe",
        ] {
            assert!(!has(bytes, what), "{}", String::from_utf8_lossy(what));
        }
    }
    assert_eq!(
        segments(&picture.bytes),
        ["JFIF", "tables", "frame", "scans", "end"]
    );
}

#[test]
fn no_word_of_a_jpeg_is_sent() {
    let photo = OneFile::photo(3, 640, 480, 6).bytes();
    let end = photo
        .windows(2)
        .rposition(|two| two == [0xFF, 0xD9])
        .unwrap()
        + 2;
    let (picture, trailing) = photo.split_at(end);
    assert!(has(picture, synth::CANARY.as_bytes()) && has(trailing, synth::CANARY.as_bytes()));
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), &word("xmp")].concat();
    let more_xmp = [
        b"http://ns.adobe.com/xmp/extension/\0".as_slice(),
        &word("more-xmp"),
    ]
    .concat();
    let press = [
        b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x12\x1c\x02\x78\0\x0e".as_slice(),
        &word("iptc"),
    ]
    .concat();
    let several = [b"MPF\0II*\0\x08\0\0\0".as_slice(), &word("mpf")].concat();
    let mut file = picture[..2].to_vec();
    for (marker, content) in [
        (0xE1, xmp),
        (0xE1, more_xmp),
        (0xE2, several),
        (0xED, press),
        (0xEB, [b"JP".as_slice(), &word("jumbf")].concat()),
        (0xFE, word("comment")),
    ] {
        file.extend(segment(marker, &content));
    }
    (3..=15_u8)
        .filter(|number| *number != 14)
        .for_each(|number| {
            file.extend(segment(0xE0 + number, &word(&format!("app{number}"))));
        });
    file.extend(profile_segments(&profile(), 2));
    file.extend(&picture[2..]);
    // A motion photo's film, a second picture as MPF keeps it, and a maker's own end.
    file.extend([&0_u32.to_be_bytes()[..], b"ftypmp42", &word("film")].concat());
    file.extend(
        [
            &picture[..2],
            &segment(0xFE, &word("second")),
            &picture[2..],
        ]
        .concat(),
    );
    file.extend(word("end"));
    assert!(has(&file, b"p\0r\0o\0f\0i\0l\0e") || has(&file, b"\0p\0r\0o\0f\0i\0l\0e"));
    assert_silent(&made(&file));
}

#[test]
fn no_word_of_a_png_is_sent() {
    let zipped = |bytes: &[u8]| {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::none());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    };
    let text = [b"Author\0".as_slice(), &word("text")].concat();
    let packed = [b"Comment\0\0".as_slice(), &zipped(&word("packed-text"))].concat();
    let wide = [b"Title\0\0\0id\0judul\0".as_slice(), &word("wide-text")].concat();
    let exif = [
        b"II*\0\x08\0\0\0\x01\0\x0e\x01\x02\0\x10\0\0\0\x1a\0\0\0\0\0\0\0".as_slice(),
        &word("exif!"),
    ]
    .concat();
    let colours = [word("profile-name"), vec![0, 0], zipped(&profile())].concat();
    let own = word("chunk");
    let rows = unfiltered((0..48_u32).map(|y| {
        (0..64_u32)
            .flat_map(|x| [(x * 4) as u8, (y * 5) as u8, (x ^ y) as u8])
            .collect()
    }));
    let chunks: [(&[u8; 4], &[u8]); 7] = [
        (b"tEXt", &text),
        (b"zTXt", &packed),
        (b"iTXt", &wide),
        (b"eXIf", &exif),
        (b"iCCP", &colours),
        (b"caNb", &own),
        (b"tIME", &[7, 0xE8, 1, 1, 1, 1, 1]),
    ];
    let mut file = png((64, 48), [8, 2, 0], &chunks, &rows);
    file.extend(word("trailing"));
    for place in [
        "text",
        "packed-text",
        "wide-text",
        "exif!",
        "chunk",
        "trailing",
        "profile-name",
    ] {
        assert!(has(&file, &word(place)), "{place}");
    }
    assert_silent(&made(&file));
}
