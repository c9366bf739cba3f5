//! Tables from numbers to linear light, and back to the numbers of sRGB.

use std::sync::Arc;

use super::space::{Curve, Space};

/// One pixel in linear light, red, green, blue; the fourth number pads it to a vector register.
/// Its three colours are the file's own until [`Tables::pixel`] mixes them into sRGB's.
pub(crate) type Light = [f32; 4];

/// Finer than the steepest step of sRGB: no two neighbours among the 256 values fall together.
const BACK_STEPS: u16 = 16_384;

/// Tables for both ways.
pub(crate) struct Tables {
    to_light: [[f32; 256]; 3],
    /// Only for 16-bit pictures.
    deep: [Arc<[f32]>; 3],
    back: Vec<u8>,
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
        let back = (0..=BACK_STEPS)
            .map(|step| {
                let value = value_of(f32::from(step) / f32::from(BACK_STEPS)) * 255.0;
                // Between 0 and 255 by construction.
                value.round() as u8
            })
            .collect();
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

    pub(crate) fn value(&self, light: f32) -> u8 {
        // Saturates, also at NaN.
        let step = (light * f32::from(BACK_STEPS) + 0.5) as usize;
        self.back.get(step).copied().unwrap_or(255)
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
