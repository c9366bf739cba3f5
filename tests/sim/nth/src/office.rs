//! The gateway of one scene: the sandbox's rules in memory, and the line to it.

use std::{
    future::ready,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use lapor_core::{
    client::{Changed, Listener},
    engine::api::{End, Exchange, WireRequest},
    net::{ExchangeFuture, ReadAttachment, Transport},
};
use lapor_sandbox_rules::{Answer, Gateway, GatewayError, Instant, Request};
use lapor_sim_vfs::Disk;

/// 2026-11-22T08:00:00Z, milliseconds.
const START: i64 = 1_795_334_400_000;

/// What was ever done to a gateway: another one comes to the same state by it.
#[derive(Clone)]
enum Deed {
    Asked(Request),
    FollowedUp(String),
}

struct Books {
    gateway: Gateway,
    deeds: Vec<(i64, Deed)>,
    drawn: u64,
    broken: Option<String>,
}

/// A gateway and the time.
pub(crate) struct Office {
    books: Mutex<Books>,
    now: AtomicI64,
}

fn draw(count: u64) -> impl FnMut(&mut [u8]) {
    let mut state = count.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x6f66_6669_6365;
    move |bytes| {
        for byte in bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    }
}

impl Books {
    fn new() -> Result<Self, GatewayError> {
        Ok(Self {
            gateway: Gateway::in_memory(Instant(START), &mut draw(0))?,
            deeds: Vec::new(),
            drawn: 0,
            broken: None,
        })
    }

    fn ask(&mut self, now: i64, request: &Request) -> Answer {
        self.drawn += 1;
        let answer = self
            .gateway
            .answer(Instant(now), &mut draw(self.drawn), request);
        if answer.status == 500 {
            self.broken = Some("the gateway failed by itself".to_owned());
        }
        self.deeds.push((now, Deed::Asked(request.clone())));
        answer
    }

    fn follow_up(&mut self, now: i64, report: &str) {
        let at = Instant(now);
        // The second time the first two are done already.
        let _ = self.gateway.verify(at, report);
        let _ = self.gateway.dispose(at, report, "dpu-badung");
        let done = self.gateway.follow_up(at, report, "Sudah kami tinjau.");
        if done.is_err() {
            self.broken = Some("the desk cannot follow up".to_owned());
        }
        self.deeds.push((now, Deed::FollowedUp(report.to_owned())));
    }
}

impl Office {
    pub(crate) fn new() -> Result<Self, GatewayError> {
        Ok(Self {
            books: Mutex::new(Books::new()?),
            now: AtomicI64::new(START),
        })
    }

    /// Another gateway in the same state, by the same deeds.
    pub(crate) fn fork(&self) -> Result<Self, GatewayError> {
        let deeds = self.books().deeds.clone();
        let mut books = Books::new()?;
        for (now, deed) in deeds {
            match deed {
                Deed::Asked(request) => {
                    books.ask(now, &request);
                }
                Deed::FollowedUp(report) => books.follow_up(now, &report),
            }
        }
        Ok(Self {
            books: Mutex::new(books),
            now: AtomicI64::new(self.now()),
        })
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    pub(crate) fn pass(&self, milliseconds: i64) {
        self.now.fetch_add(milliseconds, Ordering::SeqCst);
    }

    pub(crate) fn follow_up(&self, report: &str) {
        self.books().follow_up(self.now(), report);
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&Gateway) -> T) -> T {
        look(&self.books().gateway)
    }

    /// What the service does by itself. A fork knows nothing of it.
    #[cfg(test)]
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Gateway) -> T) -> T {
        change(&mut self.books().gateway)
    }

    pub(crate) fn ask(&self, request: &Request) -> Answer {
        self.books().ask(self.now(), request)
    }

    /// The first thing that must never have happened.
    pub(crate) fn broken(&self) -> Option<String> {
        self.books().broken.take()
    }

    fn breaks(&self, what: &str) {
        self.books().broken.get_or_insert_with(|| what.to_owned());
    }
}

/// A phone's line and its listeners, as long as the phone lives.
pub(crate) struct Line {
    pub(crate) office: Arc<Office>,
    pub(crate) disk: Disk,
    pub(crate) life: u64,
    /// The gateway knows its people by the ids that the fixture was made with.
    pub(crate) old_ids: bool,
    /// Somebody has something erased: what is done before the power goes is told although the sweep after
    /// it failed.
    pub(crate) is_erasing: Arc<AtomicBool>,
}

impl Line {
    fn is_dead(&self) -> bool {
        self.disk.life() != self.life
    }
}

impl Listener for Line {
    fn changed(&self, _: Changed) {
        if self.is_dead() && !self.is_erasing.load(Ordering::SeqCst) {
            self.office
                .breaks("somebody was told of a change after the power went");
        }
    }
}

impl Transport for Line {
    fn exchange<'a>(
        &'a self,
        request: &'a WireRequest,
        read: ReadAttachment,
    ) -> ExchangeFuture<'a> {
        if self.is_dead() {
            // To sign in or out needs no mark in the store; whatever else is sent does.
            if !request.url.path().ends_with("/session") {
                self.office
                    .breaks("something was sent after the power went");
            }
            return Box::pin(ready(Exchange::unconnected(End::NoConnection)));
        }
        let Some(asked) = Request::of_wire(request, &*read) else {
            return Box::pin(ready(Exchange::unconnected(End::BodyUnreadable)));
        };
        let mut answer = self.office.ask(&asked);
        if self.old_ids {
            answer.body = with_old_ids(&answer.body);
        }
        Box::pin(ready(answer.into_exchange(asked.body.len() as u64)))
    }

    fn close(&self) {}
}

fn with_old_ids(body: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(body) {
        Ok(text) => text
            .replace("\"a-siti\"", "\"id-of-siti\"")
            .replace("\"a-budi\"", "\"id-of-budi\"")
            .into_bytes(),
        Err(_) => body.to_vec(),
    }
}
