//! One phone's life: commands by dice, most of them killed, and a look after each.

mod people;
mod sending;
mod writing;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::{Context, Result};
use lapor_e2e::{Dice, Phone, exit};
use serde_json::Value;

use crate::{
    background::Background,
    broken::{Kind, hold},
    ledger::{Intent, Ledger, News, Told, list, text},
    service::Service,
    victim::{End, Lives, strike},
};

const OFFICER: &str = "made";

/// A phone with the people who share it.
pub(crate) struct Life<'a> {
    pub(crate) phone: Phone,
    pub(crate) people: &'static [&'static str],
    pub(crate) ledger: Ledger,
    pub(crate) service: &'a Service,
    pub(crate) lives: &'a Lives,
    pub(crate) dice: Dice,
    /// Who is signed in, as the phone last said.
    person: Option<&'static str>,
    background: Background,
    /// Commands that were killed beside the background's process without a trace, by report.
    late: Vec<(String, Intent)>,
    pub(crate) came_late: u64,
    folder: PathBuf,
    number: u64,
    /// Seconds by which this phone's clock has been moved on: pauses pass in no time.
    shift: u64,
    /// The last command, for who reads what was broken.
    pub(crate) last: String,
}

impl<'a> Life<'a> {
    pub(crate) fn begin(
        folder: &Path,
        name: &str,
        people: &'static [&'static str],
        service: &'a Service,
        lives: &'a Lives,
        dice: Dice,
    ) -> Result<Self> {
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        Ok(Self {
            phone: Phone::new(&folder, "phone", &service.url()),
            people,
            ledger: Ledger::new(),
            service,
            lives,
            dice,
            person: None,
            background: Background::default(),
            late: Vec::new(),
            came_late: 0,
            folder,
            number: 0,
            shift: 0,
            last: String::new(),
        })
    }

    /// Commands until `stop`.
    pub(crate) fn live(&mut self, stop: &AtomicBool) -> Result<()> {
        while !stop.load(Ordering::SeqCst) {
            self.step()?;
        }
        self.ends_background()
    }

    fn step(&mut self) -> Result<()> {
        self.server_moved();
        if self.background.is_there() && self.dice.once_in(12) {
            self.ends_background()?;
        }
        let Some(person) = self.person else {
            return self.signs_in();
        };
        match self.dice.between(0, 100) {
            0..=27 => self.syncs(),
            28..=30 => self.only_looks(),
            31 => self.signs_out(),
            32..=33 => self.watches(),
            _ if person == OFFICER => self.works(),
            34..=61 => self.writes(),
            62..=77 => self.submits(),
            78..=91 => self.replies(),
            92..=95 => self.withdraws(),
            _ => self.puts_away(),
        }
    }

    /// A gateway that was started again listens elsewhere; the phone is told as by its settings.
    fn server_moved(&mut self) {
        self.phone.server = self.service.url();
        self.phone.options = vec!["--now".to_owned(), format!("+{}s", self.shift)];
    }

    fn strike(&mut self, kind: &'static str, words: &[&str]) -> Result<End> {
        self.last = words.join(" ");
        strike(&self.phone, kind, words, None, self.lives, &mut self.dice)
    }

    /// A command that is left alone and must work: the next one after a kill.
    fn does(&mut self, words: &[&str]) -> Result<Value> {
        let ran = self.phone.run(words)?;
        hold!(
            Kind::Other,
            ran.code == exit::DONE,
            "after {:?}, {words:?} ended with {}: {} {}",
            self.last,
            ran.code,
            ran.out,
            ran.err
        );
        ran.json()
    }

    /// Ends with 0 unless it was killed.
    fn expect(&self, end: &End, codes: &[i32]) -> Result<()> {
        hold!(
            Kind::Other,
            end.killed || codes.contains(&end.ran.code),
            "{:?} ended with {}: {} {}",
            self.last,
            end.ran.code,
            end.ran.out,
            end.ran.err
        );
        Ok(())
    }

    /// Looks at a report, holds it against what was told, and asks the gateway about what is new.
    pub(crate) fn look(&mut self, key: &str, intent: &Intent, promised: bool) -> Result<()> {
        if *intent != Intent::Nothing {
            self.may_come_late(key, intent, promised);
        }
        let shown = self.does(&["show", key])?;
        let told = self.ledger.get_mut(key).context("a report of the ledger")?;
        let news = told.look(key, &shown, intent, promised)?;
        self.is_true(key, &news)
    }

    /// Nothing is called sent before the gateway has it.
    fn is_true(&self, key: &str, news: &News) -> Result<()> {
        let nothing =
            !(news.tracking_id || news.withdrawn) && news.stored.is_empty() && news.done.is_empty();
        let Some(told) = self.ledger.get(key).filter(|_| !nothing) else {
            return Ok(());
        };
        let there = self.service.see(&format!("report/{key}"));
        if news.withdrawn && told.tracking_id.is_none() {
            // It may never have arrived; then the tombstone is all there is.
            if let Ok(there) = &there {
                hold!(
                    Kind::FalseSuccess,
                    text(there, "status") == "withdrawn",
                    "{key}: withdrawn, says the phone"
                );
            }
            return Ok(());
        }
        hold!(
            Kind::FalseSuccess,
            there.is_ok(),
            "{key}: not there, and has a tracking id"
        );
        let there = there?;
        let withdrawn = text(&there, "status") == "withdrawn";
        hold!(
            Kind::FalseSuccess,
            withdrawn || !news.withdrawn,
            "{key}: withdrawn, says the phone"
        );
        // Taken back since, by the background: its pictures and replies are gone as they should be.
        if withdrawn && told.asked_back {
            return Ok(());
        }
        if news.tracking_id {
            let same =
                there.get("tracking_id").and_then(Value::as_str) == told.tracking_id.as_deref();
            hold!(
                Kind::FalseSuccess,
                same,
                "{key}: another tracking id at the gateway"
            );
            if told.own {
                self.service.arrived(key);
            }
        }
        for sha256 in &news.stored {
            let stored = list(&there, "attachments").iter().any(|one| {
                text(one, "sha256") == sha256 && one.get("stored") == Some(&true.into())
            });
            hold!(
                Kind::FalseSuccess,
                stored,
                "{key}: a picture is called stored"
            );
        }
        for event in &news.done {
            let done = list(&there, "events")
                .iter()
                .any(|one| text(one, "event_key") == event);
            hold!(Kind::FalseSuccess, done, "{key}: a reply is called done");
        }
        Ok(())
    }

    /// A report of this person at a stage.
    fn one(&mut self, fits: impl Fn(&Told) -> bool) -> Option<String> {
        let person = self.person?;
        let keys: Vec<String> = self
            .ledger
            .iter()
            .filter(|(_, told)| told.person == person && fits(told))
            .map(|(key, _)| key.clone())
            .collect();
        // The latest ones most often: what is long done changes no more.
        let latest = keys.len().saturating_sub(12);
        let from = if self.dice.once_in(5) { 0 } else { latest };
        self.dice
            .one_of(keys.get(from..).unwrap_or_default())
            .cloned()
    }

    fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    fn only_looks(&mut self) -> Result<()> {
        let (kind, words): (_, &[&str]) = match self.dice.between(0, 4) {
            0 => ("list", &["list", "--limit", "5"]),
            1 => ("outbox", &["outbox"]),
            2 => ("whoami", &["whoami"]),
            _ => ("doctor", &["doctor"]),
        };
        let end = self.strike(kind, words)?;
        self.expect(&end, &[exit::DONE])?;
        let doctor = self.does(&["doctor"])?;
        hold!(
            Kind::Other,
            doctor.get("sound") == Some(&true.into()),
            "not sound: {doctor}"
        );
        self.nothing_was_set_aside()
    }

    pub(crate) fn nothing_was_set_aside(&self) -> Result<()> {
        for entry in fs::read_dir(&self.phone.home)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            let usual = ["store", "open.lock", "engine.lock", "spool"].contains(&name.as_ref());
            hold!(Kind::Lost, usual, "{name} in the phone's folder");
        }
        Ok(())
    }
}
