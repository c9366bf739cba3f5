//! Attachments beside their report, in pieces, read by range through incremental BLOB I/O.

use lapor_engine::{
    calendar::Instant,
    mutant,
    report::{AsItIs, AttachmentDigest, Form, ReportKey, Sha256Hash},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Store, StoreError, drafts, reserve::Room, rows, settings, thumbnails};

mod pieces;
#[cfg(test)]
mod tests;

use pieces::{PIECE, PIECES};
pub(super) use pieces::{
    blank, delete_pieces, drop_bytes, next_orphan, piece_numbers, pieces_of, put_pieces,
    read_pieces,
};

/// The largest attachment kept at all, bytes: one transaction holds it, and the WAL is bounded.
pub const ATTACHMENT_MAX: u64 = 3 << 20;
/// A picture stays on the phone at least this long after the service lists it, milliseconds.
const KEEP_STORED: u64 = 7 * 86_400_000;

/// A picture or document ready to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttachment {
    pub bytes: Vec<u8>,
    pub sha256: Sha256Hash,
    pub media_type: String,
    /// Pixels; 0 for a document.
    pub width: u32,
    pub height: u32,
    /// Of the file it was made from.
    pub original_bytes: u64,
    /// JPEG quality it was made with; 0 for a document.
    pub quality: u8,
    /// A small JPEG for lists; empty for none.
    pub thumbnail: Vec<u8>,
}

/// An attachment of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// The store's number of it.
    pub id: i64,
    /// From 0, in the order of the report.
    pub position: u32,
    pub sha256: Sha256Hash,
    pub media_type: String,
    /// Made here (`foto-1.jpg`), never the file's own name.
    pub name: String,
    pub bytes: u64,
    pub width: u32,
    pub height: u32,
    pub original_bytes: u64,
    pub quality: u8,
    /// Its bytes are on this phone.
    pub present: bool,
    /// The service lists it.
    pub stored: bool,
    pub stored_at: Option<Instant>,
    /// Bytes that the service has, as far as known.
    pub uploaded: u64,
    /// Times the service started over.
    pub restarts: u32,
}

impl AttachmentRow {
    /// Neither here nor at the service: nothing brings it there any more.
    pub fn is_lost(&self) -> bool {
        !self.present && !self.stored
    }

    /// It was not made here, and goes out with what its programs wrote into it.
    pub fn is_as_it_is(&self) -> bool {
        AsItIs::of(&self.media_type, &Form::default()).is_some()
    }

    /// As the body of the report names it.
    pub fn digest(&self) -> AttachmentDigest {
        AttachmentDigest {
            sha256: self.sha256,
            bytes: self.bytes,
            media_type: self.media_type.clone(),
            name: self.name.clone(),
        }
    }
}

const ATTACHMENT: &str = "SELECT id, sha256, media_type, name, bytes, width, height, original_bytes, quality, present, \
     stored, stored_at, upload_offset, restarts FROM attachment";

fn attachment(row: &Row<'_>) -> Result<AttachmentRow, StoreError> {
    let hash: Vec<u8> = row.get(1)?;
    let bytes = rows::natural(row.get(4)?);
    let stored: bool = row.get(10)?;
    Ok(AttachmentRow {
        id: row.get(0)?,
        position: 0,
        sha256: rows::hash(&hash)?,
        media_type: row.get(2)?,
        name: row.get(3)?,
        bytes,
        width: rows::small(row.get(5)?),
        height: rows::small(row.get(6)?),
        original_bytes: rows::natural(row.get(7)?),
        quality: row.get(8)?,
        present: row.get(9)?,
        stored,
        stored_at: rows::instant(row.get(11)?),
        uploaded: if stored {
            bytes
        } else {
            rows::natural(row.get(12)?)
        },
        restarts: rows::small(row.get(13)?),
    })
}

pub(super) fn of_report(db: &Connection, report: i64) -> Result<Vec<AttachmentRow>, StoreError> {
    let mut statement = db.prepare_cached(&format!(
        "{ATTACHMENT} WHERE report = ?1 ORDER BY position, id"
    ))?;
    let mut found = statement.query([report])?;
    let mut attachments = Vec::new();
    while let Some(row) = found.next()? {
        let position = u32::try_from(attachments.len()).unwrap_or(u32::MAX);
        attachments.push(AttachmentRow {
            position,
            ..attachment(row)?
        });
    }
    Ok(attachments)
}

impl Store {
    /// Keeps an attachment beside its report, words and picture in one transaction.
    pub fn attach(
        &mut self,
        key: ReportKey,
        new: &NewAttachment,
        now: Instant,
    ) -> Result<AttachmentRow, StoreError> {
        if new.bytes.len() as u64 > ATTACHMENT_MAX {
            return Err(StoreError::TooLarge {
                limit: ATTACHMENT_MAX,
            });
        }
        if Sha256Hash::of(&new.bytes) != new.sha256 {
            return Err(StoreError::HashMismatch);
        }
        let room = self.make_room(new.bytes.len() as u64 + new.thumbnail.len() as u64)?;
        let kept = self.write(|db| {
            let head = drafts::editable(db, key)?;
            let there = of_report(db, head.id)?;
            if let Some(same) = there.iter().find(|attachment| attachment.sha256 == new.sha256) {
                return Err(StoreError::Duplicate { attachment: same.id });
            }
            db.prepare_cached(
                "INSERT INTO attachment (report, position, sha256, media_type, name, bytes, width, height,
                     original_bytes, quality)
                 VALUES (?1, (SELECT coalesce(max(position), -1) + 1 FROM attachment WHERE report = ?1),
                     ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                head.id,
                new.sha256.0,
                new.media_type,
                free_name(&new.media_type, &there),
                rows::int(new.bytes.len() as u64),
                new.width,
                new.height,
                rows::int(new.original_bytes),
                new.quality
            ])?;
            let id = db.last_insert_rowid();
            put_pieces(db, id, &new.bytes)?;
            thumbnails::put(db, new.sha256, &new.thumbnail)?;
            drafts::touch(db, head.id, now)?;
            of_report(db, head.id)?.into_iter().find(|row| row.id == id).ok_or(StoreError::NotFound)
        });
        if room == Room::Scarce {
            self.checkpoint();
        }
        kept
    }

    /// Takes an attachment out of a draft. Its space is free for the next one.
    pub fn detach(
        &mut self,
        key: ReportKey,
        attachment: i64,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.write_at_need(|db| {
            let head = drafts::editable(db, key)?;
            let there = of_report(db, head.id)?
                .into_iter()
                .any(|row| row.id == attachment);
            if !there {
                return Err(StoreError::NotFound);
            }
            drop_bytes(db, attachment)?;
            db.prepare_cached("DELETE FROM operation WHERE report = ?1 AND attachment = ?2")?
                .execute([head.id, attachment])?;
            db.prepare_cached("DELETE FROM attachment WHERE id = ?1")?
                .execute([attachment])?;
            drafts::touch(db, head.id, now)
        })
    }

    /// Reads from `offset` on into `buffer`, as much as there is; returns the bytes read, 0 at
    /// the end.
    pub fn read_attachment(
        &self,
        attachment: i64,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<usize, StoreError> {
        self.read(|db| {
            let (bytes, present, pieces, stored): (i64, bool, i64, bool) = db
                .prepare_cached(
                    "SELECT bytes, present, iif(pieces = 0, id, pieces), stored FROM attachment WHERE id = ?1",
                )?
                .query_row([attachment], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
                .optional()?
                .ok_or(StoreError::NotFound)?;
            match (present, stored) {
                (true, _) => {}
                (false, true) => return Err(StoreError::PictureGone { attachment }),
                (false, false) => return Err(StoreError::PictureLost { attachment }),
            }
            let left = rows::natural(bytes).saturating_sub(offset);
            let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            let mut done = 0;
            while let Some(rest) = buffer.get_mut(done..wanted).filter(|rest| !rest.is_empty()) {
                let at = offset + done as u64;
                let piece = PIECE as u64;
                let row = pieces * PIECES + rows::int(at / piece);
                let blob = db.blob_open("main", "attachment_piece", "content", row, true)?;
                let within = usize::try_from(at % piece).unwrap_or(0);
                let read = blob.read_at(rest, within)?;
                if read == 0 {
                    // Shorter than its row says: not by any path of this program.
                    return Err(StoreError::Damaged);
                }
                done += read;
            }
            Ok(done)
        })
    }

    /// Gives back the space of pictures that the service has listed for seven days, as long as
    /// nothing says that it was restored from a backup since. Words stay. Returns the bytes freed.
    pub fn free_pictures(&mut self, now: Instant) -> Result<u64, StoreError> {
        let keep = if mutant!(PicturesGoAtOnce) {
            0
        } else {
            rows::int(KEEP_STORED)
        };
        // Nearly always nothing is that old even by the phone's clock, and an index alone tells so.
        let old: Vec<i64> = self.glance(|db| {
            let mut statement = db.prepare_cached(
                "SELECT id FROM attachment WHERE stored = 1 AND present = 1 AND stored_at <= ?1 ORDER BY stored_at, id",
            )?;
            let found = statement.query_map([now.0.saturating_sub(keep)], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })?;
        if old.is_empty() {
            return Ok(0);
        }
        let until = self
            .glance(|db| settings::reckoned(db, now))?
            .0
            .saturating_sub(keep);
        let (mut freed, mut all) = (0, Ok(()));
        for attachment in old {
            match self.free(attachment, until) {
                Ok(bytes) => freed += bytes,
                // One on a damaged page keeps its place, and no other's.
                Err(StoreError::Corrupt) => all = Err(StoreError::Corrupt),
                Err(other) => {
                    all = Err(other);
                    break;
                }
            }
        }
        if freed > 0 {
            let given = self.give_space_back();
            self.noted(given)?;
        }
        all.map(|()| freed)
    }

    /// The bytes of one, unless something speaks for keeping it. Also when the clock went back behind the
    /// day it was stored: waits, never hurries.
    fn free(&mut self, attachment: i64, until: i64) -> Result<u64, StoreError> {
        let bytes: Option<i64> = self.read(|db| {
            // Who is not signed in has not heard of a restore yet.
            let current = rows::current_account(db)?;
            let mut statement = db.prepare_cached(
                "SELECT a.bytes FROM attachment a JOIN report r ON r.id = a.report
                   JOIN account o ON o.id = r.account
                 WHERE a.id = ?3 AND a.stored = 1 AND a.present = 1 AND a.stored_at <= ?1 AND r.unverified = 0
                   AND o.epoch = (SELECT epoch FROM account WHERE id = ?2)
                   AND NOT EXISTS (SELECT 1 FROM operation p WHERE p.report = r.id AND p.attachment = a.id
                     AND p.state NOT IN ('done', 'ended'))",
            )?;
            let found = statement.query_row([until, current.0, attachment], |row| row.get(0));
            Ok(found.optional()?)
        })?;
        let Some(bytes) = bytes else {
            return Ok(0);
        };
        self.write_at_need(|db| {
            drop_bytes(db, attachment)?;
            db.prepare_cached("UPDATE attachment SET present = 0 WHERE id = ?1")?
                .execute([attachment])?;
            Ok(())
        })?;
        Ok(rows::natural(bytes))
    }
}

/// `foto-N.jpg` or `dokumen-N.pdf`, the first number that is free.
fn free_name(media_type: &str, there: &[AttachmentRow]) -> String {
    let (stem, extension) = match media_type {
        "image/jpeg" => ("foto", "jpg"),
        "image/png" => ("foto", "png"),
        "application/pdf" => ("dokumen", "pdf"),
        _ => ("lampiran", "bin"),
    };
    (1..=there.len() + 1)
        .map(|number| format!("{stem}-{number}."))
        .find(|start| !there.iter().any(|row| row.name.starts_with(start)))
        .map_or_else(
            || format!("{stem}.{extension}"),
            |start| format!("{start}{extension}"),
        )
}

/// Takes off what damage has taken the bytes of. A report that was refused is written again, and what
/// cannot be sent is not to be promised a second time.
pub(super) fn drop_lost(db: &Connection, report: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM operation WHERE report = ?1 AND attachment IN
             (SELECT id FROM attachment WHERE report = ?1 AND present = 0 AND stored = 0)",
    )?
    .execute([report])?;
    db.prepare_cached("DELETE FROM attachment WHERE report = ?1 AND present = 0 AND stored = 0")?
        .execute([report])?;
    Ok(())
}
