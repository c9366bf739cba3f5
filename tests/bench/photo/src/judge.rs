//! The looks of what `budget` has kept, and its lines: the judge is slow, and needs no quiet machine.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use lapor_photo::{Flow, Settings, prepare};

use crate::Place;
use crate::budget::{BUDGETS, Budget, Contestant, Row, Times};
use crate::chart::{self, Dot};
use crate::look::{Look, Reference};
use crate::numbers::{geometric_mean, mean, median, percentile};
use crate::scenes::{self, Photo};

/// Pictures that are neither so easy that all look the same, nor so hard that all look bad.
const JUDGED: std::ops::RangeInclusive<f64> = 50.0..=88.0;

struct Judged<'a> {
    row: &'a Row,
    ours: Look,
    peer: Look,
    plain: Look,
}

pub(crate) fn print(place: &Place, photos: &[Photo]) -> Result<()> {
    let times = BUDGETS
        .map(|budget| budget.times(place))
        .into_iter()
        .collect::<Result<Vec<Times>>>()?;
    let answers = two_at_a_time(photos, |photo| {
        let reference = Reference::of(&photo.path)?;
        let judged = BUDGETS
            .iter()
            .zip(&times)
            .map(|(budget, times)| judge(place, *budget, times, photo, &reference))
            .collect::<Result<Vec<_>>>()?;
        Ok((judged, at_ceiling(photo, &reference)?))
    })?;
    let easy = two_at_a_time(&scenes::easy(place)?, |photo| {
        at_ceiling(photo, &Reference::of(&photo.path)?)
    })?;
    let mut by_budget: [Vec<Judged<'_>>; 2] = [Vec::new(), Vec::new()];
    let mut ceilings = Vec::new();
    for (judged, ceiling) in answers {
        for (all, one) in by_budget.iter_mut().zip(judged) {
            all.push(one);
        }
        ceilings.push(ceiling);
    }
    let mut dots = Vec::new();
    for ((budget, times), judged) in BUDGETS.iter().zip(&times).zip(&by_budget) {
        line(place, *budget, times, judged)?;
        dots.extend(points(*budget, judged));
    }
    fill(place, times.iter().flat_map(|times| &times.rows))?;
    for (of, looks) in [("easy", &easy), (place.of(), &ceilings)] {
        if !looks.is_empty() {
            println!(
                "bench photo-ceiling of={of} lowest={:.2} mean={:.2} highest={:.2} photos={}",
                percentile(looks, 0.0)?,
                mean(looks),
                percentile(looks, 1.0)?,
                looks.len(),
            );
        }
    }
    chart::draw(&place.target.join("photo-budget.svg"), &dots)
}

fn judge<'a>(
    place: &Place,
    budget: Budget,
    times: &'a Times,
    photo: &Photo,
    reference: &Reference,
) -> Result<Judged<'a>> {
    let row = times
        .rows
        .iter()
        .find(|row| row.photo == photo.name && row.path == photo.path)
        .with_context(|| format!("{} was not timed: take the times again", photo.name))?;
    let of = |by| reference.judge(&fs::read(budget.result(place, &photo.name, by))?);
    let judged = Judged {
        row,
        ours: of(Contestant::Ours)?,
        peer: of(Contestant::Peer)?,
        plain: of(Contestant::Plain)?,
    };
    println!(
        "look {} {} peer_quality={} ours={:.2} peer={:.2} default={:.2} gamma_ours={:.2} gamma_peer={:.2}",
        budget.name,
        photo.name,
        row.peer_quality,
        judged.ours.light,
        judged.peer.light,
        judged.plain.light,
        judged.ours.gamma,
        judged.peer.gamma,
    );
    Ok(judged)
}

/// Where a photo stops whose budget is not its limit.
fn at_ceiling(photo: &Photo, reference: &Reference) -> Result<f64> {
    let settings = Settings {
        max_bytes: u64::MAX,
        ..Settings::default()
    };
    let picture = prepare(&photo.path, &settings, &mut |_| Flow::Continue)?;
    let look = reference.judge(&picture.bytes)?.light;
    println!(
        "ceiling {} ssimulacra2={look:.2} bytes={}",
        photo.name,
        picture.bytes.len()
    );
    Ok(look)
}

/// Answers in the order of the jobs.
pub(crate) fn two_at_a_time<J: Sync, A: Send>(
    jobs: &[J],
    work: impl Fn(&J) -> Result<A> + Sync,
) -> Result<Vec<A>> {
    let next = AtomicUsize::new(0);
    let answers: Mutex<Vec<(usize, Result<A>)>> = Mutex::new(Vec::new());
    let take = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(at) else { break };
            let answer = work(job);
            let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
            answers.push((at, answer));
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(take);
        take();
    });
    let mut answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

fn every<T>(of: &[T], value: impl Fn(&T) -> f64) -> Vec<f64> {
    of.iter().map(value).collect()
}

fn line(
    place: &Place,
    Budget { name, .. }: Budget,
    Times { load, rows }: &Times,
    all: &[Judged<'_>],
) -> Result<()> {
    let judged: Vec<&Judged<'_>> = all
        .iter()
        .filter(|judged| JUDGED.contains(&judged.row.peer_quality))
        .collect();
    let each = |value: fn(&Judged<'_>) -> f64| -> Vec<f64> {
        judged.iter().map(|judged| value(judged)).collect()
    };
    let differences = each(|judged| judged.ours.light - judged.peer.light);
    let near = differences
        .iter()
        .filter(|difference| **difference >= -1.0)
        .count();
    let worst = percentile(&differences, 0.0)?;
    let within_1 = near as f64 / differences.len().max(1) as f64;
    let gamma = mean(&each(|judged| judged.ours.gamma - judged.peer.gamma));
    let against_plain = every(rows, |row| row.plain_ms / row.ours_ms);
    println!(
        "bench {name} of={} ratio={:.2} ratio_2t={:.2} ratio_cpu={:.2} ratio_default={:.2} worst_ratio_default={:.2} \
         slower_than_default={} worst_ratio_default_cpu={:.2} ours_ms={:.0} \
         ours_2t_ms={:.0} process_ms={:.0} peer_ms={:.0} default_ms={:.0} \
         photos={} judged={} ssimulacra2_ours={:.2} ssimulacra2_peer={:.2} ssimulacra2_default={:.2} \
         mean_diff={:.2} worst={worst:.2} within_1={within_1:.3} gamma_mean_diff={gamma:.2} load={load:.2}",
        place.of(),
        geometric_mean(&every(rows, |row| row.peer_ms / row.ours_ms)),
        geometric_mean(&every(rows, |row| row.peer_ms / row.ours_2t_ms)),
        geometric_mean(&every(rows, |row| row.cpu_ms[1] / row.cpu_ms[0])),
        geometric_mean(&against_plain),
        percentile(&against_plain, 0.0)?,
        against_plain.iter().filter(|ratio| **ratio < 1.0).count(),
        percentile(&every(rows, |row| row.cpu_ms[2] / row.cpu_ms[0]), 0.0)?,
        mean(&every(rows, |row| row.ours_ms)),
        mean(&every(rows, |row| row.ours_2t_ms)),
        mean(&every(rows, |row| row.process_ms)),
        mean(&every(rows, |row| row.peer_ms)),
        mean(&every(rows, |row| row.plain_ms)),
        rows.len(),
        judged.len(),
        mean(&each(|judged| judged.ours.light)),
        mean(&each(|judged| judged.peer.light)),
        mean(&each(|judged| judged.plain.light)),
        mean(&differences),
    );
    let wanted = &place.wanted;
    wanted.at_least(&format!("{name} mean_diff"), mean(&differences), 0.0);
    wanted.at_least(&format!("{name} worst"), worst, -2.0);
    wanted.at_least(&format!("{name} within_1"), within_1, 0.95);
    wanted.at_least(&format!("{name} gamma_mean_diff"), gamma, -1.0);
    Ok(())
}

fn fill<'a>(place: &Place, rows: impl Iterator<Item = &'a Row>) -> Result<()> {
    let rows: Vec<&Row> = rows.collect();
    let shares: Vec<f64> = rows
        .iter()
        .filter(|row| row.under_target)
        .map(|row| row.share)
        .collect();
    let once = |times: fn(&Row) -> u32| {
        let once = rows.iter().filter(|row| times(row) == 1).count();
        once as f64 / rows.len().max(1) as f64
    };
    let (quantised_once, coded_once) = (once(|row| row.quantised), once(|row| row.coded));
    let (lowest, highest) = (percentile(&shares, 0.0)?, percentile(&shares, 1.0)?);
    println!(
        "bench photo-fill pictures={} lowest={lowest:.3} median={:.3} highest={highest:.3} at_target={} \
         entropy_codings={} coded_once={coded_once:.3} quantised_once={quantised_once:.3}",
        shares.len(),
        median(&shares)?,
        rows.len() - shares.len(),
        rows.iter().map(|row| row.coded).max().unwrap_or_default(),
    );
    let wanted = &place.wanted;
    wanted.at_least("photo-fill lowest", lowest, 0.95);
    wanted.at_most("photo-fill highest", highest, 1.0);
    wanted.at_least("photo-fill quantised_once", quantised_once, 0.95);
    wanted.at_least("photo-fill coded_once", coded_once, 0.95);
    Ok(())
}

fn points(budget: Budget, all: &[Judged<'_>]) -> Vec<Dot> {
    let kilobytes = budget.bytes / 1024;
    let dot = |who: &'static str, ms: fn(&Row) -> f64, look: fn(&Judged<'_>) -> f64| Dot {
        who,
        what: format!("{who}, {kilobytes} KB"),
        ms: geometric_mean(&every(all, |judged| ms(judged.row))),
        look: mean(&every(all, look)),
    };
    vec![
        dot("lapor", |row| row.ours_ms, |judged| judged.ours.light),
        dot(
            "lapor, two threads",
            |row| row.ours_2t_ms,
            |judged| judged.ours.light,
        ),
        dot(
            "sharp + mozjpeg",
            |row| row.peer_ms,
            |judged| judged.peer.light,
        ),
        dot("sharp", |row| row.plain_ms, |judged| judged.plain.light),
    ]
}
