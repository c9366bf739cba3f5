//! The one object: a store, a line, and the threads that calls run on.

mod account;
mod background;
mod keeping;
mod looking;
mod sending;
mod settings;
mod writing;

pub use account::Account;
pub use background::{BackgroundUpload, HttpHeader};
pub use keeping::{EraseResult, ExportResult, ForgetResult, Health};

use std::{
    io,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use lapor_core::{
    client::{Changed, Client, ClientError, Listener},
    engine::{sync::Surroundings, words::Lang},
    words,
};

use crate::{
    errors::{LaporError, OpenError, ShellError},
    lanes::{Lane, Running},
    opening::{Notice, OpenOptions},
};

/// Told that something changed, on whatever thread changed it. Must return at once and must not
/// wait for another call of the client: hop to the screen's thread and pull a snapshot there.
#[uniffi::export(foreign)]
pub trait ChangeListener: Send + Sync {
    fn changed(&self, what: Changed) -> Result<(), ShellError>;
}

struct ToForeign(Arc<dyn ChangeListener>);

impl Listener for ToForeign {
    fn changed(&self, what: Changed) {
        // A listener that fails must not end what the core was doing. Nothing is missed: the next
        // snapshot shows it.
        let _ = self.0.changed(what);
    }
}

/// One thread for each kind of work.
struct Lanes {
    store: Lane,
    /// Pictures, exports, examinations: one at a time.
    slow: Lane,
    sync: Lane,
    /// Shared with what signs out, which leaves its last word there.
    account: Arc<Lane>,
}

impl Lanes {
    fn start() -> io::Result<Self> {
        Ok(Self {
            store: Lane::start("lapor-store")?,
            slow: Lane::start("lapor-slow")?,
            sync: Lane::start("lapor-sync")?,
            account: Arc::new(Lane::start("lapor-account")?),
        })
    }
}

/// Everything an app can do. Hold one for the life of the process; calls may come from any thread.
#[derive(uniffi::Object)]
pub struct LaporClient {
    core: Arc<Client>,
    lanes: Lanes,
    language: RwLock<Lang>,
    /// Counts calls of `cancel`, so that a picture notices those that came after it began.
    cancels: Arc<AtomicU64>,
}

#[uniffi::export]
impl LaporClient {
    /// Opens the store, or says exactly why not; never makes a new one in the place of one that
    /// does not open.
    #[uniffi::constructor]
    pub async fn open(options: OpenOptions) -> Result<Arc<Self>, OpenError> {
        let language = options.language;
        let options = options.into_core()?;
        let lanes = Lanes::start().map_err(|error| OpenError::NoThread {
            kind: error.kind().to_string(),
            words: words::no_thread(language),
        })?;
        // They are asked for: `notices`.
        let (core, _) = lanes
            .store
            .run_short(move || Client::open(options))
            .await
            .map_err(|error| OpenError::of(error, language))?;
        Ok(Arc::new(Self {
            core: Arc::new(core),
            lanes,
            language: RwLock::new(language),
            cancels: Arc::default(),
        }))
    }

    /// What whoever is signed in should be told of the opening. What it found of somebody else is not named.
    pub async fn notices(&self) -> Result<Vec<Notice>, LaporError> {
        self.short(|core, lang| {
            let told = core.notices()?.into_iter();
            Ok(told.map(|notice| Notice::of(notice, lang)).collect())
        })
        .await
    }

    /// The language of all words from now on.
    pub fn set_language(&self, language: Lang) {
        *self
            .language
            .write()
            .unwrap_or_else(PoisonError::into_inner) = language;
    }

    /// The one who is told that something changed; replaces the one before.
    pub fn listen(&self, listener: Option<Arc<dyn ChangeListener>>) {
        self.core
            .listen(listener.map(|listener| Arc::new(ToForeign(listener)) as Arc<dyn Listener>));
    }

    /// What the OS says of the network. A network that came brings waiting tries forward.
    pub async fn set_surroundings(&self, surroundings: Surroundings) -> Result<(), LaporError> {
        self.short(move |core, _| core.set_surroundings(surroundings))
            .await
    }

    /// Stops a running sync and a running picture at their next safe points. Cheap, from any
    /// thread; waits for nothing.
    pub fn cancel(&self) {
        self.cancels.fetch_add(1, Ordering::AcqRel);
        self.core.cancel();
    }

    /// The app goes to sleep: ends a running sync, refuses new ones, closes connections. Returns
    /// when the sync has ended and the rows that were asked for before are written.
    pub async fn suspend(&self) {
        self.core.suspend();
        // Behind whatever runs in these lanes. Not behind a picture or a sign-in: they hold nothing
        // while they last, and may take longer than an OS waits.
        self.lanes.sync.run_short(|| ()).await;
        self.lanes.store.run_short(|| ()).await;
    }

    pub fn resume(&self) {
        self.core.resume();
    }
}

impl LaporClient {
    fn language(&self) -> Lang {
        *self.language.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call that only reads or writes a few rows.
    fn short<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Client, Lang) -> Result<T, ClientError> + Send + 'static,
    ) -> Running<Result<T, LaporError>> {
        self.run_in(&self.lanes.store, work)
    }

    /// A call that takes a while and cannot be stopped.
    fn long<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Client, Lang) -> Result<T, ClientError> + Send + 'static,
    ) -> Running<Result<T, LaporError>> {
        self.run_in(&self.lanes.slow, work)
    }

    fn run_in<T: Send + 'static>(
        &self,
        lane: &Lane,
        work: impl FnOnce(&Client, Lang) -> Result<T, ClientError> + Send + 'static,
    ) -> Running<Result<T, LaporError>> {
        let (core, language) = (Arc::clone(&self.core), self.language());
        lane.run_short(move || {
            work(&core, language).map_err(|error| LaporError::of(error, language))
        })
    }
}
