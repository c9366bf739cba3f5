//! Commands that travel, or ask for something to travel.

use anyhow::Result;
use lapor_e2e::exit;

use super::{Life, OFFICER};
use crate::{
    broken::{Kind, hold},
    ledger::{Intent, Stage, Told, list, text},
};

/// An open report grows by at most so many replies.
const REPLIES: usize = 4;

impl Life<'_> {
    pub(super) fn syncs(&mut self) -> Result<()> {
        self.passes_time();
        let words: &[&str] = match self.dice.between(0, 4) {
            0 => &["--network", "up", "sync", "--until-idle", "--timeout", "1"],
            1 => &["sync", "--once", "--limit-bytes", "20k"],
            _ => &["sync", "--once"],
        };
        let kind = if words.contains(&"--until-idle") {
            "sync --until-idle"
        } else {
            "sync --once"
        };
        let end = self.strike(kind, words)?;
        let mut codes = vec![exit::DONE, exit::STILL_WAITING];
        if self.background.is_there() {
            codes.push(exit::IN_USE);
        }
        self.expect(&end, &codes)?;
        // What it may have changed, wherever that was.
        for _ in 0..2 {
            let open = |told: &Told| told.stage == Stage::Accepted;
            if let Some(key) = self.one(open) {
                self.look(&key, &Intent::Nothing, false)?;
            }
        }
        Ok(())
    }

    /// Up to a minute and a half, on this phone.
    pub(super) fn passes_time(&mut self) {
        self.shift += self.dice.between(1, 90);
        self.server_moved();
    }

    pub(super) fn replies(&mut self) -> Result<()> {
        let Some(key) = self.one(|told| {
            told.own
                && told.stage == Stage::Accepted
                && !told.asked_back
                && told.words.len() < REPLIES
        }) else {
            return self.submits();
        };
        self.says(&key, "reply")
    }

    pub(super) fn says(&mut self, key: &str, command: &'static str) -> Result<()> {
        let text = format!("Kata yang ke-{}.", self.number());
        let end = self.strike(command, &[command, key, &text])?;
        self.expect(&end, &[exit::DONE])?;
        let promised = end.told().is_some();
        self.look(key, &Intent::Say(text), promised)
    }

    pub(super) fn withdraws(&mut self) -> Result<()> {
        let Some(key) = self.one(|told| told.stage == Stage::Accepted && !told.asked_back) else {
            return self.submits();
        };
        let end = self.strike("withdraw", &["withdraw", &key])?;
        self.expect(&end, &[exit::DONE])?;
        let promised = end.told().is_some();
        self.look(&key, &Intent::Withdraw, promised)
    }

    /// The officer takes note of what the institution was given, and says what was done.
    pub(super) fn works(&mut self) -> Result<()> {
        let listed = self.does(&["list", "--limit", "8"])?;
        for one in listed.as_array().map_or(&[][..], Vec::as_slice) {
            let phase = text(one, "phase");
            if phase == "sent" && !self.ledger.contains_key(text(one, "key")) {
                let told = Told {
                    person: OFFICER.to_owned(),
                    stage: Stage::Accepted,
                    ..Told::default()
                };
                self.ledger.insert(text(one, "key").to_owned(), told);
            }
        }
        match self.one(|told| !told.own && told.words.len() < REPLIES) {
            Some(key) => self.says(&key, "follow-up"),
            None => self.syncs(),
        }
    }

    /// Everything that waits is sent, for everybody on this phone.
    pub(crate) fn drains(&mut self) -> Result<()> {
        self.ends_background()?;
        for person in self.people {
            // Past every pause: a picture's own is up to 8 h.
            self.shift += 30_000;
            self.server_moved();
            self.phone.signs_in(person)?;
            self.who()?;
            let words = ["--network", "up", "sync", "--until-idle", "--timeout", "60"];
            self.last = words.join(" ");
            let left = self.does(&words)?;
            let waiting = list(&left, "waiting");
            hold!(
                Kind::Lost,
                waiting.is_empty(),
                "{person}: still waits at the end: {left}"
            );
            let mine: Vec<String> = self
                .ledger
                .iter()
                .filter(|(_, told)| told.person == *person)
                .map(|(key, _)| key.clone())
                .collect();
            for key in mine {
                self.look(&key, &Intent::Nothing, false)?;
            }
        }
        let doctor = self.does(&["doctor"])?;
        hold!(
            Kind::Other,
            doctor.get("sound") == Some(&true.into()),
            "not sound: {doctor}"
        );
        self.nothing_was_set_aside()
    }
}
