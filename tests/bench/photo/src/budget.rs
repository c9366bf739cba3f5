//! A photo to at most 300 KB, or 150: the time that each contestant takes. What they made is kept in
//! `results`, and the figures beside it, so that looks can be judged afterwards on a busy machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use lapor_photo::{Flow, Picture, Settings, Threads, prepare};
use nix::sys::resource::UsageWho;
use serde::{Deserialize, Serialize};

use crate::numbers::processor;
use crate::peers::Sharp;
use crate::scenes::Photo;
use crate::{Place, load};

/// What a line is called, and how many bytes a picture may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) name: &'static str,
    pub(crate) bytes: u64,
}

pub(crate) const BUDGETS: [Budget; 2] = [
    Budget {
        name: "photo-budget",
        bytes: 300 * 1024,
    },
    Budget {
        name: "photo-budget-150",
        bytes: 150 * 1024,
    },
];

#[derive(Debug, Clone, Copy)]
pub(crate) enum Contestant {
    Ours,
    /// sharp with mozjpeg.
    Peer,
    /// sharp with its default encoder.
    Plain,
}

/// One photo, one budget, all contestants.
#[derive(Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) photo: String,
    pub(crate) path: PathBuf,
    pub(crate) ours_ms: f64,
    pub(crate) ours_2t_ms: f64,
    pub(crate) process_ms: f64,
    pub(crate) peer_ms: f64,
    pub(crate) plain_ms: f64,
    /// Of the processor, which a busy machine changes less: ours on one thread, the peer, its default.
    pub(crate) cpu_ms: [f64; 3],
    pub(crate) peer_quality: f64,
    /// Of the budget, in bytes.
    pub(crate) share: f64,
    /// No ceiling of quality was reached, so the budget should be used.
    pub(crate) under_target: bool,
    pub(crate) quantised: u32,
    pub(crate) coded: u32,
    pub(crate) width: u32,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Times {
    /// Of the machine before the first photo.
    pub(crate) load: f64,
    pub(crate) rows: Vec<Row>,
}

impl Budget {
    fn kept(self, place: &Place) -> PathBuf {
        place.target.join(format!("{}.json", self.name))
    }

    pub(crate) fn result(self, place: &Place, photo: &str, by: Contestant) -> PathBuf {
        let by = match by {
            Contestant::Ours => "ours",
            Contestant::Peer => "sharp-mozjpeg",
            Contestant::Plain => "sharp",
        };
        let name = format!("{photo}-{}-{by}.jpg", self.bytes / 1024);
        place.target.join("results").join(name)
    }

    /// What [`Self::time`] has kept.
    pub(crate) fn times(self, place: &Place) -> Result<Times> {
        let kept = self.kept(place);
        let text = fs::read_to_string(&kept)
            .with_context(|| format!("{}: take the times first", kept.display()))?;
        Ok(serde_json::from_str(&text)?)
    }

    pub(crate) fn time(self, place: &Place, photos: &[Photo]) -> Result<()> {
        fs::create_dir_all(place.target.join("results"))?;
        let load = load()?;
        let mut sharp = Sharp::start(place)?;
        let mut rows = Vec::new();
        for photo in photos {
            let row = self.measure(place, &mut sharp, photo)?;
            println!(
                "photo {} {} ours_ms={:.0} ours_2t_ms={:.0} process_ms={:.0} peer_ms={:.0} default_ms={:.0} \
                 peer_quality={} quantised={} width={} share={:.3}",
                self.name,
                row.photo,
                row.ours_ms,
                row.ours_2t_ms,
                row.process_ms,
                row.peer_ms,
                row.plain_ms,
                row.peer_quality,
                row.quantised,
                row.width,
                row.share,
            );
            rows.push(row);
        }
        fs::write(
            self.kept(place),
            serde_json::to_string_pretty(&Times { load, rows })?,
        )?;
        Ok(())
    }

    fn measure(self, place: &Place, sharp: &mut Sharp, photo: &Photo) -> Result<Row> {
        let settings = Settings {
            max_bytes: self.bytes,
            ..Settings::default()
        };
        let two = Settings {
            threads: Threads::Two,
            ..settings.clone()
        };
        let mut best = [f64::INFINITY; 8];
        let mut last = None;
        // One after the other in each round, so that a busy moment of the machine hits all alike; the
        // first round warms up.
        for round in 0..=place.runs {
            let before = processor(UsageWho::RUSAGE_SELF)?;
            let (ours_ms, picture) = ours(&photo.path, &settings)?;
            let cpu_ms = processor(UsageWho::RUSAGE_SELF)? - before;
            let (ours_2t_ms, same) = ours(&photo.path, &two)?;
            ensure!(
                picture.sha256 == same.sha256,
                "two threads make other bytes"
            );
            let peer = sharp.budget(&photo.path, self.bytes, true)?;
            let plain = sharp.budget(&photo.path, self.bytes, false)?;
            let process_ms = self.process(place, &photo.path)?;
            if round > 0 {
                let clock = [ours_ms, ours_2t_ms, process_ms, peer.ms, plain.ms];
                let cpu = [cpu_ms, peer.cpu_ms, plain.cpu_ms];
                let mut times = clock.into_iter().chain(cpu);
                best = best.map(|before| before.min(times.next().unwrap_or(f64::NAN)));
            }
            last = Some((picture, peer, plain));
        }
        let (picture, peer, plain) = last.context("no round")?;
        let [
            ours_ms,
            ours_2t_ms,
            process_ms,
            peer_ms,
            plain_ms,
            cpu_ms @ ..,
        ] = best;
        ensure!(
            picture.bytes.len() as u64 <= self.bytes,
            "over the budget: {}",
            photo.name
        );
        let keep = |by, bytes: &[u8]| fs::write(self.result(place, &photo.name, by), bytes);
        keep(Contestant::Ours, &picture.bytes)?;
        keep(Contestant::Peer, &peer.bytes)?;
        keep(Contestant::Plain, &plain.bytes)?;
        Ok(Row {
            photo: photo.name.clone(),
            path: photo.path.clone(),
            ours_ms,
            ours_2t_ms,
            process_ms,
            peer_ms,
            plain_ms,
            cpu_ms,
            peer_quality: peer.quality,
            share: picture.bytes.len() as f64 / self.bytes as f64,
            under_target: picture.quality < settings.max_quality,
            quantised: picture.quantised,
            coded: picture.coded,
            width: picture.width.max(picture.height),
        })
    }

    /// The whole program, from its start to its end.
    fn process(self, place: &Place, photo: &Path) -> Result<f64> {
        let start = Instant::now();
        let status = Command::new(&place.lapor)
            .arg("photo")
            .arg(photo)
            .arg(place.target.join("ours.jpg"))
            .args(["--force", "--budget", &self.bytes.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        ensure!(status.success(), "lapor photo ended with {status}");
        Ok(start.elapsed().as_secs_f64() * 1000.0)
    }
}

/// Ours in this very process, once.
pub(crate) fn ours(photo: &Path, settings: &Settings) -> Result<(f64, Picture)> {
    let start = Instant::now();
    let picture = prepare(photo, settings, &mut |_| Flow::Continue)?;
    Ok((start.elapsed().as_secs_f64() * 1000.0, picture))
}
