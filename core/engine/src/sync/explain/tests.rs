#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use super::*;
use crate::sync::{OperationId, later::Later, story::*};

fn told(row: &Operation, origin: &Origin, session: SessionState) -> (Option<Reason>, Option<u64>) {
    let standpoint = Standpoint {
        account: AccountId(2),
        session,
        origin,
        captive: Captive::Unknown,
        pictures_wait: false,
        now: morning(),
    };
    let explanation = standpoint.explain_operation(row, &[row]);
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
            pictures_wait: false,
            now: morning(),
        };
        standpoint.explain_operation(&create(1), &[]).reason
    };
    assert_eq!(told(Captive::Yes), Some(Reason::SignInToWifi));
    let somebody_else = Some(Reason::NotLapor { status: 200 });
    assert_eq!(told(Captive::No), somebody_else);
    assert_eq!(told(Captive::Unknown), somebody_else);
}

#[test]
fn a_cut_is_told_of_what_was_on_the_line_and_of_nothing_else() {
    let cut = Origin::free().after(OriginTrouble::Cut, None, morning(), b"");
    let wait = cut.trouble.as_ref().unwrap().due.remaining(morning());
    let good = SessionState::Good;
    let was_on_it = Operation {
        reason: Some(Reason::Unknown),
        maybe_sent: true,
        ..create(1)
    };
    assert_eq!(
        told(&was_on_it, &cut, good),
        (Some(Reason::Unknown), Some(wait))
    );
    assert_eq!(
        told(&row(2, OperationKind::Withdraw, 0), &cut, good),
        (Some(Reason::NotTried), Some(wait)),
        "nothing of it was sent that could go again"
    );
    let held = Operation {
        is_free: false,
        ..picture(3, 1)
    };
    assert_eq!(told(&held, &cut, good), (Some(Reason::Follows), None));
    let later = Operation {
        due: Due::after(morning(), HOUR),
        reason: Some(Reason::Local),
        ..create(4)
    };
    assert_eq!(told(&later, &cut, good), (Some(Reason::Local), Some(HOUR)));
}

#[test]
fn a_plain_no_did_not_arrive_and_everything_else_may_have() {
    let refused = |status| Reason::Refused {
        status,
        code: "not_allowed".to_owned(),
    };
    let told = |state, maybe_sent, reason: Option<Reason>| {
        Operation {
            state,
            maybe_sent,
            reason,
            ..create(1)
        }
        .may_have_arrived()
    };
    use OperationState::{Done, Ended, InFlight, Paused, Waiting};
    for reason in [
        Reason::Rejected { problems: vec![] },
        Reason::KeyTaken { foreign: false },
        refused(403),
        refused(409),
    ] {
        assert!(!told(Paused, true, Some(reason.clone())), "{reason:?}");
        assert!(told(InFlight, true, Some(reason)), "it is asked again");
    }
    // Who was not let in, or asked a replica that lags behind, got no answer about this key.
    for reason in [refused(401), refused(404), refused(0), Reason::Unknown] {
        assert!(told(Paused, true, Some(reason.clone())), "{reason:?}");
    }
    assert!(told(Ended, true, Some(Reason::Withdrawn)));
    assert!(told(Waiting, true, Some(Reason::Busy { status: 503 })));
    assert!(!told(Waiting, false, Some(Reason::Unknown)));
    assert!(!told(Done, true, None));
}

#[test]
fn what_was_refused_ends_as_refused_and_everything_else_as_taken_back() {
    let refused = |status| Reason::Refused {
        status,
        code: "not_allowed".to_owned(),
    };
    for no in [
        Reason::Rejected { problems: vec![] },
        Reason::KeyTaken { foreign: true },
        refused(409),
        refused(422),
    ] {
        assert_eq!(put_away(Some(no.clone())), no);
    }
    for other in [
        Some(refused(401)),
        Some(refused(404)),
        Some(Reason::Unknown),
        Some(Reason::Follows),
        None,
    ] {
        assert_eq!(put_away(other), Reason::Withdrawn);
    }
}

#[test]
fn what_waits_behind_what_needs_the_person_waits_for_no_network_and_no_sign_in() {
    let offline = Origin::free().after(OriginTrouble::Offline, None, morning(), b"");
    let paused = |reason| Operation {
        state: OperationState::Paused,
        reason: Some(reason),
        due: Due::after(morning(), DAY),
        ..create(1)
    };
    let behind = |id, follows: i64| Operation {
        follows: Some(OperationId(follows)),
        is_free: false,
        ..row(id, OperationKind::AddEvent, 1)
    };
    let told = |first: &Operation, session| {
        let (reply, rating) = (behind(2, 1), behind(3, 2));
        let standpoint = Standpoint {
            account: AccountId(2),
            session,
            origin: &offline,
            captive: Captive::Unknown,
            pictures_wait: false,
            now: morning(),
        };
        let told = standpoint.explain_operation(&rating, &[first, &reply, &rating]);
        (told.reason, told.next_try_in_ms)
    };
    for reason in [
        Reason::Rejected { problems: vec![] },
        Reason::KeyTaken { foreign: false },
    ] {
        let first = paused(reason);
        for session in [SessionState::Good, SessionState::Ended] {
            assert_eq!(told(&first, session), (Some(Reason::Follows), None));
        }
    }
    let alone = told(&create(1), SessionState::Good);
    assert_eq!(
        alone,
        (Some(Reason::Offline), Some(30 * SECOND)),
        "behind what the network holds back it waits for that"
    );
    let alone = told(&create(1), SessionState::Ended);
    assert_eq!(alone, (Some(Reason::SignIn), None));
}

#[test]
fn what_waits_behind_others_waits_for_the_first_of_them() {
    let rejected = Operation {
        state: OperationState::Paused,
        reason: Some(Reason::Rejected { problems: vec![] }),
        ..create(1)
    };
    let behind = |id, follows: i64| Operation {
        follows: Some(OperationId(follows)),
        is_free: false,
        ..row(id, OperationKind::AddEvent, 1)
    };
    let (reply, rating) = (behind(2, 1), behind(3, 2));
    let open = [&rejected, &reply, &rating];
    assert_eq!(held_by(&rating, &open).id, OperationId(1));
    assert_eq!(held_by(&reply, &open).id, OperationId(1));
    assert_eq!(held_by(&rejected, &open).id, OperationId(1));
    let free = Operation {
        is_free: true,
        ..behind(4, 1)
    };
    assert_eq!(held_by(&free, &open).id, OperationId(4));
    assert_eq!(
        held_by(&behind(5, 9), &open).id,
        OperationId(5),
        "what it follows is not among them"
    );
    let (one, other) = (behind(6, 7), behind(7, 6));
    held_by(&one, &[&one, &other]);
}

#[test]
fn only_what_was_refused_or_never_left_is_given_up() {
    use OperationState::{Done, Ended, InFlight, Paused, Waiting};
    let event = |state, maybe_sent| Operation {
        state,
        maybe_sent,
        ..row(1, OperationKind::AddEvent, 0)
    };
    assert!(event(Paused, true).may_be_given_up());
    assert!(event(Waiting, false).may_be_given_up());
    for state in [Waiting, InFlight, Done, Ended] {
        assert!(!event(state, true).may_be_given_up(), "{state:?}");
    }
    let report = Operation {
        state: Paused,
        ..create(1)
    };
    assert!(
        !report.may_be_given_up(),
        "a report is taken back or discarded"
    );
}

#[test]
fn a_picture_that_waits_for_a_free_network_names_no_time() {
    let offline = Origin::free().after(OriginTrouble::Offline, None, morning(), b"");
    let free = Origin::free();
    let picture = row(1, OperationKind::UploadAttachment, 1);
    let told = |row: &Operation, origin, session, pictures_wait| {
        let standpoint = Standpoint {
            account: AccountId(2),
            session,
            origin,
            captive: Captive::Unknown,
            pictures_wait,
            now: morning(),
        };
        let explanation = standpoint.explain_operation(row, &[row]);
        (explanation.reason, explanation.next_try_in_ms)
    };
    let (good, ended) = (SessionState::Good, SessionState::Ended);
    let metered = (Some(Reason::Metered), None);
    assert_eq!(told(&picture, &free, good, true), metered);
    // When the line is back it does not go either.
    assert_eq!(told(&picture, &offline, good, true), metered);
    assert_ne!(told(&picture, &free, good, false), metered);
    assert_eq!(told(&picture, &free, ended, true).0, Some(Reason::SignIn));
    let words = create(2);
    assert_eq!(
        told(&words, &free, good, true),
        (Some(Reason::NotTried), Some(0)),
        "words never wait for that"
    );
    let behind = Operation {
        is_free: false,
        ..picture
    };
    assert_eq!(told(&behind, &free, good, true).0, Some(Reason::Follows));
}

#[test]
fn what_was_answered_that_it_is_too_late_did_not_arrive() {
    use OperationState::{Ended, Waiting};
    for no in [Reason::TooLate, Reason::Overtaken] {
        assert!(!may_have_arrived(Ended, true, Some(&no)), "{no:?}");
    }
    // What a withdrawal had stopped and that goes on since may have arrived before.
    assert!(may_have_arrived(Waiting, true, Some(&Reason::TooLate)));
}

#[test]
fn a_picture_is_told_the_wait_of_its_kind_only_where_that_is_the_longer_one() {
    let put_off = |status, delay| {
        let later = Later {
            due: Due::after(morning(), delay),
            tries: 1,
            status,
        };
        Origin {
            later: [(Kind::Pictures, later)].into(),
            ..Origin::free()
        }
    };
    let told = |origin: &Origin| told(&picture(1, 1), origin, SessionState::Good);
    assert_eq!(
        told(&put_off(503, HOUR)),
        (Some(Reason::Busy { status: 503 }), Some(HOUR))
    );
    assert_eq!(
        told(&put_off(0, HOUR)),
        (Some(Reason::NotTried), Some(HOUR)),
        "nobody said that he is busy"
    );
    assert_eq!(
        told(&put_off(503, 0)),
        (Some(Reason::NotTried), Some(0)),
        "its time has come"
    );
}

#[test]
fn a_copy_that_was_not_fetched_yet_is_told_as_that() {
    let fetch = |reason| Operation {
        reason: Some(reason),
        ..row(1, OperationKind::FetchCopy, 1)
    };
    let free = Origin::free();
    for reason in [Reason::NotTried, Reason::Unknown, Reason::Aborted] {
        assert_eq!(
            told(&fetch(reason), &free, SessionState::Good),
            (Some(Reason::NotFetched), Some(0))
        );
    }
    assert_eq!(
        told(&fetch(Reason::Local), &free, SessionState::Good),
        (Some(Reason::Local), Some(0))
    );
    let create = Operation {
        reason: Some(Reason::Unknown),
        ..create(1)
    };
    assert_eq!(
        told(&create, &free, SessionState::Good),
        (Some(Reason::Unknown), Some(0))
    );
}
