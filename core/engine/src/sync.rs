//! The way of a report, as a pure state machine.
//!
//! The client loads [`Work`] from the store and asks [`plan`] for a [`Step`]: send this, or wait
//! until then. It runs the step, lets [`crate::api::judge`] name the outcome, asks [`settle`]
//! what follows, and writes all of that in one transaction. A kill between any two of these
//! lines leaves rows from which the same code goes on: there is no recovery mode.
//!
//! Order of work: refresh, new reports (words), events, pictures, one pull of changes at the latest a
//! minute after it was due. Words
//! never wait for a picture, and reports never wait for one another.

mod background;
mod backoff;
mod beside;
mod change;
mod chunk;
mod copy;
mod explain;
mod later;
#[cfg(test)]
mod long_run;
mod network;
mod operation;
mod pages;
mod plan;
mod reading;
mod reason;
mod rows;
mod session;
mod settle;
#[cfg(test)]
mod story;
mod task;
mod turns;
mod update;
mod uploads;
mod wake;
mod work;

pub use background::for_the_os;
pub use backoff::{Origin, OriginTrouble, jitter};
pub use beside::{Pace, beside};
pub use change::{Change, OperationUpdate, UploadUpdate};
pub use chunk::Chunks;
pub use copy::{ServiceCopy, submitted};
pub use explain::{
    Behind, Explanation, Standpoint, held_by, may_be_given_up, may_have_arrived, put_away,
};
pub use network::network_changed;
pub use operation::{AccountId, Operation, OperationId, OperationKind, OperationState, RunId};
pub use pages::Pages;
pub use plan::{Step, is_idle, more_urgent, pictures_follow, plan};
pub use reason::Reason;
pub use session::token_of_another;
pub use settle::{Settling, settle};
pub use task::Task;
pub use update::app_updated;
pub use wake::{NetworkNeed, NextWake};
pub use work::{Account, Captive, Network, SessionState, Surroundings, Upload, Work};
