//! How a connection for pictures is made: the name, TCP, the socket's own setting, TLS, HTTP.

use std::{net::IpAddr, sync::Arc, time::Duration};

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use lapor_engine::api::End;
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::Notify,
    time::Instant,
};
use tokio_rustls::TlsConnector;
use url::Host;

use super::{Connection, Origin, Place, Task};
use crate::net::{
    errors::handshake_end,
    http::{CONNECT, PIECE},
    paced::{Paced, Pulse},
};

/// Its handshake waits for `may_speak`.
pub(super) async fn begin(
    place: Arc<Place>,
    origin: Origin,
    may_speak: Arc<Notify>,
) -> Result<Connection, End> {
    let host = match &origin.host {
        Host::Domain(name) => name.clone(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    let addresses = place.names.addresses(&host).await.map_err(|_| End::Dns)?;
    let asked = Instant::now();
    let stream = connect(&addresses, origin.port, CONNECT)
        .await
        .ok_or(End::NoConnection)?;
    let (pulse, band) = (Arc::new(Pulse::default()), Arc::clone(&place.band));
    let paced = Paced::new(stream, asked.elapsed(), Arc::clone(&pulse), band)
        .map_err(|_| End::NoConnection)?;
    may_speak.notified().await;
    let socket: Box<dyn Socket> = if origin.is_secure {
        let name = ServerName::try_from(host).map_err(|_| End::NoConnection)?;
        let secured = TlsConnector::from(Arc::clone(&place.config))
            .connect(name, paced)
            .await;
        Box::new(secured.map_err(|error| handshake_end(&error))?)
    } else {
        Box::new(paced)
    };
    // What is handed over and not sent would be memory, and counted as sent.
    let shaken = http1::Builder::new()
        .max_buf_size(PIECE)
        .handshake(TokioIo::new(socket))
        .await;
    let (requests, driver) = shaken.map_err(|_| End::NoConnection)?;
    let driver = tokio::spawn(async move {
        // However it ended, the exchange on it knows.
        let _ended = driver.await;
    });
    Ok(Connection {
        origin,
        requests,
        pulse,
        _driver: Task(driver),
    })
}

/// Connects to the first address that answers. `longest` is for all of them.
async fn connect(addresses: &[IpAddr], port: u16, longest: Duration) -> Option<TcpStream> {
    let share = longest / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    for address in addresses {
        let coming = TcpStream::connect((*address, port));
        if let Ok(Ok(stream)) = tokio::time::timeout(share, coming).await {
            return Some(stream);
        }
    }
    None
}

trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}
