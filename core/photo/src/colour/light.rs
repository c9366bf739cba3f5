//! Tables from numbers to linear light, and back to the numbers of sRGB.

use std::sync::Arc;

use super::space::{Curve, Space};

/// One pixel in linear light: red, green, blue. They are the file's own until [`Tables::show`] mixes
/// them into sRGB's.
pub(crate) type Light = [f32; 3];

/// Finer than the steepest step of sRGB: no two neighbours among the 256 values fall together.
const BACK_STEPS: u16 = 16_384;
/// A power of two above them, so that no step lies outside.
const BACK_ROOM: usize = 32_768;
/// 2^23: from there on floating point has whole numbers only.
const WHOLE: f32 = 8_388_608.0;

/// Tables for both ways.
pub(crate) struct Tables {
    to_light: [[f32; 256]; 3],
    /// Only for 16-bit pictures.
    deep: [Arc<[f32]>; 3],
    back: Box<[u8; BACK_ROOM]>,
    mix: Option<[[f32; 3]; 3]>,
}

impl Tables {
    /// Of sRGB.
    pub(crate) fn new() -> Self {
        Self::of(&Space::Srgb)
    }

    /// What a [`super::Table`] gives is sRGB already.
    pub(crate) fn of(space: &Space) -> Self {
        let (curves, mix) = space.curves();
        let mut back = Box::new([255; BACK_ROOM]);
        for (step, number) in (0..=BACK_STEPS).zip(back.iter_mut()) {
            let value = value_of(f32::from(step) / f32::from(BACK_STEPS)) * 255.0;
            // Between 0 and 255 by construction.
            *number = value.round() as u8;
        }
        Self {
            to_light: curves.map(|curve| {
                let mut lights = [0.0; 256];
                curve.fill(&mut lights);
                lights
            }),
            deep: [&[][..]; 3].map(Arc::from),
            back,
            mix: mix.map(|mix| mix.cells()),
        }
    }

    pub(crate) fn light(&self, channel: usize, value: u8) -> f32 {
        self.to_light
            .get(channel)
            .and_then(|lights| lights.get(usize::from(value)))
            .copied()
            .unwrap_or_default()
    }

    /// The sRGB pixels of lights that were shrunk, colour by colour.
    #[inline(always)]
    pub(crate) fn show<const N: usize>(&self, lights: [[f32; N]; 3], pixels: &mut [[u8; 3]; N]) {
        let mut steps = [[0; N]; 3];
        for (steps, lights) in steps.iter_mut().zip(&self.mixed(lights)) {
            for (to, light) in steps.iter_mut().zip(lights) {
                *to = step(*light);
            }
        }
        let [reds, greens, blues] = &steps;
        let steps = reds.iter().zip(greens).zip(blues);
        for (pixel, ((red, green), blue)) in pixels.iter_mut().zip(steps) {
            *pixel = [self.number(*red), self.number(*green), self.number(*blue)];
        }
    }

    #[inline(always)]
    fn mixed<const N: usize>(&self, lights: [[f32; N]; 3]) -> [[f32; N]; 3] {
        let Some(mix) = &self.mix else { return lights };
        let [reds, greens, blues] = &lights;
        let mut mixed = [[0.0; N]; 3];
        for (mixed, [r, g, b]) in mixed.iter_mut().zip(mix) {
            let lights = reds.iter().zip(greens).zip(blues);
            for (mixed, ((red, green), blue)) in mixed.iter_mut().zip(lights) {
                *mixed = r * red + g * green + b * blue;
            }
        }
        mixed
    }

    #[inline(always)]
    fn number(&self, step: u32) -> u8 {
        let step = step as usize % BACK_ROOM;
        self.back.get(step).copied().unwrap_or(255)
    }

    /// Must come before [`Self::deep_rgb`].
    pub(crate) fn prepare_deep(&mut self, space: &Space) {
        let (curves, _) = space.curves();
        let table = |curve: &Curve| -> Arc<[f32]> {
            let mut lights = vec![0.0; 65_536];
            curve.fill(&mut lights);
            lights.into()
        };
        let [red, green, blue] = curves;
        let first = table(red);
        let other = |curve| {
            if curve == red {
                Arc::clone(&first)
            } else {
                table(curve)
            }
        };
        let (second, third) = (other(green), other(blue));
        self.deep = [first, second, third];
    }

    pub(crate) fn deep_rgb(&self, pixel: [u16; 3]) -> Light {
        let [red, green, blue] = pixel;
        let [reds, greens, blues] = &self.deep;
        let light = |lights: &[f32], value: u16| {
            lights.get(usize::from(value)).copied().unwrap_or_default()
        };
        [light(reds, red), light(greens, green), light(blues, blue)]
    }

    pub(crate) fn rgb(&self, [red, green, blue]: [u8; 3]) -> Light {
        [
            self.light(0, red),
            self.light(1, green),
            self.light(2, blue),
        ]
    }
}

/// NaN stays and has no low bits: it is black. Beside so great a number the fraction is rounded away,
/// and what is left stands in the low bits: vector instructions have no other way.
#[inline(always)]
fn step(light: f32) -> u32 {
    (light.clamp(0.0, 1.0) * f32::from(BACK_STEPS) + WHOLE).to_bits()
}

fn value_of(light: f32) -> f32 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}
