//! Between columns and the domain's words.

use lapor_engine::{
    calendar::{Due, Instant},
    report::{Classification, EventKey, Form, Phase, Place, Problem, ReportKey, Sha256Hash},
    sync::{AccountId, Operation, OperationId, OperationKind, OperationState, Reason, RunId},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, settings};

/// SQLite's integers are signed; nothing here comes near either end.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn natural(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(super) fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(if number < 0 { 0 } else { u32::MAX })
}

/// '' stands for none.
pub(super) fn some(text: String) -> Option<String> {
    if text.is_empty() { None } else { Some(text) }
}

/// 0 stands for never.
pub(super) fn instant(millis: i64) -> Option<Instant> {
    if millis == 0 {
        None
    } else {
        Some(Instant(millis))
    }
}

pub(super) fn phase(word: &str) -> Result<Phase, StoreError> {
    Phase::parse(word).ok_or(StoreError::Row { what: "phase" })
}

pub(super) fn report_key(bytes: &[u8]) -> Result<ReportKey, StoreError> {
    bytes
        .try_into()
        .map(ReportKey)
        .map_err(|_| StoreError::Row { what: "key" })
}

pub(super) fn event_key(bytes: &[u8]) -> Option<EventKey> {
    bytes.try_into().ok().map(EventKey)
}

pub(super) fn hash(bytes: &[u8]) -> Result<Sha256Hash, StoreError> {
    bytes
        .try_into()
        .map(Sha256Hash)
        .map_err(|_| StoreError::Row { what: "sha256" })
}

/// A reason that a later version wrote is still a reason.
pub(super) fn reason(text: &str) -> Option<Reason> {
    if text.is_empty() {
        None
    } else {
        Some(serde_json::from_str(text).unwrap_or(Reason::Unknown))
    }
}

pub(super) fn reason_text(reason: Option<&Reason>) -> String {
    // Words and numbers always serialize.
    reason
        .and_then(|reason| serde_json::to_string(reason).ok())
        .unwrap_or_default()
}

pub(super) fn problems(text: &str) -> Vec<Problem> {
    serde_json::from_str(text).unwrap_or_default()
}

pub(super) fn problems_text(problems: &[Problem]) -> String {
    serde_json::to_string(problems).unwrap_or_else(|_| "[]".to_owned())
}

/// Columns of a form, in the order that [`form`] reads them.
pub(super) const FORM: &str = "classification, anonymous, secret, incident_date, area_code, institution_id, \
     category_id, has_place, latitude, longitude, title, location, content";

/// Reads [`FORM`] from column `at` on.
pub(super) fn form(row: &Row<'_>, at: usize) -> rusqlite::Result<Form> {
    let classification: String = row.get(at)?;
    let has_place: bool = row.get(at + 7)?;
    let place = Place {
        latitude: row.get(at + 8)?,
        longitude: row.get(at + 9)?,
    };
    Ok(Form {
        classification: Classification::parse(&classification),
        anonymous: row.get(at + 1)?,
        secret: row.get(at + 2)?,
        incident_date: row.get(at + 3)?,
        area_code: row.get(at + 4)?,
        institution_id: row.get(at + 5)?,
        category_id: row.get(at + 6)?,
        place: has_place.then_some(place),
        title: row.get(at + 10)?,
        location: row.get(at + 11)?,
        content: row.get(at + 12)?,
    })
}

/// Operations in the order of the outbox, each with what it follows, for [`operation`].
macro_rules! operations {
    ($which:literal) => {
        concat!(
            "SELECT o.id, o.account, r.key, o.kind, o.attachment, o.event, o.follows, o.state,
                 o.attempts, o.streak, o.due_set_at, o.due_delay, o.maybe_sent, o.owner, o.reason, o.tried_at,
                 coalesce(f.state, 'done'), coalesce(f.kind, ''), coalesce(c.state, 'done')
             FROM operation o JOIN report r ON r.id = o.report LEFT JOIN operation f ON f.id = o.follows
               LEFT JOIN operation c ON c.report = o.report AND c.kind = 'create_report' AND o.kind = 'add_event'
             WHERE ",
            $which,
            " ORDER BY o.id"
        )
    };
}
pub(super) use operations;

pub(super) fn operation(row: &Row<'_>) -> Result<Operation, StoreError> {
    let key: Vec<u8> = row.get(2)?;
    let kind: String = row.get(3)?;
    let attachment: i64 = row.get(4)?;
    let event: Vec<u8> = row.get(5)?;
    let follows: i64 = row.get(6)?;
    let state: String = row.get(7)?;
    let owner: String = row.get(13)?;
    let why: String = row.get(14)?;
    let before: String = row.get(16)?;
    let before_kind: String = row.get(17)?;
    let create: String = row.get(18)?;
    // An event that was given up, or that the service refuses, does not hold back the next; a
    // create does, also behind an event that another copy of this phone has sent.
    let is_free = create == "done"
        && (before == "done"
            || (matches!(before.as_str(), "ended" | "paused")
                && before_kind == OperationKind::AddEvent.as_str()));
    Ok(Operation {
        id: OperationId(row.get(0)?),
        account: AccountId(row.get(1)?),
        report: report_key(&key)?,
        kind: OperationKind::parse(&kind).ok_or(StoreError::Row {
            what: "operation kind",
        })?,
        attachment: (attachment != 0).then_some(attachment),
        event: event_key(&event),
        follows: (follows != 0).then_some(OperationId(follows)),
        is_free,
        state: OperationState::parse(&state).ok_or(StoreError::Row {
            what: "operation state",
        })?,
        attempts: small(row.get(8)?),
        streak: small(row.get(9)?),
        due: Due {
            set_at: Instant(row.get(10)?),
            delay: natural(row.get(11)?),
        },
        maybe_sent: row.get(12)?,
        owner: some(owner).map(RunId),
        reason: reason(&why),
        tried_at: instant(row.get(15)?),
    })
}

pub(super) fn current_account(db: &Connection) -> Result<AccountId, StoreError> {
    Ok(account_in(settings::text(db, "current_account")?))
}

/// The account that a setting names.
pub(super) fn account_in(text: Option<String>) -> AccountId {
    let id = text.and_then(|text| text.parse().ok());
    id.map_or(AccountId::GUEST, AccountId)
}

/// A report of an account, as far as every call needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) id: i64,
    pub(super) account: AccountId,
    pub(super) phase: Phase,
    pub(super) own: bool,
    pub(super) version: i64,
}

/// The report of `account` under `key`; another account's is as unknown as one that never was.
pub(super) fn head(
    db: &Connection,
    account: AccountId,
    key: ReportKey,
) -> Result<Head, StoreError> {
    head_or_none(db, account, key)?.ok_or(StoreError::NotFound)
}

pub(super) fn head_or_none(
    db: &Connection,
    account: AccountId,
    key: ReportKey,
) -> Result<Option<Head>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, phase, own, version FROM report WHERE account = ?1 AND key = ?2",
    )?;
    let found = statement
        .query_row(params![account.0, key.0], |row| {
            Ok((
                row.get(0)?,
                row.get::<_, String>(1)?,
                row.get(2)?,
                row.get(3)?,
            ))
        })
        .optional()?;
    found
        .map(|(id, word, own, version)| {
            Ok(Head {
                id,
                account,
                phase: phase(&word)?,
                own,
                version,
            })
        })
        .transpose()
}

/// The report of the current account under `key`.
pub(super) fn own_head(db: &Connection, key: ReportKey) -> Result<Head, StoreError> {
    head(db, current_account(db)?, key)
}

pub(super) fn set_phase(db: &Connection, report: i64, phase: Phase) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE report SET phase = ?2 WHERE id = ?1")?
        .execute(params![report, phase.as_str()])?;
    Ok(())
}
