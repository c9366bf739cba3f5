//! Lines that come and go, and lines that fall silent without a word.

#[cfg(test)]
mod tests;

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::pictures::is_whole;
use crate::{
    phone::{created, is},
    profile::Profile,
    world::World,
};

const LONGEST: Duration = Duration::from_secs(900);

/// Up for a while, down for a while, until everything is there. The phone's OS tells it of the
/// network: at each coming a sync begins, as a background job would, and ends with the network.
pub(crate) fn duty(
    world: &mut World<'_>,
    up: Duration,
    down: Duration,
    pictures: u32,
    budget: u64,
) -> Result<()> {
    let (mut keys, mut ideal) = (Vec::new(), 0);
    for _ in 0..pictures {
        let (key, bytes) = world.submits_with_picture(budget)?;
        keys.push(key);
        ideal += bytes;
    }
    let before = world.line.crossed()?;
    world.phone.forgets_trace()?;
    let mut windows = 0_u32;
    let mut used = Duration::ZERO;
    let began = Instant::now();
    loop {
        windows += 1;
        world.line.comes_up()?;
        let window = Instant::now();
        let seconds = up.as_secs().to_string();
        let mut command = world
            .phone
            .command(&world.line, &["sync", "--watch", "--timeout", &seconds])?;
        let sync = crate::line::Running::child(command.spawn()?);
        let done = world
            .phone
            .until(up, "the window's end", |traced| {
                keys.iter().all(|key| is_whole(traced, key))
            })
            .is_ok();
        used += window.elapsed();
        if done {
            drop(sync);
            break;
        }
        world.line.goes_down()?;
        drop(sync);
        anyhow::ensure!(
            began.elapsed() < LONGEST,
            "not done after {windows} windows"
        );
        thread::sleep(down);
    }
    world.line.comes_up()?;
    let crossed = world.line.crossed()?.since(before).both();
    world.figures.tell(
        world.name,
        &format!(
            "duty up={} s down={} s pictures={pictures} windows={windows} line_used={:.1} s all={:.1} s bytes_over_ideal={:.3}",
            up.as_secs(),
            down.as_secs(),
            used.as_secs_f64(),
            began.elapsed().as_secs_f64(),
            crossed as f64 / ideal as f64,
        ),
    );
    Ok(())
}

/// The same with hours between the windows: those pass on the phone's clock, not here.
pub(crate) fn rare(
    world: &mut World<'_>,
    window: Duration,
    hours: u32,
    pictures: u32,
    budget: u64,
) -> Result<()> {
    let mut keys = Vec::new();
    for _ in 0..pictures {
        keys.push(world.submits_with_picture(budget)?.0);
    }
    world.phone.forgets_trace()?;
    let mut windows = 0_u32;
    loop {
        world.phone.options = vec!["--now".to_owned(), format!("+{}h", hours * windows)];
        windows += 1;
        world.line.comes_up()?;
        let seconds = window.as_secs().to_string();
        let words = ["sync", "--until-idle", "--timeout", &seconds];
        let mut command = world.phone.command(&world.line, &words)?;
        let sync = crate::line::Running::child(command.spawn()?);
        let done = world
            .phone
            .until(window, "the window's end", |traced| {
                keys.iter().all(|key| is_whole(traced, key))
            })
            .is_ok();
        world.line.goes_down()?;
        drop(sync);
        if done {
            break;
        }
        anyhow::ensure!(windows < 40, "not done after {windows} windows");
    }
    world.line.comes_up()?;
    world.figures.tell(
        world.name,
        &format!(
            "rare window={} s every={hours} h (the hours pass on the phone's clock) pictures={pictures} windows={windows}",
            window.as_secs(),
        ),
    );
    Ok(())
}

/// Silence without a reset in the middle of a picture, and words written during it. How long until
/// the words have their number, from the end of the silence or, where that was later, from the time
/// at which the phone had said that it would try again: nobody tells it that the silence is over.
pub(crate) fn hole(
    world: &mut World<'_>,
    profile: &Profile,
    silence: Duration,
    budget: u64,
    limit: f64,
) -> Result<()> {
    let (picture, bytes) = world.submits_with_picture(budget)?;
    let sync = world
        .phone
        .starts(&world.line, &["sync", "--watch", "--timeout", "3000"])?;
    world.phone.until(LONGEST, "a chunk under way", |traced| {
        traced
            .iter()
            .any(|one| is(one, "event", "started") && is(one, "task", "upload_chunk"))
    })?;
    let before = world.line.crossed()?;
    let began = Instant::now();
    world
        .line
        .falls_silent(u64::try_from(silence.as_millis()).context("a long silence")?)?;
    thread::sleep(silence / 3);
    let words = world.submits("Dalam sunyi")?;
    thread::sleep(silence.saturating_sub(began.elapsed()));
    let in_silence = world.line.crossed()?.since(before);
    let after = world
        .phone
        .until(LONGEST, "the words", |traced| created(traced, &words))?;
    let told = world.phone.traced();
    let from_retry = from_retry(&told, &words, after).context("no trace of the words")?;
    let whole = world
        .phone
        .until(LONGEST, "the picture", |traced| is_whole(traced, &picture))?;
    drop(sync);
    world.figures.at_most(
        world.name,
        "words_after_silence_or_retry_s",
        from_retry.as_secs_f64(),
        limit,
        &format!(
            " silence={} s words_after_silence={:.1} s picture_after={:.1} s line_time={:.1} s bytes_in_silence={}",
            silence.as_secs(),
            after.as_secs_f64(),
            (after + whole).as_secs_f64(),
            profile.line_time(bytes).as_secs_f64(),
            in_silence.both(),
        ),
    );
    Ok(())
}

/// Of a number that came so long after the line had healed: how long after the later of that and the
/// retry that had been announced.
fn from_retry(traced: &[Value], key: &str, after_heal: Duration) -> Option<Duration> {
    let ms = |event: &Value, field: &str| event.get(field).and_then(Value::as_u64);
    let at = traced
        .iter()
        .position(|event| created(std::slice::from_ref(event), key))?;
    let there = ms(traced.get(at)?, "ms")?;
    let healed = there.saturating_sub(u64::try_from(after_heal.as_millis()).ok()?);
    let retry = traced
        .get(..at)?
        .iter()
        .rev()
        .find(|event| is(event, "event", "waiting"))
        .and_then(|event| Some(ms(event, "ms")? + ms(event, "in_ms")?))
        .filter(|retry| *retry <= there);
    let from = healed.max(retry.unwrap_or(0));
    Some(Duration::from_millis(there.saturating_sub(from)))
}
