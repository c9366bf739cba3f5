//! A call during which the disk failed or the phone died: nobody was told what became of it. The
//! ledger learns from the phone what is there, as its person does who opens the app again.

use lapor_core::client::{Client, ClientError};
use lapor_core::engine::report::Phase;

use crate::people::allowed;
use crate::phone::Ended;
use crate::story::{Run, needed};
use crate::tap;
use crate::world::World;

/// Errors that a failing disk may lead to.
pub(crate) fn is_of_the_disk(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::DiskFull
            | ClientError::Corrupt
            | ClientError::Locked
            | ClientError::StorageLocked
            | ClientError::InUse { .. }
            | ClientError::Output(_)
            | ClientError::Photo(_)
            | ClientError::Storage { .. }
    )
}

impl World {
    /// Something that a person does, during which the disk may fail and the phone may die.
    /// Nothing when it was refused, or when nobody was told that it is done.
    pub(crate) fn act<T>(
        &mut self,
        number: usize,
        deed: impl FnOnce(&Client) -> Result<T, ClientError>,
    ) -> Run<Option<T>> {
        let ended = self.phone(number)?.call(deed)?;
        self.settled(number, ended)
    }

    /// What a call came to. What was said to be done counts, also by a phone that died after it.
    pub(crate) fn settled<T>(
        &mut self,
        number: usize,
        ended: Ended<Result<T, ClientError>>,
    ) -> Run<Option<T>> {
        if !self.phone(number)?.had_trouble() {
            return allowed(ended.value());
        }
        let value = match ended.value() {
            Err(error) if is_of_the_disk(&error) => {
                if error == ClientError::Corrupt {
                    // As the app does: the next opening looks closely.
                    self.phone(number)?.close();
                }
                None
            }
            other => allowed(other)?,
        };
        self.ledger.seen(number).has_trouble_of_its_own();
        self.recounts(number)?;
        Ok(value)
    }

    /// Takes over what is there and was not known: drafts begun, texts, reports accepted.
    pub(crate) fn recounts(&mut self, number: usize) -> Run<()> {
        let screen = self.phone(number)?.screen_at_rest()?;
        let put_away = self.phone(number)?.put_away()?;
        let owner = &screen.account.user;
        for row in screen.rows.iter().chain(&put_away) {
            if !row.own {
                continue;
            }
            if self.ledger.case(&row.key).is_none() {
                let name = self.ledger.begin(row.key, number, owner.clone());
                self.line.wire().names.insert(row.key.to_string(), name);
            }
            if row.phase.is_editable() {
                let shown = needed(self.app(number)?.show(&row.key), "show")?;
                let mut wire = self.line.wire();
                if let Some(mark) = tap::mark_in(&shown.draft.form.content) {
                    wire.tap.writes(number, &row.key.to_string(), mark);
                }
            }
            let known = self
                .ledger
                .case(&row.key)
                .is_none_or(|case| case.accepted.contains(&number) || !case.is_on(number));
            if !known && !matches!(row.phase, Phase::Draft | Phase::Discarded) {
                self.accepted(number, &row.key)?;
            }
        }
        Ok(())
    }
}
