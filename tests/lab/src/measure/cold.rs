//! A report's tracking id from a cold start: program, name, TCP, TLS, create.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::{
    figures::{percentile, seconds},
    phone::created,
    profile::Profile,
    world::World,
};

/// Longest for one sample.
const LONGEST: Duration = Duration::from_secs(180);

pub(crate) fn measure(
    world: &mut World<'_>,
    profile: &Profile,
    samples: u32,
    limit: Option<f64>,
) -> Result<()> {
    let mut times = Vec::new();
    let mut bytes = 0;
    for sample in 0..samples {
        let key = world.submits(&format!("Cepat {sample}"))?;
        let before = world.line.crossed()?;
        let began = Instant::now();
        let mut sync = world.phone.starts(&world.line, &["sync", "--once"])?;
        world
            .phone
            .until(LONGEST, "a tracking id", |traced| created(traced, &key))?;
        times.push(began.elapsed());
        bytes += world.line.crossed()?.since(before).both();
        // It asks the feed once more: the next start is cold only when this one has ended.
        let waited = Instant::now();
        while !sync.has_ended() {
            ensure!(waited.elapsed() < LONGEST, "a sync that does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let (p50, p95) = (percentile(&times, 50), percentile(&times, 95));
    world.figures.cell(profile.name, "id p50", seconds(p50));
    world.figures.cell(profile.name, "id p95", seconds(p95));
    let more = format!(
        " samples={samples} p50={:.2} max={:.2} bytes={}",
        p50.as_secs_f64(),
        percentile(&times, 100).as_secs_f64(),
        bytes / u64::from(samples.max(1)),
    );
    match limit {
        Some(limit) => {
            let name = "tracking_id_p95_s";
            world
                .figures
                .at_most(profile.name, name, p95.as_secs_f64(), limit, &more);
        }
        None => world.figures.tell(
            profile.name,
            &format!("tracking_id_p95_s={:.2}{more}", p95.as_secs_f64()),
        ),
    }
    Ok(())
}
