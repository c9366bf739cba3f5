//! What people do to a report that was accepted: replies, ratings, follow-ups, ...

use lapor_engine::{
    api::EventKind,
    calendar::Instant,
    mutant,
    report::{EventKey, Phase, ReportKey, Sha256Hash},
    sync::{OperationId, OperationKind, OperationState, Reason, may_be_given_up, put_away},
};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError, rows, settings, submit};

#[cfg(test)]
mod tests;

/// An event written on this phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    pub key: EventKey,
    pub kind: EventKind,
    pub created_at: Instant,
    /// The exact bytes that every attempt sends.
    pub body: Vec<u8>,
    pub state: OperationState,
    pub reason: Option<Reason>,
}

/// Owner of an event that its writer has given up: a withdrawal of the report that came too late
/// brings back what that withdrawal had stopped, and nothing else.
pub(super) const GIVEN_UP: &str = "given up";

impl Store {
    /// Accepts an event. It follows the create and the event before it.
    pub fn add_event(
        &mut self,
        key: ReportKey,
        event: EventKey,
        kind: EventKind,
        body: &[u8],
        now: Instant,
    ) -> Result<OperationId, StoreError> {
        self.write(|db| {
            let head = rows::own_head(db, key)?;
            match head.phase {
                Phase::Queued | Phase::Sent => {}
                Phase::Draft | Phase::Discarded => return Err(StoreError::NotSubmitted { phase: head.phase }),
                phase => return Err(StoreError::NotPossible { phase }),
            }
            let used: bool = db
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM event WHERE key = ?1)")?
                .query_row([event.0], |row| row.get(0))?;
            if used {
                return Err(StoreError::KeyUsed);
            }
            db.prepare_cached(
                "INSERT INTO event (key, report, kind, created_at, body_sha256, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![event.0, head.id, word(kind), now.0, Sha256Hash::of(body).0, body])?;
            overtaken(db, head.id, Some((head.account.0, kind)))?;
            let before: Option<i64> = db
                .prepare_cached(
                    "SELECT id FROM operation
                     WHERE report = ?1 AND (kind = 'create_report' OR (kind = 'add_event' AND state <> 'ended'))
                     ORDER BY kind = 'add_event' DESC, id DESC LIMIT 1",
                )?
                .query_row([head.id], |row| row.get(0))
                .optional()?;
            let new = submit::NewOperation {
                kind: OperationKind::AddEvent,
                attachment: 0,
                event: Some(event),
                follows: before.filter(|_| !mutant!(EventsOvertake)).unwrap_or(0),
                maybe_sent: false,
            };
            submit::insert_operation(db, &head, &new, now)
        })
    }

    /// Gives up an event that the service refused, or that was never on the wire; what follows it
    /// goes on.
    pub fn discard_event(&mut self, event: EventKey) -> Result<(), StoreError> {
        self.write_at_need(|db| {
            let account = rows::current_account(db)?;
            let found: Option<(i64, String, bool, String)> = db
                .prepare_cached(
                    "SELECT id, state, maybe_sent, reason FROM operation WHERE account = ?1 AND event = ?2",
                )?
                .query_row(params![account.0, event.0], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })
                .optional()?;
            let (id, state, maybe_sent, reason) = found.ok_or(StoreError::NotFound)?;
            let state = OperationState::parse(&state).ok_or(StoreError::Row {
                what: "operation state",
            })?;
            if !may_be_given_up(state, maybe_sent) {
                return Err(StoreError::NothingToGiveUp);
            }
            ends(db, id, &event.0, &put_away(rows::reason(&reason)))
        })
    }

    /// The exact bytes of an event, checked against their hash.
    pub fn event_body(&self, event: EventKey) -> Result<Vec<u8>, StoreError> {
        self.glance(|db| {
            let (body, hash): (Vec<u8>, Vec<u8>) = db
                .prepare_cached("SELECT body, body_sha256 FROM event WHERE key = ?1")?
                .query_row([event.0], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?
                .ok_or(StoreError::NotFound)?;
            if Sha256Hash::of(&body) == rows::hash(&hash)? {
                Ok(body)
            } else {
                Err(StoreError::Damaged)
            }
        })
    }
}

/// Will never be sent; what waited for it waits for what it had waited for.
fn ends(db: &Connection, id: i64, event: &[u8], reason: &Reason) -> Result<(), StoreError> {
    if mutant!(GivenUpTakesAll) {
        db.execute("UPDATE operation SET state = 'ended', reason = ?2 WHERE follows = ?1 AND state = 'waiting'",
            params![id, rows::reason_text(Some(reason))])?;
    }
    db.prepare_cached(
        "UPDATE operation SET follows = (SELECT follows FROM operation WHERE id = ?1) WHERE follows = ?1",
    )?
    .execute([id])?;
    let why = rows::reason_text(Some(reason));
    db.prepare_cached(
        "UPDATE operation SET state = 'ended', reason = ?2, owner = ?3 WHERE id = ?1",
    )?
    .execute(params![id, why, GIVEN_UP])?;
    db.prepare_cached("INSERT OR IGNORE INTO setting (name, value) VALUES (?1 || hex(?2), '')")?
        .execute(params![settings::GIVEN_UP, event])?;
    Ok(())
}

/// With their report: what ended only because that was put away waits for it again. What its writer
/// gave up, or what was overtaken, stays ended.
pub(super) fn brought_back(db: &Connection, report: i64, now: Instant) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE operation SET state = 'waiting', reason = ?3, due_set_at = ?4, due_delay = 0
         WHERE report = ?1 AND kind = 'add_event' AND state = 'ended' AND reason = ?2 AND owner <> ?5",
    )?
    .execute(params![
        report,
        rows::reason_text(Some(&Reason::Withdrawn)),
        rows::reason_text(Some(&Reason::NotTried)),
        now.0,
        GIVEN_UP
    ])?;
    Ok(())
}

/// Ends what was refused of a report's events and has a later one of the same person in its place:
/// tried again, it would undo that one. `new` is being written by this account.
pub(super) fn overtaken(
    db: &Connection,
    report: i64,
    new: Option<(i64, EventKind)>,
) -> Result<(), StoreError> {
    let mut later: Vec<(i64, EventKind, bool)> = new
        .map(|(account, kind)| (account, kind, false))
        .into_iter()
        .collect();
    let mut over = Vec::new();
    let mut newest_first = db.prepare_cached(
        "SELECT o.id, o.account, o.state, e.key, e.kind FROM operation o JOIN event e ON e.key = o.event
         WHERE o.report = ?1 AND o.kind = 'add_event' AND o.state <> 'ended' ORDER BY o.id DESC",
    )?;
    let mut found = newest_first.query([report])?;
    while let Some(row) = found.next()? {
        let (id, account): (i64, i64) = (row.get(0)?, row.get(1)?);
        let state: String = row.get(2)?;
        let kind: String = row.get(4)?;
        let kind = parse(&kind).ok_or(StoreError::Row { what: "event kind" })?;
        let is_refused = state == OperationState::Paused.as_str();
        if is_refused
            && later.iter().any(|(author, other, is_done)| {
                *author == account
                    && (kind.is_overtaken_by(*other, *is_done)
                        || kind == EventKind::Reply && mutant!(RepliesAreOvertaken))
            })
        {
            let key: Vec<u8> = row.get(3)?;
            over.push((id, key));
        } else {
            later.push((account, kind, state == OperationState::Done.as_str()));
        }
    }
    for (id, key) in over {
        ends(db, id, &key, &Reason::Overtaken)?;
    }
    Ok(())
}

/// After an outcome: what was refused may have been overtaken before, and what was taken overtakes.
pub(super) fn settled(db: &Connection, id: OperationId) -> Result<(), StoreError> {
    let report: Option<i64> = db
        .prepare_cached("SELECT report FROM operation WHERE id = ?1 AND kind = 'add_event'")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    report.map_or(Ok(()), |report| overtaken(db, report, None))
}

pub(super) fn of_report(db: &Connection, report: i64) -> Result<Vec<EventRow>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT e.key, e.kind, e.created_at, e.body, coalesce(o.state, 'done'), coalesce(o.reason, '')
         FROM event e LEFT JOIN operation o ON o.report = e.report AND o.event = e.key
         WHERE e.report = ?1 ORDER BY e.id",
    )?;
    let mut found = statement.query([report])?;
    let mut events = Vec::new();
    while let Some(row) = found.next()? {
        let key: Vec<u8> = row.get(0)?;
        let kind: String = row.get(1)?;
        let state: String = row.get(4)?;
        let reason: String = row.get(5)?;
        events.push(EventRow {
            key: rows::event_key(&key).ok_or(StoreError::Row { what: "event key" })?,
            kind: parse(&kind).ok_or(StoreError::Row { what: "event kind" })?,
            created_at: Instant(row.get(2)?),
            body: row.get(3)?,
            state: OperationState::parse(&state).ok_or(StoreError::Row {
                what: "operation state",
            })?,
            reason: rows::reason(&reason),
        });
    }
    Ok(events)
}

pub(super) fn word(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Reply => "reply",
        EventKind::FollowUp => "follow_up",
        EventKind::Rate => "rate",
        EventKind::Close => "close",
        EventKind::Support => "support",
        EventKind::Forward => "forward",
    }
}

fn parse(word_: &str) -> Option<EventKind> {
    [
        EventKind::Reply,
        EventKind::FollowUp,
        EventKind::Rate,
        EventKind::Close,
        EventKind::Support,
        EventKind::Forward,
    ]
    .into_iter()
    .find(|kind| word(*kind) == word_)
}
