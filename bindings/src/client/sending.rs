//! From an accepted report to a tracking id, and back.

use std::{sync::Arc, time::Duration};

use lapor_core::{
    client::{SyncLimits, Until, Withdrawal},
    engine::{
        api::EventKind,
        report::{EventKey, ReportKey},
    },
};

use super::LaporClient;
use crate::{errors::LaporError, lanes::GivenUp, rows::StepResult};

#[uniffi::export]
impl LaporClient {
    /// Accepts a report: when this returns, it will arrive, once. Nothing is sent here.
    pub async fn submit(&self, key: ReportKey) -> Result<(), LaporError> {
        self.short(move |core, _| core.submit(&key)).await
    }

    /// Takes a report back: at once where it was never on the wire, else by asking the service.
    pub async fn withdraw(&self, key: ReportKey) -> Result<Withdrawal, LaporError> {
        self.short(move |core, _| core.withdraw(&key)).await
    }

    /// Tries everything of this report again now, whatever it waits for. Gives how many steps that are; 0
    /// where nothing waits.
    pub async fn resend(&self, key: ReportKey) -> Result<u32, LaporError> {
        self.short(move |core, _| core.resend(&key)).await
    }

    /// Gives up a reply or other event that the service refused, or that was never on the wire.
    pub async fn discard_event(&self, event: EventKey) -> Result<(), LaporError> {
        self.short(move |core, _| core.discard_event(&event)).await
    }

    /// A new draft with the same words and pictures under a new key, for a report whose key the
    /// service knows with other words.
    pub async fn send_as_another(&self, key: ReportKey) -> Result<ReportKey, LaporError> {
        self.short(move |core, _| core.send_as_another(&key)).await
    }

    /// Queues what a person does to a report that is on its way or there. `rating` is 1 to 5.
    #[uniffi::method(default(text = None, rating = None, institution_id = None))]
    pub async fn add_event(
        &self,
        key: ReportKey,
        kind: EventKind,
        text: Option<String>,
        rating: Option<u8>,
        institution_id: Option<String>,
    ) -> Result<EventKey, LaporError> {
        self.short(move |core, _| core.add_event(&key, kind, text, rating, institution_id))
            .await
    }

    /// Sends what is due and learns what is new, as far as `until` says. Cancel the call to end it.
    pub async fn sync(&self, until: Until) -> Result<StepResult, LaporError> {
        self.run_sync(SyncLimits::until(until)).await
    }

    /// One bounded piece of background work, as an OS grants it. Every step commits: a kill loses
    /// at most the step that runs. No exchange begins after `deadline_ms` (milliseconds from now)
    /// or once `limit_bytes` of bodies were sent; `more` says that something was left for that.
    #[uniffi::method(default(limit_bytes = None))]
    pub async fn sync_step(
        &self,
        deadline_ms: u64,
        limit_bytes: Option<u64>,
    ) -> Result<StepResult, LaporError> {
        let deadline = Some(Duration::from_millis(deadline_ms));
        self.run_sync(SyncLimits {
            deadline,
            bytes: limit_bytes,
            ..SyncLimits::until(Until::NothingDue)
        })
        .await
    }
}

impl LaporClient {
    async fn run_sync(&self, limits: SyncLimits) -> Result<StepResult, LaporError> {
        let (core, language) = (Arc::clone(&self.core), self.language());
        // Before it waits for its turn: its time runs, and a cancel is meant for it too.
        let asked = core.ask_for_sync();
        let (stopping, given_up) = (Arc::clone(&core), asked.clone());
        let work = move |_: &GivenUp| {
            core.sync_asked(&asked, limits, &mut |_| {})
                .map(|report| StepResult::of(report, language))
                .map_err(|error| LaporError::of(error, language))
        };
        self.lanes
            .sync
            .run(work, move || stopping.give_up(&given_up))
            .await
    }
}
