//! The offline-first core of SP4N-LAPOR!: drafts reports, compresses photos, queues and syncs.
//!
//! A shell (an app, the command line) holds one [`client::Client`] and needs nothing else.
//! Data flows downwards: `client` asks the engine what to send next, `store` keeps it (the only
//! SQL), `net` runs one exchange (the only sockets), `lapor_photo` makes pictures small.

pub mod client;
pub mod net;
pub mod store;

pub use lapor_engine as engine;
pub use lapor_photo as photo;
