//! The line between a phone and the gateway's rules: what happens to each exchange.

use std::{
    collections::VecDeque,
    future::ready,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use lapor_core::{
    engine::{
        api::{End, Exchange, Method, WireRequest},
        report::ReportKey,
    },
    net::{ExchangeFuture, ReadAttachment, Transport},
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
    /// The gateway, or a cache before it, answers with the session of this person.
    SessionOf(&'static str),
    /// The request sits in a proxy; see [`World::proxy_delivers`].
    SitsInAProxy,
    Pass,
}

/// What somebody does while an answer is on its way.
pub(crate) type Act = Box<dyn FnOnce() + Send>;

pub(crate) struct InProcess {
    pub(crate) gateway: Mutex<Gateway>,
    pub(crate) checker: ContractChecker,
    pub(crate) now: Arc<AtomicI64>,
    /// By route word, or "*".
    pub(crate) faults: Mutex<VecDeque<(&'static str, Fault)>>,
    pub(crate) always: Mutex<Vec<(&'static str, Fault)>>,
    pub(crate) proxy: Mutex<Vec<Request>>,
    /// A key over which the gateway stumbles, every time.
    pub(crate) stumbles: Mutex<Option<ReportKey>>,
    /// "PUT report", "PATCH upload", ... in order.
    pub(crate) seen: Mutex<Vec<&'static str>>,
    pub(crate) entropy: AtomicU64,
    /// Done once, after the gateway has answered on this route and before the phone hears of it.
    pub(crate) meanwhile: Mutex<Option<(&'static str, Act)>>,
}

pub(crate) fn mix(state: &mut u64, bytes: &mut [u8]) {
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
        let exchange = self.run(request, &read);
        self.others_act(route(request));
        Box::pin(ready(exchange))
    }

    fn close(&self) {}
}

impl InProcess {
    pub(crate) fn new(gateway: Gateway, now: Arc<AtomicI64>) -> Self {
        Self {
            gateway: Mutex::new(gateway),
            checker: ContractChecker::load().unwrap(),
            now,
            faults: Mutex::default(),
            always: Mutex::default(),
            proxy: Mutex::default(),
            stumbles: Mutex::default(),
            seen: Mutex::default(),
            entropy: AtomicU64::new(1 << 32),
            meanwhile: Mutex::default(),
        }
    }

    fn others_act(&self, route: &str) {
        let act = {
            let mut meanwhile = self.meanwhile.lock().unwrap();
            meanwhile.take_if(|(of, _)| *of == route)
        };
        if let Some((_, act)) = act {
            std::thread::spawn(act).join().unwrap();
        }
    }

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
        let Some(request) = Request::of_wire(wire, &**read) else {
            return Exchange::unconnected(End::BodyUnreadable);
        };
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
            Fault::SessionOf(user) => {
                let body = format!(r#"{{"user":"{user}","password":"rahasia123"}}"#);
                let request = Request {
                    path: "/v1/session".to_owned(),
                    body: body.into_bytes(),
                    ..request
                };
                self.ask(&request).into_exchange(wire.body.len())
            }
            Fault::Pass => {
                let answer = self.ask(&request);
                answer.into_exchange(wire.body.len())
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
