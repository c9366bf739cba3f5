//! Tables from numbers to linear light, and back to the numbers of sRGB.

use std::sync::Arc;

use super::space::{Curve, Space};

/// One pixel in linear light, red, green, blue; the fourth number pads it to a vector register.
/// Its three colours are the file's own until [`Tables::pixel`] mixes them into sRGB's.
pub(crate) type Light = [f32; 4];

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

    #[inline(always)]
    pub(crate) fn value(&self, light: f32) -> u8 {
        // NaN stays and has no low bits: it is black. Beside so great a number the fraction is rounded away, and
        // what is left stands in the low bits: vector instructions have no other way.
        let step = light.clamp(0.0, 1.0) * f32::from(BACK_STEPS) + WHOLE;
        let step = step.to_bits() as usize % BACK_ROOM;
        self.back.get(step).copied().unwrap_or(255)
    }

    /// As many numbers as there is room for, from lights, three of them a pixel.
    pub(crate) fn row(&self, lights: &[f32], numbers: &mut [u8]) {
        if self.mix.is_none() {
            for (number, light) in numbers.iter_mut().zip(lights) {
                *number = self.value(*light);
            }
            return;
        }
        let pixels = numbers.as_chunks_mut::<3>().0.iter_mut();
        for (pixel, lights) in pixels.zip(lights.as_chunks::<3>().0) {
            *pixel = self.pixel(*lights);
        }
    }

    /// The sRGB pixel of a light that was shrunk.
    pub(crate) fn pixel(&self, [red, green, blue]: [f32; 3]) -> [u8; 3] {
        let [red, green, blue] = match &self.mix {
            None => [red, green, blue],
            Some(mix) => mix.map(|[r, g, b]| r * red + g * green + b * blue),
        };
        [self.value(red), self.value(green), self.value(blue)]
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
        [
            light(reds, red),
            light(greens, green),
            light(blues, blue),
            0.0,
        ]
    }

    pub(crate) fn rgb(&self, [red, green, blue]: [u8; 3]) -> Light {
        [
            self.light(0, red),
            self.light(1, green),
            self.light(2, blue),
            0.0,
        ]
    }
}

fn value_of(light: f32) -> f32 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}
