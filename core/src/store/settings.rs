//! Single values: ids of this installation, the origin, limits, what the client keeps.

use lapor_engine::{
    calendar::{Instant, kept_date},
    report::Limits,
    sync::{AccountId, Origin},
};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::{Serialize, de::DeserializeOwned};

use super::{Store, StoreError, rows};

const INSTALL: &str = "install";
const INSTALL_SECRET: &str = "install_secret";
const KEY_CHECK_SALT: &str = "key_check_salt";
const ORIGIN: &str = "origin";
const LIMITS: &str = "limits";
const SERVER_DATE: &str = "server_date";
const UNMETERED_ONLY: &str = "pictures_unmetered_only";
/// An account's server id a second time, under the account's number: what is left to find a
/// report's writer by when the page of `account` cannot be read.
const ACCOUNT: &str = "account/";
/// With an account's number: the gateway that gave it its session.
pub(super) const ISSUER: &str = "issuer/";
/// With an account's number: the last loss before the feed was read to its end.
pub(super) const LISTED: &str = "listed/";
/// An event that its writer has given up, by its key in hex: a second time, so that damage to the
/// outbox does not send it after all.
pub(super) const GIVEN_UP: &str = "given-up/";
/// With an account's number and a report's key in hex: erased from this phone alone, so that the feed does not bring
/// it back. The value is the key, in hex, of the report whose place it took.
pub(super) const ERASED: &str = "erased/";
/// What the client keeps has a prefix of its own: it cannot meet a name of the store.
const CLIENT: &str = "client.";

/// The first values of a new store.
pub(super) fn begin(
    db: &mut Connection,
    install: [u8; 16],
    secret: [u8; 32],
    salt: [u8; 16],
) -> Result<(), StoreError> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    put(&transaction, INSTALL, &install)?;
    put(&transaction, INSTALL_SECRET, &secret)?;
    put(&transaction, KEY_CHECK_SALT, &salt)?;
    transaction.commit()?;
    Ok(())
}

pub(super) fn key_check_salt(db: &Connection) -> Result<Option<[u8; 16]>, StoreError> {
    get(db, KEY_CHECK_SALT)
}

pub(super) fn text(db: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let found = db
        .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// A change that says nothing: see [`Store::attempt`].
pub(super) fn lie_over(db: &Connection) -> Result<(), StoreError> {
    count(db, "lies-over").map(|_| ())
}

/// One more than the last time.
pub(super) fn count(db: &Connection, name: &str) -> Result<String, StoreError> {
    Ok(db
        .prepare_cached(
            "INSERT INTO setting (name, value) VALUES (?1, '0')
             ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING CAST (value AS TEXT)",
        )?
        .query_row([name], |row| row.get(0))?)
}

pub(super) fn put_client(db: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    put_text(db, &format!("{CLIENT}{name}"), value)
}

pub(super) fn put_text(db: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?
    .execute(params![name, value])?;
    Ok(())
}

pub(super) fn forget(db: &Connection, name: &str) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM setting WHERE name = ?1")?
        .execute([name])?;
    Ok(())
}

/// Forgets this value, and no other that was put in its place.
pub(super) fn forget_if(db: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM setting WHERE name = ?1 AND value = ?2")?
        .execute([name, value])?;
    Ok(())
}

pub(super) fn keep_account(db: &Connection, id: i64, server_id: &str) -> Result<(), StoreError> {
    put_text(db, &format!("{ACCOUNT}{id}"), server_id)
}

pub(super) fn keep_issuer(db: &Connection, id: i64, gateway: &str) -> Result<(), StoreError> {
    put_text(db, &format!("{ISSUER}{id}"), gateway)
}

pub(super) fn forget_issuer(db: &Connection, id: i64) -> Result<(), StoreError> {
    forget(db, &format!("{ISSUER}{id}"))
}

pub(super) fn forget_account(db: &Connection, id: i64) -> Result<(), StoreError> {
    forget_issuer(db, id)?;
    forget(db, &format!("{LISTED}{id}"))?;
    db.prepare_cached("DELETE FROM setting WHERE name GLOB ?1")?
        .execute([format!("{ERASED}{id}/*")])?;
    forget(db, &format!("{ACCOUNT}{id}"))
}

/// What an account's person has given up, before its events go.
pub(super) fn forget_given_up(db: &Connection, account: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM setting WHERE name IN (SELECT ?2 || hex(key) FROM event
             WHERE report IN (SELECT id FROM report WHERE account = ?1))",
    )?
    .execute(params![account, GIVEN_UP])?;
    Ok(())
}

/// What was given up of one report.
pub(super) fn forget_given_up_of(db: &Connection, report: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM setting WHERE name IN (SELECT ?2 || hex(key) FROM event WHERE report = ?1)",
    )?
    .execute(params![report, GIVEN_UP])?;
    Ok(())
}

/// The account that a setting keeps the server id of.
pub(super) fn kept_account(name: &str) -> Option<i64> {
    name.strip_prefix(ACCOUNT)?.parse().ok()
}

fn get<T: DeserializeOwned>(db: &Connection, name: &str) -> Result<Option<T>, StoreError> {
    parse(text(db, name)?)
}

fn parse<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, StoreError> {
    text.map(|text| serde_json::from_str(&text).map_err(|_| StoreError::Row { what: "setting" }))
        .transpose()
}

fn put<T: Serialize>(db: &Connection, name: &str, value: &T) -> Result<(), StoreError> {
    let text = serde_json::to_string(value).map_err(|_| StoreError::Row { what: "setting" })?;
    put_text(db, name, &text)
}

/// What a run of the engine has to know besides its rows.
#[derive(Debug)]
pub(super) struct ForARun {
    pub(super) current: AccountId,
    pub(super) origin: Origin,
    pub(super) install_secret: [u8; 32],
    pub(super) server_date: Option<Instant>,
    pub(super) unmetered_only: bool,
}

/// In one statement: it is asked for before every exchange.
pub(super) fn for_a_run(db: &Connection) -> Result<ForARun, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT (SELECT value FROM setting WHERE name = 'current_account'),
             (SELECT value FROM setting WHERE name = 'origin'),
             (SELECT value FROM setting WHERE name = 'install_secret'),
             (SELECT value FROM setting WHERE name = 'server_date'),
             (SELECT value FROM setting WHERE name = 'pictures_unmetered_only')",
    )?;
    let [current, origin, secret, date, unmetered] = statement.query_row([], |row| {
        let mut found = [const { None }; 5];
        for (at, value) in found.iter_mut().enumerate() {
            *value = row.get(at)?;
        }
        Ok(found)
    })?;
    Ok(ForARun {
        current: rows::account_in(current),
        origin: parse_origin(origin),
        install_secret: parse(secret)?.ok_or(StoreError::Row {
            what: "install secret",
        })?,
        server_date: parse(date)?,
        unmetered_only: parse_unmetered_only(unmetered)?,
    })
}

pub(super) fn origin(db: &Connection) -> Result<Origin, StoreError> {
    Ok(parse_origin(text(db, ORIGIN)?))
}

/// An origin that a later version wrote is no reason to stop: begin anew.
pub(super) fn parse_origin(text: Option<String>) -> Origin {
    parse(text).unwrap_or_default().unwrap_or_default()
}

pub(super) fn parse_unmetered_only(text: Option<String>) -> Result<bool, StoreError> {
    Ok(parse(text)?.unwrap_or(false))
}

pub(super) fn put_origin(db: &Connection, origin: &Origin) -> Result<(), StoreError> {
    put(db, ORIGIN, origin)
}

pub(super) fn put_limits(db: &Connection, limits: &Limits) -> Result<(), StoreError> {
    put(db, LIMITS, limits)
}

pub(super) fn server_date(db: &Connection) -> Result<Option<Instant>, StoreError> {
    get(db, SERVER_DATE)
}

/// The day by which ages are reckoned that an answer began: the earlier of the phone's clock and
/// the latest date that the service told. Whichever of them is wrong, nothing looks older than
/// it is.
pub(super) fn reckoned(db: &Connection, now: Instant) -> Result<Instant, StoreError> {
    Ok(server_date(db)?.map_or(now, |told| told.min(now)))
}

pub(super) fn put_server_date(db: &Connection, at: Instant) -> Result<(), StoreError> {
    let known = server_date(db)?;
    let kept = kept_date(known, at);
    if known == Some(kept) {
        return Ok(());
    }
    put(db, SERVER_DATE, &kept)
}

pub(super) fn install_secret(db: &Connection) -> Result<[u8; 32], StoreError> {
    get(db, INSTALL_SECRET)?.ok_or(StoreError::Row {
        what: "install secret",
    })
}

pub(super) fn unmetered_only(db: &Connection) -> Result<bool, StoreError> {
    Ok(get(db, UNMETERED_ONLY)?.unwrap_or(false))
}

impl Store {
    /// The limits that the gateway last told, or the embedded ones.
    pub fn limits(&self) -> Result<Limits, StoreError> {
        self.glance(|db| Ok(get(db, LIMITS).unwrap_or_default().unwrap_or_default()))
    }

    pub fn origin(&self) -> Result<Origin, StoreError> {
        self.glance(origin)
    }

    /// The latest `Date` that a marked answer ever carried.
    pub fn last_server_date(&self) -> Result<Option<Instant>, StoreError> {
        self.glance(server_date)
    }

    pub fn install_secret(&self) -> Result<[u8; 32], StoreError> {
        self.glance(install_secret)
    }

    pub fn pictures_unmetered_only(&self) -> Result<bool, StoreError> {
        self.glance(unmetered_only)
    }

    pub fn set_pictures_unmetered_only(&mut self, on: bool) -> Result<(), StoreError> {
        self.write_at_need(|db| put(db, UNMETERED_ONLY, &on))
    }

    /// A value that the client keeps.
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.glance(|db| text(db, &format!("{CLIENT}{name}")))
    }

    pub fn set_setting(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        self.write(|db| put_client(db, name, value))
    }

    /// Compares the id beside the key with the one in the store. When they differ, the folder
    /// was copied from another phone, which may have sent what is unsent here: returns how many
    /// operations that concerns.
    pub(super) fn compare_install(&mut self, install: [u8; 16]) -> Result<Option<u32>, StoreError> {
        if self.glance(|db| get::<[u8; 16]>(db, INSTALL))? == Some(install) {
            return Ok(None);
        }
        self.write_at_need(|db| mark_copied(db, install)).map(Some)
    }
}

fn mark_copied(db: &Connection, install: [u8; 16]) -> Result<u32, StoreError> {
    let unsent = db.execute(
        "UPDATE operation SET maybe_sent = 1
         WHERE state IN ('waiting', 'in_flight', 'paused') AND kind <> 'fetch_copy'",
        [],
    )?;
    put(db, INSTALL, &install)?;
    Ok(u32::try_from(unsent).unwrap_or(u32::MAX))
}
