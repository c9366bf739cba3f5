//! All heals: the line, the clocks, the gateway. Everybody signs in in turn, everything has to
//! arrive within a bounded time, and then the books are compared.

mod books;
mod deeds;
mod drain;
mod front;

use lapor_core::engine::report::{Edit, Phase, ReportKey};
use lapor_core::engine::sync::{
    Network, OperationKind, Reason, ServiceCopy, SessionState, Surroundings,
};
use lapor_sandbox_rules::Settings;

use crate::dice::{Actor, Dice};
use crate::invariants::longest_question;
use crate::story::{Run, Violation, needed};
use crate::wire::Air;
use crate::world::World;

const DAY: i64 = 86_400_000;

impl World {
    pub(crate) fn end(&mut self) -> Run<()> {
        for number in 0..self.phones.len() {
            self.makes_room(number)?;
        }
        self.heal()?;
        self.the_os_gives_up()?;
        self.brings_back_what_was_refused()?;
        self.drains_past_the_front_end()?;
        // Once to send, once more for what others had to send first.
        for round in 1..=2 {
            self.tell(format!("all is well again, round {round}"));
            for number in 0..self.phones.len() {
                for user in self.people_of(number) {
                    self.comes_back(number, user, round > 1)?;
                    self.drains(number)?;
                    self.phone_is_true(number)?;
                }
            }
        }
        self.gateway_is_true()?;
        for number in 0..self.phones.len() {
            for user in self.people_of(number) {
                self.comes_back(number, user, true)?;
                self.news(number, user)?;
                self.books(number, user)?;
            }
        }
        self.replay()
    }

    fn people_of(&self, number: usize) -> Vec<&'static str> {
        self.phones
            .get(number)
            .map(|phone| phone.people.clone())
            .unwrap_or_default()
    }

    fn heal(&mut self) -> Run<()> {
        {
            let mut wire = self.line.wire();
            wire.healed = true;
            for air in &mut wire.airs {
                air.skew = 0;
                air.strict_dates = false;
            }
            // "Update the app" is tried daily, and nobody is made to wait for that here.
            if wire.airs.iter().any(|air| air.met_a_later_contract) {
                wire.now += DAY;
            }
            // What waits for the answer what a restored gateway still has waits in no row.
            let longest = |air: &Air| i64::try_from(longest_question(air.was_asked)).unwrap_or(0);
            let asks = wire.airs.iter().filter(|air| air.known_has_failed);
            wire.now += asks.map(longest).max().unwrap_or(0);
            // What still sits in proxies is replayed at the very end, with everything else.
            wire.parked.clear();
            *wire.gateway.settings_mut() = Settings::default();
        }
        for number in 0..self.phones.len() {
            let app = self.app(number)?;
            app.resume();
            let up = Surroundings {
                network: Network::Up,
                ..Surroundings::default()
            };
            needed(app.set_surroundings(up), "moves")?;
        }
        Ok(())
    }

    /// Everybody signs in once; later on whoever still is signed in just goes on.
    fn comes_back(&mut self, number: usize, user: &str, later: bool) -> Run<()> {
        let screen = self.phone(number)?.screen_at_rest()?;
        let (holder, session) = (screen.account.user.as_str(), screen.account.session);
        if later && holder == user && session != SessionState::Ended {
            return Ok(());
        }
        if holder != user {
            let _signed_out = self
                .phones
                .get_mut(number)
                .map(|phone| phone.call(lapor_core::client::Client::sign_out))
                .transpose()?;
        }
        if !self.signs_in(number, user, true)? {
            return Err(Violation("all is well, and nobody can sign in".to_owned()));
        }
        Ok(())
    }

    /// Half of all people bring back what was refused and put away, and send it after all.
    fn brings_back_what_was_refused(&mut self) -> Run<()> {
        for number in 0..self.phones.len() {
            if Dice::of(self.seed, Actor::Phone(number), u64::MAX, 1).percent(50) {
                let put_away = self.phone(number)?.put_away()?;
                for row in put_away.iter().filter(|row| row.own) {
                    self.brings_back(number, &row.key)?;
                }
            }
        }
        Ok(())
    }

    /// Half of all people first look at what the service has, and wait for it as long as it may come.
    fn has_compared(&mut self, number: usize, key: &ReportKey) -> Run<bool> {
        if Dice::of(self.seed, Actor::Phone(number), u64::MAX, 2).percent(50) {
            return Ok(true);
        }
        let shown = needed(self.app(number)?.show(key), "show")?;
        let is_awaited = shown
            .copy
            .is_some_and(|copy| copy.standing == ServiceCopy::Awaited);
        let was_refused = shown.operations.iter().any(|row| {
            row.kind == OperationKind::FetchCopy
                && matches!(row.reason, Some(Reason::Refused { .. }))
        });
        Ok(!is_awaited || was_refused)
    }

    /// The person's turns: mends what was refused, sends as another what the service knows with
    /// other words. True when there was anything to decide.
    fn decides_all(&mut self, number: usize) -> Run<bool> {
        let app = self.app(number)?;
        let mut decided = false;
        for row in &self.phone(number)?.screen_at_rest()?.rows {
            let superseded = self
                .ledger
                .case(&row.key)
                .is_some_and(|case| case.superseded);
            match row.phase {
                Phase::Rejected => {
                    needed(app.edit(&row.key, Edit::Title("T".to_owned())), "edit")?;
                    decided |= self.submit(number, &row.key)?;
                }
                Phase::KeyTaken if !superseded && self.has_compared(number, &row.key)? => {
                    if let Some(another) = self.as_another(number, &row.key)? {
                        decided |= self.submit(number, &another)?;
                    }
                }
                _ => {}
            }
        }
        Ok(decided)
    }
}
