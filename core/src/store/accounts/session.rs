//! Sessions: each is the gateway's that gave it.

use lapor_engine::{
    api::{AccountAnswer, Secret},
    calendar::Instant,
    mutant,
    sync::{AccountId, Reason},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    super::{Store, StoreError, rows, settings},
    give,
};

/// The tokens of one session.
#[derive(Debug)]
pub struct Tokens {
    pub access: Secret,
    pub refresh: Secret,
}

/// May a session that `issuer` gave be shown to `gateway`? Where the one or the other is not known nothing
/// keeps it back: see [`Store::talks_to`].
pub(in crate::store) fn is_from(issuer: Option<&str>, gateway: Option<&str>) -> bool {
    issuer
        .zip(gateway)
        .is_none_or(|(issuer, gateway)| issuer == gateway)
}

impl Store {
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
}

/// What waited for a sign-in waits only for its turn now.
pub(in crate::store) fn wake_after_sign_in(
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

/// Is this still the account's session?
pub(in crate::store) fn holds(
    db: &Connection,
    account: AccountId,
    access_token: &Secret,
) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM account WHERE id = ?1 AND access_token = ?2 AND refresh_token <> '')";
    Ok(db
        .prepare_cached(sql)?
        .query_row(params![account.0, access_token.reveal()], |row| row.get(0))?)
}

pub(in crate::store) fn put_session(
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
pub(in crate::store) fn end_session(db: &Connection, id: AccountId) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE account SET access_token = '', refresh_token = '', session = 'ended', refreshed = 0 WHERE id = ?1",
    )?
    .execute([id.0])?;
    settings::forget_issuer(db, id.0)
}
