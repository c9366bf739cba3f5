//! What a person does to a report once it is accepted: the body that travels, and what keeps one
//! from being accepted.

use serde::{Deserialize, Serialize};

use crate::report::{Code, Field, Limits, Problem, Subject};

#[cfg(test)]
mod tests;

/// What a person does to a report that the service has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Komentar / Tindak Lanjut of the reporter
    Reply,
    /// Tindak lanjut of the institution
    FollowUp,
    Rate,
    /// Tutup Laporan
    Close,
    /// Dukung
    Support,
    /// Disposisi to another institution
    Forward,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventBody {
    #[serde(rename = "type")]
    pub kind: EventKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution_id: Option<String>,
    pub seen_revision: u64,
}

impl EventKind {
    /// Whose it is by the contract: a role that it does not name may do everything, as far as this
    /// phone knows. A role changes with a sign-in, and then the phone hears of it.
    pub fn is_open_to(self, role: &str) -> bool {
        let of_the_other_side = match role {
            "reporter" => [Self::FollowUp, Self::Forward].contains(&self),
            "officer" => [Self::Rate, Self::Close, Self::Support].contains(&self),
            _ => false,
        };
        !of_the_other_side
    }

    /// Once this was refused, does a `later` one of the same person stand in its place? Tried again, it
    /// would go after that one and undo it. Words are never overtaken: each of them counts.
    ///
    /// - of ratings, supports and forwardings only the last counts;
    /// - who writes again, or closes again, no longer means the closing from before; a rating that was
    ///   taken (`is_done`) shows that the report was closed, one that was not still needs the closing.
    pub fn is_overtaken_by(self, later: Self, is_done: bool) -> bool {
        match (self, later) {
            (Self::Rate, Self::Rate)
            | (Self::Support, Self::Support)
            | (Self::Forward, Self::Forward)
            | (Self::Close, Self::Close | Self::Reply) => true,
            (Self::Close, Self::Rate) => is_done,
            _ => false,
        }
    }
}

/// May somebody of this role send reports of their own? An officer's are refused by the contract, and so
/// is taking them back: one that was accepted on the phone could never leave it.
pub fn reports_are_open_to(role: &str) -> bool {
    role != "officer"
}

impl EventBody {
    /// Everything that keeps this event from being accepted on the phone. Whether the report's
    /// state allows it is the service's to say: it may have changed.
    pub fn problems(&self, limits: &Limits) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut say = |field, code| {
            found.push(Problem {
                subject: Subject::Field(field),
                code,
            })
        };
        let needs_text = matches!(self.kind, EventKind::Reply | EventKind::FollowUp);
        match &self.text {
            Some(text) => {
                crate::report::text_problems(text, u64::from(limits.content_chars), true)
                    .into_iter()
                    .for_each(|code| say(Field::Text, code));
            }
            None if needs_text => say(Field::Text, Code::Required),
            None => {}
        }
        match self.rating {
            Some(rating) if !(1..=5).contains(&rating) => say(Field::Rating, Code::Invalid),
            None if self.kind == EventKind::Rate => say(Field::Rating, Code::Required),
            _ => {}
        }
        if self.kind == EventKind::Forward && self.institution_id.is_none() {
            say(Field::InstitutionId, Code::Required);
        }
        found
    }
}
