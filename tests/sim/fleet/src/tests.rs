#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::gateway::{Fate, Gateway, Hint, Trouble};

fn scenario(name: &str, phones: u32) -> Scenario {
    let all = Scenario::all(phones);
    all.into_iter().find(|one| one.name == name).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_requests_and_another_seed_others() {
    let outage = scenario("outage", 300);
    let run = |seed| World::new(&outage, Policy::Engine, seed).run().requests;
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn every_report_arrives_once_and_none_before_the_gateway_is_back() {
    for name in ["outage", "outage-refused", "regional"] {
        for policy in Policy::ALL {
            let scenario = scenario(name, 300);
            let seen = World::new(&scenario, policy, 3).run();
            assert_eq!(seen.arrived.len(), 300, "{name} {policy:?}");
            assert!(seen.arrived[0] >= scenario.heal, "{name} {policy:?}");
        }
    }
}

#[test]
fn a_gateway_answers_as_many_as_it_can_and_refuses_what_would_wait_too_long() {
    let mut gateway = Gateway::new(10.0, Hint::Always(5));
    let fates: Vec<Fate> = (0..100)
        .map(|_| gateway.asked(1_000, Trouble::None))
        .collect();
    let answered = fates
        .iter()
        .filter(|fate| matches!(fate, Fate::Answered { .. }))
        .count();
    // Two seconds of line, and the one that is just being answered.
    assert_eq!(answered, 21, "{fates:?}");
    assert_eq!(fates[0], Fate::Answered { at: 1_100 });
    assert_eq!(
        fates[99],
        Fate::Busy {
            retry_after: Some(5),
            marked: true
        }
    );
    assert_eq!(gateway.asked(1_000, Trouble::Dead), Fate::Refused);
}

#[test]
fn a_hint_that_follows_the_load_is_the_time_to_work_off_a_minute_of_refusals() {
    let mut gateway = Gateway::new(10.0, Hint::FollowsLoad);
    let mut last = |now, count: u32| {
        let fates = (0..count).map(|_| gateway.asked(now, Trouble::None));
        fates.last().unwrap()
    };
    let busy = |seconds| Fate::Busy {
        retry_after: Some(seconds),
        marked: true,
    };
    assert_eq!(last(1_000, 30), busy(5), "nine refusals");
    assert_eq!(last(2_000, 500), busy(50));
    assert_eq!(
        last(3_000, 90_000),
        busy(300),
        "never more than five minutes"
    );
    assert_eq!(
        last(600_000_000, 30),
        busy(5),
        "it is forgotten after a minute"
    );
}

#[test]
fn a_fleet_that_knocks_in_one_instant_does_not_keep_the_limits() {
    let regional = scenario("regional", 2_000);
    let seen = World::new(&regional, Policy::Fixed, 1).run();
    assert!(
        !Figures::of(&regional, &seen).are_kept(),
        "the figures see nothing"
    );
}

#[test]
fn a_plot_shows_three_lines_and_the_capacity() {
    let outage = scenario("outage", 100);
    let lines = Policy::ALL.map(|policy| (policy, World::new(&outage, policy, 1).run().requests));
    let svg = plot::svg(&outage, &lines);
    assert_eq!(svg.matches("<polyline").count(), 3);
    assert!(svg.contains("capacity") && svg.ends_with("</svg>\n"));
}
