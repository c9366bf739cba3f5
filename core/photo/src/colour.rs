//! Between the numbers of a file and light.
//!
//! Shrinking averages light, so rows are turned to linear light first (sRGB, IEC 61966-2-1) and back
//! after it; averaging the numbers of the file would darken fine bright detail.

/// One pixel in linear light, red, green, blue; the fourth number pads it to a vector register.
pub(crate) type Light = [f32; 4];

/// Finer than the steepest step of sRGB: no two neighbours among the 256 values fall together.
const BACK_STEPS: u16 = 16_384;

/// Tables for both ways.
pub(crate) struct Tables {
    to_light: [f32; 256],
    /// Only for 16-bit pictures.
    deep: Vec<f32>,
    back: Vec<u8>,
}

impl Tables {
    pub(crate) fn new() -> Self {
        let mut to_light = [0.0; 256];
        for (light, value) in to_light.iter_mut().zip(0_u8..=255) {
            *light = light_of(f32::from(value) / 255.0);
        }
        let back = (0..=BACK_STEPS)
            .map(|step| {
                let value = value_of(f32::from(step) / f32::from(BACK_STEPS)) * 255.0;
                // Between 0 and 255 by construction.
                value.round() as u8
            })
            .collect();
        Self {
            to_light,
            deep: Vec::new(),
            back,
        }
    }

    pub(crate) fn light(&self, value: u8) -> f32 {
        self.to_light
            .get(usize::from(value))
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn value(&self, light: f32) -> u8 {
        // Saturates, also at NaN.
        let step = (light * f32::from(BACK_STEPS) + 0.5) as usize;
        self.back.get(step).copied().unwrap_or(255)
    }

    /// Must come before [`Self::deep_light`].
    pub(crate) fn prepare_deep(&mut self) {
        self.deep = (0..=u16::MAX)
            .map(|value| light_of(f32::from(value) / 65_535.0))
            .collect();
    }

    pub(crate) fn deep_light(&self, value: u16) -> f32 {
        self.deep
            .get(usize::from(value))
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn rgb(&self, [red, green, blue]: [u8; 3]) -> Light {
        [self.light(red), self.light(green), self.light(blue), 0.0]
    }
}

fn light_of(value: f32) -> f32 {
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

fn value_of(light: f32) -> f32 {
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

/// Printing colours to screen colours, plainly: what ink and black leave of white. A press's own
/// profile would tell better and is not read. Adobe's programs, which write nearly all such files,
/// store the complement of the ink and say so by a marker.
pub(crate) fn from_inks([cyan, magenta, yellow, black]: [u8; 4], complement: bool) -> [u8; 3] {
    let paper = |ink: u8| u16::from(if complement { ink } else { 255 - ink });
    let key = paper(black);
    let mix = |ink: u8| {
        let product = (paper(ink) * key + 127) / 255;
        u8::try_from(product).unwrap_or(u8::MAX)
    };
    [mix(cyan), mix(magenta), mix(yellow)]
}

/// Over white, on the numbers and not in light: as browsers and galleries show it.
pub(crate) fn over_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u16::from(value), u16::from(alpha));
    let product = (value * alpha + 255 * (255 - alpha) + 127) / 255;
    u8::try_from(product).unwrap_or(u8::MAX)
}

/// The same for 16 bits a channel.
pub(crate) fn over_white_deep(value: u16, alpha: u16) -> u16 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    // At most 65,535 squared and a little: it fits 32 bits.
    let product = (value * alpha + 65_535 * (65_535 - alpha) + 32_767) / 65_535;
    u16::try_from(product).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
