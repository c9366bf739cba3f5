//! Drafts: many, saved field by field, brought back when put away.

use lapor_engine::{
    calendar::Instant,
    report::{AsItIs, Edit, Form, Phase, Problem, ReportKey},
    sync::{AccountId, OperationState, Reason, put_away},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{AttachmentRow, Store, StoreError, events, pictures, rows, supersede};

#[cfg(test)]
mod tests;

/// A report as far as its writer is concerned.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftRow {
    pub key: ReportKey,
    pub account: AccountId,
    pub phase: Phase,
    /// Counts changes; hand it to `submit`, so that what was checked is what is sent.
    pub version: i64,
    pub form: Form,
    /// In the order of the report.
    pub attachments: Vec<AttachmentRow>,
    pub supersedes: Option<ReportKey>,
    /// What the service refused, when it did.
    pub problems: Vec<Problem>,
    pub created_at: Instant,
    pub edited_at: Instant,
}

impl DraftRow {
    /// What its writer is to know of its documents, as long as one of them is still to go.
    pub fn as_it_is(&self) -> Option<AsItIs> {
        self.attachments
            .iter()
            .filter(|row| !row.stored)
            .find_map(|row| AsItIs::of(&row.media_type, &self.form))
    }
}

impl Store {
    pub fn new_draft(
        &mut self,
        key: ReportKey,
        account: AccountId,
        now: Instant,
    ) -> Result<(), StoreError> {
        self.write(|db| insert_draft(db, key, account, None, now).map(|_| ()))
    }

    /// One field-level change, durable when this returns.
    pub fn edit(&mut self, key: ReportKey, edit: Edit, now: Instant) -> Result<(), StoreError> {
        self.write(|db| {
            let head = editable(db, key)?;
            put_field(db, head.id, &edit)?;
            touch(db, head.id, now)
        })
    }

    /// Puts a draft away. What the service refused can be put away too: it has none of it.
    pub fn discard(&mut self, key: ReportKey, now: Instant) -> Result<(), StoreError> {
        self.write_at_need(|db| {
            let head = editable(db, key)?;
            rows::set_phase(db, head.id, Phase::Discarded)?;
            supersede::look_again_before(db, head.id)?;
            end_create(db, head.id)?;
            end_operations(db, head.id, &Reason::Withdrawn)?;
            touch(db, head.id, now)
        })
    }

    /// Brings a discarded draft back as it was. Not where another report goes on in its place with the same words;
    /// with other words it comes back as a report of its own.
    pub fn restore(&mut self, key: ReportKey, now: Instant) -> Result<(), StoreError> {
        self.write(|db| {
            let head = rows::own_head(db, key)?;
            if head.phase != Phase::Discarded {
                return Err(StoreError::NotPossible { phase: head.phase });
            }
            supersede::comes_back(db, head.id)?;
            // Where damage had made a draft of it again, nobody has refused it.
            let thawed = rows::reason_text(Some(&Reason::Lost));
            let refused: Option<String> = db
                .prepare_cached(
                    "SELECT r.problems FROM report r JOIN operation o ON o.report = r.id AND o.kind = 'create_report'
                     WHERE r.id = ?1 AND (o.reason <> ?2 OR r.problems <> '[]')",
                )?
                .query_row(params![head.id, thawed], |row| row.get(0))
                .optional()?;
            let Some(problems) = refused else {
                rows::set_phase(db, head.id, Phase::Draft)?;
                supersede::look_again_before(db, head.id)?;
                return touch(db, head.id, now);
            };
            rows::set_phase(db, head.id, Phase::Rejected)?;
            supersede::look_again_before(db, head.id)?;
            let why = rows::reason_text(Some(&Reason::Rejected { problems: rows::problems(&problems) }));
            // What had ended before it was put away (a picture that damage took) stays so.
            let put_away = rows::reason_text(Some(&Reason::Withdrawn));
            db.prepare_cached(
                "UPDATE operation SET state = ?2, reason = ?3
                 WHERE report = ?1 AND state = 'ended'
                   AND (kind = 'create_report' OR kind NOT IN ('add_event', 'fetch_copy') AND reason = ?4)",
            )?
            .execute(params![head.id, OperationState::Paused.as_str(), why, put_away])?;
            events::brought_back(db, head.id, now)?;
            touch(db, head.id, now)
        })
    }

    /// The form and its attachments, of a report in any phase.
    pub fn draft(&self, key: ReportKey) -> Result<DraftRow, StoreError> {
        self.read(|db| {
            let head = rows::own_head(db, key)?;
            let sql = format!(
                "SELECT supersedes, problems, created_at, edited_at, {} FROM report WHERE id = ?1",
                rows::FORM
            );
            let (supersedes, problems, created_at, edited_at, form) =
                db.prepare_cached(&sql)?.query_row([head.id], |row| {
                    Ok((
                        row.get::<_, Vec<u8>>(0)?,
                        row.get::<_, String>(1)?,
                        row.get(2)?,
                        row.get(3)?,
                        rows::form(row, 4)?,
                    ))
                })?;
            Ok(DraftRow {
                key,
                account: head.account,
                phase: head.phase,
                version: head.version,
                form,
                attachments: pictures::of_report(db, head.id)?,
                supersedes: rows::report_key(&supersedes).ok(),
                problems: rows::problems(&problems),
                created_at: Instant(created_at),
                edited_at: Instant(edited_at),
            })
        })
    }
}

pub(super) fn insert_draft(
    db: &Connection,
    key: ReportKey,
    account: AccountId,
    supersedes: Option<ReportKey>,
    now: Instant,
) -> Result<i64, StoreError> {
    let used: bool = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM report WHERE key = ?1)")?
        .query_row([key.0], |row| row.get(0))?;
    if used {
        return Err(StoreError::KeyUsed);
    }
    db.prepare_cached(
        "INSERT INTO report (key, account, phase, sort_at, created_at, edited_at, supersedes)
         VALUES (?1, ?2, 'draft', ?3, ?3, ?3, ?4)",
    )?
    .execute(params![
        key.0,
        account.0,
        now.0,
        supersedes.as_ref().map_or(&[][..], |key| &key.0[..])
    ])?;
    Ok(db.last_insert_rowid())
}

/// The report of the current account under `key`, if its words may be changed.
pub(super) fn editable(db: &Connection, key: ReportKey) -> Result<rows::Head, StoreError> {
    let head = rows::own_head(db, key)?;
    if head.own && head.phase.is_editable() {
        Ok(head)
    } else {
        Err(StoreError::NotEditable { phase: head.phase })
    }
}

pub(super) fn touch(db: &Connection, report: i64, now: Instant) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE report SET edited_at = ?2, version = version + 1 WHERE id = ?1")?
        .execute([report, now.0])?;
    Ok(())
}

/// Of a report that is put away: why nothing of it is at the service stays said.
fn end_create(db: &Connection, report: i64) -> Result<(), StoreError> {
    let open: Option<(i64, String)> = db
        .prepare_cached(
            "SELECT id, reason FROM operation
             WHERE report = ?1 AND kind = 'create_report' AND state NOT IN ('done', 'ended')",
        )?
        .query_row([report], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((id, reason)) = open else {
        return Ok(());
    };
    let why = rows::reason_text(Some(&put_away(rows::reason(&reason))));
    db.prepare_cached(
        "UPDATE operation SET state = 'ended', owner = '', reason = ?2 WHERE id = ?1",
    )?
    .execute(params![id, why])?;
    Ok(())
}

pub(super) fn end_operations(db: &Connection, report: i64, why: &Reason) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE operation SET state = 'ended', owner = '', reason = ?2
         WHERE report = ?1 AND state NOT IN ('done', 'ended')",
    )?
    .execute(params![report, rows::reason_text(Some(why))])?;
    Ok(())
}

fn put_field(db: &Connection, report: i64, edit: &Edit) -> Result<(), StoreError> {
    let set = |column: &str, value: &dyn rusqlite::ToSql| -> Result<(), StoreError> {
        db.prepare_cached(&format!("UPDATE report SET {column} = ?2 WHERE id = ?1"))?
            .execute(params![report, value])?;
        Ok(())
    };
    match edit {
        Edit::Classification(value) => set(
            "classification",
            &value.map_or("", lapor_engine::report::Classification::as_str),
        ),
        Edit::Title(text) => set("title", text),
        Edit::Content(text) => set("content", text),
        Edit::IncidentDate(text) => set("incident_date", text),
        Edit::Location(text) => set("location", text),
        Edit::AreaCode(text) => set("area_code", text),
        Edit::InstitutionId(text) => set("institution_id", text),
        Edit::CategoryId(text) => set("category_id", text),
        Edit::Anonymous(on) => set("anonymous", on),
        Edit::Secret(on) => set("secret", on),
        Edit::Place(place) => {
            // SQLite has no NaN (it would store NULL); a place that is none is no place.
            let place =
                place.filter(|place| !(place.latitude.is_nan() || place.longitude.is_nan()));
            set("has_place", &place.is_some())?;
            set("latitude", &place.map_or(0.0, |place| place.latitude))?;
            set("longitude", &place.map_or(0.0, |place| place.longitude))
        }
    }
}
