use super::{OperationId, Work};
use crate::{
    api::Action,
    report::{ReportKey, TrackingId},
};

/// What a step is for: the action comes from it once the client has read the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    Probe,
    Refresh,
    Create {
        operation: OperationId,
        report: ReportKey,
    },
    Withdraw {
        operation: OperationId,
        report: ReportKey,
    },
    Event {
        operation: OperationId,
        report: ReportKey,
    },
    /// Ask for the service's copy of a report whose key it knows with other words.
    FetchCopy {
        operation: OperationId,
        report: ReportKey,
    },
    Known {
        keys: Vec<ReportKey>,
    },
    Pull {
        after: Option<String>,
    },
    /// Ask where the gateway wants an attachment, or whether it has it whole.
    Locate {
        operation: OperationId,
        report: ReportKey,
    },
    UploadOffset {
        operation: OperationId,
        attachment: i64,
        url: String,
    },
    UploadChunk {
        operation: OperationId,
        attachment: i64,
        url: String,
        offset: u64,
        length: u64,
    },
}

impl Task {
    pub fn operation(&self) -> Option<OperationId> {
        match self {
            Self::Create { operation, .. }
            | Self::Withdraw { operation, .. }
            | Self::Event { operation, .. }
            | Self::FetchCopy { operation, .. }
            | Self::Locate { operation, .. }
            | Self::UploadOffset { operation, .. }
            | Self::UploadChunk { operation, .. } => Some(*operation),
            Self::Probe | Self::Refresh | Self::Known { .. } | Self::Pull { .. } => None,
        }
    }

    /// Must the store remember that this may have arrived before its first byte goes? For
    /// pictures the gateway's offset is the truth, reading changes nothing.
    pub fn marks_maybe_sent(&self) -> bool {
        matches!(
            self,
            Self::Create { .. } | Self::Withdraw { .. } | Self::Event { .. }
        )
    }

    /// The action, given the frozen bytes (of the report or of the event) where it sends some.
    pub fn action(&self, work: &Work, body: Vec<u8>, prior: Option<TrackingId>) -> Option<Action> {
        Some(match self {
            Self::Probe => Action::Probe,
            Self::Refresh => Action::Refresh {
                refresh_token: work.account.as_ref()?.refresh_token.clone(),
            },
            Self::Create { report, .. } => Action::Create {
                key: *report,
                body,
                prior_tracking_id: prior,
            },
            Self::Withdraw { report, .. } => Action::Withdraw { key: *report },
            Self::Event { report, operation } => {
                let event_key = work
                    .operations
                    .iter()
                    .find(|row| row.id == *operation)?
                    .event?;
                Action::Event {
                    key: *report,
                    event_key,
                    body,
                }
            }
            Self::Known { keys } => Action::Known { keys: keys.clone() },
            Self::Pull { after } => Action::Changes {
                after: after.clone(),
            },
            Self::Locate { report, .. } | Self::FetchCopy { report, .. } => {
                Action::Fetch { key: *report }
            }
            Self::UploadOffset { url, .. } => Action::UploadOffset { url: url.clone() },
            Self::UploadChunk {
                url,
                attachment,
                offset,
                length,
                ..
            } => Action::UploadChunk {
                url: url.clone(),
                attachment: *attachment,
                offset: *offset,
                length: *length,
            },
        })
    }

    /// The stable word of this task, for traces and figures.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Refresh => "refresh",
            Self::Create { .. } => "create",
            Self::Withdraw { .. } => "withdraw",
            Self::Event { .. } => "event",
            Self::FetchCopy { .. } => "fetch_copy",
            Self::Known { .. } => "known",
            Self::Pull { .. } => "pull",
            Self::Locate { .. } => "locate",
            Self::UploadOffset { .. } => "upload_offset",
            Self::UploadChunk { .. } => "upload_chunk",
        }
    }
}
