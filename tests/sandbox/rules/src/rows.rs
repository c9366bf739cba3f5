//! What the console and tests see of the store.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::admin;
use crate::error::GatewayError;
use crate::gateway::Gateway;
use crate::instant::Instant;
use crate::statements;

/// A report as the console shows it, withdrawn ones too (their content is wiped).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    pub key: String,
    pub tracking_id: String,
    pub revision: i64,
    pub status: String,
    pub classification: String,
    /// The published text; the desk may have edited it.
    pub title: String,
    pub content: String,
    /// User name, and the person's name.
    pub account: String,
    pub name: String,
    pub anonymous: bool,
    pub secret: bool,
    pub published: bool,
    pub institution: Option<String>,
    pub prior_tracking_id: Option<String>,
    pub supersedes: Option<String>,
    pub incident_date: String,
    pub location: String,
    pub verify_by: Option<String>,
    pub follow_up_by: Option<String>,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub attachments: Vec<AttachmentRow>,
    pub events: Vec<EventRow>,
    /// How often a report was really created under this key.
    pub creates: u64,
}

impl ReportRow {
    /// Attachments that the gateway still waits for.
    pub fn missing(&self) -> Vec<&AttachmentRow> {
        self.attachments
            .iter()
            .filter(|held| !held.stored)
            .collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    pub sha256: String,
    pub media_type: String,
    pub name: String,
    /// Bytes announced.
    pub bytes: u64,
    /// Bytes received.
    pub have: u64,
    pub stored: bool,
    /// Last segment of the upload URL, while there is one.
    pub capability: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    pub event_key: Option<String>,
    pub kind: String,
    pub by: String,
    pub at: Instant,
    pub text: Option<String>,
    pub rating: Option<u8>,
}

/// What everybody may read: verified once, neither secret nor withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedRow {
    pub key: String,
    pub tracking_id: String,
    pub status: String,
    pub title: String,
    pub content: String,
    /// Absent when the reporter is anonymous.
    pub name: Option<String>,
    pub created_at: Instant,
}

const REPORT: &str = "SELECT report.*, account.user AS user, account.name AS person,
      coalesce((SELECT times FROM tally WHERE subject = report.key), 0) AS creates
    FROM report JOIN account ON account.id = report.account";

impl Gateway {
    /// All reports, newest first.
    pub fn reports(&self) -> Result<Vec<ReportRow>, GatewayError> {
        let mut rows: Vec<ReportRow> = self
            .db
            .prepare_cached(&format!("{REPORT} ORDER BY report.tracking DESC"))?
            .query_map([], read)?
            .collect::<Result<_, _>>()?;
        for row in &mut rows {
            complete(&self.db, row)?;
        }
        Ok(rows)
    }

    /// One report by key or tracking id.
    pub fn report(&self, report: &str) -> Result<Option<ReportRow>, GatewayError> {
        let Some(key) = admin::key_of(&self.db, report)? else {
            return Ok(None);
        };
        let mut row = self
            .db
            .prepare_cached(&format!("{REPORT} WHERE report.key = ?1"))?
            .query_row([key], read)?;
        complete(&self.db, &mut row)?;
        Ok(Some(row))
    }

    /// The report whose attachment is uploaded there.
    pub fn report_of_upload(&self, capability: &str) -> Result<Option<String>, GatewayError> {
        let mut upload = self
            .db
            .prepare_cached("SELECT key FROM upload WHERE capability = ?1")?;
        Ok(upload
            .query_row([capability], |row| row.get(0))
            .optional()?)
    }

    /// An attachment's bytes as far as they came; `None` when no report names it.
    pub fn attachment(&self, key: &str, sha256: &str) -> Result<Option<Vec<u8>>, GatewayError> {
        let named: bool = statements::one(
            &self.db,
            "SELECT EXISTS (SELECT 1 FROM attachment WHERE key = ?1 AND sha256 = ?2)",
            params![key, sha256],
            |row| row.get(0),
        )?;
        if !named {
            return Ok(None);
        }
        let pieces: Vec<Vec<u8>> = self
            .db
            .prepare_cached(
                "SELECT piece.bytes FROM piece JOIN upload USING (capability)
                 WHERE upload.key = ?1 AND upload.sha256 = ?2 ORDER BY piece.start",
            )?
            .query_map(params![key, sha256], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        Ok(Some(pieces.concat()))
    }

    /// The public list, newest first.
    pub fn published(&self) -> Result<Vec<PublishedRow>, GatewayError> {
        let rows = self
            .db
            .prepare_cached(
                "SELECT key, tracking, status, title, content, anonymous, name, created_at
                 FROM report JOIN account ON account.id = report.account
                 WHERE published = 1 AND secret = 0 AND status <> 'withdrawn'
                 ORDER BY tracking DESC",
            )?
            .query_map([], |row| {
                let anonymous: bool = row.get("anonymous")?;
                let name: String = row.get("name")?;
                Ok(PublishedRow {
                    key: row.get("key")?,
                    tracking_id: row.get::<_, i64>("tracking")?.to_string(),
                    status: row.get("status")?,
                    title: row.get("title")?,
                    content: row.get("content")?,
                    name: (!anonymous).then_some(name),
                    created_at: Instant(row.get("created_at")?),
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// How often a report was really created under the key: more than once is a broken promise.
    pub fn creates_of(&self, key: &str) -> Result<u64, GatewayError> {
        tally(&self.db, key)
    }

    /// How often an event was really taken under its key.
    pub fn events_of(&self, event_key: &str) -> Result<u64, GatewayError> {
        tally(&self.db, event_key)
    }
}

fn tally(db: &Connection, subject: &str) -> Result<u64, GatewayError> {
    let times: i64 = statements::one(
        db,
        "SELECT coalesce(max(times), 0) FROM tally WHERE subject = ?1",
        [subject],
        |row| row.get(0),
    )?;
    Ok(times.unsigned_abs())
}

fn read(row: &Row<'_>) -> Result<ReportRow, rusqlite::Error> {
    Ok(ReportRow {
        key: row.get("key")?,
        tracking_id: row.get::<_, i64>("tracking")?.to_string(),
        revision: row.get("revision")?,
        status: row.get("status")?,
        classification: row.get("classification")?,
        title: row.get("title")?,
        content: row.get("content")?,
        account: row.get("user")?,
        name: row.get("person")?,
        anonymous: row.get("anonymous")?,
        secret: row.get("secret")?,
        published: row.get("published")?,
        institution: row.get("institution")?,
        prior_tracking_id: row.get("prior_tracking_id")?,
        supersedes: row.get("supersedes")?,
        incident_date: row.get("incident_date")?,
        location: row.get("location")?,
        verify_by: row.get("verify_by")?,
        follow_up_by: row.get("follow_up_by")?,
        created_at: Instant(row.get("created_at")?),
        updated_at: Instant(row.get("updated_at")?),
        attachments: Vec::new(),
        events: Vec::new(),
        creates: row.get::<_, i64>("creates")?.unsigned_abs(),
    })
}

fn complete(db: &Connection, report: &mut ReportRow) -> Result<(), rusqlite::Error> {
    report.attachments = db
        .prepare_cached(
            "SELECT attachment.sha256, media_type, name, attachment.bytes,
               coalesce(upload.offset, 0), attachment.stored, upload.capability
             FROM attachment LEFT JOIN upload
               ON upload.key = attachment.key AND upload.sha256 = attachment.sha256
             WHERE attachment.key = ?1 ORDER BY ordinal",
        )?
        .query_map([&report.key], |row| {
            Ok(AttachmentRow {
                sha256: row.get(0)?,
                media_type: row.get(1)?,
                name: row.get(2)?,
                bytes: row.get::<_, i64>(3)?.unsigned_abs(),
                have: row.get::<_, i64>(4)?.unsigned_abs(),
                stored: row.get(5)?,
                capability: row.get(6)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    report.events = db
        .prepare_cached(
            "SELECT event_key, type, by_role, at, text, rating FROM event
             WHERE key = ?1 ORDER BY position",
        )?
        .query_map([&report.key], |row| {
            Ok(EventRow {
                event_key: row.get(0)?,
                kind: row.get(1)?,
                by: row.get(2)?,
                at: Instant(row.get(3)?),
                text: row.get(4)?,
                rating: row.get(5)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(())
}
