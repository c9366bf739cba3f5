//! One pass at quality 80 to 1600 pixels, without a budget: what the ways of decoding and shrinking
//! cost.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Result, ensure};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use lapor_photo::{Effort, Settings, Threads};

use crate::numbers::{geometric_mean, mean};
use crate::peers::Sharp;
use crate::scenes::Photo;
use crate::{Place, budget, load, scenes};

/// As many as tell; the image crate alone takes a second each.
const PHOTOS: usize = 4;

pub(crate) fn print(place: &Place, photos: &[Photo]) -> Result<()> {
    let some = photos.get(..PHOTOS).unwrap_or(photos);
    line(place, "photo-plain", some)?;
    let large = scenes::scene(place, 3, 8160, 6120)?;
    line(place, "photo-plain-50mp", &[large])
}

fn line(place: &Place, name: &str, photos: &[Photo]) -> Result<()> {
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
    let mut best: [Vec<f64>; 5] = Default::default();
    let load = load()?;
    for photo in photos {
        let mut times = [f64::INFINITY; 5];
        // In rounds, as in `budget`; the first warms up.
        for round in 0..=place.runs {
            let now = [
                budget::ours(&photo.path, &settings)?.0,
                budget::ours(&photo.path, &two)?.0,
                sharp.plain(&photo.path)?.ms,
                timed(|| vips(place, &photo.path))?,
                timed(|| image_crate(&photo.path))?,
            ];
            if round > 0 {
                for (best, now) in times.iter_mut().zip(now) {
                    *best = best.min(now);
                }
            }
        }
        for (all, best) in best.iter_mut().zip(times) {
            all.push(best);
        }
    }
    let [ours, ours_2t, by_sharp, by_vips, by_image] = best;
    let ratio = |peer: &[f64]| {
        geometric_mean(
            &peer
                .iter()
                .zip(&ours)
                .map(|(peer, ours)| peer / ours)
                .collect::<Vec<_>>(),
        )
    };
    println!(
        "bench {name} ratio_sharp={:.2} ratio_libvips={:.2} ratio_image={:.2} ours_ms={:.0} sharp_ms={:.0} \
         libvips_ms={:.0} image_ms={:.0} ours_2t_ms={:.0} load={load:.2}",
        ratio(&by_sharp),
        ratio(&by_vips),
        ratio(&by_image),
        mean(&ours),
        mean(&by_sharp),
        mean(&by_vips),
        mean(&by_image),
        mean(&ours_2t),
    );
    Ok(())
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}

/// A process each time: libvips has no other way from here. Its start takes about 20 ms of it.
fn vips(place: &Place, photo: &Path) -> Result<()> {
    let out = place.target.join("vips.jpg[Q=80]");
    let status = Command::new("vipsthumbnail")
        .arg(photo)
        .args(["--size", "1600x1600"])
        .arg("-o")
        .arg(out)
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "vipsthumbnail ended with {status}");
    Ok(())
}

fn image_crate(photo: &Path) -> Result<()> {
    let whole = image::open(photo)?;
    let small = whole.resize(1600, 1600, FilterType::Lanczos3);
    let mut bytes = Vec::new();
    small.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 80))?;
    Ok(())
}
