//! Forgetting a person, or one report: everything of theirs, or of it, leaves the phone, and its space is
//! overwritten.

use lapor_engine::{
    mutant,
    report::{Phase, ReportKey},
    sync::AccountId,
};
use rusqlite::{Connection, params};

use super::{Store, StoreError, rows, settings, supersede};
pub use one::Erasing;
pub(super) use one::{is_kept_away, went_on_as_an_erased_one};
use sweep::Sweep;

mod one;
mod sweep;
#[cfg(test)]
mod tests;

/// What was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    pub reports: u32,
    pub attachments: u32,
    /// Reports that the service had not confirmed.
    pub unsent: u32,
    /// False: it is gone for everybody, but where it lay is still to be overwritten. That goes on by itself,
    /// with the next run of the engine and the next opening.
    pub is_overwritten: bool,
}

/// What was erased of one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ErasedDraft {
    pub attachments: u32,
    /// Folders of damaged stores, set aside on this phone, which may still hold what could be read of it.
    /// They hold other reports as well: only [`Store::forget_me`] takes them away.
    pub set_aside: u32,
    /// As of [`Erased`].
    pub is_overwritten: bool,
}

impl Store {
    /// Erases everything of the current account: reports, drafts, pictures, tokens, also what
    /// was not sent. The rows go in one transaction: an error says that nothing was done. The pictures'
    /// bytes, which nothing names any more, follow in steps that keep the WAL small.
    pub fn forget_me(&mut self) -> Result<Erased, StoreError> {
        self.overwriting(|store| {
            if mutant!(ForgottenInTwo) {
                store.write_at_need(|db| erase(db, rows::current_account(db)?))?;
            }
            let (erased, asked) = store.write_at_need(|db| {
                let account = rows::current_account(db)?;
                let erased = erase(db, account)?;
                settings::put_text(db, "current_account", &AccountId::GUEST.0.to_string())?;
                Ok((erased, Sweep::All.ask(db)?))
            })?;
            Ok(Erased {
                is_overwritten: store.sweep(&asked).is_ok(),
                ..erased
            })
        })
    }

    /// Erases a draft, or one that was put away, with its words and pictures, for good; an error says that
    /// nothing was done. What the service may have, or is to get, is none: that is taken back first.
    pub fn erase_draft(&mut self, key: ReportKey) -> Result<ErasedDraft, StoreError> {
        self.erase_one(key, |_, head| {
            if !head.own || !matches!(head.phase, Phase::Draft | Phase::Discarded) {
                return Err(StoreError::NotPossible { phase: head.phase });
            }
            Ok(())
        })
    }

    /// Erases a report from this phone alone, with its words and pictures, for good: also one that the service
    /// has or that was taken back, where nothing of it waits to be sent ([`Store::erasing`]). What the service
    /// tells of it later does not bring it back, for this person; forgetting the person ends that.
    pub fn erase_report(&mut self, key: ReportKey) -> Result<ErasedDraft, StoreError> {
        self.erase_one(key, |db, head| one::of(db, head).map(|_| ()))
    }

    fn erase_one(
        &mut self,
        key: ReportKey,
        allowed: impl Fn(&Connection, &rows::Head) -> Result<(), StoreError>,
    ) -> Result<ErasedDraft, StoreError> {
        let set_aside = self.home.set_aside()?.len();
        self.overwriting(|store| {
            let (attachments, asked) = store.write_at_need(|db| {
                let head = rows::own_head(db, key)?;
                allowed(db, &head)?;
                let before = supersede::predecessor(db, head.id)?;
                if Erasing::is_known_elsewhere(head.phase) {
                    one::keep_away(db, &head, key)?;
                }
                let attachments = erase_report(db, &head, key)?;
                if let Some(before) = before {
                    supersede::look_again(db, before)?;
                }
                Ok((attachments, Sweep::Draft.ask(db)?))
            })?;
            let swept = store.sweep(&asked);
            // They are gone where a person was to be forgotten, and that was not ended.
            let set_aside = store.home.set_aside().map_or(set_aside, |left| left.len());
            // Then this store is one of them before long.
            let set_aside = set_aside + usize::from(swept == Err(StoreError::Corrupt));
            Ok(ErasedDraft {
                attachments,
                set_aside: u32::try_from(set_aside).unwrap_or(u32::MAX),
                is_overwritten: swept.is_ok(),
            })
        })
    }
}

fn erase(db: &Connection, account: AccountId) -> Result<Erased, StoreError> {
    let count = |sql: &str| -> Result<u32, StoreError> {
        Ok(rows::small(
            db.prepare_cached(sql)?
                .query_row([account.0], |row| row.get(0))?,
        ))
    };
    let erased = Erased {
        reports: count("SELECT count(*) FROM report WHERE account = ?1")?,
        attachments: count(
            "SELECT count(*) FROM attachment WHERE report IN (SELECT id FROM report WHERE account = ?1)",
        )?,
        unsent: count(
            "SELECT count(*) FROM report WHERE account = ?1
                 AND phase IN ('queued', 'withdrawing', 'rejected', 'key_taken')",
        )?,
        is_overwritten: false,
    };
    settings::forget_given_up(db, account.0)?;
    for sql in [
        "DELETE FROM background_job WHERE account = ?1",
        "DELETE FROM operation WHERE account = ?1",
        "DELETE FROM event WHERE report IN (SELECT id FROM report WHERE account = ?1)",
        "DELETE FROM attachment WHERE report IN (SELECT id FROM report WHERE account = ?1)",
        "DELETE FROM body WHERE report IN (SELECT id FROM report WHERE account = ?1)",
        "DELETE FROM report WHERE account = ?1",
        // Also what belongs to nobody that is known, where nobody else is known.
        "DELETE FROM loss WHERE account = ?1
             OR account = 0 AND NOT EXISTS (SELECT 1 FROM account WHERE id NOT IN (1, ?1))",
    ] {
        db.prepare_cached(sql)?.execute([account.0])?;
    }
    if mutant!(ForgettingTakesAll) {
        db.prepare_cached("DELETE FROM operation")?.execute([])?;
    }
    // The guest is everybody's: only what it wrote goes.
    db.prepare_cached("DELETE FROM account WHERE id = ?1 AND id <> ?2")?
        .execute(params![account.0, AccountId::GUEST.0])?;
    settings::forget_account(db, account.0)?;
    Ok(erased)
}

/// Every row of one report; gives how many pictures it had.
fn erase_report(db: &Connection, head: &rows::Head, key: ReportKey) -> Result<u32, StoreError> {
    settings::forget_given_up_of(db, head.id)?;
    db.prepare_cached(
        "DELETE FROM background_job WHERE operation IN (SELECT id FROM operation WHERE report = ?1)",
    )?
    .execute([head.id])?;
    let mut attachments = 0;
    for (table, sql) in [
        ("operation", "DELETE FROM operation WHERE report = ?1"),
        ("event", "DELETE FROM event WHERE report = ?1"),
        ("attachment", "DELETE FROM attachment WHERE report = ?1"),
        ("body", "DELETE FROM body WHERE report = ?1"),
        ("report", "DELETE FROM report WHERE id = ?1"),
    ] {
        let gone = db.prepare_cached(sql)?.execute([head.id])?;
        if table == "attachment" {
            attachments = u32::try_from(gone).unwrap_or(u32::MAX);
        }
    }
    db.prepare_cached("DELETE FROM loss WHERE report_key = ?1 AND account IN (0, ?2)")?
        .execute(params![key.0, head.account.0])?;
    Ok(attachments)
}
