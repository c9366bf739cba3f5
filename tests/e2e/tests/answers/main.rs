//! Forty-odd recorded answers of portals, proxies, block pages and front ends
//! (`tests/fixtures/answers`), fed to `judge`, to the real transport and to the real `lapor`: never
//! a success, never a rejection.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod judged;
mod phone;
mod recorded;
mod transport;
mod wire;
