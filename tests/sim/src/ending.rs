//! All heals: the line, the clocks, the gateway. Everybody signs in in turn, everything has to
//! arrive within a bounded time, and then the books are compared.

use std::collections::BTreeMap;

use lapor_core::client::{SyncLimits, Until};
use lapor_core::engine::report::{Edit, Phase};
use lapor_core::engine::sync::{Network, Operation, OperationState, Reason, Surroundings};
use lapor_core::store::Filter;
use lapor_sandbox_rules::{Gateway, ReportRow, Settings};

use crate::desk::INSTITUTION;
use crate::ledger::Case;
use crate::people::OFFICER;
use crate::story::{Run, Violation, needed};
use crate::world::World;

/// True time that one person's outbox may take once all is well: a few of the longest pauses.
const LONGEST_DRAIN: i64 = 6 * 3_600_000;

const DAY: i64 = 86_400_000;

impl World {
    pub(crate) fn end(&mut self) -> Run<()> {
        self.heal()?;
        // Once to send, once more for what others had to send first.
        for round in 1..=2 {
            self.tell(format!("all is well again, round {round}"));
            for number in 0..self.phones.len() {
                for user in self.people_of(number) {
                    self.comes_back(number, user)?;
                    self.drains(number)?;
                    self.phone_is_true(number)?;
                }
            }
        }
        self.gateway_is_true()?;
        for number in 0..self.phones.len() {
            for user in self.people_of(number) {
                self.comes_back(number, user)?;
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

    fn comes_back(&mut self, number: usize, user: &str) -> Run<()> {
        if self.user(number)? != user {
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

    fn drains(&mut self, number: usize) -> Run<()> {
        let start = self.line.wire().now;
        let mut pull = true;
        // What a lying line had refused is tried daily; its writer does not wait that long.
        let app = self.app(number)?;
        for row in needed(app.list(Filter::All, 1_000, None), "list")? {
            if matches!(row.phase, Phase::Queued | Phase::Sent | Phase::Withdrawing) {
                needed(app.resend(&row.key), "resend")?;
            }
        }
        drop(app);
        loop {
            self.decides_all(number)?;
            let limits = SyncLimits {
                pull,
                ..SyncLimits::until(Until::NothingDue)
            };
            pull = false;
            let report = self.sync_with(number, limits)?;
            let app = self.app(number)?;
            let open = needed(app.outbox(None), "outbox")?;
            // A refusal is tried daily, for ever: the phone says so, and nothing else waits.
            let waits: Vec<_> = open
                .iter()
                .filter(|(row, _)| {
                    row.state != OperationState::Paused
                        || !matches!(row.reason, Some(Reason::Refused { .. }))
                })
                .collect();
            let took = self.line.wire().now - start;
            if waits.is_empty() {
                let mut wire = self.line.wire();
                let longest = &mut wire.figures.longest_drain;
                *longest = (*longest).max(took.unsigned_abs());
                return Ok(());
            }
            if took > LONGEST_DRAIN {
                let told: Vec<String> = waits
                    .iter()
                    .map(|(row, _)| {
                        let why = row.reason.as_ref().map_or("none", Reason::code);
                        let name = self.line.wire().name(&row.report.to_string());
                        format!("{} of {name} ({why})", row.kind.as_str())
                    })
                    .collect();
                return Err(Violation(format!(
                    "after hours of good weather there still waits: {}",
                    told.join(", ")
                )));
            }
            let wake = report
                .and_then(|report| report.next_wake)
                .map_or(1_000, |wake| wake.in_ms)
                .clamp(1_000, 3_600_000);
            self.line.wire().now += i64::try_from(wake).unwrap_or(3_600_000);
        }
    }

    /// The person's turns: mends what was refused, sends as another what the service knows with
    /// other words.
    fn decides_all(&mut self, number: usize) -> Run<()> {
        let app = self.app(number)?;
        for row in needed(app.list(Filter::All, 1_000, None), "list")? {
            let superseded = self
                .ledger
                .case(&row.key)
                .is_some_and(|case| case.superseded);
            match row.phase {
                Phase::Rejected => {
                    needed(app.edit(&row.key, Edit::Title("T".to_owned())), "edit")?;
                    self.submit(number, &row.key)?;
                }
                Phase::KeyTaken if !superseded => {
                    if let Some(another) = self.as_another(number, &row.key)? {
                        self.submit(number, &another)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Every accepted report is at the gateway, once, whole, and under its writer's account.
    fn books(&mut self, number: usize, user: &str) -> Run<()> {
        let app = self.app(number)?;
        let mut mine = Vec::new();
        for case in &self.ledger.cases {
            if case.phone == number && case.owner == user && case.accepted {
                // The line must not be held here: the phone asks it for the time.
                let shown = needed(app.show(&case.key), "show")?;
                let standing: Vec<String> = shown.operations.iter().map(in_words).collect();
                mine.push((case, shown.row.phase, standing));
            }
        }
        let wire = self.line.wire();
        for (case, phase, standing) in mine {
            compare(case, phase, &wire.gateway, &self.ledger.documents).map_err(
                |Violation(what)| {
                    Violation(format!(
                        "{what} (the phone: {}: {})",
                        phase.as_str(),
                        standing.join(", ")
                    ))
                },
            )?;
        }
        drop(wire);
        for deed in &self.ledger.deeds {
            if deed.phone != number || deed.user != user {
                continue;
            }
            let Ok(shown) = app.show(&deed.report) else {
                continue;
            };
            let done = shown
                .events
                .iter()
                .any(|event| event.key == deed.key && event.state == OperationState::Done);
            let wire = self.line.wire();
            let there = needed(wire.gateway.report(&deed.report.to_string()), "report")?;
            // What an institution does not see any more it cannot answer any more.
            let seen = |row: &ReportRow| {
                deed.user != OFFICER || row.institution.as_deref() == Some(INSTITUTION)
            };
            let alive = there.is_some_and(|row| row.status != "withdrawn" && seen(&row));
            let times = needed(wire.gateway.events_of(&deed.key.to_string()), "events")?;
            if done && alive && times != 1 {
                let name = wire.name(&deed.key.to_string());
                return Err(Violation(format!(
                    "{name} is called done, and the gateway has it {times} times"
                )));
            }
        }
        Ok(())
    }
}

fn in_words(row: &Operation) -> String {
    let why = row.reason.as_ref().map_or("-", Reason::code);
    format!("{} {} {why}", row.kind.as_str(), row.state.as_str())
}

fn compare(
    case: &Case,
    phase: Phase,
    gateway: &Gateway,
    documents: &BTreeMap<String, Vec<u8>>,
) -> Run<()> {
    let broken = |what: &str| Err(Violation(format!("{} {what}", case.name)));
    let key = case.key.to_string();
    let row = needed(gateway.report(&key), "report")?;
    let alive = row.filter(|row| row.status != "withdrawn");
    match phase {
        Phase::Sent => {}
        Phase::Withdrawn if alive.is_some() => {
            return broken("was taken back and is at the service");
        }
        Phase::Withdrawn => return Ok(()),
        Phase::KeyTaken if case.superseded => return Ok(()),
        other => return broken(&format!("is still {} at the end", other.as_str())),
    }
    let Some(row) = alive else {
        if case.asked_back {
            return Ok(());
        }
        return broken("is called sent and the gateway has it not");
    };
    if row.creates != 1 {
        return broken(&format!("was created {} times", row.creates));
    }
    for sha in &case.pictures {
        let there = needed(gateway.attachment(&key, sha), "picture")?;
        if there.as_ref() != documents.get(sha) {
            return broken("has a picture that is not whole at the gateway");
        }
        if !row
            .attachments
            .iter()
            .any(|one| one.sha256 == *sha && one.stored)
        {
            return broken("has a picture that the gateway does not list");
        }
    }
    Ok(())
}
