//! A phone: a folder with a real, encrypted store, and the app that is opened over it again and
//! again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use lapor_core::client::{Client, ClientError, Options, SyncEvent, SyncLimits, SyncReport};
use lapor_core::engine::calendar::{Clock, Instant};
use lapor_core::net::GatewayUrl;
use lapor_core::store::{Notice, StoreKey};

use crate::dice::{Actor, Dice};
use crate::story::{Run, Violation};
use crate::transport::{Killed, PhoneLine, kill};
use crate::wire::{Line, START};

pub(crate) struct Phone {
    pub(crate) number: usize,
    pub(crate) people: Vec<&'static str>,
    home: PathBuf,
    line: Arc<Line>,
    /// Nothing while the app is not running.
    client: Option<Arc<Client>>,
    /// Its folder is another phone's: the first opening has to say so.
    pub(crate) is_a_copy: bool,
}

/// How a call into the app ended.
pub(crate) enum Ended<T> {
    Returned(T),
    Killed,
}

/// What a sync came to.
pub(crate) type Synced = Result<SyncReport, ClientError>;

impl Phone {
    pub(crate) fn new(
        number: usize,
        people: Vec<&'static str>,
        home: PathBuf,
        line: Arc<Line>,
    ) -> Self {
        Self {
            number,
            people,
            home,
            line,
            client: None,
            is_a_copy: false,
        }
    }

    /// The running app; opened when it is not.
    pub(crate) fn app(&mut self) -> Run<Arc<Client>> {
        if let Some(client) = &self.client {
            return Ok(Arc::clone(client));
        }
        let install = u8::try_from(self.number + 1).unwrap_or(1);
        let mut options = Options::new(&self.home, Some(StoreKey::new([0x42; 32], [install; 16])));
        options.gateway = GatewayUrl::parse("https://lapor.test/", false).ok();
        options.transport = Some(Arc::new(PhoneLine {
            phone: self.number,
            line: Arc::clone(&self.line),
        }));
        let (line, number) = (Arc::clone(&self.line), self.number);
        options.clock = Arc::new(move || {
            let wire = line.wire();
            let skew = wire.airs.get(number).map_or(0, |air| air.skew);
            Clock {
                wall: Instant(wire.now + skew),
                boot: u64::try_from(wire.now - START).unwrap_or(0),
            }
        });
        let line = Arc::clone(&self.line);
        options.entropy = Arc::new(move |bytes| {
            let mut wire = line.wire();
            let (seed, round) = (wire.seed, wire.round);
            let drawn = wire.airs.get_mut(number).map_or(0, |air| {
                air.drawn += 1;
                air.drawn
            });
            Dice::of(seed, Actor::Phone(number), round, drawn).fill(bytes);
        });
        let (client, notices) = Client::open(options)
            .map_err(|error| Violation(format!("the app does not open: {error}")))?;
        let says_so = |notice: &Notice| matches!(notice, Notice::CopiedPhone { .. });
        let copied = std::mem::take(&mut self.is_a_copy);
        if copied != notices.iter().any(says_so) || !notices.iter().all(says_so) {
            return Err(Violation(format!("opening says {notices:?}")));
        }
        let client = Arc::new(client);
        if let Some(air) = self.line.wire().airs.get_mut(self.number) {
            air.app = Some(Arc::downgrade(&client));
        }
        self.client = Some(Arc::clone(&client));
        Ok(client)
    }

    pub(crate) fn home(&self) -> &std::path::Path {
        &self.home
    }

    /// Another app was open over the folder for a while; this one was all the time.
    pub(crate) fn goes_on_as(&mut self, app: Arc<Client>) {
        if let Some(air) = self.line.wire().airs.get_mut(self.number) {
            air.app = Some(Arc::downgrade(&app));
        }
        self.client = Some(app);
    }

    /// The app is gone; its folder stays.
    pub(crate) fn close(&mut self) {
        self.client = None;
    }

    /// A call that may use the line, and during which the app may die.
    pub(crate) fn call<T>(&mut self, deed: impl FnOnce(&Client) -> T) -> Run<Ended<T>> {
        let app = self.app()?;
        if let Some(air) = self.line.wire().airs.get_mut(self.number) {
            air.calls = 0;
        }
        let done = catch_unwind(AssertUnwindSafe(|| deed(&app)));
        drop(app);
        let mut wire = self.line.wire();
        if let Some(what) = wire.violation.take() {
            return Err(Violation(what));
        }
        match done {
            Ok(value) => Ok(Ended::Returned(value)),
            Err(cause) if cause.is::<Killed>() => {
                wire.figures.crashes += 1;
                wire.event();
                wire.tell(format!("phone {}: the app is killed", self.number));
                drop(wire);
                self.close();
                Ok(Ended::Killed)
            }
            Err(cause) => {
                let words = cause
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                Err(Violation(format!(
                    "the core panics: {}",
                    words.unwrap_or_default()
                )))
            }
        }
    }

    /// One sync. Gives what it came to and the outcomes of its exchanges.
    pub(crate) fn sync(&mut self, limits: SyncLimits) -> Run<(Ended<Synced>, Vec<&'static str>)> {
        let outcomes = Mutex::new(Vec::new());
        let (line, number) = (Arc::clone(&self.line), self.number);
        let mut watch = |event: SyncEvent| {
            if let SyncEvent::Ended { task, outcome, .. } = &event {
                line.wire().blames(number, outcome);
                outcomes
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(*outcome);
                line.wire()
                    .tell(format!("  phone {number}: {task} is {outcome}"));
            }
            let dies = {
                let mut wire = line.wire();
                let (chance, mut dice) = wire.chance(Actor::Watch(number));
                !wire.healed && dice.percent(1) && wire.happens(chance)
            };
            if dies {
                kill();
            }
        };
        let ended = self.call(|app| app.sync(limits, &mut watch));
        let outcomes = outcomes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        Ok((ended?, outcomes))
    }
}
