//! Replies and the like, once everything had its time: each that was accepted is there, once, but for
//! what its person gave up, what the service refuses, what a later one took the place of, and what
//! its report took with it.

use lapor_core::engine::api::EventKind;
use lapor_core::engine::report::Phase;
use lapor_core::engine::sync::{OperationState, Reason};
use lapor_sandbox_rules::ReportRow;

use crate::desk::INSTITUTION;
use crate::ledger::{Case, Deed};
use crate::people::OFFICER;
use crate::story::{Run, Violation, needed};
use crate::world::World;

/// Where it stands on its phone.
struct Standing {
    state: OperationState,
    reason: Option<Reason>,
    /// Of its report.
    phase: Phase,
}

impl World {
    pub(super) fn deeds(&mut self, number: usize, user: &str) -> Run<()> {
        let app = self.app(number)?;
        let of_it = |deed: &&Deed| deed.phone == number && deed.user == user && !deed.gone;
        for deed in self.ledger.deeds.iter().filter(of_it) {
            let case = self
                .ledger
                .cases
                .iter()
                .find(|case| case.key == deed.report);
            if case.is_some_and(|case| case.is_gone(number)) {
                continue;
            }
            let standing = match app.show(&deed.report) {
                Ok(shown) => shown
                    .events
                    .iter()
                    .find(|event| event.key == deed.key)
                    .map(|event| Standing {
                        state: event.state,
                        reason: event.reason.clone(),
                        phase: shown.row.phase,
                    }),
                Err(_) => None,
            };
            // The line must not be held above: the phone asks it for the time.
            let wire = self.line.wire();
            let name = wire.name(&deed.text);
            let Some(standing) = standing else {
                return Err(Violation(format!("{name} is on its phone no more")));
            };
            let times = needed(wire.gateway.events_of(&deed.text), "events")?;
            let there = needed(wire.gateway.report(&deed.report.to_string()), "report")?;
            if !there.is_some_and(|row| row.status != "withdrawn" && is_seen(deed, &row)) {
                continue;
            }
            let this = (number, deed.text.clone());
            let given_up =
                wire.tap.given_up.contains(&this) || wire.tap.perhaps_given_up.contains(&this);
            drop(wire);
            let excused = match &standing.state {
                OperationState::Done => false,
                // Refused, or behind what is refused: the drain has looked at that.
                OperationState::Waiting | OperationState::Paused | OperationState::InFlight => true,
                OperationState::Ended => given_up || self.may_have_ended(deed, case, &standing),
            };
            if times != 1 && !excused {
                let why = standing.reason.as_ref().map_or("-", Reason::code);
                return Err(Violation(format!(
                    "{name} is {} ({why}), and the gateway has it {times} times",
                    standing.state.as_str()
                )));
            }
        }
        Ok(())
    }

    /// For a reason that its person knows of.
    fn may_have_ended(&self, deed: &Deed, case: Option<&Case>, standing: &Standing) -> bool {
        let is_overtaken = || {
            self.ledger.deeds.iter().any(|other| {
                other.report == deed.report
                    && other.user == deed.user
                    && other.key != deed.key
                    && takes_the_place(deed.kind, other.kind)
            })
        };
        match &standing.reason {
            // Its report is put away, or was sent as another.
            Some(Reason::Withdrawn) if standing.phase == Phase::Discarded => true,
            // That it goes no more is kept apart from why.
            Some(Reason::Withdrawn) => self.ledger.salvaged.contains(&deed.phone) && is_overtaken(),
            Some(Reason::KeyTaken { .. }) => case.is_some_and(|case| case.superseded),
            Some(Reason::Overtaken) => is_overtaken(),
            _ => false,
        }
    }
}

/// What an institution does not see any more it cannot answer any more.
fn is_seen(deed: &Deed, row: &ReportRow) -> bool {
    deed.user != OFFICER || row.institution.as_deref() == Some(INSTITUTION)
}

/// May a later one stand for an earlier one that was refused? Words never have their place taken.
fn takes_the_place(earlier: EventKind, later: EventKind) -> bool {
    match earlier {
        EventKind::Rate | EventKind::Support | EventKind::Forward => later == earlier,
        EventKind::Close => matches!(later, EventKind::Close | EventKind::Reply | EventKind::Rate),
        EventKind::Reply | EventKind::FollowUp => false,
    }
}
