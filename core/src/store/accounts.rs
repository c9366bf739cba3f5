//! Who uses this phone. Every row belongs to an account and travels only under its token.

use lapor_engine::{
    calendar::Instant,
    sync::{AccountId, Origin, SessionState},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Store, StoreError, rows, settings};

mod session;
#[cfg(test)]
mod tests;

pub use session::Tokens;
pub(super) use session::{end_session, holds, is_from, put_session, wake_after_sign_in};

/// An account on this phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    pub id: AccountId,
    /// The service's own id; empty for the guest.
    pub server_id: String,
    pub user: String,
    pub name: String,
    pub role: String,
    pub institution: Option<String>,
    pub session: SessionState,
    /// Signed in: what it sends goes under its token.
    pub has_token: bool,
}

/// Who looks at this phone, and what decides how that person's rows are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Viewpoint {
    pub account: AccountRow,
    pub origin: Origin,
    /// Pictures only when the line costs nothing.
    pub pictures_unmetered_only: bool,
}

/// What [`account`] reads; its id says of whom.
macro_rules! account {
    ($also:literal, $whose:literal) => {
        concat!(
            "SELECT id, server_id, user, name, role, institution, session,
                 access_token <> '' OR refresh_token <> '',
                 (SELECT value FROM setting WHERE name = 'issuer/' || account.id)",
            $also,
            " FROM account ",
            $whose
        )
    };
}

fn account(row: &Row<'_>, gateway: Option<&str>) -> rusqlite::Result<AccountRow> {
    let session: String = row.get(6)?;
    let (has_token, issuer): (bool, Option<String>) = (row.get(7)?, row.get(8)?);
    let is_here = is_from(issuer.as_deref(), gateway);
    let session = SessionState::parse(&session).filter(|_| is_here);
    Ok(AccountRow {
        id: AccountId(row.get(0)?),
        server_id: row.get(1)?,
        user: row.get(2)?,
        name: row.get(3)?,
        role: row.get(4)?,
        institution: rows::some(row.get(5)?),
        session: session.unwrap_or(SessionState::Ended),
        has_token: has_token && is_here,
    })
}

impl Store {
    /// Everybody who wrote on this phone, the guest first.
    pub fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        self.read(|db| {
            let mut statement = db.prepare_cached(account!("", "ORDER BY id"))?;
            let found = statement
                .query_map([], |row| account(row, self.gateway.as_deref()))?
                .collect::<Result<_, _>>()?;
            Ok(found)
        })
    }

    /// Who is signed in; the guest when nobody is.
    pub fn current_account(&self) -> Result<AccountRow, StoreError> {
        Ok(self.viewpoint()?.account)
    }

    /// Who looks at this phone, and what is known of the gateway: every screen begins with it. One
    /// statement, since there is one before every other question.
    pub fn viewpoint(&self) -> Result<Viewpoint, StoreError> {
        self.glance(|db| {
            let (account, origin, only) = db
                .prepare_cached(account!(
                    ", (SELECT value FROM setting WHERE name = 'origin'),
                       (SELECT value FROM setting WHERE name = 'pictures_unmetered_only')",
                    // The guest is number 1.
                    "WHERE id = coalesce((SELECT CAST(value AS INTEGER) FROM setting
                                          WHERE name = 'current_account'), 1)"
                ))?
                .query_row([], |row| {
                    let account = account(row, self.gateway.as_deref())?;
                    Ok((account, row.get(9)?, row.get(10)?))
                })
                .optional()?
                .ok_or(StoreError::NotFound)?;
            Ok(Viewpoint {
                account,
                origin: settings::parse_origin(origin),
                pictures_unmetered_only: settings::parse_unmetered_only(only)?,
            })
        })
    }

    /// How many reports [`Store::claim_guest_reports`] would give; what was put away is not counted.
    pub fn unclaimed(&self) -> Result<u32, StoreError> {
        self.glance(|db| count(db, IS_GUEST))
    }

    /// How many reports [`Store::claim_without_writer`] would give; what was put away is not counted.
    pub fn without_writer(&self) -> Result<u32, StoreError> {
        self.glance(|db| count(db, UNREADABLE))
    }

    /// Gives to `to` what was written before anybody had signed in. Returns how many.
    pub fn claim_guest_reports(&mut self, to: AccountId, now: Instant) -> Result<u32, StoreError> {
        self.write(|db| claim(db, IS_GUEST, to, now))
    }

    /// Gives to `to` the reports of somebody who was signed in, where damage has taken every word of who
    /// that was. Returns how many. Never together with a guest's: what waits of them goes at once, under
    /// the token of `to`.
    pub fn claim_without_writer(&mut self, to: AccountId, now: Instant) -> Result<u32, StoreError> {
        self.write(|db| claim(db, UNREADABLE, to, now))
    }
}

/// An account that stands in for one that could not be read; nobody ever signs in to it.
pub(super) const UNREADABLE: &str = "server_id LIKE 'unreadable-%'";

/// What [`UNREADABLE`] says.
pub(super) fn is_stand_in(server_id: &str) -> bool {
    server_id.starts_with("unreadable-")
}

/// The guest is number 1.
const IS_GUEST: &str = "id = 1";

fn count(db: &Connection, whose: &str) -> Result<u32, StoreError> {
    let count: i64 = db
        .prepare_cached(&format!(
            "SELECT count(*) FROM report WHERE phase <> 'discarded'
                 AND account IN (SELECT id FROM account WHERE {whose})"
        ))?
        .query_row([], |row| row.get(0))?;
    Ok(rows::small(count))
}

fn claim(db: &Connection, whose: &str, to: AccountId, now: Instant) -> Result<u32, StoreError> {
    if to == AccountId::GUEST {
        return Ok(0);
    }
    let from: Vec<i64> = db
        .prepare_cached(&format!("SELECT id FROM account WHERE {whose} ORDER BY id"))?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut moved = 0_usize;
    for from in from {
        moved = moved.saturating_add(give(db, AccountId(from), to, now)?);
    }
    wake_after_sign_in(db, to, now)?;
    Ok(u32::try_from(moved).unwrap_or(u32::MAX))
}

fn give(
    db: &Connection,
    from: AccountId,
    to: AccountId,
    now: Instant,
) -> Result<usize, StoreError> {
    let pair = params![from.0, to.0];
    // The feed may have told of a report already that lies here with its words: that row goes,
    // and the feed is read anew, since it says each thing once.
    let known = db
        .prepare_cached(
            "DELETE FROM report WHERE account = ?2 AND own = 0
                 AND key IN (SELECT key FROM report WHERE account = ?1)
                 AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.report = report.id)
                 AND NOT EXISTS (SELECT 1 FROM event e WHERE e.report = report.id)",
        )?
        .execute(pair)?;
    if known > 0 {
        db.prepare_cached(
            "UPDATE account SET cursor = '', pull_set_at = ?2, pull_delay = 0 WHERE id = ?1",
        )?
        .execute(params![to.0, now.0])?;
    }
    let moved = db
        .prepare_cached("UPDATE OR IGNORE report SET account = ?2 WHERE account = ?1")?
        .execute(pair)?;
    db.prepare_cached(
        "UPDATE operation SET account = ?2 WHERE account = ?1
             AND report IN (SELECT id FROM report WHERE account = ?2)",
    )?
    .execute(pair)?;
    db.prepare_cached("UPDATE loss SET account = ?2 WHERE account = ?1")?
        .execute(pair)?;
    db.prepare_cached(&format!(
        "DELETE FROM account WHERE id = ?1 AND {UNREADABLE}
             AND NOT EXISTS (SELECT 1 FROM report r WHERE r.account = account.id)"
    ))?
    .execute([from.0])?;
    Ok(moved)
}

pub(super) fn is_known(db: &Connection, account: AccountId) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM account WHERE id = ?1)";
    Ok(db
        .prepare_cached(sql)?
        .query_row([account.0], |row| row.get(0))?)
}
