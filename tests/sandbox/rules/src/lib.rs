//! The rules of a LAPOR! gateway, without HTTP: a request in, an answer out, SQLite behind.
//!
//! What this crate owns: the meaning of every call of `core/contract/openapi.yaml`, the life of a
//! report, working days and deadlines, uploads, sessions, backup and restore, and what a console
//! shows. Storage is one SQLite file that several processes may share.
//!
//! What it never does: open a socket, read a clock, draw randomness or start a thread. Time and
//! entropy are arguments, so a simulator can run a gateway under its own clock.

#![forbid(unsafe_code)]

/// Is this fault switched on? `false` but in a simulator that looks for its own blind spots.
#[cfg(not(feature = "mutants"))]
macro_rules! mutant {
    ($name:ident) => {
        false
    };
}
#[cfg(feature = "mutants")]
macro_rules! mutant {
    ($name:ident) => {
        lapor_engine::mutant!($name)
    };
}

mod admin;
mod backup;
mod calendar;
mod changes;
#[cfg(any(test, feature = "contract-check"))]
pub mod contract;
mod error;
mod events;
mod exchange;
mod gateway;
mod instant;
mod kept;
mod known;
mod meta;
mod problem;
mod report;
mod route;
mod rows;
mod session;
mod settings;
mod statements;
#[cfg(test)]
mod stories;
mod uploads;
mod validate;
#[cfg(feature = "wire")]
mod wire;

pub use admin::{AdminError, Ticked};
pub use calendar::{DEADLINES, DeadlineRules, WorkingDays};
pub use error::GatewayError;
pub use exchange::{Answer, Entropy, Request};
pub use gateway::Gateway;
pub use instant::Instant;
pub use kept::Kept;
pub use problem::Code;
pub use rows::{AttachmentRow, EventRow, PublishedRow, ReportRow};
pub use settings::Settings;
pub use uploads::UploadHandle;
