//! What happens to a phone as a whole: its folder is copied to another one, its app is opened twice.

use lapor_core::engine::report::Edit;

use crate::dice::{Dice, name_of};
use crate::story::Run;
use crate::wire::Air;
use crate::world::World;

/// No more phones than this in one world.
const PHONES: usize = 5;

impl World {
    /// The folder is copied to a new phone, with its key or without. Both go on at once; or the copy is a
    /// backup, put back much later beside this one or in its place.
    pub(crate) fn copies(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let with_key = dice.percent(30);
        // Whose a guest's drafts become may differ on the two, and that is nobody's fault.
        let guests = self
            .ledger
            .cases
            .iter()
            .any(|case| case.is_on(number) && case.owner.is_empty());
        let to = self.phones.len();
        if guests || to >= PHONES {
            return Ok(());
        }
        // An app that was never opened has no folder.
        self.app(number)?;
        self.phone(number)?.close();
        let mut phone = self.phone(number)?.copy(to, with_key);
        let back = self.round + 10 + dice.below(60);
        let (is_backup, is_lost) = (dice.percent(50), dice.percent(70));
        if is_backup {
            phone.held.start = back;
        }
        let held = &mut self.phone(number)?.held;
        if is_backup && is_lost && back < held.end {
            held.end = back;
        }
        self.phones.push(phone);
        let mut wire = self.line.wire();
        let mut air = Air::new();
        if let Some(its) = wire.airs.get(number) {
            air.skew = its.skew;
            // What waits there waits for the reason that it had.
            air.was_captive = its.was_captive;
            air.met_a_later_contract = its.met_a_later_contract;
            air.known_has_failed = its.known_has_failed;
            air.was_asked = its.was_asked;
            air.deaths = its.deaths;
        }
        wire.airs.push(air);
        wire.tap.copy(number, to);
        wire.sessions.copy(number, to);
        wire.tell(format!(
            "phone {number}: its folder {}is copied to phone {to}{}",
            if with_key { "with its key " } else { "" },
            if is_backup {
                format!(", which begins with it in round {back}")
            } else {
                String::new()
            }
        ));
        drop(wire);
        self.ledger.copy(number, to);
        if !is_backup && dice.percent(60) {
            self.both_submit(number, to, dice)?;
        }
        Ok(())
    }

    /// Whoever holds the one phone and whoever holds the other send the same draft, each in other words: the
    /// service takes one of the two.
    fn both_submit(&mut self, number: usize, to: usize, dice: &mut Dice) -> Run<()> {
        let drafts = self.rows(number, |row| row.phase.is_editable() && row.own)?;
        let Some(key) = dice.choose(&drafts, name_of).copied() else {
            return Ok(());
        };
        for phone in [number, to] {
            let title = Edit::Title(format!("T of phone {phone}"));
            if self.act(phone, |app| app.edit(&key, title))?.is_some() {
                self.submit(phone, &key)?;
            }
        }
        Ok(())
    }

    /// A second app over the same folder, while the first one stays open.
    pub(crate) fn opens_twice(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let first = self.app(number)?;
        let life = self.phone(number)?.disk().life();
        self.tell(format!("phone {number}: the app is opened twice"));
        self.phone(number)?.close();
        for _ in 0..=dice.below(2) {
            self.line.wire().event();
            match dice.below(4) {
                0 | 1 => self.writes(number, dice).map(|_| ())?,
                2 => self.submits(number, dice)?,
                _ => self.sync(number, dice)?,
            }
        }
        self.phone_is_true(number)?;
        self.phone(number)?.goes_on_as(first, life);
        Ok(())
    }
}
