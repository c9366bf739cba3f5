//! A line with a phone at one end and a gateway at the other, and what must hold between them.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    authority::{Authority, Kind},
    dice::Dice,
    figures::Figures,
    gateway::Gateway,
    line::Line,
    phone::Phone,
};

/// Different ones: a report takes the same picture once.
const PHOTOS: u64 = 5;
/// A day's room to drain over an open line.
const DRAIN: &str = "90";

pub(crate) struct World<'a> {
    pub(crate) name: &'static str,
    pub(crate) line: Line,
    pub(crate) gateway: Gateway,
    pub(crate) phone: Phone,
    pub(crate) authority: Authority,
    /// As many as one report takes.
    pub(crate) photos: Vec<PathBuf>,
    pub(crate) figures: &'a Figures,
    pub(crate) dice: Dice,
    /// What the phone accepted.
    pub(crate) accepted: Vec<String>,
    /// Reports of peers at this gateway.
    pub(crate) foreign: u64,
}

/// What all lines share.
#[derive(Debug, Clone)]
pub(crate) struct Common {
    pub(crate) folder: PathBuf,
    pub(crate) authority: Authority,
    pub(crate) photos: Vec<PathBuf>,
    pub(crate) seed: u64,
}

impl Common {
    pub(crate) fn make(folder: &Path, seed: u64) -> Result<Self> {
        let mut photos = Vec::new();
        for number in 1..=PHOTOS {
            let photo = folder.join(format!("IMG_{number:04}.jpg"));
            lapor_photo::synth::camera_photo(&photo, number, 2000, 1500, 1)?;
            photos.push(photo);
        }
        Ok(Self {
            folder: folder.to_owned(),
            authority: Authority::make(&folder.join("authority"))?,
            photos,
            seed,
        })
    }
}

impl<'a> World<'a> {
    /// Signed in over an open line.
    pub(crate) fn make(
        common: &Common,
        name: &'static str,
        number: u64,
        figures: &'a Figures,
    ) -> Result<Self> {
        let folder = common.folder.join(format!("{number}-{name}"));
        std::fs::create_dir_all(&folder)?;
        let mut line = Line::build(&folder)?;
        line.opens()?;
        let gateway = Gateway::start(&line, &common.authority, Kind::Good)?;
        line.leads_to(gateway.port)?;
        let phone = Phone::new(&folder, &common.authority);
        phone.signs_in(&line, "siti").context("signing in")?;
        Ok(Self {
            name,
            line,
            gateway,
            phone,
            authority: common.authority.clone(),
            photos: common.photos.clone(),
            figures,
            dice: Dice::new(common.seed.wrapping_add(number)),
            accepted: Vec::new(),
            foreign: 0,
        })
    }

    pub(crate) fn submits(&mut self, title: &str) -> Result<String> {
        let key = self.phone.submits(&self.line, title)?;
        self.accepted.push(key.clone());
        Ok(key)
    }

    pub(crate) fn submits_with_picture(&mut self, budget: u64) -> Result<(String, u64)> {
        self.submits_with_pictures(1, budget)
    }

    /// A report with so many pictures, five at most; gives the bytes of all.
    pub(crate) fn submits_with_pictures(
        &mut self,
        pictures: usize,
        budget: u64,
    ) -> Result<(String, u64)> {
        let number = self.accepted.len();
        let photos = self.photos.get(..pictures).context("too many pictures")?;
        let made = self.phone.submits_with_pictures(
            &self.line,
            &format!("Dengan gambar {number}"),
            photos,
            budget,
        )?;
        self.accepted.push(made.0.clone());
        Ok(made)
    }

    /// From 0 to below `most`.
    pub(crate) fn some_time(&mut self, most: Duration) -> Duration {
        let ms = u64::try_from(most.as_millis()).unwrap_or(u64::MAX).max(1);
        Duration::from_millis(self.dice.number() % ms)
    }

    /// Nothing is called sent that the gateway does not have under that very number. Tells how many
    /// were.
    pub(crate) fn false_successes(&self) -> Result<usize> {
        let mut wrong = 0;
        let reports = self.gateway.see(&self.line, "reports")?;
        for key in &self.accepted {
            let shown = self.phone.shows(&self.line, key)?;
            if shown.get("phase").and_then(Value::as_str) != Some("sent") {
                continue;
            }
            let theirs = find(&reports, key).and_then(|report| report.get("tracking_id"));
            if theirs.is_none() || theirs != shown.get("tracking_id") {
                wrong += 1;
            }
        }
        Ok(wrong)
    }

    /// Over an open line everything drains; then the books are compared.
    pub(crate) fn settles(&mut self, what: &str) -> Result<()> {
        if let Some((packets, lost)) = self.line.lost()? {
            let percent = lost as f64 * 100.0 / packets.max(1) as f64;
            let told = format!("{what} packets={packets} dropped={lost} ({percent:.2} %)");
            self.figures.tell(self.name, &told);
        }
        let wrong = self.false_successes()?;
        self.line.opens()?;
        self.line.leads_to(self.gateway.port)?;
        self.phone.options.clear();
        let words = ["sync", "--until-idle", "--timeout", DRAIN];
        let ran = self.phone.run(&self.line, &words)?;
        let counts = self.gateway.see(&self.line, "counts")?;
        let reports = self.gateway.see(&self.line, "reports")?;
        let creates = counts.get("creates").and_then(Value::as_object);
        let creates = creates.context("no creates")?;
        let (mut lost, mut pictures_lost) = (0, 0);
        for key in &self.accepted {
            let there = find(&reports, key);
            let shown = self.phone.shows(&self.line, key)?;
            let sent = shown.get("phase").and_then(Value::as_str) == Some("sent");
            if there.is_none() || !sent {
                lost += 1;
            }
            let whole = there
                .and_then(|report| report.get("attachments"))
                .and_then(Value::as_array)
                .is_some_and(|all| {
                    all.iter()
                        .all(|one| one.get("stored").and_then(Value::as_bool) == Some(true))
                });
            if !whole {
                pictures_lost += 1;
            }
        }
        let twice = creates
            .values()
            .filter(|count| count.as_u64() != Some(1))
            .count();
        let there = counts.get("created").and_then(Value::as_u64).unwrap_or(0);
        let extra = there.saturating_sub(self.accepted.len() as u64 + self.foreign);
        let wrong = wrong + self.false_successes()?;
        let holds = lost == 0
            && pictures_lost == 0
            && twice == 0
            && extra == 0
            && wrong == 0
            && ran.code == 0;
        let told = format!(
            "{what} reports={} lost={lost} pictures_lost={pictures_lost} twice={} false_successes={wrong}",
            self.accepted.len(),
            twice as u64 + extra,
        );
        self.figures.promise(self.name, &told, holds);
        if ran.code != 0 {
            self.figures
                .tell(self.name, &format!("the last sync ended with {ran:?}"));
        }
        Ok(())
    }
}

fn find<'v>(reports: &'v Value, key: &str) -> Option<&'v Value> {
    let list = reports
        .as_array()
        .or_else(|| reports.get("reports").and_then(Value::as_array))?;
    list.iter()
        .find(|report| report.get("key").and_then(Value::as_str) == Some(key))
}
