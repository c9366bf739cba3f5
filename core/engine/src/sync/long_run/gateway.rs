use super::*;

/// A gateway that is well: it takes every chunk and lists every picture that is whole.
#[derive(Default)]
pub(super) struct Gateway {
    pub(super) has: std::collections::BTreeMap<String, u64>,
}

impl Gateway {
    pub(super) fn missing(&self, report: ReportKey) -> Vec<Missing> {
        let url = format!("/v1/uploads/{report}");
        let offset = self.has.get(&url).copied().unwrap_or(0);
        let one = Missing {
            sha256: Sha256Hash([1; 32]),
            upload_url: url,
            offset,
            expires_at: None,
        };
        if offset >= upload().bytes {
            Vec::new()
        } else {
            vec![one]
        }
    }

    pub(super) fn answers(&mut self, task: &Task) -> Outcome {
        let answer = match task {
            Task::Probe => Answer::Meta(crate::api::MetaAnswer {
                limits: crate::report::Limits::default(),
            }),
            Task::Create { report, .. } => Answer::Create(CreateAnswer {
                missing: self.missing(*report),
                ..created()
            }),
            Task::Event { report, .. } => Answer::Event(EventAnswer {
                event_key: crate::report::EventKey(report.0),
                revision: 2,
                status: Status::Verified,
            }),
            Task::Withdraw { .. } => Answer::Withdrawn,
            Task::Locate { report, .. } | Task::FetchCopy { report, .. } => {
                Answer::Report(Box::new(self.listed(*report)))
            }
            Task::UploadOffset { url, .. } => {
                Answer::Offset(self.has.get(url).copied().unwrap_or(0))
            }
            Task::UploadChunk {
                url,
                offset,
                length,
                ..
            } => {
                self.has.insert(url.clone(), offset + length);
                Answer::Offset(offset + length)
            }
            Task::Pull { .. } => Answer::NoChanges,
            Task::Known { keys } => {
                let known = |key: &ReportKey| crate::api::KnownReport {
                    key: *key,
                    tracking_id: TrackingId("1".to_owned()),
                };
                Answer::Known(KnownAnswer {
                    known: keys.iter().map(known).collect(),
                    withdrawn: vec![],
                    unknown: vec![],
                })
            }
            Task::Refresh => Answer::Session(Box::new(session())),
        };
        Outcome::Done(answer)
    }

    pub(super) fn listed(&self, report: ReportKey) -> ReportAnswer {
        let missing = self.missing(report);
        ReportAnswer {
            tracking_id: TrackingId("1916449".to_owned()),
            revision: 1,
            status: Status::Unverified,
            deadlines: crate::api::Deadlines::default(),
            attachments: vec![StoredAttachment {
                sha256: Sha256Hash([1; 32]),
                stored: missing.is_empty(),
            }],
            missing,
            text: String::new(),
        }
    }
}

fn session() -> crate::api::SessionAnswer {
    serde_json::from_str(
        r#"{"access_token":"a","refresh_token":"r","expires_in":900,
            "account":{"id":"1","user":"ayu","name":"Ayu","role":"reporter"}}"#,
    )
    .unwrap()
}
