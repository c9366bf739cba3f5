//! Commands that write: drafts, pictures, the submission.

use std::fs;

use anyhow::{Context, Result};
use lapor_e2e::exit;

use super::Life;
use crate::{
    broken::{Kind, hold},
    ledger::{Intent, Stage, Told, text},
};

/// Drafts that lie about before the next command goes on with one of them.
const DRAFTS: usize = 4;
/// A draft grows by at most so many pictures.
const PICTURES: usize = 3;
/// What a new draft says.
const CONTENT: &str = "Ditulis.";

impl Life<'_> {
    pub(super) fn writes(&mut self) -> Result<()> {
        let drafts = self.drafts();
        if drafts == 0 || (drafts < DRAFTS && self.dice.once_in(3)) {
            return self.drafts_anew();
        }
        let Some(key) = self.one(|told| told.stage == Stage::Draft) else {
            return Ok(());
        };
        let full = self
            .ledger
            .get(&key)
            .is_some_and(|told| told.pictures.len() >= PICTURES);
        if full || self.dice.once_in(3) {
            self.edits(&key)
        } else {
            self.attaches(&key)
        }
    }

    pub(super) fn drafts(&self) -> usize {
        let mine =
            |told: &&Told| Some(told.person.as_str()) == self.person && told.stage == Stage::Draft;
        self.ledger.values().filter(mine).count()
    }

    /// A draft whose key was never told may be there or not; if it is, it is one.
    pub(super) fn drafts_anew(&mut self) -> Result<()> {
        let number = self.number();
        let title = format!("Laporan {number}");
        let end = self.strike(
            "draft new",
            &[
                "draft",
                "new",
                "--title",
                &title,
                "--classification",
                "complaint",
                "--content",
                CONTENT,
                "--date",
                "2026-01-15",
                "--location",
                "Jalan Raya Kerobokan",
                "--area",
                "51.03.06",
            ],
        )?;
        self.expect(&end, &[exit::DONE])?;
        let found = self.finds_drafts()?;
        let told = end.told();
        if let Some(told) = &told {
            hold!(
                Kind::Lost,
                found.as_deref() == Some(text(told, "key")),
                "the key of a draft was told, and there is no such draft"
            );
        }
        // The last of its fields may be under way as well.
        let fields = Intent::Edit {
            title: title.clone(),
            content: CONTENT.to_owned(),
        };
        self.may_come_late(
            found.as_deref().unwrap_or_default(),
            &fields,
            told.is_some(),
        );
        let whole = |told: &Told| told.title == title && told.content == CONTENT;
        let is_whole = found
            .and_then(|key| self.ledger.get(&key))
            .is_none_or(whole);
        hold!(
            Kind::Lost,
            is_whole || end.killed,
            "a draft was told and is not whole"
        );
        Ok(())
    }

    /// Takes a draft into the ledger that is not there yet: at most one.
    pub(super) fn finds_drafts(&mut self) -> Result<Option<String>> {
        let listed = self.does(&["list", "--drafts", "--limit", "12"])?;
        let unknown: Vec<&str> = listed
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(|one| text(one, "key"))
            .filter(|key| !self.ledger.contains_key(*key))
            .collect();
        hold!(
            Kind::Twice,
            unknown.len() <= 1,
            "{} drafts from one command",
            unknown.len()
        );
        let Some(key) = unknown.first().map(|key| (*key).to_owned()) else {
            return Ok(None);
        };
        let shown = self.does(&["show", &key])?;
        let told = Told {
            person: self.person.unwrap_or_default().to_owned(),
            own: true,
            title: text(&shown, "title").to_owned(),
            content: text(&shown, "content").to_owned(),
            ..Told::default()
        };
        self.ledger.insert(key.clone(), told);
        Ok(Some(key))
    }

    pub(super) fn edits(&mut self, key: &str) -> Result<()> {
        let number = self.number();
        let (title, content) = (format!("Diubah {number}"), format!("Isi yang ke-{number}."));
        let end = self.strike(
            "draft edit",
            &[
                "draft",
                "edit",
                key,
                "--title",
                &title,
                "--content",
                &content,
                "--classification",
                "complaint",
                "--date",
                "2026-01-15",
                "--location",
                "Jalan Raya Kerobokan",
                "--area",
                "51.03.06",
            ],
        )?;
        self.expect(&end, &[exit::DONE])?;
        let promised = end.told().is_some();
        self.look(key, &Intent::Edit { title, content }, promised)
    }

    /// Documents of random bytes most often, a camera's photo now and then.
    pub(super) fn attaches(&mut self, key: &str) -> Result<()> {
        let number = self.number();
        let path = if self.dice.once_in(6) {
            let path = self.folder.join(format!("{number}.jpg"));
            lapor_photo::synth::camera_photo(&path, self.dice.roll(), 320, 240, 6)?;
            path
        } else {
            let path = self.folder.join(format!("{number}.pdf"));
            let bytes = 1 << self.dice.between(9, 17);
            fs::write(&path, self.document(bytes))?;
            path
        };
        let word = path.to_str().context("a path in UTF-8")?;
        let end = self.strike("attach", &["attach", key, word])?;
        fs::remove_file(&path)?;
        self.expect(&end, &[exit::DONE])?;
        let promised = end.told().is_some();
        self.look(key, &Intent::Attach, promised)
    }

    pub(super) fn document(&mut self, bytes: usize) -> Vec<u8> {
        let mut text = b"%PDF-1.4\n%%EOF\n".to_vec();
        while text.len() < bytes {
            text.extend(self.dice.roll().to_be_bytes());
        }
        text.truncate(bytes);
        text
    }

    pub(super) fn submits(&mut self) -> Result<()> {
        // A draft that a kill left half written is finished first.
        let Some(key) = self.one(|told| told.stage == Stage::Draft) else {
            return self.drafts_anew();
        };
        let words: &[&str] = if self.dice.once_in(4) && !self.background.is_there() {
            self.passes_time();
            &["submit", &key, "--wait", "--timeout", "1"]
        } else {
            &["submit", &key]
        };
        let waits = words.len() > 2;
        let kind = if waits { "submit --wait" } else { "submit" };
        let end = self.strike(kind, words)?;
        if end.ran.code == exit::INVALID_DRAFT {
            return self.edits(&key);
        }
        let codes: &[i32] = if waits {
            &[exit::DONE, exit::STILL_WAITING, exit::SIGN_IN]
        } else {
            &[exit::DONE]
        };
        self.expect(&end, codes)?;
        let promised = end.told().is_some();
        self.look(&key, &Intent::Submit, promised)
    }

    pub(super) fn puts_away(&mut self) -> Result<()> {
        if let Some(key) = self.one(|told| told.stage == Stage::Discarded) {
            let end = self.strike("restore", &["draft", "restore", &key])?;
            self.expect(&end, &[exit::DONE])?;
            let promised = end.told().is_some();
            return self.look(&key, &Intent::Restore, promised);
        }
        let Some(key) = self.one(|told| told.stage == Stage::Draft) else {
            return Ok(());
        };
        let end = self.strike("discard", &["draft", "discard", &key])?;
        self.expect(&end, &[exit::DONE])?;
        let promised = end.told().is_some();
        self.look(&key, &Intent::Discard, promised)
    }
}
