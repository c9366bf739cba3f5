//! The only sockets. Runs one [`WireRequest`] and brings back the raw [`Exchange`]; what that
//! means is judged elsewhere.
//!
//! Redirects, proxies, cookies and HTTP/2 are off: a portal must be seen as what it is. Plain
//! HTTP goes to this machine only, unless a debug setting says otherwise.

mod errors;
mod gateway;
mod http;
mod names;
mod paced;
mod tls;
mod upload;

use std::{future::Future, pin::Pin, sync::Arc};

use lapor_engine::{
    api::{Exchange, WireRequest},
    calendar::Instant,
};

use url::Url;

pub use gateway::{BadGateway, GatewayUrl};
pub use http::HttpTransport;
pub use tls::BadAuthority;

/// Reads a piece of an attachment: (attachment, offset, most bytes). Empty at the end.
pub type ReadAttachment = Arc<dyn Fn(i64, u64, usize) -> Result<Vec<u8>, Unreadable> + Send + Sync>;

/// What the phone's wall clock says.
pub type WallTime = Arc<dyn Fn() -> Instant + Send + Sync>;

/// The store could not give the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the picture could not be read from the store")]
pub struct Unreadable;

pub type ExchangeFuture<'a> = Pin<Box<dyn Future<Output = Exchange> + Send + 'a>>;

/// One exchange with a gateway: the seam where the simulator puts its network. Dropping the
/// future aborts the exchange.
pub trait Transport: Send + Sync {
    fn exchange<'a>(&'a self, request: &'a WireRequest, read: ReadAttachment)
    -> ExchangeFuture<'a>;

    /// Pictures will soon go to this place: a connection may be begun while words are on the line.
    fn expect_upload(&self, _url: &Url) {}

    /// Another picture will soon go to this place, beside the one that is on the line: its connection may
    /// be begun at once.
    fn upload_follows(&self, _url: &Url) {}

    /// Closes idle connections: the app goes to sleep.
    fn close(&self);

    /// Do its exchanges need the system's sockets? A simulator's do not, and setting up to wait for
    /// some costs it as much as an exchange.
    fn uses_sockets(&self) -> bool {
        true
    }
}

/// What runs the exchanges of one call.
pub(crate) fn runtime(transport: &dyn Transport) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    if transport.uses_sockets() {
        builder.enable_io();
    }
    builder.enable_time().build()
}
