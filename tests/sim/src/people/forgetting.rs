//! A person wants everything gone, while the disk fails or the phone dies, and beside somebody else who
//! shares the phone and whose reports go on.

use lapor_core::client::{Client, ClientError};
use lapor_core::engine::report::ReportKey;

use super::OFFICER;
use crate::dice::Dice;
use crate::story::{Run, Violation, needed};
use crate::wire::Rare;
use crate::world::World;

/// Whoever is told that it failed tries again so often at once.
pub(super) const TRIES: u32 = 3;

impl World {
    /// Everything of the person leaves the phone, also what was not sent: all of it, or nothing where
    /// that failed.
    pub(crate) fn wants_to_be_forgotten(&mut self, number: usize) -> Run<()> {
        let user = self.user(number)?;
        let waits_beside = self.somebody_else_waits(number, &user);
        for _ in 0..TRIES {
            let mine = self.shown_of(number, &user)?;
            let life = self.phone(number)?.disk().life();
            let ended = self.phone(number)?.call_at_risk(Client::forget_me_here)?;
            let told = self.settled(number, ended)?;
            let had_trouble = self.phone(number)?.had_trouble();
            let died = self.phone(number)?.disk().life() != life;
            if had_trouble {
                self.line.wire().figures.is_seen(Rare::ForgottenInTrouble);
            }
            let (told, session) = match told {
                Some((_, session)) => (true, session),
                None => (false, None),
            };
            // The service hears of it afterwards, from a phone that is on.
            if let (Some(session), false) = (session, died) {
                self.phone(number)?.call(|app| app.revoke(session))?;
            }
            let left = self.shown_of(number, &user)?;
            let is_done = match user.is_empty() {
                true => left.is_empty() && (told || !mine.is_empty()),
                false => self.user(number)? != user,
            };
            let wrong = if told && (!is_done || !left.is_empty()) {
                Some("a person was forgotten, and is still there")
            } else if !is_done && left != mine {
                Some("a person was forgotten in part")
            } else if !told && is_done && !died {
                Some("to forget a person has failed, and it is done")
            } else if !told && !had_trouble {
                Some("nobody can be forgotten")
            } else {
                None
            };
            if let Some(wrong) = wrong {
                return Err(Violation(wrong.to_owned()));
            }
            if is_done {
                if waits_beside {
                    self.line
                        .wire()
                        .figures
                        .is_seen(Rare::ForgottenBesideAnother);
                }
                self.is_forgotten(number, &user);
                return Ok(());
            }
            self.tell(format!("phone {number}: nobody is forgotten"));
        }
        Ok(())
    }

    /// Two people share the phone, each writes, and the second wants to be forgotten: what the first one
    /// wrote goes on.
    pub(super) fn one_of_two_is_forgotten(&mut self, number: usize, dice: &mut Dice) -> Run<()> {
        let people = self.phone(number)?.people.clone();
        if people.len() < 2 || people.contains(&OFFICER) {
            return self.sync(number, dice);
        }
        for user in people {
            if self.user(number)? != user && !self.signs_in(number, user, false)? {
                return Ok(());
            }
            self.line.wire().event();
            self.writes(number, dice)?;
        }
        self.line.wire().event();
        self.wants_to_be_forgotten(number)
    }

    /// Reports of whoever is signed in that are on the screen, or put away.
    fn shown_of(&mut self, number: usize, user: &str) -> Run<Vec<ReportKey>> {
        let app = self.app(number)?;
        let mut shown = Vec::new();
        for case in &self.ledger.cases {
            if case.is_on(number) && !case.is_gone(number) && case.owner == user {
                match app.show(&case.key) {
                    Ok(found) if found.row.own => shown.push(case.key),
                    Ok(_) | Err(ClientError::NotFound) => {}
                    Err(other) => return needed(Err(other), "show"),
                }
            }
        }
        Ok(shown)
    }

    /// Does an accepted report of another person wait here that the gateway has never heard of?
    fn somebody_else_waits(&self, number: usize, user: &str) -> bool {
        let wire = self.line.wire();
        self.ledger.cases.iter().any(|case| {
            let other = case.owner != user && !case.owner.is_empty();
            other
                && case.is_due_on(number)
                && !case.asked_back
                && !wire.tap.was_confirmed(&case.text)
        })
    }

    fn is_forgotten(&mut self, number: usize, user: &str) {
        let mut wire = self.line.wire();
        for case in &mut self.ledger.cases {
            if case.is_on(number) && case.owner == user {
                case.gone.insert(number);
                case.forgotten.insert(number);
                case.erased_alone.remove(&number);
                // What the feed tells of it later is a report like any other.
                wire.tap.taken_back.remove(&(number, case.text.clone()));
            }
        }
        wire.tap.erased(number, user);
        for deed in &mut self.ledger.deeds {
            deed.gone |= deed.phone == number && deed.user == user;
        }
        wire.tell(format!("phone {number}: its person is forgotten"));
    }
}
