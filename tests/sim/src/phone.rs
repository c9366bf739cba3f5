//! A phone: a disk of its own with the real, encrypted store, and the app that is opened over it
//! again and again.
//!
//! A phone dies in two ways, at an operation of its disk or between two: the power goes (what was
//! not synced may be lost, in part and torn) or the app is killed (what was written stays). From
//! that instant its disk answers nothing, its line carries nothing, and the core has to come back
//! by its own error path; what it still does after it was told is a violation.

mod damage;
mod failing;
mod older;
mod opening;
mod screen;
mod waiting;

pub(crate) use damage::Stuck;
use older::Made;
pub(crate) use screen::Screen;
use waiting::Waiting;

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use lapor_core::client::{Client, ClientError, SyncEvent, SyncLimits, SyncReport, Until};
use lapor_core::engine::sync::AccountId;
use lapor_core::store::Loss;
use lapor_sim_vfs::Disk;

use crate::dice::Actor;
use crate::people::updates::Refused;
use crate::story::{Run, Violation, needed};
use crate::wire::Line;

/// Moves on the disk that may fail between a commit and telling of it: the log is folded.
const AFTER_A_COMMIT: u64 = 12;

pub(crate) struct Phone {
    pub(crate) number: usize,
    pub(crate) people: Vec<&'static str>,
    disk: Disk,
    line: Arc<Line>,
    /// Its key's install id.
    install: u8,
    /// Rounds in which somebody holds it. One that is made anew from a backup begins where the backup is
    /// put back, and the one before it may be lost then.
    pub(crate) held: Range<u64>,
    /// Nothing while the app is not running.
    client: Option<Arc<Client>>,
    /// The next opening has to say that this is a copied phone.
    is_a_copy: bool,
    /// Its store is as an older version of the app has left it, and the next opening says so.
    older: Option<u32>,
    /// Its engine has run over this store.
    pub(crate) has_run: bool,
    /// What the app had been refused when it was updated, until the new one has run.
    pub(crate) refused: Option<Refused>,
    /// A bit of its store has flipped: what opening then says was lost; nothing where it is whole.
    damage: Option<Vec<Loss>>,
    /// The same, and there is no room to save what can be read: it goes on as it is.
    pub(crate) stuck: Option<Stuck>,
    /// User by account, as the app has ever named them.
    names: BTreeMap<AccountId, String>,
    /// Its disk has no room for anything new.
    pub(crate) is_full: bool,
    /// The next call is one in which the disk fails more often than in others.
    at_risk: bool,
    /// The running call waits where the disk is full, and nobody would make room.
    needs_room: bool,
    /// The disk failed during the last call, or the phone died in it.
    trouble: bool,
    seen: Option<screen::Seen>,
    /// True time at which it asked to be woken; nothing since it was opened, or when it did not
    /// come to its end.
    pub(crate) wakes_at: Option<i64>,
}

/// How a call into the app ended.
pub(crate) enum Ended<T> {
    Returned(T),
    /// The phone died in it. What the dying core said is true all the same.
    Killed(T),
}

impl<T> Ended<T> {
    pub(crate) fn value(self) -> T {
        match self {
            Self::Returned(value) | Self::Killed(value) => value,
        }
    }
}

/// What a sync came to.
pub(crate) type Synced = Result<SyncReport, ClientError>;

impl Phone {
    pub(crate) fn new(number: usize, people: Vec<&'static str>, line: Arc<Line>) -> Self {
        let install = u8::try_from(number + 1).unwrap_or(u8::MAX);
        // Most phones begin with the store that every fresh one has; some make it, and may die
        // while they do.
        let seed = line.wire().seed;
        let ready = !seed.is_multiple_of(5);
        let disk = opening::fresh(install)
            .filter(|_| ready)
            .map_or_else(Disk::new, Disk::of);
        Self::over(disk, number, people, install, line)
    }

    fn over(
        disk: Disk,
        number: usize,
        people: Vec<&'static str>,
        install: u8,
        line: Arc<Line>,
    ) -> Self {
        Self {
            number,
            people,
            disk,
            line,
            install,
            held: 0..u64::MAX,
            client: None,
            is_a_copy: false,
            older: None,
            has_run: false,
            refused: None,
            damage: None,
            stuck: None,
            names: BTreeMap::new(),
            is_full: false,
            at_risk: false,
            needs_room: false,
            trouble: false,
            seen: None,
            wakes_at: None,
        }
    }

    /// Another phone that begins with a copy of this one's folder. It has an install id of its
    /// own, unless the key came with the folder, as a phone's own backup brings it back: then
    /// nobody can tell.
    pub(crate) fn copy(&mut self, number: usize, with_key: bool) -> Self {
        self.close();
        let install = if with_key {
            self.install
        } else {
            u8::try_from(number + 1).unwrap_or(u8::MAX)
        };
        let mut copy = Self::over(
            self.disk.copy(),
            number,
            self.people.clone(),
            install,
            Arc::clone(&self.line),
        );
        // What was not said of the first one's folder yet is said of both.
        copy.is_a_copy = !with_key || self.is_a_copy;
        copy.names.clone_from(&self.names);
        copy.has_run = self.has_run;
        copy.refused.clone_from(&self.refused);
        copy
    }

    /// The app is gone; its folder stays.
    pub(crate) fn close(&mut self) {
        self.client = None;
        self.seen = None;
        self.wakes_at = None;
    }

    /// The app is closed and updated; all it has was written by one with a store of `version`.
    /// False where what is there could not have been.
    pub(crate) fn is_updated(&mut self, version: u32) -> Run<bool> {
        self.close();
        let made = needed(older::make(&self.disk, version), "no older store")?;
        let Made::Older { is_named } = made else {
            return Ok(false);
        };
        if self.has_run && !is_named {
            return Err(Violation(
                "the store does not say which app ran over it".to_owned(),
            ));
        }
        self.older = Some(version);
        Ok(true)
    }

    /// Another app was open over the folder for a while; this one was all the time.
    /// `life` is the phone's when that one was opened: with the phone both have died.
    pub(crate) fn goes_on_as(&mut self, app: Arc<Client>, life: u64) {
        if self.disk.life() != life {
            return;
        }
        if let Some(air) = self.line.wire().airs.get_mut(self.number) {
            air.app = Some(Arc::downgrade(&app));
        }
        self.client = Some(app);
        self.seen = None;
        self.wakes_at = None;
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The disk failed during the last call, or the phone died in it: whatever was said, the
    /// ledger has to be compared with what is there.
    pub(crate) fn had_trouble(&self) -> bool {
        self.trouble
    }

    /// A call that may use the line, and during which the disk may fail and the phone may die.
    pub(crate) fn call<T>(&mut self, deed: impl FnOnce(&Client) -> T) -> Run<Ended<T>> {
        let app = self.app()?;
        if let Some(air) = self.line.wire().airs.get_mut(self.number) {
            air.calls = 0;
        }
        let (life, struck) = (self.disk.life(), self.disk.struck());
        let may_lie_bare = self.arm();
        // Only to tell a panic as what it is; nobody dies by one.
        let done = catch_unwind(AssertUnwindSafe(|| deed(&app)));
        drop(app);
        let died = self.disk.life() != life;
        self.trouble = died || self.disk.struck() != struck;
        self.disk.heal();
        let value = done.map_err(|cause| {
            let words = cause
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Violation(format!("the core panics: {}", words.unwrap_or_default()))
        })?;
        if let Some(what) = self.line.wire().violation.take() {
            return Err(Violation(what));
        }
        if !died {
            if self.trouble && may_lie_bare {
                self.writes_over_what_failed();
            }
            return Ok(Ended::Returned(value));
        }
        self.comes_up_again();
        Ok(Ended::Killed(value))
    }

    /// A commit that was written and not synced was told as failed, and a power cut may bring it back until
    /// the next one lies over it: nobody could hold a later call to what it finds then.
    fn writes_over_what_failed(&mut self) {
        if let Ok(app) = self.app()
            && let Ok(settings) = app.settings()
        {
            // Where this fails as well, what is there now stays.
            let _ = app.set_settings(settings);
        }
    }

    /// The same, and the disk fails in every second one: what is done rarely.
    pub(crate) fn call_at_risk<T>(&mut self, deed: impl FnOnce(&Client) -> T) -> Run<Ended<T>> {
        self.at_risk = true;
        let ended = self.call(deed);
        self.at_risk = false;
        ended
    }

    /// The app is killed while it does nothing.
    pub(crate) fn is_killed(&mut self) {
        self.disk.stop();
        self.comes_up_again();
    }

    /// The same phone over another disk, to be looked at.
    pub(crate) fn over_another(&self, disk: Disk) -> Self {
        let line = Arc::clone(&self.line);
        Self::over(disk, self.number, self.people.clone(), self.install, line)
    }

    /// A dead phone is switched on; the app is not opened yet.
    fn comes_up_again(&mut self) {
        // Before the disk: what the dead app still does must meet a dead disk.
        self.close();
        self.disk.boot();
        let refused = self.disk.refused();
        let mut wire = self.line.wire();
        if let Some(air) = wire.airs.get_mut(self.number) {
            air.quiet = refused;
            air.deaths += 1;
        }
        wire.figures.crashes += 1;
        wire.event();
        wire.tell(format!("phone {}: it has died", self.number));
    }

    /// One sync. Gives what it came to and the outcomes of its exchanges.
    pub(crate) fn sync(&mut self, limits: SyncLimits) -> Run<(Ended<Synced>, Vec<&'static str>)> {
        let outcomes = Mutex::new(Vec::new());
        let (line, number, disk) = (Arc::clone(&self.line), self.number, self.disk.clone());
        self.app()?;
        let life = disk.life();
        if let Some(air) = line.wire().airs.get_mut(number) {
            air.untold = None;
        }
        let mut waiting = Waiting::of(&line, number, &disk, &limits);
        let mut watch = |event: SyncEvent| {
            if disk.life() != life {
                let refused = disk.refused();
                let mut wire = line.wire();
                let air = wire.airs.get(number);
                // What was kept before it died is true; room in the log was looked for after that.
                if air.is_some_and(|air| air.was_told(refused.saturating_sub(AFTER_A_COMMIT))) {
                    wire.broken(format!("phone {number} died, and still says {event:?}"));
                }
                return;
            }
            if let SyncEvent::Waiting(wake) = &event {
                waiting.passes(wake);
            }
            let mut wire = line.wire();
            if let SyncEvent::Ended { task, outcome, .. } = &event {
                if let Some(air) = wire.airs.get_mut(number) {
                    air.untold = None;
                }
                wire.blames(number, outcome);
                outcomes
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(*outcome);
                wire.tell(format!("  phone {number}: {task} is {outcome}"));
            }
            let (chance, mut dice) = wire.chance(Actor::Watch(number));
            let dies = !wire.healed && wire.temper.has_deaths() && dice.percent(1);
            if dies && wire.happens(chance) {
                wire.dies(number, &disk, &mut dice);
            }
        };
        self.needs_room = limits.until != Until::NothingDue;
        let ended = self.call(|app| app.sync(limits, &mut watch));
        self.needs_room = false;
        if let Some(air) = self.line.wire().airs.get_mut(number) {
            air.until = None;
        }
        let outcomes = outcomes
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        Ok((ended?, outcomes))
    }
}
