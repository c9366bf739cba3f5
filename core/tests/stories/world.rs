use std::{
    collections::VecDeque,
    future::ready,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use lapor_core::{
    client::{Client, ClientError, Options, SyncLimits, SyncReport, Until},
    engine::{
        api::{Body, End, Exchange, Method, Secret, WireRequest},
        calendar::{Clock, Instant},
        report::{Classification, Edit, Phase, ReportKey},
        sync::Reason,
    },
    net::{ExchangeFuture, GatewayUrl, ReadAttachment, Transport},
    photo::Flow,
    store::{Notice, ReportDetail, StoreKey},
};
use lapor_sandbox_rules::{
    Answer, Gateway, Instant as GatewayInstant, Request, contract::ContractChecker,
};

/// What happens to one exchange. Taken in order; without any the line is good.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    Offline,
    Portal,
    /// The gateway does it and the answer is lost.
    LoseAnswer,
    /// Nothing of the request arrives, after the connection was up.
    CutBefore,
    /// So many bytes of the body arrive.
    CutAfter(usize),
    /// A marked problem.
    Status(u16),
    /// The request sits in a proxy; see [`World::proxy_delivers`].
    SitsInAProxy,
    Pass,
}

/// A gateway, a line, a clock and the phones' folders.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) line: Arc<InProcess>,
    pub(crate) now: Arc<AtomicI64>,
    /// Milliseconds by which the phones' clocks are ahead of the gateway's.
    pub(crate) skew: Arc<AtomicI64>,
}

pub(crate) struct InProcess {
    gateway: Mutex<Gateway>,
    checker: ContractChecker,
    now: Arc<AtomicI64>,
    /// By route word, or "*".
    faults: Mutex<VecDeque<(&'static str, Fault)>>,
    always: Mutex<Vec<(&'static str, Fault)>>,
    proxy: Mutex<Vec<Request>>,
    /// A key over which the gateway stumbles, every time.
    stumbles: Mutex<Option<ReportKey>>,
    /// "PUT report", "PATCH upload", ... in order.
    pub(crate) seen: Mutex<Vec<&'static str>>,
    entropy: AtomicU64,
}

pub(crate) const START: i64 = 1_795_334_400_000; // 2026-11-22T08:00:00Z

impl World {
    pub(crate) fn new() -> Self {
        let now = Arc::new(AtomicI64::new(START));
        let mut number = 0_u64;
        let gateway =
            Gateway::in_memory(GatewayInstant(START), &mut |bytes| mix(&mut number, bytes))
                .unwrap();
        let line = InProcess {
            gateway: Mutex::new(gateway),
            checker: ContractChecker::load().unwrap(),
            now: Arc::clone(&now),
            faults: Mutex::default(),
            always: Mutex::default(),
            proxy: Mutex::default(),
            stumbles: Mutex::default(),
            seen: Mutex::default(),
            entropy: AtomicU64::new(1 << 32),
        };
        Self {
            folder: tempfile::tempdir().unwrap(),
            line: Arc::new(line),
            now,
            skew: Arc::default(),
        }
    }

    pub(crate) fn gateway(&self) -> MutexGuard<'_, Gateway> {
        self.line.gateway.lock().unwrap()
    }

    pub(crate) fn gateway_now(&self) -> GatewayInstant {
        GatewayInstant(self.now.load(Ordering::SeqCst))
    }

    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A phone; the same name is the same folder, so this is also a restart.
    pub(crate) fn phone(&self, name: &str) -> Client {
        self.phone_with(name, 7).0
    }

    pub(crate) fn phone_with(&self, name: &str, install: u8) -> (Client, Vec<Notice>) {
        let mut options = Options::new(
            self.home(name),
            Some(StoreKey::new([0x42; 32], [install; 16])),
        );
        options.gateway = Some(GatewayUrl::parse("http://127.0.0.1:1/", false).unwrap());
        options.transport = Some(Arc::<InProcess>::clone(&self.line));
        let (now, skew) = (Arc::clone(&self.now), Arc::clone(&self.skew));
        options.clock = Arc::new(move || {
            let now = now.load(Ordering::SeqCst);
            Clock {
                wall: Instant(now + skew.load(Ordering::SeqCst)),
                boot: u64::try_from(now - START).unwrap_or(0),
            }
        });
        Client::open(options).unwrap()
    }

    pub(crate) fn phone_of(&self, user: &str) -> Client {
        let client = self.phone(user);
        sign_in(&client, user);
        client
    }

    /// These, in order, happen to the next exchanges of the route ("*" is any).
    pub(crate) fn next(&self, route: &'static str, faults: &[Fault]) {
        self.line
            .faults
            .lock()
            .unwrap()
            .extend(faults.iter().cloned().map(|fault| (route, fault)));
    }

    pub(crate) fn always(&self, route: &'static str, fault: Fault) {
        self.line.always.lock().unwrap().push((route, fault));
    }

    pub(crate) fn stumbles_over(&self, key: &ReportKey) {
        *self.line.stumbles.lock().unwrap() = Some(*key);
    }

    pub(crate) fn heal(&self) {
        *self.line.stumbles.lock().unwrap() = None;
        self.line.always.lock().unwrap().clear();
        self.line.faults.lock().unwrap().clear();
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.now
            .fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// What sat in the proxy arrives now; the answers go nowhere. Gives their statuses.
    pub(crate) fn proxy_delivers(&self) -> Vec<u16> {
        let late: Vec<Request> = self.line.proxy.lock().unwrap().drain(..).collect();
        late.iter()
            .map(|request| self.line.ask(request).status)
            .collect()
    }

    /// Syncs again and again, an hour apart at most, until nothing is left to do without the
    /// person. Panics after a day.
    pub(crate) fn drains(&self, client: &Client) -> SyncReport {
        for _ in 0..2000 {
            let report = client
                .sync(SyncLimits::until(Until::NothingDue), &mut |_| {})
                .unwrap();
            let open = client.outbox(None).unwrap();
            let waiting = open.iter().any(|(operation, _)| {
                !matches!(
                    operation.reason,
                    Some(Reason::SignIn | Reason::Rejected { .. } | Reason::KeyTaken { .. })
                )
            });
            if !waiting {
                return report;
            }
            let wake = report
                .next_wake
                .as_ref()
                .map_or(1_000, |wake| wake.in_ms)
                .clamp(1, 3_600_000);
            self.pass(Duration::from_millis(wake));
        }
        panic!("does not drain: {:?}", client.outbox(None).unwrap());
    }

    pub(crate) fn syncs(&self, client: &Client) -> SyncReport {
        client
            .sync(SyncLimits::until(Until::NothingDue), &mut |_| {})
            .unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.line.seen.lock().unwrap())
    }
}

pub(crate) fn sign_in(client: &Client, user: &str) {
    client
        .sign_in(user, Secret::new("rahasia123".to_owned()))
        .unwrap();
}

/// A complete draft.
pub(crate) fn drafts(client: &Client, title: &str) -> ReportKey {
    let key = client.new_draft().unwrap();
    for edit in [
        Edit::Classification(Some(Classification::Complaint)),
        Edit::Title(title.to_owned()),
        Edit::Content("Lampu jalan di depan balai banjar padam.".to_owned()),
        Edit::IncidentDate("2026-01-15".to_owned()),
        Edit::Location("Kuta Utara".to_owned()),
    ] {
        client.edit(&key, edit).unwrap();
    }
    key
}

/// A complete, accepted report.
pub(crate) fn submits(client: &Client, title: &str) -> ReportKey {
    let key = drafts(client, title);
    client.submit(&key).unwrap();
    key
}

/// A document of so many bytes, attached.
pub(crate) fn attaches(world: &World, client: &Client, key: &ReportKey, bytes: usize) {
    let path = world.folder.path().join(format!("{key}-{bytes}.pdf"));
    let noise = (0..bytes).map(|at| ((at * at) >> 5) as u8);
    std::fs::write(
        &path,
        b"%PDF-1.4\n"
            .iter()
            .copied()
            .chain(noise)
            .take(bytes)
            .collect::<Vec<u8>>(),
    )
    .unwrap();
    client
        .attach(key, &path, None, &mut |_| Flow::Continue)
        .unwrap();
}

pub(crate) fn phase(client: &Client, key: &ReportKey) -> Phase {
    show(client, key).row.phase
}

pub(crate) fn show(client: &Client, key: &ReportKey) -> ReportDetail {
    client.show(key).unwrap()
}

pub(crate) fn tracking(client: &Client, key: &ReportKey) -> Option<String> {
    show(client, key).row.tracking_id.map(|id| id.0)
}

/// Why the report's most important operation waits.
pub(crate) fn why(client: &Client, key: &ReportKey) -> Option<Reason> {
    show(client, key)
        .row
        .standing
        .and_then(|standing| standing.reason)
}

pub(crate) fn not_found<T: std::fmt::Debug>(result: Result<T, ClientError>) {
    assert_eq!(result.unwrap_err(), ClientError::NotFound);
}

fn mix(state: &mut u64, bytes: &mut [u8]) {
    for byte in bytes {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        *byte = (*state >> 56) as u8;
    }
}

fn route(request: &WireRequest) -> &'static str {
    let path = request.url.path();
    match request.method {
        Method::Put if path.contains("/events/") => "PUT event",
        Method::Put => "PUT report",
        Method::Delete if path.contains("/reports/") => "DELETE report",
        Method::Delete => "DELETE session",
        Method::Post if path.ends_with("refresh") => "POST refresh",
        Method::Post if path.ends_with("known") => "POST known",
        Method::Post => "POST session",
        Method::Head => "HEAD upload",
        Method::Patch => "PATCH upload",
        Method::Get if path.contains("/reports/") => "GET report",
        Method::Get if path.ends_with("changes") => "GET changes",
        Method::Get => "GET meta",
    }
}

impl Transport for InProcess {
    fn exchange<'a>(
        &'a self,
        request: &'a WireRequest,
        read: ReadAttachment,
    ) -> ExchangeFuture<'a> {
        Box::pin(ready(self.run(request, &read)))
    }

    fn close(&self) {}
}

impl InProcess {
    fn fault_for(&self, route: &str) -> Fault {
        let mut faults = self.faults.lock().unwrap();
        if let Some(at) = faults.iter().position(|(of, _)| *of == "*" || *of == route) {
            return faults.remove(at).unwrap().1;
        }
        let always = self.always.lock().unwrap();
        always
            .iter()
            .find(|(of, _)| *of == "*" || *of == route)
            .map_or(Fault::Pass, |(_, fault)| fault.clone())
    }

    fn run(&self, wire: &WireRequest, read: &ReadAttachment) -> Exchange {
        let route = route(wire);
        self.seen.lock().unwrap().push(route);
        let stumbles = self
            .stumbles
            .lock()
            .unwrap()
            .is_some_and(|key| wire.url.path().contains(&key.to_string()));
        let fault = if stumbles {
            Fault::Status(500)
        } else {
            self.fault_for(route)
        };
        let cut = Exchange {
            connected: true,
            ..Exchange::unconnected(End::Cut)
        };
        let request = to_rules(wire, read);
        let problems = self.checker.check_request(
            &request.method,
            &request.path,
            &request.headers,
            &request.body,
        );
        assert!(
            problems.is_empty(),
            "the client breaks the contract: {problems:?}"
        );
        match fault {
            Fault::Offline => Exchange::unconnected(End::NoConnection),
            Fault::Portal => Exchange {
                status: Some(200),
                headers: vec![("content-type".to_owned(), "text/html".to_owned())],
                body: b"<html>Selamat datang di wifi gratis</html>".to_vec(),
                end: End::Complete,
                ..cut
            },
            Fault::CutBefore => cut,
            Fault::LoseAnswer => {
                self.ask(&request);
                cut
            }
            Fault::CutAfter(bytes) => {
                self.part(&request, bytes);
                cut
            }
            Fault::SitsInAProxy => {
                self.proxy.lock().unwrap().push(request);
                cut
            }
            Fault::Status(status) => {
                let mut headers = vec![("lapor-contract".to_owned(), "1".to_owned())];
                headers.push(("lapor-request".to_owned(), wire.nonce.clone()));
                headers.push(("tus-resumable".to_owned(), "1.0.0".to_owned()));
                let body = format!(
                    r#"{{"type":"about:blank","title":"-","status":{status},"code":"test"}}"#
                )
                .into_bytes();
                Exchange {
                    status: Some(status),
                    headers,
                    body,
                    end: End::Complete,
                    ..cut
                }
            }
            Fault::Pass => {
                let answer = self.ask(&request);
                Exchange {
                    connected: true,
                    sent: wire.body.len(),
                    status: Some(answer.status),
                    headers: answer
                        .headers
                        .iter()
                        .map(|(name, value)| (name.to_lowercase(), value.clone()))
                        .collect(),
                    body: answer.body,
                    end: End::Complete,
                }
            }
        }
    }

    pub(crate) fn ask(&self, request: &Request) -> Answer {
        let now = GatewayInstant(self.now.load(Ordering::SeqCst));
        let mut seed = self.entropy.fetch_add(1 << 20, Ordering::SeqCst);
        let answer =
            self.gateway
                .lock()
                .unwrap()
                .answer(now, &mut |bytes| mix(&mut seed, bytes), request);
        let problems = self.checker.check_answer(
            &request.method,
            &request.path,
            answer.status,
            &answer.headers,
            &answer.body,
        );
        assert!(
            problems.is_empty(),
            "the gateway breaks the contract: {problems:?}"
        );
        answer
    }

    /// A request of which only so many bytes of the body arrive: an upload keeps them.
    fn part(&self, request: &Request, bytes: usize) {
        if !Gateway::is_upload(request) {
            return;
        }
        let now = GatewayInstant(self.now.load(Ordering::SeqCst));
        let mut gateway = self.gateway.lock().unwrap();
        let Ok(mut upload) = gateway.upload_begin(now, request) else {
            return;
        };
        let _kept = gateway.upload_append(
            now,
            &mut upload,
            &request.body[..bytes.min(request.body.len())],
        );
    }
}

fn to_rules(wire: &WireRequest, read: &ReadAttachment) -> Request {
    let query = wire
        .url
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let mut request = Request::new(wire.method.as_str(), &format!("{}{query}", wire.url.path()));
    for (name, value) in &wire.headers {
        request = request.header(name, value);
    }
    let body = match &wire.body {
        Body::None => Vec::new(),
        Body::Bytes(bytes) => bytes.clone(),
        Body::Attachment {
            attachment,
            offset,
            length,
        } => {
            let mut bytes = Vec::new();
            while (bytes.len() as u64) < *length {
                let left = usize::try_from(*length).unwrap() - bytes.len();
                let piece = read(
                    *attachment,
                    offset + bytes.len() as u64,
                    left.min(16 * 1024),
                )
                .unwrap();
                assert!(!piece.is_empty());
                bytes.extend(piece);
            }
            bytes
        }
    };
    request.body(body)
}
