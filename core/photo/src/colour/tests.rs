#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

fn shown(tables: &Tables, light: Light) -> [u8; 3] {
    let mut pixel = [[9; 3]];
    tables.show(light.map(|part| [part]), &mut pixel);
    pixel[0]
}

#[test]
fn every_value_survives_the_way_to_light_and_back() {
    let mut tables = Tables::new();
    tables.prepare_deep(&Space::Srgb);
    for value in 0..=255_u8 {
        let light = tables.rgb([value; 3]);
        let deep = tables.deep_rgb([u16::from(value) * 257; 3]);
        assert_eq!(shown(&tables, light), [value; 3]);
        assert_eq!(shown(&tables, deep), [value; 3]);
    }
}

#[test]
fn ringing_beyond_black_and_white_is_cut() {
    let tables = Tables::new();
    assert_eq!(shown(&tables, [-0.3, 1.4, f32::NAN]), [0, 255, 0]);
}

#[test]
fn inks_on_paper() {
    assert_eq!(from_inks([0, 0, 0, 0], false), [255, 255, 255]);
    assert_eq!(from_inks([0, 0, 0, 255], false), [0, 0, 0]);
    assert_eq!(from_inks([255, 0, 0, 0], false), [0, 255, 255]);
    // Adobe stores the complement.
    assert_eq!(from_inks([255, 255, 255, 255], true), [255, 255, 255]);
    assert_eq!(from_inks([0, 255, 255, 255], true), [0, 255, 255]);
}

#[test]
fn what_is_transparent_shows_white() {
    assert_eq!(over_white(10, 0), 255);
    assert_eq!(over_white(10, 255), 10);
    assert_eq!(over_white(0, 128), 127);
    assert_eq!(over_white_deep(1000, 0), 65_535);
    assert_eq!(over_white_deep(1000, 65_535), 1000);
}
