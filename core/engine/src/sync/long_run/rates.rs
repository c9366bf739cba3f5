//! A gateway that never lets anything through is asked at most once a second over any minute,
//! and ever later, whatever its trouble.

use super::*;

/// A day of always the same answer. What is not about the answer's own task is answered well
/// enough to go on.
pub(super) fn a_day_of(name: &str, mut gateway: impl FnMut(&Task) -> Outcome) -> Phone {
    let mut phone = Phone::with(full_outbox());
    phone.lives(DAY, &mut |task, _| gateway(task));
    assert!(!phone.asked.is_empty(), "{name}");
    let most = phone.busiest_minute();
    assert!(
        most <= 60,
        "{name}: {most} requests in a minute; {:?}",
        &phone.asked[..phone.asked.len().min(70)]
    );
    phone
}

#[test]
fn offline_portal_and_untrusted_are_probed_up_to_every_fifteen_minutes_and_spend_nothing() {
    for outcome in [
        Outcome::Offline,
        Outcome::ClockWrong,
        Outcome::Untrusted,
        Outcome::NotLapor { status: 200 },
    ] {
        let phone = a_day_of(outcome.code(), |_| outcome.clone());
        assert!(
            phone.asked.len() < 120,
            "{}: {} in a day",
            outcome.code(),
            phone.asked.len()
        );
        assert!(
            phone.asked.len() > 90,
            "and never forgotten: {}",
            phone.asked.len()
        );
        assert!(phone.longest_wait() <= 15 * MINUTE);
        for row in &phone.work.operations {
            assert_eq!(
                (row.attempts, row.state),
                (0, OperationState::Waiting),
                "{row:?}"
            );
        }
        let marked = phone
            .work
            .operations
            .iter()
            .filter(|row| row.maybe_sent)
            .count();
        assert!(
            marked <= 1,
            "only the first try, made in good faith, may count as perhaps sent"
        );
    }
}

#[test]
fn a_phone_without_network_marks_no_report_as_perhaps_sent() {
    let mut phone = Phone::with(full_outbox());
    phone.surroundings.network = Network::None;
    phone.lives(DAY, &mut |_, _| Outcome::Offline);
    assert!(phone.asked.iter().all(|one| one.task == Task::Probe));
    assert!(phone.work.operations.iter().all(|row| !row.maybe_sent));
}

#[test]
fn a_busy_gateway_sees_one_probe_at_most_every_five_minutes_in_the_end() {
    for status in [429, 503, 200] {
        let phone = a_day_of("busy", |_| Outcome::Busy {
            status,
            retry_after: None,
            marked: true,
        });
        assert!(
            phone.longest_wait() <= 5 * MINUTE,
            "{}",
            phone.longest_wait()
        );
        assert!(phone.asked.len() < 900, "{} in a day", phone.asked.len());
        let last = &phone.asked[phone.asked.len() - 20..];
        assert!(
            last.windows(2)
                .all(|two| two[1].at.since(two[0].at).unwrap() >= SECOND),
            "one at a time"
        );
        let blamed = phone.work.operations.iter().any(|row| row.streak > 1);
        assert!(!blamed, "an outage is the fault of no report");
    }
}

#[test]
fn retry_after_is_respected() {
    let phone = a_day_of("retry after", |_| Outcome::Busy {
        status: 503,
        retry_after: Some(HOUR),
        marked: true,
    });
    assert!(phone.asked.len() <= 24, "{}", phone.asked.len());
    assert!(
        phone
            .asked
            .windows(2)
            .all(|two| two[1].at.since(two[0].at).unwrap() >= HOUR)
    );
    assert!(phone.longest_wait() <= HOUR + 6 * MINUTE);
}

#[test]
fn a_line_that_always_cuts_is_tried_about_every_minute() {
    let phone = a_day_of("cut", |_| Outcome::Unknown);
    assert!(phone.longest_wait() <= MINUTE);
    assert!(
        phone.asked.len() > 1_000,
        "the next cell may be better: {}",
        phone.asked.len()
    );
    assert!(
        phone
            .work
            .operations
            .iter()
            .filter(|row| row.is_free)
            .all(|row| row.maybe_sent)
    );
}

#[test]
fn a_refusal_is_tried_daily() {
    let refused = Outcome::Refused {
        status: 403,
        code: "not_allowed".to_owned(),
    };
    let mut phone = Phone::with(full_outbox());
    phone.pulls = true;
    phone.lives(5 * DAY, &mut |_, _| refused.clone());
    let creates = phone
        .asked
        .iter()
        .filter(|one| matches!(one.task, Task::Create { .. }))
        .count();
    assert_eq!(creates, 10, "two reports, five days");
    assert!(phone.busiest_minute() <= 60);
}

#[test]
fn an_incompatible_gateway_is_asked_ever_later_and_the_person_is_told_to_update() {
    let phone = a_day_of("incompatible", |_| Outcome::Incompatible);
    assert!(phone.asked.len() <= 15, "{}", phone.asked.len());
    assert!(
        phone
            .waits
            .iter()
            .all(|wake| wake.reason == Some(Reason::UpdateApp))
    );
}

#[test]
fn a_404_for_ever_ends_in_the_daily_try_and_is_no_proof_of_absence() {
    let phone = a_day_of("404", |_| Outcome::NotFound);
    let row = phone.row(1);
    assert_eq!(row.state, OperationState::Paused);
    assert!(matches!(
        row.reason,
        Some(Reason::Refused { status: 404, .. })
    ));
    assert!(phone.sent.is_empty());
}

#[test]
fn a_401_for_ever_asks_for_two_refreshes_and_then_for_the_person() {
    let mut good = Gateway::default();
    let phone = a_day_of("401", |task| match task {
        Task::Refresh => good.answers(task),
        _ => Outcome::Unauthorized,
    });
    let tasks: Vec<&str> = phone.asked.iter().map(|one| one.task.code()).collect();
    assert_eq!(tasks, ["create", "refresh", "create", "refresh", "pull"]);
    assert_eq!(
        phone.work.account.as_ref().unwrap().session,
        SessionState::Ended
    );
    let phone = a_day_of("401 for the refresh as well", |task| match task {
        Task::Refresh => Outcome::SessionEnded,
        _ => Outcome::Unauthorized,
    });
    assert_eq!(phone.asked.len(), 2);
}

#[test]
fn a_refresh_that_is_refused_in_other_words_does_not_spin() {
    for odd in [
        Outcome::Refused {
            status: 400,
            code: "x".to_owned(),
        },
        Outcome::NotFound,
        Outcome::KeyTaken { foreign: false },
        Outcome::Withdrawn,
    ] {
        let phone = a_day_of("odd refresh", |task| match task {
            Task::Refresh => odd.clone(),
            _ => Outcome::Unauthorized,
        });
        assert!(phone.asked.len() < 900, "{}", phone.asked.len());
    }
}

#[test]
fn a_feed_that_leads_nowhere_does_not_spin() {
    use crate::api::{ChangesAnswer, FeedItem};
    let page = |cursor: &str, changes: Vec<FeedItem>| {
        let page = ChangesAnswer {
            cursor: cursor.to_owned(),
            complete: false,
            changes,
        };
        Outcome::Done(Answer::Changes(page))
    };
    for odd in [
        page("c1", vec![FeedItem::Unknown]),
        page("c2", vec![]),
        Outcome::CursorGone,
        Outcome::Withdrawn,
        Outcome::KeyTaken { foreign: true },
        Outcome::NotFound,
        Outcome::Refused {
            status: 400,
            code: "x".to_owned(),
        },
    ] {
        let mut work = phone();
        work.account.as_mut().unwrap().pull_due = Due::now(morning());
        let mut phone = Phone::with(work);
        phone.pulls = true;
        phone.lives(DAY, &mut |_, _| odd.clone());
        assert!(phone.asked.len() <= 100, "{odd:?}: {}", phone.asked.len());
        assert!(
            phone.asked.len() >= 20,
            "and asked again: {}",
            phone.asked.len()
        );
    }
}

#[test]
fn an_epoch_check_that_answers_half_or_not_at_all_does_not_spin() {
    let half = KnownAnswer {
        known: vec![],
        withdrawn: vec![report(8)],
        unknown: vec![report(77)],
    };
    for odd in [
        Outcome::Done(Answer::Known(half)),
        Outcome::KeyTaken { foreign: false },
        Outcome::Withdrawn,
        Outcome::NotFound,
        Outcome::Refused {
            status: 400,
            code: "x".to_owned(),
        },
    ] {
        let work =
            phone().with_account(|account| account.unverified_keys = vec![report(7), report(8)]);
        let mut phone = Phone::with(work);
        phone.lives(HOUR, &mut |_, _| odd.clone());
        assert_eq!(phone.asked.len(), 1, "{odd:?}");
        assert!(phone.work.account.unwrap().unverified_keys.is_empty());
    }
}
