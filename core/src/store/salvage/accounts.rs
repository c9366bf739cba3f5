//! Whose the reports are, and who was signed in. Where that cannot be read nobody is shown what may
//! be somebody else's.

use std::collections::{BTreeMap, BTreeSet};

use lapor_engine::sync::AccountId;
use rusqlite::{Connection, params};

use super::{
    super::{
        StoreError,
        accounts::{UNREADABLE, is_stand_in},
        leaves::Old,
        readable::{copy, ids, indexed, patiently},
        settings,
    },
    Ledger,
};

/// Server ids by account number, as the settings keep them.
pub(super) type Kept = BTreeMap<i64, String>;

/// Copies the settings; returns who was signed in, where that could be read, and the accounts
/// that they know of.
pub(super) fn copy_settings(
    old: &Connection,
    new: &Connection,
) -> Result<(Option<i64>, Kept), StoreError> {
    // As far as they can be read.
    let mut settings: BTreeMap<String, String> = BTreeMap::new();
    let read = || -> rusqlite::Result<()> {
        let mut statement = old.prepare("SELECT name, value FROM setting")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            settings.insert(row.get(0)?, row.get(1)?);
        }
        Ok(())
    };
    let _ = patiently(read);
    let (mut current, mut kept) = (None, Kept::new());
    for (name, value) in settings {
        if name == "current_account" {
            current = value.parse().ok();
        }
        if let Some(id) = settings::kept_account(&name) {
            kept.insert(id, value);
            continue;
        }
        // These two belong to the new store and to its key-check, and the feed is read anew.
        let is_old = name == "install" || name == "key_check_salt";
        if !is_old && !name.starts_with(settings::LISTED) {
            settings::put_text(new, &name, &value)?;
        }
    }
    Ok((current, kept))
}

/// Server ids as the index keeps them that holds each apart from the others.
fn by_index(old: &Old) -> Kept {
    let index = ("account", "sqlite_autoindex_account_1");
    let found = indexed(old, index, &["server_id"], "", |row| row.get(1)).rows;
    let is_known = |server_id: &String| !server_id.is_empty() && !is_stand_in(server_id);
    found.into_iter().filter(|(_, id)| is_known(id)).collect()
}

/// Copies the accounts. One that cannot be read and that the settings or the index of the accounts
/// know is restored without its session: its writer signs in again and everything goes on. Gives those.
pub(super) fn accounts(
    old: &Old,
    ledger: &Ledger<'_>,
    kept: &Kept,
) -> Result<Vec<AccountId>, StoreError> {
    let new = ledger.new;
    let mut strangers = Vec::new();
    let indexed = by_index(old);
    let all: BTreeSet<i64> = ids(old, "account")
        .into_iter()
        .chain(kept.keys().copied())
        .chain(indexed.keys().copied())
        .filter(|id| *id != AccountId::GUEST.0)
        .collect();
    for id in all {
        if copy(old, new, "account", id)? {
            continue;
        }
        if let Some(server_id) = kept.get(&id).or_else(|| indexed.get(&id)) {
            new.prepare_cached("INSERT OR IGNORE INTO account (id, server_id) VALUES (?1, ?2)")?
                .execute(params![id, server_id])?;
            strangers.push(AccountId(id));
        }
        ledger.lost_account()?;
    }
    let known: Vec<(i64, String)> = new
        .prepare(&format!(
            "SELECT id, server_id FROM account WHERE server_id <> '' AND NOT {UNREADABLE} ORDER BY id"
        ))?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    known
        .iter()
        .try_for_each(|(id, server_id)| settings::keep_account(new, *id, server_id))?;
    Ok(strangers)
}

/// A report whose account cannot be read is kept, under an account that nobody is signed in to,
/// until somebody says that they wrote it ([`super::super::Store::claim_without_writer`]).
pub(super) fn need_account(ledger: &Ledger<'_>, id: i64) -> Result<(), StoreError> {
    let added = ledger
        .new
        .prepare_cached(
            "INSERT OR IGNORE INTO account (id, server_id) VALUES (?1, 'unreadable-' || ?1)",
        )?
        .execute([id])?;
    if added > 0 {
        ledger.lost_account()?;
    }
    Ok(())
}

/// Who was signed in, where that could be read; else nobody, although a single account may have a
/// token: who had just signed out on a shared phone is not to be shown to the next.
pub(super) fn somebody(ledger: &Ledger<'_>, current: Option<i64>) -> Result<(), StoreError> {
    let is_known: bool = ledger.new.query_row(
        &format!("SELECT EXISTS (SELECT 1 FROM account WHERE id = ?1 AND NOT {UNREADABLE})"),
        [current],
        |row| row.get(0),
    )?;
    if is_known {
        return Ok(());
    }
    ledger.lost_account()?;
    settings::put_text(
        ledger.new,
        "current_account",
        &AccountId::GUEST.0.to_string(),
    )
}
