//! After a restore: the question what the gateway still has fails, and what else wants the line meanwhile.

use super::*;

fn failures() -> [Outcome; 5] {
    let busy = |retry_after| Outcome::Busy {
        status: 503,
        retry_after,
        marked: true,
    };
    let refused = Outcome::NotLapor { status: 403 };
    [
        busy(None),
        busy(Some(HOUR)),
        refused,
        Outcome::Unknown,
        Outcome::Incompatible,
    ]
}

fn restored() -> Work {
    let sent_before = |row: Operation| Operation {
        report: report(40),
        ..row
    };
    let located = |number| Upload {
        url: Some(format!("/v1/uploads/{}", report(number))),
        ..upload()
    };
    phone()
        .and(create(1))
        .and(row(2, OperationKind::Withdraw, 9))
        .and(sent_before(row(3, OperationKind::AddEvent, 7)))
        .and_upload(picture(4, 8), located(8))
        .and_upload(sent_before(picture(5, 40)), located(40))
        .with_account(|account| {
            account.unverified_keys = vec![report(40)];
            account.pull_due = Due::now(morning());
        })
}

fn asks_what_is_known(one: &&Asked) -> bool {
    matches!(one.task, Task::Known { .. })
}

#[test]
fn a_question_that_alone_fails_keeps_no_words_no_news_and_no_other_picture_back() {
    for no in failures() {
        // Nothing, or everything for so long.
        for silence in [0, HOUR] {
            let mut good = Gateway::default();
            let mut phone = Phone::with(restored());
            phone.lives(silence, &mut |_, _| no.clone());
            phone.now = phone.now.plus(10 * MINUTE);
            let since = phone.asked.len();
            phone.lives(3 * HOUR, &mut |task, _| match task {
                Task::Known { .. } => no.clone(),
                task => good.answers(task),
            });
            for id in [1, 2, 3, 4] {
                let row = phone.row(id);
                assert!(row.state.is_finished(), "{id}: {no:?} after {silence} ms");
            }
            let news = |one: &Asked| matches!(one.task, Task::Pull { .. });
            assert!(phone.asked[since..].iter().any(news), "{no:?}");
            // Whether it is there is not known, and its bytes might be for nothing.
            let bytes = |one: &Asked| one.task.operation() == Some(OperationId(5));
            assert!(!phone.asked.iter().any(bytes), "{no:?}");
        }
    }
}

#[test]
fn a_question_that_alone_fails_is_asked_again_and_again_and_counts_when_it_is_answered() {
    for no in failures() {
        let mut good = Gateway::default();
        let mut phone = Phone::with(restored());
        phone.lives(6 * HOUR, &mut |task, _| match task {
            Task::Known { .. } => no.clone(),
            task => good.answers(task),
        });
        let asked = phone.asked.iter().filter(asks_what_is_known).count();
        assert!((4..100).contains(&asked), "{no:?}: {asked}");
        phone.lives(2 * HOUR, &mut |task, _| good.answers(task));
        assert!(
            phone
                .work
                .account
                .as_ref()
                .unwrap()
                .unverified_keys
                .is_empty()
        );
        assert!(phone.all_done() || phone.row(2).state == OperationState::Ended);
    }
}

#[test]
fn a_question_that_fails_once_is_asked_soon() {
    for no in failures() {
        if no == Outcome::Incompatible || no == failures()[1] {
            continue;
        }
        let mut good = Gateway::default();
        let mut phone = Phone::with(restored());
        let mut first = true;
        phone.lives(HOUR, &mut |task, _| match task {
            Task::Known { .. } if std::mem::replace(&mut first, false) => no.clone(),
            task => good.answers(task),
        });
        let answered = phone
            .asked
            .iter()
            .filter(asks_what_is_known)
            .nth(1)
            .unwrap();
        let took = answered.at.since(morning()).unwrap();
        assert!(took <= 40 * SECOND, "{no:?}: {took} ms");
    }
}

#[test]
fn while_only_the_question_waits_it_is_told_why_and_not_that_everything_is_done() {
    for no in failures() {
        let work = phone().with_account(|account| account.unverified_keys = vec![report(40)]);
        let mut phone = Phone::with(work);
        phone.lives(3 * HOUR, &mut |task, _| match task {
            Task::Known { .. } => no.clone(),
            task => Gateway::default().answers(task),
        });
        assert!(!phone.waits.is_empty());
        for wake in &phone.waits {
            assert!(wake.reason.is_some(), "{no:?}: {wake:?}");
        }
        if let Outcome::Busy { status, .. } = no {
            let told = phone.waits.last().unwrap().reason.clone();
            assert_eq!(told, Some(Reason::Busy { status }));
        }
    }
}

/// More are asked for than one question holds: of no report it is known yet whether its pictures wait.
#[test]
fn no_picture_goes_as_long_as_more_is_to_be_asked_than_one_question_holds() {
    let work = restored().with_account(|account| {
        account.unverified_keys = (100..200).map(report).collect();
    });
    let mut good = Gateway::default();
    let mut phone = Phone::with(work);
    phone.lives(HOUR, &mut |task, _| match task {
        Task::Known { .. } => Outcome::NotLapor { status: 403 },
        task => good.answers(task),
    });
    assert!(!phone.asked.iter().any(|one| is_picture(&one.task)));
    assert_eq!(phone.row(1).state, OperationState::Done);
}

#[test]
fn whoever_looks_at_a_picture_of_a_report_that_is_asked_for_reads_until_when_it_waits() {
    let work = restored();
    let mut phone = Phone::with(work);
    let mut good = Gateway::default();
    phone.lives(3 * MINUTE, &mut |task, _| match task {
        Task::Known { .. } => Outcome::NotLapor { status: 403 },
        task => good.answers(task),
    });
    let standpoint = Standpoint {
        pictures_wait: false,
        account: AccountId(2),
        session: SessionState::Good,
        origin: &phone.work.origin,
        captive: Captive::Unknown,
        now: phone.now,
    };
    let row = phone.row(5);
    let told = standpoint.explain_operation(row, &[row]);
    assert!(told.next_try_in_ms.unwrap() > 0, "{told:?}");
}
