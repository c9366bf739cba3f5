//! What becomes of a report after it was written: taken back, put away, sent again, sent as another.

use std::collections::BTreeSet;

use lapor_core::client::{Client, ClientError, Withdrawal};
use lapor_core::engine::report::{Phase, ReportKey};
use lapor_core::store::ErasedDraft;

use super::{allowed, forgetting::TRIES};
use crate::dice::{Dice, name_of};
use crate::ledger::Case;
use crate::story::{Run, Violation};
use crate::wire::Rare;
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
        match how {
            Some(how) => self.is_taken_back(number, &key, &how),
            None => Ok(()),
        }
    }

    /// It was told so.
    pub(super) fn is_taken_back(
        &mut self,
        number: usize,
        key: &ReportKey,
        how: &Withdrawal,
    ) -> Run<()> {
        let was_sent = {
            let mut wire = self.line.wire();
            wire.tap.taken_back.insert((number, key.to_string()));
            wire.tap.was_confirmed(&key.to_string())
        };
        if let Some(case) = self.ledger.case(key) {
            case.asked_back = true;
            if *how == Withdrawal::Done {
                case.never_left.insert(number);
            }
            let line = format!("phone {number}: {} is taken back: {how:?}", case.name);
            self.tell(line);
        }
        let copied = self
            .ledger
            .case(key)
            .is_some_and(|case| !case.copies.is_empty());
        if *how == Withdrawal::Done && was_sent && !copied {
            return Err(Violation(
                "a report that the gateway has was taken back without asking it".to_owned(),
            ));
        }
        Ok(())
    }

    pub(super) fn puts_away(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        if dice.percent(25) {
            return self.erases_what_was_sent(number, dice);
        }
        // A refused report may still sit in a proxy: to put that away is its writer's risk.
        let keys = self.rows(number, |row| {
            let phases = [Phase::Draft, Phase::Rejected, Phase::Discarded];
            phases.contains(&row.phase) && row.own
        })?;
        let Some(key) = dice.choose(&keys, name_of).copied() else {
            return Ok(());
        };
        match dice.below(100) {
            0..=41 => {
                let done = self.act(number, |app| app.discard(&key))?.is_some();
                self.is_put_away(number, &key, done.then_some(true))
            }
            42..=83 => self.brings_back(number, &key),
            _ if self.phase(number, &key)? == Some(Phase::Rejected) => Ok(()),
            _ => self
                .erases(number, &key, |app, key| app.erase_draft(key))
                .map(|_| ()),
        }
    }

    /// From this phone alone, and for good: the service has it, or has taken it back.
    fn erases_what_was_sent(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let keys = self.rows(number, |row| {
            let phases = [Phase::Sent, Phase::Withdrawn, Phase::Superseded];
            phases.contains(&row.phase) && row.own
        })?;
        let Some(key) = dice.choose(&keys, name_of).copied() else {
            return Ok(());
        };
        // Where something of it waits, that is said before, and nothing is erased.
        let may = allowed(self.app(number)?.erasing(&key))?.is_some();
        if !may {
            let done = self.act(number, |app| app.erase_report(&key))?.is_some();
            return match done {
                true => Err(Violation("what waits to be sent was erased".to_owned())),
                false => Ok(()),
            };
        }
        if !self.erases(number, &key, |app, key| app.erase_report(key))? {
            return Ok(());
        }
        let mut wire = self.line.wire();
        wire.figures.is_seen(Rare::ErasedAfterItWasSent);
        wire.tap.taken_back.remove(&(number, key.to_string()));
        wire.tap.lost(number, &key.to_string());
        drop(wire);
        if let Some(case) = self.ledger.case(&key) {
            case.erased_alone.insert(number);
        }
        for deed in &mut self.ledger.deeds {
            deed.gone |= deed.phone == number && deed.report == key;
        }
        Ok(())
    }

    pub(crate) fn brings_back(&mut self, number: usize, key: &ReportKey) -> Run<()> {
        let done = self.act(number, |app| app.restore(key))?.is_some();
        self.is_put_away(number, key, done.then_some(false))
    }

    /// The ledger keeps where a report was put away. `told`: whether it is, if that was said.
    fn is_put_away(&mut self, number: usize, key: &ReportKey, told: Option<bool>) -> Run<()> {
        let phase = self.phase(number, key)?;
        let is = phase == Some(Phase::Discarded);
        let Some(case) = self.ledger.case(key) else {
            return Ok(());
        };
        if told.is_some_and(|told| told != is) {
            return Err(Violation(format!(
                "{} was put away or brought back, and is {}",
                case.name,
                phase.map_or("gone", Phase::as_str)
            )));
        }
        let was_refused = case.accepted.contains(&number);
        if told == Some(false) && (phase == Some(Phase::Rejected)) != was_refused {
            return Err(Violation(format!(
                "{} was brought back as another than it was",
                case.name
            )));
        }
        if is {
            case.put_away.insert(number);
        } else {
            case.put_away.remove(&number);
        }
        if let (Some(away), Some(phase)) = (told, phase) {
            let how = if away { "put away" } else { "brought back" };
            let line = format!("phone {number}: {} is {how}: {}", case.name, phase.as_str());
            self.tell(line);
        }
        Ok(())
    }

    /// For good: told to be gone it is gone, and a phone that died in it has all of it or nothing. Whoever is
    /// told that it failed tries again at once.
    fn erases(
        &mut self,
        number: usize,
        key: &ReportKey,
        how: impl Fn(&Client, &ReportKey) -> Result<ErasedDraft, ClientError>,
    ) -> Run<bool> {
        for _ in 0..TRIES {
            let life = self.phone(number)?.disk().life();
            let ended = self.phone(number)?.call_at_risk(|app| how(app, key))?;
            let told = self.settled(number, ended)?.is_some();
            let had_trouble = self.phone(number)?.had_trouble();
            let died = self.phone(number)?.disk().life() != life;
            if had_trouble {
                self.line.wire().figures.is_seen(Rare::ErasedInTrouble);
            }
            let is_there = self.phase(number, key)?.is_some();
            let wrong = match (told, is_there) {
                (true, true) => Some("a report was erased and is still there"),
                (false, true) if !had_trouble => Some("a report cannot be erased"),
                (false, false) if !died => Some("to erase a report has failed, and it is gone"),
                _ => None,
            };
            if let Some(wrong) = wrong {
                return Err(Violation(wrong.to_owned()));
            }
            if !is_there {
                self.is_erased(number, key);
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn is_erased(&mut self, number: usize, key: &ReportKey) {
        if let Some(case) = self.ledger.case(key) {
            case.gone.insert(number);
            case.forgotten.insert(number);
            let line = format!("phone {number}: {} is erased", case.name);
            self.tell(line);
        }
    }

    /// What its person sees of a report.
    pub(super) fn phase(&mut self, number: usize, key: &ReportKey) -> Run<Option<Phase>> {
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
        let screen = self.phone(number)?.screen_at_rest()?;
        let goes_on = screen
            .rows
            .iter()
            .any(|row| row.key == *key && row.superseded_by.is_some());
        let mut another = self.act(number, |app| app.send_as_another(key))?;
        if goes_on && another.is_some() {
            return Err(Violation("a report goes on as two others".to_owned()));
        }
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
