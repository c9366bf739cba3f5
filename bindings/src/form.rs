//! What a person writes: the form, its drafts, one field at a time.

use lapor_core::{
    engine::report::{Classification, Edit, Form, Phase, Place, ReportKey},
    engine::words::Lang,
    store::DraftRow,
};

use crate::{
    pictures::{ReportAttachment, SentAsItIs},
    reasons::FormProblem,
};

/// The form as far as it is filled in. Anything goes into a draft.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ReportForm {
    pub classification: Option<Classification>,
    pub title: String,
    pub content: String,
    /// `YYYY-MM-DD` once valid; as typed until then.
    pub incident_date: String,
    pub location: String,
    /// `PP.KK.CC.DDDD` or a prefix of it; empty when not given.
    pub area_code: String,
    pub institution_id: String,
    pub category_id: String,
    /// The name is not published.
    pub anonymous: bool,
    /// The report is not public.
    pub secret: bool,
    pub place: Option<Place>,
}

/// One field-level change. Saved durably before the call returns: call it as the person types.
#[derive(Debug, Clone, PartialEq, uniffi::Enum)]
#[expect(
    clippy::enum_variant_names,
    reason = "Kotlin would take a variant for the type it holds"
)]
pub enum FieldEdit {
    SetClassification {
        classification: Option<Classification>,
    },
    SetTitle {
        text: String,
    },
    SetContent {
        text: String,
    },
    SetIncidentDate {
        text: String,
    },
    SetLocation {
        text: String,
    },
    SetAreaCode {
        text: String,
    },
    SetInstitutionId {
        text: String,
    },
    SetCategoryId {
        text: String,
    },
    SetAnonymous {
        on: bool,
    },
    SetSecret {
        on: bool,
    },
    SetPlace {
        place: Option<Place>,
    },
}

/// A report for the screen on which it is written.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct Draft {
    pub key: ReportKey,
    pub phase: Phase,
    pub form: ReportForm,
    /// In the order of the report.
    pub attachments: Vec<ReportAttachment>,
    /// Where a document that the service has not got yet is sent as it is: to be shown before `submit`.
    pub as_it_is: Option<SentAsItIs>,
    /// The report in whose place this one goes.
    pub supersedes: Option<ReportKey>,
    /// What the service refused, when it did.
    pub refused: Vec<FormProblem>,
    /// UTC milliseconds since 1970.
    pub edited_at_ms: i64,
}

impl From<Form> for ReportForm {
    fn from(form: Form) -> Self {
        let Form {
            classification,
            title,
            content,
            incident_date,
            location,
            area_code,
            institution_id,
            category_id,
            anonymous,
            secret,
            place,
        } = form;
        Self {
            classification,
            title,
            content,
            incident_date,
            location,
            area_code,
            institution_id,
            category_id,
            anonymous,
            secret,
            place,
        }
    }
}

impl From<FieldEdit> for Edit {
    fn from(edit: FieldEdit) -> Self {
        match edit {
            FieldEdit::SetClassification { classification } => Self::Classification(classification),
            FieldEdit::SetTitle { text } => Self::Title(text),
            FieldEdit::SetContent { text } => Self::Content(text),
            FieldEdit::SetIncidentDate { text } => Self::IncidentDate(text),
            FieldEdit::SetLocation { text } => Self::Location(text),
            FieldEdit::SetAreaCode { text } => Self::AreaCode(text),
            FieldEdit::SetInstitutionId { text } => Self::InstitutionId(text),
            FieldEdit::SetCategoryId { text } => Self::CategoryId(text),
            FieldEdit::SetAnonymous { on } => Self::Anonymous(on),
            FieldEdit::SetSecret { on } => Self::Secret(on),
            FieldEdit::SetPlace { place } => Self::Place(place),
        }
    }
}

impl Draft {
    pub(crate) fn of(row: DraftRow, lang: Lang) -> Self {
        Self {
            key: row.key,
            phase: row.phase,
            as_it_is: row.as_it_is().map(|note| SentAsItIs::of(note, lang)),
            attachments: row.attachments.iter().map(ReportAttachment::from).collect(),
            supersedes: row.supersedes,
            refused: FormProblem::all(&row.problems, lang),
            edited_at_ms: row.edited_at.0,
            form: row.form.into(),
        }
    }
}
