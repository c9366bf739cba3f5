//! What screens show: one call brings a whole list, one a whole report, words included.

mod detail;

use lapor_core::{
    client::{SyncReport, system_clock},
    engine::{
        calendar::{Due, Instant},
        report::{Classification, Phase, ReportKey, TrackingId},
        sync::{OperationKind, OperationState, Reason},
        words::{self, Lang},
    },
    store::{self, Cursor},
};

pub use detail::{EventLine, OutboxLine, ReportDetails, ServiceCopyShown, UploadProgress};

use crate::{
    client::Account,
    reasons::{ReportStatus, WaitReason, Wake},
};

/// In which language and at what moment rows are put into words.
#[derive(Clone, Copy)]
pub(crate) struct Telling {
    pub(crate) lang: Lang,
    now: Instant,
}

impl Telling {
    pub(crate) fn now(lang: Lang) -> Self {
        Self {
            lang,
            now: system_clock()().wall,
        }
    }

    fn reason(self, reason: Option<&Reason>) -> Option<WaitReason> {
        reason.map(|reason| WaitReason::of(reason, self.lang))
    }

    fn reason_words(self, state: OperationState, reason: Option<&Reason>) -> Option<String> {
        reason.map(|reason| match state {
            OperationState::Ended => words::ended(reason, self.lang),
            _ => words::reason(reason, self.lang),
        })
    }

    fn tried(self, at: Option<Instant>) -> String {
        words::last_tried(at, self.now, self.lang)
    }

    fn retry_in_ms(self, due: Due) -> u64 {
        due.remaining(self.now)
    }

    fn standing(
        self,
        kind: OperationKind,
        state: OperationState,
        due: Due,
        reason: Option<&Reason>,
    ) -> String {
        words::standing(kind, state, reason, self.retry_in_ms(due), self.lang)
    }
}

/// Which reports of the current person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ListFilter {
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

impl From<ListFilter> for store::Filter {
    fn from(filter: ListFilter) -> Self {
        match filter {
            ListFilter::All => Self::All,
            ListFilter::Drafts => Self::Drafts,
            ListFilter::Outbox => Self::Outbox,
            ListFilter::Sent => Self::Sent,
            ListFilter::Withdrawn => Self::Withdrawn,
            ListFilter::Discarded => Self::Discarded,
        }
    }
}

/// A place in a list; the next page begins below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct ListCursor {
    pub sort_at_ms: i64,
    pub id: i64,
}

impl From<Cursor> for ListCursor {
    fn from(cursor: Cursor) -> Self {
        Self {
            sort_at_ms: cursor.sort_at.0,
            id: cursor.id,
        }
    }
}

impl From<ListCursor> for Cursor {
    fn from(cursor: ListCursor) -> Self {
        Self {
            sort_at: Instant(cursor.sort_at_ms),
            id: cursor.id,
        }
    }
}

/// Everything that a list screen shows.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ListScreen {
    pub account: Account,
    /// Newest first.
    pub rows: Vec<ReportLine>,
    /// How many reports the person has in each phase; phases without any are left out.
    pub counts: Vec<PhaseCount>,
    /// Hand it to the next call; none when this page was not full.
    pub next: Option<ListCursor>,
}

/// How many reports stand there.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PhaseCount {
    pub phase: Phase,
    pub words: String,
    pub count: u32,
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ReportLine {
    pub key: ReportKey,
    pub phase: Phase,
    pub phase_words: String,
    /// Written on this phone.
    pub own: bool,
    pub title: String,
    pub classification: Option<Classification>,
    pub anonymous: bool,
    pub secret: bool,
    /// UTC milliseconds since 1970, as the others.
    pub edited_at_ms: i64,
    pub accepted_at_ms: Option<i64>,
    pub sent_at_ms: Option<i64>,
    /// None before the service has said it: nothing is called sent before that.
    pub tracking_id: Option<TrackingId>,
    pub status: Option<ReportStatus>,
    pub status_words: Option<String>,
    /// The service shows it no more.
    pub removed: bool,
    /// `YYYY-MM-DD`
    pub verify_by: Option<String>,
    pub follow_up_by: Option<String>,
    /// The report that takes the place of this one, perhaps a draft yet.
    pub superseded_by: Option<ReportKey>,
    /// Where its writer wanted it back and the service had taken it up already: says so.
    pub too_late_words: Option<String>,
    pub pictures: PictureCount,
    /// Where its next operation stands; none when nothing is left to do.
    pub standing: Option<Standing>,
}

/// Attachments of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct PictureCount {
    pub total: u32,
    /// The service has all of them.
    pub stored: u32,
    /// Neither on this phone nor at the service: these will not arrive.
    pub lost: u32,
    pub bytes: u64,
    pub bytes_arrived: u64,
}

/// The most important thing that is left to do for a report.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Standing {
    pub kind: OperationKind,
    pub state: OperationState,
    /// What is to be done, how far it is, and why and how long it waits: one line for the screen.
    pub words: String,
    pub attempts: u32,
    /// It may have arrived already.
    pub may_have_arrived: bool,
    /// UTC milliseconds since 1970; none when it was never tried.
    pub tried_at_ms: Option<i64>,
    /// When it was last tried, for the screen: a clock that was set back since is not taken at its word.
    pub tried_words: String,
    /// Milliseconds from now until the next try; means nothing where it is the person's turn.
    pub retry_in_ms: u64,
    pub reason: Option<WaitReason>,
    pub reason_words: Option<String>,
}

/// What a piece of sync came to.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct StepResult {
    /// The bounds left undone what is due: ask the OS for more time.
    pub more: bool,
    /// When to come back; none when the bounds fell first.
    pub next_wake: Option<Wake>,
    pub exchanges: u32,
    /// Body bytes handed to the line, also of chunks that were cut or gave way. No heads, no TLS, nothing
    /// that the kernel sent again.
    pub sent_bytes: u64,
}

impl StepResult {
    pub(crate) fn of(report: SyncReport, lang: Lang) -> Self {
        Self {
            more: report.more,
            next_wake: report.next_wake.as_ref().map(|wake| Wake::of(wake, lang)),
            exchanges: report.exchanges,
            sent_bytes: report.sent,
        }
    }
}

impl ListScreen {
    pub(crate) fn of(
        account: store::AccountRow,
        rows: &[store::ReportRow],
        counts: Vec<(Phase, u32)>,
        limit: u32,
        telling: Telling,
    ) -> Self {
        let is_full = u32::try_from(rows.len()).is_ok_and(|count| count >= limit);
        let count = |(phase, count)| PhaseCount {
            phase,
            words: words::phase(phase, telling.lang),
            count,
        };
        Self {
            account: account.into(),
            next: rows.last().filter(|_| is_full).map(|row| row.cursor.into()),
            rows: rows
                .iter()
                .map(|row| ReportLine::of(row, telling))
                .collect(),
            counts: counts.into_iter().map(count).collect(),
        }
    }
}

impl ReportLine {
    pub(crate) fn of(row: &store::ReportRow, telling: Telling) -> Self {
        let lang = telling.lang;
        Self {
            key: row.key,
            phase: row.phase,
            phase_words: words::stands(row.phase, row.status.as_ref(), lang),
            own: row.own,
            title: row.title.clone(),
            classification: row.classification,
            anonymous: row.anonymous,
            secret: row.secret,
            edited_at_ms: row.edited_at.0,
            accepted_at_ms: row.accepted_at.map(|at| at.0),
            sent_at_ms: row.sent_at.map(|at| at.0),
            tracking_id: row.tracking_id.clone(),
            status: row.status.as_ref().map(ReportStatus::from),
            status_words: row
                .status
                .as_ref()
                .map(|status| words::status(status, lang)),
            removed: row.removed,
            verify_by: row.verify_by.clone(),
            follow_up_by: row.follow_up_by.clone(),
            superseded_by: row.superseded_by,
            too_late_words: row.too_late.then(|| words::reason(&Reason::TooLate, lang)),
            pictures: PictureCount {
                total: row.pictures.total,
                stored: row.pictures.stored,
                lost: row.pictures.lost,
                bytes: row.pictures.bytes,
                bytes_arrived: row.pictures.bytes_uploaded,
            },
            standing: row
                .standing
                .as_ref()
                .map(|standing| Standing::of(standing, telling)),
        }
    }
}

impl Standing {
    fn of(standing: &store::Standing, telling: Telling) -> Self {
        let reason = standing.reason.as_ref();
        Self {
            kind: standing.kind,
            state: standing.state,
            words: telling.standing(standing.kind, standing.state, standing.due, reason),
            attempts: standing.attempts,
            may_have_arrived: standing.may_have_arrived(),
            tried_at_ms: standing.tried_at.map(|at| at.0),
            tried_words: telling.tried(standing.tried_at),
            retry_in_ms: telling.retry_in_ms(standing.due),
            reason: telling.reason(reason),
            reason_words: telling.reason_words(standing.state, reason),
        }
    }
}
