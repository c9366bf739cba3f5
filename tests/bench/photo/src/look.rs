//! How near a result is to the photo, as SSIMULACRA2 sees it (100 is the same, 90 cannot be told
//! apart side by side).

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use image::{DynamicImage, ImageDecoder, ImageReader};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use ssimulacra2::{
    ColorPrimaries, LinearRgb, Rgb, TransferCharacteristic, compute_frame_ssimulacra2,
};

const EDGE: u32 = 1600;

/// Three numbers a pixel.
#[derive(Clone)]
struct Plane {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 3]>,
}

/// The photo as it should look at 1600 pixels, averaged in light and averaged in the file's numbers.
pub(crate) struct Reference {
    light: Plane,
    gamma: Plane,
}

/// SSIMULACRA2 against both references.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) light: f64,
    pub(crate) gamma: f64,
}

impl Reference {
    pub(crate) fn of(path: &Path) -> Result<Self> {
        let numbers = upright(path)?;
        let [width, height] = [numbers.width, numbers.height].map(|side| side as u32);
        let longer = width.max(height);
        let side = |of: u32| {
            let edge = longer.min(EDGE);
            ((u64::from(of) * u64::from(edge) * 2 + u64::from(longer)) / (u64::from(longer) * 2))
                as usize
        };
        let size = (side(width).max(1), side(height).max(1));
        let gamma = clamped(resized(&numbers, size, lanczos3, 3.0));
        let linear = Plane {
            pixels: each(&numbers.pixels, to_light),
            ..numbers
        };
        let light = resized(&linear, size, lanczos3, 3.0);
        let light = Plane {
            pixels: each(&light.pixels, |v| to_numbers(v.clamp(0.0, 1.0))),
            ..light
        };
        Ok(Self { light, gamma })
    }

    /// A smaller result is judged as it is shown at the full size, by the worse of two enlargements.
    pub(crate) fn judge(&self, jpeg: &[u8]) -> Result<Look> {
        let looks = self.shown(jpeg)?.into_iter().map(|made| self.score(&made));
        let looks = looks.collect::<Result<Vec<Look>>>()?;
        let worse = |one: Look, other: &Look| Look {
            light: one.light.min(other.light),
            gamma: one.gamma.min(other.gamma),
        };
        let (first, rest) = looks.split_first().context("nothing is shown")?;
        Ok(rest.iter().fold(*first, worse))
    }

    /// Against the reference in light, enlarged bicubically and bilinearly: the same for a result of
    /// the full size.
    pub(crate) fn enlarged(&self, jpeg: &[u8]) -> Result<[f64; 2]> {
        let looks = self.shown(jpeg)?.into_iter();
        let looks = looks.map(|made| against(&self.light, &made));
        let looks = looks.collect::<Result<Vec<f64>>>()?;
        match looks.as_slice() {
            [cubic, linear] => Ok([*cubic, *linear]),
            [only] => Ok([*only; 2]),
            _ => bail!("nothing is shown"),
        }
    }

    fn shown(&self, jpeg: &[u8]) -> Result<Vec<Plane>> {
        let made = plane(&image::load_from_memory(jpeg)?);
        let size = (self.light.width, self.light.height);
        if (made.width, made.height) == size {
            return Ok(vec![made]);
        }
        Ok(vec![
            clamped(resized(&made, size, catmull_rom, 2.0)),
            clamped(resized(&made, size, triangle, 1.0)),
        ])
    }

    fn score(&self, made: &Plane) -> Result<Look> {
        Ok(Look {
            light: against(&self.light, made)?,
            gamma: against(&self.gamma, made)?,
        })
    }
}

fn against(reference: &Plane, made: &Plane) -> Result<f64> {
    Ok(compute_frame_ssimulacra2(
        linear_rgb(reference)?,
        linear_rgb(made)?,
    )?)
}

/// In sRGB, whatever profile the file has: as every contestant shows it.
fn upright(path: &Path) -> Result<Plane> {
    let mut decoder = ImageReader::open(path)?
        .with_guessed_format()?
        .into_decoder()?;
    let orientation = decoder.orientation()?;
    let profile = decoder.icc_profile()?;
    let mut picture = DynamicImage::from_decoder(decoder).context("decoding")?;
    picture.apply_orientation(orientation);
    let mut plane = plane(&picture);
    // One that cannot be read is passed over, by all of them.
    if let Some(profile) = profile.and_then(|bytes| ColorProfile::new_from_slice(&bytes).ok()) {
        to_srgb(&mut plane, &profile)?;
    }
    Ok(plane)
}

fn to_srgb(plane: &mut Plane, profile: &ColorProfile) -> Result<()> {
    if profile.color_space != DataColorSpace::Rgb {
        bail!("a profile of {:?} is not judged", profile.color_space);
    }
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let transform = profile.create_transform_f32(Layout::Rgb, &srgb, Layout::Rgb, options);
    let transform = transform.map_err(|error| anyhow!("a profile: {error}"))?;
    let mut shown = vec![0.0; plane.width * 3];
    for row in plane.pixels.chunks_exact_mut(plane.width.max(1)) {
        let done = transform.transform(row.as_flattened(), &mut shown);
        done.map_err(|error| anyhow!("a profile: {error}"))?;
        // What no screen of sRGB can show is cut off there, by all contestants too.
        for (to, value) in row.as_flattened_mut().iter_mut().zip(&shown) {
            *to = value.clamp(0.0, 1.0);
        }
    }
    Ok(())
}

fn plane(picture: &DynamicImage) -> Plane {
    let rgb = picture.to_rgb8();
    let pixels = rgb
        .pixels()
        .map(|pixel| pixel.0.map(|value| f32::from(value) / 255.0))
        .collect();
    Plane {
        width: rgb.width() as usize,
        height: rgb.height() as usize,
        pixels,
    }
}

fn linear_rgb(plane: &Plane) -> Result<LinearRgb> {
    let rgb = Rgb::new(
        plane.pixels.clone(),
        plane.width,
        plane.height,
        TransferCharacteristic::SRGB,
        ColorPrimaries::BT709,
    )?;
    Ok(LinearRgb::try_from(rgb)?)
}

fn each(pixels: &[[f32; 3]], change: impl Fn(f32) -> f32) -> Vec<[f32; 3]> {
    pixels.iter().map(|pixel| pixel.map(&change)).collect()
}

fn clamped(plane: Plane) -> Plane {
    Plane {
        pixels: each(&plane.pixels, |value| value.clamp(0.0, 1.0)),
        ..plane
    }
}

fn to_light(value: f32) -> f32 {
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

fn to_numbers(light: f32) -> f32 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

fn sinc(x: f64) -> f64 {
    let angle = x * std::f64::consts::PI;
    if angle.abs() < 1e-9 {
        1.0
    } else {
        angle.sin() / angle
    }
}

fn lanczos3(x: f64) -> f64 {
    if x.abs() >= 3.0 {
        0.0
    } else {
        sinc(x) * sinc(x / 3.0)
    }
}

fn triangle(x: f64) -> f64 {
    (1.0 - x.abs()).max(0.0)
}

fn catmull_rom(x: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

type Kernel = fn(f64) -> f64;

fn resized(from: &Plane, (width, height): (usize, usize), kernel: Kernel, reach: f64) -> Plane {
    let across = taps(from.width, width, kernel, reach);
    let down = taps(from.height, height, kernel, reach);
    let mut narrow = Vec::with_capacity(width * from.height);
    for row in from.pixels.chunks_exact(from.width.max(1)) {
        narrow.extend(across.iter().map(|(first, weights)| {
            let taken = row.get(*first..).unwrap_or_default();
            blend(taken.iter().zip(weights))
        }));
    }
    let mut pixels = vec![[0.0; 3]; width * height];
    for (row, (first, weights)) in pixels.chunks_exact_mut(width.max(1)).zip(&down) {
        for (from, weight) in narrow.chunks_exact(width.max(1)).skip(*first).zip(weights) {
            for (to, from) in row.iter_mut().zip(from) {
                for (to, from) in to.iter_mut().zip(from) {
                    *to += from * weight;
                }
            }
        }
    }
    Plane {
        width,
        height,
        pixels,
    }
}

fn blend<'a>(parts: impl Iterator<Item = (&'a [f32; 3], &'a f32)>) -> [f32; 3] {
    let mut sum = [0.0; 3];
    for (pixel, weight) in parts {
        for (sum, value) in sum.iter_mut().zip(pixel) {
            *sum += value * weight;
        }
    }
    sum
}

fn taps(source: usize, result: usize, kernel: Kernel, reach: f64) -> Vec<(usize, Vec<f32>)> {
    let ratio = source as f64 / result as f64;
    let stretch = ratio.max(1.0);
    let last = source as f64 - 1.0;
    (0..result)
        .map(|index| {
            let centre = (index as f64 + 0.5) * ratio - 0.5;
            let from = (centre - reach * stretch).ceil().clamp(0.0, last) as usize;
            let to = (centre + reach * stretch).floor().clamp(from as f64, last) as usize;
            let weights: Vec<f64> = (from..=to)
                .map(|at| kernel((at as f64 - centre) / stretch))
                .collect();
            let sum: f64 = weights.iter().sum();
            (
                from,
                weights.iter().map(|weight| (weight / sum) as f32).collect(),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests;
