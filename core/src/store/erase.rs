//! Forgetting a person: everything of theirs leaves the phone, and its space is overwritten.

use lapor_engine::sync::AccountId;
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

/// Set while pieces of pictures are left that no row knows; an interrupted sweep goes on at the
/// next open.
const SWEEP: &str = "sweep";
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
            settings::put_text(db, SWEEP, "1")?;
            Ok(erased)
        });
        let swept = erased.and_then(|erased| self.sweep().map(|()| erased));
        self.overwrites("FAST")?;
        swept
    }

    /// `FAST`: only where that writes nothing more.
    fn overwrites(&self, how: &str) -> Result<(), StoreError> {
        Ok(self.db.pragma_update(None, "secure_delete", how)?)
    }

    pub(super) fn sweep_if_asked(&mut self) -> Result<(), StoreError> {
        if self.glance(|db| settings::text(db, SWEEP))?.is_some() {
            self.overwrites("ON")?;
            let swept = self.sweep();
            self.overwrites("FAST")?;
            swept
        } else {
            Ok(())
        }
    }

    fn sweep(&mut self) -> Result<(), StoreError> {
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
        for folder in self.home.set_aside()? {
            files::remove_folder(&folder)?;
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
