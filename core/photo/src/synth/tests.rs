#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::fixtures::OneFile;

#[test]
fn a_synthetic_photo_is_what_a_phone_writes() {
    let photo = OneFile::photo(1, 800, 600, 6);
    let bytes = photo.bytes();
    let written = camera_photo(&photo.beside("again.jpg"), 1, 800, 600, 6).unwrap();
    assert_eq!(
        bytes,
        std::fs::read(photo.beside("again.jpg")).unwrap(),
        "the same for a seed"
    );
    assert_eq!(written, bytes.len() as u64);
    assert_ne!(
        bytes,
        OneFile::photo(2, 800, 600, 6).bytes(),
        "another for another"
    );
    let probe = crate::probe(&photo.path).unwrap();
    assert!(!probe.progressive && !probe.several_scans);
    // As heavy as a camera's: 2 to 8 MB for 12 megapixels.
    let bits = bytes.len() as f64 * 8.0 / (800.0 * 600.0);
    assert!((1.4..5.5).contains(&bits), "{bits} bits a pixel");
    let starts = bytes
        .windows(3)
        .filter(|three| *three == [0xFF, 0xD8, 0xFF])
        .count();
    assert_eq!(starts, 2, "the photo and its thumbnail");
}

#[test]
fn a_photo_that_cannot_be_written_is_an_error() {
    assert!(camera_photo(Path::new("/nowhere/photo.jpg"), 1, 64, 64, 1).is_err());
    assert!(camera_photo(Path::new("/dev/full"), 1, 800, 800, 1).is_err());
}

#[test]
fn an_easy_scene_has_no_noise_and_a_skin_has() {
    let rough = |seed| {
        let scene = Scene::new(seed, 4000, 3000);
        let row: Vec<i32> = (0..200)
            .map(|x| i32::from(scene.pixel(x, 1500)[1]))
            .collect();
        row.windows(2).map(|two| (two[0] - two[1]).abs()).max()
    };
    assert!(rough(303) <= Some(1));
    assert!(rough(203) > Some(2));
}
