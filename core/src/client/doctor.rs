use std::path::Path;

use lapor_engine::{
    report::Phase,
    sync::{Operation, OperationState, Reason},
};
use serde_json::{Value, json};

use super::{Client, ClientError};
use crate::store::{Loss, Viewpoint, files};

/// How this store is. Counts, sizes, states and codes: nothing a person wrote, no key, token,
/// place or name, so that it can be handed to support.
#[derive(Debug, Clone, PartialEq)]
pub struct Doctor {
    pub version: &'static str,
    pub sqlite: String,
    pub cipher: String,
    pub signed_in: bool,
    pub role: String,
    pub session: &'static str,
    pub phases: Vec<(Phase, u32)>,
    /// Of the current account.
    pub outbox: Vec<Operation>,
    /// Why the gateway is not tried now, and for how many milliseconds.
    pub line: Option<(&'static str, u64)>,
    pub database_bytes: u64,
    pub wal_bytes: u64,
    /// Damaged stores that were set aside.
    pub set_aside: u32,
    /// Something was erased, and where it lay is not all overwritten yet.
    pub overwriting: bool,
    /// The whole database was read and found sound.
    pub sound: bool,
    /// Instant of the latest marked answer, and how far this phone's clock is behind it at least, seconds.
    pub last_server_date: Option<String>,
    pub clock_behind_seconds: Option<i64>,
}

/// What helps against what an examination found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// A page is damaged: the next opening saves what can be read.
    OpenAgain,
    /// A damaged store was set aside: see [`Client::losses`].
    ReadLosses,
    /// Nothing travels while nobody is signed in.
    SignIn,
    SetClock,
    /// Reports wait for their writer.
    Decide,
}

impl Client {
    /// What damage has taken, and the person was not told of yet: of whoever is signed in, and what
    /// belongs to nobody that is known. The notice at opening says it too, but once only, and an app
    /// can be killed before it is read.
    pub fn losses(&self) -> Result<Vec<Loss>, ClientError> {
        Ok(self.store().losses()?)
    }

    /// The person has read these.
    pub fn losses_shown(&self, ids: &[i64]) -> Result<(), ClientError> {
        Ok(self.store().losses_shown(ids)?)
    }

    /// Examines the store; reads all of it, which takes a moment.
    pub fn doctor(&self) -> Result<Doctor, ClientError> {
        let outbox = self
            .outbox(None)?
            .into_iter()
            .map(|(operation, _)| operation)
            .collect();
        let now = self.now();
        let store = self.store();
        let Viewpoint {
            account, origin, ..
        } = store.viewpoint()?;
        let seen = store.last_server_date()?;
        let size = |path: &str| files::length(&self.home.join(path)).unwrap_or(0);
        Ok(Doctor {
            version: env!("CARGO_PKG_VERSION"),
            sqlite: lapor_sqlite3mc::sqlite_version().to_owned(),
            cipher: lapor_sqlite3mc::cipher_version().to_owned(),
            signed_in: account.has_token,
            role: account.role,
            session: account.session.as_str(),
            phases: store.counts()?,
            outbox,
            line: origin.told().map(|trouble| {
                (
                    trouble.what.reason(false).code(),
                    trouble.due.remaining(now),
                )
            }),
            database_bytes: size("store/lapor.db"),
            wal_bytes: size("store/lapor.db-wal"),
            set_aside: set_aside(&self.home),
            overwriting: store.is_to_be_swept()?,
            sound: store.is_sound()?,
            last_server_date: seen.map(|at| at.to_string()),
            clock_behind_seconds: seen
                .filter(|at| at.0 > now.0)
                .map(|at| (at.0 - now.0) / 1000),
        })
    }
}

fn set_aside(home: &Path) -> u32 {
    let folders = files::names(home).map(|names| {
        names
            .iter()
            .filter(|name| name.to_string_lossy().starts_with("set-aside-"))
            .count()
    });
    folders.map_or(0, |count| u32::try_from(count).unwrap_or(u32::MAX))
}

/// Seconds by which a clock may be behind without a word about it.
const CLOCK_MAY_BE_BEHIND: i64 = 120;

impl Doctor {
    /// What helps, the most urgent first; nothing where all is well.
    pub fn advice(&self) -> Vec<Advice> {
        let waits_for_its_writer = |row: &Operation| {
            row.state == OperationState::Paused
                && matches!(
                    row.reason,
                    Some(Reason::Rejected { .. } | Reason::KeyTaken { .. })
                )
        };
        let is_behind = self
            .clock_behind_seconds
            .is_some_and(|behind| behind > CLOCK_MAY_BE_BEHIND);
        [
            (!self.sound, Advice::OpenAgain),
            (self.set_aside > 0, Advice::ReadLosses),
            (is_behind, Advice::SetClock),
            (!self.signed_in, Advice::SignIn),
            (self.outbox.iter().any(waits_for_its_writer), Advice::Decide),
        ]
        .into_iter()
        .filter_map(|(is_so, advice)| is_so.then_some(advice))
        .collect()
    }

    /// The bundle for support, JSON. Reports are numbered in it, never named.
    pub fn bundle(&self) -> Value {
        let mut numbers: Vec<_> = self
            .outbox
            .iter()
            .map(|operation| operation.report)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let outbox: Vec<Value> = self
            .outbox
            .iter()
            .map(|operation| {
                json!({
                    "report": numbers.binary_search(&operation.report).map_or(0, |at| at + 1),
                    "operation": operation.kind.as_str(),
                    "state": operation.state.as_str(),
                    "attempts": operation.attempts,
                    "streak": operation.streak,
                    "maybe_sent": operation.maybe_sent,
                    "reason": operation.reason.as_ref().map(Reason::code),
                    "wait_ms": operation.due.delay,
                    "tried_at": operation.tried_at.map(|at| at.to_string()),
                })
            })
            .collect();
        let phases: Vec<Value> = self
            .phases
            .iter()
            .map(|(phase, count)| json!({ "phase": phase, "reports": count }))
            .collect();
        json!({
            "format": 1,
            "version": self.version,
            "sqlite": self.sqlite,
            "cipher": self.cipher,
            "signed_in": self.signed_in,
            "role": self.role,
            "session": self.session,
            "phases": phases,
            "outbox": outbox,
            "line": self.line.map(|(reason, wait)| json!({ "reason": reason, "wait_ms": wait })),
            "database_bytes": self.database_bytes,
            "wal_bytes": self.wal_bytes,
            "set_aside": self.set_aside,
            "overwriting": self.overwriting,
            "sound": self.sound,
            "last_server_date": self.last_server_date,
            "clock_behind_seconds": self.clock_behind_seconds,
        })
    }
}
