//! `make bench-photo`: the photo room beside its peers, a line each: `bench NAME key=value ...`.
//!
//! Run it in the shipped profile. Look is SSIMULACRA2 against a float Lanczos3 of the whole photo in
//! linear light at 1600 pixels; `gamma` is the same against one in the file's own numbers. The peers
//! are measured in the same run: sharp inside node after a warm-up, so that its start costs it
//! nothing. No figure was taken on ARM.

#![forbid(unsafe_code)]

mod budget;
mod chart;
mod dimension;
mod judge;
mod look;
mod memory;
mod numbers;
mod peers;
mod plain;
mod scenes;
mod wanted;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

/// Where things are, from the environment that `.ci/bench-photo.sh` sets.
struct Place {
    /// For scenes, results and the chart.
    target: PathBuf,
    /// The folder in which sharp is installed.
    sharp: PathBuf,
    /// The program `lapor`.
    lapor: PathBuf,
    /// The caller's own photos.
    photos: Option<PathBuf>,
    /// Rounds of each timing, of which the best one counts.
    runs: usize,
    wanted: wanted::Wanted,
}

impl Place {
    fn find() -> Result<Self> {
        let path = |name: &str| {
            std::env::var_os(name)
                .filter(|v| !v.is_empty())
                .map(PathBuf::from)
        };
        let need = |name: &str| path(name).with_context(|| format!("no {name} in the environment"));
        let runs = std::env::var("RUNS").ok().filter(|runs| !runs.is_empty());
        Ok(Self {
            target: need("BENCH_DIR")?,
            sharp: need("SHARP_DIR")?,
            lapor: need("LAPOR")?,
            photos: path("PHOTOS"),
            runs: runs.map_or(Ok(3), |runs| runs.parse())?,
            wanted: wanted::Wanted::default(),
        })
    }

    /// What is measured, in a word: the scenes, or the name of the caller's folder.
    fn of(&self) -> &str {
        let folder = self.photos.as_ref().and_then(|folder| folder.file_name());
        folder.map_or("scenes", |name| name.to_str().unwrap_or("photos"))
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<()> {
    // A child of this very program: what is measured from outside is a process of its own.
    if let ["rss-child", command @ ..] = words {
        return memory::child(command);
    }
    if let ["image-child", words @ ..] = words {
        return plain::image_child(words);
    }
    let place = Place::find()?;
    let photos = scenes::all(&place)?;
    let names = if words.is_empty() {
        &["budget", "plain", "memory"][..]
    } else {
        words
    };
    let [large, small] = budget::BUDGETS;
    for name in names {
        match *name {
            "budget" => {
                large.time(&place, &photos)?;
                small.time(&place, &photos)?;
                judge::print(&place, &photos)?;
            }
            "time-300" => large.time(&place, &photos)?,
            "time-150" => small.time(&place, &photos)?,
            "look" => judge::print(&place, &photos)?,
            "plain" => plain::print(&place, &photos)?,
            "memory" => memory::print(&place)?,
            "dimension" => dimension::print(&place, &photos)?,
            "ceilings" => dimension::print_ceilings(&photos)?,
            other => bail!(
                "no figure {other}; there are budget (time-300, time-150, look), plain, memory, \
                 dimension, ceilings"
            ),
        }
    }
    place
        .wanted
        .judge(std::env::var("BENCH_CHECK").is_ok_and(|check| check == "1"))
}

/// How many processes want the machine, over the last minute, by the kernel's account.
fn load() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    let first = text.split_whitespace().next().context("no load")?;
    Ok(first.parse()?)
}
