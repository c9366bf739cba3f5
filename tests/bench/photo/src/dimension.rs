//! What the room's own rules are made of: at which bytes a pixel a smaller picture looks better, judged
//! at the full viewing size; and what a quality looks like where bytes are no limit.

use anyhow::Result;
use lapor_photo::{Flow, PhotoError, Settings, prepare};

use crate::judge::two_at_a_time;
use crate::look::Reference;
use crate::scenes::Photo;

const EDGES: [u32; 3] = [1600, 1280, 1024];
const KILOBYTES: [u64; 8] = [20, 30, 40, 60, 80, 110, 150, 300];

/// A line for each photo and budget: quality and look at each edge, forced by the settings.
pub(crate) fn print(photos: &[Photo]) -> Result<()> {
    let answers = two_at_a_time(photos, |photo| {
        let reference = Reference::of(&photo.path)?;
        let mut lines = Vec::new();
        for kilobytes in KILOBYTES {
            let mut line = format!("dimension {} kb={kilobytes}", photo.name);
            for max_edge in EDGES {
                let settings = Settings {
                    max_bytes: kilobytes * 1024,
                    max_edge,
                    ..Settings::default()
                };
                match prepare(&photo.path, &settings, &mut |_| Flow::Continue) {
                    Ok(picture) => {
                        let longer = picture.width.max(picture.height);
                        let look = reference.judge(&picture.bytes)?.light;
                        line += &format!(" {max_edge}={look:.2}@q{}/{longer}", picture.quality);
                    }
                    Err(PhotoError::CannotFit { .. }) => line += &format!(" {max_edge}=none"),
                    Err(error) => return Err(error.into()),
                }
            }
            lines.push(line);
        }
        Ok(lines)
    })?;
    for line in answers.into_iter().flatten() {
        println!("{line}");
    }
    Ok(())
}

const QUALITIES: [u8; 9] = [80, 84, 88, 90, 92, 94, 96, 98, 100];

/// A line for each photo: look and bytes at each ceiling of quality, without a limit of bytes.
pub(crate) fn print_ceilings(photos: &[Photo]) -> Result<()> {
    let lines = two_at_a_time(photos, |photo| {
        let reference = Reference::of(&photo.path)?;
        let mut line = format!("ceilings {}", photo.name);
        for max_quality in QUALITIES {
            let settings = Settings {
                max_bytes: u64::MAX,
                max_quality,
                ..Settings::default()
            };
            let picture = prepare(&photo.path, &settings, &mut |_| Flow::Continue)?;
            let look = reference.judge(&picture.bytes)?.light;
            line += &format!(" q{max_quality}={look:.2}/{}k", picture.bytes.len() / 1024);
        }
        Ok(line)
    })?;
    lines.iter().for_each(|line| println!("{line}"));
    Ok(())
}
