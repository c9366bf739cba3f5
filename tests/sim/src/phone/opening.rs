//! Opening the app, whatever is to be told then.

use std::sync::{Arc, OnceLock};

use lapor_core::client::{Client, OpenClientError, Options};
use lapor_core::engine::calendar::{Clock, Instant};
use lapor_core::net::GatewayUrl;
use lapor_core::store::{Notice, OpenError, OpenOptions, Store, StoreKey};
use lapor_sim_vfs::{Disk, Fault, Image, VFS};

use super::Phone;
use crate::dice::{Actor, Dice};
use crate::story::{Run, Violation};
use crate::transport::PhoneLine;
use crate::wire::START;

/// Deaths while the app opens, one after another.
const DEATHS: u32 = 3;

/// Install ids for which an empty store is kept.
const INSTALLS: usize = 8;

/// A disk with an empty store, made once for each install id.
pub(super) fn fresh(install: u8) -> Option<&'static Image> {
    static IMAGES: [OnceLock<Option<Image>>; INSTALLS] = [const { OnceLock::new() }; INSTALLS];
    IMAGES
        .get(usize::from(install))?
        .get_or_init(|| {
            let disk = Disk::new();
            let key = key(install);
            let mut dice = Dice::of(0, Actor::Phone(usize::from(install)), 0, 0);
            let mut draw = |bytes: &mut [u8]| dice.fill(bytes);
            let home = disk.home();
            let options = OpenOptions::new(&home, Some(&key), Instant(START), &mut draw);
            drop(Store::open(options.vfs(Some(VFS))).ok()?);
            Some(disk.image())
        })
        .as_ref()
}

pub(super) const RAW_KEY: [u8; 32] = [0x42; 32];

pub(super) fn key(install: u8) -> StoreKey {
    StoreKey::new(RAW_KEY, [install; 16])
}

impl Phone {
    /// The running app; opened when it is not.
    pub(crate) fn app(&mut self) -> Run<Arc<Client>> {
        if let Some(client) = &self.client {
            return Ok(Arc::clone(client));
        }
        self.opens_before_it_is_unlocked()?;
        let mut tried = self.opens_without_room()?;
        for _ in 0..DEATHS {
            let life = self.disk.life();
            if !self.arm_opening() {
                break;
            }
            // Either way the next opening finds everything.
            drop(Client::open(self.options()));
            tried = true;
            let died = self.disk.life() != life;
            self.disk.heal();
            if !died {
                break;
            }
            self.comes_up_again();
        }
        let (client, notices) = Client::open(self.options())
            .map_err(|error| Violation(format!("the app does not open: {error}")))?;
        self.may_be_said(&notices, tried)?;
        let client = Arc::new(client);
        if let Some(air) = self.line.wire().airs.get_mut(self.number) {
            air.app = Some(Arc::downgrade(&client));
        }
        self.client = Some(Arc::clone(&client));
        Ok(client)
    }

    /// An app of which the world knows nothing: it is only looked at.
    pub(crate) fn opens_aside(&self) -> Run<(Client, Vec<Notice>)> {
        Client::open(self.options())
            .map_err(|error| Violation(format!("a copy of the phone does not open: {error}")))
    }

    /// Some phones start the app before anybody has unlocked them: it says so, and nothing is
    /// taken for lost or damaged.
    fn opens_before_it_is_unlocked(&self) -> Run<()> {
        {
            let mut wire = self.line.wire();
            if wire.healed || self.is_a_copy {
                return Ok(());
            }
            let (chance, mut dice) = wire.chance(Actor::Disk(self.number));
            if !dice.percent(3) || !wire.happens(chance) {
                return Ok(());
            }
            wire.tell(format!(
                "phone {}: the app starts before the phone was unlocked",
                self.number
            ));
        }
        self.disk.lock_storage(true);
        let opened = Client::open(self.options());
        self.disk.lock_storage(false);
        match opened {
            Err(OpenClientError::Store(OpenError::StorageLocked)) => Ok(()),
            Err(error) => Err(Violation(format!(
                "a phone that was not unlocked yet is told: {error}"
            ))),
            Ok(_) => Err(Violation(
                "a store opens whose files the OS keeps closed".to_owned(),
            )),
        }
    }

    /// An updated app that has no room to bring its store up to date says so; one version may have
    /// fitted and the next not. True when this was tried.
    fn opens_without_room(&self) -> Run<bool> {
        if self.older.is_none() {
            return Ok(false);
        }
        {
            let mut wire = self.line.wire();
            let (chance, mut dice) = wire.chance(Actor::Disk(self.number));
            if wire.healed || !dice.percent(25) || !wire.happens(chance) {
                return Ok(false);
            }
            wire.tell(format!(
                "phone {}: the updated app is opened, and the disk is full",
                self.number
            ));
        }
        self.disk.fill();
        let opened = Client::open(self.options());
        self.disk.heal();
        match opened {
            Ok(_)
            | Err(OpenClientError::Store(OpenError::NeedsSpace { .. } | OpenError::DiskFull)) => {
                Ok(true)
            }
            Err(error) => Err(Violation(format!("a full disk is told as: {error}"))),
        }
    }

    /// `tried`: it was opened before, and may have said it then.
    fn may_be_said(&mut self, notices: &[Notice], tried: bool) -> Run<()> {
        let copied = std::mem::take(&mut self.is_a_copy);
        let older = self.older.take();
        let is_true = notices.iter().all(|notice| match notice {
            Notice::CopiedPhone { .. } => copied,
            Notice::Migrated { from, .. } => {
                older.is_some_and(|older| older == *from || tried && older < *from)
            }
            Notice::SetAside { losses, .. } => match &mut self.damage {
                Some(all) => {
                    all.extend(losses.iter().cloned());
                    true
                }
                None => false,
            },
            _ => false,
        });
        let said = |what: fn(&Notice) -> bool| notices.iter().filter(|one| what(one)).count();
        let copies = said(|notice| matches!(notice, Notice::CopiedPhone { .. }));
        let updates = said(|notice| matches!(notice, Notice::Migrated { .. }));
        let is_whole = copies == usize::from(copied)
            && (updates == usize::from(older.is_some()) || tried && updates == 0);
        if !is_true || !is_whole {
            return Err(Violation(format!("opening says {notices:?}")));
        }
        Ok(())
    }

    /// Now and then the power goes while the app opens.
    fn arm_opening(&self) -> bool {
        let mut wire = self.line.wire();
        // Said at an opening that is cut short, a notice is said for good.
        if wire.healed || self.is_a_copy || !wire.temper.has_deaths() {
            return false;
        }
        let (chance, mut dice) = wire.chance(Actor::Disk(self.number));
        let bits = 1 + dice.below(7);
        let nth = 1 + dice.below(1 << bits);
        if !dice.percent(if self.older.is_some() { 40 } else { 5 }) || !wire.happens(chance) {
            return false;
        }
        self.disk.arm(Fault::Freeze {
            at: self.disk.changes() + nth,
            seed: dice.next(),
        });
        wire.tell(format!(
            "phone {}: the power goes at write {nth} of opening, if it comes to that",
            self.number
        ));
        true
    }

    pub(super) fn options(&self) -> Options {
        let mut options = Options::new(self.disk.home(), Some(key(self.install)));
        options.vfs = Some(VFS);
        options.gateway = GatewayUrl::parse("https://lapor.test/", false).ok();
        options.transport = Some(Arc::new(PhoneLine {
            phone: self.number,
            line: Arc::clone(&self.line),
            disk: self.disk.clone(),
            life: self.disk.life(),
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
        options
    }
}
