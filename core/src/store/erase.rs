//! Forgetting a person, or one draft: everything of theirs, or of it, leaves the phone, and its space is
//! overwritten.

use lapor_engine::{
    report::{Phase, ReportKey},
    sync::AccountId,
};
use rusqlite::{Connection, params};

use super::{Store, StoreError, files, pictures, rows, settings};

#[cfg(test)]
mod tests;

/// What was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    pub reports: u32,
    pub attachments: u32,
    /// Reports that the service had not confirmed.
    pub unsent: u32,
}

/// What was erased of one draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ErasedDraft {
    pub attachments: u32,
    /// Folders of damaged stores, set aside on this phone, which may still hold what could be read of it.
    /// They hold other reports as well: only [`Store::forget_me`] takes them away.
    pub set_aside: u32,
}

/// Set while pieces of pictures are left that no row knows; an interrupted sweep goes on at the
/// next open.
const SWEEP: &str = "sweep";

/// What a sweep takes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sweep {
    /// What was set aside, too: a person is forgotten.
    All,
    /// One draft's: what was set aside is also other reports'.
    Draft,
}

impl Sweep {
    fn word(self) -> &'static str {
        match self {
            Self::All => "1",
            Self::Draft => "draft",
        }
    }

    /// A sweep that was asked for before this one is not made smaller by it.
    fn ask(self, db: &Connection) -> Result<(), StoreError> {
        match Self::asked(db)? {
            Some(Self::All) => Ok(()),
            _ => settings::put_text(db, SWEEP, self.word()),
        }
    }

    fn asked(db: &Connection) -> Result<Option<Self>, StoreError> {
        let word = settings::text(db, SWEEP)?;
        Ok(word.map(|word| match word == Self::Draft.word() {
            true => Self::Draft,
            false => Self::All,
        }))
    }
}
/// Overwritten at once where nothing more fits, bytes.
const STEP: usize = 64 * 1024;

impl Store {
    /// Erases everything of the current account: reports, drafts, pictures, tokens, also what
    /// was not sent. The rows go in one transaction; the pictures' bytes, which nothing names
    /// any more, follow in steps that keep the WAL small.
    pub fn forget_me(&mut self) -> Result<Erased, StoreError> {
        self.overwrites("ON")?;
        let erased = self.write_at_need(|db| {
            let account = rows::current_account(db)?;
            let erased = erase(db, account)?;
            settings::put_text(db, "current_account", &AccountId::GUEST.0.to_string())?;
            Sweep::All.ask(db)?;
            Ok(erased)
        });
        let swept = erased.and_then(|erased| self.sweep(Sweep::All).map(|()| erased));
        self.overwrites("FAST")?;
        swept
    }

    /// Erases a draft, or one that was put away, with its words and pictures, for good. What the service
    /// may have, or is to get, is none: that is taken back first.
    pub fn erase_draft(&mut self, key: ReportKey) -> Result<ErasedDraft, StoreError> {
        self.overwrites("ON")?;
        let erased = self.write_at_need(|db| {
            let head = rows::own_head(db, key)?;
            if !head.own || !matches!(head.phase, Phase::Draft | Phase::Discarded) {
                return Err(StoreError::NotPossible { phase: head.phase });
            }
            let attachments = erase_report(db, &head, key)?;
            Sweep::Draft.ask(db)?;
            Ok(attachments)
        });
        let swept = erased.and_then(|attachments| {
            self.sweep(Sweep::Draft)?;
            Ok(ErasedDraft {
                attachments,
                set_aside: u32::try_from(self.home.set_aside()?.len()).unwrap_or(u32::MAX),
            })
        });
        self.overwrites("FAST")?;
        swept
    }

    /// `FAST`: only where that writes nothing more.
    fn overwrites(&self, how: &str) -> Result<(), StoreError> {
        Ok(self.db.pragma_update(None, "secure_delete", how)?)
    }

    pub(super) fn sweep_if_asked(&mut self) -> Result<(), StoreError> {
        let Some(what) = self.glance(Sweep::asked)? else {
            return Ok(());
        };
        self.overwrites("ON")?;
        let swept = self.sweep(what);
        self.overwrites("FAST")?;
        swept
    }

    fn sweep(&mut self, what: Sweep) -> Result<(), StoreError> {
        // First: these lie in plain files.
        self.sweep_spool()?;
        loop {
            let orphans = self.read(|db| pictures::orphans(db, 4))?;
            if orphans.is_empty() {
                break;
            }
            let deleted = self.write_at_need(|db| {
                orphans
                    .iter()
                    .try_for_each(|number| pictures::delete_pieces(db, *number))
            });
            match deleted {
                Err(StoreError::DiskFull) => orphans
                    .into_iter()
                    .try_for_each(|number| self.delete_in_steps(number))?,
                deleted => deleted?,
            }
        }
        let given = self.give_space_back();
        self.noted(given)?;
        // Damaged stores hold what could not be read, and all that could: its key is this one's.
        if what == Sweep::All {
            for folder in self.home.set_aside()? {
                files::remove_folder(&folder)?;
            }
        }
        self.write_at_need(|db| settings::forget(db, SWEEP))?;
        // What was erased is also in the WAL until that is cut.
        let cut = self
            .db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(StoreError::from);
        self.noted(cut)
    }
}

impl Store {
    /// A whole picture overwritten at once takes as much room in the log as it has. On a full disk that is
    /// done in steps for which the reserve is enough.
    fn delete_in_steps(&mut self, pieces: i64) -> Result<(), StoreError> {
        for piece in self.read(|db| pictures::pieces_of(db, pieces))? {
            let mut left = piece.bytes;
            while left > 0 {
                let from = left.saturating_sub(STEP);
                self.write_at_need(|db| pictures::blank(db, piece.id, from..left))?;
                left = from;
            }
        }
        self.overwrites("FAST")?;
        let deleted = self.write_at_need(|db| pictures::delete_pieces(db, pieces));
        self.overwrites("ON")?;
        deleted
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
    };
    settings::forget_given_up(db, account.0)?;
    for sql in [
        "DELETE FROM background_job WHERE account = ?1",
        "DELETE FROM operation WHERE account = ?1",
        "DELETE FROM event WHERE report IN (SELECT id FROM report WHERE account = ?1)",
        "DELETE FROM attachment WHERE report IN (SELECT id FROM report WHERE account = ?1)",
        "DELETE FROM body WHERE report IN (SELECT id FROM report WHERE account = ?1)",
        "DELETE FROM report WHERE account = ?1",
        "DELETE FROM loss WHERE account = ?1",
    ] {
        db.prepare_cached(sql)?.execute([account.0])?;
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
