//! Stories over real processes: the command line, the sandbox gateway and a line between them
//! that fails. What needs no process, socket or file is told beside the core's own rooms.
//!
//! `LAPOR_SEED=n` repeats the random ones; each prints its seed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod bad_gateways;
mod bad_week;
mod busy;
mod cuts;
mod folders;
mod full_disk;
mod kills;
mod lanes;
mod odd_files;
mod odd_pictures;
mod privacy;
mod service;
mod stage;
mod texts;
mod tls;
mod withdrawing;
