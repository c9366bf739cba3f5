//! ICC profiles, read by moxcms: curves and a mixture are taken out of them, tables are left to it.

use moxcms::{
    ColorProfile, DataColorSpace, Layout, ParsingOptions, RenderingIntent, ToneReprCurve,
    TransformOptions,
};

use super::mix::Mix;
use super::space::{Curve, Space, Table};

/// The largest press profile in use has 2.7 MB (PSO Coated v3). A larger one is not read.
pub(crate) const MAX_PROFILE_BYTES: usize = 4 * 1024 * 1024;
/// Numbers in one table: 17 steps in four inks and three colours are 250,563.
const MAX_TABLE: usize = 1_000_000;
const MAX_CURVE: usize = 65_536;

/// The numbers that a file has for each pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channels {
    Gray,
    Rgb,
    Inks,
}

impl Space {
    /// `None` for what is no profile for such a picture.
    pub(crate) fn from_profile(profile: &[u8], channels: Channels) -> Option<Self> {
        if profile.len() > MAX_PROFILE_BYTES {
            return None;
        }
        let options = ParsingOptions {
            max_profile_size: MAX_PROFILE_BYTES + 1,
            max_allowed_clut_size: MAX_TABLE,
            max_allowed_trc_size: MAX_CURVE,
        };
        let profile = ColorProfile::new_from_slice_with_options(profile, options).ok()?;
        match (profile.color_space, channels) {
            // A gray picture under a profile of colours is one whose three numbers are the same.
            (DataColorSpace::Rgb, Channels::Rgb | Channels::Gray) => colours(&profile),
            (DataColorSpace::Gray, Channels::Gray) => gray(&profile),
            (DataColorSpace::Cmyk, Channels::Inks) => table(&profile, Layout::Rgba, 4),
            _ => None,
        }
    }
}

fn colours(profile: &ColorProfile) -> Option<Space> {
    // A table is what the profile's maker thought better than the mixture beside it.
    let has_table =
        profile.lut_a_to_b_perceptual.is_some() || profile.lut_a_to_b_colorimetric.is_some();
    if has_table && let Some(table) = table(profile, Layout::Rgb, 3) {
        return Some(table);
    }
    let curve = |curve: &Option<ToneReprCurve>| curve.clone().and_then(sound);
    let curves = [
        curve(&profile.red_trc)?,
        curve(&profile.green_trc)?,
        curve(&profile.blue_trc)?,
    ];
    Some(Space::mixed(
        curves,
        Some(Mix::from_colorants(profile.colorant_matrix().v)?),
    ))
}

fn gray(profile: &ColorProfile) -> Option<Space> {
    let curve = profile.gray_trc.clone().and_then(sound)?;
    Some(Space::mixed([curve.clone(), curve.clone(), curve], None))
}

/// Only shapes that can be evaluated.
fn sound(curve: ToneReprCurve) -> Option<Curve> {
    match &curve {
        ToneReprCurve::Parametric(parameters) if parameters.is_empty() => return None,
        other => drop(other.make_linear_evaluator().ok()?),
    }
    Some(Curve::Profile(curve))
}

fn table(profile: &ColorProfile, layout: Layout, channels: usize) -> Option<Space> {
    let options = TransformOptions {
        rendering_intent: RenderingIntent::Perceptual,
        ..TransformOptions::default()
    };
    let transform = profile
        .create_transform_8bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, options)
        .ok()?;
    Some(Space::Table(Table {
        transform,
        channels,
    }))
}
