#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! Days in the life of a phone under a virtual clock: plan, a gateway made of one closure,
//! settle, and a store made of plain values. Exchanges take no time at all, which is the worst
//! case for a gateway in trouble.

mod disliked;
mod feed;
mod gateway;
mod peace;
mod pictures;
mod rates;
mod restored;
mod stories;
mod turns;

use super::{story::*, *};
use crate::{
    api::{
        Answer, CreateAnswer, EventAnswer, KnownAnswer, Missing, Outcome, ReportAnswer,
        StoredAttachment,
    },
    calendar::{Due, Instant},
    report::{ReportKey, Sha256Hash, Status, TrackingId},
};
use gateway::Gateway;

/// One request as it went out.
#[derive(Debug, Clone)]
struct Asked {
    at: Instant,
    task: Task,
}

struct Phone {
    work: Work,
    surroundings: Surroundings,
    now: Instant,
    asked: Vec<Asked>,
    waits: Vec<NextWake>,
    sent: Vec<ReportKey>,
    pulls: bool,
    pages: Pages,
}

impl Phone {
    fn with(work: Work) -> Self {
        Self {
            work,
            surroundings: Surroundings::default(),
            now: morning(),
            asked: Vec::new(),
            waits: Vec::new(),
            sent: Vec::new(),
            pulls: false,
            pages: Pages::default(),
        }
    }

    /// Runs until `until` or until nothing is left. The gateway sees the time since the start.
    fn lives(&mut self, span: u64, gateway: &mut dyn FnMut(&Task, u64) -> Outcome) {
        let end = self.now.plus(span);
        for _ in 0..200_000 {
            if self.now >= end || (is_idle(&self.work) && !self.pulls) {
                return;
            }
            match plan(&self.work, &self.surroundings, self.now) {
                Step::Wait(wake) => {
                    assert!(wake.in_ms > 0, "a wait of nothing spins: {wake:?}");
                    assert!(wake.latest_ms >= wake.in_ms);
                    let open = self
                        .work
                        .operations
                        .iter()
                        .any(|row| !row.state.is_finished());
                    assert!(
                        wake.reason.is_some() || !open,
                        "it waits and nobody knows why"
                    );
                    self.now = self.now.plus(wake.in_ms).min(end);
                    self.waits.push(wake);
                }
                Step::Send(task) => self.sends(task, gateway),
            }
        }
        panic!(
            "two hundred thousand steps: it spins; last {:?}",
            self.asked.last()
        );
    }

    /// As `Client::set_surroundings` does it.
    fn comes_into(&mut self, network: Network) {
        let before = std::mem::replace(&mut self.surroundings.network, network);
        let changes = network_changed(&self.work, before, network, self.now);
        changes.into_iter().for_each(|change| self.keeps(change));
    }

    fn sends(&mut self, task: Task, gateway: &mut dyn FnMut(&Task, u64) -> Outcome) {
        // The core settles with what it planned from.
        let planned = self.work.clone();
        if let Some(row) = task
            .operation()
            .and_then(|id| self.work.operations.iter_mut().find(|row| row.id == id))
        {
            row.maybe_sent |= task.marks_maybe_sent();
            row.state = OperationState::InFlight;
            row.owner = Some(run());
        }
        let outcome = gateway(&task, self.now.since(morning()).unwrap());
        self.asked.push(Asked {
            at: self.now,
            task: task.clone(),
        });
        let settling = Settling {
            now: self.now,
            surroundings: self.surroundings,
            pages: &self.pages,
            ..settling(&planned, &task, &outcome)
        };
        let changes = settle(&settling);
        self.pages.turned(&task, &outcome);
        changes.into_iter().for_each(|change| self.keeps(change));
        for row in self
            .work
            .operations
            .iter()
            .filter(|row| !row.state.is_finished())
        {
            assert!(
                row.reason.is_some(),
                "unfinished and nobody knows why: {row:?}"
            );
        }
        if let Some(row) = task
            .operation()
            .and_then(|id| self.work.operations.iter().find(|row| row.id == id))
        {
            assert_ne!(
                row.state,
                OperationState::InFlight,
                "settled: {task:?} {:?}",
                outcome.code()
            );
        }
    }

    fn keeps(&mut self, change: Change) {
        match change {
            Change::Operation(update) => {
                let row = self
                    .work
                    .operations
                    .iter_mut()
                    .find(|row| row.id == update.id)
                    .unwrap();
                row.state = update.state;
                row.attempts = update.attempts;
                row.streak = update.streak;
                row.due = update.due;
                row.reason = update.reason;
                row.tried_at = update.tried_at;
                row.owner = None;
            }
            Change::Sooner { operation, due } => {
                let mut rows = self.work.operations.iter_mut();
                rows.find(|row| row.id == operation).unwrap().due = due;
            }
            Change::Origin(origin) => self.work.origin = origin,
            Change::Created { report, answer, .. } => {
                self.sent.push(report);
                self.located(report, &answer.missing, &|_| false);
            }
            Change::Fetched { report, answer, .. } => {
                self.located(report, &answer.missing, &|sha| {
                    answer
                        .attachments
                        .iter()
                        .any(|one| one.stored && one.sha256 == *sha)
                });
            }
            Change::Upload(update) => {
                let upload = self
                    .work
                    .uploads
                    .iter_mut()
                    .find(|one| one.attachment == update.attachment)
                    .unwrap();
                upload.url = update.url;
                upload.offset = update.offset;
                upload.offset_is_sure = update.offset_is_sure;
                upload.restarts = update.restarts;
                upload.chunk = update.chunk;
                upload.cuts = update.cuts;
            }
            Change::Session { refreshed, .. } => {
                let account = self.work.account.as_mut().unwrap();
                account.session = SessionState::Good;
                account.refreshed = refreshed;
            }
            Change::SessionState {
                state, refreshed, ..
            } => {
                let account = self.work.account.as_mut().unwrap();
                account.session = state;
                account.refreshed = refreshed;
            }
            Change::PullDue { due, .. } => self.work.account.as_mut().unwrap().pull_due = due,
            Change::Feed { cursor, .. } => self.work.account.as_mut().unwrap().cursor = cursor,
            Change::Verified { keys, .. } => self.forgets_to_verify(&keys),
            Change::Forgotten { keys, .. } => {
                self.forgets_to_verify(&keys);
                let rows = self.work.operations.iter_mut();
                for row in rows.filter(|row| {
                    row.kind == OperationKind::CreateReport && keys.contains(&row.report)
                }) {
                    row.state = OperationState::Waiting;
                    row.due = Due::now(self.now);
                    row.reason = Some(Reason::Forgotten);
                }
            }
            Change::Withdrawn { report, .. } => {
                for row in self
                    .work
                    .operations
                    .iter_mut()
                    .filter(|row| row.report == report && !row.state.is_finished())
                {
                    row.state = OperationState::Ended;
                    row.reason = Some(Reason::Withdrawn);
                }
            }
            Change::Epoch { .. }
            | Change::FeedBegins { .. }
            | Change::FeedEnds { .. }
            | Change::Limits(_)
            | Change::ServerDate(_)
            | Change::Status { .. } => {}
            Change::TooLate { .. }
            | Change::Rejected { .. }
            | Change::KeyTaken { .. }
            | Change::Copied { .. } => {}
        }
        let done: Vec<OperationId> = self
            .work
            .operations
            .iter()
            .filter(|row| row.state == OperationState::Done)
            .map(|row| row.id)
            .collect();
        for row in &mut self.work.operations {
            row.is_free = row.follows.is_none_or(|follows| done.contains(&follows));
        }
    }

    fn forgets_to_verify(&mut self, keys: &[ReportKey]) {
        self.work
            .account
            .as_mut()
            .unwrap()
            .unverified_keys
            .retain(|key| !keys.contains(key));
    }

    fn located(
        &mut self,
        report: ReportKey,
        missing: &[Missing],
        is_stored: &dyn Fn(&Sha256Hash) -> bool,
    ) {
        for upload in self
            .work
            .uploads
            .iter_mut()
            .filter(|upload| upload.report == report)
        {
            if let Some(missing) = missing
                .iter()
                .find(|missing| missing.sha256 == upload.sha256)
            {
                upload.url = Some(missing.upload_url.clone());
                upload.offset = missing.offset;
                upload.offset_is_sure = true;
            } else if is_stored(&upload.sha256) {
                let mine = |row: &&mut Operation| row.attachment == Some(upload.attachment);
                for row in self.work.operations.iter_mut().filter(mine) {
                    row.state = OperationState::Done;
                    row.reason = None;
                }
            }
        }
    }

    /// The most requests within any minute.
    fn busiest_minute(&self) -> usize {
        let within = |from: usize| {
            self.asked[from..]
                .iter()
                .take_while(|one| one.at.since(self.asked[from].at).unwrap() < MINUTE)
                .count()
        };
        (0..self.asked.len()).map(within).max().unwrap_or(0)
    }

    fn longest_wait(&self) -> u64 {
        self.waits.iter().map(|wake| wake.in_ms).max().unwrap_or(0)
    }

    fn row(&self, id: i64) -> &Operation {
        self.work
            .operations
            .iter()
            .find(|row| row.id == OperationId(id))
            .unwrap()
    }

    fn all_done(&self) -> bool {
        self.work
            .operations
            .iter()
            .all(|row| row.state == OperationState::Done)
    }
}

/// Two reports, a picture of each, and a reply.
fn full_outbox() -> Work {
    let after = |row: Operation, id| Operation {
        follows: Some(OperationId(id)),
        is_free: false,
        ..row
    };
    let unlocated = || Upload {
        url: None,
        offset_is_sure: false,
        ..upload()
    };
    phone()
        .and(create(1))
        .and(create(2))
        .and_upload(after(picture(3, 1), 1), unlocated())
        .and_upload(after(picture(4, 2), 2), unlocated())
        .and(after(row(5, OperationKind::AddEvent, 2), 2))
}

fn is_picture(task: &Task) -> bool {
    matches!(
        task,
        Task::Locate { .. } | Task::UploadOffset { .. } | Task::UploadChunk { .. }
    )
}
