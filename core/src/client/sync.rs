use std::time::Duration;

use lapor_engine::{
    report::ReportKey,
    sync::{NextWake, RunId, app_updated},
};

use super::{Asked, Changed, Client, ClientError, driver::Driver};
use crate::{net, store::StoreError};

/// The version that last ran the engine here.
const APP_VERSION: &str = "app_version";

/// How far a sync goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Everything that is due now; waits are left to the caller ([`SyncReport::next_wake`]), but for those of
    /// up to five seconds where there is a deadline.
    NothingDue,
    /// Until nothing is left that could go without the person; waits are waited for.
    Idle,
    /// For ever, or until cancelled.
    Cancelled,
}

/// Bounds of one sync; every step commits, so any bound may fall anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncLimits {
    pub until: Until,
    /// Ends after about this long.
    pub deadline: Option<Duration>,
    /// Starts no more exchanges once this many body bytes were sent.
    pub bytes: Option<u64>,
    /// Asks the feed for news even when that is not due.
    pub pull: bool,
}

impl SyncLimits {
    pub fn until(until: Until) -> Self {
        Self {
            until,
            deadline: None,
            bytes: None,
            pull: false,
        }
    }
}

/// What a sync came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncReport {
    /// There is work due that the bounds left undone.
    pub more: bool,
    pub next_wake: Option<NextWake>,
    /// Exchanges made.
    pub exchanges: u32,
    /// Body bytes handed to the line, by whatever became of them: those of a chunk that was cut or
    /// gave way count as far as a connection had taken them. Heads, TLS and what the kernel sends again
    /// do not. What a killed sync had sent nobody counts.
    pub sent: u64,
}

/// What happens while a sync runs, for progress bars and traces. Holds no words of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncEvent {
    Started {
        task: &'static str,
        report: Option<ReportKey>,
    },
    Ended {
        task: &'static str,
        report: Option<ReportKey>,
        outcome: &'static str,
        sent: u64,
        took_ms: u64,
    },
    /// What the gateway has of a picture, bytes.
    Picture {
        report: ReportKey,
        attachment: i64,
        arrived: u64,
        total: u64,
    },
    Waiting(NextWake),
}

impl Client {
    /// Runs the engine: sends what is due, learns what is new. One process at a time; `watch` is
    /// told what happens. Everything is committed step by step.
    pub fn sync(
        &self,
        limits: SyncLimits,
        watch: &mut (dyn FnMut(SyncEvent) + Send),
    ) -> Result<SyncReport, ClientError> {
        self.sync_asked(&self.ask_for_sync(), limits, watch)
    }

    /// Whoever lets a sync wait for its turn asks first: its deadline runs from here, and a cancel or a
    /// suspend from here on ends it.
    pub fn ask_for_sync(&self) -> Asked {
        self.gate.ask(self.clock().boot)
    }

    /// Ends this one at its next safe point, and no other.
    pub fn give_up(&self, asked: &Asked) {
        self.gate.give_up(asked);
    }

    /// [`Client::sync`], asked for before.
    pub fn sync_asked(
        &self,
        asked: &Asked,
        limits: SyncLimits,
        watch: &mut (dyn FnMut(SyncEvent) + Send),
    ) -> Result<SyncReport, ClientError> {
        let Some(gateway) = self.gateway.clone() else {
            return Err(ClientError::NoGateway);
        };
        if self.gate.is_suspended() {
            return Err(ClientError::Suspended);
        }
        if self.gate.is_over(asked) {
            return Err(ClientError::Cancelled);
        }
        let lock = self.store().try_engine_lock()?;
        let at = self.now();
        self.store().recover(&lock.run, at)?;
        if lock.after_a_death {
            self.store().doubt_offsets()?;
        }
        self.store().sweep_spool()?;
        // What was erased. Not worth keeping reports back for: the next run and the next opening go on.
        let _ = self.store().sweep_if_asked();
        self.greet_new_version(&lock.run)?;
        let runtime = net::runtime(&*self.transport).map_err(|error| ClientError::Storage {
            kind: error.kind().to_string(),
        })?;
        let report =
            runtime.block_on(Driver::new(self, &gateway, (&lock.run, asked), limits, watch).run());
        // Connections belong to the runtime that made them.
        self.transport.close();
        // A name that is still asked for is the system's: nobody waits for its answer any more.
        runtime.shutdown_background();
        drop(lock);
        let at = self.now();
        let freed = self.store().free_pictures(at);
        // What lies on a damaged page keeps its place for now, and what was sent is sent.
        if freed != Err(StoreError::Corrupt) || !self.store().stays_damaged() {
            freed?;
        }
        self.tell(Changed::Outbox);
        report
    }

    /// After an update of the app, what an earlier version could not do is tried at once.
    fn greet_new_version(&self, run: &RunId) -> Result<(), ClientError> {
        let at = self.now();
        let mut store = self.store();
        let before = store.setting(APP_VERSION)?;
        if before.as_deref() == Some(env!("CARGO_PKG_VERSION")) {
            return Ok(());
        }
        let mut changes = Vec::new();
        if before.is_some() {
            // Whoever is signed in: what is due of the others goes when they sign in next.
            for account in store.accounts()? {
                match store.work_of(account.id, run) {
                    Ok(work) => changes.extend(app_updated(&work, at)),
                    // Theirs lies on a damaged page, and keeps nobody else's back.
                    Err(StoreError::Corrupt) if store.stays_damaged() => {}
                    Err(other) => return Err(other.into()),
                }
            }
        }
        let version = (APP_VERSION, env!("CARGO_PKG_VERSION"));
        match store.apply_with_setting(&changes, version, at) {
            // Nothing waits for that: what has room goes, and the next run greets it.
            Err(StoreError::DiskFull) => Ok(()),
            greeted => Ok(greeted?),
        }
    }

    /// One bounded piece of background work, as an OS grants it: begins nothing after the deadline,
    /// and returns about a second after it at the latest, but for the room of pictures that it gives back.
    pub fn sync_step(
        &self,
        deadline: Duration,
        bytes: Option<u64>,
    ) -> Result<SyncReport, ClientError> {
        let limits = SyncLimits {
            deadline: Some(deadline),
            bytes,
            ..SyncLimits::until(Until::NothingDue)
        };
        self.sync(limits, &mut |_| {})
    }
}
