//! The offline-first core of SP4N-LAPOR!: drafts reports, makes photos small, queues and syncs.
//!
//! A shell (an app, the command line) holds one [`client::Client`] and decides nothing itself; the
//! README shows a first report. Data flows downwards: `client` asks the [`engine`] what to send next
//! and what an answer means, [`store`] keeps everything (the only SQL), [`net`] runs one exchange
//! (the only sockets), [`photo`] makes pictures small, [`words`] says it all in plain words.
//!
//! The feature `qa` is for tests and measuring, never on in an app.

#![forbid(unsafe_code)]

pub mod client;
pub mod net;
pub mod output;
pub mod store;
pub mod words;

pub use lapor_engine as engine;
pub use lapor_photo as photo;

/// The README's example is compiled with the tests, so that it cannot grow old.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
