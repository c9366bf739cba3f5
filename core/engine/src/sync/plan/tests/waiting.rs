//! How long, and why.

use super::*;

#[test]
fn nothing_to_do_is_told_as_nothing() {
    let work =
        phone().with_account(|account| account.pull_due = Due::after(morning(), 15 * MINUTE));
    let wake = waits(&work, &ANY, morning());
    assert_eq!(
        (wake.in_ms, wake.reason),
        (15 * MINUTE, None),
        "only the feed is asked by the clock"
    );
    assert!(is_idle(&work));
}

#[test]
fn the_soonest_row_says_when_and_why() {
    let at = |id, delay, reason| Operation {
        due: Due::after(morning(), delay),
        reason: Some(reason),
        ..create(id)
    };
    let work =
        phone()
            .and(at(1, HOUR, Reason::Local))
            .and(at(2, MINUTE, Reason::Poison { status: 500 }));
    let wake = waits(&work, &ANY, morning());
    assert_eq!(
        (wake.in_ms, wake.reason),
        (MINUTE, Some(Reason::Poison { status: 500 }))
    );
    assert_eq!(wake.latest_ms, 30 * MINUTE);
    assert_eq!(wake.network, NetworkNeed::Any);
    assert_eq!(
        waits(&work, &ANY, morning().plus(20 * SECOND)).in_ms,
        40 * SECOND
    );
    assert_eq!(
        sent(&work, &ANY, morning().plus(MINUTE)).operation(),
        Some(OperationId(2))
    );
}

#[test]
fn a_clock_set_ten_years_ahead_and_corrected_parks_nothing() {
    let ahead = morning().plus(3_650 * DAY);
    let work = phone().and(Operation {
        due: Due::after(ahead, DAY),
        ..create(1)
    });
    assert_eq!(goes(&work), "create");
    let trouble = phone()
        .and(create(1))
        .in_trouble(OriginTrouble::Busy { status: 503 }, Due::after(ahead, DAY));
    assert_eq!(goes(&trouble), "create");
}

#[test]
fn the_gateways_trouble_holds_everything_until_it_is_due() {
    let work = phone()
        .and(create(1))
        .and_upload(picture(2, 2), upload())
        .in_trouble(
            OriginTrouble::Busy { status: 503 },
            Due::after(morning(), 40 * SECOND),
        );
    let wake = waits(&work, &ANY, morning().plus(10 * SECOND));
    assert_eq!(
        (wake.in_ms, wake.reason),
        (30 * SECOND, Some(Reason::Busy { status: 503 }))
    );
    assert_eq!(
        sent(&work, &ANY, morning().plus(40 * SECOND)).code(),
        "create"
    );
}

#[test]
fn every_trouble_has_its_own_reason_and_wifi_is_blamed_only_when_known() {
    use OriginTrouble::*;
    let captive = Surroundings {
        captive: Captive::Yes,
        ..ANY
    };
    for (trouble, open, behind) in [
        (Offline, Reason::Offline, Reason::Offline),
        (ClockWrong, Reason::ClockWrong, Reason::ClockWrong),
        (Untrusted, Reason::Untrusted, Reason::SignInToWifi),
        (
            NotLapor { status: 200 },
            Reason::NotLapor { status: 200 },
            Reason::SignInToWifi,
        ),
        (
            Busy { status: 429 },
            Reason::Busy { status: 429 },
            Reason::Busy { status: 429 },
        ),
        (Cut, Reason::Unknown, Reason::Unknown),
        (Incompatible, Reason::UpdateApp, Reason::UpdateApp),
    ] {
        let work = phone()
            .and(create(1))
            .in_trouble(trouble, Due::after(morning(), MINUTE));
        assert_eq!(waits(&work, &ANY, morning()).reason, Some(open.clone()));
        let no = Surroundings {
            captive: Captive::No,
            ..ANY
        };
        assert_eq!(waits(&work, &no, morning()).reason, Some(open));
        assert_eq!(waits(&work, &captive, morning()).reason, Some(behind));
    }
}

#[test]
fn what_was_refused_is_tried_daily() {
    let refused = Operation {
        state: OperationState::Paused,
        due: Due::after(morning(), DAY),
        reason: Some(Reason::Refused {
            status: 403,
            code: "x".to_owned(),
        }),
        ..create(1)
    };
    let work = phone().and(refused);
    let wake = waits(&work, &ANY, morning());
    assert_eq!(wake.in_ms, DAY);
    assert!(matches!(wake.reason, Some(Reason::Refused { .. })));
    assert_eq!(sent(&work, &ANY, morning().plus(DAY)).code(), "create");
    assert!(is_idle(&work), "nobody stands waiting for the daily try");
}

#[test]
fn what_needs_the_person_is_never_tried_by_the_clock_and_says_so() {
    for reason in [
        Reason::Rejected { problems: vec![] },
        Reason::KeyTaken { foreign: false },
        Reason::SignIn,
    ] {
        let paused = Operation {
            state: OperationState::Paused,
            due: Due::now(morning()),
            reason: Some(reason.clone()),
            ..create(1)
        };
        let wake = waits(&phone().and(paused), &ANY, morning().plus(30 * DAY));
        assert_eq!(wake.reason, Some(reason));
    }
}

#[test]
fn pictures_wait_for_a_line_that_costs_nothing_where_the_person_said_so() {
    let mut work = phone().and_upload(picture(1, 1), upload());
    let metered = Surroundings {
        metered: true,
        ..ANY
    };
    assert_eq!(
        sent(&work, &metered, morning()).code(),
        "upload_chunk",
        "only where the person said so"
    );
    work.pictures_unmetered_only = true;
    assert_eq!(goes(&work), "upload_chunk");
    let wake = waits(&work, &metered, morning());
    assert_eq!(
        wake.reason,
        Some(Reason::Metered),
        "never told as if all were done"
    );
    assert_eq!(
        sent(&work.and(create(2)), &metered, morning()).code(),
        "create",
        "words never wait for that"
    );
}

#[test]
fn a_row_whose_picture_is_missing_from_the_work_never_spins() {
    let wake = waits(&phone().and(picture(1, 1)), &ANY, morning());
    assert!(wake.in_ms >= SECOND, "{wake:?}");
    assert!(wake.reason.is_some());
}

#[test]
fn whatever_is_open_a_wait_has_a_reason() {
    let held = Operation {
        is_free: false,
        follows: Some(OperationId(9)),
        ..row(1, OperationKind::AddEvent, 1)
    };
    assert_eq!(
        waits(&phone().and(held), &ANY, morning()).reason,
        Some(Reason::Follows)
    );
}
