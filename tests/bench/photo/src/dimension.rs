//! What the room's own rules are made of: at which bytes a smaller picture looks better, judged at the
//! full viewing size; and what a quality looks like where bytes are no limit.

use std::path::Path;

use anyhow::Result;
use lapor_photo::{Dimensions, Flow, PhotoError, Picture, Settings, prepare};

use crate::Place;
use crate::judge::two_at_a_time;
use crate::look::Reference;
use crate::numbers::mean;
use crate::scenes::Photo;

const FULL: u32 = 1600;
const SMALLER: [u32; 2] = [1280, 1024];
const KILOBYTES: [u64; 4] = [40, 75, 150, 300];
/// Above it no smaller picture of any photo came near.
const PLENTY: u8 = 80;
/// Points of SSIMULACRA2 that are no difference, and those that are one.
const SAME: f64 = 0.2;
const MISSED: f64 = 0.5;

/// What one photo and number of bytes came to, against the picture of the full size.
struct Choice {
    /// Gained by the size that was chosen; 0 for the full one.
    gained: f64,
    /// By the best of all sizes.
    possible: f64,
}

/// A line for each photo and number of bytes: quality and look (enlarged bicubically and bilinearly) at
/// each size, and the size that was chosen; then how often that was right.
pub(crate) fn print(place: &Place, photos: &[Photo]) -> Result<()> {
    let answers = two_at_a_time(photos, |photo| {
        let reference = Reference::of(&photo.path)?;
        let mut choices = Vec::new();
        for kilobytes in KILOBYTES {
            if let Some((line, choice)) = weigh(&reference, &photo.path, kilobytes)? {
                println!("dimension {} kb={kilobytes}{line}", photo.name);
                choices.push(choice);
            }
        }
        Ok(choices)
    })?;
    let all: Vec<Choice> = answers.into_iter().flatten().collect();
    let count = |holds: fn(&Choice) -> bool| all.iter().filter(|choice| holds(choice)).count();
    let worse = count(|choice| choice.gained < -SAME);
    let missed = count(|choice| choice.possible - choice.gained > MISSED);
    let gained: Vec<f64> = all.iter().map(|choice| choice.gained).collect();
    let possible: Vec<f64> = all.iter().map(|choice| choice.possible).collect();
    println!(
        "bench photo-dimension of={} choices={} chosen_right={} better={} worse={worse} missed={missed} \
         gained_mean={:.2} possible_mean={:.2}",
        place.of(),
        all.len(),
        count(|choice| choice.gained >= -SAME && choice.possible - choice.gained <= MISSED),
        count(|choice| choice.gained > SAME),
        mean(&gained),
        mean(&possible),
    );
    Ok(())
}

fn weigh(reference: &Reference, photo: &Path, kilobytes: u64) -> Result<Option<(String, Choice)>> {
    let made = |max_edge, dimensions| -> Result<Option<Picture>> {
        let settings = Settings {
            max_bytes: kilobytes * 1024,
            max_edge,
            dimensions,
            ..Settings::default()
        };
        match prepare(photo, &settings, &mut |_| Flow::Continue) {
            Ok(picture) => Ok(Some(picture)),
            Err(PhotoError::CannotFit { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    };
    let longer = |picture: &Picture| picture.width.max(picture.height);
    let Some(full) = made(FULL, Dimensions::AsAllowed)? else {
        return Ok(None);
    };
    // Where it does not fit at all there is nothing to choose.
    if longer(&full) != FULL || full.quality > PLENTY {
        return Ok(None);
    }
    let [look, _] = reference.enlarged(&full.bytes)?;
    let mut line = format!(" {FULL}={look:.2}@q{}", full.quality);
    let mut possible = 0.0_f64;
    let mut told = |name: &str, picture: &Picture| -> Result<f64> {
        let [cubic, linear] = reference.enlarged(&picture.bytes)?;
        line += &format!(" {name}={cubic:.2},{linear:.2}@q{}", picture.quality);
        Ok(cubic.min(linear) - look)
    };
    for edge in SMALLER {
        if let Some(picture) = made(edge, Dimensions::AsAllowed)? {
            possible = possible.max(told(&edge.to_string(), &picture)?);
        }
    }
    let chosen = made(FULL, Dimensions::ByLook)?;
    let gained = match &chosen {
        Some(picture) if longer(picture) != FULL => {
            told(&format!("chosen:{}", longer(picture)), picture)?
        }
        _ => 0.0,
    };
    Ok(Some((line, Choice { gained, possible })))
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
