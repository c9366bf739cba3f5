//! Replies, follow-ups, ratings and the like, and giving them up.

use lapor_core::client::Client;
use lapor_core::engine::api::EventKind;
use lapor_core::engine::report::{EventKey, Phase};

use super::OFFICER;
use crate::desk::INSTITUTION;
use crate::dice::{Dice, name_of};
use crate::ledger::Deed;
use crate::story::Run;
use crate::world::World;

impl World {
    pub(super) fn does_something(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let keys = self.rows(number, |row| {
            matches!(row.phase, Phase::Queued | Phase::Sent)
        })?;
        let Some(key) = dice.choose(&keys, name_of).copied() else {
            return Ok(());
        };
        let user = self.user(number)?;
        let text = Some("Masih begitu.".to_owned());
        let kind = if user == OFFICER {
            match dice.below(4) {
                0 => EventKind::Forward,
                1 => EventKind::Reply,
                _ => EventKind::FollowUp,
            }
        } else {
            match dice.below(10) {
                0 => EventKind::Close,
                1 => EventKind::Support,
                2 => EventKind::Rate,
                _ => EventKind::Reply,
            }
        };
        let rating = (kind == EventKind::Rate).then_some(4);
        let text = if kind == EventKind::Support {
            None
        } else {
            text
        };
        let institution = (kind == EventKind::Forward).then(|| {
            let elsewhere = dice.percent(50);
            if elsewhere { "dlh-badung" } else { INSTITUTION }.to_owned()
        });
        let add = |app: &Client| app.add_event(&key, kind, text, rating, institution);
        let mut event = self.act(number, add)?;
        if event.is_none() && self.phone(number)?.had_trouble() {
            event = self.an_event_that_nobody_knows(number)?;
        }
        if let Some(event) = event {
            let name = format!("{kind:?} {}", self.ledger.deeds.len() + 1);
            let (text, to) = (event.to_string(), key.to_string());
            let mut wire = self.line.wire();
            wire.tap.owners.insert(text.clone(), user.clone());
            let order = wire.tap.orders.entry((number, to.clone(), user.clone()));
            order.or_default().push(text.clone());
            self.ledger.deeds.push(Deed {
                key: event,
                kind,
                text,
                report: key,
                phone: number,
                user,
                gone: false,
                at_rest: false,
            });
            let report = wire.name(&to);
            wire.tell(format!("phone {number}: {name} to {report}"));
            wire.names.insert(event.to_string(), name);
        }
        Ok(())
    }

    /// One that is in the outbox although nobody was told.
    fn an_event_that_nobody_knows(&mut self, number: usize) -> Run<Option<EventKey>> {
        let screen = self.phone(number)?.screen_at_rest()?;
        let mut events = screen.open.iter().filter_map(|row| row.event);
        Ok(events.find(|event| self.ledger.deeds.iter().all(|deed| deed.key != *event)))
    }

    /// A reply that was refused, or never left, is given up.
    pub(super) fn gives_up_an_event(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let user = self.user(number)?;
        let mine: Vec<_> = self
            .ledger
            .deeds
            .iter()
            .filter(|deed| deed.phone == number && deed.user == user)
            .collect();
        let Some(deed) = dice.choose(&mine, |deed| name_of(&deed.text)) else {
            return Ok(());
        };
        let deed = Deed::clone(deed);
        let waits = |world: &mut Self| -> Run<bool> {
            let screen = world.phone(number)?.screen_at_rest()?;
            Ok(screen.open.iter().any(|row| row.event == Some(deed.key)))
        };
        let waited = waits(self)?;
        let mut given_up = self
            .act(number, |app| app.discard_event(&deed.key))?
            .is_some();
        if self.phone(number)?.had_trouble() {
            given_up |= waited && !waits(self)?;
            if waited && !given_up {
                let perhaps = (number, deed.text.clone());
                self.line.wire().tap.perhaps_given_up.insert(perhaps);
            }
        }
        if given_up {
            let mut wire = self.line.wire();
            let name = wire.name(&deed.text);
            wire.tap.refused.insert(deed.text.clone());
            wire.tap.given_up.insert((number, deed.text.clone()));
            wire.tell(format!("phone {number}: {name} is given up"));
        }
        Ok(())
    }
}
