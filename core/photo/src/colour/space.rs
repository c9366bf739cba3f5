//! What the numbers of a file mean.

use std::sync::Arc;

use moxcms::{ToneCurveEvaluator, ToneReprCurve, Transform8BitExecutor};

use super::mix::{Corners, Mix};

/// The colours of a file. What cannot be understood is taken as sRGB, as if nothing were said: a
/// broken profile costs the exact colours, never the picture.
#[derive(Debug, Default)]
pub(crate) enum Space {
    #[default]
    Srgb,
    /// Light of its own red, green and blue.
    Mixed(Box<Mixed>),
    /// Anything else: rows go through [`Table`] and are sRGB then.
    Table(Table),
}

#[derive(Debug)]
pub(crate) struct Mixed {
    curves: [Curve; 3],
    mix: Option<Mix>,
}

/// From a number, as a part of 1, to light, as a part of white's.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Curve {
    Srgb,
    Power(f32),
    Bt709,
    Pq,
    Hlg,
    Profile(ToneReprCurve),
}

/// Kind of colour space and of curve, primaries and transfer, by the numbers of ITU-T H.273.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CodePoints {
    pub(crate) primaries: u8,
    pub(crate) transfer: u8,
}

/// sRGB's, from which its mixture is none.
const BT709_CORNERS: Corners =
    Corners([[0.3127, 0.3290], [0.64, 0.33], [0.30, 0.60], [0.15, 0.06]]);
/// Adobe RGB (1998), 4.3.1: the corners, and 2 51/256 as the power.
const ADOBE_CORNERS: Corners =
    Corners([[0.3127, 0.3290], [0.64, 0.33], [0.21, 0.71], [0.15, 0.06]]);
const ADOBE_POWER: f32 = 563.0 / 256.0;

impl Space {
    pub(crate) fn adobe_rgb() -> Self {
        Self::mixed(
            [
                Curve::Power(ADOBE_POWER),
                Curve::Power(ADOBE_POWER),
                Curve::Power(ADOBE_POWER),
            ],
            Mix::from_corners(ADOBE_CORNERS),
        )
    }

    /// `None` for code points that say nothing, or nothing that is known here.
    pub(crate) fn from_code_points(points: CodePoints) -> Option<Self> {
        let d65 = [0.3127, 0.3290];
        let corners = match points.primaries {
            1 => BT709_CORNERS,
            5 => Corners([d65, [0.64, 0.33], [0.29, 0.60], [0.15, 0.06]]),
            6 | 7 => Corners([d65, [0.630, 0.340], [0.310, 0.595], [0.155, 0.070]]),
            9 => Corners([d65, [0.708, 0.292], [0.170, 0.797], [0.131, 0.046]]),
            11 => Corners([
                [0.314, 0.351],
                [0.680, 0.320],
                [0.265, 0.690],
                [0.150, 0.060],
            ]),
            12 => Corners([d65, [0.680, 0.320], [0.265, 0.690], [0.150, 0.060]]),
            _ => return None,
        };
        let curve = match points.transfer {
            1 | 6 | 14 | 15 => Curve::Bt709,
            4 => Curve::Power(2.2),
            5 => Curve::Power(2.8),
            8 => Curve::Power(1.0),
            13 => Curve::Srgb,
            16 => Curve::Pq,
            18 => Curve::Hlg,
            _ => return None,
        };
        let mix = Mix::from_corners(corners)?;
        Some(Self::mixed(
            [curve.clone(), curve.clone(), curve],
            Some(mix),
        ))
    }

    /// A PNG's own words: `gamma` is what it was raised by when it was made (0.45455 for most).
    pub(crate) fn from_gamma(gamma: f32, corners: Option<[[f64; 2]; 4]>) -> Self {
        // Outside of this nothing was meant.
        if !(0.1..=10.0).contains(&gamma) {
            return Self::Srgb;
        }
        let mix = corners
            .and_then(|corners| Mix::from_corners(Corners(corners)))
            .filter(|mix| !mix.changes_nothing());
        // Whoever writes this number, and no other colours, has a screen picture: sRGB's own curve.
        let curve = if mix.is_none() && (gamma - 0.454_55).abs() < 0.01 {
            Curve::Srgb
        } else {
            Curve::Power(1.0 / gamma)
        };
        Self::mixed([curve.clone(), curve.clone(), curve], mix)
    }

    pub(super) fn mixed(curves: [Curve; 3], mix: Option<Mix>) -> Self {
        let mix = mix.filter(|mix| !mix.changes_nothing());
        if mix.is_none() && curves.iter().all(Curve::is_srgb) {
            return Self::Srgb;
        }
        Self::Mixed(Box::new(Mixed { curves, mix }))
    }

    pub(super) fn curves(&self) -> ([&Curve; 3], Option<&Mix>) {
        match self {
            Self::Mixed(mixed) => (mixed.curves.each_ref(), mixed.mix.as_ref()),
            Self::Srgb | Self::Table(_) => ([const { &Curve::Srgb }; 3], None),
        }
    }
}

impl Curve {
    /// Lights of as many numbers as there is room for, from 0 to 1.
    pub(super) fn fill(&self, lights: &mut [f32]) {
        let most = lights.len().saturating_sub(1).max(1) as f32;
        let evaluator = match self {
            Self::Profile(curve) => curve.make_linear_evaluator().ok(),
            _ => None,
        };
        for (number, light) in lights.iter_mut().enumerate() {
            let exact = self.light(number as f32 / most, evaluator.as_deref());
            // No display shines less than nothing, and what is brighter than white is white.
            *light = if exact.is_finite() {
                exact.clamp(0.0, 1.0)
            } else {
                0.0
            };
        }
    }

    fn light(&self, value: f32, evaluator: Option<&(dyn ToneCurveEvaluator + Send + Sync)>) -> f32 {
        match self {
            Self::Srgb => srgb(value),
            Self::Power(power) => value.powf(*power),
            // BT.709-6, 1.2, the other way round.
            Self::Bt709 if value < 0.081 => value / 4.5,
            Self::Bt709 => ((value + 0.099) / 1.099).powf(1.0 / 0.45),
            Self::Pq => pq(value),
            Self::Hlg => hlg(value),
            Self::Profile(_) => {
                evaluator.map_or_else(|| srgb(value), |curve| curve.evaluate_value(value))
            }
        }
    }

    /// Whether no number of 256 comes out differently: then the plain way gives the same bytes.
    fn is_srgb(&self) -> bool {
        let mut lights = [[0.0; 256]; 2];
        let [own, usual] = &mut lights;
        self.fill(own);
        Self::Srgb.fill(usual);
        // A third of the smallest step between two numbers, or of this one's.
        own.iter()
            .zip(usual.iter())
            .zip(usual.iter().skip(1).chain([&1.01]))
            .all(|((own, usual), next)| (own - usual).abs() < (next - usual) / 3.0)
    }
}

fn srgb(value: f32) -> f32 {
    if value <= 0.040_45 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

/// SMPTE ST 2084, with 203 cd/m2 as white (BT.2408): what is brighter is cut.
fn pq(value: f32) -> f32 {
    let root = value.powf(1.0 / 78.843_75);
    let light =
        ((root - 0.835_937_5).max(0.0) / (18.851_563 - 18.687_5 * root)).powf(1.0 / 0.159_301_76);
    light * 10_000.0 / 203.0
}

/// BT.2100-2, table 5, with 75 % signal as white (BT.2408), without the room's own correction.
fn hlg(value: f32) -> f32 {
    let light = if value <= 0.5 {
        value * value / 3.0
    } else {
        (((value - 0.559_910_7) / 0.178_832_77).exp() + 0.284_668_92) / 12.0
    };
    light / 0.264_962_56
}

/// A profile that is a table: for inks, scanners and the few screens that need one.
#[derive(Clone)]
pub(crate) struct Table {
    pub(super) transform: Arc<Transform8BitExecutor>,
    pub(super) channels: usize,
}

impl Table {
    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    /// `numbers` has [`Self::channels`] a pixel; what cannot be told stays as it is in `rgb`.
    pub(crate) fn row(&self, numbers: &[u8], rgb: &mut [[u8; 3]]) -> bool {
        numbers.len() == rgb.len() * self.channels
            && self
                .transform
                .transform(numbers, rgb.as_flattened_mut())
                .is_ok()
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}
