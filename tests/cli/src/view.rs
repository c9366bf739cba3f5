//! What `--json` shows and what the words are made from: one shape for both.
//!
//! The shapes are documented in README.md beside this crate and only grow. Names are the
//! contract's; instants are RFC 3339, durations milliseconds, sizes bytes. When something is tried
//! again and why it waits is told by the core, nothing is concluded here.

mod detail;

use lapor_core::{
    engine::{
        api::EventKind,
        calendar::{Due, Instant},
        report::{Code, Problem, Subject},
        sync::{Operation, OperationKind, OperationState, Reason, Upload},
        words::{self, Lang},
    },
    photo::Hints,
    store::{ReportRow, Standing, Tally},
};
use serde::Serialize;
use serde_json::Value;

pub(crate) use detail::{AsItIsView, AttachmentView, DetailView};

use crate::exit::Exit;

#[cfg(test)]
mod tests;

/// The moment that a snapshot is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) now: Instant,
    pub(crate) lang: Lang,
    /// The disk is so full that the store could not keep its reserve.
    pub(crate) is_full: bool,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReasonView {
    pub(crate) code: &'static str,
    pub(crate) words: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemView>,
}

impl ReasonView {
    fn new(reason: &Reason, lang: Lang) -> Self {
        let problems = match reason {
            Reason::Rejected { problems } => problems
                .iter()
                .map(|problem| ProblemView::new(problem, lang))
                .collect(),
            _ => Vec::new(),
        };
        Self {
            code: reason.code(),
            words: words::reason(reason, lang),
            problems,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ProblemView {
    /// The contract's name of the field.
    pub(crate) field: String,
    pub(crate) code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<u64>,
    pub(crate) words: String,
}

impl ProblemView {
    pub(crate) fn new(problem: &Problem, lang: Lang) -> Self {
        let field = match &problem.subject {
            Subject::Field(field) => word_of(field),
            Subject::Attachment(position) => format!("attachments[{position}]"),
            Subject::Attachments => "attachments".to_owned(),
            Subject::Report => "report".to_owned(),
            Subject::Unknown(name) => name.clone(),
        };
        let (limit, actual) = match problem.code {
            Code::TooLong { limit, actual }
            | Code::TooMany { limit, actual }
            | Code::TooLarge { limit, actual } => (Some(limit), Some(actual)),
            _ => (None, None),
        };
        let code = match &problem.code {
            Code::Other { word } => word.clone(),
            known => serde_json::to_value(known)
                .ok()
                .and_then(|value| Some(value.get("code")?.as_str()?.to_owned()))
                .unwrap_or_default(),
        };
        Self {
            field,
            code,
            limit,
            actual,
            words: words::problem(problem, lang),
        }
    }
}

/// The serde name of a unit variant: the contract's word.
fn word_of(word: &impl Serialize) -> String {
    match serde_json::to_value(word) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// How an unfinished operation stands: when it was last tried, when it is tried again, and why it
/// waits.
#[derive(Debug, Serialize)]
pub(crate) struct WaitView {
    pub(crate) operation: &'static str,
    pub(crate) operation_state: &'static str,
    pub(crate) attempts: u32,
    pub(crate) may_have_arrived: bool,
    pub(crate) tried_at: Option<String>,
    /// None where no clock decides: the person does, the price of the line, or what it follows.
    pub(crate) next_try_ms: Option<u64>,
    pub(crate) reason: Option<ReasonView>,
    /// All of it in a sentence or two.
    pub(crate) words: String,
    #[serde(skip)]
    pub(crate) state_words: String,
    #[serde(skip)]
    kind: OperationKind,
    #[serde(skip)]
    lang: Lang,
    #[serde(skip)]
    exit: Exit,
}

struct Row<'a> {
    kind: OperationKind,
    state: OperationState,
    attempts: u32,
    due: Due,
    may_have_arrived: bool,
    reason: Option<&'a Reason>,
    tried_at: Option<Instant>,
}

impl WaitView {
    fn of_standing(standing: &Standing, moment: &Moment) -> Self {
        Self::new(
            &Row {
                kind: standing.kind,
                state: standing.state,
                attempts: standing.attempts,
                due: standing.due,
                may_have_arrived: standing.may_have_arrived(),
                reason: standing.reason.as_ref(),
                tried_at: standing.tried_at,
            },
            moment,
        )
    }

    fn of_operation(operation: &Operation, moment: &Moment) -> Self {
        Self::new(
            &Row {
                kind: operation.kind,
                state: operation.state,
                attempts: operation.attempts,
                due: operation.due,
                may_have_arrived: operation.may_have_arrived(),
                reason: operation.reason.as_ref(),
                tried_at: operation.tried_at,
            },
            moment,
        )
    }

    fn new(row: &Row<'_>, moment: &Moment) -> Self {
        let reason = row.reason;
        let exit = reason.map_or(Exit::StillWaiting, Exit::of_reason);
        let by_clock = matches!(row.state, OperationState::Waiting | OperationState::Paused)
            && exit == Exit::StillWaiting
            && !matches!(reason, Some(Reason::Follows | Reason::Metered));
        let next_try_ms = by_clock.then(|| row.due.remaining(moment.now));
        Self {
            operation: row.kind.as_str(),
            operation_state: row.state.as_str(),
            attempts: row.attempts,
            may_have_arrived: row.may_have_arrived,
            tried_at: row.tried_at.map(|at| at.to_string()),
            next_try_ms,
            reason: reason.map(|reason| ReasonView {
                words: why(row.state, reason, moment),
                ..ReasonView::new(reason, moment.lang)
            }),
            words: sentence(row, next_try_ms, moment),
            state_words: words::operation_state(row.state, moment.lang),
            kind: row.kind,
            lang: moment.lang,
            exit,
        }
    }

    /// What this asks of whoever runs a command; nothing when it is finished.
    pub(crate) fn exit(&self) -> Exit {
        if matches!(self.operation_state, "done" | "ended") {
            Exit::Done
        } else {
            self.exit
        }
    }
}

impl WaitView {
    /// What waits is named where it is not the report itself: one that the service has received is not
    /// to seem refused for the sake of a reply.
    pub(crate) fn about_its_step(&self) -> String {
        about_its_step(self.kind, &self.words, self.lang)
    }
}

pub(crate) fn about_its_step(kind: OperationKind, said: &str, lang: Lang) -> String {
    match kind {
        OperationKind::CreateReport => said.to_owned(),
        kind => format!("{}: {said}", words::operation(kind, lang)),
    }
}

/// What waits for room does not go very soon.
fn why(state: OperationState, reason: &Reason, moment: &Moment) -> String {
    match reason {
        reason if state == OperationState::Ended => words::ended(reason, moment.lang),
        Reason::NotTried if moment.is_full => words::waits_for_room(moment.lang),
        reason => words::reason(reason, moment.lang),
    }
}

fn sentence(row: &Row<'_>, next_try_ms: Option<u64>, moment: &Moment) -> String {
    let (lang, reason) = (moment.lang, row.reason);
    if matches!(row.state, OperationState::InFlight) {
        return words::operation_state(row.state, lang);
    }
    let why = match (reason, next_try_ms) {
        (Some(reason @ Reason::NotTried), _) if moment.is_full => why(row.state, reason, moment),
        (Some(reason), Some(in_ms)) if row.tried_at.is_none() => {
            words::waits_untried(reason, in_ms, lang)
        }
        (Some(reason), Some(in_ms)) => words::waits(reason, in_ms, lang),
        (Some(reason), None) => why(row.state, reason, moment),
        (None, _) => words::operation_state(row.state, lang),
    };
    let tried = words::last_tried(row.tried_at, moment.now, lang);
    if row.state.is_finished() {
        why
    } else {
        format!("{why} {tried}.")
    }
}

/// Attachments of a report, and how much of them the service has.
#[derive(Debug, Serialize)]
pub(crate) struct TallyView {
    pub(crate) total: u32,
    pub(crate) stored: u32,
    /// Neither on this phone nor at the service.
    pub(crate) lost: u32,
    pub(crate) bytes: u64,
    pub(crate) bytes_arrived: u64,
}

impl From<Tally> for TallyView {
    fn from(tally: Tally) -> Self {
        Self {
            total: tally.total,
            stored: tally.stored,
            lost: tally.lost,
            bytes: tally.bytes,
            bytes_arrived: tally.bytes_uploaded,
        }
    }
}

/// One line of a list.
#[derive(Debug, Serialize)]
pub(crate) struct ReportView {
    pub(crate) key: String,
    pub(crate) phase: &'static str,
    pub(crate) phase_words: String,
    pub(crate) own: bool,
    pub(crate) title: String,
    pub(crate) classification: Option<&'static str>,
    pub(crate) anonymous: bool,
    pub(crate) secret: bool,
    pub(crate) tracking_id: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) status_words: Option<String>,
    pub(crate) revision: u64,
    pub(crate) removed: bool,
    pub(crate) verify_by: Option<String>,
    pub(crate) follow_up_by: Option<String>,
    pub(crate) superseded_by: Option<String>,
    pub(crate) too_late: bool,
    pub(crate) created_at: String,
    pub(crate) edited_at: String,
    pub(crate) accepted_at: Option<String>,
    pub(crate) sent_at: Option<String>,
    pub(crate) attachments: TallyView,
    /// The most important thing left to do; null when nothing is.
    pub(crate) waiting: Option<WaitView>,
}

impl ReportView {
    pub(crate) fn new(row: &ReportRow, moment: &Moment) -> Self {
        let lang = moment.lang;
        Self {
            key: row.key.to_string(),
            phase: row.phase.as_str(),
            phase_words: words::stands(row.phase, row.status.as_ref(), lang),
            own: row.own,
            title: row.title.clone(),
            classification: row.classification.map(|one| one.as_str()),
            anonymous: row.anonymous,
            secret: row.secret,
            tracking_id: row.tracking_id.as_ref().map(|id| id.0.clone()),
            status: row.status.as_ref().map(|status| status.as_str().to_owned()),
            status_words: row
                .status
                .as_ref()
                .map(|status| words::status(status, lang)),
            revision: row.revision,
            removed: row.removed,
            verify_by: row.verify_by.clone(),
            follow_up_by: row.follow_up_by.clone(),
            superseded_by: row.superseded_by.map(|key| key.to_string()),
            too_late: row.too_late,
            created_at: row.created_at.to_string(),
            edited_at: row.edited_at.to_string(),
            accepted_at: row.accepted_at.map(|at| at.to_string()),
            sent_at: row.sent_at.map(|at| at.to_string()),
            attachments: row.pictures.into(),
            waiting: row
                .standing
                .as_ref()
                .map(|standing| WaitView::of_standing(standing, moment)),
        }
    }
}

/// One row of the outbox.
#[derive(Debug, Serialize)]
pub(crate) struct OperationView {
    pub(crate) id: i64,
    pub(crate) report: String,
    #[serde(flatten)]
    pub(crate) wait: WaitView,
    pub(crate) operation_words: String,
    pub(crate) follows: Option<i64>,
    pub(crate) event_key: Option<String>,
    /// What kind of event it is: `rate`, `close`, ...
    pub(crate) event_type: Option<String>,
    /// The service refused it, or it was never on the wire.
    #[serde(skip)]
    pub(crate) may_be_given_up: bool,
    /// Of an upload: bytes of the whole, and how many the service has.
    pub(crate) bytes: Option<u64>,
    pub(crate) bytes_arrived: Option<u64>,
}

impl OperationView {
    pub(crate) fn new(
        operation: &Operation,
        upload: Option<&Upload>,
        event: Option<EventKind>,
        moment: &Moment,
    ) -> Self {
        Self {
            id: operation.id.0,
            report: operation.report.to_string(),
            wait: WaitView::of_operation(operation, moment),
            operation_words: match event {
                Some(kind) => words::event_step(kind, moment.lang),
                None => words::operation(operation.kind, moment.lang),
            },
            follows: operation.follows.map(|id| id.0),
            event_key: operation.event.map(|key| key.to_string()),
            event_type: event.map(|kind| word_of(&kind)),
            may_be_given_up: operation.may_be_given_up(),
            bytes: upload.map(|upload| upload.bytes),
            bytes_arrived: upload.map(|upload| upload.offset),
        }
    }
}

/// What a photo itself tells: for the reporter's eyes, sent only when put into the form.
#[derive(Debug, Serialize)]
pub(crate) struct HintsView {
    pub(crate) taken_at: Option<String>,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
}

impl HintsView {
    pub(crate) fn of(hints: &Hints) -> Self {
        Self {
            taken_at: hints.taken_at.clone(),
            latitude: hints.place.map(|place| place.latitude),
            longitude: hints.place.map(|place| place.longitude),
        }
    }
}
