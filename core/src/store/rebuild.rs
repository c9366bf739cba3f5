//! Rows of a damaged store put together from what is said of them elsewhere: an index holds the
//! columns that it is made of, a frozen body every word of its report.
//!
//! Nothing is guessed: a draft has no frozen body, and what was edited after it was frozen is not
//! taken from one.

use lapor_engine::{
    calendar::Instant,
    report::{Phase, Sha256Hash, thaw},
};
use rusqlite::{Connection, types::Value};

use super::{
    leaves::Old,
    readable::{Columns, Indexed, blob, indexed, read_row},
    salvage, settings,
};

#[cfg(test)]
mod tests;

/// What the indexes of a damaged store say.
pub(super) struct Indexes {
    pub(super) keys: Indexed<Vec<u8>>,
    /// The hash of each attachment and the number of its report.
    pub(super) attachments: Indexed<(i64, Vec<u8>)>,
    /// The number of the report of each event.
    pub(super) events: Indexed<i64>,
    /// The account of each report.
    accounts: Indexed<i64>,
    /// Account, phase and place in the list.
    phases: Indexed<(i64, String, i64)>,
    tracking_ids: Indexed<String>,
    /// Attachments that are here and that the service lists: since when.
    stored: Indexed<i64>,
    /// Attachments whose bytes lie under another's number: under which.
    sharing: Indexed<i64>,
}

impl Indexes {
    pub(super) fn of(old: &Connection) -> Self {
        let report = |index| ("report", index);
        let attachment = |index| ("attachment", index);
        Self {
            keys: indexed(old, report("report_by_key"), &["key"], "", |row| row.get(1)),
            attachments: indexed(
                old,
                attachment("sqlite_autoindex_attachment_1"),
                &["report", "sha256"],
                "",
                |row| Ok((row.get(1)?, row.get(2)?)),
            ),
            events: indexed(old, ("event", "event_of_report"), &["report"], "", |row| {
                row.get(1)
            }),
            accounts: indexed(
                old,
                report("sqlite_autoindex_report_1"),
                &["account"],
                "",
                |row| row.get(1),
            ),
            phases: indexed(
                old,
                report("report_by_phase"),
                &["account", "phase", "sort_at"],
                "",
                |row| Ok((row.get(1)?, row.get(2)?, row.get(3)?)),
            ),
            tracking_ids: indexed(
                old,
                report("report_by_tracking_id"),
                &["account", "tracking_id"],
                "WHERE tracking_id <> ''",
                |row| row.get(2),
            ),
            stored: indexed(
                old,
                attachment("attachment_to_free"),
                &["stored_at"],
                "WHERE stored = 1 AND present = 1",
                |row| row.get(1),
            ),
            sharing: indexed(
                old,
                attachment("attachment_sharing"),
                &["pieces"],
                "WHERE pieces <> 0",
                |row| row.get(1),
            ),
        }
    }

    /// The key of a report; empty where not even that can be read.
    pub(super) fn key(&self, report: i64) -> &[u8] {
        self.keys.rows.get(&report).map_or(&[], Vec::as_slice)
    }

    /// Whose a report is; 0 where that cannot be read.
    pub(super) fn account(&self, report: i64) -> i64 {
        let by_phase = || self.phases.rows.get(&report).map(|(account, ..)| account);
        let account = self.accounts.rows.get(&report).or_else(by_phase);
        account.copied().unwrap_or(0)
    }

    /// Account and key of the report of an attachment.
    pub(super) fn of_attachment(&self, id: i64) -> (i64, &[u8]) {
        let found = self.attachments.rows.get(&id);
        found.map_or((0, &[]), |(report, _)| self.of_report(*report))
    }

    /// Account and key of the report of an event.
    pub(super) fn of_event(&self, id: i64) -> (i64, &[u8]) {
        let found = self.events.rows.get(&id);
        found.map_or((0, &[]), |report| self.of_report(*report))
    }

    fn of_report(&self, report: i64) -> (i64, &[u8]) {
        (self.account(report), self.key(report))
    }
}

/// Whatever was sent before `now` was sent by this day: nothing tells any more when, and later only
/// means that it is asked for more often. By the service's own clock where it told it: a phone's may
/// be years behind.
pub(super) fn sent_by(new: &Connection, now: Instant) -> Instant {
    settings::server_date(new).ok().flatten().unwrap_or(now)
}

/// A report whose row is gone, from its frozen body. What only the service can say of it is asked
/// for again. It bears one day for its beginning and its acceptance: by that it is known again.
pub(super) fn report(old: &Old, indexes: &Indexes, id: i64, sent_by: Instant) -> Option<Columns> {
    let key = indexes.keys.rows.get(&id)?;
    let (account, word, sort_at) = indexes.phases.rows.get(&id)?;
    let phase = Phase::parse(word)?;
    if phase.is_editable() || phase == Phase::Discarded {
        return None;
    }
    let body = read_row(old, "body", "report", id)?;
    let content = blob(&body, "content")?;
    let thawed = thaw(content)?;
    let form = thawed.form;
    let tracking_id = indexes.tracking_ids.rows.get(&id);
    let sent = phase == Phase::Sent;
    // A clock may have been years ahead: then nothing tells when it was accepted, and its place in the
    // list lies behind this day (`restored::newest`).
    let accepted = match phase {
        // It was not sent: its place in the list is the day of its acceptance by any clock.
        Phase::Queued => *sort_at,
        _ => sent_by.0.min(*sort_at),
    };
    let flag = |on: bool| Value::Integer(i64::from(on));
    let columns = [
        ("id", Value::Integer(id)),
        ("key", Value::Blob(key.clone())),
        ("account", Value::Integer(*account)),
        ("phase", Value::Text(word.clone())),
        ("sort_at", Value::Integer(*sort_at)),
        ("created_at", Value::Integer(accepted)),
        ("edited_at", Value::Integer(accepted)),
        ("accepted_at", Value::Integer(accepted)),
        (
            "sent_at",
            Value::Integer(if sent { sent_by.0.max(*sort_at) } else { 0 }),
        ),
        (
            "classification",
            Value::Text(
                form.classification
                    .map_or("", |one| one.as_str())
                    .to_owned(),
            ),
        ),
        ("anonymous", flag(form.anonymous)),
        ("secret", flag(form.secret)),
        ("incident_date", Value::Text(form.incident_date)),
        ("area_code", Value::Text(form.area_code)),
        ("institution_id", Value::Text(form.institution_id)),
        ("category_id", Value::Text(form.category_id)),
        ("has_place", flag(form.place.is_some())),
        (
            "latitude",
            Value::Real(form.place.map_or(0.0, |place| place.latitude)),
        ),
        (
            "longitude",
            Value::Real(form.place.map_or(0.0, |place| place.longitude)),
        ),
        (
            "supersedes",
            Value::Blob(thawed.supersedes.map_or(Vec::new(), |key| key.0.to_vec())),
        ),
        (
            "tracking_id",
            Value::Text(tracking_id.cloned().unwrap_or_default()),
        ),
        ("unverified", flag(sent)),
        (
            "body_sha256",
            Value::Blob(Sha256Hash::of(content).0.to_vec()),
        ),
        ("title", Value::Text(form.title)),
        ("location", Value::Text(form.location)),
        ("content", Value::Text(form.content)),
    ];
    Some(named(columns))
}

/// An attachment whose row is gone, from the body that names it, or from its own bytes where its
/// report is not frozen.
pub(super) fn attachment(old: &Old, indexes: &Indexes, id: i64) -> Option<Columns> {
    let (report, hash) = indexes.attachments.rows.get(&id)?;
    let body = read_row(old, "body", "report", *report);
    let digests = body
        .as_ref()
        .and_then(|body| thaw(blob(body, "content")?))
        .map_or_else(Vec::new, |thawed| thawed.attachments);
    let pieces = indexes.sharing.rows.get(&id).copied();
    let place = digests
        .iter()
        .position(|digest| digest.sha256.0[..] == hash[..]);
    let (media_type, name, length, position) =
        match place.and_then(|at| digests.get(at).zip(Some(at))) {
            Some((digest, at)) => (
                digest.media_type.clone(),
                digest.name.clone(),
                i64::try_from(digest.bytes).ok()?,
                i64::try_from(at).ok()?,
            ),
            None => {
                let bytes = salvage::picture(old, pieces.unwrap_or(id));
                if Sha256Hash::of(&bytes).0[..] != hash[..] {
                    return None;
                }
                let (media_type, name) = looks_like(&bytes, id)?;
                // After those whose place is known: numbers grow as attachments are added.
                (media_type, name, i64::try_from(bytes.len()).ok()?, id)
            }
        };
    let stored_at = indexes.stored.rows.get(&id);
    Some(named([
        ("id", Value::Integer(id)),
        ("report", Value::Integer(*report)),
        ("position", Value::Integer(position)),
        ("sha256", Value::Blob(hash.clone())),
        ("media_type", Value::Text(media_type)),
        ("name", Value::Text(name)),
        ("bytes", Value::Integer(length)),
        ("pieces", Value::Integer(pieces.unwrap_or(0))),
        ("stored", Value::Integer(i64::from(stored_at.is_some()))),
        ("stored_at", Value::Integer(stored_at.copied().unwrap_or(0))),
    ]))
}

/// Media type by the first bytes, and a name that no other attachment has.
fn looks_like(bytes: &[u8], id: i64) -> Option<(String, String)> {
    let (media_type, stem, extension) = match bytes {
        [0xff, 0xd8, 0xff, ..] => ("image/jpeg", "foto", "jpg"),
        [0x89, b'P', b'N', b'G', ..] => ("image/png", "foto", "png"),
        [b'%', b'P', b'D', b'F', ..] => ("application/pdf", "dokumen", "pdf"),
        _ => return None,
    };
    // Made names count from 1 to the number of attachments; these begin beyond.
    let name = format!("{stem}-{}.{extension}", id.saturating_add(1_000));
    Some((media_type.to_owned(), name))
}

fn named<const N: usize>(columns: [(&str, Value); N]) -> Columns {
    columns
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
