//! The promises that are looked at after every step.

use lapor_core::engine::report::Phase;
use lapor_core::engine::sync::{Operation, Reason};
use lapor_core::store::{Filter, ReportDetail};

use crate::ledger::Case;
use crate::people::OFFICER;
use crate::story::{Run, Violation, needed};
use crate::world::World;

/// No wait is longer: the daily try, and what the clock may be off by.
const LONGEST_WAIT: u64 = 25 * 3_600_000;

fn broken<T>(what: String) -> Run<T> {
    Err(Violation(what))
}

impl World {
    /// At most one report and one event a key; under nobody else's account; nothing public that
    /// its writer knows as taken back.
    pub(crate) fn gateway_is_true(&mut self) -> Run<()> {
        let mut wire = self.line.wire();
        if let Some(what) = wire.violation.take() {
            return broken(what);
        }
        if !std::mem::take(&mut wire.is_touched) {
            return Ok(());
        }
        let rows = needed(wire.gateway.reports(), "reports")?;
        let published = needed(wire.gateway.published(), "published")?;
        if let Some(row) = rows.iter().find(|row| !wire.names.contains_key(&row.key)) {
            return broken(format!(
                "#{} is there, and nobody wrote it",
                row.tracking_id
            ));
        }
        for case in &self.ledger.cases {
            let key = case.key.to_string();
            let creates = needed(wire.gateway.creates_of(&key), "creates")?;
            if creates > 1 {
                return broken(format!("{} was created {creates} times", case.name));
            }
            let row = rows.iter().find(|row| row.key == key);
            if (creates > 0 || row.is_some()) && (case.never_left || !case.accepted) {
                return broken(format!("{} never left the phone, and is there", case.name));
            }
            if let Some(row) = row.filter(|row| row.account != case.owner) {
                return broken(format!("{} is there under {}", case.name, row.account));
            }
            let since = self.ledger.restores;
            if case.withdrawn_at.is_some_and(|then| then == since)
                && published.iter().any(|row| row.key == key)
            {
                return broken(format!("{} was taken back and is published", case.name));
            }
        }
        for deed in &self.ledger.deeds {
            let times = needed(wire.gateway.events_of(&deed.key.to_string()), "events")?;
            if times > 1 {
                return broken(format!("an event was taken {times} times"));
            }
        }
        Ok(())
    }

    /// What the phone shows to whoever is signed in.
    pub(crate) fn phone_is_true(&mut self, number: usize) -> Run<()> {
        let app = self.app(number)?;
        let user = needed(app.account(), "account")?.user;
        let rows = needed(app.list(Filter::All, 1_000, None), "list")?;
        for row in &rows {
            let stranger = self.ledger.cases.iter().find(|case| {
                case.key == row.key && case.owner != user && (row.own || user != OFFICER)
            });
            let waits = matches!(row.phase, Phase::Queued | Phase::Withdrawing);
            if waits && row.standing.as_ref().is_none_or(|one| one.reason.is_none()) {
                return broken(format!(
                    "a report is {} and nobody knows why",
                    row.phase.as_str()
                ));
            }
            if let Some(case) = stranger {
                return broken(format!("{} is shown to somebody else", case.name));
            }
        }
        let now = app_now(self, number);
        for (operation, _) in needed(app.outbox(None), "outbox")? {
            self.operation_is_true(number, &operation, now)?;
        }
        let restores = self.ledger.restores;
        let confirmed = self.line.wire().confirmed.clone();
        for case in &mut self.ledger.cases {
            if case.phone != number || case.owner != user || !case.accepted {
                continue;
            }
            let Ok(shown) = app.show(&case.key) else {
                return broken(format!("{} was accepted and is gone", case.name));
            };
            case_is_true(case, &shown, restores, &confirmed)?;
        }
        Ok(())
    }

    fn operation_is_true(&mut self, number: usize, row: &Operation, now: i64) -> Run<()> {
        let what = row.kind.as_str();
        let Some(reason) = &row.reason else {
            return broken(format!("{what} waits without a reason"));
        };
        let person = matches!(
            reason,
            Reason::SignIn | Reason::Rejected { .. } | Reason::KeyTaken { .. }
        );
        let wait = row
            .due
            .remaining(lapor_core::engine::calendar::Instant(now));
        if !person && wait > LONGEST_WAIT {
            return broken(format!("{what} waits for {wait} ms ({})", reason.code()));
        }
        let seen = (number, row.id.0);
        if row.maybe_sent {
            self.ledger.perhaps_sent.insert(seen);
        } else if self.ledger.perhaps_sent.contains(&seen) {
            return broken(format!("{what} was perhaps sent, and that was forgotten"));
        }
        Ok(())
    }
}

fn app_now(world: &World, number: usize) -> i64 {
    let wire = world.line.wire();
    wire.now + wire.airs.get(number).map_or(0, |air| air.skew)
}

fn case_is_true(
    case: &mut Case,
    shown: &ReportDetail,
    restores: u64,
    confirmed: &std::collections::BTreeSet<String>,
) -> Run<()> {
    let name = &case.name;
    match shown.row.phase {
        Phase::Discarded => return broken(format!("{name} was accepted and is put away")),
        Phase::Draft => return broken(format!("{name} was accepted and is a draft")),
        Phase::Sent if !confirmed.contains(&case.key.to_string()) => {
            return broken(format!("{name} is called sent, and never was"));
        }
        Phase::Withdrawn | Phase::Withdrawing if !case.asked_back => {
            return broken(format!("{name} is taken back, and nobody asked"));
        }
        _ => {}
    }
    case.withdrawn_at = match (shown.row.phase, case.withdrawn_at) {
        (Phase::Withdrawn, None) => Some(restores),
        (Phase::Withdrawn, then) => then,
        _ => None,
    };
    let now = shown.row.tracking_id.as_ref().map(|id| id.0.clone());
    if let Some(old) = &case.tracking
        && now.as_ref() != Some(old)
        && !shown.prior_tracking_ids.iter().any(|id| id.0 == *old)
    {
        return broken(format!("{name} lost its tracking id"));
    }
    case.tracking = now;
    Ok(())
}
