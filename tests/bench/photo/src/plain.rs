//! One pass at quality 80 to 1600 pixels, without a budget: what the ways of decoding and shrinking
//! cost. Like is set beside like: calls inside a running process with each other, on one thread and
//! on as many as each takes by itself, and whole programs with each other, start and file included.

mod programs;

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use lapor_photo::{Effort, Settings, Threads};

use crate::numbers::{geometric_mean, mean};
use crate::peers::Sharp;
use crate::scenes::Photo;
use crate::{Place, budget, load, scenes};
use programs::Programs;

/// As many as tell; the image crate alone takes a second each.
const PHOTOS: usize = 4;

pub(crate) fn print(place: &Place, photos: &[Photo]) -> Result<()> {
    let some = photos.get(..PHOTOS).unwrap_or(photos);
    let large = [scenes::scene(place, 3, 8160, 6120)?];
    for (name, photos) in [("photo-plain", some), ("photo-plain-50mp", &large)] {
        inside(place, name, photos)?;
        Programs::new(place)?.print(name, photos, place.runs)?;
    }
    Ok(())
}

/// The best of some rounds for each contestant and photo; in each round all take their turn, so that a
/// busy moment of the machine hits all alike. The first round warms up.
fn best_of<const N: usize>(
    photos: &[Photo],
    rounds: usize,
    mut round: impl FnMut(&Path) -> Result<[f64; N]>,
) -> Result<[Vec<f64>; N]> {
    let mut all = [const { Vec::new() }; N];
    for photo in photos {
        let mut times = [f64::INFINITY; N];
        for number in 0..=rounds {
            let now = round(&photo.path)?;
            if number > 0 {
                for (best, now) in times.iter_mut().zip(now) {
                    *best = best.min(now);
                }
            }
        }
        for (all, best) in all.iter_mut().zip(times) {
            all.push(best);
        }
    }
    Ok(all)
}

fn ratio(peer: &[f64], ours: &[f64]) -> f64 {
    let each: Vec<f64> = peer
        .iter()
        .zip(ours)
        .map(|(peer, ours)| peer / ours)
        .collect();
    geometric_mean(&each)
}

fn inside(place: &Place, name: &str, photos: &[Photo]) -> Result<()> {
    let mut sharp = Sharp::start(place)?;
    let settings = Settings {
        max_bytes: u64::MAX,
        max_quality: 80,
        effort: Effort::Plain,
        ..Settings::default()
    };
    let two = Settings {
        threads: Threads::Two,
        ..settings.clone()
    };
    let load = load()?;
    let [ours, ours_2t, sharp_1t, by_sharp, by_image] = best_of(photos, place.runs, |photo| {
        Ok([
            budget::ours(photo, &settings)?.0,
            budget::ours(photo, &two)?.0,
            sharp.plain(photo, 1)?.ms,
            sharp.plain(photo, 0)?.ms,
            timed(|| image_crate(photo).map(drop))?,
        ])
    })?;
    println!(
        "bench {name} inside ratio_sharp_1t={:.2} ratio_2t_sharp={:.2} ratio_sharp={:.2} ratio_image={:.2} \
         ours_ms={:.0} ours_2t_ms={:.0} sharp_1t_ms={:.0} sharp_ms={:.0} image_ms={:.0} load={load:.2}",
        ratio(&sharp_1t, &ours),
        ratio(&by_sharp, &ours_2t),
        ratio(&by_sharp, &ours),
        ratio(&by_image, &ours),
        mean(&ours),
        mean(&ours_2t),
        mean(&sharp_1t),
        mean(&by_sharp),
        mean(&by_image),
    );
    Ok(())
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}

fn image_crate(photo: &Path) -> Result<Vec<u8>> {
    let whole = image::open(photo)?;
    let small = whole.resize(1600, 1600, FilterType::Lanczos3);
    let mut bytes = Vec::new();
    small.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 80))?;
    Ok(bytes)
}

/// The image crate as a program: a child of this one, from file to file.
pub(crate) fn image_child(words: &[&str]) -> Result<()> {
    let [from, to] = words else {
        anyhow::bail!("image-child IN OUT");
    };
    Ok(std::fs::write(to, image_crate(Path::new(from))?)?)
}
