//! Between the numbers of a file and light.
//!
//! Shrinking averages light, so rows are turned to linear light first and back after it; averaging
//! the numbers of the file would darken fine bright detail. What the numbers mean is a [`Space`]:
//! sRGB (IEC 61966-2-1) unless the file says otherwise. A space of curves and a mixture costs the
//! rows of the file nothing more than sRGB does: each number has a curve of its own anyway, and the
//! mixture into sRGB's colours, which is linear as the shrinking is, comes after it, on the few
//! pixels that are left.

mod icc;
mod light;
mod mix;
mod press;
mod space;

pub(crate) use icc::{Channels, MAX_PROFILE_BYTES};
pub(crate) use light::{Light, Tables};
pub(crate) use press::{from_inks, over_white, over_white_deep};
pub(crate) use space::{CodePoints, Space, Table};

#[cfg(test)]
mod tests;
