//! What fails for ever, in whatever ways by turns, and what else wants the line meanwhile.

use super::*;

fn busy() -> Outcome {
    Outcome::Busy {
        status: 502,
        retry_after: None,
        marked: false,
    }
}

#[test]
fn a_report_that_is_refused_and_cut_by_turns_costs_its_bytes_ever_less_often() {
    let mut phone = Phone::with(phone().and(create(1)));
    let mut odd = false;
    phone.lives(HOUR, &mut |_, _| {
        odd = !odd;
        if odd { busy() } else { Outcome::Unknown }
    });
    assert!(phone.asked.len() < 120, "{} in an hour", phone.asked.len());
    assert!(phone.longest_wait() <= 5 * MINUTE);
}

#[test]
fn two_reports_that_fail_in_different_ways_leave_the_others_their_turn() {
    let refused = || Outcome::NotLapor { status: 403 };
    for (one, other) in [
        (refused(), busy()),
        (refused(), Outcome::Unknown),
        (busy(), Outcome::Unknown),
    ] {
        for (one, other) in [(&one, &other), (&other, &one)] {
            let mut good = Gateway::default();
            let located = Upload {
                url: Some(format!("/v1/uploads/{}", report(8))),
                ..upload()
            };
            let work = phone()
                .and(create(1))
                .and(create(2))
                .and(create(3))
                .and(row(4, OperationKind::AddEvent, 8))
                .and_upload(picture(5, 8), located)
                .with_account(|account| account.pull_due = Due::now(morning()));
            let mut phone = Phone::with(work);
            phone.lives(10 * MINUTE, &mut |task, _| match task {
                Task::Create { report: key, .. } if *key == report(1) => one.clone(),
                Task::Create { report: key, .. } if *key == report(2) => other.clone(),
                task => good.answers(task),
            });
            for id in [3, 4, 5] {
                let state = phone.row(id).state;
                assert_eq!(state, OperationState::Done, "{id}: {one:?} {other:?}");
            }
            let asks = |one: &Asked| matches!(one.task, Task::Pull { .. });
            assert!(phone.asked.iter().any(asks), "{one:?} {other:?}");
        }
    }
}

#[test]
fn one_answer_of_another_contract_costs_a_minute_and_no_day() {
    let mut good = Gateway::default();
    let mut phone = Phone::with(full_outbox());
    let mut first = true;
    phone.lives(
        DAY,
        &mut |task, _| match std::mem::replace(&mut first, false) {
            true => Outcome::Incompatible,
            false => good.answers(task),
        },
    );
    assert!(phone.all_done());
    assert!(phone.now.since(morning()).unwrap() <= MINUTE);
}

#[test]
fn a_report_whose_contract_alone_is_too_old_leaves_the_others_their_turn() {
    let mut good = Gateway::default();
    let mut phone = Phone::with(full_outbox());
    phone.lives(HOUR, &mut |task, _| match task {
        Task::Create { report: key, .. } if *key == report(1) => Outcome::Incompatible,
        task => good.answers(task),
    });
    for id in [2, 4, 5] {
        let row = phone.row(id);
        assert_eq!(row.state, OperationState::Done);
        let took = row.tried_at.unwrap().since(morning()).unwrap();
        assert!(took <= 15 * MINUTE, "{id}: {took} ms");
    }
    assert_eq!(phone.row(1).reason, Some(Reason::UpdateApp));
}

#[test]
fn a_probe_that_alone_is_answered_by_somebody_else_keeps_no_report_back() {
    for pull_in in [0, DAY] {
        let mut good = Gateway::default();
        let work = full_outbox()
            .with_account(|account| account.pull_due = Due::after(morning(), pull_in))
            .in_trouble(OriginTrouble::Offline, Due::now(morning()));
        let mut phone = Phone::with(work);
        phone.lives(HOUR, &mut |task, _| match task {
            Task::Probe => Outcome::NotLapor { status: 200 },
            task => good.answers(task),
        });
        assert!(phone.all_done());
        let took = phone.now.since(morning()).unwrap();
        assert!(took <= 2 * MINUTE, "{took} ms");
    }
}

#[test]
fn behind_a_portal_no_report_is_the_one_to_try_the_line_with() {
    let mut phone = Phone::with(full_outbox());
    let mut first = true;
    phone.lives(6 * HOUR, &mut |_, _| match std::mem::take(&mut first) {
        true => Outcome::Offline,
        false => Outcome::NotLapor { status: 200 },
    });
    let marked = phone.work.operations.iter().filter(|row| row.maybe_sent);
    assert_eq!(marked.count(), 1, "the one that met the dead line");
    assert!(phone.asked.len() < 100);
}
