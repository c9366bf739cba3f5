//! A bit of a store flips while other apps fill the disk: what can be read cannot be saved yet. People look,
//! let the app send, send, take back and erase, and each of these is done or says that it is not.

use std::collections::BTreeSet;
use std::sync::Arc;

use lapor_core::client::{Client, ClientError};
use lapor_core::engine::report::{Phase, ReportKey};
use lapor_core::store::Filter;

use super::damage::look;
use super::{OFFICER, allowed};
use crate::dice::{Dice, name_of};
use crate::faults::Weather;
use crate::recount::is_of_the_disk;
use crate::story::{Run, Violation};
use crate::wire::Rare;
use crate::world::World;

/// The person looks again at the latest then, milliseconds.
const LATER: u64 = 2 * 3_600_000;

/// What a call came to; nothing where the disk or the damage did not let it.
fn done<T>(result: Result<T, ClientError>) -> Run<Option<T>> {
    match result {
        Err(error) if is_of_the_disk(&error) => Ok(None),
        result => allowed(result),
    }
}

impl World {
    /// Until somebody makes room the app goes on as well as it can.
    pub(super) fn a_bit_flips_on_a_full_disk(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let user = self.user(number)?;
        if user.is_empty() || user == OFFICER {
            return self.sync(number, dice);
        }
        // So that something lies on those pages which is still to be sent.
        self.writes(number, dice)?;
        let before = self.phone(number)?.screen_at_rest()?;
        self.phone(number)?.close();
        let is_new = dice.percent(60);
        let Some(place) = self.phone(number)?.flip(dice, is_new) else {
            return Ok(());
        };
        self.phone(number)?.is_stuck(before)?;
        if let Some(air) = self.line.wire().airs.get_mut(number) {
            air.is_damaged = true;
            if dice.percent(60) {
                air.weather = Weather::Good;
            }
        }
        self.line.wire().event();
        self.tell(format!(
            "phone {number}: its disk is full, and a bit flips in {place}"
        ));
        Ok(())
    }

    pub(crate) fn is_stuck(&self, number: usize) -> bool {
        let phone = self.phones.get(number);
        phone.is_some_and(|phone| phone.stuck.is_some())
    }

    /// A person looks at the reports and lets the app send, and some day makes room.
    pub(crate) fn lives_with_damage(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let now = self.line.wire().now;
        self.line.wire().event();
        if dice.percent(15) {
            return self.makes_room(number);
        }
        if let Some(air) = self.line.wire().airs.get_mut(number) {
            air.asked.push_back(now);
        }
        let Some(app) = self.phone(number)?.opens_as_it_is()? else {
            self.tell(format!(
                "phone {number}: the app does not open without room"
            ));
            return Ok(());
        };
        self.shows_what_is_there(number, &app)?;
        if dice.percent(30) {
            self.does_something_all_the_same(number, &app, dice)?;
        }
        if dice.percent(80) {
            let mut wire = self.line.wire();
            wire.now += dice.below(LATER) as i64;
            wire.deliver();
        }
        self.tell(format!("phone {number}: syncs over a damaged store"));
        let outcomes = self.phone(number)?.syncs_as_it_is(app)?;
        // Looked at once all of it can be read.
        let submitted = std::mem::take(&mut self.line.wire().submitted);
        if let Some(stuck) = &mut self.phone(number)?.stuck {
            stuck.submitted.extend(submitted);
        }
        for outcome in outcomes {
            self.ledger.seen(number).meets(outcome);
        }
        let (untold, later) = match self.line.wire().airs.get_mut(number) {
            Some(air) => (air.untold.take(), air.met_a_later_contract),
            None => (None, false),
        };
        if let Some(end) = untold {
            self.ledger.seen(number).may_have_met(end, later);
        }
        if dice.percent(50) {
            self.phone(number)?.close();
        }
        Ok(())
    }

    /// Where the list can be read at all, nothing is missing in it, and nothing is called sent that is not.
    fn shows_what_is_there(&mut self, number: usize, app: &Client) -> Run<()> {
        let Some(before) = self
            .phone(number)?
            .stuck
            .as_ref()
            .map(|stuck| Arc::clone(&stuck.before))
        else {
            return Ok(());
        };
        let (account, rows) = match (app.account(), app.list(Filter::All, 1_000, None)) {
            (Ok(account), Ok(rows)) => (account, rows),
            (Err(error), _) | (_, Err(error)) if is_of_the_disk(&error) => return Ok(()),
            (Err(error), _) | (_, Err(error)) => {
                return Err(Violation(format!("a damaged store is told as: {error}")));
            }
        };
        // Whose name damage has taken is shown as nobody.
        if account.user != before.account.user {
            return match account.user.is_empty() {
                true => Ok(()),
                false => Err(Violation(
                    "a bit has flipped, and somebody else is signed in".to_owned(),
                )),
            };
        }
        let erased = self.erased_on(number);
        let wire = self.line.wire();
        let own = before.rows.iter().filter(|row| row.own);
        for row in own.filter(|row| !erased.contains(&row.key)) {
            let key = row.key.to_string();
            let Some(now) = rows.iter().find(|one| one.key == row.key) else {
                return Err(Violation(format!(
                    "a page is damaged, and {} is not listed any more",
                    wire.name(&key)
                )));
            };
            if now.phase == Phase::Sent && !wire.tap.was_confirmed(&key) {
                return Err(Violation(format!(
                    "a page is damaged, and {} is called sent and never was",
                    wire.name(&key)
                )));
            }
        }
        Ok(())
    }

    /// Somebody has made room: what can be read is saved now.
    pub(crate) fn makes_room(&mut self, number: usize) -> Run<()> {
        let Some(stuck) = self.phone(number)?.stuck.clone() else {
            return Ok(());
        };
        self.phone(number)?.close();
        self.phone(number)?.disk().heal();
        self.tell(format!("phone {number}: its disk has room again"));
        if let Some(air) = self.line.wire().airs.get_mut(number) {
            air.is_damaged = false;
        }
        if stuck.is_told {
            self.line.wire().figures.is_seen(Rare::DamagedWhileFull);
        }
        let losses = self.phone(number)?.looks_closely()?;
        let named = losses.as_deref().unwrap_or_default();
        self.tell(format!(
            "phone {number}: its store was damaged, {} losses are named",
            named.len()
        ));
        let erased = self.erased_on(number);
        let own = stuck.before.rows.iter().filter(|row| row.own);
        let was = own
            .filter(|row| !erased.contains(&row.key))
            .map(|row| (row.key, look(row)))
            .collect();
        self.is_as_before(number, &stuck.before, &was, named, false)?;
        for key in stuck.submitted {
            if self.phase(number, &key)?.is_some() {
                self.accepted(number, &key)?;
            }
        }
        self.takes_leave(number, named);
        self.recounts(number)
    }

    fn erased_on(&self, number: usize) -> BTreeSet<ReportKey> {
        let cases = self.ledger.cases.iter();
        cases
            .filter(|case| case.forgotten.contains(&number))
            .map(|case| case.key)
            .collect()
    }

    /// Sends a draft, takes a report back, or erases a draft.
    fn does_something_all_the_same(
        &mut self,
        number: usize,
        app: &Client,
        dice: &mut Dice,
    ) -> Run<()> {
        let what = dice.below(3);
        let (Some(account), Some(rows)) = (
            done(app.account())?,
            done(app.list(Filter::All, 1_000, None))?,
        ) else {
            return Ok(());
        };
        let user = account.user;
        // Whose name damage has taken may be an officer.
        if user.is_empty() || user == OFFICER {
            return Ok(());
        }
        let keys: Vec<ReportKey> = rows
            .iter()
            .filter(|row| row.own && (row.phase == Phase::Draft) == (what != 1))
            .map(|row| row.key)
            .collect();
        let Some(key) = dice.choose(&keys, name_of).copied() else {
            return Ok(());
        };
        let name = self.line.wire().name(&key.to_string());
        match what {
            0 if done(app.submit(&key))?.is_some() => {
                let mut wire = self.line.wire();
                wire.tap.accept(number, &key.to_string(), &user);
                wire.submitted.push(key);
                wire.tell(format!("phone {number}: {name} is accepted"));
            }
            1 => {
                if let Some(how) = done(app.withdraw(&key))? {
                    self.is_taken_back(number, &key, &how)?;
                }
            }
            2 if done(app.erase_draft(&key))?.is_some() => self.is_erased(number, &key),
            _ => {}
        }
        Ok(())
    }
}
