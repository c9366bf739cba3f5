//! May one report be erased from this phone alone, and what is kept so that it stays away: its key, and the key of
//! the report whose place it took. No word of either.

use lapor_engine::{
    report::{Phase, ReportKey},
    sync::AccountId,
};
use rusqlite::{Connection, params};

use super::super::{Store, StoreError, rows, settings};

/// What erasing a report means: to be told before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasing {
    /// It is nowhere else, or the service has other words under its key: nothing brings it back.
    OnlyHere,
    /// The service has it and keeps it. This phone shows it no more, and cannot send it again to a service that
    /// was restored from a backup.
    AtService,
    /// Taken back. This phone cannot take it back again from a service that was restored from a backup.
    TakenBack,
}

impl Erasing {
    /// Is its key to be kept, so that the feed does not bring it back?
    pub(super) fn is_known_elsewhere(phase: Phase) -> bool {
        !matches!(phase, Phase::Draft | Phase::Discarded)
    }
}

impl Store {
    /// What erasing it would mean, or why it cannot be erased yet.
    pub fn erasing(&self, key: ReportKey) -> Result<Erasing, StoreError> {
        self.read(|db| of(db, &rows::own_head(db, key)?))
    }
}

pub(super) fn of(db: &Connection, head: &rows::Head) -> Result<Erasing, StoreError> {
    let means = match head.phase {
        Phase::Draft | Phase::Discarded => return Ok(Erasing::OnlyHere),
        // The person's turn: mended, put away, or sent as another.
        Phase::Rejected | Phase::KeyTaken => {
            return Err(StoreError::NotPossible { phase: head.phase });
        }
        Phase::Queued | Phase::Withdrawing => return Err(StoreError::StillToSend),
        Phase::Sent => Erasing::AtService,
        Phase::Withdrawn => Erasing::TakenBack,
        Phase::Superseded => Erasing::OnlyHere,
    };
    // Also what a restored service is still to be asked for: what it forgot goes from here.
    let waits: bool = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM operation WHERE report = ?1 AND state NOT IN ('done', 'ended'))
               OR EXISTS (SELECT 1 FROM report WHERE id = ?1 AND unverified = 1)
               OR EXISTS (SELECT 1 FROM background_job WHERE settled_at = 0
                   AND operation IN (SELECT id FROM operation WHERE report = ?1))",
        )?
        .query_row([head.id], |row| row.get(0))?;
    if waits {
        return Err(StoreError::StillToSend);
    }
    Ok(means)
}

/// Keeps the key away from the feed, and that a report goes on as this one did.
pub(super) fn keep_away(
    db: &Connection,
    head: &rows::Head,
    key: ReportKey,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO setting (name, value) SELECT ?2 || account || '/' || hex(?3), hex(supersedes) FROM report
         WHERE id = ?1 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![head.id, settings::ERASED, key.0])?;
    Ok(())
}

/// Was it erased from this phone alone? Then the service's news are no reason to show it again.
pub(in crate::store) fn is_kept_away(
    db: &Connection,
    account: AccountId,
    key: ReportKey,
) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM setting WHERE name = ?1 || ?2 || '/' || hex(?3))",
        )?
        .query_row(params![settings::ERASED, account.0, key.0], |row| {
            row.get(0)
        })?)
}

/// Was the report that took the place of this one sent, and erased since? It needs no decision for that.
pub(in crate::store) fn went_on_as_an_erased_one(
    db: &Connection,
    report: i64,
) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM report r JOIN setting s ON s.value = hex(r.key)
                 AND s.name GLOB ?2 || r.account || '/*' WHERE r.id = ?1)",
        )?
        .query_row(params![report, settings::ERASED], |row| row.get(0))?)
}
