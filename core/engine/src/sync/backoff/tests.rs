#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use proptest::prelude::*;

use super::*;
use crate::sync::{Network, story::morning};

const HOUR: u64 = 60 * MINUTE;

const SEED: &[u8] = b"one phone";

/// The delays of one trouble after the other, milliseconds.
fn delays(what: &OriginTrouble, tries: usize) -> Vec<u64> {
    let mut origin = Origin::free();
    (0..tries)
        .map(|_| {
            origin = origin.after(what.clone(), None, morning(), SEED);
            origin.trouble.as_ref().unwrap().due.delay
        })
        .collect()
}

#[test]
fn nobody_reached_is_probed_closely_for_an_hour_and_then_every_fifteen_minutes() {
    for what in [
        OriginTrouble::Offline,
        OriginTrouble::ClockWrong,
        OriginTrouble::Untrusted,
        OriginTrouble::NotLapor { status: 200 },
    ] {
        let seconds: Vec<u64> = delays(&what, 18)
            .iter()
            .map(|delay| delay / SECOND)
            .collect();
        assert_eq!(seconds[..6], [30, 60, 120, 240, 300, 300], "{what:?}");
        assert_eq!(seconds[14..], [300, 900, 900, 900], "{what:?}");
        let close: u64 = seconds[..15].iter().sum();
        assert!((3_000..4_200).contains(&close), "about an hour: {close} s");
    }
}

#[test]
fn a_busy_gateway_is_left_alone_up_to_five_minutes_and_a_cut_line_up_to_one() {
    for (what, cap) in [
        (OriginTrouble::Busy { status: 503 }, BUSY_MAX),
        (OriginTrouble::Cut, CUT_MAX),
    ] {
        let all = delays(&what, 60);
        assert!(
            all.iter().all(|delay| (SECOND..=cap).contains(delay)),
            "{what:?}: {all:?}"
        );
        assert!(
            all[20..].iter().any(|delay| *delay > cap / 2),
            "the cap is used"
        );
        assert!(
            all[20..].iter().any(|delay| *delay < cap / 2),
            "full jitter, not a fixed pace"
        );
    }
    assert_eq!((BUSY_MAX, CUT_MAX), (5 * MINUTE, MINUTE));
}

/// A single such answer may be a gateway's that is just being renewed.
#[test]
fn a_gateway_that_speaks_another_contract_is_asked_after_a_minute_and_in_the_end_daily() {
    let delays = delays(&OriginTrouble::Incompatible, 14);
    assert_eq!(delays[..3], [MINUTE, 2 * MINUTE, 4 * MINUTE]);
    assert_eq!(delays[12..], [DAY, DAY]);
}

#[test]
fn what_the_gateway_asked_for_is_never_cut_short() {
    for asked in [SECOND, 30 * SECOND, MINUTE, 60 * MINUTE] {
        let mut latest = 0;
        for tries in 0..20 {
            let seed = [tries];
            let origin = Origin::free().after(
                OriginTrouble::Busy { status: 429 },
                Some(asked),
                morning(),
                &seed,
            );
            let delay = origin.trouble.unwrap().due.delay;
            assert!(delay >= asked, "{delay} < {asked}");
            assert!(
                delay < asked + (asked / 10).max(SECOND),
                "{delay} for {asked}"
            );
            latest = delay.max(latest);
        }
        assert!(
            latest > asked + asked / 20,
            "the more was asked for, the wider they spread: {latest} for {asked}"
        );
    }
}

#[test]
fn a_crowd_that_is_always_asked_for_the_same_few_seconds_spreads_over_minutes() {
    const ASKED: u64 = 5 * SECOND;
    let mut latest = [0; 12];
    for phone in 0..60_u8 {
        let mut origin = Origin::free();
        for most in &mut latest {
            origin = origin.after(
                OriginTrouble::Busy { status: 503 },
                Some(ASKED),
                morning(),
                &[phone],
            );
            let delay = origin.trouble.as_ref().unwrap().due.delay;
            assert!((ASKED..ASKED + BUSY_MAX).contains(&delay), "{delay}");
            *most = delay.max(*most);
        }
    }
    assert!(
        latest[0] < ASKED + SECOND,
        "the first time it is taken at its word"
    );
    assert!(
        latest[1] < ASKED + 20 * SECOND,
        "a second time it may be bad luck"
    );
    assert!(latest[3] > ASKED + 3 * MINUTE);
    assert!(latest[11] > ASKED + 4 * MINUTE, "{latest:?}");
}

#[test]
fn another_kind_of_trouble_starts_from_the_beginning_and_the_same_kind_goes_on() {
    let offline = Origin::free().after(OriginTrouble::Offline, None, morning(), SEED);
    let again = offline.after(OriginTrouble::Offline, None, morning(), SEED);
    assert_eq!(again.trouble.as_ref().unwrap().tries, 2);
    let portal = again.after(
        OriginTrouble::NotLapor { status: 200 },
        None,
        morning(),
        SEED,
    );
    assert_eq!(portal.trouble.as_ref().unwrap().tries, 1);
    let other_page = portal.after(
        OriginTrouble::NotLapor { status: 302 },
        None,
        morning(),
        SEED,
    );
    assert_eq!(
        other_page.trouble.unwrap().tries,
        2,
        "another page of the same portal"
    );
}

/// Else a line that is cut between two answers of a busy gateway would get the whole body every second.
#[test]
fn a_busy_gateway_and_a_line_that_is_cut_are_counted_together() {
    let mut origin = Origin::free();
    for (tries, what) in [
        OriginTrouble::Busy { status: 503 },
        OriginTrouble::Cut,
        OriginTrouble::Cut,
        OriginTrouble::Busy { status: 502 },
    ]
    .into_iter()
    .enumerate()
    {
        origin = origin.after(what, None, morning(), SEED);
        assert_eq!(origin.trouble.as_ref().unwrap().tries as usize, tries + 1);
    }
}

#[test]
fn failures_of_whatever_kind_are_counted_until_the_gateway_is_reached() {
    let mut origin = Origin::free();
    for (failed, what) in [
        OriginTrouble::Offline,
        OriginTrouble::NotLapor { status: 403 },
        OriginTrouble::Busy { status: 502 },
        OriginTrouble::NotLapor { status: 403 },
    ]
    .into_iter()
    .enumerate()
    {
        origin = origin.after(what, None, morning(), SEED);
        let trouble = origin.trouble.as_ref().unwrap();
        assert_eq!((trouble.failed as usize, trouble.tries), (failed + 1, 1));
    }
    let older = r#"{"trouble":{"what":{"kind":"cut"},"due":{"set_at":0,"delay":0},"tries":4}}"#;
    let older: Origin = serde_json::from_str(older).unwrap();
    let next = older.after(OriginTrouble::Offline, None, morning(), SEED);
    assert_eq!(next.trouble.unwrap().failed, 5);
}

/// Six failed tries, the first one so many milliseconds ago; nobody was reached since.
fn after_a_silence(what: &OriginTrouble, silence: u64) -> (Origin, Instant) {
    let mut origin = Origin::free();
    for _ in 0..6 {
        origin = origin.after(what.clone(), None, morning(), SEED);
    }
    let now = morning().plus(silence);
    if let Some(trouble) = &mut origin.trouble {
        trouble.due.set_at = now;
    }
    (origin, now)
}

#[test]
fn a_new_network_is_tried_within_a_fifteenth_of_the_silence_before_it_three_to_ninety_seconds() {
    for what in [
        OriginTrouble::Offline,
        OriginTrouble::Untrusted,
        OriginTrouble::NotLapor { status: 200 },
    ] {
        for (silence, within) in [
            (0, 3 * SECOND),
            (45 * SECOND, 3 * SECOND),
            (5 * MINUTE, 20 * SECOND),
            (30 * MINUTE, 90 * SECOND),
            (DAY, 90 * SECOND),
        ] {
            let (origin, now) = after_a_silence(&what, silence);
            let mut spread = std::collections::BTreeSet::new();
            for phone in 0..50_u8 {
                let came = origin.network_came(now, &[phone]);
                let trouble = came.trouble.unwrap();
                assert!(
                    trouble.due.delay < within,
                    "{silence} ms of silence: {}",
                    trouble.due.delay
                );
                assert_eq!(trouble.tries, 6, "a new network is no success yet");
                spread.insert(trouble.due.delay);
            }
            assert!(
                spread.len() > 40,
                "a village does not knock in one instant: {spread:?}"
            );
            let last = spread.last().unwrap();
            assert!(
                *last > within / 2,
                "the whole of it is used: {last} of {within}"
            );
        }
    }
    for what in [
        OriginTrouble::Busy { status: 503 },
        OriginTrouble::Incompatible,
    ] {
        let (busy, now) = after_a_silence(&what, DAY);
        assert_eq!(
            busy.network_came(now, SEED),
            busy,
            "a gateway that asked for peace still has it"
        );
    }
}

#[test]
fn the_silence_begins_when_the_network_goes_or_the_first_try_fails_and_ends_with_an_answer() {
    let later = morning().plus(HOUR);
    let went = Origin::free().network_went(morning());
    assert_eq!(went.silent_since, Some(morning()));
    assert_eq!(went.network_went(later), went, "it went only once");
    let tried = went.after(OriginTrouble::Offline, None, later, SEED);
    assert_eq!(tried.silent_since, Some(morning()));
    let cut = tried.after(OriginTrouble::Cut, None, later, SEED);
    assert_eq!(
        cut.silent_since,
        Some(morning()),
        "a cut says nothing of who was there"
    );
    let only_cut = Origin::free().after(OriginTrouble::Cut, None, later, SEED);
    assert_eq!(only_cut.silent_since, None, "somebody was there");
    let busy = tried.after(OriginTrouble::Busy { status: 503 }, None, later, SEED);
    assert_eq!(busy.silent_since, None, "somebody answered");
    assert_eq!(Origin::reached(Network::Up).silent_since, None);
    let wrong = tried.after(OriginTrouble::ClockWrong, None, later, SEED);
    assert_eq!(
        wrong.silent_since, None,
        "that clock's readings are worth nothing"
    );
    let set_back = Instant(morning().0 - 1);
    let delay = tried
        .network_came(set_back, SEED)
        .trouble
        .unwrap()
        .due
        .delay;
    assert!(
        delay < 3 * SECOND,
        "a clock that was set back makes nobody wait: {delay}"
    );
}

#[test]
fn a_probe_that_is_due_sooner_is_not_put_off_by_a_new_network() {
    let soon = Origin::free().after(OriginTrouble::Offline, None, morning(), SEED);
    let now = morning().plus(30 * SECOND - 1);
    assert!(soon.network_came(now, SEED).trouble.unwrap().due.delay <= 1);
}

#[test]
fn troubles_survive_the_store() {
    for what in [
        OriginTrouble::NotLapor { status: 200 },
        OriginTrouble::Busy { status: 503 },
        OriginTrouble::Cut,
    ] {
        let origin = Origin::free().after(what, Some(5), morning(), SEED);
        let text = serde_json::to_string(&origin).unwrap();
        assert_eq!(serde_json::from_str::<Origin>(&text).unwrap(), origin);
    }
    let older = serde_json::from_str::<Origin>(r#"{"trouble":null}"#).unwrap();
    assert_eq!(older, Origin::free());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn jitter_stays_below_and_is_the_same_for_the_same_phone_and_try(
        seed in proptest::collection::vec(any::<u8>(), 0..40), tries in any::<u32>(), below in any::<u64>(),
    ) {
        let number = jitter(&seed, tries, below);
        prop_assert!(number < below.max(1));
        prop_assert_eq!(number, jitter(&seed, tries, below));
    }

    #[test]
    fn no_number_of_tries_overflows(tries in any::<u32>(), asked in proptest::option::of(any::<u64>()), now in any::<i64>()) {
        let what = OriginTrouble::Busy { status: 503 };
        let origin = Origin {
            trouble: Some(Trouble { what: what.clone(), due: Due::now(Instant(now)), tries, failed: tries }),
            ..Origin::default()
        };
        let next = origin.after(what, asked, Instant(now), SEED).trouble.unwrap();
        prop_assert!(next.tries >= tries);
        prop_assert!(next.due.delay >= asked.unwrap_or(SECOND));
        prop_assert!(doubling(tries, SECOND, BUSY_MAX) <= BUSY_MAX);
    }
}

#[test]
fn the_first_tries_at_a_busy_gateway_spread_over_two_seconds() {
    let busy = OriginTrouble::Busy { status: 503 };
    let first = |phone: u8| {
        let origin = Origin::free().after(busy.clone(), None, morning(), &[phone]);
        origin.trouble.unwrap().due.delay
    };
    let delays: Vec<u64> = (0..50).map(first).collect();
    assert!(delays.iter().all(|delay| (1_000..=2_000).contains(delay)));
    assert!(delays.iter().any(|delay| *delay > 1_500), "{delays:?}");
    assert!(delays.iter().any(|delay| *delay < 1_500), "{delays:?}");
}

/// It stands before the gateway: neither a new network nor a failed try says that it has gone.
#[test]
fn a_limit_of_size_outlives_the_network_that_it_was_met_on() {
    let free = Origin {
        narrow: Some(Narrow {
            bytes: 64_000,
            until: Due::after(morning(), DAY),
        }),
        ..Origin::free()
    };
    let away = free.after(OriginTrouble::Offline, None, morning(), SEED);
    let asked = free.doubted(OriginTrouble::NotLapor { status: 200 }, morning());
    for origin in [free.clone(), away, asked] {
        let went = origin.network_went(morning());
        for after in [origin.network_came(morning(), SEED), went] {
            assert_eq!(after.narrow, free.narrow, "{origin:?}");
        }
    }
}

#[test]
fn who_asks_for_it_has_it_tried_at_once_and_leaves_a_busy_gateway_in_peace() {
    let now = morning();
    for what in [
        OriginTrouble::Offline,
        OriginTrouble::NotLapor { status: 200 },
        OriginTrouble::Cut,
    ] {
        let waits = Origin::free().after(what.clone(), None, now, SEED);
        let asked = waits.asked_for(now);
        let trouble = asked.trouble.as_ref().unwrap();
        assert_eq!(trouble.due.remaining(now), 0, "{what:?}");
        assert_eq!(
            (&trouble.what, trouble.tries, trouble.failed),
            (&what, 1, 1)
        );
        let again = asked.after(what.clone(), None, now, SEED);
        assert_eq!(again.trouble.as_ref().unwrap().tries, 2, "{what:?}");
    }
    let busy = Origin::free().after(OriginTrouble::Busy { status: 503 }, Some(60_000), now, SEED);
    assert_eq!(busy.asked_for(now), busy);
    assert_eq!(Origin::free().asked_for(now), Origin::free());
}

/// Reached where the phone said that there was no network; the feed and a question are put off.
fn reached_without_network() -> Origin {
    let later = |status| Later {
        due: Due::after(morning(), HOUR),
        tries: 1,
        status,
    };
    Origin {
        silent_since: Some(morning()),
        later: [(Kind::Known, later(0)), (Kind::Feed, later(503))].into(),
        ..Origin::reached(Network::None)
    }
}

#[test]
fn a_line_that_was_believed_is_not_after_a_failure_a_doubt_or_another_network() {
    let now = morning().plus(MINUTE);
    let reached = reached_without_network();
    assert!(reached.is_proven);
    let offline = reached.after(OriginTrouble::Offline, None, now, SEED);
    assert!(!offline.is_proven);
    let doubted = Origin::reached(Network::None).doubted(OriginTrouble::Cut, now);
    assert!(!doubted.is_proven);
    assert_eq!(doubted.silent_since, Some(now));
    for origin in [
        &reached,
        &Origin {
            is_proven: true,
            ..offline.clone()
        },
    ] {
        let came = origin.network_came(now, SEED);
        assert!(!came.is_proven);
        assert!(
            !came.later.contains_key(&Kind::Known),
            "it may be let through here"
        );
        assert!(
            came.later.contains_key(&Kind::Feed),
            "who asked for time has it"
        );
    }
    assert_eq!(reached.network_came(now, SEED).silent_since, None);
}
