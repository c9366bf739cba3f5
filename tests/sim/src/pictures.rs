//! What people attach: photos as a phone's camera writes them, small, with all that must not
//! leave the phone beside the picture, and documents.

use std::path::Path;
use std::sync::OnceLock;

use lapor_photo::synth::{CANARY, camera_photo};

use crate::dice::Dice;
use crate::front::has_large_pictures;
use crate::story::{Run, Violation, needed};

/// Stored width and height, pixels: a few KB once they are made small. Larger ones would only have
/// the photo code take most of a schedule's time; documents are up to 64 KB.
const SIZES: [(u32, u32); 5] = [(64, 48), (96, 72), (160, 120), (200, 150), (240, 180)];
/// How a camera may be held, of each size.
const HELD: [u8; 2] = [1, 6];

/// Photos are drawn once: that takes longer than a schedule.
static PHOTOS: OnceLock<Option<Vec<Vec<u8>>>> = OnceLock::new();

/// One of the photos, as it came from the camera.
pub(crate) fn photo(dice: &mut Dice) -> Run<&'static [u8]> {
    let photos = PHOTOS.get_or_init(|| draw().ok());
    let photos = photos.as_deref().unwrap_or_default();
    // The larger, the rarer: making one small takes longer.
    let at = dice.index(photos.len()).min(dice.index(photos.len()));
    photos
        .get(at)
        .map(Vec::as_slice)
        .ok_or_else(|| Violation("no photos could be drawn".to_owned()))
}

fn draw() -> std::io::Result<Vec<Vec<u8>>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("photo.jpg");
    let mut drawn = Vec::new();
    for (number, (width, height)) in SIZES.into_iter().enumerate() {
        for held in HELD {
            camera_photo(&path, number as u64, width, height, held)?;
            drawn.push(std::fs::read(&path)?);
        }
    }
    Ok(drawn)
}

/// Nothing of what stood beside the picture is left in it.
pub(crate) fn tells_nothing(kept: &[u8]) -> Run<()> {
    let has = |word: &[u8]| kept.windows(word.len()).any(|window| window == word);
    if has(CANARY.as_bytes()) || has(b"Exif\0\0") {
        return Err(Violation("a photo tells more than its picture".to_owned()));
    }
    Ok(())
}

/// A document of about that length, like no other.
pub(crate) fn document(seed: u64, number: u64, dice: &mut Dice) -> Vec<u8> {
    let most = match dice.percent(10) {
        true if has_large_pictures(seed) => 289_000,
        true => 63_000,
        false => 4_000,
    };
    let length = 1_000 + dice.index(most);
    let mut bytes = format!("%PDF-1.4\n% {seed} {number}\n").into_bytes();
    while bytes.len() < length {
        bytes.extend(dice.next().to_le_bytes());
    }
    bytes.extend(b"%%EOF\n");
    bytes
}

pub(crate) fn put_down(path: &Path, bytes: &[u8]) -> Run<()> {
    needed(std::fs::write(path, bytes), "a file")
}
