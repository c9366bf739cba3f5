//! Whole programs, from their start to their end: time by the clock, and the processor time of all their
//! threads, which a busy machine changes less.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use nix::sys::resource::UsageWho;

use super::{best_of, ratio};
use crate::numbers::{mean, processor};
use crate::scenes::Photo;
use crate::{Place, load};

const PROGRAMS: usize = 7;

pub(super) struct Programs {
    lapor: PathBuf,
    sharp: PathBuf,
    script: PathBuf,
    out: PathBuf,
    myself: PathBuf,
}

impl Programs {
    pub(super) fn new(place: &Place) -> Result<Self> {
        fs::create_dir_all(&place.target)?;
        let script = place.target.join("peer-plain.mjs");
        fs::write(&script, include_str!("../../peer-plain.mjs"))?;
        Ok(Self {
            lapor: place.lapor.clone(),
            sharp: place.sharp.clone(),
            script,
            out: place.target.join("plain.jpg"),
            myself: std::env::current_exe()?,
        })
    }

    pub(super) fn print(&self, name: &str, photos: &[Photo], rounds: usize) -> Result<()> {
        let load = load()?;
        // The clock's, then the processor's.
        let best = best_of(photos, rounds, |photo| {
            let mut both = [0.0; 2 * PROGRAMS];
            let (clock, processor) = both.split_at_mut(PROGRAMS);
            for ((clock, processor), command) in clock
                .iter_mut()
                .zip(processor)
                .zip(&mut self.commands(photo))
            {
                (*clock, *processor) = taken(command)?;
            }
            Ok(both)
        })?;
        for (what, times) in ["process", "process-cpu"].iter().zip(best.chunks(PROGRAMS)) {
            let [ours, ours_2t, sharp, sharp_1t, vips, vips_1t, image] = times else {
                continue;
            };
            println!(
                "bench {name} {what} ratio_2t_sharp={:.2} ratio_2t_libvips={:.2} ratio_2t_image={:.2} \
                 ratio_sharp={:.2} ratio_sharp_1t={:.2} ratio_libvips={:.2} ratio_libvips_1t={:.2} \
                 ratio_image={:.2} ours_ms={:.0} ours_2t_ms={:.0} sharp_ms={:.0} sharp_1t_ms={:.0} \
                 libvips_ms={:.0} libvips_1t_ms={:.0} image_ms={:.0} load={load:.2}",
                ratio(sharp, ours_2t),
                ratio(vips, ours_2t),
                ratio(image, ours_2t),
                ratio(sharp, ours),
                ratio(sharp_1t, ours),
                ratio(vips, ours),
                ratio(vips_1t, ours),
                ratio(image, ours),
                mean(ours),
                mean(ours_2t),
                mean(sharp),
                mean(sharp_1t),
                mean(vips),
                mean(vips_1t),
                mean(image),
            );
        }
        Ok(())
    }

    fn commands(&self, photo: &Path) -> [Command; PROGRAMS] {
        let program = |program: &Path, words: &[&OsStr]| {
            let mut command = Command::new(program);
            command.args(words);
            command
        };
        let (from, to) = (photo.as_os_str(), self.out.as_os_str());
        let word = OsStr::new;
        let ours = |threads| {
            let mut ours = program(&self.lapor, &[word("photo"), from, to]);
            ours.args(["--force", "--effort", "plain", "--quality", "80"]);
            ours.args(["--budget", "100m", "--threads", threads]);
            ours
        };
        let sharp = |threads| {
            let (script, folder) = (self.script.as_os_str(), self.sharp.as_os_str());
            program(
                Path::new("node"),
                &[script, folder, from, to, word(threads)],
            )
        };
        let vips = |threads| {
            let mut target = self.out.clone().into_os_string();
            target.push("[Q=80]");
            let mut command = program(Path::new("vipsthumbnail"), &[from, word("-o"), &target]);
            command.args(["--size", "1600x1600"]);
            command.env("VIPS_CONCURRENCY", threads);
            command
        };
        let image = program(&self.myself, &[word("image-child"), from, to]);
        // 0 is what each takes by itself: as many threads as there are cores.
        [
            ours("1"),
            ours("2"),
            sharp("0"),
            sharp("1"),
            vips("0"),
            vips("1"),
            image,
        ]
    }
}

fn taken(command: &mut Command) -> Result<(f64, f64)> {
    let (before, start) = (children()?, Instant::now());
    let ended = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let clock = start.elapsed().as_secs_f64() * 1000.0;
    let ended = ended.with_context(|| format!("{command:?}"))?;
    ensure!(ended.success(), "{command:?} ended with {ended}");
    Ok((clock, children()? - before))
}

fn children() -> Result<f64> {
    processor(UsageWho::RUSAGE_CHILDREN)
}
