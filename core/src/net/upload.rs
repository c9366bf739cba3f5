//! Pictures travel on a connection of their own, so that words never wait behind one: giving way
//! costs the pictures' connection and not the one on which the words go.

mod again;
mod begin;
mod pieces;

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::{Either, select};
use hyper::{
    Request,
    body::{Body as HttpBody, Incoming},
    client::conn::http1::SendRequest,
};
use lapor_engine::api::{End, Exchange, WireRequest};
use rustls::ClientConfig;
use tokio::{sync::Notify, task::JoinHandle, time::Instant};
use url::{Host, Url};

use super::{
    ReadAttachment,
    http::{CONNECT, GRACE, IDLE, answered},
    names::Names,
    paced::{Band, Pulse},
};

use begin::begin;
use pieces::Pieces;

#[cfg(test)]
mod tests;

/// Bytes of a TLS record. A gateway keeps what arrived up to the last whole one: with 16 KiB, of which ten packets
/// are less, nothing of what was cut within a round trip. The heads of records take half a percent.
const RECORD: usize = 4 * 1024;

/// The uploads' connections: one, and on a quick line a second for the picture that begins while the
/// last one's answer is awaited.
pub(super) struct UploadLine {
    place: Arc<Place>,
    kept: Mutex<Kept>,
    /// Where pictures will go next: their connection is begun while words make theirs.
    expected: Mutex<Option<Url>>,
}

/// What every new connection needs.
struct Place {
    config: Arc<ClientConfig>,
    names: Arc<Names>,
    /// What the last connection found the line to be.
    band: Arc<Band>,
}

#[derive(Default)]
struct Kept {
    /// Begun before it was needed.
    coming: Option<Coming>,
    idle: Vec<(Connection, Instant)>,
}

struct Coming {
    origin: Origin,
    since: Instant,
    /// Its handshake, with the certificates of the gateway, waits for this: words go first.
    may_speak: Arc<Notify>,
    /// Told when that is over, however it ended.
    shaken: Arc<Notify>,
    task: Task<Result<Connection, End>>,
}

/// Ends with its handle.
struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    is_secure: bool,
    host: Host<String>,
    port: u16,
}

impl Origin {
    fn of(url: &Url) -> Option<Self> {
        Some(Self {
            is_secure: url.scheme() == "https",
            host: url.host()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }
}

struct Connection {
    origin: Origin,
    requests: SendRequest<Pieces>,
    pulse: Arc<Pulse>,
    /// Without it the connection is reset.
    _driver: Task<()>,
}

impl UploadLine {
    pub(super) fn new(config: &ClientConfig, names: Arc<Names>) -> Self {
        let mut config = config.clone();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.max_fragment_size = Some(RECORD);
        let place = Place {
            config: Arc::new(config),
            names,
            band: Arc::default(),
        };
        Self {
            place: Arc::new(place),
            kept: Mutex::default(),
            expected: Mutex::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expected(&self) -> MutexGuard<'_, Option<Url>> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn close(&self) {
        *self.expected() = None;
        *self.kept() = Kept::default();
    }

    /// While the next words are under way.
    pub(super) fn announce(&self, url: Option<&Url>) {
        *self.expected() = url.cloned();
    }

    pub(super) fn is_expecting(&self) -> bool {
        self.expected().is_some()
    }

    /// Words have just learned where this host is and begin their connection. A SYN beside theirs
    /// costs them nothing; the handshake waits for [`Self::prepare`].
    pub(super) fn reach(&self, host: &str) {
        let expected = self.expected().clone();
        if let Some(url) = expected.filter(|url| url.host_str() == Some(host)) {
            let _spoken_to_later = self.begun(&url);
        }
    }

    /// Words, or half of a picture, are on the line: begins the connection that is expected, unless there
    /// is one that nobody uses.
    pub(super) fn prepare(&self) {
        let expected = self.expected().take();
        if let Some(may_speak) = expected.and_then(|url| self.begun(&url)) {
            may_speak.notify_one();
        }
    }

    fn begun(&self, url: &Url) -> Option<Arc<Notify>> {
        let mut kept = self.kept();
        if kept.coming.is_none()
            && kept.idle.is_empty()
            && let Some(origin) = Origin::of(url)
        {
            let (may_speak, shaken) = <(Arc<Notify>, Arc<Notify>)>::default();
            let beginning = begin(
                Arc::clone(&self.place),
                origin.clone(),
                Arc::clone(&may_speak),
            );
            let told = Arc::clone(&shaken);
            let coming = async move {
                let begun = beginning.await;
                told.notify_one();
                begun
            };
            kept.coming = Some(Coming {
                origin,
                since: Instant::now(),
                may_speak,
                shaken,
                task: Task(tokio::spawn(coming)),
            });
        }
        let coming = kept.coming.as_ref();
        coming.map(|coming| Arc::clone(&coming.may_speak))
    }

    /// A connection to this place: one that is there, or a new one.
    async fn connection(&self, url: &Url) -> Result<Connection, End> {
        let wanted = Origin::of(url).ok_or(End::NoConnection)?;
        let (idle, coming) = {
            let mut kept = self.kept();
            kept.idle
                .retain(|(held, since)| held.origin == wanted && since.elapsed() < IDLE);
            let idle = kept.idle.pop();
            // One that is still being made is for whoever comes beside this one.
            let coming = match idle {
                Some(_) => None,
                None => kept.coming.take(),
            };
            (idle, coming)
        };
        let coming =
            coming.filter(|coming| coming.origin == wanted && coming.since.elapsed() < IDLE);
        let held = match (idle, coming) {
            (Some((held, _)), _) => Some(held),
            (None, Some(mut coming)) => {
                coming.may_speak.notify_one();
                match (&mut coming.task.0).await {
                    Ok(begun) => Some(begun?),
                    Err(_gone) => None,
                }
            }
            (None, None) => None,
        };
        if let Some(mut held) = held
            && held.requests.ready().await.is_ok()
        {
            return Ok(held);
        }
        let at_once = Arc::new(Notify::new());
        at_once.notify_one();
        begin(Arc::clone(&self.place), wanted, at_once).await
    }

    /// One exchange. Dropped in its middle, the connection is reset: what the kernel had not sent
    /// yet does not travel any more.
    pub(super) async fn run(
        &self,
        request: &WireRequest,
        read: ReadAttachment,
        allowed: Duration,
        sent: &Arc<AtomicU64>,
        unreadable: &Arc<AtomicU64>,
    ) -> Exchange {
        let connection = tokio::time::timeout(CONNECT, self.connection(&request.url));
        let connection = match connection.await {
            Err(_) => return Exchange::unconnected(End::NoConnection),
            Ok(Err(end)) => return Exchange::unconnected(end),
            Ok(Ok(connection)) => connection,
        };
        let pieces = Pieces::of(&request.body, read, sent, unreadable);
        self.over(connection, request, pieces, allowed, sent).await
    }

    /// `sent`: what `pieces` counts.
    async fn over(
        &self,
        mut connection: Connection,
        request: &WireRequest,
        pieces: Pieces,
        allowed: Duration,
        sent: &Arc<AtomicU64>,
    ) -> Exchange {
        let Ok(outgoing) = outgoing(request, &connection.origin, pieces) else {
            return Exchange::unconnected(End::BodyUnreadable);
        };
        connection.pulse.begins();
        let failed = |end| Exchange {
            connected: true,
            ..Exchange::unconnected(end)
        };
        let answer = pin!(tokio::time::timeout(
            allowed,
            connection.requests.send_request(outgoing)
        ));
        let pulse = Arc::clone(&connection.pulse);
        let silence = pin!(pulse.stops(GRACE));
        match select(answer, silence).await {
            Either::Left((Err(_), _)) | Either::Right(_) => failed(End::Stalled),
            Either::Left((Ok(Err(_)), _)) => failed(End::Cut),
            Either::Left((Ok(Ok(answer)), _)) => {
                let exchange = receive(answer, request.answer_limit).await;
                // An answer before the end of the body leaves a connection in the middle of it.
                let whole = sent.load(Ordering::Relaxed) == request.body.len();
                if exchange.end == End::Complete && whole {
                    self.kept().idle.push((connection, Instant::now()));
                }
                exchange
            }
        }
    }
}

fn outgoing(
    request: &WireRequest,
    origin: &Origin,
    pieces: Pieces,
) -> Result<Request<Pieces>, hyper::http::Error> {
    let url = &request.url;
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let host = match url.port() {
        Some(port) => format!("{}:{port}", origin.host),
        None => origin.host.to_string(),
    };
    let mut builder = Request::builder()
        .method(request.method.as_str())
        .uri(target)
        .header("host", host);
    for (name, value) in &request.headers {
        builder = builder.header(*name, value);
    }
    builder.body(pieces)
}

/// The answer, at most `limit` bytes of it; each piece must come within the grace.
async fn receive(answer: hyper::Response<Incoming>, limit: u64) -> Exchange {
    let mut exchange = answered(answer.status(), answer.headers());
    let mut body = answer.into_body();
    loop {
        let next = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        match tokio::time::timeout(GRACE, next).await {
            Err(_) => exchange.end = End::Stalled,
            Ok(Some(Err(_))) => exchange.end = End::Cut,
            Ok(None) => {}
            Ok(Some(Ok(frame))) => {
                let piece = frame.into_data().unwrap_or_default();
                if (exchange.body.len() + piece.len()) as u64 > limit {
                    exchange.end = End::TooLarge;
                } else {
                    exchange.body.extend_from_slice(&piece);
                    continue;
                }
            }
        }
        return exchange;
    }
}
