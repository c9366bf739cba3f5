use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

/// Camera-sized photos with EXIF, GPS and thumbnail, made on the spot. Gives their paths.
pub fn make_photos(folder: &Path, count: u8) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut made = Vec::new();
    for number in 1..=count {
        let path = folder.join(format!("IMG_{number:04}.jpg"));
        // Every phone holds its camera another way.
        let orientation = [1, 6, 3, 8]
            .get(usize::from(number) % 4)
            .copied()
            .unwrap_or(1);
        lapor_photo::synth::camera_photo(&path, u64::from(number), 4000, 3000, orientation)?;
        made.push(path);
    }
    Ok(made)
}

/// The pictures of a folder that somebody named, by name.
pub fn photos_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("reading {}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            let ending = path
                .extension()
                .and_then(|ending| ending.to_str())
                .unwrap_or_default()
                .to_lowercase();
            path.is_file() && ["jpg", "jpeg", "png"].contains(&ending.as_str())
        })
        .collect();
    found.sort();
    ensure!(
        !found.is_empty(),
        "no .jpg, .jpeg or .png in {}",
        folder.display()
    );
    Ok(found)
}
