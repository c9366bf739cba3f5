#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use std::collections::BTreeSet;

use super::shrink;
use crate::story::{Chance, Plan, Schedule, Violation};
use crate::wire::Figures;

const FAULT: Chance = Chance { round: 31, nth: 2 };

/// A world that breaks when rounds 7 and 31 both happen, and in 31 its second fault.
fn fragile(plan: &Plan) -> Schedule {
    let lived = |round: u64| plan.rounds.unwrap_or(200) >= round && !plan.skip.contains(&round);
    let faults: Vec<Chance> = (1..=200)
        .filter(|round| lived(*round))
        .map(|round| Chance { round, nth: 2 })
        .filter(|fault| !plan.spare.contains(fault))
        .collect();
    let broken = lived(7) && faults.contains(&FAULT);
    Schedule {
        seed: plan.seed,
        trace: 0,
        figures: Figures::default(),
        violation: broken.then(|| Violation(format!("lost {} reports", faults.len()))),
        story: Vec::new(),
        rounds: if broken { 150 } else { 200 },
        faults,
    }
}

#[test]
fn what_matters_stays_and_nothing_else() {
    let plan = Plan::new(1, 200);
    let (small, schedule) = shrink(&fragile(&plan), &plan, &mut || true, &mut fragile);
    assert_eq!(small.rounds, Some(31));
    let left: Vec<u64> = (1..=31).filter(|at| !small.skip.contains(at)).collect();
    assert_eq!(left, [7, 31]);
    assert_eq!(schedule.faults, [FAULT]);
    assert!(schedule.violation.is_some());
}

#[test]
fn another_violation_is_another_matter() {
    let mut either = |plan: &Plan| {
        let mut schedule = fragile(plan);
        if schedule.violation.is_none() {
            schedule.violation = Some(Violation("the phone fails".to_owned()));
        }
        schedule
    };
    let plan = Plan::new(1, 200);
    let (small, schedule) = shrink(&fragile(&plan), &plan, &mut || true, &mut either);
    let kept: BTreeSet<u64> = (1..=31).filter(|at| !small.skip.contains(at)).collect();
    assert_eq!(kept, BTreeSet::from([7, 31]));
    assert_eq!(schedule.violation.unwrap().kind(), "lost # reports");
}

#[test]
fn shrinking_ends_when_its_time_is_over() {
    let (mut left, mut runs) = (10, 0);
    let plan = Plan::new(1, 200);
    let mut counted = |plan: &Plan| {
        runs += 1;
        fragile(plan)
    };
    let mut may_go_on = || {
        left -= 1;
        left > 0
    };
    let (_, schedule) = shrink(&fragile(&plan), &plan, &mut may_go_on, &mut counted);
    assert!(schedule.violation.is_some());
    assert!(runs < 10);
}
