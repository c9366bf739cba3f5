//! The handle that a shell holds: everything an app or the command line can do.
//!
//! Owns the order of things: it asks the engine what follows, lets the store keep it and `net`
//! send it. Every call is short except [`Client::sync`] and [`Client::attach`]; both can be
//! cancelled at any point and lose nothing. Calls may come from any thread. Rules about reports
//! are in the engine, SQL is in the store, sockets are in `net`: none of them here.

mod account;
mod background;
mod clock;
mod crash;
mod doctor;
mod drafting;
mod driver;
mod entropy;
mod errors;
mod export;
mod gate;
mod outbox;
mod pictures;
mod settings;
mod sync;
mod telling;
mod unstored;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use lapor_engine::{
    calendar::{Clock, Date, Instant},
    sync::{Network, RunId, Surroundings, network_changed},
};

pub use account::{AskedSignIn, Revocation};
pub use background::{BackgroundImport, BackgroundResult, BackgroundUpload};
pub use clock::{ClockSource, system_clock};
pub use crash::CrashPoint;
pub use doctor::{Advice, Doctor};
pub use drafting::Check;
pub use entropy::{EntropySource, system_entropy};
pub use errors::{ClientError, OpenClientError, SignInError};
pub use export::Exported;
pub use outbox::Withdrawal;
pub use pictures::{AttachOptions, Attached, PictureProgress};
pub use settings::{LOW_DATA_BYTES, PictureThreads, Settings};
pub use sync::{SyncEvent, SyncLimits, SyncReport, Until};

use crate::{
    net::{GatewayUrl, HttpTransport, Transport},
    output::Guarded,
    store::{Notice, OpenOptions, Store, StoreKey},
};
pub use gate::Asked;
use gate::Gate;
use unstored::Unstored;

/// What kind of thing changed: nothing more, the shell pulls one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    Reports,
    Outbox,
    Account,
}

/// Told that something changed, on whatever thread changed it. Must return at once and must not
/// call back into the client.
pub trait Listener: Send + Sync {
    fn changed(&self, what: Changed);
}

/// How to open a client.
pub struct Options {
    /// The folder that holds the store; made when absent.
    pub home: PathBuf,
    /// The store's key as the shell keeps it (Keystore, Keychain, a key file).
    pub key: Option<StoreKey>,
    /// Where the gateway is; nothing travels without.
    pub gateway: Option<GatewayUrl>,
    /// Extra root certificates, PEM.
    pub authority: Option<Vec<u8>>,
    /// The clocks; [`system_clock`] but for QA.
    pub clock: ClockSource,
    /// Random bytes; [`system_entropy`] but for the simulator. Keys of reports come from it.
    pub entropy: EntropySource,
    /// Another line than HTTP: the simulator's.
    pub transport: Option<Arc<dyn Transport>>,
    /// Where to die, for QA.
    pub crash_at: Option<CrashPoint>,
    /// Files besides `home` that nothing may be written over: where a shell keeps the key in one.
    pub guarded: Vec<PathBuf>,
    /// Without encryption, to measure what encryption costs.
    #[cfg(feature = "qa")]
    pub plain: bool,
    /// SQLite's name of the disk that the store lies on; the platform's own by default.
    #[cfg(feature = "qa")]
    pub vfs: Option<&'static str>,
}

impl Options {
    pub fn new(home: impl Into<PathBuf>, key: Option<StoreKey>) -> Self {
        Self {
            home: home.into(),
            key,
            gateway: None,
            authority: None,
            clock: system_clock(),
            entropy: system_entropy(),
            transport: None,
            crash_at: None,
            guarded: Vec::new(),
            #[cfg(feature = "qa")]
            plain: false,
            #[cfg(feature = "qa")]
            vfs: None,
        }
    }
}

/// A store and a line, and what may be done with them.
pub struct Client {
    home: PathBuf,
    store: Arc<Mutex<Store>>,
    transport: Arc<dyn Transport>,
    gateway: Option<GatewayUrl>,
    clock: ClockSource,
    entropy: EntropySource,
    surroundings: RwLock<Surroundings>,
    /// A network came, and a run has not looked since. Changed only while the store is held.
    network_came: AtomicBool,
    /// How often whoever was signed in left. Changed only while the store is held.
    sign_outs: AtomicU64,
    listener: RwLock<Option<Arc<dyn Listener>>>,
    gate: Gate,
    /// An outcome that the full disk would not take: nothing more is sent until it is stored.
    unstored: Mutex<Option<Unstored>>,
    crash_at: Option<CrashPoint>,
    guarded: Guarded,
    notices: Vec<Notice>,
}

impl Client {
    /// Opens the store, or says exactly why not. The notices are for the person.
    pub fn open(options: Options) -> Result<(Self, Vec<Notice>), OpenClientError> {
        #[cfg(feature = "qa")]
        let (plain, vfs) = (options.plain, options.vfs);
        let Options {
            home,
            key,
            gateway,
            authority,
            clock,
            entropy,
            transport,
            crash_at,
            guarded,
            ..
        } = options;
        let transport = match transport {
            Some(transport) => transport,
            None => {
                let clock = Arc::clone(&clock);
                let time = Arc::new(move || clock().wall);
                Arc::new(HttpTransport::new(authority.as_deref(), time)?)
            }
        };
        let mut draw = |bytes: &mut [u8]| entropy(bytes);
        let open = OpenOptions::new(&home, key.as_ref(), clock().wall, &mut draw);
        #[cfg(feature = "qa")]
        let open = if plain { open.plain() } else { open }.vfs(vfs);
        let (mut store, notices) = Store::open(open)?;
        if let Some(gateway) = &gateway {
            // Its one write is for sessions of an earlier version; where it fails the next opening does it.
            let _ = store.talks_to(&gateway.issuer());
        }
        // What a kill left of a body for the OS. Not worth failing for: the next sync sweeps again.
        let _ = store.sweep_spool();
        let client = Self {
            guarded: Guarded::new(std::iter::once(home.clone()).chain(guarded)),
            home,
            store: Arc::new(Mutex::new(store)),
            transport,
            gateway,
            clock,
            entropy,
            surroundings: RwLock::default(),
            network_came: AtomicBool::new(false),
            sign_outs: AtomicU64::new(0),
            listener: RwLock::default(),
            gate: Gate::default(),
            unstored: Mutex::default(),
            crash_at,
            notices: notices.clone(),
        };
        Ok((client, notices))
    }

    /// What the opening found, for who is signed in now: what it named of one person is not for the next.
    pub fn notices(&self) -> Result<Vec<Notice>, ClientError> {
        let store = self.store();
        let told = self.notices.iter().map(|notice| store.told_now(notice));
        Ok(told.collect::<Result<_, _>>()?)
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The one who is told that something changed; replaces the one before.
    pub fn listen(&self, listener: Option<Arc<dyn Listener>>) {
        *self
            .listener
            .write()
            .unwrap_or_else(PoisonError::into_inner) = listener;
    }

    /// What the shell knows of the network. A network that came brings waiting tries forward.
    pub fn set_surroundings(&self, surroundings: Surroundings) -> Result<(), ClientError> {
        let before = {
            let mut now = self
                .surroundings
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *now, surroundings)
        };
        let at = self.now();
        let mut store = self.store();
        if surroundings.network == Network::Up && before.network != Network::Up {
            self.network_came.store(true, Ordering::SeqCst);
        }
        // Nothing is run here: the run of nobody.
        let work = store.work(&RunId(String::new()))?;
        let changes = network_changed(&work, before.network, surroundings.network, at);
        if !changes.is_empty() {
            store.apply(&changes, at)?;
        }
        drop(store);
        self.gate.nudge();
        Ok(())
    }

    pub fn surroundings(&self) -> Surroundings {
        *self
            .surroundings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops a running sync or picture at its next safe point; cheap, from any thread.
    pub fn cancel(&self) {
        self.gate.cancel();
    }

    /// The app goes to sleep: ends a running sync, refuses new ones, closes connections.
    pub fn suspend(&self) {
        self.gate.suspend();
        self.transport.close();
    }

    pub fn resume(&self) {
        self.gate.resume();
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clock(&self) -> Clock {
        (self.clock)()
    }

    fn now(&self) -> Instant {
        self.clock().wall
    }

    /// Random bytes, never used twice.
    fn draw<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.entropy)(&mut bytes);
        bytes
    }

    /// The reporter's day. Indonesia's easternmost zone is nine hours ahead: a day that has begun
    /// anywhere in the country is no future. A clock that lags behind this release or behind what
    /// the service said must not refuse a day that has been: nobody could report anything.
    fn today(&self) -> Date {
        let told = self.store().last_server_date().ok().flatten();
        let latest = self.now().max(driver::BUILT_AT);
        told.map_or(latest, |told| latest.max(told))
            .date(9 * 60)
            .unwrap_or(Date(chrono::NaiveDate::MIN))
    }

    fn tell(&self, what: Changed) {
        let listener = self
            .listener
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(listener) = listener {
            listener.changed(what);
        }
    }

    /// Something is to be sent: a running sync looks again.
    fn tell_accepted(&self) {
        self.gate.nudge();
        self.tell(Changed::Reports);
        self.tell(Changed::Outbox);
    }
}
