//! A photo to at most 300 KB, or 150: time, look, and how much of the budget is used.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Result, ensure};
use lapor_photo::{Flow, Picture, Settings, Threads, prepare};

use crate::Place;
use crate::chart::{self, Dot};
use crate::look::{Look, Reference};
use crate::numbers::{geometric_mean, mean, median, percentile};
use crate::peers::Sharp;
use crate::scenes::Photo;

/// Name of the line, bytes at most.
const BUDGETS: [(&str, u64); 2] = [
    ("photo-budget", 300 * 1024),
    ("photo-budget-150", 150 * 1024),
];
/// Pictures that are neither so easy that all look the same, nor so hard that all look bad.
const JUDGED: std::ops::RangeInclusive<f64> = 50.0..=88.0;

/// One photo, one budget, all contestants.
struct Row {
    ours_ms: f64,
    ours_2t_ms: f64,
    process_ms: f64,
    peer_ms: f64,
    plain_peer_ms: f64,
    peer_quality: f64,
    ours: Look,
    peer: Look,
    plain_peer: Look,
    share: f64,
    under_target: bool,
}

pub(crate) fn print(place: &Place, photos: &[Photo]) -> Result<()> {
    let mut sharp = Sharp::start(place)?;
    let mut rows: [Vec<Row>; 2] = [Vec::new(), Vec::new()];
    for photo in photos {
        let reference = Reference::of(&photo.path)?;
        for ((name, limit), rows) in BUDGETS.iter().zip(&mut rows) {
            let row = measure(place, &mut sharp, photo, &reference, *limit)?;
            println!(
                "photo {name} {} ours_ms={:.0} ours_2t_ms={:.0} peer_ms={:.0} default_ms={:.0} peer_quality={} \
                 ours={:.2} peer={:.2} default={:.2} gamma_ours={:.2} gamma_peer={:.2} share={:.3}",
                photo.name,
                row.ours_ms,
                row.ours_2t_ms,
                row.peer_ms,
                row.plain_peer_ms,
                row.peer_quality,
                row.ours.light,
                row.peer.light,
                row.plain_peer.light,
                row.ours.gamma,
                row.peer.gamma,
                row.share,
            );
            rows.push(row);
        }
    }
    let mut dots = Vec::new();
    for ((name, limit), rows) in BUDGETS.iter().zip(&rows) {
        line(name, rows)?;
        dots.extend(points(*limit, rows));
    }
    fill(rows.iter().flatten())?;
    chart::draw(&place.target.join("photo-budget.svg"), &dots)?;
    Ok(())
}

/// Ours in this very process, median of the runs.
pub(crate) fn ours(photo: &Path, settings: &Settings, runs: usize) -> Result<(f64, Picture)> {
    let mut times = Vec::new();
    let mut picture = prepare(photo, settings, &mut |_| Flow::Continue)?;
    for _ in 0..runs {
        let start = Instant::now();
        picture = prepare(photo, settings, &mut |_| Flow::Continue)?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok((median(&times)?, picture))
}

fn process(place: &Place, photo: &Path, limit: u64) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..place.runs {
        let start = Instant::now();
        let status = Command::new(&place.lapor)
            .arg("photo")
            .arg(photo)
            .arg(place.target.join("ours.jpg"))
            .args(["--budget", &limit.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        ensure!(status.success(), "lapor photo ended with {status}");
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    median(&times)
}

fn measure(
    place: &Place,
    sharp: &mut Sharp,
    photo: &Photo,
    reference: &Reference,
    limit: u64,
) -> Result<Row> {
    let settings = Settings {
        max_bytes: limit,
        ..Settings::default()
    };
    let (ours_ms, picture) = ours(&photo.path, &settings, place.runs)?;
    let two = Settings {
        threads: Threads::Two,
        ..settings.clone()
    };
    let (ours_2t_ms, same) = ours(&photo.path, &two, place.runs)?;
    ensure!(
        picture.sha256 == same.sha256,
        "two threads make other bytes"
    );
    let peer = sharp.budget(&photo.path, limit, true)?;
    let plain_peer = sharp.budget(&photo.path, limit, false)?;
    let kept = place.target.join("results");
    fs::create_dir_all(&kept)?;
    fs::write(
        kept.join(format!("{}-{limit}-ours.jpg", photo.name)),
        &picture.bytes,
    )?;
    fs::write(
        kept.join(format!("{}-{limit}-sharp.jpg", photo.name)),
        &peer.bytes,
    )?;
    ensure!(picture.bytes.len() as u64 <= limit, "over the budget");
    Ok(Row {
        ours_ms,
        ours_2t_ms,
        process_ms: process(place, &photo.path, limit)?,
        peer_ms: peer.ms,
        plain_peer_ms: plain_peer.ms,
        peer_quality: peer.quality,
        ours: reference.judge(&picture.bytes)?,
        peer: reference.judge(&peer.bytes)?,
        plain_peer: reference.judge(&plain_peer.bytes)?,
        share: picture.bytes.len() as f64 / limit as f64,
        under_target: picture.quality < Settings::default().max_quality,
    })
}

fn every(rows: &[Row], value: impl Fn(&Row) -> f64) -> Vec<f64> {
    rows.iter().map(value).collect()
}

fn line(name: &str, rows: &[Row]) -> Result<()> {
    let judged: Vec<&Row> = rows
        .iter()
        .filter(|row| JUDGED.contains(&row.peer_quality))
        .collect();
    let of = |value: fn(&Row) -> f64| -> Vec<f64> { judged.iter().map(|row| value(row)).collect() };
    let differences = of(|row| row.ours.light - row.peer.light);
    let near = differences
        .iter()
        .filter(|difference| **difference >= -1.0)
        .count();
    println!(
        "bench {name} ratio={:.2} ratio_2t={:.2} ratio_default={:.2} worst_ratio_default={:.2} ours_ms={:.0} \
         ours_2t_ms={:.0} process_ms={:.0} peer_ms={:.0} default_ms={:.0} photos={} judged={} \
         ssimulacra2_ours={:.2} ssimulacra2_peer={:.2} ssimulacra2_default={:.2} mean_diff={:.2} worst={:.2} \
         within_1={:.3} gamma_mean_diff={:.2}",
        geometric_mean(&every(rows, |row| row.peer_ms / row.ours_ms)),
        geometric_mean(&every(rows, |row| row.peer_ms / row.ours_2t_ms)),
        geometric_mean(&every(rows, |row| row.plain_peer_ms / row.ours_ms)),
        percentile(&every(rows, |row| row.plain_peer_ms / row.ours_ms), 0.0)?,
        mean(&every(rows, |row| row.ours_ms)),
        mean(&every(rows, |row| row.ours_2t_ms)),
        mean(&every(rows, |row| row.process_ms)),
        mean(&every(rows, |row| row.peer_ms)),
        mean(&every(rows, |row| row.plain_peer_ms)),
        rows.len(),
        judged.len(),
        mean(&of(|row| row.ours.light)),
        mean(&of(|row| row.peer.light)),
        mean(&of(|row| row.plain_peer.light)),
        mean(&differences),
        percentile(&differences, 0.0)?,
        near as f64 / differences.len().max(1) as f64,
        mean(&of(|row| row.ours.gamma - row.peer.gamma)),
    );
    Ok(())
}

fn fill<'a>(rows: impl Iterator<Item = &'a Row>) -> Result<()> {
    let rows: Vec<&Row> = rows.collect();
    let shares: Vec<f64> = rows
        .iter()
        .filter(|row| row.under_target)
        .map(|row| row.share)
        .collect();
    println!(
        "bench photo-fill pictures={} lowest={:.3} median={:.3} highest={:.3} at_target={}",
        shares.len(),
        percentile(&shares, 0.0)?,
        median(&shares)?,
        percentile(&shares, 1.0)?,
        rows.len() - shares.len(),
    );
    Ok(())
}

fn points(limit: u64, rows: &[Row]) -> Vec<Dot> {
    let kilobytes = limit / 1024;
    let dot = |who: &'static str, ms: fn(&Row) -> f64, look: fn(&Row) -> f64| Dot {
        who,
        what: format!("{who}, {kilobytes} KB"),
        ms: geometric_mean(&every(rows, ms)),
        look: mean(&every(rows, look)),
    };
    vec![
        dot("lapor", |row| row.ours_ms, |row| row.ours.light),
        dot(
            "lapor, two threads",
            |row| row.ours_2t_ms,
            |row| row.ours.light,
        ),
        dot("sharp + mozjpeg", |row| row.peer_ms, |row| row.peer.light),
        dot("sharp", |row| row.plain_peer_ms, |row| row.plain_peer.light),
    ]
}
