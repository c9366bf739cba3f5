#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use super::*;
use crate::sync::{OriginTrouble, story::*};

fn told(row: &Operation, origin: &Origin, session: SessionState) -> (Option<Reason>, Option<u64>) {
    let standpoint = Standpoint {
        account: AccountId(2),
        session,
        origin,
        captive: Captive::Unknown,
        now: morning(),
    };
    let explanation = standpoint.explain_operation(row);
    (explanation.reason, explanation.next_try_in_ms)
}

#[test]
fn a_row_is_told_by_what_it_really_waits_for() {
    let free = Origin::free();
    let offline = Origin::free().after(OriginTrouble::Offline, None, morning(), b"");
    let good = SessionState::Good;
    let later = Operation {
        due: Due::after(morning(), HOUR),
        reason: Some(Reason::Local),
        ..create(1)
    };
    assert_eq!(
        told(&create(1), &free, good),
        (Some(Reason::NotTried), Some(0))
    );
    assert_eq!(
        told(&create(1), &offline, good),
        (Some(Reason::Offline), Some(30 * SECOND))
    );
    assert_eq!(
        told(&later, &offline, good),
        (Some(Reason::Local), Some(HOUR)),
        "its own time is the later one"
    );
    assert_eq!(
        told(&later, &free, SessionState::Ended),
        (Some(Reason::SignIn), None)
    );
    let held = Operation {
        is_free: false,
        ..create(1)
    };
    assert_eq!(told(&held, &free, good), (Some(Reason::Follows), None));
}

#[test]
fn what_needs_the_person_or_is_over_names_no_time() {
    let offline = Origin::free().after(OriginTrouble::Offline, None, morning(), b"");
    for reason in [
        Reason::Rejected { problems: vec![] },
        Reason::KeyTaken { foreign: true },
    ] {
        let paused = Operation {
            state: OperationState::Paused,
            reason: Some(reason.clone()),
            ..create(1)
        };
        assert_eq!(
            told(&paused, &offline, SessionState::Ended),
            (Some(reason), None)
        );
    }
    let ended = Operation {
        state: OperationState::Ended,
        reason: Some(Reason::Withdrawn),
        ..create(1)
    };
    assert_eq!(
        told(&ended, &offline, SessionState::Ended),
        (Some(Reason::Withdrawn), None)
    );
    let done = Operation {
        state: OperationState::Done,
        reason: None,
        ..create(1)
    };
    assert_eq!(told(&done, &offline, SessionState::Good), (None, None));
}

#[test]
fn a_picture_that_goes_again_after_a_restore_does_not_say_that_the_report_is_lost() {
    let free = Origin::free();
    let forgotten = |row: Operation| Operation {
        reason: Some(Reason::Forgotten),
        ..row
    };
    let good = SessionState::Good;
    let words = told(&forgotten(create(1)), &free, good);
    assert_eq!(
        words.0,
        Some(Reason::Forgotten),
        "the report itself is on its way again"
    );
    for row in [picture(2, 1), row(3, OperationKind::AddEvent, 1)] {
        let told = told(&forgotten(row), &free, good);
        assert_eq!(told, (Some(Reason::NotTried), Some(0)));
    }
}

#[test]
fn the_wifi_is_blamed_only_when_the_shell_knows_of_a_portal() {
    let portal = Origin::free().after(
        OriginTrouble::NotLapor { status: 200 },
        None,
        morning(),
        b"",
    );
    let told = |captive| {
        let standpoint = Standpoint {
            account: AccountId(2),
            session: SessionState::Good,
            origin: &portal,
            captive,
            now: morning(),
        };
        standpoint.explain_operation(&create(1)).reason
    };
    assert_eq!(told(Captive::Yes), Some(Reason::SignInToWifi));
    let somebody_else = Some(Reason::NotLapor { status: 200 });
    assert_eq!(told(Captive::No), somebody_else);
    assert_eq!(told(Captive::Unknown), somebody_else);
}
