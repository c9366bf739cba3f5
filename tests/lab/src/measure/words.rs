//! Words overtake: a report's tracking id while a picture is being sent.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use crate::{
    figures::{percentile, seconds},
    phone::{created, is},
    profile::Profile,
    world::World,
};

const LONGEST: Duration = Duration::from_secs(300);

pub(crate) struct Wanted {
    pub(crate) samples: usize,
    /// Pictures under way, and their size.
    pub(crate) pictures: u32,
    pub(crate) budget: u64,
    pub(crate) limit: Option<f64>,
}

pub(crate) fn measure(world: &mut World<'_>, profile: &Profile, wanted: &Wanted) -> Result<()> {
    let mut pictures = Vec::new();
    for _ in 0..wanted.pictures {
        pictures.push(world.submits_with_picture(wanted.budget)?.0);
    }
    let sync = world
        .phone
        .starts(&world.line, &["sync", "--watch", "--timeout", "3000"])?;
    let mut times = Vec::new();
    let mut sent_before = 0;
    while times.len() < wanted.samples {
        // A chunk is on the line, somewhere in its middle.
        let mut done = false;
        world.phone.until(LONGEST, "a chunk under way", |traced| {
            done = all_there(traced, &pictures);
            done || count(traced, "started", "upload_chunk") > sent_before
        })?;
        if done {
            break;
        }
        let most = profile
            .line_time(wanted.budget / 8)
            .min(Duration::from_secs(8));
        let pause = world.some_time(most);
        std::thread::sleep(pause);
        let key = world.phone.drafts(&world.line, "Mendesak", 2048)?;
        world.accepted.push(key.clone());
        let began = Instant::now();
        world.phone.does(&world.line, &["submit", &key])?;
        world
            .phone
            .until(LONGEST, "a tracking id", |traced| created(traced, &key))?;
        times.push(began.elapsed());
        let traced = world.phone.traced();
        sent_before = count(&traced, "started", "upload_chunk");
    }
    drop(sync);
    let (p50, p95) = (percentile(&times, 50), percentile(&times, 95));
    world
        .figures
        .cell(profile.name, "id p50 w/ picture", seconds(p50));
    world
        .figures
        .cell(profile.name, "id p95 w/ picture", seconds(p95));
    let more = format!(
        " samples={} p50={:.2} max={:.2}",
        times.len(),
        p50.as_secs_f64(),
        percentile(&times, 100).as_secs_f64()
    );
    let name = "tracking_id_beside_picture_p95_s";
    match wanted.limit {
        Some(limit) => world
            .figures
            .at_most(profile.name, name, p95.as_secs_f64(), limit, &more),
        None => world.figures.tell(
            profile.name,
            &format!("{name}={:.2}{more}", p95.as_secs_f64()),
        ),
    }
    Ok(())
}

fn count(traced: &[Value], event: &str, task: &str) -> usize {
    traced
        .iter()
        .filter(|one| is(one, "event", event) && is(one, "task", task))
        .count()
}

fn all_there(traced: &[Value], keys: &[String]) -> bool {
    keys.iter()
        .all(|key| super::pictures::is_whole(traced, key))
}
