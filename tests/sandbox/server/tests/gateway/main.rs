//! The sandbox as its users meet it: the real program, on a free port, over plain sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod contract;
mod desk;
mod faults;
mod for_ever;
mod life;
mod phone;
mod process;
mod tls;
mod uploads;
