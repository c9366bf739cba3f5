#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use super::*;
use crate::sync::{Operation, story::*};

fn refused() -> Option<Reason> {
    Some(Reason::Refused {
        status: 403,
        code: "not_allowed".to_owned(),
    })
}

fn tomorrow() -> Due {
    Due::after(morning(), DAY)
}

#[test]
fn what_was_refused_to_the_older_app_is_tried_at_once() {
    let row = Operation {
        state: OperationState::Paused,
        reason: refused(),
        due: tomorrow(),
        streak: 4,
        attempts: 7,
        ..create(1)
    };
    let changes = app_updated(&phone().and(row), morning().plus(HOUR));
    let update = update_of(&changes, 1);
    assert_eq!(
        (update.state, update.reason),
        (OperationState::Paused, refused())
    );
    assert_eq!(update.due, Due::now(morning().plus(HOUR)));
    assert_eq!((update.streak, update.attempts), (0, 7));
    assert_eq!(changes.len(), 1);
}

#[test]
fn what_met_another_contract_does_not_wait_out_its_day() {
    let row = Operation {
        state: OperationState::Waiting,
        reason: Some(Reason::UpdateApp),
        due: tomorrow(),
        streak: 12,
        ..create(1)
    };
    let changes = app_updated(&phone().and(row), morning().plus(HOUR));
    let update = update_of(&changes, 1);
    assert_eq!(
        (update.state, update.streak, update.due),
        (OperationState::Waiting, 0, Due::now(morning().plus(HOUR)))
    );
}

#[test]
fn what_waits_for_the_person_or_by_the_clock_does_not_change_with_the_app() {
    let row = |state, reason| Operation {
        state,
        reason,
        due: tomorrow(),
        ..create(1)
    };
    for row in [
        row(
            OperationState::Paused,
            Some(Reason::Rejected { problems: vec![] }),
        ),
        row(OperationState::Waiting, refused()),
        row(OperationState::Waiting, Some(Reason::Offline)),
    ] {
        let changes = app_updated(&phone().and(row.clone()), morning());
        assert_eq!(changes, [], "{row:?}");
    }
}

#[test]
fn a_gateway_that_the_older_app_did_not_speak_with_is_tried_at_once_and_no_other() {
    for (what, told) in [
        (OriginTrouble::Incompatible, Some(Origin::free())),
        (OriginTrouble::Busy { status: 503 }, None),
        (OriginTrouble::Offline, None),
    ] {
        let work = phone().in_trouble(what, tomorrow());
        assert_eq!(origin_of(&app_updated(&work, morning())), told);
    }
}
