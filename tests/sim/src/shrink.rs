//! The same violation with as little as possible around it.
//!
//! Leaves out whole rounds, then single faults, in ever smaller pieces, and keeps what still
//! breaks the same promise. A round's dice depend on its number only, so that what stays is what
//! it was.

use std::collections::BTreeSet;

use crate::story::{Plan, Schedule};

#[cfg(test)]
mod tests;

/// Shrinks a schedule that `run` saw fail, as long as `may_go_on`. Gives the smallest found.
pub fn shrink(
    failed: &Schedule,
    plan: &Plan,
    may_go_on: &mut dyn FnMut() -> bool,
    run: &mut dyn FnMut(&Plan) -> Schedule,
) -> (Plan, Schedule) {
    let mut best = (
        Plan {
            rounds: Some(failed.rounds),
            ..plan.clone()
        },
        failed.clone(),
    );
    let Some(kind) = failed.violation.as_ref().map(|found| found.kind()) else {
        return best;
    };
    let mut size = measure(&best);
    loop {
        rounds(&mut best, &kind, may_go_on, run);
        faults(&mut best, &kind, may_go_on, run);
        let now = measure(&best);
        if now >= size || !may_go_on() {
            return best;
        }
        size = now;
    }
}

fn measure((plan, schedule): &(Plan, Schedule)) -> (usize, usize) {
    (kept(plan).len(), schedule.faults.len())
}

fn kept(plan: &Plan) -> Vec<u64> {
    (1..=plan.rounds.unwrap_or(0))
        .filter(|round| !plan.skip.contains(round))
        .collect()
}

type Runner<'a> = &'a mut dyn FnMut(&Plan) -> Schedule;

fn rounds(
    best: &mut (Plan, Schedule),
    kind: &str,
    may_go_on: &mut dyn FnMut() -> bool,
    run: Runner<'_>,
) {
    let (all, base) = (kept(&best.0), best.0.clone());
    let last = base.rounds.unwrap_or(0);
    leave_out(all, may_go_on, &mut |kept| {
        let kept: BTreeSet<u64> = kept.iter().copied().collect();
        let plan = Plan {
            rounds: Some(kept.last().copied().unwrap_or(0)),
            skip: (1..=last).filter(|round| !kept.contains(round)).collect(),
            ..base.clone()
        };
        attempt(best, plan, kind, run)
    });
}

fn faults(
    best: &mut (Plan, Schedule),
    kind: &str,
    may_go_on: &mut dyn FnMut() -> bool,
    run: Runner<'_>,
) {
    let (all, base) = (best.1.faults.clone(), best.0.clone());
    leave_out(all.clone(), may_go_on, &mut |kept| {
        let mut plan = base.clone();
        plan.spare
            .extend(all.iter().filter(|fault| !kept.contains(fault)));
        attempt(best, plan, kind, run)
    });
}

fn attempt(best: &mut (Plan, Schedule), mut plan: Plan, kind: &str, run: Runner<'_>) -> bool {
    let last = plan.rounds.unwrap_or(0);
    plan.skip.retain(|round| *round <= last);
    let schedule = run(&plan);
    let same = schedule
        .violation
        .as_ref()
        .is_some_and(|found| found.kind() == kind);
    if same {
        *best = (plan, schedule);
    }
    same
}

/// Leaves out halves, quarters, ... single ones, for as long as `still_fails` with the rest.
fn leave_out<T: Copy>(
    mut kept: Vec<T>,
    may_go_on: &mut dyn FnMut() -> bool,
    still_fails: &mut dyn FnMut(&[T]) -> bool,
) {
    let mut size = kept.len().div_ceil(2).max(1);
    loop {
        let (mut at, mut found) = (0, false);
        while at < kept.len() {
            if !may_go_on() {
                return;
            }
            let rest: Vec<T> = kept
                .iter()
                .enumerate()
                .filter(|(index, _)| !(at..at + size).contains(index))
                .map(|(_, one)| *one)
                .collect();
            if still_fails(&rest) {
                kept = rest;
                found = true;
            } else {
                at += size;
            }
        }
        if size > 1 {
            size = size.div_ceil(2);
        } else if !found {
            return;
        }
    }
}
