//! A report on the wire: creation by its key, the whole report, withdrawal.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::calendar::{DEADLINES, WorkingDays};
use crate::changes;
use crate::error::GatewayError;
use crate::events;
use crate::exchange::{Answer, Entropy, Request};
use crate::gateway::{Gateway, count_up};
use crate::instant::Instant;
use crate::problem::{Code, FieldCode};
use crate::route::{Outcome, Refusal, object};
use crate::session::{Account, Role};
use crate::statements::{self, Transaction};
use crate::uploads;
use crate::validate::{self, NewReport, is_key, wrong};

/// What the rules read of a stored report.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) key: String,
    pub(crate) account: String,
    pub(crate) tracking: i64,
    pub(crate) body: Vec<u8>,
    pub(crate) body_sha: Vec<u8>,
    pub(crate) revision: i64,
    pub(crate) status: String,
    pub(crate) institution: Option<String>,
    pub(crate) title: String,
    pub(crate) content: String,
    pub(crate) secret: bool,
    pub(crate) published: bool,
    pub(crate) verify_by: Option<String>,
    pub(crate) follow_up_by: Option<String>,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl Stored {
    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            key: row.get("key")?,
            account: row.get("account")?,
            tracking: row.get("tracking")?,
            body: row.get("body")?,
            body_sha: row.get("body_sha")?,
            revision: row.get("revision")?,
            status: row.get("status")?,
            institution: row.get("institution")?,
            title: row.get("title")?,
            content: row.get("content")?,
            secret: row.get("secret")?,
            published: row.get("published")?,
            verify_by: row.get("verify_by")?,
            follow_up_by: row.get("follow_up_by")?,
            created_at: Instant(row.get("created_at")?),
            updated_at: Instant(row.get("updated_at")?),
        })
    }

    pub(crate) fn by_key(db: &Connection, key: &str) -> Result<Option<Self>, rusqlite::Error> {
        db.prepare_cached("SELECT * FROM report WHERE key = ?1")?
            .query_row([key], Self::read)
            .optional()
    }

    pub(crate) fn tracking_id(&self) -> String {
        self.tracking.to_string()
    }

    pub(crate) fn is_withdrawn(&self) -> bool {
        self.status == "withdrawn"
    }

    fn deadlines(&self) -> Value {
        let mut map = Map::new();
        for (name, date) in [
            ("verify_by", &self.verify_by),
            ("follow_up_by", &self.follow_up_by),
        ] {
            if let Some(date) = date {
                map.insert(name.to_owned(), json!(date));
            }
        }
        Value::Object(map)
    }

    pub(crate) fn visible_to(&self, account: &Account) -> bool {
        match &account.role {
            Role::Reporter => self.account == account.id,
            Role::Officer { institution } => self.institution.as_ref() == Some(institution),
        }
    }
}

/// Whose key it is and what became of it, before anything else is looked at.
pub(crate) enum Known {
    Nothing,
    Foreign,
    Withdrawn,
    Report(Box<Stored>),
}

pub(crate) fn known(
    db: &Connection,
    account: &Account,
    key: &str,
) -> Result<Known, rusqlite::Error> {
    if let Some(stored) = Stored::by_key(db, key)? {
        return Ok(match () {
            () if stored.account != account.id => Known::Foreign,
            () if stored.is_withdrawn() => Known::Withdrawn,
            () => Known::Report(Box::new(stored)),
        });
    }
    let owner: Option<String> = db
        .prepare_cached("SELECT account FROM withdrawn WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(match owner {
        None => Known::Nothing,
        Some(owner) if owner == account.id => Known::Withdrawn,
        Some(_) => Known::Foreign,
    })
}

pub(crate) fn key_of(text: &str, field: &str) -> Result<(), Refusal> {
    if is_key(text) {
        return Ok(());
    }
    Err(Refusal::invalid(vec![wrong(
        field,
        FieldCode::Invalid,
        None,
    )]))
}

impl Gateway {
    pub(crate) fn put_report(
        &mut self,
        now: Instant,
        entropy: Entropy<'_>,
        key: &str,
        request: &Request,
    ) -> Outcome {
        let account = self.account(now, request)?;
        key_of(key, "key")?;
        let settings = self.settings.clone();
        let lasting = &self.lasting;
        let tx = Transaction::to_write(&self.db)?;
        if mutant!(ValidatesFirst) {
            validate::report(&object(request, &settings)?, now, &settings)
                .map_err(Refusal::invalid)?;
        }
        if mutant!(QuotaFirst) && over_quota(&tx, &account, now, settings.creates_per_hour)? {
            return Err(Code::TooManyRequests.into());
        }
        let sha = Sha256::digest(&request.body).to_vec();
        let (status, stored) = match known(&tx, &account, key)? {
            Known::Foreign => return Err(Code::KeyForeign.into()),
            Known::Withdrawn => return Err(Code::Withdrawn.into()),
            Known::Report(stored) if stored.body_sha != sha && !mutant!(OtherBytesAccepted) => {
                return Err(Code::KeyTaken.into());
            }
            Known::Report(stored) => (200, *stored),
            Known::Nothing => {
                if settings.maintenance {
                    return Err(Code::Maintenance.into());
                }
                if account.role != Role::Reporter {
                    return Err(Code::NotAllowed.into());
                }
                if over_quota(&tx, &account, now, settings.creates_per_hour)? {
                    return Err(Code::TooManyRequests.into());
                }
                let body = object(request, &settings)?;
                let new = validate::report(&body, now, &settings).map_err(Refusal::invalid)?;
                let days = WorkingDays {
                    joint_leave_counts: settings.joint_leave_is_working,
                };
                let highest: Option<i64> =
                    statements::one(&tx, "SELECT max(tracking) FROM report", [], |row| {
                        row.get(0)
                    })?;
                let tracking = match highest {
                    Some(last) if mutant!(TrackingIdAgain) => last + 1,
                    last => count_up(lasting, "tracking", last.unwrap_or(0))?,
                };
                insert(&tx, now, &account, key, request, &new, tracking, &sha, days)?;
                changes::publish(&tx, now, key)?;
                let stored = Stored::by_key(&tx, key)?.ok_or(Code::Internal)?;
                (201, stored)
            }
        };
        let missing = uploads::missing(&tx, now, entropy, &stored.key, settings.upload_days)?;
        tx.commit()?;
        Ok(Answer::json(
            status,
            &json!({
                "key": stored.key,
                "tracking_id": stored.tracking_id(),
                "revision": stored.revision,
                "status": stored.status,
                "deadlines": stored.deadlines(),
                "missing": missing,
            }),
        ))
    }

    pub(crate) fn get_report(
        &mut self,
        now: Instant,
        entropy: Entropy<'_>,
        key: &str,
        request: &Request,
    ) -> Outcome {
        let account = self.account(now, request)?;
        key_of(key, "key")?;
        let upload_days = self.settings.upload_days;
        let tx = self.write()?;
        let stored = match known(&tx, &account, key)? {
            Known::Withdrawn => return Err(Code::Withdrawn.into()),
            Known::Report(stored) => *stored,
            Known::Nothing => return Err(Code::NotFound.into()),
            Known::Foreign => Stored::by_key(&tx, key)?
                .filter(|stored| stored.visible_to(&account) && !stored.is_withdrawn())
                .ok_or(Code::NotFound)?,
        };
        let mut report = json!({
            "key": stored.key,
            "tracking_id": stored.tracking_id(),
            "revision": stored.revision,
            "status": stored.status,
            "deadlines": stored.deadlines(),
            "published": { "title": stored.title, "content": stored.content },
            "attachments": attachments(&tx, &stored.key)?,
            "events": events::of_report(&tx, &stored.key)?,
            "created_at": stored.created_at.rfc3339(),
            "updated_at": stored.updated_at.rfc3339(),
        });
        if stored.account == account.id {
            let missing = uploads::missing(&tx, now, entropy, &stored.key, upload_days)?;
            if let Some(map) = report.as_object_mut() {
                map.insert("missing".to_owned(), Value::Array(missing));
            }
        }
        tx.commit()?;
        Ok(Answer::json(200, &Value::Null).carrying(with_submitted(&report, &stored.body)?))
    }

    pub(crate) fn withdraw(&mut self, now: Instant, key: &str, request: &Request) -> Outcome {
        let account = self.account(now, request)?;
        key_of(key, "key")?;
        let tx = self.write()?;
        match known(&tx, &account, key)? {
            Known::Foreign => return Err(Code::KeyForeign.into()),
            Known::Withdrawn => return Ok(Answer::empty(204)),
            Known::Nothing if account.role != Role::Reporter => {
                return Err(Code::NotAllowed.into());
            }
            Known::Nothing if mutant!(NoTombstone) => return Ok(Answer::empty(204)),
            Known::Nothing => {}
            Known::Report(stored) if stored.status != "unverified" && !mutant!(NeverTooLate) => {
                return Err(Code::TooLate.into());
            }
            Known::Report(_) => {
                wipe(&tx, key)?;
                statements::execute(
                    &tx,
                    "UPDATE report SET status = 'withdrawn', revision = revision + 1,
                       title = '', content = '', location = '', body = x'', updated_at = ?2
                     WHERE key = ?1",
                    params![key, now.millis()],
                )?;
                changes::publish(&tx, now, key)?;
            }
        }
        statements::execute(
            &tx,
            "INSERT INTO withdrawn (key, account, at) VALUES (?1, ?2, ?3)",
            params![key, account.id, now.millis()],
        )?;
        tx.commit()?;
        Ok(Answer::empty(204))
    }
}

/// Removes what was taken back; the key, its hash and the tracking id stay.
fn wipe(tx: &Connection, key: &str) -> Result<(), rusqlite::Error> {
    for sql in [
        "DELETE FROM piece WHERE capability IN (SELECT capability FROM upload WHERE key = ?1)",
        "DELETE FROM upload WHERE key = ?1",
        "DELETE FROM attachment WHERE key = ?1",
        "UPDATE event SET body = NULL, text = NULL WHERE key = ?1",
    ] {
        statements::execute(tx, sql, [key])?;
    }
    Ok(())
}

fn over_quota(
    tx: &Connection,
    account: &Account,
    now: Instant,
    quota: Option<u32>,
) -> Result<bool, rusqlite::Error> {
    let Some(quota) = quota else {
        return Ok(false);
    };
    let recent: i64 = statements::one(
        tx,
        "SELECT count(*) FROM report WHERE account = ?1 AND created_at > ?2",
        params![account.id, now.plus_seconds(-3600).millis()],
        |row| row.get(0),
    )?;
    Ok(recent >= i64::from(quota))
}

#[expect(clippy::too_many_arguments, reason = "one row, written in one place")]
fn insert(
    tx: &Connection,
    now: Instant,
    account: &Account,
    key: &str,
    request: &Request,
    new: &NewReport,
    tracking: i64,
    sha: &[u8],
    days: WorkingDays,
) -> Result<(), rusqlite::Error> {
    let prior = request
        .find("Lapor-Prior-Tracking-Id")
        .filter(|id| !id.is_empty() && id.len() <= 32 && id.bytes().all(|b| b.is_ascii_digit()));
    let verify_by = days.after(now.day(), DEADLINES.verify).to_string();
    statements::execute(
        tx,
        "INSERT INTO report (key, account, tracking, body, body_sha, prior_tracking_id,
           supersedes, status, classification, title, content, incident_date, location,
           anonymous, secret, verify_by, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'unverified', ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
           ?16, ?16)",
        params![
            key,
            account.id,
            tracking,
            request.body,
            sha,
            prior,
            new.supersedes,
            new.classification,
            new.title,
            new.content,
            new.incident_date,
            new.location,
            new.anonymous,
            new.secret,
            verify_by,
            now.millis(),
        ],
    )?;
    let mut statement = tx.prepare_cached(
        "INSERT INTO attachment (key, sha256, ordinal, bytes, media_type, name)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (ordinal, attachment) in new.attachments.iter().enumerate() {
        statement.execute(params![
            key,
            attachment.sha256,
            ordinal as i64,
            attachment.bytes as i64,
            attachment.media_type,
            attachment.name
        ])?;
    }
    tally(tx, key)
}

/// Counts a real creation.
pub(crate) fn tally(tx: &Connection, subject: &str) -> Result<(), rusqlite::Error> {
    statements::execute(
        tx,
        "INSERT INTO tally (subject, times) VALUES (?1, 1)
         ON CONFLICT (subject) DO UPDATE SET times = times + 1",
        [subject],
    )?;
    Ok(())
}

fn attachments(tx: &Connection, key: &str) -> Result<Vec<Value>, rusqlite::Error> {
    tx.prepare_cached(
        "SELECT sha256, bytes, media_type, name, stored FROM attachment
         WHERE key = ?1 ORDER BY ordinal",
    )?
    .query_map([key], |row| {
        Ok(json!({
            "sha256": row.get::<_, String>(0)?,
            "bytes": row.get::<_, i64>(1)?,
            "media_type": row.get::<_, String>(2)?,
            "name": row.get::<_, String>(3)?,
            "stored": row.get::<_, bool>(4)?,
        }))
    })?
    .collect()
}

/// Puts the submitted JSON in as text: a parser would lose digits of numbers it does not know.
fn with_submitted(report: &Value, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let submitted = std::str::from_utf8(body).map_err(|_| GatewayError::StoredBody)?;
    let text = report.to_string();
    let rest = text.strip_prefix('{').ok_or(GatewayError::StoredBody)?;
    Ok(format!("{{\"submitted\":{submitted},{rest}").into_bytes())
}
