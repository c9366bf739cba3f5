//! Once all is well, everything goes: within a minute of the first moment at which it may.

use std::collections::{BTreeMap, BTreeSet};

use lapor_core::client::{SyncLimits, Until};
use lapor_core::engine::calendar::Instant;
use lapor_core::engine::report::Phase;
use lapor_core::engine::sync::{Operation, OperationKind, Reason};

use crate::dice::{Actor, Dice};
use crate::invariants::longest_wait;
use crate::story::{Run, Violation, needed};
use crate::world::World;

/// After the later of the line's healing, the phone's waking and the earliest allowed try, besides
/// the time that the line itself takes, milliseconds.
pub(super) const SOON: i64 = 60_000;

/// A picture that has to start over waits longer each time. Whoever finds that out only now, while all is
/// well, may wait for it so often.
const STARTS_OVER: usize = 2;

/// Syncs and decisions of one person at most until everything is through.
const TURNS: u32 = 500;

impl World {
    pub(super) fn drains(&mut self, number: usize) -> Run<()> {
        // Half of all people press "send again", the others let the phone do it.
        let hurries = Dice::of(self.seed, Actor::Phone(number), u64::MAX, 0).percent(50);
        if hurries {
            let app = self.app(number)?;
            for row in &self.phone(number)?.screen_at_rest()?.rows {
                if matches!(row.phase, Phase::Queued | Phase::Sent | Phase::Withdrawing) {
                    needed(app.resend(&row.key), "resend")?;
                }
            }
        }
        let (start, line) = self.times();
        let open = self.open(number)?;
        let was_asked = self.was_asked(number);
        let mut allowed = in_time(open.iter(), start, was_asked);
        let mut pull = true;
        let mut restarts: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for turn in 0.. {
            if turn > TURNS {
                let open = self.open(number)?;
                return Err(Violation(format!(
                    "all is well, and after {TURNS} turns there still waits: {}",
                    self.in_words(&open)
                )));
            }
            self.decides_all(number)?;
            let limits = SyncLimits {
                pull,
                ..SyncLimits::until(Until::NothingDue)
            };
            pull = false;
            let report = self.sync_with(number, limits)?;
            if self.decides_all(number)? {
                continue;
            }
            let open = self.open(number)?;
            // A gateway's wish of before, kept in memory beside a full disk, is on the screen from here on.
            // A try by a clock that was ahead is none since then.
            let (now, on_the_line) = self.times();
            let since = start..=now;
            let untried = |row: &&Operation| row.tried_at.is_none_or(|at| !since.contains(&at.0));
            let untried = open.iter().filter(untried);
            allowed = allowed.max(in_time(untried, start, was_asked));
            let passed = now - start - (on_the_line - line);
            let starts_over = open.iter().filter(|row| {
                let of_it = restarts.entry(row.id.0).or_default();
                if let Some(at) = row.tried_at.filter(|at| since.contains(&at.0))
                    && starts_over(row)
                {
                    of_it.insert(at.0);
                    return of_it.len() <= STARTS_OVER;
                }
                false
            });
            allowed = allowed.max(passed + in_time(starts_over, now, was_asked));
            let waits: Vec<_> = open
                .iter()
                .filter(|row| {
                    !is_answered(row, start) && !follows_what_was_answered(row, &open, start)
                })
                .cloned()
                .collect();
            let late = passed - allowed;
            if late > SOON {
                return Err(Violation(format!(
                    "all is well, all might go, and {late} ms later there waited or still waits: {}",
                    self.in_words(&waits)
                )));
            }
            if waits.is_empty() {
                let mut wire = self.line.wire();
                let longest = &mut wire.figures.longest_drain;
                *longest = (*longest).max(u64::try_from(late).unwrap_or(0));
                return Ok(());
            }
            let wake = report
                .and_then(|report| report.next_wake)
                .map_or(1_000, |wake| wake.in_ms)
                .max(1_000);
            self.line.wire().now += i64::try_from(wake).unwrap_or(3_600_000);
        }
        Ok(())
    }

    /// True time, and how much of it was spent on the line.
    pub(super) fn times(&self) -> (i64, i64) {
        let wire = self.line.wire();
        (wire.now, wire.line_time)
    }

    /// Has any answer named a time to this phone?
    pub(super) fn was_asked(&self, number: usize) -> bool {
        let wire = self.line.wire();
        wire.airs.get(number).is_some_and(|air| air.was_asked)
    }

    fn open(&mut self, number: usize) -> Run<Vec<Operation>> {
        Ok(self.phone(number)?.screen()?.open.clone())
    }

    pub(super) fn in_words(&self, rows: &[Operation]) -> String {
        let wire = self.line.wire();
        let told: Vec<String> = rows
            .iter()
            .map(|row| {
                let why = row.reason.as_ref().map_or("none", Reason::code);
                let name = wire.name(&row.report.to_string());
                let wait = row.due.remaining(Instant(wire.now)) / 1_000;
                format!("{} of {name} ({why}, {wait} s)", row.kind.as_str())
            })
            .collect();
        told.join(", ")
    }
}

/// From `start` to the last moment for which one of the rows waits, milliseconds; longer than its
/// reason allows no row waits, whatever it says.
pub(super) fn in_time<'a>(
    rows: impl Iterator<Item = &'a Operation>,
    start: i64,
    was_asked: bool,
) -> i64 {
    let waits = rows.map(|row| {
        let longest = longest_wait(row, was_asked).unwrap_or(0);
        row.due.remaining(Instant(start)).min(longest)
    });
    i64::try_from(waits.max().unwrap_or(0)).unwrap_or(i64::MAX / 2)
}

fn starts_over(row: &Operation) -> bool {
    let reasons = [
        Reason::UploadExpired,
        Reason::UploadDamaged,
        Reason::Unknown,
    ];
    row.kind == OperationKind::UploadAttachment
        && row
            .reason
            .as_ref()
            .is_some_and(|reason| reasons.contains(reason))
}

/// Refused by the gateway although all is well: that is an answer, and it is asked daily for ever.
pub(super) fn is_answered(row: &Operation, since: i64) -> bool {
    // Its writer has sent it as another from a copy of this phone, and leaves this one alone.
    if matches!(row.reason, Some(Reason::KeyTaken { .. })) {
        return true;
    }
    matches!(row.reason, Some(Reason::Refused { .. }))
        && row.tried_at.is_some_and(|at| at.0 >= since)
}

/// Behind an event that the gateway refuses and may take tomorrow, or behind a create that waits
/// for its writer: their order is kept.
pub(super) fn follows_what_was_answered(row: &Operation, open: &[Operation], since: i64) -> bool {
    let is_before = |it: &&Operation| {
        let creates = it.kind == OperationKind::CreateReport && it.report == row.report;
        row.id != it.id && (creates || row.follows == Some(it.id))
    };
    matches!(row.reason, Some(Reason::Follows))
        && open.iter().filter(is_before).any(|before| {
            is_answered(before, since) || follows_what_was_answered(before, open, since)
        })
}
