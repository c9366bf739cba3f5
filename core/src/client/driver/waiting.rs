//! How long a run waits, and for how long it may go on.

use std::{sync::atomic::Ordering, time::Duration};

use lapor_engine::{
    mutant,
    sync::{Network, NextWake, Work, is_idle, network_changed},
};

use super::Driver;
use crate::{
    client::{ClientError, SyncEvent},
    store::StoreError,
};

/// How often another process's writes are looked for while this one waits or uploads.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// Longer than that a window that only takes what is due does not wait.
const SHORT: Duration = Duration::from_secs(5);

impl Driver<'_> {
    /// Until the wake's time, a nudge, another process's write, or the deadline.
    pub(super) async fn wait(&mut self, wake: NextWake) -> Result<(), ClientError> {
        let until = Duration::from_millis(wake.in_ms);
        (self.watch)(SyncEvent::Waiting(wake));
        let version = self.client.store().data_version()?;
        let start = tokio::time::Instant::now();
        while start.elapsed() < until && self.time_left() != Some(Duration::ZERO) {
            let left = until.saturating_sub(start.elapsed()).min(LOOK);
            if tokio::time::timeout(left, self.client.gate.nudged())
                .await
                .is_ok()
            {
                break;
            }
            let store = self.client.store();
            // Whoever wants to save what can be read needs every other process out.
            if store.has_met_damage() {
                return Err(ClientError::Corrupt);
            }
            if store.data_version()? != version {
                break;
            }
        }
        Ok(())
    }

    /// In a window that is given once in a while, what waits for a few seconds goes within it.
    pub(super) fn is_worth_waiting(&mut self, work: &Work, wake: &NextWake) -> bool {
        let (Some(window), Some(left)) = (self.limits.deadline, self.time_left()) else {
            return false;
        };
        self.waited = self.waited.saturating_add(wake.in_ms);
        let wait = Duration::from_millis(wake.in_ms);
        // A phone's clock may stand still.
        let is_endless = Duration::from_millis(self.waited) > window;
        !is_idle(work) && !is_endless && wait <= SHORT && wait < left
    }

    /// A network that came while a try was on the line: what became of that try was reckoned from what
    /// was known before, and has put the next one off again. Nothing is held back for want of this.
    pub(super) fn heeds_a_new_network(&self) -> Result<(), StoreError> {
        let network = self.client.surroundings().network;
        let now = self.client.now();
        let mut store = self.client.store();
        if !self.client.network_came.load(Ordering::SeqCst) {
            return Ok(());
        }
        let work = store.work(self.run)?;
        let changes = network_changed(&work, Network::None, network, now);
        if !changes.is_empty() {
            match store.apply(&changes, now) {
                // Looked at again when there may be room.
                Err(StoreError::DiskFull) => return Ok(()),
                Err(StoreError::Corrupt) if store.stays_damaged() => {}
                applied => applied?,
            }
        }
        self.client.network_came.store(false, Ordering::SeqCst);
        Ok(())
    }

    pub(super) async fn sleep(&self, time: Duration) {
        let time = self.time_left().map_or(time, |left| left.min(time));
        let _nudged = tokio::time::timeout(time, self.client.gate.nudged()).await;
    }

    pub(super) fn time_left(&self) -> Option<Duration> {
        if mutant!(DeadlineIsIgnored) {
            return None;
        }
        let passed = self.client.clock().boot.saturating_sub(self.started);
        self.limits
            .deadline
            .map(|deadline| deadline.saturating_sub(Duration::from_millis(passed)))
    }

    pub(super) fn is_spent(&self) -> bool {
        let bytes = self
            .limits
            .bytes
            .is_some_and(|most| self.report.sent >= most);
        bytes || self.time_left() == Some(Duration::ZERO)
    }
}
