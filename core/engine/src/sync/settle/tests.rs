#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! What follows from an outcome, row by row of the table. Pictures and the properties that hold
//! for every outcome of every task have files of their own.

mod every;
mod pictures;
mod reading;
mod session;

use super::*;
use crate::{
    api::EventAnswer,
    report::{Code, EventKey, Field, Problem, Status, Subject},
    sync::{OperationId, OperationKind, OperationUpdate, story::*},
};

fn create_task(id: i64) -> Task {
    Task::Create {
        operation: OperationId(id),
        report: report(u8::try_from(id).unwrap()),
    }
}

fn after(work: &Work, task: &Task, outcome: &Outcome) -> Vec<Change> {
    settle(&settling(work, task, outcome))
}

/// The one report of a phone after this outcome of its create.
fn of_create(outcome: &Outcome) -> (OperationUpdate, Vec<Change>) {
    let changes = after(
        &phone().and(Operation {
            maybe_sent: true,
            ..create(1)
        }),
        &create_task(1),
        outcome,
    );
    (update_of(&changes, 1), changes)
}

#[test]
fn a_tracking_id_ends_the_create() {
    let (update, changes) = of_create(&Outcome::Done(Answer::Create(created())));
    assert_eq!(
        (update.state, update.attempts, update.reason),
        (OperationState::Done, 1, None)
    );
    let created = Change::Created {
        report: report(1),
        answer: created(),
        at: morning(),
    };
    assert!(changes.contains(&created));
}

#[test]
fn what_is_done_has_no_failures_in_a_row_any_more() {
    let stumbled = Operation {
        streak: 3,
        ..create(1)
    };
    let outcome = Outcome::Done(Answer::Create(created()));
    let changes = after(&phone().and(stumbled), &create_task(1), &outcome);
    assert_eq!(update_of(&changes, 1).streak, 0);
}

#[test]
fn nobody_reached_spends_no_attempt_and_says_why() {
    for (outcome, reason) in [
        (Outcome::Offline, Reason::Offline),
        (Outcome::ClockWrong, Reason::ClockWrong),
        (Outcome::Untrusted, Reason::Untrusted),
        (
            Outcome::NotLapor { status: 200 },
            Reason::NotLapor { status: 200 },
        ),
        (Outcome::Incompatible, Reason::UpdateApp),
    ] {
        let (update, changes) = of_create(&outcome);
        assert_eq!(
            (update.state, update.attempts),
            (OperationState::Waiting, 0),
            "{outcome:?}"
        );
        assert_eq!(update.reason, Some(reason));
        assert!(
            origin_of(&changes).unwrap().trouble.is_some(),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_known_portal_is_named_as_one() {
    let work = phone().and(create(1));
    for outcome in [Outcome::NotLapor { status: 200 }, Outcome::Untrusted] {
        let mut settling = settling(&work, &Task::Probe, &outcome);
        settling.surroundings.captive = Captive::Yes;
        let task = create_task(1);
        settling.task = &task;
        assert_eq!(
            update_of(&settle(&settling), 1).reason,
            Some(Reason::SignInToWifi)
        );
    }
    let mut offline = settling(&work, &Task::Probe, &Outcome::Offline);
    offline.surroundings.captive = Captive::Yes;
    let task = create_task(1);
    offline.task = &task;
    assert_eq!(
        update_of(&settle(&offline), 1).reason,
        Some(Reason::Offline)
    );
}

#[test]
fn busy_and_cut_spend_an_attempt_and_keep_the_report_waiting() {
    let busy = Outcome::Busy {
        status: 503,
        retry_after: Some(7_000),
        marked: true,
    };
    for (outcome, reason) in [
        (busy, Reason::Busy { status: 503 }),
        (Outcome::Unknown, Reason::Unknown),
    ] {
        let (update, changes) = of_create(&outcome);
        assert_eq!(
            (update.state, update.attempts),
            (OperationState::Waiting, 1)
        );
        assert_eq!(update.reason, Some(reason));
        assert!(origin_of(&changes).unwrap().trouble.unwrap().due.delay >= SECOND);
    }
}

#[test]
fn an_answer_of_the_gateway_ends_its_trouble() {
    let work = phone()
        .and(create(1))
        .in_trouble(OriginTrouble::Offline, Due::now(morning()));
    for outcome in [
        Outcome::Done(Answer::Create(created())),
        Outcome::Rejected { problems: vec![] },
        Outcome::Refused {
            status: 403,
            code: "x".to_owned(),
        },
        Outcome::Unauthorized,
        Outcome::NotFound,
    ] {
        let changes = after(&work, &create_task(1), &outcome);
        assert_eq!(origin_of(&changes), Some(Origin::free()), "{outcome:?}");
    }
    for outcome in [Outcome::Aborted, Outcome::Local] {
        assert_eq!(
            origin_of(&after(&work, &create_task(1), &outcome)),
            None,
            "says nothing of the line"
        );
    }
}

#[test]
fn a_rejection_waits_for_the_person_with_its_problems() {
    let problems = vec![Problem {
        subject: Subject::Field(Field::Title),
        code: Code::TooLong {
            limit: 9,
            actual: 0,
        },
    }];
    let (update, changes) = of_create(&Outcome::Rejected {
        problems: problems.clone(),
    });
    assert_eq!(update.state, OperationState::Paused);
    assert_eq!(
        update.reason,
        Some(Reason::Rejected {
            problems: problems.clone()
        })
    );
    assert!(changes.contains(&Change::Rejected {
        report: report(1),
        problems
    }));

    let reply = phone().and(row(1, OperationKind::AddEvent, 1));
    let task = Task::Event {
        operation: OperationId(1),
        report: report(1),
    };
    let changes = after(&reply, &task, &Outcome::Rejected { problems: vec![] });
    assert_eq!(update_of(&changes, 1).state, OperationState::Paused);
    assert!(
        !changes
            .iter()
            .any(|change| matches!(change, Change::Rejected { .. })),
        "the report itself stands"
    );
}

#[test]
fn a_taken_key_waits_for_the_person() {
    for foreign in [false, true] {
        let (update, changes) = of_create(&Outcome::KeyTaken { foreign });
        assert_eq!(update.state, OperationState::Paused);
        assert_eq!(update.reason, Some(Reason::KeyTaken { foreign }));
        assert!(changes.contains(&Change::KeyTaken {
            report: report(1),
            foreign
        }));
    }
}

/// What becomes of the question for the service's copy.
fn of_a_copy(outcome: &Outcome, streak: u32) -> (OperationUpdate, Vec<Change>) {
    let asked = Operation {
        kind: OperationKind::FetchCopy,
        streak,
        ..create(1)
    };
    let task = Task::FetchCopy {
        operation: OperationId(1),
        report: report(1),
    };
    let changes = after(&phone().and(asked), &task, outcome);
    (update_of(&changes, 1), changes)
}

#[test]
fn a_copy_that_was_taken_back_says_nothing_of_the_words_written_here() {
    let (update, changes) = of_a_copy(&Outcome::Withdrawn, 0);
    assert_eq!(update.state, OperationState::Ended);
    assert_eq!(update.reason, Some(Reason::Withdrawn));
    let of_the_report =
        |it: &Change| matches!(it, Change::Withdrawn { .. } | Change::Created { .. });
    assert!(!changes.iter().any(of_the_report), "{changes:?}");
}

#[test]
fn a_copy_that_is_not_shown_is_asked_for_daily_in_the_end() {
    let (update, _) = of_a_copy(&Outcome::NotFound, 0);
    assert_eq!(update.state, OperationState::Waiting, "a replica may lag");
    let (update, _) = of_a_copy(&Outcome::NotFound, 6);
    assert_eq!(update.state, OperationState::Paused);
    // Nor does a strange answer to a question put anything to the person.
    let (update, changes) = of_a_copy(&Outcome::KeyTaken { foreign: false }, 0);
    assert!(matches!(
        update.reason,
        Some(Reason::Refused { status: 409, .. })
    ));
    let of_the_report = |it: &Change| matches!(it, Change::KeyTaken { .. });
    assert!(!changes.iter().any(of_the_report), "{changes:?}");
}

#[test]
fn a_refusal_pauses_with_its_code_until_tomorrow() {
    let (update, _) = of_create(&Outcome::Refused {
        status: 403,
        code: "not_allowed".to_owned(),
    });
    assert_eq!(
        (update.state, update.due.delay, update.attempts),
        (OperationState::Paused, DAY, 1)
    );
    assert_eq!(
        update.reason,
        Some(Reason::Refused {
            status: 403,
            code: "not_allowed".to_owned()
        })
    );
}

#[test]
fn a_404_is_asked_again_for_a_while() {
    let mut operation = create(1);
    let mut delays = Vec::new();
    for _ in 0..20 {
        let update = update_of(
            &after(
                &phone().and(operation.clone()),
                &create_task(1),
                &Outcome::NotFound,
            ),
            1,
        );
        if update.state == OperationState::Paused {
            assert_eq!(update.due.delay, DAY);
            break;
        }
        delays.push(update.due.delay / SECOND);
        operation.streak = update.streak;
    }
    assert_eq!(delays, [30, 60, 120, 240, 480, 960]);
}

#[test]
fn taking_back_ends_well_or_too_late() {
    let work = phone().and(row(1, OperationKind::Withdraw, 1));
    let task = Task::Withdraw {
        operation: OperationId(1),
        report: report(1),
    };
    let changes = after(&work, &task, &Outcome::Done(Answer::Withdrawn));
    assert_eq!(update_of(&changes, 1).state, OperationState::Done);
    assert!(changes.contains(&Change::Withdrawn {
        report: report(1),
        at: morning()
    }));
    let changes = after(&work, &task, &Outcome::TooLate);
    assert_eq!(update_of(&changes, 1).reason, Some(Reason::TooLate));
    assert!(changes.contains(&Change::TooLate { report: report(1) }));
    let changes = after(&work, &task, &Outcome::NotFound);
    assert_eq!(
        update_of(&changes, 1).state,
        OperationState::Waiting,
        "a 404 is no proof of absence"
    );
    assert!(
        !changes
            .iter()
            .any(|change| matches!(change, Change::Withdrawn { .. }))
    );
}

#[test]
fn a_late_create_of_a_report_taken_back_ends_as_withdrawn() {
    let (update, changes) = of_create(&Outcome::Withdrawn);
    assert_eq!(
        (update.state, update.reason),
        (OperationState::Ended, Some(Reason::Withdrawn))
    );
    assert!(changes.contains(&Change::Withdrawn {
        report: report(1),
        at: morning()
    }));
}

#[test]
fn a_reply_brings_the_status_along() {
    let work = phone().and(row(1, OperationKind::AddEvent, 1));
    let task = Task::Event {
        operation: OperationId(1),
        report: report(1),
    };
    let answer = EventAnswer {
        event_key: EventKey([1; 16]),
        revision: 9,
        status: Status::InProgress,
    };
    let changes = after(&work, &task, &Outcome::Done(Answer::Event(answer)));
    assert_eq!(update_of(&changes, 1).state, OperationState::Done);
    assert!(changes.contains(&Change::Status {
        report: report(1),
        revision: 9,
        status: Status::InProgress
    }));
}

#[test]
fn a_new_epoch_is_told_before_what_its_answer_brought() {
    let work = phone().and(create(1));
    let (task, outcome) = (create_task(1), Outcome::Done(Answer::Create(created())));
    let epoch = |known: Option<&str>, told: &str| {
        let work = work
            .clone()
            .with_account(|account| account.epoch = known.map(str::to_owned));
        let changes = settle(&Settling {
            epoch: Some(told.to_owned()),
            ..settling(&work, &task, &outcome)
        });
        match changes.first() {
            Some(Change::Epoch { changed, .. }) => Some(*changed),
            _ => None,
        }
    };
    assert_eq!(epoch(Some("e1"), "e1"), None);
    assert_eq!(
        epoch(None, "e1"),
        Some(false),
        "the first one is no restore"
    );
    assert_eq!(epoch(Some("e1"), "e2"), Some(true));
}

#[test]
fn the_server_date_goes_forward_unless_the_one_before_was_far_ahead() {
    let told = |seen: Option<u64>, date: u64| {
        let work = Work {
            last_server_date: seen.map(|hours| morning().plus(hours * HOUR)),
            ..phone()
        };
        let date = Some(morning().plus(date * HOUR));
        let changes = settle(&Settling {
            server_date: date,
            ..settling(&work, &Task::Probe, &Outcome::NotFound)
        });
        changes
            .iter()
            .any(|change| matches!(change, Change::ServerDate(_)))
    };
    assert!(told(None, 1));
    assert!(told(Some(1), 2));
    assert!(!told(Some(2), 2));
    assert!(!told(Some(2), 1));
    assert!(!told(Some(24), 0));
    let years = 10 * 365 * 24;
    assert!(
        told(Some(years), 1),
        "a machine whose clock was years ahead"
    );
}

#[test]
fn the_copy_of_a_taken_key_is_kept_and_asked_for_no_more() {
    let work = phone().and(row(1, OperationKind::FetchCopy, 1));
    let task = Task::FetchCopy {
        operation: OperationId(1),
        report: report(1),
    };
    let answer = crate::api::ReportAnswer {
        tracking_id: created().tracking_id,
        revision: 1,
        status: Status::Unverified,
        deadlines: created().deadlines,
        attachments: Vec::new(),
        missing: Vec::new(),
        text: "{}".to_owned(),
    };
    let copied = Change::Copied {
        report: report(1),
        answer: Box::new(answer.clone()),
        at: morning(),
    };
    let outcome = Outcome::Done(Answer::Report(Box::new(answer)));
    let changes = after(&work, &task, &outcome);
    assert!(changes.contains(&copied));
    assert_eq!(update_of(&changes, 1).state, OperationState::Done);
}
