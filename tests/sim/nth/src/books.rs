//! What must be true on a phone that was opened again, and at the end of a story.

use std::path::Path;

use lapor_core::{
    client::{Client, ClientError},
    engine::report::{Phase, Sha256Hash},
    store::Filter,
};
use sha2::{Digest, Sha256};

use crate::{
    scene::{Known, Run, Scene, Trouble, Violation, broken},
    steps::drain,
    stories::{DOCUMENT, Step},
};

/// The store never lets its WAL grow beyond this, bytes.
const WAL_MAX: usize = 8 << 20;

fn hash(bytes: &[u8]) -> Sha256Hash {
    Sha256Hash(Sha256::digest(bytes).into())
}

impl Scene {
    /// Looks at what the current person sees. Nothing that was acknowledged is missing, nothing
    /// is called sent that the gateway does not have.
    pub(crate) fn look_back(&mut self) -> Result<(), Trouble> {
        let app = self.app()?;
        let user = app.account()?.user;
        if let Some(expected) = self.knows.user
            && user != expected
        {
            broken::<()>(format!("{expected} was signed in, and now it is {user:?}"))?;
        }
        if self.knows.is_forgetting.is_some() {
            return Ok(());
        }
        if let Some(key) = self.knows.erased {
            match app.show(&key) {
                Err(ClientError::NotFound) => {}
                Ok(_) => broken::<()>("a draft that was erased is back")?,
                Err(error) => return Err(error.into()),
            }
        }
        for row in app.list(Filter::All, 100, None)? {
            let elsewhere = self.knows.reports.values();
            let elsewhere = elsewhere
                .into_iter()
                .any(|known| known.key == row.key && known.elsewhere);
            let key = row.key.to_string();
            let creates = self.office.look(|gateway| gateway.creates_of(&key));
            if row.phase == Phase::Sent && !elsewhere && !creates.is_ok_and(|times| times == 1) {
                broken::<()>("a report is called sent that the gateway does not have")?;
            }
        }
        for (slot, known) in &self.knows.reports {
            if known.owner == user && !self.is_named(known) {
                is_there(slot, known, &app)?;
            }
        }
        Ok(())
    }

    /// Was its loss told?
    fn is_named(&self, known: &Known) -> bool {
        self.named.contains(&Some(known.key))
    }

    /// All is well again: everybody comes back, everything is sent, and the books are compared.
    pub(crate) fn end(&mut self) -> Result<(), Trouble> {
        self.look_back()?;
        for user in self.knows.people.clone() {
            self.signs_in(user)?;
            let app = self.app()?;
            drain(self, &app)?;
            self.look_back()?;
            self.compare(user, &app)?;
        }
        let is_anybodys = |known: &Known| known.owner.is_empty();
        if self.knows.reports.values().any(is_anybodys) {
            self.does(Step::SignOut)?;
            self.look_back()?;
        }
        self.gateway_is_true()?;
        self.close();
        self.folders_are_in_order()?;
        self.nothing_is_left()?;
        let wal = self.disk.read(&self.database().with_extension("db-wal"));
        if wal.is_ok_and(|bytes| bytes.len() > WAL_MAX) {
            broken::<()>("the WAL outgrew its bound")?;
        }
        Ok(())
    }

    /// Of what was erased neither a word nor a part of its document lies in any file.
    pub(crate) fn nothing_is_left(&self) -> Run<()> {
        let Some(slot) = self.goes else {
            return Ok(());
        };
        let document = self.papers.document(DOCUMENT).and_then(std::fs::read);
        let document = document.map_err(|_| Violation("no paper".to_owned()))?;
        let mut parts = vec![format!("Laporan {slot}").into_bytes()];
        // Not those at its beginning, which all have.
        let inner = document.chunks_exact(24).skip(20).step_by(40);
        parts.extend(inner.map(<[u8]>::to_vec));
        self.lies_nowhere(&self.disk.home(), &parts)
    }

    fn lies_nowhere(&self, folder: &Path, parts: &[Vec<u8>]) -> Run<()> {
        for name in self.disk.names(folder).unwrap_or_default() {
            let path = folder.join(&name);
            self.lies_nowhere(&path, parts)?;
            let bytes = self.disk.read(&path).unwrap_or_default();
            for (number, part) in parts.iter().enumerate() {
                if memchr::memmem::find(&bytes, part).is_some() {
                    return broken(format!("{name} holds part {number} of what was erased"));
                }
            }
        }
        Ok(())
    }

    fn compare(&self, user: &str, app: &Client) -> Result<(), Trouble> {
        for (slot, known) in &self.knows.reports {
            if known.owner != user || known.elsewhere || self.is_named(known) {
                continue;
            }
            let phase = app.show(&known.key)?.row.phase;
            let wanted = match (known.accepted, known.taken_back) {
                (_, true) => Phase::Withdrawn,
                (true, false) => Phase::Sent,
                (false, false) => Phase::Draft,
            };
            if phase != wanted {
                broken::<()>(format!(
                    "{slot} is {} at the end, not {}",
                    phase.as_str(),
                    wanted.as_str()
                ))?;
            }
            let key = known.key.to_string();
            let row = self.office.look(|gateway| gateway.report(&key));
            let row = row.ok().flatten().filter(|row| row.status != "withdrawn");
            match (&row, wanted == Phase::Sent) {
                (None, false) => continue,
                (Some(row), true) if row.creates == 1 => {}
                (Some(_), true) => broken(format!("{slot} was created several times"))?,
                (Some(_), false) => broken(format!("{slot} is at the gateway"))?,
                (None, true) => broken(format!("{slot} is not at the gateway"))?,
            }
            self.pictures_arrived(slot, known)?;
            let mut form = app.show(&known.key)?.draft.form;
            for edit in &known.edits {
                form.apply(edit.clone());
            }
            if row.is_some_and(|row| row.title != form.title || row.content != form.content) {
                broken::<()>(format!("{slot} arrived with other words"))?;
            }
            for event in &known.replies {
                let times = self
                    .office
                    .look(|gateway| gateway.events_of(&event.to_string()));
                if !times.is_ok_and(|times| times == 1) {
                    broken::<()>(format!("a reply to {slot} is not there once"))?;
                }
            }
        }
        Ok(())
    }

    fn pictures_arrived(&self, slot: &str, known: &Known) -> Run<()> {
        let key = known.key.to_string();
        for sha in &known.pictures {
            let name = sha.to_string();
            let bytes = self
                .office
                .look(|gateway| gateway.attachment(&key, &name))
                .ok()
                .flatten();
            if bytes.is_none_or(|bytes| hash(&bytes) != *sha) {
                return broken(format!("a picture of {slot} is not whole at the gateway"));
            }
        }
        Ok(())
    }

    /// Nothing is there that nobody sent, nothing twice, and no more replies than were made.
    pub(crate) fn gateway_is_true(&self) -> Run<()> {
        if let Some(what) = self.office.broken() {
            return broken(what);
        }
        let rows = self.office.look(|gateway| gateway.reports());
        for row in rows.unwrap_or_default() {
            if row.creates > 1 {
                return broken("a report was created several times");
            }
            let known = self
                .knows
                .reports
                .values()
                .find(|known| known.key.to_string() == row.key);
            let Some(known) = known else { continue };
            if !known.accepted && !known.maybe_accepted && row.status != "withdrawn" {
                return broken("a draft is at the gateway");
            }
            let most = known.replies.len() + known.maybe_replies as usize;
            let replies = row.events.iter().filter(|event| event.kind == "reply");
            if replies.count() > most {
                return broken("there are more replies than were made");
            }
        }
        Ok(())
    }
}

pub(crate) fn is_there(slot: &str, known: &Known, app: &Client) -> Result<(), Trouble> {
    let shown = app.show(&known.key);
    let shown = match shown {
        Err(ClientError::NotFound) => broken(format!("{slot} is gone"))?,
        shown => shown?,
    };
    let phase = shown.row.phase;
    let right = match phase {
        Phase::Draft => !known.accepted,
        Phase::Queued | Phase::Sent => known.accepted || known.maybe_accepted,
        Phase::Withdrawing | Phase::Withdrawn => known.taken_back,
        _ => false,
    };
    if !right {
        broken::<()>(format!("{slot} is {}", phase.as_str()))?;
    }
    if known.taken_back {
        return Ok(());
    }
    let mut form = shown.draft.form.clone();
    for edit in known.edits.iter().chain(&known.trying) {
        form.apply(edit.clone());
    }
    let mut mine = shown.draft.form;
    if let Some(edit) = &known.trying {
        mine.apply(edit.clone());
    }
    if form != mine {
        broken::<()>(format!("an edit of {slot} that was acknowledged is gone"))?;
    }
    for sha in &known.pictures {
        let Some(picture) = shown.attachments.iter().find(|one| one.sha256 == *sha) else {
            return Ok(broken(format!("a picture of {slot} is gone"))?);
        };
        if picture.present {
            let bytes = app.picture(&known.key, picture.position)?;
            if hash(&bytes) != *sha {
                broken::<()>(format!("a picture of {slot} is not what it was"))?;
            }
        }
    }
    Ok(())
}
