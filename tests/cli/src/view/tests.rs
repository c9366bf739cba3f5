#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;

const NOW: Instant = Instant(1_800_000_000_000);

const MOMENT: Moment = Moment {
    now: NOW,
    lang: Lang::En,
    is_full: false,
};

fn row(state: OperationState, delay: u64, reason: &Reason) -> Row<'_> {
    Row {
        kind: OperationKind::CreateReport,
        state,
        attempts: 1,
        due: Due { set_at: NOW, delay },
        may_have_arrived: false,
        reason: Some(reason),
        tried_at: None,
    }
}

#[test]
fn what_waits_says_why_and_until_when() {
    let view = WaitView::new(
        &row(OperationState::Waiting, 30_000, &Reason::Offline),
        &MOMENT,
    );
    assert_eq!(
        (view.reason.as_ref().unwrap().code, view.next_try_ms),
        ("offline", Some(30_000))
    );
    assert!(
        view.words.contains("30 seconds") && view.words.contains("Not tried yet"),
        "{}",
        view.words
    );
    let tried = Row {
        tried_at: Some(Instant(NOW.0 - 120_000)),
        ..row(OperationState::Waiting, 0, &Reason::Unknown)
    };
    let view = WaitView::new(&tried, &MOMENT);
    assert!(
        view.words.contains("Last tried 2 minutes ago"),
        "{}",
        view.words
    );
}

#[test]
fn nobody_is_promised_a_time_that_only_a_person_can_set() {
    for (state, reason, exit) in [
        (OperationState::Waiting, Reason::SignIn, Exit::SignIn),
        (
            OperationState::Paused,
            Reason::Rejected {
                problems: Vec::new(),
            },
            Exit::Rejected,
        ),
        (
            OperationState::Paused,
            Reason::KeyTaken { foreign: false },
            Exit::Rejected,
        ),
        (OperationState::Waiting, Reason::Follows, Exit::StillWaiting),
    ] {
        let view = WaitView::new(&row(state, 5_000, &reason), &MOMENT);
        assert_eq!(view.next_try_ms, None, "{reason:?}");
        assert_eq!(view.exit(), exit, "{reason:?}");
    }
}

#[test]
fn a_refused_operation_says_when_it_is_tried_again() {
    let refused = Reason::Refused {
        status: 403,
        code: "not_allowed".to_owned(),
    };
    let view = WaitView::new(&row(OperationState::Paused, 86_400_000, &refused), &MOMENT);
    assert_eq!(
        (view.next_try_ms, view.exit()),
        (Some(86_400_000), Exit::StillWaiting)
    );
}

#[test]
fn problems_name_the_contracts_field_and_code() {
    let problem = Problem {
        subject: Subject::Attachment(2),
        code: Code::TooLarge {
            limit: 10,
            actual: 11,
        },
    };
    let view = ProblemView::new(&problem, Lang::Id);
    assert_eq!(
        (
            view.field.as_str(),
            view.code.as_str(),
            view.limit,
            view.actual
        ),
        ("attachments[2]", "too_large", Some(10), Some(11))
    );
    assert!(view.words.starts_with("Lampiran 3"), "{}", view.words);
}

#[test]
fn what_waits_beside_a_full_disk_does_not_go_very_soon() {
    let full = Moment {
        is_full: true,
        ..MOMENT
    };
    let told = |moment| {
        let view = WaitView::new(&row(OperationState::Waiting, 0, &Reason::NotTried), moment);
        (view.reason.unwrap().code, view.words)
    };
    let (code, words) = told(&full);
    assert_eq!(code, "not_tried");
    assert!(
        words.contains("waits for room") && !words.contains("soon") && !words.contains("moment"),
        "{words}"
    );
    let (code, words) = told(&MOMENT);
    assert_eq!(code, "not_tried");
    assert!(words.contains("very soon"), "{words}");
}
