//! The loop: ask the engine, run one exchange, judge, settle, store, again. A kill between any
//! two lines leaves rows from which the same loop goes on.

mod exchange;
mod pictures;
mod waiting;

use std::time::Duration;

use lapor_engine::{
    api::{self, Action, Circumstance, Exchange, Outcome, Secret, marks},
    calendar::{Clock, Due, Instant},
    mutant,
    report::ReportKey,
    sync::{
        Pages, RunId, Settling, Step, Task, Work, is_idle, pictures_follow, plan, settle,
        token_of_another,
    },
};

use super::{
    Asked, Changed, Client, ClientError, CrashPoint, SyncEvent, SyncLimits, SyncReport, Until,
};
use crate::{
    net::GatewayUrl,
    store::{Begun, StoreError},
};

/// How long to wait before the disk is tried again.
const FULL: Duration = Duration::from_secs(5);
/// The instant of this release; a clock before it is wrong. Moved by hand with each release, so
/// that the same source always builds the same bytes.
pub(super) const BUILT_AT: Instant = Instant(1_790_000_000_000);

pub(super) struct Driver<'a> {
    client: &'a Client,
    gateway: &'a GatewayUrl,
    run: &'a RunId,
    asked: &'a Asked,
    limits: SyncLimits,
    watch: &'a mut (dyn FnMut(SyncEvent) + Send),
    started: u64,
    report: SyncReport,
    /// Since when the feed is to be asked whether it is due or not.
    pull: Option<Instant>,
    /// Seconds by which the phone's clock is ahead of the gateway's, once an answer told.
    skew: Option<i64>,
    /// The feed's answer could not be stored in this run, and was put off.
    has_put_off_the_feed: bool,
    /// Of the pull under way.
    pages: Pages,
    /// Came with a refresh, and is another account's.
    strays: Option<Secret>,
    /// Waited for so far although only what is due was asked for, milliseconds.
    waited: u64,
}

impl<'a> Driver<'a> {
    pub(super) fn new(
        client: &'a Client,
        gateway: &'a GatewayUrl,
        (run, asked): (&'a RunId, &'a Asked),
        limits: SyncLimits,
        watch: &'a mut (dyn FnMut(SyncEvent) + Send),
    ) -> Self {
        let report = SyncReport {
            more: false,
            next_wake: None,
            exchanges: 0,
            sent: 0,
        };
        Self {
            client,
            gateway,
            run,
            asked,
            limits,
            watch,
            started: asked.boot,
            report,
            pull: limits.pull.then(|| client.now()),
            skew: None,
            has_put_off_the_feed: false,
            pages: Pages::default(),
            strays: None,
            waited: 0,
        }
    }

    pub(super) async fn run(mut self) -> Result<SyncReport, ClientError> {
        loop {
            if self.is_over() {
                return Err(ClientError::Cancelled);
            }
            if !self.client.store_unstored(self.run)? {
                let is_over = self.time_left() == Some(Duration::ZERO);
                if is_over || self.limits.until == Until::NothingDue {
                    return Err(ClientError::DiskFull);
                }
                self.sleep(FULL).await;
                continue;
            }
            self.heeds_a_new_network()?;
            let now = self.client.now();
            let work = self.work()?;
            match plan(&work, &self.client.surroundings(), now) {
                Step::Send(task) => {
                    if self.is_spent() {
                        self.report.more = true;
                        return Ok(self.report);
                    }
                    self.step(&work, &task).await?;
                }
                Step::Wait(wake) => {
                    let done = match self.limits.until {
                        Until::NothingDue => !self.is_worth_waiting(&work, &wake),
                        Until::Idle => is_idle(&work) || mutant!(IdleEndsAtOnce),
                        Until::Cancelled => false,
                    };
                    self.report.next_wake = Some(wake.clone());
                    if done || self.time_left() == Some(Duration::ZERO) {
                        return Ok(self.report);
                    }
                    self.wait(wake).await?;
                }
            }
        }
    }

    /// Whoever asked for this run wants no more of it.
    fn is_over(&self) -> bool {
        self.client.gate.is_over(self.asked)
    }

    fn work(&mut self) -> Result<Work, ClientError> {
        let mut work = self.client.store().work(self.run)?;
        if let (Some(since), Some(account)) = (self.pull, work.account.as_mut()) {
            account.pull_due = Due::now(since);
        }
        Ok(work)
    }

    async fn step(&mut self, work: &Work, task: &Task) -> Result<(), ClientError> {
        let report = report_of(work, task);
        let mut body = match self.body(work, task) {
            Ok(body) => body,
            // Never send something else in their name, and never let that hold back the other reports.
            Err(error) if self.cannot_be_given(&error) => return self.set_back(work, task),
            Err(other) => return Err(other.into()),
        };
        let prior = match task {
            Task::Create { report, .. } if !mutant!(PriorIdIsNotTold) => {
                self.client.store().prior_tracking_id(*report)
            }
            _ => Ok(None),
        };
        let prior = match prior {
            Err(error) if self.cannot_be_given(&error) => return self.set_back(work, task),
            prior => prior?,
        };
        if mutant!(BodyIsMadeAnew)
            && work
                .operations
                .iter()
                .any(|row| row.maybe_sent && Some(row.id) == task.operation())
        {
            body.push(b' ');
        }
        let Some(action) = task.action(work, body, prior) else {
            return self.set_back(work, task);
        };
        if let (Some(operation), true) = (task.operation(), task.marks_maybe_sent()) {
            let now = self.client.now();
            // Not in the `match` itself: the store would stay locked while this sleeps.
            let begun = self.client.store().begin(operation, &work.run, now);
            match begun {
                Err(StoreError::DiskFull) if self.limits.until != Until::NothingDue => {
                    self.sleep(FULL).await;
                    return Ok(());
                }
                // Taken back, settled or erased by another in the meantime: look again.
                Ok(Begun::Gone) | Err(StoreError::NotFound) => return Ok(()),
                begun => {
                    begun?;
                }
            }
            self.client.reached(CrashPoint::Begun);
        }
        if matches!(task, Task::UploadChunk { .. }) {
            return self.pictures(work, task, action).await;
        }
        (self.watch)(SyncEvent::Started {
            task: task.code(),
            report,
        });
        if !matches!(task, Task::UploadOffset { .. })
            && pictures_follow(work, &self.client.surroundings())
        {
            self.client.transport.expect_upload(self.gateway.as_url());
        }
        let began = self.client.clock();
        let (nonce, exchange) = self.exchange(work, task, &action).await?;
        self.settles(work, task, &action, nonce.as_deref(), exchange, began)?;
        self.gives_back(work).await
    }

    /// Judges what came back, keeps what follows, and tells.
    fn settles(
        &mut self,
        work: &Work,
        task: &Task,
        action: &Action,
        nonce: Option<&str>,
        exchange: Exchange,
        began: Clock,
    ) -> Result<(), ClientError> {
        self.client.reached(CrashPoint::Answered);
        let ended = self.client.clock();
        let circumstance = Circumstance {
            now: ended.wall,
            built_at: BUILT_AT,
            last_server_date: work.last_server_date,
        };
        let outcome = match nonce {
            Some(nonce) => api::judge(action, nonce, &exchange, &circumstance),
            None => Outcome::Refused {
                status: 0,
                code: "bad_address".to_owned(),
            },
        };
        let found = nonce
            .map(|nonce| marks(nonce, &exchange))
            .unwrap_or_default();
        if let Some(date) = found.server_date {
            self.skew = Some(api::skew_seconds(ended.wall, date));
        }
        let took_ms = ended.boot.saturating_sub(began.boot);
        let changes = settle(&Settling {
            work,
            task,
            outcome: &outcome,
            now: ended.wall,
            took_ms,
            surroundings: self.client.surroundings(),
            pages: &self.pages,
            epoch: found.epoch,
            server_date: found.server_date,
        });
        self.strays = token_of_another(work, &outcome).cloned();
        self.pages.turned(task, &outcome);
        self.report.exchanges = self.report.exchanges.saturating_add(1);
        self.report.sent = self.report.sent.saturating_add(exchange.sent);
        match self.client.keep(changes) {
            // It is asked for again, a report with the same key, when this has waited; and holds back nobody
            // meanwhile.
            Err(ClientError::Corrupt)
                if self.may_put_off(task) && self.client.store().stays_damaged() =>
            {
                if matches!(task, Task::Pull { .. }) {
                    self.pull = None;
                    self.has_put_off_the_feed = true;
                }
                return self.set_back(work, task);
            }
            kept => kept?,
        }
        self.client.reached(CrashPoint::Settled);
        // A token that had grown old is refreshed first, and then the feed is asked.
        if matches!(task, Task::Pull { .. }) && outcome != Outcome::Unauthorized {
            self.pull = None;
        }
        self.tell(work, task, &outcome, exchange.sent, took_ms);
        // The bytes were on a damaged page: trying again brings nothing, opening again does.
        if outcome == Outcome::Local && self.client.store().has_met_damage() {
            return Err(ClientError::Corrupt);
        }
        Ok(())
    }

    fn cannot_be_given(&self, error: &StoreError) -> bool {
        self.client.store().cannot_give(error)
    }

    /// Has it a time of its own that can be put off? Whatever else asks again would ask at once. So would
    /// the feed where something else than its own time makes it due: once a run it is put off.
    fn may_put_off(&self, task: &Task) -> bool {
        let is_the_feed = matches!(task, Task::Pull { .. }) && !self.has_put_off_the_feed;
        task.operation().is_some() || is_the_feed
    }

    /// An operation whose bytes this phone cannot give: it waits, and says so.
    fn set_back(&mut self, work: &Work, task: &Task) -> Result<(), ClientError> {
        let changes = settle(&Settling {
            work,
            task,
            outcome: &Outcome::Local,
            now: self.client.now(),
            took_ms: 0,
            surroundings: self.client.surroundings(),
            pages: &self.pages,
            epoch: None,
            server_date: None,
        });
        self.client.keep(changes)?;
        self.tell(work, task, &Outcome::Local, 0, 0);
        Ok(())
    }

    fn body(&self, work: &Work, task: &Task) -> Result<Vec<u8>, StoreError> {
        match task {
            Task::Create { report, .. } => self.client.store().read_body(*report),
            Task::Event { operation, .. } => {
                let event = work
                    .operations
                    .iter()
                    .find(|row| row.id == *operation)
                    .and_then(|row| row.event);
                event.map_or(Ok(Vec::new()), |event| {
                    self.client.store().event_body(event)
                })
            }
            _ => Ok(Vec::new()),
        }
    }

    fn tell(&mut self, work: &Work, task: &Task, outcome: &Outcome, sent: u64, took_ms: u64) {
        let report = report_of(work, task);
        (self.watch)(SyncEvent::Ended {
            task: task.code(),
            report,
            outcome: outcome.code(),
            sent,
            took_ms,
        });
        if let (
            Task::UploadChunk { attachment, .. } | Task::UploadOffset { attachment, .. },
            Outcome::Done(answer),
        ) = (task, outcome)
            && let api::Answer::Offset(arrived) = answer
            && let Some(upload) = work
                .uploads
                .iter()
                .find(|upload| upload.attachment == *attachment)
        {
            let (report, total) = (upload.report, upload.bytes);
            (self.watch)(SyncEvent::Picture {
                report,
                attachment: *attachment,
                arrived: *arrived,
                total,
            });
        }
        self.client.tell(Changed::Outbox);
        if task.operation().is_some() || matches!(task, Task::Pull { .. } | Task::Known { .. }) {
            self.client.tell(Changed::Reports);
        }
        if matches!(task, Task::Refresh) {
            self.client.tell(Changed::Account);
        }
    }
}

fn report_of(work: &Work, task: &Task) -> Option<ReportKey> {
    let id = task.operation()?;
    work.operations
        .iter()
        .find(|row| row.id == id)
        .map(|row| row.report)
}
