//! The real binary in homes of its own: what a person at a terminal, or a script, sees.
//!
//! Stories that need a gateway are told elsewhere; here the line is dead, or answered by somebody
//! who is not LAPOR!, or by one fixed answer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod answers;
mod documents;
mod drafts;
mod files;
mod keys;
mod output;
mod people;
mod phone;
mod photo;
mod pictures;
#[cfg(feature = "qa")]
mod qa;
mod refused;
mod small_words;
mod taken;
mod waiting;
