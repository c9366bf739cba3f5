//! Everything about one report.

use lapor_core::{
    engine::{
        report::AsItIs,
        sync::{Operation, OperationState},
        words::{self, Lang},
    },
    store::{AttachmentRow, EventRow, ReportDetail},
};
use serde::Serialize;
use serde_json::Value;

use super::{Moment, OperationView, ProblemView, ReasonView, ReportView};

#[derive(Debug, Serialize)]
pub(crate) struct DetailView {
    #[serde(flatten)]
    pub(crate) report: ReportView,
    pub(crate) content: String,
    pub(crate) incident_date: String,
    pub(crate) location: String,
    pub(crate) area_code: String,
    pub(crate) institution_id: String,
    pub(crate) category_id: String,
    pub(crate) latitude: Option<f64>,
    pub(crate) longitude: Option<f64>,
    pub(crate) supersedes: Option<String>,
    pub(crate) body_sha256: Option<String>,
    pub(crate) prior_tracking_ids: Vec<String>,
    pub(crate) problems: Vec<ProblemView>,
    pub(crate) pictures: Vec<AttachmentView>,
    /// Where a document that is still to go is sent as it is.
    pub(crate) as_it_is: Option<AsItIsView>,
    pub(crate) operations: Vec<OperationView>,
    pub(crate) events: Vec<EventView>,
    /// The service's copy as it came; null when there is none on this phone.
    pub(crate) server: Value,
    /// Where the service knows the key with other words: how `server` stands beside these.
    pub(crate) service_copy: Option<CopyView>,
}

/// A document is sent as it is.
#[derive(Debug, Serialize)]
pub(crate) struct AsItIsView {
    pub(crate) anonymous: bool,
    pub(crate) secret: bool,
    pub(crate) details_seen: bool,
    pub(crate) words: String,
}

impl AsItIsView {
    pub(crate) fn of(note: Option<AsItIs>, lang: Lang) -> Option<Self> {
        let note = note?;
        Some(Self {
            anonymous: note.anonymous,
            secret: note.secret,
            details_seen: note.details_seen,
            words: words::as_it_is(note, lang),
        })
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct CopyView {
    pub(crate) standing: &'static str,
    pub(crate) words: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct AttachmentView {
    /// From 1, as people count.
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    pub(crate) original_bytes: u64,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) quality: u8,
    /// The service lists it.
    pub(crate) stored: bool,
    pub(crate) bytes_arrived: u64,
    pub(crate) on_phone: bool,
    /// Neither on this phone nor at the service.
    pub(crate) lost: bool,
    /// Not made here.
    pub(crate) as_it_is: bool,
    /// Times the service started over.
    pub(crate) restarts: u32,
}

impl From<&AttachmentRow> for AttachmentView {
    fn from(row: &AttachmentRow) -> Self {
        Self {
            number: row.position.saturating_add(1),
            name: row.name.clone(),
            media_type: row.media_type.clone(),
            sha256: row.sha256.to_string(),
            bytes: row.bytes,
            original_bytes: row.original_bytes,
            width: row.width,
            height: row.height,
            quality: row.quality,
            stored: row.stored,
            bytes_arrived: if row.stored { row.bytes } else { row.uploaded },
            on_phone: row.present,
            lost: row.is_lost(),
            as_it_is: row.is_as_it_is(),
            restarts: row.restarts,
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct EventView {
    pub(crate) event_key: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) kind_words: String,
    pub(crate) created_at: String,
    pub(crate) text: Option<String>,
    pub(crate) rating: Option<u64>,
    pub(crate) state: &'static str,
    pub(crate) state_words: String,
    pub(crate) reason: Option<ReasonView>,
    /// Why it waits or ended, when it was last tried and when it is tried again, as its step says it.
    pub(crate) words: Option<String>,
    /// The service refused it, and its writer may give it up.
    #[serde(skip)]
    pub(crate) may_be_given_up: bool,
}

impl EventView {
    fn new(row: &EventRow, step: Option<&OperationView>, moment: &Moment) -> Self {
        // The frozen bytes are the truth of what was written.
        let body: Value = serde_json::from_slice(&row.body).unwrap_or_default();
        Self {
            event_key: row.key.to_string(),
            kind: super::word_of(&row.kind),
            kind_words: words::event(row.kind, moment.lang),
            created_at: row.created_at.to_string(),
            text: body.get("text").and_then(Value::as_str).map(str::to_owned),
            rating: body.get("rating").and_then(Value::as_u64),
            state: row.state.as_str(),
            state_words: words::operation_state(row.state, moment.lang),
            reason: step.and_then(|step| step.wait.reason.clone()),
            words: step
                .filter(|_| !matches!(row.state, OperationState::Done | OperationState::InFlight))
                .map(|step| step.wait.words.clone()),
            may_be_given_up: row.state == OperationState::Paused,
        }
    }
}

impl DetailView {
    pub(crate) fn new(detail: &ReportDetail, moment: &Moment) -> Self {
        let form = &detail.draft.form;
        let arrived = |operation: &Operation| {
            let id = operation.attachment?;
            detail.attachments.iter().find(|row| row.id == id)
        };
        let operation = |operation: &Operation| {
            let kind = detail
                .events
                .iter()
                .find(|event| Some(event.key) == operation.event)
                .map(|event| event.kind);
            let mut view = OperationView::new(operation, None, kind, moment);
            if let Some(row) = arrived(operation) {
                view.bytes = Some(row.bytes);
                view.bytes_arrived = Some(if row.stored { row.bytes } else { row.uploaded });
            }
            view
        };
        let operations: Vec<OperationView> = detail.operations.iter().map(operation).collect();
        let event = |row: &EventRow| {
            let key = row.key.to_string();
            let step = operations
                .iter()
                .find(|step| step.event_key.as_ref() == Some(&key));
            EventView::new(row, step, moment)
        };
        let events = detail.events.iter().map(event).collect();
        Self {
            report: ReportView::new(&detail.row, moment),
            content: form.content.clone(),
            incident_date: form.incident_date.clone(),
            location: form.location.clone(),
            area_code: form.area_code.clone(),
            institution_id: form.institution_id.clone(),
            category_id: form.category_id.clone(),
            latitude: form.place.map(|place| place.latitude),
            longitude: form.place.map(|place| place.longitude),
            supersedes: detail.draft.supersedes.map(|key| key.to_string()),
            body_sha256: detail.body_sha256.map(|hash| hash.to_string()),
            prior_tracking_ids: detail
                .prior_tracking_ids
                .iter()
                .map(|id| id.0.clone())
                .collect(),
            problems: detail
                .problems
                .iter()
                .map(|problem| ProblemView::new(problem, moment.lang))
                .collect(),
            pictures: detail
                .attachments
                .iter()
                .map(AttachmentView::from)
                .collect(),
            as_it_is: AsItIsView::of(detail.draft.as_it_is(), moment.lang),
            operations,
            events,
            server: serde_json::from_str(&detail.server_text).unwrap_or_default(),
            service_copy: detail.copy.as_ref().map(|copy| CopyView {
                standing: copy.standing.as_str(),
                words: words::service_copy(copy.standing, moment.lang),
            }),
        }
    }
}
