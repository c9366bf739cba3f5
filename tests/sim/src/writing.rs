//! Writing: drafts, documents, and the moment a report is accepted.

use std::sync::Arc;

use lapor_core::client::{AttachOptions, Client};
use lapor_core::engine::report::{Classification, Edit, ReportKey, Sha256Hash};
use lapor_core::photo::Flow;

use crate::dice::{Dice, name_of};
use crate::people::OFFICER;
use crate::pictures::{document, photo, put_down, tells_nothing};
use crate::story::{Run, Violation, needed};
use crate::world::World;

impl World {
    pub(crate) fn writes(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let owner = self.user(number)?;
        let Some(key) = self.act(number, Client::new_draft)? else {
            return Ok(());
        };
        // A phone that died after it has been looked at, and it was found there.
        let name = match self.ledger.case(&key) {
            Some(case) => case.name.clone(),
            None => self.ledger.begin(key, number, owner),
        };
        let title = if dice.percent(30) {
            format!("{name} with a long title")
        } else {
            name.clone()
        };
        {
            let mut wire = self.line.wire();
            wire.names.insert(key.to_string(), name.clone());
            wire.tell(format!("phone {number}: {name} is begun"));
        }
        let fields = [
            Edit::Classification(Some(Classification::Complaint)),
            Edit::Title(title),
            Edit::Content(self.text_of(number, &key)),
            Edit::IncidentDate("2026-11-20".to_owned()),
            Edit::Location("Kuta Utara".to_owned()),
        ];
        // What is not touched is not stored.
        let marks = [
            dice.percent(10).then_some(Edit::Secret(true)),
            dice.percent(20).then_some(Edit::Anonymous(true)),
        ];
        // The draft was one act, its fields are another.
        self.line.wire().event();
        for edit in fields.into_iter().chain(marks.into_iter().flatten()) {
            if dice.percent(99) {
                self.act(number, |app| app.edit(&key, edit))?;
            }
        }
        for _ in 0..dice.below(3) {
            self.line.wire().event();
            self.attaches(number, &key, dice)?;
        }
        if dice.percent(70) {
            self.line.wire().event();
            self.submit(number, &key)?;
        }
        Ok(())
    }

    /// A text that says what it always says, and in which writing it is.
    fn text_of(&mut self, number: usize, key: &ReportKey) -> String {
        let mark = self
            .ledger
            .case(key)
            .map(crate::ledger::Case::write)
            .unwrap_or_default();
        self.line
            .wire()
            .tap
            .writes(number, &key.to_string(), mark.clone());
        format!("Lampu jalan di depan balai banjar padam: {mark}")
    }

    pub(crate) fn attaches(&mut self, number: usize, key: &ReportKey, dice: &mut Dice) -> Run<()> {
        self.documents += 1;
        // To make a photo ready takes as long as a schedule: some worlds have cameras.
        let is_photo = dice.percent(20) && self.seed.is_multiple_of(16);
        let made;
        let (name, bytes) = if is_photo {
            ("berkas-saya.jpg", photo(dice)?)
        } else {
            made = document(self.seed, self.documents, dice);
            ("berkas-saya.pdf", made.as_slice())
        };
        let path = self.folder.path().join(name);
        put_down(&path, bytes)?;
        let document = (!is_photo).then(|| Sha256Hash::of(bytes));
        if let Some(sha256) = document {
            // It may be there although nobody was told.
            let mut wire = self.line.wire();
            let document = Arc::new(bytes.to_vec());
            wire.tap.documents.insert(sha256.to_string(), document);
        }
        let attach = |app: &Client| {
            app.attach(key, &path, AttachOptions::default(), &mut |_| {
                Flow::Continue
            })
        };
        let done = self.act(number, attach)?;
        if is_photo && self.phone(number)?.had_trouble() {
            return self.finds_photos(number, key);
        }
        let Some(attached) = done else {
            return Ok(());
        };
        let app = self.app(number)?;
        let row = attached.attachment;
        let (sha256, length) = match document {
            Some(sha256) => (sha256, bytes.len()),
            None => {
                let place = needed(app.show(key), "show")?
                    .attachments
                    .len()
                    .saturating_sub(1);
                let kept = needed(
                    app.picture(key, u32::try_from(place).unwrap_or(0)),
                    "picture",
                )?;
                tells_nothing(&kept)?;
                let (sha256, length) = (Sha256Hash::of(&kept), kept.len());
                let mut wire = self.line.wire();
                wire.tap
                    .documents
                    .insert(sha256.to_string(), Arc::new(kept));
                (sha256, length)
            }
        };
        if sha256 != row.sha256 {
            return Err(Violation(
                "what was kept is not what was attached".to_owned(),
            ));
        }
        let what = if is_photo { "photo" } else { "document" };
        self.tell(format!("phone {number}: a {what} of {length} bytes"));
        Ok(())
    }

    /// Photos of which nobody was told that they are there.
    fn finds_photos(&mut self, number: usize, key: &ReportKey) -> Run<()> {
        let app = self.app(number)?;
        let shown = needed(app.show(key), "show")?;
        for (place, row) in (0_u32..).zip(&shown.attachments) {
            if row.media_type == "image/jpeg" {
                let kept = needed(app.picture(key, place), "picture")?;
                tells_nothing(&kept)?;
                let mut wire = self.line.wire();
                let sha256 = row.sha256.to_string();
                wire.tap.documents.insert(sha256, Arc::new(kept));
            }
        }
        Ok(())
    }

    pub(crate) fn submit(&mut self, number: usize, key: &ReportKey) -> Run<bool> {
        // An officer writes no reports: the service would refuse them for ever.
        if self.user(number)? == OFFICER {
            return Ok(false);
        }
        if self.act(number, |app| app.submit(key))?.is_none() {
            return Ok(false);
        }
        self.accepted(number, key)?;
        Ok(true)
    }

    pub(crate) fn accepted(&mut self, number: usize, key: &ReportKey) -> Run<()> {
        let app = self.app(number)?;
        let shown = needed(app.show(key), "show")?;
        let owner = self.user(number)?;
        let pictures = shown
            .attachments
            .iter()
            .map(|one| one.sha256.to_string())
            .collect();
        if let Some(case) = self.ledger.case(key) {
            case.was_refused |= !case.accepted.insert(number);
            // What a bit had cost of it was before that: as it stands now it is to arrive.
            case.gone.remove(&number);
            let mut wire = self.line.wire();
            wire.tap.accept(number, &case.text, &owner);
            case.owner = owner;
            case.pictures.insert(number, pictures);
            let name = case.name.clone();
            wire.figures.accepted += 1;
            wire.tell(format!("phone {number}: {name} is accepted"));
        }
        Ok(())
    }

    pub(crate) fn changes(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let keys = self.rows(number, |row| row.phase.is_editable() && row.own)?;
        let Some(key) = dice.choose(&keys, name_of).copied() else {
            return Ok(());
        };
        let edit = match dice.below(4) {
            0 => return self.attaches(number, &key, dice),
            1 => return self.act(number, |app| app.detach(&key, 0)).map(|_| ()),
            2 => Edit::Content(self.text_of(number, &key)),
            _ => Edit::Title(format!("T {}", self.round)),
        };
        self.act(number, |app| app.edit(&key, edit)).map(|_| ())
    }

    pub(crate) fn submits(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let keys = self.rows(number, |row| row.phase.is_editable() && row.own)?;
        match dice.choose(&keys, name_of).copied() {
            Some(key) => self.submit(number, &key).map(|_| ()),
            None => Ok(()),
        }
    }
}
