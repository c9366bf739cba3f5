//! A gateway, a clock and the phones' folders, and what people do with them.

use std::{
    path::PathBuf,
    sync::{
        Arc, MutexGuard,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use lapor_core::{
    client::{
        AttachOptions, Client, ClientError, OpenClientError, Options, SyncLimits, SyncReport, Until,
    },
    engine::{
        api::Secret,
        calendar::{Clock, Instant},
        report::{Classification, Edit, Phase, ReportKey},
        sync::Reason,
    },
    net::{GatewayUrl, Transport},
    photo::Flow,
    store::{Notice, ReportDetail, StoreKey},
};
use lapor_sandbox_rules::{Gateway, Instant as GatewayInstant, Request};

use crate::line::mix;
pub(crate) use crate::line::{Fault, InProcess};

/// A gateway, a line, a clock and the phones' folders.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) line: Arc<InProcess>,
    pub(crate) now: Arc<AtomicI64>,
    /// Milliseconds by which the phones' clocks are ahead of the gateway's.
    pub(crate) skew: Arc<AtomicI64>,
}

pub(crate) const START: i64 = 1_795_334_400_000; // 2026-11-22T08:00:00Z

impl World {
    pub(crate) fn new() -> Self {
        let now = Arc::new(AtomicI64::new(START));
        let mut number = 0_u64;
        let gateway =
            Gateway::in_memory(GatewayInstant(START), &mut |bytes| mix(&mut number, bytes))
                .unwrap();
        let line = InProcess::new(gateway, Arc::clone(&now));
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

    /// A phone's folder goes to another phone, as a backup or a cable does it.
    pub(crate) fn copies_folder(&self, from: &str, to: &str) {
        let (from, to) = (self.home(from).join("store"), self.home(to).join("store"));
        std::fs::create_dir_all(&to).unwrap();
        for file in std::fs::read_dir(from).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }

    /// A phone; the same name is the same folder, so this is also a restart.
    pub(crate) fn phone(&self, name: &str) -> Client {
        self.phone_with(name, 7).0
    }

    pub(crate) fn phone_with(&self, name: &str, install: u8) -> (Client, Vec<Notice>) {
        self.phone_over(name, install, Arc::<InProcess>::clone(&self.line))
    }

    pub(crate) fn phone_over(
        &self,
        name: &str,
        install: u8,
        transport: Arc<dyn Transport>,
    ) -> (Client, Vec<Notice>) {
        self.opens(name, install, transport).unwrap()
    }

    pub(crate) fn phone_that_may_not_open(
        &self,
        name: &str,
    ) -> Result<(Client, Vec<Notice>), OpenClientError> {
        self.opens(name, 7, Arc::<InProcess>::clone(&self.line))
    }

    /// The same phone, told of another address of the service.
    pub(crate) fn phone_at(&self, name: &str, gateway: &str) -> Client {
        let line = Arc::<InProcess>::clone(&self.line);
        self.opens_at(name, 7, line, gateway).unwrap().0
    }

    fn opens(
        &self,
        name: &str,
        install: u8,
        transport: Arc<dyn Transport>,
    ) -> Result<(Client, Vec<Notice>), OpenClientError> {
        self.opens_at(name, install, transport, "http://127.0.0.1:1/")
    }

    fn opens_at(
        &self,
        name: &str,
        install: u8,
        transport: Arc<dyn Transport>,
        gateway: &str,
    ) -> Result<(Client, Vec<Notice>), OpenClientError> {
        let mut options = Options::new(
            self.home(name),
            Some(StoreKey::new([0x42; 32], [install; 16])),
        );
        options.gateway = Some(GatewayUrl::parse(gateway, false).unwrap());
        options.transport = Some(transport);
        let (now, skew) = (Arc::clone(&self.now), Arc::clone(&self.skew));
        options.clock = Arc::new(move || {
            let now = now.load(Ordering::SeqCst);
            Clock {
                wall: Instant(now + skew.load(Ordering::SeqCst)),
                boot: u64::try_from(now - START).unwrap_or(0),
            }
        });
        Client::open(options)
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

    /// Another screen of the same app does this while the next answer of the route is on its way.
    pub(crate) fn meanwhile(&self, route: &'static str, act: impl FnOnce() + Send + 'static) {
        *self.line.meanwhile.lock().unwrap() = Some((route, Box::new(act)));
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
        b"%PDF-1.4\n%%EOF\n"
            .iter()
            .copied()
            .chain(noise)
            .take(bytes)
            .collect::<Vec<u8>>(),
    )
    .unwrap();
    client
        .attach(key, &path, AttachOptions::default(), &mut |_| {
            Flow::Continue
        })
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
