//! What people do to a report after it was sent, each under its own key and for ever once.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::admin::{self, Author};
use crate::changes;
use crate::exchange::{Answer, Request};
use crate::gateway::Gateway;
use crate::instant::Instant;
use crate::problem::{Code, FieldCode, FieldProblem};
use crate::report::{self, Known, Stored, key_of, tally};
use crate::route::{Outcome, Refusal, object};
use crate::session::{Account, Role};
use crate::settings::Settings;
use crate::statements;
use crate::validate::{Object, text_field, whole, wrong};

/// What a person may do.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Deed {
    Reply {
        text: String,
    },
    FollowUp {
        text: String,
    },
    Rate {
        rating: u8,
        text: Option<String>,
    },
    Close {
        text: Option<String>,
    },
    Support,
    Forward {
        institution: String,
        text: Option<String>,
    },
}

impl Deed {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Reply { .. } => "reply",
            Self::FollowUp { .. } => "follow_up",
            Self::Rate { .. } => "rate",
            Self::Close { .. } => "close",
            Self::Support => "support",
            Self::Forward { .. } => "forward",
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Reply { text } | Self::FollowUp { text } => Some(text),
            Self::Rate { text, .. } | Self::Close { text } | Self::Forward { text, .. } => {
                text.as_deref()
            }
            Self::Support => None,
        }
    }

    const fn allowed_to(&self, role: &Role) -> bool {
        match self {
            Self::Reply { .. } => true,
            Self::Rate { .. } | Self::Close { .. } | Self::Support => {
                matches!(role, Role::Reporter)
            }
            Self::FollowUp { .. } | Self::Forward { .. } => matches!(role, Role::Officer { .. }),
        }
    }

    /// Whether the report's state allows it. A reply is never refused.
    fn possible(&self, stored: &Stored) -> bool {
        let status = stored.status.as_str();
        match self {
            Self::Reply { .. } => true,
            Self::Support => stored.published,
            Self::Rate { .. } => status == "closed",
            Self::Close { .. } => !matches!(status, "closed" | "archived" | "not_our_authority"),
            Self::FollowUp { .. } | Self::Forward { .. } => {
                matches!(status, "disposed" | "in_progress" | "postponed")
            }
        }
    }
}

impl Gateway {
    pub(crate) fn put_event(
        &mut self,
        now: Instant,
        key: &str,
        event_key: &str,
        request: &Request,
    ) -> Outcome {
        let account = self.account(now, request)?;
        key_of(key, "key")?;
        key_of(event_key, "event_key")?;
        let settings = self.settings.clone();
        let sha = Sha256::digest(&request.body).to_vec();
        let tx = self.write()?;
        if let Some(found) = found(&tx, event_key)? {
            if found.account.as_deref() != Some(account.id.as_str()) {
                return Err(Code::KeyForeign.into());
            }
            if found.key != key || found.sha.as_deref() != Some(sha.as_slice()) {
                return Err(Code::KeyTaken.into());
            }
            let stored = Stored::by_key(&tx, key)?.ok_or(Code::NotFound)?;
            if mutant!(EventTwice) {
                tally(&tx, event_key)?;
                tx.commit()?;
            }
            return Ok(taken(200, event_key, &stored));
        }
        let stored = reachable(&tx, &account, key)?;
        if settings.maintenance {
            return Err(Code::Maintenance.into());
        }
        let body = object(request, &settings)?;
        let (deed, seen_revision) = deed(&body, &settings).map_err(Refusal::invalid)?;
        if !deed.allowed_to(&account.role) {
            return Err(Code::NotAllowed.into());
        }
        let own = stored.visible_to(&account);
        if !own && deed != Deed::Support {
            return Err(Code::NotFound.into());
        }
        if !deed.possible(&stored) {
            return Err(Code::NotPossible.into());
        }
        statements::execute(
            &tx,
            "INSERT INTO event (key, event_key, account, body, body_sha, seen_revision, type,
               by_role, text, rating, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                key,
                event_key,
                account.id,
                request.body,
                sha,
                seen_revision,
                deed.kind(),
                account.role_name(),
                deed.text(),
                match deed {
                    Deed::Rate { rating, .. } => Some(rating),
                    _ => None,
                },
                now.millis()
            ],
        )?;
        tally(&tx, event_key)?;
        take_effect(&tx, now, &settings, &account, &stored, &deed)?;
        changes::publish(&tx, now, key)?;
        let stored = Stored::by_key(&tx, key)?.ok_or(Code::Internal)?;
        tx.commit()?;
        Ok(taken(201, event_key, &stored))
    }
}

fn taken(status: u16, event_key: &str, stored: &Stored) -> Answer {
    Answer::json(
        status,
        &json!({
            "event_key": event_key,
            "revision": stored.revision,
            "status": stored.status,
        }),
    )
}

/// The report, when this account may know of it: 410 when its owner took it back.
fn reachable(tx: &Connection, account: &Account, key: &str) -> Result<Stored, Refusal> {
    let Some(stored) = Stored::by_key(tx, key)? else {
        // After a restore only the tombstone may be left.
        let own = matches!(report::known(tx, account, key)?, Known::Withdrawn);
        return Err(if own { Code::Withdrawn } else { Code::NotFound }.into());
    };
    if stored.is_withdrawn() {
        let own = stored.account == account.id;
        return Err(if own { Code::Withdrawn } else { Code::NotFound }.into());
    }
    if stored.visible_to(account) || (stored.published && account.role == Role::Reporter) {
        return Ok(stored);
    }
    Err(Code::NotFound.into())
}

fn take_effect(
    tx: &Connection,
    now: Instant,
    settings: &Settings,
    account: &Account,
    stored: &Stored,
    deed: &Deed,
) -> Result<(), rusqlite::Error> {
    let key = &stored.key;
    match deed {
        Deed::Reply { .. } if account.role == Role::Reporter => {
            admin::heard(tx, now, key)?;
        }
        Deed::Reply { .. } | Deed::Rate { .. } | Deed::Support => admin::touch(tx, now, key)?,
        Deed::FollowUp { .. } => admin::followed_up(tx, now, key)?,
        Deed::Close { .. } => admin::set_status(tx, now, key, "closed")?,
        Deed::Forward { institution, .. } => {
            admin::hand_to(tx, now, settings, stored, institution)?;
        }
    }
    Ok(())
}

struct Found {
    key: String,
    account: Option<String>,
    sha: Option<Vec<u8>>,
}

fn found(tx: &Connection, event_key: &str) -> Result<Option<Found>, rusqlite::Error> {
    tx.prepare_cached("SELECT key, account, body_sha FROM event WHERE event_key = ?1")?
        .query_row([event_key], |row| {
            Ok(Found {
                key: row.get(0)?,
                account: row.get(1)?,
                sha: row.get(2)?,
            })
        })
        .optional()
}

/// Reads an event's body; the revision that the author saw is recorded, it refuses nothing.
fn deed(body: &Object, settings: &Settings) -> Result<(Deed, i64), Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let seen = match body.get("seen_revision") {
        None => {
            problems.push(wrong("seen_revision", FieldCode::Required, None));
            0
        }
        Some(value) => whole(value)
            .and_then(|seen| i64::try_from(seen).ok())
            .unwrap_or_else(|| {
                problems.push(wrong("seen_revision", FieldCode::Invalid, None));
                0
            }),
    };
    let limit = settings.content_chars;
    let kind = text_field(body, "type", settings.name_chars, &mut problems).unwrap_or_default();
    let needs_text = matches!(kind, "reply" | "follow_up");
    let text = if needs_text || body.contains_key("text") {
        text_field(body, "text", limit, &mut problems).map(str::to_owned)
    } else {
        None
    };
    let deed = match kind {
        "reply" => text.map(|text| Deed::Reply { text }),
        "follow_up" => text.map(|text| Deed::FollowUp { text }),
        "rate" => rating(body, &mut problems).map(|rating| Deed::Rate { rating, text }),
        "close" => Some(Deed::Close { text }),
        "support" => Some(Deed::Support),
        "forward" => text_field(body, "institution_id", settings.name_chars, &mut problems).map(
            |institution| Deed::Forward {
                institution: institution.to_owned(),
                text,
            },
        ),
        "" => None,
        _ => {
            problems.push(wrong("type", FieldCode::Invalid, None));
            None
        }
    };
    match deed {
        Some(deed) if problems.is_empty() => Ok((deed, seen)),
        _ => Err(problems),
    }
}

fn rating(body: &Object, problems: &mut Vec<FieldProblem>) -> Option<u8> {
    let Some(value) = body.get("rating") else {
        problems.push(wrong("rating", FieldCode::Required, None));
        return None;
    };
    let rating = whole(value)
        .and_then(|rating| u8::try_from(rating).ok())
        .filter(|rating| (1..=5).contains(rating));
    if rating.is_none() {
        problems.push(wrong("rating", FieldCode::Invalid, None));
    }
    rating
}

/// The keys that authors gave, oldest first.
pub(crate) fn keys(db: &Connection, key: &str) -> Result<Vec<String>, rusqlite::Error> {
    db.prepare_cached(
        "SELECT event_key FROM event WHERE key = ?1 AND event_key IS NOT NULL ORDER BY position",
    )?
    .query_map([key], |row| row.get(0))?
    .collect()
}

/// Everything that happened, oldest first, as the contract shows it.
pub(crate) fn of_report(db: &Connection, key: &str) -> Result<Vec<Value>, rusqlite::Error> {
    db.prepare_cached(
        "SELECT event_key, type, by_role, at, text, rating FROM event
         WHERE key = ?1 ORDER BY position",
    )?
    .query_map([key], |row| {
        let mut map = Map::new();
        if let Some(event_key) = row.get::<_, Option<String>>(0)? {
            map.insert("event_key".to_owned(), json!(event_key));
        }
        map.insert("type".to_owned(), json!(row.get::<_, String>(1)?));
        map.insert("by".to_owned(), json!(row.get::<_, String>(2)?));
        map.insert("at".to_owned(), json!(Instant(row.get(3)?).rfc3339()));
        if let Some(text) = row.get::<_, Option<String>>(4)? {
            map.insert("text".to_owned(), json!(text));
        }
        if let Some(rating) = row.get::<_, Option<u8>>(5)? {
            map.insert("rating".to_owned(), json!(rating));
        }
        Ok(Value::Object(map))
    })?
    .collect()
}

/// Records what the desk or the system did.
pub(crate) fn record(
    tx: &Connection,
    now: Instant,
    key: &str,
    author: Author,
    kind: &str,
    text: Option<&str>,
) -> Result<(), rusqlite::Error> {
    statements::execute(
        tx,
        "INSERT INTO event (key, type, by_role, text, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![key, kind, author.as_str(), text, now.millis()],
    )?;
    Ok(())
}
