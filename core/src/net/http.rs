use std::{
    pin::pin,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{future::select, stream};
use lapor_engine::api::{Body, End, Exchange, Method, Proof, WireRequest};
use reqwest::{StatusCode, header::HeaderMap};
use url::Url;

use super::{
    ExchangeFuture, ReadAttachment, Transport, WallTime,
    errors::end_of,
    names::{Names, WordsResolver},
    tls,
    upload::UploadLine,
};

#[cfg(test)]
mod tests;

/// Rural 2G answers a SYN after 1.3 s, with loss after several times that.
pub(super) const CONNECT: Duration = Duration::from_secs(20);
/// A line slower than this is no line: 8 kbit/s, half of the slowest profile that is promised.
const SLOWEST_BYTES_PER_SECOND: u64 = 1_000;
/// What every exchange may take besides its bytes: handshake, a slow gateway.
pub(super) const GRACE: Duration = Duration::from_secs(30);
/// One piece of a picture as read from the store.
pub(super) const PIECE: usize = 16 * 1024;
/// Idle connections are kept this long: another handshake costs more than a keep-alive. Front ends
/// commonly close after 60 s; a request must not meet that.
pub(super) const IDLE: Duration = Duration::from_secs(50);

/// HTTP/1.1 by reqwest, TLS by rustls; pictures by [`UploadLine`].
pub struct HttpTransport {
    client: RwLock<reqwest::Client>,
    config: rustls::ClientConfig,
    names: Arc<Names>,
    uploads: Arc<UploadLine>,
}

impl HttpTransport {
    /// `authority`: extra root certificates, PEM. `time`: the clock that certificates are held against.
    pub fn new(authority: Option<&[u8]>, time: WallTime) -> Result<Self, tls::BadAuthority> {
        let config = tls::config(authority, time)?;
        let names = Arc::new(Names::default());
        let uploads = Arc::new(UploadLine::new(&config, Arc::clone(&names)));
        let client = build(&config, &names, &uploads).map_err(|_| tls::BadAuthority)?;
        Ok(Self {
            client: RwLock::new(client),
            config,
            names,
            uploads,
        })
    }

    #[cfg(test)]
    pub(super) fn uploads(&self) -> &UploadLine {
        &self.uploads
    }

    fn client(&self) -> reqwest::Client {
        self.client
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn run(&self, request: &WireRequest, read: ReadAttachment) -> Exchange {
        let sent = Arc::new(AtomicU64::new(0));
        let unreadable = Arc::new(AtomicU64::new(0));
        let allowed = GRACE + Duration::from_secs(request.body.len() / SLOWEST_BYTES_PER_SECOND);
        let mut exchange = if request.proof == Proof::Tus {
            let uploads = &self.uploads;
            uploads
                .run(request, read, allowed, &sent, &unreadable)
                .await
        } else {
            let words = pin!(self.words(request, allowed, &sent));
            let again = pin!(self.uploads.again(request, allowed, &sent));
            // The first answer counts; the one that may still come is nobody's.
            let (exchange, _) = select(words, again).await.factor_first();
            self.uploads.announce(None);
            exchange
        };
        // Handed to a connection that never was is not sent.
        exchange.sent = if exchange.connected {
            sent.load(Ordering::Relaxed)
        } else {
            self.names.forget();
            0
        };
        if unreadable.load(Ordering::Relaxed) > 0 {
            exchange.end = End::BodyUnreadable;
        }
        exchange
    }

    async fn words(
        &self,
        request: &WireRequest,
        allowed: Duration,
        sent: &Arc<AtomicU64>,
    ) -> Exchange {
        let outgoing = self.outgoing(request, sent);
        match tokio::time::timeout(allowed, outgoing.send()).await {
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
        }
    }

    fn outgoing(&self, request: &WireRequest, sent: &Arc<AtomicU64>) -> reqwest::RequestBuilder {
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
        match (&request.body, self.uploads.is_expecting()) {
            (Body::Bytes(bytes), false) => {
                sent.store(bytes.len() as u64, Ordering::Relaxed);
                builder.body(bytes.clone())
            }
            // Read once the connection is up and the words are on it: not a byte earlier would the
            // handshake of the pictures' connection be any help to them.
            (Body::Bytes(bytes), true) => {
                sent.store(bytes.len() as u64, Ordering::Relaxed);
                let (bytes, uploads) = (bytes.clone(), Arc::clone(&self.uploads));
                builder
                    .header("content-length", bytes.len())
                    .body(reqwest::Body::wrap_stream(stream::once(async move {
                        uploads.prepare();
                        Ok::<_, std::convert::Infallible>(bytes)
                    })))
            }
            (Body::None | Body::Attachment { .. }, _) => {
                self.uploads.prepare();
                builder
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

    fn expect_upload(&self, url: &Url) {
        self.uploads.announce(Some(url));
    }

    fn upload_follows(&self, url: &Url) {
        self.uploads.announce(Some(url));
        self.uploads.prepare();
    }

    fn close(&self) {
        self.uploads.close();
        // The next connection may be made in another network.
        self.names.forget();
        if let Ok(fresh) = build(&self.config, &self.names, &self.uploads) {
            *self.client.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}

fn build(
    config: &rustls::ClientConfig,
    names: &Arc<Names>,
    uploads: &Arc<UploadLine>,
) -> reqwest::Result<reqwest::Client> {
    let resolver = WordsResolver {
        names: Arc::clone(names),
        uploads: Arc::clone(uploads),
    };
    reqwest::Client::builder()
        .dns_resolver(Arc::new(resolver))
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

/// What an answer begins with, its body still to come.
pub(super) fn answered(status: StatusCode, headers: &HeaderMap) -> Exchange {
    let headers = headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    Exchange {
        connected: true,
        sent: 0,
        status: Some(status.as_u16()),
        headers: headers.collect(),
        body: Vec::new(),
        end: End::Complete,
    }
}

/// The answer, at most `limit` bytes of it; each piece must come within the grace.
async fn receive(mut answer: reqwest::Response, limit: u64) -> Exchange {
    let mut exchange = answered(answer.status(), answer.headers());
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
