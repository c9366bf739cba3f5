//! Memory of the whole `lapor photo` process.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};

use crate::numbers::median;
use crate::{Place, scenes};

/// Megabytes of the process, on one thread and on two.
const AT_MOST: f64 = 12.0;
const PROGRESSIVE: f64 = 24.0;

pub(crate) fn print(place: &Place) -> Result<()> {
    for (name, width, height) in [("12mp", 4000, 3000), ("50mp", 8160, 6120)] {
        let photo = scenes::scene(place, 3, width, height)?;
        let [one, two] = [peak(place, &photo.path, 1)?, peak(place, &photo.path, 2)?];
        println!("bench photo-memory file={name} rss_mb={one:.1} rss_mb_2t={two:.1}");
        for (key, peak) in [("rss_mb", one), ("rss_mb_2t", two)] {
            let key = format!("photo-memory {name} {key}");
            place.wanted.at_most(&key, peak, AT_MOST);
        }
    }
    let progressive = place.target.join("scenes/progressive-12mp.jpg");
    if !progressive.exists() {
        lapor_photo::synth::progressive_photo(&progressive, 3, 4000, 3000)?;
    }
    let [one, two] = [peak(place, &progressive, 1)?, peak(place, &progressive, 2)?];
    println!("bench photo-memory file=12mp-progressive rss_mb={one:.1} rss_mb_2t={two:.1}");
    for (key, peak) in [("rss_mb", one), ("rss_mb_2t", two)] {
        let key = format!("photo-memory progressive {key}");
        place.wanted.at_most(&key, peak, PROGRESSIVE);
    }
    Ok(())
}

fn peak(place: &Place, photo: &Path, threads: u8) -> Result<f64> {
    let mut peaks = Vec::new();
    for _ in 0..3 {
        let out = Command::new(std::env::current_exe()?)
            .arg("rss-child")
            .arg(&place.lapor)
            .arg("photo")
            .args([photo, &place.target.join("ours.jpg")])
            .args(["--force", "--threads", &threads.to_string()])
            .output()?;
        let words = String::from_utf8_lossy(&out.stderr);
        ensure!(out.status.success(), "lapor photo failed: {words}");
        let kilobytes: f64 = String::from_utf8_lossy(&out.stdout)
            .trim()
            .parse()
            .context("no figure")?;
        peaks.push(kilobytes / 1024.0);
    }
    median(&peaks)
}

/// Runs one command and prints its peak in kilobytes, by the kernel's own account.
pub(crate) fn child(command: &[&str]) -> Result<()> {
    let (program, words) = command.split_first().context("no command")?;
    let status = Command::new(program)
        .args(words)
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "{program} ended with {status}");
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss());
    Ok(())
}
