//! Bringing over what can be read of a damaged store, row by row.
//!
//! A row that cannot be read is put together again from what is said of it elsewhere, or named as a
//! loss; an index often still knows the key of a report whose row is gone. Numbers stay the same, so that every reference holds. Since later rows may
//! be missing, whatever is unfinished counts as perhaps sent: the same bytes under the same key
//! are safe to send again.

mod accounts;
mod sequences;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, path::Path};

use lapor_engine::{
    calendar::Instant,
    report::{Form, Phase, Sha256Hash, freeze},
};
use rusqlite::{Connection, config::DbConfig, ffi, params};

use super::{
    AttachmentRow, LossKind, StoreError,
    errors::{Trouble, trouble},
    folder,
    leaves::Old,
    open::{self, Access},
    pictures,
    readable::{blob, copy, has_a_row, ids, keep, number, patiently, read_row, write_row},
    rebuild::{self, Indexes},
    repair, rows, thumbnails,
};

/// Where the losses of one salvage are written.
struct Ledger<'a> {
    new: &'a Connection,
    set_aside: &'a str,
    now: Instant,
}

impl Ledger<'_> {
    fn lost(&self, what: LossKind, account: i64, key: &[u8], row: i64) -> Result<(), StoreError> {
        self.new
            .prepare_cached(
                "INSERT INTO loss (account, set_aside, at, what, report_key, row) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![account, self.set_aside, self.now.0, what.as_str(), key, row])?;
        Ok(())
    }

    /// Of whoever did not come over: nobody would ever be told.
    fn nobodys(&self) -> Result<(), StoreError> {
        self.new.execute(
            "UPDATE loss SET account = 0 WHERE account NOT IN (SELECT id FROM account)",
            [],
        )?;
        Ok(())
    }

    /// Said once, however many accounts: nobody can be told that it was theirs. One that was told before may
    /// be of a folder of the same name, which is erased.
    fn lost_account(&self) -> Result<(), StoreError> {
        self.new
            .prepare_cached(
                "INSERT INTO loss (set_aside, at, what) SELECT ?1, ?2, ?3
                 WHERE NOT EXISTS (SELECT 1 FROM loss WHERE set_aside = ?1 AND what = ?3 AND shown = 0)",
            )?
            .execute(params![
                self.set_aside,
                self.now.0,
                LossKind::Account.as_str()
            ])?;
        Ok(())
    }
}

/// Fills `new` from the store in `folder`; returns how many reports came over. Only errors of
/// the new store are errors.
pub(super) fn bring_over(
    folder: &Path,
    new: &mut Connection,
    access: Access<'_>,
    set_aside: &str,
    now: Instant,
) -> Result<u32, StoreError> {
    let ledger = Ledger {
        new,
        set_aside,
        now,
    };
    let Some(old) = old_store(&folder.join(folder::DATABASE), access)? else {
        ledger.lost(LossKind::Everything, 0, &[], 0)?;
        return Ok(0);
    };
    let (current, kept) = accounts::copy_settings(&old, new)?;
    for id in ids(&old, "loss") {
        copy(&old, new, "loss", id)?;
    }
    let strangers = accounts::accounts(&old, &ledger, &kept)?;
    for (table, what) in [
        ("attachment", LossKind::Attachment),
        ("event", LossKind::Event),
    ] {
        if !has_table(&old, table) {
            ledger.lost(what, 0, &[], 0)?;
        }
    }
    let indexes = Indexes::of(&old);
    let (saved, without_body) = reports(&old, &ledger, &indexes)?;
    accounts::somebody(&ledger, current)?;
    for id in ids(&old, "operation") {
        copy(&old, new, "operation", id)?;
    }
    attachments(&old, &ledger, &indexes)?;
    without_body
        .into_iter()
        .try_for_each(|report| thaw(&ledger, report))?;
    events(&old, &ledger, &indexes)?;
    ledger.nobodys()?;
    sequences::sequences(&old, new)?;
    repair::repair(new, &strangers, now)?;
    Ok(saved)
}

/// The damaged store, to be read and not to be changed by reading: its WAL stays as it is. None where
/// nothing of it can be read; a disk without room to read it is another thing.
fn old_store(database: &Path, access: Access<'_>) -> Result<Option<Old>, StoreError> {
    if !folder::exists(database)? {
        return Ok(None);
    }
    let whole = || {
        let old = open::connect(database, access, false)?;
        old.prepare("SELECT 1 FROM sqlite_schema").map(drop)?;
        Ok(old)
    };
    // Only a schema that is damaged is read as far as it goes: then SQLite also takes a page that
    // the disk refuses for a moment for the end of the schema, and says nothing.
    let opened = patiently(whole).or_else(|error| {
        if is_of_the_disk(&error) {
            Err(error)
        } else {
            open::connect_damaged(database, access)
        }
    });
    let old = match opened {
        Ok(old) => old,
        Err(error) if is_of_the_disk(&error) => return Err(StoreError::DiskFull),
        Err(_) => return Ok(None),
    };
    let is_left_alone = old
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .and_then(|_| old.execute_batch("PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0;"));
    if is_left_alone.is_err() || !has_table(&old, "report") {
        return Ok(None);
    }
    let old = Old::new(old);
    Ok(has_a_row(&old).then_some(old))
}

/// Not damage: the index of the log, which reading needs, cannot be made, or another process is in.
fn is_of_the_disk(error: &rusqlite::Error) -> bool {
    match trouble(error) {
        Trouble::Full | Trouble::Busy | Trouble::Locked => true,
        Trouble::Other(code) => {
            code & 0xff == ffi::SQLITE_CANTOPEN
                || [ffi::SQLITE_IOERR_SHMOPEN, ffi::SQLITE_IOERR_SHMMAP].contains(&code)
        }
        Trouble::Unreadable | Trouble::Row => false,
    }
}

/// Damage in the schema can hide a table whose pages are whole.
fn has_table(old: &Connection, table: &str) -> bool {
    patiently(|| {
        old.prepare(&format!("SELECT 1 FROM {table} LIMIT 0"))
            .map(drop)
    })
    .is_ok()
}

/// Copies the reports and their frozen bodies; returns how many, and whose body is missing.
fn reports(
    old: &Old,
    ledger: &Ledger<'_>,
    indexes: &Indexes,
) -> Result<(u32, Vec<i64>), StoreError> {
    let new = ledger.new;
    let (mut saved, mut without_body) = (0, Vec::new());
    let sent_by = rebuild::sent_by(new, ledger.now);
    let all: BTreeSet<i64> = ids(old, "report")
        .into_iter()
        .chain(indexes.keys.rows.keys().copied())
        .collect();
    for id in all {
        let key = indexes.key(id);
        let columns = read_row(old, "report", "id", id)
            .or_else(|| rebuild::report(old, indexes, id, sent_by));
        let Some(columns) = columns else {
            if !indexes.keys.denies(id) {
                ledger.lost(LossKind::Report, indexes.account(id), key, id)?;
            }
            continue;
        };
        let account = number(&columns, "account");
        accounts::need_account(ledger, account)?;
        if write_row(new, "report", &columns).is_err() {
            ledger.lost(LossKind::Report, account, key, id)?;
            continue;
        }
        saved += 1;
        let Some(hash) = blob(&columns, "body_sha256").filter(|hash| !hash.is_empty()) else {
            continue;
        };
        let body = read_row(old, "body", "report", id).filter(|body| {
            blob(body, "content").is_some_and(|bytes| Sha256Hash::of(bytes).0[..] == hash[..])
        });
        match body {
            Some(body) => write_row(new, "body", &body)?,
            None => without_body.push(id),
        }
    }
    Ok((saved, without_body))
}

/// A frozen body that cannot be read is frozen once more from the words as typed: when it comes
/// out with the hash it had, it is the very same bytes. Otherwise what was not confirmed is a
/// draft again, under the same key.
fn thaw(ledger: &Ledger<'_>, report: i64) -> Result<(), StoreError> {
    let new = ledger.new;
    let sql = format!(
        "SELECT account, key, body_sha256, supersedes, {} FROM report WHERE id = ?1",
        rows::FORM
    );
    let (account, key, hash, supersedes, form): (i64, Vec<u8>, Vec<u8>, Vec<u8>, Form) =
        new.prepare_cached(&sql)?.query_row([report], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                rows::form(row, 4)?,
            ))
        })?;
    let digests: Vec<_> = pictures::of_report(new, report)?
        .iter()
        .map(AttachmentRow::digest)
        .collect();
    let frozen = freeze(&form, &digests, rows::report_key(&supersedes).ok());
    if frozen.sha256.0[..] == hash[..] {
        new.prepare_cached("INSERT INTO body (report, content) VALUES (?1, ?2)")?
            .execute(params![report, frozen.bytes])?;
        return Ok(());
    }
    let undone = new
        .prepare_cached("UPDATE report SET phase = 'draft', body_sha256 = x'' WHERE id = ?1 AND phase = 'queued'")?
        .execute([report])?;
    if undone > 0 {
        ledger.lost(LossKind::Body, account, &key, report)
    } else {
        Ok(())
    }
}

fn attachments(old: &Old, ledger: &Ledger<'_>, indexes: &Indexes) -> Result<(), StoreError> {
    let new = ledger.new;
    let mut brought = BTreeSet::new();
    let all: BTreeSet<i64> = ids(old, "attachment")
        .into_iter()
        .chain(indexes.attachments.rows.keys().copied())
        .collect();
    for id in all {
        let read = read_row(old, "attachment", "id", id);
        let is_rebuilt = read.is_none();
        let is_here = match read.or_else(|| rebuild::attachment(old, indexes, id)) {
            Some(columns) => keep(new, "attachment", &columns)?,
            None => false,
        };
        if !is_here {
            if !indexes.attachments.denies(id) {
                let (account, key) = indexes.of_attachment(id);
                ledger.lost(LossKind::Attachment, account, key, id)?;
            }
            continue;
        }
        let (present, pieces, hash, account, key, phase): (bool, i64, Vec<u8>, i64, Vec<u8>, String) = new
            .prepare_cached(
                "SELECT a.present, iif(a.pieces = 0, a.id, a.pieces), a.sha256, r.account, r.key, r.phase
                 FROM attachment a JOIN report r ON r.id = a.report WHERE a.id = ?1",
            )?
            .query_row([id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
            })?;
        thumbnails::bring_over(old, new, &hash)?;
        if !present || brought.contains(&pieces) {
            continue;
        }
        let bytes = picture(old, pieces);
        if Sha256Hash::of(&bytes).0[..] == hash[..] {
            pictures::put_pieces(new, pieces, &bytes)?;
            brought.insert(pieces);
            continue;
        }
        if is_rebuilt && is_delivered(new, id)? {
            new.prepare_cached("UPDATE attachment SET present = 0, stored = 1 WHERE id = ?1")?
                .execute([id])?;
            continue;
        }
        ledger.lost(LossKind::Attachment, account, &key, id)?;
        // Whoever still writes does not submit what cannot be sent any more.
        let phase = Phase::parse(&phase);
        let sql = if phase.is_some_and(|one| one.is_editable() || one == Phase::Discarded) {
            "DELETE FROM attachment WHERE id = ?1"
        } else {
            "UPDATE attachment SET present = 0 WHERE id = ?1"
        };
        new.prepare_cached(sql)?.execute([id])?;
    }
    Ok(())
}

/// Does the service have it, as the outbox knows? Then its bytes may have been given back long ago.
fn is_delivered(new: &Connection, attachment: i64) -> Result<bool, StoreError> {
    Ok(new
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM operation o JOIN report r ON r.id = o.report
               WHERE o.attachment = ?1 AND o.kind = 'upload_attachment' AND o.state = 'done'
                 AND r.phase IN ('sent', 'withdrawing', 'withdrawn'))",
        )?
        .query_row([attachment], |row| row.get(0))?)
}

/// The bytes of a picture: as they are read, or piece by piece from wherever each is found.
pub(super) fn picture(old: &Old, pieces: i64) -> Vec<u8> {
    let read = || pictures::read_pieces(old, pieces);
    patiently(read).unwrap_or_else(|_| {
        pictures::piece_numbers(pieces)
            .map_while(|id| read_row(old, "attachment_piece", "id", id))
            .filter_map(|row| blob(&row, "content").map(<[u8]>::to_vec))
            .flatten()
            .collect()
    })
}

fn events(old: &Old, ledger: &Ledger<'_>, indexes: &Indexes) -> Result<(), StoreError> {
    let all: BTreeSet<i64> = ids(old, "event")
        .into_iter()
        .chain(indexes.events.rows.keys().copied())
        .collect();
    for id in all {
        let whole = read_row(old, "event", "id", id).is_some_and(|columns| {
            let (body, hash) = (blob(&columns, "body"), blob(&columns, "body_sha256"));
            body.zip(hash)
                .is_some_and(|(body, hash)| Sha256Hash::of(body).0[..] == hash[..])
        });
        let is_here = whole && copy(old, ledger.new, "event", id)?;
        if !is_here && !indexes.events.denies(id) {
            let (account, key) = indexes.of_event(id);
            ledger.lost(LossKind::Event, account, key, id)?;
        }
    }
    Ok(())
}
