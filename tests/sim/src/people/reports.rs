//! What becomes of a report after it was written: taken back, put away, sent again, sent as another.

use std::collections::BTreeSet;

use lapor_core::client::Withdrawal;
use lapor_core::engine::report::{Phase, ReportKey};

use crate::dice::{Dice, name_of};
use crate::ledger::Case;
use crate::story::{Run, Violation};
use crate::world::World;

impl World {
    pub(super) fn takes_back(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let keys = self.rows(number, |row| row.phase != Phase::Draft)?;
        let Some(key) = dice.choose(&keys, name_of).copied() else {
            return Ok(());
        };
        let before = self.phase(number, &key)?;
        let mut how = self.act(number, |app| app.withdraw(&key))?;
        if how.is_none() && self.phone(number)?.had_trouble() {
            let after = self.phase(number, &key)?;
            how = match after {
                _ if before == after => None,
                Some(Phase::Withdrawn) => Some(Withdrawal::Done),
                Some(Phase::Withdrawing) => Some(Withdrawal::Asked),
                _ => None,
            };
        }
        if let Some(how) = how {
            let was_sent = {
                let mut wire = self.line.wire();
                wire.tap.taken_back.insert((number, key.to_string()));
                wire.tap.was_confirmed(&key.to_string())
            };
            if let Some(case) = self.ledger.case(&key) {
                case.asked_back = true;
                if how == Withdrawal::Done {
                    case.never_left.insert(number);
                }
                let line = format!("phone {number}: {} is taken back: {how:?}", case.name);
                self.tell(line);
            }
            let copied = self
                .ledger
                .case(&key)
                .is_some_and(|case| !case.copies.is_empty());
            if how == Withdrawal::Done && was_sent && !copied {
                return Err(Violation(
                    "a report that the gateway has was taken back without asking it".to_owned(),
                ));
            }
        }
        Ok(())
    }

    pub(super) fn puts_away(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        // A refused report may still sit in a proxy; to put that away is its writer's risk.
        let keys = self.rows(number, |row| {
            matches!(row.phase, Phase::Draft | Phase::Discarded)
        })?;
        let Some(key) = dice.choose(&keys, name_of).copied() else {
            return Ok(());
        };
        match dice.below(100) {
            0..=41 => self.act(number, |app| app.discard(&key)).map(|_| ()),
            42..=83 => self.act(number, |app| app.restore(&key)).map(|_| ()),
            _ => self.erases(number, &key),
        }
    }

    /// For good: told to be gone it is gone, and a phone that died in it has all of it or nothing.
    fn erases(&mut self, number: usize, key: &ReportKey) -> Run<()> {
        let erased = self.act(number, |app| app.erase_draft(key))?;
        let is_there = self.phase(number, key)?.is_some();
        if erased.is_some() && is_there {
            return Err(Violation(
                "a draft was erased and is still there".to_owned(),
            ));
        }
        let troubled = self.phone(number)?.had_trouble();
        if let Some(case) = self.ledger.case(key)
            && !is_there
        {
            case.gone.insert(number);
            let line = format!("phone {number}: {} is erased", case.name);
            self.tell(line);
        } else if !troubled && is_there {
            return Err(Violation("a draft cannot be erased".to_owned()));
        }
        Ok(())
    }

    /// What its person sees of a report.
    fn phase(&mut self, number: usize, key: &ReportKey) -> Run<Option<Phase>> {
        let screen = self.phone(number)?.screen_at_rest()?;
        let put_away = self.phone(number)?.put_away()?;
        let mut rows = screen.rows.iter().chain(&put_away);
        Ok(rows.find(|row| row.key == *key).map(|row| row.phase))
    }

    pub(super) fn sends_again(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let keys = self.rows(number, |row| row.phase != Phase::Draft)?;
        match dice.choose(&keys, name_of).copied() {
            Some(key) => self.act(number, |app| app.resend(&key)).map(|_| ()),
            None => Ok(()),
        }
    }

    pub(super) fn decides(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let keys = self.rows(number, |row| {
            matches!(row.phase, Phase::KeyTaken | Phase::Withdrawn) && row.own
        })?;
        match dice.choose(&keys, name_of).copied() {
            Some(key) => self.as_another(number, &key).map(|_| ()),
            None => Ok(()),
        }
    }

    pub(crate) fn as_another(&mut self, number: usize, key: &ReportKey) -> Run<Option<ReportKey>> {
        let owner = self.user(number)?;
        let known: BTreeSet<ReportKey> = self.ledger.cases.iter().map(|case| case.key).collect();
        let mut another = self.act(number, |app| app.send_as_another(key))?;
        if another.is_none() && self.phone(number)?.had_trouble() {
            // Looked at since, and found there.
            let found = |case: &&Case| !known.contains(&case.key);
            another = self.ledger.cases.iter().find(found).map(|case| case.key);
        }
        let Some(another) = another else {
            return Ok(None);
        };
        let name = match self.ledger.case(&another) {
            Some(case) => case.name.clone(),
            None => self.ledger.begin(another, number, owner),
        };
        // A copy of this phone may have written the same report anew.
        let mark = self.line.wire().tap.text_on(number, &key.to_string());
        if let Some(case) = self.ledger.case(key) {
            case.superseded = true;
            let line = format!("phone {number}: {} goes as {name}", case.name);
            self.tell(line);
        }
        if let Some(case) = self.ledger.case(&another) {
            case.mark.clone_from(&mark);
        }
        let mut wire = self.line.wire();
        wire.tap.writes(number, &another.to_string(), mark);
        wire.names.insert(another.to_string(), name);
        drop(wire);
        Ok(Some(another))
    }
}
