use std::{
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use lapor_engine::api::{Body, End, Exchange, Method, WireRequest};

use super::{ExchangeFuture, ReadAttachment, Transport, WallTime, errors::end_of, tls};

#[cfg(test)]
mod tests;

/// Rural 2G answers a SYN after 1.3 s, with loss after several times that.
const CONNECT: Duration = Duration::from_secs(20);
/// A line slower than this is no line: 8 kbit/s, half of the slowest profile that is promised.
const SLOWEST_BYTES_PER_SECOND: u64 = 1_000;
/// What every exchange may take besides its bytes: handshake, a slow gateway.
const GRACE: Duration = Duration::from_secs(30);
/// One piece of a picture as read from the store.
const PIECE: usize = 16 * 1024;
/// Idle connections are kept this long: another handshake costs more than a keep-alive.
const IDLE: Duration = Duration::from_secs(60);

/// HTTP/1.1 by reqwest, TLS by rustls.
pub struct HttpTransport {
    client: RwLock<reqwest::Client>,
    config: rustls::ClientConfig,
}

impl HttpTransport {
    /// `authority`: extra root certificates, PEM. `time`: the clock that certificates are held against.
    pub fn new(authority: Option<&[u8]>, time: WallTime) -> Result<Self, tls::BadAuthority> {
        let config = tls::config(authority, time)?;
        let client = RwLock::new(build(&config).map_err(|_| tls::BadAuthority)?);
        Ok(Self { client, config })
    }

    fn client(&self) -> reqwest::Client {
        self.client
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    async fn run(&self, request: &WireRequest, read: ReadAttachment) -> Exchange {
        let sent = Arc::new(AtomicU64::new(0));
        let unreadable = Arc::new(AtomicU64::new(0));
        let outgoing = self.outgoing(request, read, &sent, &unreadable);
        let allowed = GRACE + Duration::from_secs(request.body.len() / SLOWEST_BYTES_PER_SECOND);
        let mut exchange = match tokio::time::timeout(allowed, outgoing.send()).await {
            Err(_) => Exchange {
                connected: true,
                end: End::Stalled,
                ..Exchange::unconnected(End::Stalled)
            },
            Ok(Err(error)) => {
                let (end, connected) = end_of(&error);
                Exchange {
                    connected,
                    ..Exchange::unconnected(end)
                }
            }
            Ok(Ok(answer)) => receive(answer, request.answer_limit).await,
        };
        // Handed to a connection that never was is not sent.
        exchange.sent = if exchange.connected {
            sent.load(Ordering::Relaxed)
        } else {
            0
        };
        if unreadable.load(Ordering::Relaxed) > 0 {
            exchange.end = End::BodyUnreadable;
        }
        exchange
    }

    fn outgoing(
        &self,
        request: &WireRequest,
        read: ReadAttachment,
        sent: &Arc<AtomicU64>,
        unreadable: &Arc<AtomicU64>,
    ) -> reqwest::RequestBuilder {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
            Method::Put => reqwest::Method::PUT,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.client().request(method, request.url.clone());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        match &request.body {
            Body::None => builder,
            Body::Bytes(bytes) => {
                sent.store(bytes.len() as u64, Ordering::Relaxed);
                builder.body(bytes.clone())
            }
            Body::Attachment {
                attachment,
                offset,
                length,
            } => {
                let pieces = pieces(
                    read,
                    *attachment,
                    *offset,
                    *length,
                    Arc::clone(sent),
                    Arc::clone(unreadable),
                );
                builder
                    .header("content-length", *length)
                    .body(reqwest::Body::wrap_stream(pieces))
            }
        }
    }
}

impl Transport for HttpTransport {
    fn exchange<'a>(
        &'a self,
        request: &'a WireRequest,
        read: ReadAttachment,
    ) -> ExchangeFuture<'a> {
        Box::pin(self.run(request, read))
    }

    fn close(&self) {
        if let Ok(fresh) = build(&self.config) {
            *self
                .client
                .write()
                .unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        }
    }
}

fn build(config: &rustls::ClientConfig) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(config.clone())
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(1)
        .tcp_nodelay(true)
        .build()
}

/// The picture, piece by piece: never whole in memory, no statement of the store open between.
fn pieces(
    read: ReadAttachment,
    attachment: i64,
    offset: u64,
    length: u64,
    sent: Arc<AtomicU64>,
    unreadable: Arc<AtomicU64>,
) -> impl futures_util::Stream<Item = Result<Vec<u8>, super::Unreadable>> + Send + 'static {
    futures_util::stream::unfold(0_u64, move |done| {
        let left = length.saturating_sub(done);
        let piece = if left == 0 {
            None
        } else {
            let want = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let bytes = read(attachment, offset.saturating_add(done), want).and_then(|bytes| {
                if bytes.is_empty() {
                    Err(super::Unreadable)
                } else {
                    Ok(bytes)
                }
            });
            match &bytes {
                Ok(bytes) => sent.fetch_add(bytes.len() as u64, Ordering::Relaxed),
                Err(_) => unreadable.fetch_add(1, Ordering::Relaxed),
            };
            let next = bytes
                .as_ref()
                .map_or(length, |bytes| done + bytes.len() as u64);
            Some((bytes, next))
        };
        std::future::ready(piece)
    })
}

/// The answer, at most `limit` bytes of it; each piece must come within the grace.
async fn receive(mut answer: reqwest::Response, limit: u64) -> Exchange {
    let headers = answer
        .headers()
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let mut exchange = Exchange {
        connected: true,
        sent: 0,
        status: Some(answer.status().as_u16()),
        headers,
        body: Vec::new(),
        end: End::Complete,
    };
    loop {
        match tokio::time::timeout(GRACE, answer.chunk()).await {
            Err(_) => exchange.end = End::Stalled,
            Ok(Err(error)) => exchange.end = end_of(&error).0,
            Ok(Ok(None)) => {}
            Ok(Ok(Some(piece))) if (exchange.body.len() + piece.len()) as u64 > limit => {
                exchange.end = End::TooLarge
            }
            Ok(Ok(Some(piece))) => {
                exchange.body.extend_from_slice(&piece);
                continue;
            }
        }
        return exchange;
    }
}
