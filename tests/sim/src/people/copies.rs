//! What happens to a phone as a whole: its folder is copied to another one, its app is updated or
//! opened twice, its person wants everything gone.

use crate::dice::Dice;
use crate::story::{Run, Violation, needed};
use crate::wire::Air;
use crate::world::World;

/// No more phones than this in one world.
const PHONES: usize = 5;

impl World {
    /// The folder is copied to a new phone, with its key or without; both go on.
    pub(crate) fn copies(&mut self, number: usize, with_key: bool) -> Run<()> {
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
        let phone = self.phone(number)?.copy(to, with_key);
        self.phones.push(phone);
        let mut wire = self.line.wire();
        let mut air = Air::new();
        if let Some(its) = wire.airs.get(number) {
            air.skew = its.skew;
            // What waits there waits for the reason that it had.
            air.was_captive = its.was_captive;
            air.met_a_later_contract = its.met_a_later_contract;
        }
        wire.airs.push(air);
        wire.tap.copy(number, to);
        wire.sessions.copy(number, to);
        wire.tell(format!(
            "phone {number}: its folder {}is copied to phone {to}",
            if with_key { "with its key " } else { "" }
        ));
        drop(wire);
        self.ledger.copy(number, to);
        Ok(())
    }

    /// The app is updated from one whose store was of an older version.
    pub(crate) fn updates_the_app(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        // An app that was never opened has no store.
        self.app(number)?;
        let version = 1 + dice.below(2) as u32;
        if self.phone(number)?.is_updated(version)? {
            self.tell(format!(
                "phone {number}: the app is updated, and its store is of version {version}"
            ));
            self.line.wire().event();
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

    /// Everything of the person leaves the phone, also what was not sent.
    pub(crate) fn wants_to_be_forgotten(&mut self, number: usize) -> Run<()> {
        let app = self.app(number)?;
        let user = self.user(number)?;
        needed(app.forget_me(), "nobody can be forgotten")?;
        let mut wire = self.line.wire();
        for case in &mut self.ledger.cases {
            if case.is_on(number) && case.owner == user {
                case.gone.insert(number);
                // What the feed tells of it later is a report like any other.
                wire.tap.taken_back.remove(&(number, case.text.clone()));
            }
        }
        wire.tap.erased(number, &user);
        wire.tell(format!("phone {number}: its person is forgotten"));
        drop(wire);
        if self.user(number)? == user && !user.is_empty() {
            return Err(Violation(
                "a person was forgotten and is signed in".to_owned(),
            ));
        }
        Ok(())
    }
}
