//! The promises, held against every step of every schedule. Each file is one side of them.
//!
//! `gateway`: what the service has, of the reports that may have changed since the last look.
//! `screen`: what a phone shows to whoever holds it. `outbox`: what waits there, and why.
//! `patience`: for how long at most.
//! `room`: how much of the phone it takes. What leaves a phone is held against the promises as it
//! leaves (`crate::tap`), the pace of requests as they go (`crate::wire`), and what only time can
//! show at the end (`crate::ending`, `crate::replay`). Nothing here changes anything.

mod gateway;
mod outbox;
mod patience;
mod room;
mod screen;

pub(crate) use outbox::PhoneSeen;
pub(crate) use patience::{longest_question, longest_wait};

use crate::story::{Run, Violation};

fn broken<T>(what: String) -> Run<T> {
    Err(Violation(what))
}
