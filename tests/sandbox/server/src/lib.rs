//! A LAPOR! gateway for development and QA: the rules of `lapor-sandbox-rules` behind real HTTP.
//!
//! What this crate owns: listening on loopback, HTTP and TLS, the streams of uploads, faults that
//! can be switched on for each route, the journal of requests, the admin calls under `/sandbox`
//! and the console page (its templates and colours lie in `tests/sandbox/console`).
//!
//! What it never does: decide what a request means (the rules do), listen on anything but
//! loopback, or write a body, a token or the address of an upload into its journal.

#![forbid(unsafe_code)]

mod admin;
mod answer;
mod args;
mod clock;
mod console;
mod fault;
mod front;
mod journal;
mod lifetime;
mod line;
pub mod plain_http;
mod route;
mod sandbox;
mod seed;
mod server;
mod tls;
mod upload;
mod wire;

pub use args::run;
