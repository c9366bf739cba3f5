//! The same seed is the same schedule, to the last event: twice in one process, in a new one, and
//! with any number of workers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeSet;
use std::process::Command;

use lapor_sim::{Gateways, Plan, run, run_plan, run_with};

#[test]
fn the_same_seed_gives_the_same_trace_twice() {
    for seed in 0..3 {
        let (one, two) = (run(seed, 60), run(seed, 60));
        assert_eq!(one.story, two.story, "seed {seed}");
        assert_eq!(one.trace, two.trace, "seed {seed}");
        assert_ne!(one.trace, run(seed + 100, 60).trace);
    }
}

#[test]
fn what_a_gateway_served_before_leaves_nothing() {
    let gateways = &mut Gateways::default();
    for seed in (0..4).chain(0..4) {
        let after_others = run_with(gateways, &Plan::new(seed, 80));
        assert_eq!(after_others.story, run(seed, 80).story, "seed {seed}");
    }
}

/// The last line but for its speed.
fn said(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_lapor-sim"))
        .args(args)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let last = text.lines().last().unwrap();
    let (line, _speed) = last.rsplit_once(", traces ").unwrap();
    let traces = last.split(", traces ").nth(1).unwrap().split(',').next();
    format!("{line} {}", traces.unwrap())
}

#[test]
fn a_new_process_and_another_number_of_workers_change_nothing() {
    let set = |workers| {
        said(&[
            "--base",
            "40",
            "--seeds",
            "4",
            "--steps",
            "60",
            "--workers",
            workers,
        ])
    };
    let (one, again, two) = (set("1"), set("1"), set("2"));
    assert_eq!(one, again);
    assert_eq!(one, two);
    let here: u64 = (40..44).fold(0, |sum, seed| run(seed, 60).trace.wrapping_add(sum));
    assert!(one.ends_with(&format!("{here:016x}")), "{one}");
}

/// What a round does depends on its number: one that is left out shifts nothing in another.
#[test]
fn a_round_left_out_shifts_nothing_in_another() {
    let whole = run(7, 120);
    let without = |round| {
        run_plan(&Plan {
            skip: BTreeSet::from([round]),
            rounds: Some(whole.rounds),
            ..Plan::new(7, 120)
        })
    };
    // Turns of the weather need nothing that came before.
    let weather = |story: &[String]| -> Vec<String> {
        let turns = story.iter().filter(|line| line.contains("the line is"));
        turns.cloned().collect()
    };
    let all = weather(&whole.story);
    assert!(all.len() > 3, "{all:?}");
    let mut fewer = 0;
    for round in 1..=whole.rounds.min(20) {
        let left = weather(&without(round).story);
        let mut rest = all.iter();
        assert!(
            left.iter().all(|turn| rest.any(|one| one == turn)),
            "{round}"
        );
        assert!(left.len() + 1 >= all.len(), "{round}: {left:?}");
        fewer += all.len() - left.len();
    }
    assert!(fewer < all.len());
}
