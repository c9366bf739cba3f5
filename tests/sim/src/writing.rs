//! Writing: drafts, documents, and the moment a report is accepted.

use lapor_core::client::AttachOptions;
use lapor_core::engine::report::{Classification, Edit, ReportKey};
use lapor_core::photo::Flow;

use crate::dice::{Dice, name_of};
use crate::people::{OFFICER, allowed};
use crate::story::{Run, needed};
use crate::world::World;

impl World {
    pub(crate) fn writes(&mut self, number: usize, dice: &mut Dice) -> Run<ReportKey> {
        let app = self.app(number)?;
        let owner = needed(app.account(), "account")?.user;
        let key = needed(app.new_draft(), "new draft")?;
        let name = self.ledger.begin(key, number, owner);
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
        for edit in [
            Edit::Classification(Some(Classification::Complaint)),
            Edit::Title(title),
            Edit::Content("Lampu jalan di depan balai banjar padam.".to_owned()),
            Edit::IncidentDate("2026-11-20".to_owned()),
            Edit::Location("Kuta Utara".to_owned()),
            Edit::Secret(dice.percent(10)),
            Edit::Anonymous(dice.percent(20)),
        ] {
            if dice.percent(99) {
                needed(app.edit(&key, edit), "edit")?;
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
        Ok(key)
    }

    pub(crate) fn attaches(&mut self, number: usize, key: &ReportKey, dice: &mut Dice) -> Run<()> {
        self.documents += 1;
        let most = if dice.percent(20) { 64_000 } else { 9_000 };
        let length = 1_000 + dice.index(most);
        let mut bytes = format!("%PDF-1.4\n% {} {}\n", self.seed, self.documents).into_bytes();
        let mut word = dice.next();
        while bytes.len() < length {
            word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            bytes.push((word >> 56) as u8);
        }
        let path = self.folder.path().join("document.pdf");
        needed(std::fs::write(&path, &bytes), "document")?;
        let app = self.app(number)?;
        let done = allowed(app.attach(key, &path, AttachOptions::default(), &mut |_| {
            Flow::Continue
        }))?;
        if let Some(attached) = done {
            let sha = attached.attachment.sha256.to_string();
            self.ledger.documents.insert(sha, bytes);
            self.tell(format!("phone {number}: a document of {length} bytes"));
        }
        Ok(())
    }

    pub(crate) fn submit(&mut self, number: usize, key: &ReportKey) -> Run<bool> {
        let app = self.app(number)?;
        // An officer writes no reports: the service would refuse them for ever.
        if needed(app.account(), "account")?.user == OFFICER {
            return Ok(false);
        }
        if allowed(app.submit(key))?.is_none() {
            return Ok(false);
        }
        self.accepted(number, key)?;
        Ok(true)
    }

    pub(crate) fn accepted(&mut self, number: usize, key: &ReportKey) -> Run<()> {
        let app = self.app(number)?;
        let shown = needed(app.show(key), "show")?;
        let owner = needed(app.account(), "account")?.user;
        let pictures = shown
            .attachments
            .iter()
            .map(|one| one.sha256.to_string())
            .collect();
        if let Some(case) = self.ledger.case(key) {
            case.was_refused |= case.accepted;
            case.accepted = true;
            case.owner = owner;
            case.pictures = pictures;
            let name = case.name.clone();
            let mut wire = self.line.wire();
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
        let app = self.app(number)?;
        match dice.below(4) {
            0 => self.attaches(number, &key, dice),
            1 => allowed(app.detach(&key, 0)).map(|_| ()),
            2 => needed(
                app.edit(&key, Edit::Content(format!("Diubah {}.", self.round))),
                "edit",
            ),
            _ => needed(
                app.edit(&key, Edit::Title(format!("T {}", self.round))),
                "edit",
            ),
        }
    }

    pub(crate) fn submits(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let keys = self.rows(number, |row| row.phase.is_editable() && row.own)?;
        match dice.choose(&keys, name_of).copied() {
            Some(key) => self.submit(number, &key).map(|_| ()),
            None => Ok(()),
        }
    }
}
