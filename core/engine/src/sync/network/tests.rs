#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::super::{story::*, *};
use crate::calendar::Due;

const NETWORKS: [(Network, Network, bool, bool); 8] = {
    use Network::{None as Gone, Unknown, Up};
    [
        (Up, Gone, true, false),
        (Unknown, Gone, true, false),
        (Gone, Gone, false, false),
        (Gone, Up, false, true),
        (Unknown, Up, false, true),
        (Up, Up, false, false),
        (Up, Unknown, false, false),
        (Gone, Unknown, false, false),
    ]
};

#[test]
fn only_a_network_that_comes_or_goes_says_anything() {
    let free = phone();
    let offline = phone().in_trouble(OriginTrouble::Offline, Due::after(morning(), HOUR));
    for (before, after, goes, comes) in NETWORKS {
        let went = network_changed(&free, before, after, morning());
        assert_eq!(!went.is_empty(), goes, "{before:?} to {after:?}");
        let changes = network_changed(&offline, before, after, morning());
        let sooner = changes.iter().any(|change| match change {
            Change::Origin(origin) => origin
                .trouble
                .as_ref()
                .is_some_and(|trouble| trouble.due.delay < HOUR),
            _ => false,
        });
        assert_eq!(sooner, comes, "{before:?} to {after:?}");
    }
}

/// A picture that was tried `tried` before now, and is to go again after `delay`.
fn picture_waits(reason: Reason, tried: u64, delay: u64) -> Operation {
    Operation {
        reason: Some(reason),
        tried_at: Some(morning()),
        due: Due::after(morning().plus(tried), delay),
        ..picture(1, 1)
    }
}

/// After how long the picture goes on a network that comes now; nothing where that is no sooner.
fn goes_after(row: Operation, tried: u64) -> Option<u64> {
    let work = phone().and_upload(row, upload());
    let changes = network_changed(&work, Network::None, Network::Up, morning().plus(tried));
    match changes.as_slice() {
        [Change::Sooner { due, .. }] => Some(due.delay),
        [] => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_picture_that_the_last_network_did_not_let_through_goes_within_seconds_on_a_new_one() {
    for reason in [
        Reason::Offline,
        Reason::ClockWrong,
        Reason::Untrusted,
        Reason::SignInToWifi,
        Reason::NotLapor { status: 200 },
        Reason::Poison { status: 413 },
        Reason::Poison { status: 403 },
    ] {
        let row = picture_waits(reason.clone(), HOUR, 7 * HOUR);
        let after = goes_after(row, HOUR);
        assert!(
            after.is_some_and(|after| after < 3 * SECOND),
            "{reason:?} {after:?}"
        );
    }
}

#[test]
fn a_new_network_changes_nothing_of_what_the_service_itself_said() {
    for reason in [
        Reason::Busy { status: 503 },
        Reason::Poison { status: 500 },
        Reason::Refused {
            status: 413,
            code: "too_large".to_owned(),
        },
        Reason::Metered,
        Reason::UploadDamaged,
        Reason::NotTried,
    ] {
        let row = picture_waits(reason.clone(), HOUR, 7 * HOUR);
        assert_eq!(goes_after(row, HOUR), None, "{reason:?}");
    }
    for state in [
        OperationState::InFlight,
        OperationState::Paused,
        OperationState::Ended,
    ] {
        let row = Operation {
            state,
            ..picture_waits(Reason::Offline, HOUR, 7 * HOUR)
        };
        assert_eq!(goes_after(row, HOUR), None, "{state:?}");
    }
    let soon = picture_waits(Reason::Offline, HOUR, 0);
    assert_eq!(goes_after(soon, HOUR), None, "it is its turn anyway");
}

#[test]
fn a_network_that_comes_and_goes_sends_refused_bytes_at_most_four_times_an_hour() {
    let refused = |tried| picture_waits(Reason::Poison { status: 413 }, tried, 7 * HOUR);
    for tried in [0, SECOND, MINUTE, 14 * MINUTE] {
        let after = goes_after(refused(tried), tried).unwrap();
        let since = tried + after;
        assert!(
            (15 * MINUTE..15 * MINUTE + 3 * SECOND).contains(&since),
            "{tried}: {since}"
        );
    }
    // A clock that was set back says nothing of when it was tried.
    let back = Operation {
        tried_at: Some(morning().plus(10 * HOUR)),
        ..refused(0)
    };
    assert!(goes_after(back, 0).unwrap() >= 15 * MINUTE);
}
