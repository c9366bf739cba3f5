//! Rules of a LAPOR! report and of its way to the gateway, without any I/O.
//!
//! Everything here is data in, data out: no clock, socket, thread or dice (a `clippy.toml` of
//! its own keeps it so). Clock readings and entropy are arguments, the store is seen through
//! plain values. That is what lets a simulator drive the very code that ships.
//!
//! - [`report`]: the form with its limits, what is wrong with a draft, keys, phases, statuses
//! - [`area`]: codes of provinces, regencies, districts and villages
//! - [`calendar`]: instants, dates, and when something is due
//! - [`api`]: the wire: requests, answers, and [`api::judge`], which names every outcome
//! - [`sync`]: operations, what to send next, what follows from an outcome, when to wake, and why
//!   something waits
//! - [`words`]: all of the above in plain Indonesian and English

#![forbid(unsafe_code)]

/// Is this fault switched on? `false` in every app: see `mutants.rs`.
#[cfg(not(feature = "mutants"))]
#[macro_export]
macro_rules! mutant {
    ($name:ident) => {
        false
    };
}

/// Is this fault switched on?
#[cfg(feature = "mutants")]
#[macro_export]
macro_rules! mutant {
    ($name:ident) => {
        $crate::mutants::is_on($crate::mutants::Mutant::$name)
    };
}

pub mod api;
pub mod area;
pub mod calendar;
#[cfg(feature = "mutants")]
pub mod mutants;
pub mod report;
pub mod sync;
pub mod words;
