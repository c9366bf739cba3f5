//! Limits, the feed and the question after a restore: never again at once without having led somewhere.

use super::*;
use crate::{
    api::{ChangesAnswer, FeedItem, KnownAnswer, KnownReport, MetaAnswer},
    report::Limits,
    sync::later::{Kind, Later},
};

fn pull(after: Option<&str>) -> Task {
    Task::Pull {
        after: after.map(str::to_owned),
    }
}

/// When the feed is asked again, milliseconds; nothing where the outcome leaves that as it was.
fn next_pull(task: &Task, outcome: &Outcome) -> Option<u64> {
    after(&phone(), task, outcome)
        .iter()
        .find_map(|change| match change {
            Change::PullDue { due, .. } => Some(due.remaining(morning())),
            _ => None,
        })
}

#[test]
fn only_a_full_pull_says_what_is_not_there_and_only_at_its_end() {
    let told = |after_: Option<&str>, complete: bool| -> (bool, bool) {
        let task = Task::Pull {
            after: after_.map(str::to_owned),
        };
        let page = Outcome::Done(Answer::Changes(ChangesAnswer {
            cursor: "c2".to_owned(),
            complete,
            changes: Vec::new(),
        }));
        let changes = after(&phone(), &task, &page);
        let at = |of: &dyn Fn(&Change) -> bool| changes.iter().position(of);
        let page = at(&|change| matches!(change, Change::Feed { .. })).unwrap();
        let begins = at(&|change| matches!(change, Change::FeedBegins { .. }));
        let ends = at(&|change| matches!(change, Change::FeedEnds { .. }));
        assert!(begins.is_none_or(|begins| begins < page));
        assert!(ends.is_none_or(|ends| ends > page));
        (begins.is_some(), ends.is_some())
    };
    assert_eq!(told(None, false), (true, false));
    assert_eq!(told(None, true), (true, true));
    assert_eq!(told(Some("c1"), false), (false, false));
    assert_eq!(told(Some("c1"), true), (false, true));
}

#[test]
fn the_feed_goes_on_at_once_only_while_its_pages_lead_somewhere() {
    let page = |cursor: &str, complete: bool, changes: usize| {
        Outcome::Done(Answer::Changes(ChangesAnswer {
            cursor: cursor.to_owned(),
            complete,
            changes: vec![FeedItem::Unknown; changes],
        }))
    };
    let task = pull(Some("c1"));
    let later = Some(15 * MINUTE);
    assert_eq!(next_pull(&task, &page("c2", false, 3)), Some(0));
    assert_eq!(next_pull(&pull(None), &page("c1", false, 3)), Some(0));
    assert_eq!(
        next_pull(&task, &page("c2", true, 3)),
        later,
        "the last page"
    );
    assert_eq!(
        next_pull(&task, &page("c2", false, 0)),
        later,
        "an empty page"
    );
    assert_eq!(
        next_pull(&task, &page("c1", false, 3)),
        later,
        "a page that leads back to itself"
    );
    let nothing = Outcome::Done(Answer::NoChanges);
    assert_eq!(next_pull(&task, &nothing), later);
}

#[test]
fn a_cursor_that_is_gone_begins_from_the_start_and_at_once() {
    let changes = after(&phone(), &pull(Some("c1")), &Outcome::CursorGone);
    let forgets = |change: &Change| matches!(change, Change::Feed { cursor: None, items, .. } if items.is_empty());
    assert!(changes.iter().any(forgets));
    assert_eq!(next_pull(&pull(Some("c1")), &Outcome::CursorGone), Some(0));
    assert_eq!(
        next_pull(&pull(None), &Outcome::CursorGone),
        Some(HOUR),
        "there was none: that leads nowhere"
    );
}

#[test]
fn a_feed_that_is_refused_is_asked_an_hour_later_and_one_that_is_out_of_reach_stays_due() {
    let refused = Outcome::Refused {
        status: 403,
        code: "x".to_owned(),
    };
    let task = pull(Some("c1"));
    for outcome in [refused, Outcome::NotFound, Outcome::TooLate] {
        assert_eq!(next_pull(&task, &outcome), Some(HOUR), "{outcome:?}");
    }
    for outcome in [Outcome::Offline, Outcome::Unknown, Outcome::Aborted] {
        assert_eq!(next_pull(&task, &outcome), None, "{outcome:?}");
    }
}

#[test]
fn a_feed_that_may_fail_alone_is_put_off_a_minute_where_something_else_waits() {
    let delay = |row: Operation, outcome: &Outcome| {
        let changes = after(&phone().and(row), &pull(Some("c1")), outcome);
        changes.iter().find_map(|change| match change {
            Change::PullDue { due, .. } => Some(due.delay),
            _ => None,
        })
    };
    for outcome in [
        Outcome::Unknown,
        Outcome::Incompatible,
        Outcome::NotLapor { status: 403 },
    ] {
        let waits = delay(picture(1, 1), &outcome);
        assert_eq!(waits, Some(MINUTE), "{outcome:?}");
        let on_trial = Operation {
            reason: Some(Reason::Refused {
                status: 401,
                code: "unauthorized".to_owned(),
            }),
            ..create(1)
        };
        assert_eq!(delay(on_trial, &outcome), None, "it waits for the feed");
    }
    assert_eq!(delay(create(1), &Outcome::Offline), None);
}

#[test]
fn after_a_restore_only_what_the_gateway_does_not_have_is_sent_again() {
    let task = Task::Known {
        keys: vec![report(1), report(2), report(3), report(4)],
    };
    let answer = Outcome::Done(Answer::Known(KnownAnswer {
        known: vec![KnownReport {
            key: report(1),
            tracking_id: crate::report::TrackingId("1916449".to_owned()),
        }],
        withdrawn: vec![report(2)],
        unknown: vec![report(3)],
    }));
    let account = phone().account.unwrap().id;
    let verified = |keys| Change::Verified { account, keys };
    let forgotten = |keys| Change::Forgotten {
        account,
        keys,
        at: morning(),
    };
    let changes = after(&phone(), &task, &answer);
    assert!(changes.contains(&verified(vec![report(1), report(2)])));
    assert!(
        changes.contains(&forgotten(vec![report(3), report(4)])),
        "also what the answer passes over: the key makes it harmless"
    );
}

#[test]
fn a_question_that_was_not_answered_forgets_nothing() {
    let task = Task::Known {
        keys: vec![report(1)],
    };
    let forgets = |outcome: &Outcome| {
        after(&phone(), &task, outcome)
            .iter()
            .any(|change| matches!(change, Change::Forgotten { .. }))
    };
    for outcome in [
        Outcome::Offline,
        Outcome::Unknown,
        Outcome::NotLapor { status: 404 },
        Outcome::Unauthorized,
    ] {
        assert!(!forgets(&outcome), "{outcome:?}");
    }
    assert!(forgets(&Outcome::NotFound), "it does not know the question");
}

#[test]
fn limits_that_leave_no_room_for_a_report_are_not_believed() {
    let believed = |limits: Limits| {
        let meta = Outcome::Done(Answer::Meta(MetaAnswer {
            limits: limits.clone(),
        }));
        after(&phone(), &Task::Probe, &meta).contains(&Change::Limits(limits))
    };
    assert!(believed(Limits::default()));
    assert!(!believed(Limits {
        title_chars: 0,
        ..Limits::default()
    }));
}

#[test]
fn a_feed_that_was_put_off_is_free_again_once_it_is_answered_and_not_before() {
    let mut work = phone();
    let waited = Later {
        due: Due::now(morning()),
        tries: 1,
        status: 503,
    };
    work.origin.later = [(Kind::Feed, waited)].into();
    let pull = Task::Pull { after: None };
    let put_off = |outcome: &Outcome| settling(&work, &pull, outcome).put_off().len();
    assert_eq!(put_off(&Outcome::CursorGone), 0, "an answer");
    for nobody in [Outcome::Offline, Outcome::Unknown, Outcome::Aborted] {
        assert_eq!(put_off(&nobody), 1, "{nobody:?}");
    }
}

#[test]
fn an_hour_that_the_feed_was_asked_for_parks_no_words() {
    let busy = OriginTrouble::Busy { status: 503 };
    let work = phone().in_trouble(busy, Due::now(morning()));
    let outcome = Outcome::Busy {
        marked: true,
        status: 503,
        retry_after: Some(HOUR),
    };
    let origin = origin_of(&after(&work, &pull(None), &outcome)).unwrap();
    let trouble = origin.trouble.unwrap();
    assert!(trouble.due.delay <= 5 * MINUTE, "{trouble:?}");
    assert!(origin.later[&Kind::Feed].due.delay >= HOUR);
}
