//! Attachment bytes by tus 1.0.0 core. Every piece is committed as it comes: a cut costs what
//! was on the line, never what had arrived. The hash of the whole decides.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::changes;
use crate::exchange::{Answer, Entropy, Request};
use crate::gateway::{Gateway, hex};
use crate::instant::Instant;
use crate::route::{Refusal, upload_capability};
use crate::statements;

const TUS: &str = "1.0.0";
const OFFSET_STREAM: &str = "application/offset+octet-stream";
/// tus, checksum extension: the bytes are not the ones that were announced.
const CHECKSUM_MISMATCH: u16 = 460;

/// A PATCH under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadHandle {
    capability: String,
    offset: u64,
    mismatch: bool,
}

impl UploadHandle {
    /// Bytes that the gateway holds.
    pub const fn offset(&self) -> u64 {
        self.offset
    }
}

struct Upload {
    key: String,
    sha256: String,
    bytes: u64,
    offset: u64,
    stored: bool,
    expires_at: Instant,
}

fn find(db: &Connection, capability: &str) -> Result<Option<Upload>, rusqlite::Error> {
    db.prepare_cached(
        "SELECT key, sha256, bytes, offset, stored, expires_at FROM upload WHERE capability = ?1",
    )?
    .query_row([capability], |row| {
        Ok(Upload {
            key: row.get(0)?,
            sha256: row.get(1)?,
            bytes: row.get::<_, i64>(2)?.unsigned_abs(),
            offset: row.get::<_, i64>(3)?.unsigned_abs(),
            stored: row.get(4)?,
            expires_at: Instant(row.get(5)?),
        })
    })
    .optional()
}

/// The living upload, or the 404 or 410 that says why there is none.
fn living(db: &Connection, now: Instant, capability: &str) -> Result<Upload, UploadRefusal> {
    let upload = find(db, capability)?.ok_or(UploadRefusal::Status(404))?;
    if !upload.stored && upload.expires_at <= now {
        return Err(UploadRefusal::Status(410));
    }
    Ok(upload)
}

enum UploadRefusal {
    Status(u16),
    /// 409 with the offset that the gateway has.
    Offset(u64),
    Storage(rusqlite::Error),
}

impl From<rusqlite::Error> for UploadRefusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(error)
    }
}

/// What the report still needs, each with its upload address: the same while it lives, a new one
/// from byte 0 when it has expired or was lost.
pub(crate) fn missing(
    tx: &Connection,
    now: Instant,
    entropy: Entropy<'_>,
    key: &str,
    upload_days: i64,
) -> Result<Vec<Value>, rusqlite::Error> {
    let wanted: Vec<(String, i64)> = tx
        .prepare_cached(
            "SELECT sha256, bytes FROM attachment WHERE key = ?1 AND stored = 0 ORDER BY ordinal",
        )?
        .query_map([key], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut listed = Vec::with_capacity(wanted.len());
    for (sha256, bytes) in wanted {
        let held: Option<(String, i64, i64)> = tx
            .prepare_cached(
                "SELECT capability, offset, expires_at FROM upload
                 WHERE key = ?1 AND sha256 = ?2 AND expires_at > ?3",
            )?
            .query_row(params![key, sha256, now.millis()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let (capability, offset, expires_at) = match held {
            Some(held) if !mutant!(UploadMoves) => held,
            _ => {
                let capability = begin(tx, now, entropy, key, &sha256, bytes, upload_days)?;
                (capability, 0, now.plus_days(upload_days).millis())
            }
        };
        listed.push(json!({
            "sha256": sha256,
            "upload_url": format!("/v1/uploads/{capability}"),
            "offset": offset,
            "expires_at": Instant(expires_at).rfc3339(),
        }));
    }
    Ok(listed)
}

fn begin(
    tx: &Connection,
    now: Instant,
    entropy: Entropy<'_>,
    key: &str,
    sha256: &str,
    bytes: i64,
    upload_days: i64,
) -> Result<String, rusqlite::Error> {
    statements::execute(
        tx,
        "DELETE FROM piece WHERE capability IN
           (SELECT capability FROM upload WHERE key = ?1 AND sha256 = ?2)",
        params![key, sha256],
    )?;
    statements::execute(
        tx,
        "DELETE FROM upload WHERE key = ?1 AND sha256 = ?2",
        params![key, sha256],
    )?;
    let mut random = [0_u8; 20];
    entropy(&mut random);
    let capability = hex(&random);
    statements::execute(
        tx,
        "INSERT INTO upload (capability, key, sha256, bytes, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            capability,
            key,
            sha256,
            bytes,
            now.plus_days(upload_days).millis()
        ],
    )?;
    Ok(capability)
}

impl Gateway {
    /// HEAD, or a whole PATCH in one value.
    pub(crate) fn upload_answer(
        &mut self,
        now: Instant,
        capability: &str,
        request: &Request,
    ) -> Answer {
        match request.method.as_str() {
            "HEAD" => match living(&self.db, now, capability) {
                Ok(_) if request.find("Tus-Resumable") != Some(TUS) => version_unsupported(),
                Ok(upload) => tus(200)
                    .with("Upload-Offset", upload.offset.to_string())
                    .with("Upload-Length", upload.bytes.to_string())
                    .with("Cache-Control", "no-store"),
                Err(refusal) => self.upload_refused(refusal),
            },
            "PATCH" => match self.upload_begin(now, request) {
                Ok(mut upload) => match self.upload_append(now, &mut upload, &request.body) {
                    Ok(()) => self.upload_finish(now, upload),
                    Err(answer) => answer,
                },
                Err(answer) => answer,
            },
            _ => tus(405).with("Allow", "HEAD, PATCH"),
        }
    }

    /// Looks at a PATCH's headers; its body is not touched. The error is the answer to send.
    /// A `Content-Length`, when there is one, is judged before a byte is read.
    pub fn upload_begin(
        &mut self,
        now: Instant,
        request: &Request,
    ) -> Result<UploadHandle, Answer> {
        self.upload_opened(now, request)
            .map_err(|refusal| self.upload_refused(refusal).dated(now))
    }

    fn upload_opened(
        &self,
        now: Instant,
        request: &Request,
    ) -> Result<UploadHandle, UploadRefusal> {
        let capability = upload_capability(request).ok_or(UploadRefusal::Status(404))?;
        if request.find("Tus-Resumable") != Some(TUS) {
            return Err(UploadRefusal::Status(412));
        }
        if request.find("Content-Type") != Some(OFFSET_STREAM) {
            return Err(UploadRefusal::Status(415));
        }
        let number = |name| request.find(name).map(str::parse::<u64>);
        let Some(Ok(offset)) = number("Upload-Offset") else {
            return Err(UploadRefusal::Status(400));
        };
        let upload = living(&self.db, now, capability)?;
        if offset != upload.offset && !mutant!(PatchAnywhere) {
            return Err(UploadRefusal::Offset(upload.offset));
        }
        match number("Content-Length") {
            Some(Err(_)) => return Err(UploadRefusal::Status(400)),
            Some(Ok(length)) if length > upload.bytes.saturating_sub(offset) => {
                return Err(UploadRefusal::Status(413));
            }
            Some(Ok(_)) | None => {}
        }
        Ok(UploadHandle {
            capability: capability.to_owned(),
            offset: upload.offset,
            mismatch: false,
        })
    }

    /// Keeps these bytes for good before it returns. The error is the answer to send; nothing of
    /// `bytes` was kept then, and nothing more should be read.
    pub fn upload_append(
        &mut self,
        now: Instant,
        upload: &mut UploadHandle,
        bytes: &[u8],
    ) -> Result<(), Answer> {
        self.append(now, upload, bytes)
            .map_err(|refusal| self.upload_refused(refusal).dated(now))
    }

    fn append(
        &mut self,
        now: Instant,
        handle: &mut UploadHandle,
        bytes: &[u8],
    ) -> Result<(), UploadRefusal> {
        if bytes.is_empty() {
            return Ok(());
        }
        let expires_at = now.plus_days(self.settings.upload_days);
        let tx = self.write()?;
        let upload = living(&tx, now, &handle.capability)?;
        // Another PATCH came between: whose bytes those are, only a HEAD can tell.
        if upload.offset != handle.offset {
            return Err(UploadRefusal::Offset(upload.offset));
        }
        let end = upload.offset.saturating_add(bytes.len() as u64);
        if end > upload.bytes {
            return Err(UploadRefusal::Status(413));
        }
        tx.prepare_cached("INSERT INTO piece (capability, start, bytes) VALUES (?1, ?2, ?3)")?
            .execute(params![handle.capability, upload.offset as i64, bytes])?;
        tx.prepare_cached("UPDATE upload SET offset = ?2, expires_at = ?3 WHERE capability = ?1")?
            .execute(params![handle.capability, end as i64, expires_at.millis()])?;
        let fits = end < upload.bytes || settle(&tx, now, &handle.capability, &upload)?;
        tx.commit()?;
        handle.mismatch = !fits;
        handle.offset = if fits { end } else { 0 };
        Ok(())
    }

    /// The answer once the body has ended: 204, or 460 when the whole is not what was announced.
    pub fn upload_finish(&mut self, now: Instant, upload: UploadHandle) -> Answer {
        let status = if upload.mismatch {
            CHECKSUM_MISMATCH
        } else {
            204
        };
        tus(status)
            .with("Upload-Offset", upload.offset.to_string())
            .dated(now)
    }

    fn upload_refused(&mut self, refusal: UploadRefusal) -> Answer {
        match refusal {
            UploadRefusal::Status(412) => version_unsupported(),
            UploadRefusal::Status(status) => tus(status),
            UploadRefusal::Offset(offset) => tus(409).with("Upload-Offset", offset.to_string()),
            UploadRefusal::Storage(error) => {
                let answer = self.refused(Refusal::from(error));
                tus(answer.status)
            }
        }
    }
}

/// All bytes are there: either they are the announced ones, or the upload starts again.
fn settle(
    tx: &Connection,
    now: Instant,
    capability: &str,
    upload: &Upload,
) -> Result<bool, rusqlite::Error> {
    let mut hash = Sha256::new();
    let mut pieces =
        tx.prepare_cached("SELECT bytes FROM piece WHERE capability = ?1 ORDER BY start")?;
    let mut rows = pieces.query([capability])?;
    while let Some(row) = rows.next()? {
        hash.update(row.get_ref(0)?.as_blob().unwrap_or_default());
    }
    if hex(&hash.finalize()) != upload.sha256 {
        statements::execute(tx, "DELETE FROM piece WHERE capability = ?1", [capability])?;
        statements::execute(
            tx,
            "UPDATE upload SET offset = 0 WHERE capability = ?1",
            [capability],
        )?;
        return Ok(false);
    }
    statements::execute(
        tx,
        "UPDATE upload SET stored = 1 WHERE capability = ?1",
        [capability],
    )?;
    statements::execute(
        tx,
        "UPDATE attachment SET stored = 1 WHERE key = ?1 AND sha256 = ?2",
        params![upload.key, upload.sha256],
    )?;
    statements::execute(
        tx,
        "UPDATE report SET revision = revision + 1, updated_at = ?2 WHERE key = ?1",
        params![upload.key, now.millis()],
    )?;
    changes::publish(tx, now, &upload.key)?;
    Ok(true)
}

fn tus(status: u16) -> Answer {
    Answer::empty(status).with("Tus-Resumable", TUS)
}

fn version_unsupported() -> Answer {
    tus(412).with("Tus-Version", TUS)
}
