#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! What the stories of this folder's tests begin with: Ayu's phone, her reports and pictures.

use super::*;
use crate::{
    api::{CreateAnswer, Outcome, Secret},
    calendar::{Due, Instant},
    report::{EventKey, ReportKey, Sha256Hash, Status, TrackingId},
};

pub(super) const SECOND: u64 = 1_000;
pub(super) const MINUTE: u64 = 60 * SECOND;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

pub(super) fn morning() -> Instant {
    Instant::parse_rfc3339("2026-11-22T08:00:00Z").unwrap()
}

pub(super) fn report(number: u8) -> ReportKey {
    ReportKey([number; 16])
}

pub(super) fn run() -> RunId {
    RunId("this run".to_owned())
}

/// Signed in, the feed just pulled, nothing in the outbox.
pub(super) fn phone() -> Work {
    Work {
        run: run(),
        account: Some(Account {
            id: AccountId(2),
            server_id: "1".to_owned(),
            access_token: Secret::new("access".to_owned()),
            refresh_token: Secret::new("refresh".to_owned()),
            session: SessionState::Good,
            refreshed: false,
            cursor: Some("c1".to_owned()),
            pull_due: Due::after(morning(), 365 * DAY),
            epoch: Some("e1".to_owned()),
            unverified_keys: Vec::new(),
        }),
        operations: Vec::new(),
        uploads: Vec::new(),
        origin: Origin::free(),
        install_secret: [5; 32],
        last_server_date: None,
        pictures_unmetered_only: false,
    }
}

impl Work {
    pub(super) fn and(mut self, row: Operation) -> Self {
        self.operations.push(row);
        self
    }

    pub(super) fn and_upload(mut self, row: Operation, upload: Upload) -> Self {
        self.uploads.push(Upload {
            attachment: row.attachment.unwrap(),
            report: row.report,
            ..upload
        });
        self.and(row)
    }

    pub(super) fn in_trouble(mut self, what: OriginTrouble, due: Due) -> Self {
        self.origin = Origin {
            trouble: Some(backoff::Trouble {
                what,
                due,
                tries: 1,
                failed: 1,
            }),
            ..Origin::default()
        };
        self
    }

    pub(super) fn with_account(mut self, change: impl FnOnce(&mut Account)) -> Self {
        change(self.account.as_mut().unwrap());
        self
    }
}

/// A row of the outbox, due, not tried yet.
pub(super) fn row(id: i64, kind: OperationKind, number: u8) -> Operation {
    Operation {
        id: OperationId(id),
        account: AccountId(2),
        report: report(number),
        kind,
        attachment: (kind == OperationKind::UploadAttachment).then_some(100 + id),
        event: (kind == OperationKind::AddEvent).then_some(EventKey([number; 16])),
        follows: None,
        is_free: true,
        state: OperationState::Waiting,
        attempts: 0,
        streak: 0,
        due: Due::now(morning()),
        maybe_sent: false,
        owner: None,
        reason: Some(Reason::NotTried),
        tried_at: None,
    }
}

pub(super) fn create(id: i64) -> Operation {
    row(id, OperationKind::CreateReport, u8::try_from(id).unwrap())
}

pub(super) fn picture(id: i64, number: u8) -> Operation {
    row(id, OperationKind::UploadAttachment, number)
}

/// 100 KB, of which the gateway has none, at a known URL.
pub(super) fn upload() -> Upload {
    Upload {
        attachment: 0,
        report: report(0),
        sha256: Sha256Hash([1; 32]),
        bytes: 100 * 1024,
        url: Some("/v1/uploads/x".to_owned()),
        offset: 0,
        offset_is_sure: true,
        restarts: 0,
        chunk: 0,
        cuts: 0,
    }
}

pub(super) fn created() -> CreateAnswer {
    CreateAnswer {
        tracking_id: TrackingId("1916449".to_owned()),
        revision: 1,
        status: Status::Unverified,
        deadlines: crate::api::Deadlines::default(),
        missing: Vec::new(),
    }
}

pub(super) fn settling<'a>(work: &'a Work, task: &'a Task, outcome: &'a Outcome) -> Settling<'a> {
    Settling {
        work,
        task,
        outcome,
        now: morning(),
        took_ms: 500,
        surroundings: Surroundings::default(),
        pages: Pages::NONE,
        epoch: None,
        server_date: None,
    }
}

pub(super) fn sent(work: &Work, surroundings: &Surroundings, now: Instant) -> Task {
    match plan(work, surroundings, now) {
        Step::Send(task) => task,
        Step::Wait(wake) => panic!("waits: {wake:?}"),
    }
}

pub(super) fn waits(work: &Work, surroundings: &Surroundings, now: Instant) -> NextWake {
    match plan(work, surroundings, now) {
        Step::Wait(wake) => wake,
        Step::Send(task) => panic!("sends: {task:?}"),
    }
}

/// The update of one row among changes.
pub(super) fn update_of(changes: &[Change], id: i64) -> OperationUpdate {
    let mut found = changes.iter().filter_map(|change| match change {
        Change::Operation(update) if update.id == OperationId(id) => Some(update.clone()),
        _ => None,
    });
    let update = found
        .next()
        .unwrap_or_else(|| panic!("no update of {id}: {changes:?}"));
    assert_eq!(found.next(), None, "one outcome, one update of a row");
    update
}

pub(super) fn upload_of(changes: &[Change]) -> UploadUpdate {
    changes
        .iter()
        .find_map(|change| match change {
            Change::Upload(update) => Some(update.clone()),
            _ => None,
        })
        .unwrap_or_else(|| panic!("no upload: {changes:?}"))
}

pub(super) fn origin_of(changes: &[Change]) -> Option<Origin> {
    changes.iter().find_map(|change| match change {
        Change::Origin(origin) => Some(origin.clone()),
        _ => None,
    })
}
