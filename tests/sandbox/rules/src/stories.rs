//! Stories of people and a gateway. Every exchange in them is checked against the contract.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod attachments;
mod changing;
mod creating;
mod desk;
mod keeping;
mod marks;
mod people;
mod replay;
mod restoring;
mod sharing;
mod signing_in;
mod withdrawing;
