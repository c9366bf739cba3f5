//! The feed of changes. A report has one row an audience, which moves to the end at each change;
//! positions are given inside the single write transaction, so no cursor can pass a position
//! that is yet to commit.

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::events;
use crate::exchange::{Answer, Request};
use crate::gateway::{Gateway, epoch, hex, state};
use crate::instant::Instant;
use crate::problem::Code;
use crate::report::Stored;
use crate::route::{Outcome, Refusal};
use crate::session::{Account, audience_of_account, audience_of_institution};
use crate::statements::Transaction;

/// Name of the highest removal position that was already forgotten.
pub(crate) const FLOOR: &str = "feed_floor";

/// Tells everyone who sees the report that it changed.
pub(crate) fn publish(tx: &Connection, now: Instant, key: &str) -> Result<(), rusqlite::Error> {
    let Some(stored) = Stored::by_key(tx, key)? else {
        return Ok(());
    };
    let removed = stored.is_withdrawn();
    put(tx, now, &audience_of_account(&stored.account), key, removed)?;
    if let Some(institution) = &stored.institution {
        put(tx, now, &audience_of_institution(institution), key, removed)?;
    }
    Ok(())
}

/// Tells an institution that a report is no longer its own.
pub(crate) fn remove(
    tx: &Connection,
    now: Instant,
    institution: &str,
    key: &str,
) -> Result<(), rusqlite::Error> {
    put(tx, now, &audience_of_institution(institution), key, true)
}

fn put(
    tx: &Connection,
    now: Instant,
    audience: &str,
    key: &str,
    removed: bool,
) -> Result<(), rusqlite::Error> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO feed (audience, key, removed, at) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![audience, key, removed, now.millis()])?;
    Ok(())
}

impl Gateway {
    pub(crate) fn changes(&mut self, now: Instant, request: &Request) -> Outcome {
        let account = self.account(now, request)?;
        let page = self.settings.page;
        // One snapshot for the page and the epoch that its cursor is bound to.
        let tx = Transaction::to_read(&self.db)?;
        let tag = tag(&epoch(&tx)?, &account);
        let after = match request.query("after") {
            None => None,
            Some(cursor) => Some(position(&tx, &cursor, &tag)?),
        };
        let mut rows: Vec<(i64, String, bool)> = tx
            .prepare_cached(
                "SELECT position, key, removed FROM feed
                 WHERE audience = ?1 AND position > ?2 ORDER BY position LIMIT ?3",
            )?
            .query_map(
                params![account.audience(), after.unwrap_or(0), page as i64 + 1],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )?
            .collect::<Result<_, _>>()?;
        if rows.is_empty() && after.is_some() {
            return Ok(Answer::empty(304));
        }
        let complete = rows.len() <= page;
        rows.truncate(page);
        let floor = floor(&tx)?;
        let last = rows
            .last()
            .map_or_else(|| after.unwrap_or(0), |(position, ..)| *position);
        // A full pull starts below every forgotten removal and must not be sent back to the start.
        let last = if complete { last.max(floor) } else { last };
        let last = last + i64::from(mutant!(CursorRunsAhead));
        let mut changes = Vec::with_capacity(rows.len());
        for (position, key, removed) in rows {
            changes.push(item(&tx, position, &key, removed)?);
        }
        Ok(Answer::json(
            200,
            &json!({
                "cursor": format!("{last}.{tag}"),
                "complete": complete,
                "changes": changes,
            }),
        ))
    }
}

fn item(
    tx: &Connection,
    position: i64,
    key: &str,
    removed: bool,
) -> Result<Value, rusqlite::Error> {
    let stored = Stored::by_key(tx, key)?;
    Ok(match stored {
        Some(stored) if !removed => json!({
            "position": position,
            "kind": "report",
            "key": key,
            "tracking_id": stored.tracking_id(),
            "revision": stored.revision,
            "status": stored.status,
            "title": stored.title,
            "event_keys": events::keys(tx, key)?,
        }),
        stored => {
            let mut value = json!({ "position": position, "kind": "removed", "key": key });
            if let (Some(stored), Some(map)) = (stored, value.as_object_mut()) {
                map.insert("tracking_id".to_owned(), json!(stored.tracking_id()));
            }
            value
        }
    })
}

/// Binds a cursor to epoch and account without telling either.
fn tag(epoch: &str, account: &Account) -> String {
    let bound = Sha256::digest(format!("{epoch}\n{}\n{}", account.id, account.audience()));
    hex(&bound).chars().take(16).collect()
}

fn position(tx: &Connection, cursor: &str, tag: &str) -> Result<i64, Refusal> {
    let held = cursor
        .split_once('.')
        .filter(|(_, bound)| *bound == tag)
        .and_then(|(position, _)| position.parse::<i64>().ok())
        .filter(|position| *position >= 0);
    match held {
        Some(position) if position >= floor(tx)? => Ok(position),
        _ => Err(Code::CursorGone.into()),
    }
}

fn floor(tx: &Connection) -> Result<i64, rusqlite::Error> {
    Ok(state(tx, FLOOR)?
        .and_then(|text| text.parse().ok())
        .unwrap_or(0))
}
