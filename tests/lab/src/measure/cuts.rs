//! Cuts in the middle of one upload: what they cost in bytes.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::Value;

use super::pictures::is_whole;
use crate::{phone::is, profile::Profile, world::World};

const LONGEST: Duration = Duration::from_secs(120);
/// What one cut may cost besides what was in flight: name, TCP, TLS, the question for the offset.
const RESUME: u64 = 6 * 1024;

pub(crate) fn measure(
    world: &mut World<'_>,
    profile: &Profile,
    cuts: u64,
    budget: u64,
) -> Result<()> {
    let (key, bytes) = world.submits_with_picture(budget)?;
    let before = world.line.crossed()?;
    let sync = world
        .phone
        .starts(&world.line, &["sync", "--until-idle", "--timeout", "600"])?;
    let (mut done, mut chunks) = (0, 0);
    // Spread over the picture, so that none is left without a chunk to cut.
    let most = profile.line_time(bytes / (2 * cuts));
    while done < cuts {
        world.phone.until(LONGEST, "a chunk under way", |traced| {
            let began = count(traced);
            let more = began > chunks;
            if more {
                chunks = began;
            }
            more || is_whole(traced, &key)
        })?;
        if is_whole(&world.phone.traced(), &key) {
            break;
        }
        let pause = world.some_time(most);
        std::thread::sleep(pause);
        if world.line.cuts()? {
            done += 1;
        }
    }
    world
        .phone
        .until(LONGEST, "the picture", |traced| is_whole(traced, &key))?;
    let crossed = world.line.crossed()?.since(before);
    drop(sync);
    ensure!(done == cuts, "the picture was there after {done} cuts");
    let limit = bytes + cuts * (profile.bandwidth_delay() + RESUME);
    world.figures.at_most(
        profile.name,
        "cut_upload_bytes",
        crossed.both() as f64,
        limit as f64,
        &format!(
            " cuts={cuts} picture={bytes} up={} down={} over_body={:.2}",
            crossed.up,
            crossed.down,
            crossed.both() as f64 / bytes as f64
        ),
    );
    Ok(())
}

fn count(traced: &[Value]) -> usize {
    traced
        .iter()
        .filter(|one| is(one, "event", "started") && is(one, "task", "upload_chunk"))
        .count()
}
