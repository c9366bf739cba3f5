//! Stories of the whole core against the real rules of a gateway, in one thread under a clock
//! that the story moves. Every exchange is held against the contract.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod arriving;
mod background;
mod damage;
mod forgetting;
mod hanging;
mod line;
mod overlapping;
mod overtaking;
mod people;
mod pictures;
mod restoring;
mod sessions;
mod taken;
mod trouble;
mod withdrawing;
mod world;
