#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use ::exif::Field;
use ::exif::experimental::Writer;

use super::*;

fn block(fields: &[(Tag, Value)]) -> Vec<u8> {
    let fields: Vec<_> = fields
        .iter()
        .map(|(tag, value)| Field {
            tag: *tag,
            ifd_num: In::PRIMARY,
            value: value.clone(),
        })
        .collect();
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut out = std::io::Cursor::new(Vec::new());
    writer.write(&mut out, false).unwrap();
    out.into_inner()
}

fn ascii(text: &str) -> Value {
    Value::Ascii(vec![text.as_bytes().to_vec()])
}

fn angle(parts: &[(u32, u32)]) -> Value {
    Value::Rational(
        parts
            .iter()
            .map(|(num, denom)| Rational {
                num: *num,
                denom: *denom,
            })
            .collect(),
    )
}

fn placed(
    latitude: &[(u32, u32)],
    north: &str,
    longitude: &[(u32, u32)],
    east: &str,
) -> Option<Place> {
    let fields = [
        (Tag::GPSLatitudeRef, ascii(north)),
        (Tag::GPSLatitude, angle(latitude)),
        (Tag::GPSLongitudeRef, ascii(east)),
        (Tag::GPSLongitude, angle(longitude)),
    ];
    read(Some(block(&fields))).hints.place
}

fn taken(when: &str, offset: Option<&str>) -> Option<String> {
    let mut fields = vec![(Tag::DateTimeOriginal, ascii(when))];
    fields.extend(offset.map(|offset| (Tag::OffsetTimeOriginal, ascii(offset))));
    read(Some(block(&fields))).hints.taken_at
}

#[test]
fn a_place_south_and_east() {
    let place = placed(
        &[(8, 1), (39, 1), (2340, 100)],
        "S",
        &[(115, 1), (13, 1), (264, 100)],
        "E",
    );
    let place = place.unwrap();
    assert!((place.latitude + 8.656_5).abs() < 1e-6);
    assert!((place.longitude - 115.217_4).abs() < 1e-6);
}

#[test]
fn a_place_that_cannot_be_is_none() {
    let one = [(1, 1), (0, 1), (0, 1)];
    assert!(placed(&one, "N", &one, "W").is_some());
    assert!(placed(&[(1, 1)], "N", &one, "W").is_some());
    assert_eq!(placed(&[(91, 1), (0, 1), (0, 1)], "N", &one, "E"), None);
    assert_eq!(placed(&one, "N", &[(181, 1), (0, 1), (0, 1)], "E"), None);
    assert_eq!(placed(&one, "X", &one, "E"), None);
    assert_eq!(placed(&[(1, 0), (0, 1), (0, 1)], "N", &one, "E"), None);
    let nothing = [(0, 1), (0, 1), (0, 1)];
    assert_eq!(placed(&nothing, "N", &nothing, "E"), None, "no fix");
}

#[test]
fn the_time_with_and_without_its_offset() {
    let plain = Some("2026-03-17T09:41:05".to_owned());
    assert_eq!(taken("2026:03:17 09:41:05", None), plain);
    let with_offset = Some("2026-03-17T09:41:05+08:00".to_owned());
    assert_eq!(taken("2026:03:17 09:41:05", Some("+08:00")), with_offset);
    for odd in ["", "Z", "+8", "+99:00", "08:00", "+08:00; rm"] {
        assert_eq!(taken("2026:03:17 09:41:05", Some(odd)), plain, "{odd}");
    }
}

#[test]
fn a_time_that_cannot_be_is_none() {
    for odd in [
        "",
        "0000:00:00 00:00:00",
        "2026:13:01 00:00:00",
        "2026:01:32 00:00:00",
        "2026:01:01 24:00:00",
        "2026-01-01 00:00:00",
        "2026:01:01T00:00:00",
        "2026:01:01 00:00:00 and the reporter's name",
        "    :  :     :  :  ",
        "２０２６:01:01 00:00",
    ] {
        assert_eq!(taken(odd, None), None, "{odd}");
    }
}

#[test]
fn a_broken_block_gives_no_hints_and_an_upright_picture() {
    let whole = block(&[
        (Tag::Orientation, Value::Short(vec![6])),
        (Tag::DateTimeOriginal, ascii("2026:03:17 09:41:05")),
    ]);
    assert_eq!(
        read(Some(whole.clone())).orientation,
        Orientation::QuarterTurnRight
    );
    assert_eq!(read(None), Said::default());
    assert_eq!(read(Some(b"garbage".to_vec())), Said::default());
    for cut in 0..whole.len() {
        read(Some(whole[..cut].to_vec()));
        let mut mangled = whole.clone();
        mangled[cut] ^= 0xFF;
        read(Some(mangled));
    }
}
