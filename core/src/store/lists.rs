//! What screens show: one call for a whole list, one for a whole report.

use lapor_engine::{
    calendar::{Due, Instant},
    report::{Classification, Phase, Problem, ReportKey, Sha256Hash, Status, TrackingId},
    sync::{
        AccountId, Operation, OperationId, OperationKind, OperationState, Reason, RunId, Upload,
        may_have_arrived,
    },
};
use rusqlite::{Connection, Row, params};

use super::{
    AttachmentRow, CopyRow, DraftRow, EventRow, Store, StoreError, copy, events, outbox, pictures,
    rows,
};

mod standing;
#[cfg(test)]
mod tests;

use standing::complete;

/// Which reports of the current account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// All but the discarded.
    All,
    /// Being written, or refused and to be edited.
    Drafts,
    /// Accepted and not yet where their writer wants them.
    Outbox,
    Sent,
    Withdrawn,
    Discarded,
}

impl Filter {
    fn phases(self) -> &'static [Phase] {
        match self {
            Self::All => &[],
            Self::Drafts => &[Phase::Draft, Phase::Rejected],
            Self::Outbox => &[
                Phase::Queued,
                Phase::Withdrawing,
                Phase::Rejected,
                Phase::KeyTaken,
            ],
            Self::Sent => &[Phase::Sent],
            Self::Withdrawn => &[Phase::Withdrawing, Phase::Withdrawn],
            Self::Discarded => &[Phase::Discarded],
        }
    }
}

/// A place in a list; the next page begins below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub sort_at: Instant,
    pub id: i64,
}

/// One line of a list screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    pub key: ReportKey,
    pub phase: Phase,
    /// Written on this phone.
    pub own: bool,
    pub title: String,
    pub classification: Option<Classification>,
    pub anonymous: bool,
    pub secret: bool,
    pub created_at: Instant,
    pub edited_at: Instant,
    pub accepted_at: Option<Instant>,
    pub sent_at: Option<Instant>,
    pub tracking_id: Option<TrackingId>,
    pub status: Option<Status>,
    pub revision: u64,
    /// The service shows it no more.
    pub removed: bool,
    /// `YYYY-MM-DD`
    pub verify_by: Option<String>,
    pub follow_up_by: Option<String>,
    /// The report that takes the place of this one, perhaps a draft yet.
    pub superseded_by: Option<ReportKey>,
    /// Its writer wanted it back, and the service had taken it up already.
    pub too_late: bool,
    pub pictures: Tally,
    /// Where its next operation stands; none when nothing is left to do.
    pub standing: Option<Standing>,
    pub cursor: Cursor,
}

/// Attachments of a report: how many, how much, and how much of it the service has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub total: u32,
    pub stored: u32,
    /// Neither here nor at the service.
    pub lost: u32,
    pub bytes: u64,
    pub bytes_uploaded: u64,
}

/// The most important unfinished operation of a report: its words, then its events, then pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub operation: OperationId,
    pub kind: OperationKind,
    pub state: OperationState,
    pub attempts: u32,
    pub due: Due,
    pub maybe_sent: bool,
    /// Who is at it, or was when it died.
    pub owner: Option<RunId>,
    pub reason: Option<Reason>,
    pub tried_at: Option<Instant>,
}

impl Standing {
    /// May the service have it, as far as a person is to be told?
    pub fn may_have_arrived(&self) -> bool {
        self.kind != OperationKind::FetchCopy
            && may_have_arrived(self.state, self.maybe_sent, self.reason.as_ref())
    }
}

/// All there is to know of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportDetail {
    pub row: ReportRow,
    pub draft: DraftRow,
    pub body_sha256: Option<Sha256Hash>,
    /// Tracking ids it had before the service renumbered it.
    pub prior_tracking_ids: Vec<TrackingId>,
    pub problems: Vec<Problem>,
    /// The server's copy as it came, JSON; empty when never fetched.
    pub server_text: String,
    /// Where the service knows the key with other words: how those stand beside these.
    pub copy: Option<CopyRow>,
    pub attachments: Vec<AttachmentRow>,
    /// Of the outbox, the finished ones too, in order.
    pub operations: Vec<Operation>,
    pub events: Vec<EventRow>,
}

/// What [`report_row`] reads, of some reports.
macro_rules! reports {
    ($also:literal, $which:literal) => {
        concat!(
            "SELECT id, key, phase, own, title, classification, anonymous, secret, created_at, edited_at,
                 accepted_at, sent_at, tracking_id, status, revision, removed = 1, verify_by, follow_up_by,
                 sort_at,
                 iif(phase IN ('key_taken', 'superseded', 'withdrawn'), coalesce(
                     (SELECT s.key FROM report s WHERE s.account = report.account AND s.supersedes = report.key
                          AND s.supersedes <> x'' AND s.phase <> 'discarded'
                      ORDER BY s.phase = 'draft', s.id LIMIT 1), x''), x'')",
            $also,
            " FROM report ",
            $which
        )
    };
}

fn report_row(row: &Row<'_>) -> Result<ReportRow, StoreError> {
    let word: String = row.get(2)?;
    let classification: String = row.get(5)?;
    Ok(ReportRow {
        key: rows::report_key(
            row.get_ref(1)?
                .as_blob()
                .map_err(|_| StoreError::Row { what: "key" })?,
        )?,
        phase: rows::phase(&word)?,
        own: row.get(3)?,
        title: row.get(4)?,
        classification: Classification::parse(&classification),
        anonymous: row.get(6)?,
        secret: row.get(7)?,
        created_at: Instant(row.get(8)?),
        edited_at: Instant(row.get(9)?),
        accepted_at: rows::instant(row.get(10)?),
        sent_at: rows::instant(row.get(11)?),
        tracking_id: rows::some(row.get(12)?).map(TrackingId),
        status: rows::some(row.get(13)?).map(|word| Status::parse(&word)),
        revision: rows::natural(row.get(14)?),
        removed: row.get(15)?,
        verify_by: rows::some(row.get(16)?),
        follow_up_by: rows::some(row.get(17)?),
        superseded_by: rows::report_key(&row.get::<_, Vec<u8>>(19)?).ok(),
        too_late: false,
        pictures: Tally::default(),
        standing: None,
        cursor: Cursor {
            id: row.get(0)?,
            sort_at: Instant(row.get(18)?),
        },
    })
}

impl Store {
    /// Reports of the current account, newest first, at most `limit`, below `before`.
    pub fn list(
        &self,
        filter: Filter,
        limit: u32,
        before: Option<Cursor>,
    ) -> Result<Vec<ReportRow>, StoreError> {
        self.at_one_moment(|store| {
            let account = rows::current_account(&store.db)?;
            store.list_of(account, filter, limit, before)
        })
    }

    /// The same of an account, for a caller who knows which.
    pub fn list_of(
        &self,
        account: AccountId,
        filter: Filter,
        limit: u32,
        before: Option<Cursor>,
    ) -> Result<Vec<ReportRow>, StoreError> {
        self.read(|db| {
            let below = before.unwrap_or(Cursor {
                sort_at: Instant(i64::MAX),
                id: i64::MAX,
            });
            let mut found = Vec::new();
            if filter.phases().is_empty() {
                let sql = reports!(
                    "",
                    "INDEXED BY report_newest
                     WHERE account = ?1 AND (sort_at, id) < (?2, ?3) AND phase <> 'discarded'
                     ORDER BY sort_at DESC, id DESC LIMIT ?4"
                );
                let given = params![account.0, below.sort_at.0, below.id, limit];
                collect(db, sql, given, &mut found)?;
            }
            for phase in filter.phases() {
                let sql = reports!(
                    "",
                    "INDEXED BY report_by_phase
                     WHERE account = ?1 AND phase = ?5 AND (sort_at, id) < (?2, ?3)
                     ORDER BY sort_at DESC, id DESC LIMIT ?4"
                );
                let given = params![account.0, below.sort_at.0, below.id, limit, phase.as_str()];
                collect(db, sql, given, &mut found)?;
            }
            found.sort_by_key(|row| std::cmp::Reverse((row.cursor.sort_at, row.cursor.id)));
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            complete(db, &mut found)?;
            Ok(found)
        })
    }

    /// A report of the current account with everything that belongs to it.
    pub fn report(&self, key: ReportKey) -> Result<Option<ReportDetail>, StoreError> {
        let draft = match self.draft(key) {
            Ok(draft) => draft,
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        self.read(|db| {
            let Some(head) = rows::head_or_none(db, draft.account, key)? else {
                return Ok(None);
            };
            let mut statement = db.prepare_cached(reports!(
                ", body_sha256, prior_tracking_ids, problems, server_text",
                "WHERE id = ?1"
            ))?;
            let mut found = statement.query([head.id])?;
            let Some(row) = found.next()? else {
                return Ok(None);
            };
            let mut one = vec![report_row(row)?];
            let hash: Vec<u8> = row.get(20)?;
            let prior: String = row.get(21)?;
            let problems: String = row.get(22)?;
            let server_text: String = row.get(23)?;
            complete(db, &mut one)?;
            let Some(row) = one.pop() else {
                return Ok(None);
            };
            let operations = outbox::of_report(db, head.id)?;
            let copy = copy::of_report(db, &head, &server_text, &operations, row.removed)?;
            let ids: Vec<String> = serde_json::from_str(&prior).unwrap_or_default();
            Ok(Some(ReportDetail {
                row,
                body_sha256: rows::hash(&hash).ok(),
                prior_tracking_ids: ids.into_iter().map(TrackingId).collect(),
                problems: rows::problems(&problems),
                server_text,
                copy,
                attachments: pictures::of_report(db, head.id)?,
                operations,
                events: events::of_report(db, head.id)?,
                draft,
            }))
        })
    }

    /// Unfinished operations of the current account in the order of the outbox, or all of one
    /// report's; uploads with their progress.
    pub fn outbox(
        &self,
        key: Option<ReportKey>,
    ) -> Result<Vec<(Operation, Option<Upload>)>, StoreError> {
        self.at_one_moment(|store| {
            let account = rows::current_account(&store.db)?;
            store.outbox_of(account, key)
        })
    }

    /// The same of an account, for a caller who knows which.
    pub fn outbox_of(
        &self,
        account: AccountId,
        key: Option<ReportKey>,
    ) -> Result<Vec<(Operation, Option<Upload>)>, StoreError> {
        self.read(|db| {
            let operations = match key {
                Some(key) => outbox::of_report(db, rows::head(db, account, key)?.id)?,
                None => outbox::unfinished(db, account)?,
            };
            let with_progress = |operation: Operation| {
                let upload = operation
                    .attachment
                    .map(|attachment| outbox::upload(db, attachment))
                    .transpose()?;
                Ok((operation, upload.flatten()))
            };
            operations.into_iter().map(with_progress).collect()
        })
    }

    /// How many reports of the current account are in each phase.
    pub fn counts(&self) -> Result<Vec<(Phase, u32)>, StoreError> {
        self.read(|db| {
            let account = rows::current_account(db)?;
            let mut statement = db.prepare_cached(
                "SELECT phase, count(*) FROM report WHERE account = ?1 GROUP BY phase ORDER BY phase",
            )?;
            let mut found = statement.query([account.0])?;
            let mut counts = Vec::new();
            while let Some(row) = found.next()? {
                let word: String = row.get(0)?;
                counts.push((rows::phase(&word)?, rows::small(row.get(1)?)));
            }
            counts.sort_unstable();
            Ok(counts)
        })
    }
}

fn collect(
    db: &Connection,
    sql: &str,
    given: &[&dyn rusqlite::ToSql],
    into: &mut Vec<ReportRow>,
) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut found = statement.query(given)?;
    while let Some(row) = found.next()? {
        into.push(report_row(row)?);
    }
    Ok(())
}
