#![allow(clippy::unwrap_used)]

use std::fs::{self, File};

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use lapor_photo::{Flow, Settings, prepare};
use moxcms::ColorProfile;

use super::*;

/// A soft picture in the numbers of wide colours.
fn photo(name: &str, profile: Option<&ColorProfile>) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("lapor-look-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    let pixels = (0..160 * 120_u32).flat_map(|at| {
        let (x, y) = (at % 160, at / 160);
        [200 - (x / 4) as u8, 40 + (y / 3) as u8, 60]
    });
    let pixels: Vec<u8> = pixels.collect();
    let mut encoder = JpegEncoder::new_with_quality(File::create(&path).unwrap(), 95);
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile.encode().unwrap()).unwrap();
    }
    encoder
        .write_image(&pixels, 160, 120, ExtendedColorType::Rgb8)
        .unwrap();
    path
}

/// Ours shows the colours of the profile; against a reference that does not, it looked wrong.
#[test]
fn a_photo_of_wide_colours_is_judged_in_its_colours() {
    let wide = photo("wide.jpg", Some(&ColorProfile::new_display_p3()));
    let plain = photo("plain.jpg", None);
    let made = prepare(&wide, &Settings::default(), &mut |_| Flow::Continue).unwrap();
    let look = |path| Reference::of(path).unwrap().judge(&made.bytes).unwrap();
    let (right, wrong) = (look(&wide), look(&plain));
    assert!(right.light > 85.0 && right.gamma > 85.0, "{right:?}");
    assert!(wrong.light < right.light - 5.0, "{wrong:?} {right:?}");
    fs::remove_dir_all(wide.parent().unwrap()).unwrap();
}
