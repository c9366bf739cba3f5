//! The photos that are measured: the caller's own, or scenes that the project draws.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use lapor_photo::synth;

use crate::Place;

pub(crate) struct Photo {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// As many as a mean over real photos needs to say anything.
const FEWEST_OWN: usize = 8;
/// Scenes of 12 megapixels by their seeds: streets, nights, skin.
const SCENES: [u64; 12] = [1, 101, 201, 2, 102, 202, 3, 103, 203, 4, 5, 6];

/// Nothing but sky, hills under it, foliage, soft light; without noise.
const EASY: [u64; 4] = [300, 301, 302, 303];

/// Photos of which a few bytes show everything; none where the caller names his own.
pub(crate) fn easy(place: &Place) -> Result<Vec<Photo>> {
    match &place.photos {
        Some(_) => Ok(Vec::new()),
        None => EASY
            .into_iter()
            .map(|seed| scene(place, seed, 4000, 3000))
            .collect(),
    }
}

pub(crate) fn all(place: &Place) -> Result<Vec<Photo>> {
    match &place.photos {
        Some(folder) => own(folder),
        None => SCENES
            .into_iter()
            .map(|seed| scene(place, seed, 4000, 3000))
            .collect(),
    }
}

fn own(folder: &PathBuf) -> Result<Vec<Photo>> {
    let mut photos = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("PHOTOS={}", folder.display()))? {
        let path = entry?.path();
        let known = path.extension().is_some_and(|ending| {
            ["jpg", "jpeg"]
                .iter()
                .any(|jpeg| ending.eq_ignore_ascii_case(jpeg))
        });
        if known {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            photos.push(Photo { name, path });
        }
    }
    ensure!(
        photos.len() >= FEWEST_OWN,
        "PHOTOS={} has {} JPEG files, at least {FEWEST_OWN} are needed",
        folder.display(),
        photos.len()
    );
    photos.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(photos)
}

/// Drawn once and kept: the same seed gives the same file.
pub(crate) fn scene(place: &Place, seed: u64, width: u32, height: u32) -> Result<Photo> {
    let folder = place.target.join("scenes");
    fs::create_dir_all(&folder)?;
    let name = format!("scene-{seed}-{width}x{height}");
    let path = folder.join(format!("{name}.jpg"));
    if !path.exists() {
        let part = folder.join(format!("{name}.part"));
        synth::camera_photo(&part, seed, width, height, 1)?;
        fs::rename(&part, &path)?;
    }
    Ok(Photo { name, path })
}
