//! The last picture: how long, over what the line would take for its bytes alone.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use crate::{figures::percentile, phone::is, profile::Profile, world::World};

const LONGEST: Duration = Duration::from_secs(900);

pub(crate) struct Sent {
    /// Until the gateway has said that it has the last byte.
    pub(crate) took: Duration,
    pub(crate) crossed: u64,
    pub(crate) ideal: u64,
}

/// So many pictures, five a report, sent from a cold start.
pub(crate) fn send(world: &mut World<'_>, count: usize, budget: u64) -> Result<Sent> {
    let mut keys = Vec::new();
    let (mut ideal, mut left) = (0, count);
    while left > 0 {
        let pictures = left.min(A_REPORT);
        let (key, bytes) = world.submits_with_pictures(pictures, budget)?;
        keys.extend(std::iter::repeat_n(key, pictures));
        ideal += bytes;
        left -= pictures;
    }
    let before = world.line.crossed()?;
    let began = Instant::now();
    let words = ["sync", "--until-idle", "--timeout", "900"];
    let mut sync = world.phone.starts(&world.line, &words)?;
    world.phone.until(LONGEST, "the last picture", |traced| {
        wholes(traced, &keys) >= count
    })?;
    let took = began.elapsed();
    let crossed = world.line.crossed()?.since(before).both();
    let waited = Instant::now();
    while !sync.has_ended() && waited.elapsed() < LONGEST {
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(Sent {
        took,
        crossed,
        ideal,
    })
}

const A_REPORT: usize = 5;

/// Pictures of these reports whose every byte is at the gateway.
fn wholes(traced: &[Value], keys: &[String]) -> usize {
    let whole = traced.iter().filter(|event| {
        is(event, "event", "picture")
            && keys.iter().any(|key| is(event, "report", key))
            && event.get("arrived") == event.get("total")
    });
    let numbers: std::collections::BTreeSet<_> = whole
        .filter_map(|event| event.get("attachment").and_then(Value::as_i64))
        .collect();
    numbers.len()
}

/// Every byte of this report's only picture is at the gateway.
pub(crate) fn is_whole(traced: &[Value], key: &str) -> bool {
    traced.iter().any(|event| {
        is(event, "event", "picture")
            && is(event, "report", key)
            && event.get("arrived") == event.get("total")
    })
}

/// Medians of several rounds, and how much of the line they used.
pub(crate) struct Over {
    pub(crate) time: f64,
    pub(crate) bytes: f64,
}

pub(crate) fn over(profile: &Profile, rounds: &[Sent]) -> Over {
    let times: Vec<Duration> = rounds.iter().map(|sent| sent.took).collect();
    let ideal = rounds.first().map_or(1, |sent| sent.ideal);
    let crossed: u64 = rounds.iter().map(|sent| sent.crossed).sum();
    let all: u64 = rounds.iter().map(|sent| sent.ideal).sum();
    Over {
        time: percentile(&times, 50).as_secs_f64() / profile.line_time(ideal).as_secs_f64(),
        bytes: crossed as f64 / all.max(1) as f64,
    }
}

/// A backlog of pictures against the line's own time.
pub(crate) fn measure(
    world: &mut World<'_>,
    profile: &Profile,
    count: usize,
    budget: u64,
    limit: Option<f64>,
) -> Result<()> {
    let sent = send(world, count, budget)?;
    let (ideal, took) = (sent.ideal, sent.took);
    let over = over(profile, &[sent]);
    let more = format!(
        " pictures={count} bytes={ideal} took={:.2} s bytes_over_ideal={:.3}",
        took.as_secs_f64(),
        over.bytes
    );
    let name = "pictures_over_line_time";
    match limit {
        Some(limit) => world
            .figures
            .at_most(profile.name, name, over.time, limit, &more),
        None => world
            .figures
            .tell(profile.name, &format!("{name}={:.2}{more}", over.time)),
    }
    world
        .figures
        .cell(profile.name, "picture/line", format!("{:.2}", over.time));
    world
        .figures
        .cell(profile.name, "bytes/ideal", format!("{:.3}", over.bytes));
    Ok(())
}
