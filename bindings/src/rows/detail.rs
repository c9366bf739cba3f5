//! One report with everything that belongs to it.

use lapor_core::{
    engine::{
        api::EventKind,
        report::{EventKey, ReportKey, TrackingId},
        sync::{Operation, OperationKind, OperationState, ServiceCopy, Upload},
        words,
    },
    store,
};

use super::{ReportLine, Telling};
use crate::{
    form::{Draft, ReportForm},
    reasons::WaitReason,
};

/// All there is to know of a report.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ReportDetails {
    pub line: ReportLine,
    /// The words and pictures as they were written here.
    pub written: Draft,
    /// Tracking ids it had before the service renumbered it.
    pub prior_tracking_ids: Vec<TrackingId>,
    /// The service's copy as it came, JSON; empty when never fetched. The service may have edited
    /// the words: both are kept.
    pub server_json: String,
    /// Where the service knows the key with other words: show these beside `written`, and let the person
    /// decide.
    pub service_copy: Option<ServiceCopyShown>,
    /// The finished ones too, in order.
    pub operations: Vec<OutboxLine>,
    pub events: Vec<EventLine>,
}

/// The words that the service has under the key of a report, beside those written here.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ServiceCopyShown {
    pub standing: ServiceCopy,
    /// What is known of it and what may be done, for the screen.
    pub words: String,
    /// None before it was fetched.
    pub form: Option<ReportForm>,
    /// How many attachments it names.
    pub attachments: u32,
}

/// One row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OutboxLine {
    pub id: i64,
    pub report: ReportKey,
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
    /// Of a picture on its way.
    pub upload: Option<UploadProgress>,
}

/// How far a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct UploadProgress {
    /// What the service has, bytes.
    pub arrived: u64,
    pub bytes: u64,
    /// Times the service had it start over.
    pub restarts: u32,
}

/// What a person did to a report.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct EventLine {
    pub key: EventKey,
    pub kind: EventKind,
    pub kind_words: String,
    /// UTC milliseconds since 1970.
    pub created_at_ms: i64,
    /// As it is sent, JSON.
    pub body_json: String,
    pub state: OperationState,
    pub state_words: String,
    pub reason: Option<WaitReason>,
    pub reason_words: Option<String>,
}

impl ReportDetails {
    pub(crate) fn of(detail: store::ReportDetail, telling: Telling) -> Self {
        Self {
            line: ReportLine::of(&detail.row, telling),
            written: Draft::of(detail.draft, telling.lang),
            prior_tracking_ids: detail.prior_tracking_ids,
            server_json: detail.server_text,
            service_copy: detail.copy.map(|copy| ServiceCopyShown::of(copy, telling)),
            operations: detail
                .operations
                .iter()
                .map(|operation| OutboxLine::of(operation, None, telling))
                .collect(),
            events: detail
                .events
                .iter()
                .map(|event| EventLine::of(event, telling))
                .collect(),
        }
    }
}

impl ServiceCopyShown {
    fn of(copy: store::CopyRow, telling: Telling) -> Self {
        let (form, attachments) = match copy.submitted {
            Some(it) => (Some(it.form.into()), it.attachments.len()),
            None => (None, 0),
        };
        Self {
            standing: copy.standing,
            words: words::service_copy(copy.standing, telling.lang),
            form,
            attachments: u32::try_from(attachments).unwrap_or(u32::MAX),
        }
    }
}

impl OutboxLine {
    pub(crate) fn of(operation: &Operation, upload: Option<&Upload>, telling: Telling) -> Self {
        let reason = operation.reason.as_ref();
        Self {
            id: operation.id.0,
            report: operation.report,
            kind: operation.kind,
            state: operation.state,
            words: telling.standing(operation.kind, operation.state, operation.due, reason),
            attempts: operation.attempts,
            may_have_arrived: operation.may_have_arrived(),
            tried_at_ms: operation.tried_at.map(|at| at.0),
            tried_words: telling.tried(operation.tried_at),
            retry_in_ms: telling.retry_in_ms(operation.due),
            reason: telling.reason(reason),
            reason_words: telling.reason_words(operation.state, reason),
            upload: upload.map(|upload| UploadProgress {
                arrived: upload.offset,
                bytes: upload.bytes,
                restarts: upload.restarts,
            }),
        }
    }
}

impl EventLine {
    fn of(event: &store::EventRow, telling: Telling) -> Self {
        let reason = event.reason.as_ref();
        Self {
            key: event.key,
            kind: event.kind,
            kind_words: words::event(event.kind, telling.lang),
            created_at_ms: event.created_at.0,
            body_json: String::from_utf8_lossy(&event.body).into_owned(),
            state: event.state,
            state_words: words::operation_state(event.state, telling.lang),
            reason: telling.reason(reason),
            reason_words: telling.reason_words(event.state, reason),
        }
    }
}
