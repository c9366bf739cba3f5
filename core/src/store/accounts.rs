//! Who uses this phone. Every row belongs to an account and travels only under its token.

use lapor_engine::{
    api::{AccountAnswer, Secret},
    calendar::Instant,
    mutant,
    sync::{AccountId, Origin, Reason, SessionState},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Store, StoreError, rows, settings};

#[cfg(test)]
mod tests;

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

/// May a session that `issuer` gave be shown to `gateway`? Where the one or the other is not known nothing
/// keeps it back: see [`Store::talks_to`].
pub(super) fn is_from(issuer: Option<&str>, gateway: Option<&str>) -> bool {
    issuer
        .zip(gateway)
        .is_none_or(|(issuer, gateway)| issuer == gateway)
}

/// The tokens of one session.
#[derive(Debug)]
pub struct Tokens {
    pub access: Secret,
    pub refresh: Secret,
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

    /// The gateway that this app was told of. A session belongs to the one that gave it: with another it
    /// reads as ended, here and in [`Store::work`], and its tokens stay where they are. One of an earlier
    /// version, which kept no gateway, is this one's.
    pub fn talks_to(&mut self, gateway: &str) -> Result<(), StoreError> {
        self.gateway = Some(gateway.to_owned());
        let unbound: Vec<i64> = self.glance(|db| {
            let mut statement = db.prepare_cached(
                "SELECT id FROM account WHERE (access_token <> '' OR refresh_token <> '')
                     AND NOT EXISTS (SELECT 1 FROM setting WHERE name = ?1 || account.id) ORDER BY id",
            )?;
            let found = statement.query_map([settings::ISSUER], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })?;
        if unbound.is_empty() {
            return Ok(());
        }
        self.write_at_need(|db| {
            unbound
                .iter()
                .try_for_each(|id| settings::keep_issuer(db, *id, gateway))
        })
    }

    /// Makes the account of a sign-in the current one. What waited for it goes on now.
    pub fn signed_in(
        &mut self,
        answer: &AccountAnswer,
        access_token: &Secret,
        refresh_token: &Secret,
        now: Instant,
    ) -> Result<AccountId, StoreError> {
        let gateway = self.gateway.clone();
        self.write_at_need(|db| {
            let before = rows::current_account(db)?;
            let id: i64 = db
                .prepare_cached(
                    "INSERT INTO account (server_id) VALUES (?1)
                     ON CONFLICT (server_id) DO UPDATE SET refreshed = 0 RETURNING id",
                )?
                .query_row([&answer.id], |row| row.get(0))?;
            let id = AccountId(id);
            if id == AccountId::GUEST {
                return Err(StoreError::Row {
                    what: "account without an id",
                });
            }
            // Whoever forgot to sign out leaves no session behind that they could not end.
            if before != id && before != AccountId::GUEST {
                end_session(db, before)?;
            }
            settings::keep_account(db, id.0, &answer.id)?;
            put_session(db, id, answer, access_token, refresh_token, false)?;
            match &gateway {
                Some(gateway) => settings::keep_issuer(db, id.0, gateway)?,
                None => settings::forget_issuer(db, id.0)?,
            }
            settings::put_text(db, "current_account", &id.0.to_string())?;
            if mutant!(GuestDraftsAreTaken) {
                give(db, AccountId::GUEST, id, now)?;
            }
            wake_after_sign_in(db, id, now)?;
            // Whoever comes back wants to see what happened meanwhile.
            db.prepare_cached("UPDATE account SET pull_set_at = ?2, pull_delay = 0 WHERE id = ?1")?
                .execute(params![id.0, now.0])?;
            Ok(id)
        })
    }

    /// Erases the tokens. The rows stay, and wait for their writer.
    pub fn signed_out(&mut self) -> Result<(), StoreError> {
        self.write_at_need(|db| {
            end_session(db, rows::current_account(db)?)?;
            settings::put_text(db, "current_account", &AccountId::GUEST.0.to_string())
        })
    }

    /// What the current account's requests go under, where there is a session.
    pub fn access_token(&self) -> Result<Option<Secret>, StoreError> {
        Ok(self.tokens()?.map(|tokens| tokens.access))
    }

    /// What ends the current account's session at the gateway, where there is one.
    pub fn tokens(&self) -> Result<Option<Tokens>, StoreError> {
        self.glance(|db| {
            let found: Option<(String, String, Option<String>)> = db
                .prepare_cached(
                    "SELECT access_token, refresh_token, (SELECT value FROM setting WHERE name = ?2 || account.id)
                     FROM account WHERE id = ?1",
                )?
                .query_row(
                    params![rows::current_account(db)?.0, settings::ISSUER],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()?;
            let gateway = self.gateway.as_deref();
            Ok(found
                .filter(|(access, _, issuer)| {
                    !access.is_empty() && is_from(issuer.as_deref(), gateway)
                })
                .map(|(access, refresh, _)| Tokens {
                    access: Secret::new(access),
                    refresh: Secret::new(refresh),
                }))
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

/// What waited for a sign-in waits only for its turn now.
pub(super) fn wake_after_sign_in(
    db: &Connection,
    account: AccountId,
    now: Instant,
) -> Result<(), StoreError> {
    let waited = rows::reason_text(Some(&Reason::SignIn));
    let fresh = rows::reason_text(Some(&Reason::NotTried));
    db.prepare_cached(
        "UPDATE operation SET state = 'waiting', streak = 0, due_set_at = ?2, due_delay = 0, reason = ?4
         WHERE account = ?1 AND state IN ('waiting', 'paused') AND reason = ?3",
    )?
    .execute(params![account.0, now.0, waited, fresh])?;
    Ok(())
}

pub(super) fn is_known(db: &Connection, account: AccountId) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM account WHERE id = ?1)";
    Ok(db
        .prepare_cached(sql)?
        .query_row([account.0], |row| row.get(0))?)
}

/// Is this still the account's session?
pub(super) fn holds(
    db: &Connection,
    account: AccountId,
    access_token: &Secret,
) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM account WHERE id = ?1 AND access_token = ?2 AND refresh_token <> '')";
    Ok(db
        .prepare_cached(sql)?
        .query_row(params![account.0, access_token.reveal()], |row| row.get(0))?)
}

pub(super) fn put_session(
    db: &Connection,
    id: AccountId,
    answer: &AccountAnswer,
    access_token: &Secret,
    refresh_token: &Secret,
    refreshed: bool,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE account SET user = ?2, name = ?3, role = ?4, institution = ?5, access_token = ?6,
             refresh_token = ?7, session = 'good', refreshed = ?8
         WHERE id = ?1",
    )?
    .execute(params![
        id.0,
        answer.user,
        answer.name,
        answer.role,
        answer.institution.as_deref().unwrap_or(""),
        access_token.reveal(),
        refresh_token.reveal(),
        refreshed
    ])?;
    Ok(())
}

/// Tokens that are no good any more are not kept.
pub(super) fn end_session(db: &Connection, id: AccountId) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE account SET access_token = '', refresh_token = '', session = 'ended', refreshed = 0 WHERE id = ?1",
    )?
    .execute([id.0])?;
    settings::forget_issuer(db, id.0)
}
