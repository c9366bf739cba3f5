//! A bit of the store flips at rest, and the app looks closely.

use std::collections::BTreeSet;
use std::sync::Arc;

use lapor_core::client::{Client, ClientError, OpenClientError, SyncEvent, SyncLimits, Until};
use lapor_core::engine::report::ReportKey;
use lapor_core::store::{Loss, Notice, OpenError};

use super::{Phone, Screen};
use crate::dice::Dice;
use crate::recount::is_of_the_disk;
use crate::story::{Run, Violation, needed};

/// Openings until all that can be found is found: the damage is met, mended, and met no more.
const OPENINGS: u32 = 4;

/// A damaged store on a full disk.
#[derive(Debug, Clone)]
pub(crate) struct Stuck {
    /// What it had shown before.
    pub(crate) before: Arc<Screen>,
    /// The opening has said that saving waits for room.
    pub(crate) is_told: bool,
    /// Reports that were submitted since then.
    pub(crate) submitted: Vec<ReportKey>,
    /// Stores that had been set aside before.
    set_aside: u32,
}

impl Phone {
    /// Gives where; nothing where there is no store yet. The app is closed. `is_new`: in the last pages, as a
    /// rule those of what was attached last.
    pub(crate) fn flip(&mut self, dice: &mut Dice, is_new: bool) -> Option<String> {
        let name = if dice.percent(95) {
            "lapor.db"
        } else {
            "key-check"
        };
        let path = self.disk.home().join("store").join(name);
        let length = self.disk.length(&path).ok().filter(|bytes| *bytes > 0)?;
        let first = if is_new { length / 4 * 3 } else { 0 };
        let at = first + dice.below(length - first);
        let bit = dice.below(8) as u32;
        self.disk.flip(&path, at, bit);
        self.damage = Some(Vec::new());
        // These may have lain on that page.
        self.has_run = false;
        self.refused = None;
        Some(format!("page {} of {name}", at / 4096 + 1))
    }

    /// Opens the app and lets it read everything, until it finds nothing wrong. What was lost;
    /// nothing where no store was set aside.
    pub(crate) fn looks_closely(&mut self) -> Run<Option<Vec<Loss>>> {
        let set_aside = match self.stuck.take() {
            Some(stuck) => stuck.set_aside,
            None => self.set_aside()?,
        };
        for _ in 0..OPENINGS {
            let app = self.app()?;
            match app.doctor() {
                Ok(found) if found.sound => {
                    // The notice may have died with the app; the list has not.
                    let mut losses = self.damage.take().unwrap_or_default();
                    let listed = needed(app.losses(), "losses")?;
                    let ids: Vec<i64> = listed.iter().map(|loss| loss.id).collect();
                    needed(app.losses_shown(&ids), "losses shown")?;
                    let known: BTreeSet<i64> = losses.iter().map(|loss| loss.id).collect();
                    losses.extend(listed.into_iter().filter(|loss| !known.contains(&loss.id)));
                    let is_new = found.set_aside > set_aside;
                    return Ok(is_new.then_some(losses));
                }
                // As an app does: the next opening looks closely.
                Ok(_) | Err(ClientError::Corrupt) => self.close(),
                Err(other) => {
                    return Err(Violation(format!("a damaged store is told as: {other}")));
                }
            }
        }
        Err(Violation("a damaged store stays damaged".to_owned()))
    }

    fn set_aside(&self) -> Run<u32> {
        let names = needed(self.disk.names(&self.disk.home()), "home")?;
        let set_aside = names.iter().filter(|name| name.starts_with("set-aside-"));
        Ok(u32::try_from(set_aside.count()).unwrap_or(u32::MAX))
    }

    /// The disk is full, and a bit of the store has flipped. The app is closed.
    pub(crate) fn is_stuck(&mut self, before: Arc<Screen>) -> Run<()> {
        self.stuck = Some(Stuck {
            before,
            is_told: false,
            submitted: Vec::new(),
            set_aside: self.set_aside()?,
        });
        Ok(())
    }

    /// The app over a damaged store, on a disk that has no room to save what can be read; nothing where it
    /// says that it cannot be opened so.
    pub(crate) fn opens_as_it_is(&mut self) -> Run<Option<Arc<Client>>> {
        if let Some(client) = &self.client {
            return Ok(Some(Arc::clone(client)));
        }
        self.disk.fill();
        let (client, notices) = match Client::open(self.options()) {
            Ok(opened) => opened,
            Err(OpenClientError::Store(
                OpenError::SalvageNeedsSpace { .. }
                | OpenError::NeedsSpace { .. }
                | OpenError::DiskFull,
            )) => {
                self.is_told();
                return Ok(None);
            }
            Err(error) => {
                return Err(Violation(format!(
                    "a damaged store on a full disk is told as: {error}"
                )));
            }
        };
        for notice in notices {
            match notice {
                Notice::SalvageWaits { .. } => self.is_told(),
                Notice::ReserveMissing => {}
                Notice::SetAside { losses, .. } => {
                    self.damage.get_or_insert_default().extend(losses)
                }
                other => return Err(Violation(format!("opening says {other:?}"))),
            }
        }
        let client = Arc::new(client);
        if let Some(air) = self.line.wire().airs.get_mut(self.number) {
            air.app = Some(Arc::downgrade(&client));
        }
        self.client = Some(Arc::clone(&client));
        Ok(Some(client))
    }

    fn is_told(&mut self) {
        if let Some(stuck) = &mut self.stuck {
            stuck.is_told = true;
        }
    }

    /// One sync over a damaged store: it may end by the damage anywhere, and says so. Gives the outcomes of its
    /// exchanges.
    pub(crate) fn syncs_as_it_is(&mut self, app: Arc<Client>) -> Run<Vec<&'static str>> {
        let (line, number, life) = (Arc::clone(&self.line), self.number, self.disk.life());
        if let Some(air) = line.wire().airs.get_mut(number) {
            air.calls = 0;
        }
        let mut outcomes = Vec::new();
        let mut watch = |event: SyncEvent| {
            if let SyncEvent::Ended { task, outcome, .. } = event {
                let mut wire = line.wire();
                if let Some(air) = wire.airs.get_mut(number) {
                    air.untold = None;
                }
                wire.blames(number, outcome);
                wire.tell(format!("  phone {number}: {task} is {outcome}"));
                outcomes.push(outcome);
            }
        };
        let ended = app.sync(SyncLimits::until(Until::NothingDue), &mut watch);
        drop(app);
        if let Some(what) = self.line.wire().violation.take() {
            return Err(Violation(what));
        }
        match ended {
            Ok(_) | Err(ClientError::Cancelled) => {}
            // As the app does: the next opening looks closely.
            Err(ClientError::Corrupt) => self.close(),
            Err(error) if is_of_the_disk(&error) => {}
            Err(error) => {
                return Err(Violation(format!(
                    "a damaged store on a full disk is told as: {error}"
                )));
            }
        }
        if self.disk.life() != life {
            self.comes_up_again();
        }
        Ok(outcomes)
    }
}
