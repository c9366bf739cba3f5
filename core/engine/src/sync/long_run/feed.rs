//! A feed that alone fails, for ever: neither words nor pictures wait for it, and the session stays.

use super::*;

fn failures() -> [Outcome; 4] {
    let busy = Outcome::Busy {
        status: 503,
        retry_after: None,
        marked: true,
    };
    let refused = Outcome::NotLapor { status: 403 };
    [busy, refused, Outcome::Unknown, Outcome::Incompatible]
}

fn unauthorized() -> Option<Reason> {
    Some(Reason::Refused {
        status: 401,
        code: "unauthorized".to_owned(),
    })
}

fn feed_is_due(account: &mut Account) {
    account.pull_due = Due::now(morning());
}

fn asks_the_feed(one: &&Asked) -> bool {
    matches!(one.task, Task::Pull { .. })
}

#[test]
fn a_feed_that_alone_fails_keeps_no_picture_away() {
    // Nothing, or everything for so long.
    for silence in [0, HOUR] {
        for no in failures() {
            let mut good = Gateway::default();
            let located = Upload {
                url: Some(format!("/v1/uploads/{}", report(1))),
                ..upload()
            };
            let work = phone().and_upload(picture(1, 1), located);
            let mut phone = Phone::with(work.with_account(feed_is_due));
            phone.lives(silence, &mut |_, _| no.clone());
            phone.now = phone.now.plus(10 * MINUTE);
            let since = phone.now;
            phone.lives(DAY, &mut |task, _| match task {
                Task::Pull { .. } => no.clone(),
                task => good.answers(task),
            });
            assert!(phone.all_done(), "{no:?}");
            let took = phone.now.since(since).unwrap();
            assert!(took <= 5 * MINUTE, "{no:?} after {silence} ms: {took} ms");
        }
    }
}

#[test]
fn a_feed_that_alone_fails_is_asked_again_and_again() {
    for no in failures() {
        let mut work = phone().and(create(1)).with_account(feed_is_due);
        // Something that waits all the time.
        work.operations[0].due = Due::after(morning(), DAY);
        let mut phone = Phone::with(work);
        phone.lives(6 * HOUR, &mut |_, _| no.clone());
        let asked = phone.asked.iter().filter(asks_the_feed).count();
        assert!((2..400).contains(&asked), "{no:?}: {asked}");
    }
}

#[test]
fn a_report_refused_for_a_day_and_a_feed_that_fails_keep_no_other_report_away() {
    for no in failures() {
        let refused = Operation {
            state: OperationState::Paused,
            reason: unauthorized(),
            due: Due::after(morning(), DAY),
            ..create(1)
        };
        for refreshed in [false, true] {
            let mut good = Gateway::default();
            let work = phone()
                .and(refused.clone())
                .and(create(2))
                .with_account(feed_is_due)
                .with_account(|account| account.refreshed = refreshed);
            let mut phone = Phone::with(work);
            phone.lives(2 * MINUTE, &mut |task, _| match task {
                Task::Pull { .. } => no.clone(),
                task => good.answers(task),
            });
            assert_eq!(phone.sent, [report(2)], "{no:?}");
        }
    }
}

#[test]
fn words_wait_for_one_page_of_the_feed_at_most() {
    for state in [OperationState::Paused, OperationState::Waiting] {
        for refreshed in [false, true] {
            let refused = Operation {
                state,
                reason: unauthorized(),
                due: Due::after(morning(), DAY),
                ..create(1)
            };
            let mut good = Gateway::default();
            let work = phone()
                .and(refused)
                .and(create(2))
                .with_account(feed_is_due)
                .with_account(|account| account.refreshed = refreshed);
            let mut phone = Phone::with(work);
            let mut page = 1;
            phone.pulls = true;
            phone.lives(MINUTE, &mut |task, _| match task {
                Task::Pull { .. } => {
                    page += 1;
                    let answer = crate::api::ChangesAnswer {
                        cursor: format!("c{page}"),
                        complete: page >= 1_000,
                        changes: vec![crate::api::FeedItem::Unknown],
                    };
                    Outcome::Done(Answer::Changes(answer))
                }
                task => good.answers(task),
            });
            let creates = |one: &Asked| one.task.code() == "create";
            let before = phone.asked.iter().position(creates).unwrap();
            assert!(before <= usize::from(refreshed), "{before} pages");
            assert_eq!(page, 1_000, "and the feed is read to its end");
        }
    }
}

/// The feed is to show whether it is the token or the report, and fails for hours; the report is always
/// answered with a 401.
#[test]
fn a_report_that_is_always_unauthorized_ends_no_session_while_the_feed_fails() {
    for no in failures() {
        for others in [false, true] {
            let mut good = Gateway::default();
            let mut work = phone().and(create(1)).with_account(feed_is_due);
            if others {
                work = work.and(Operation {
                    due: Due::after(morning(), HOUR),
                    ..create(2)
                });
            }
            let mut phone = Phone::with(work);
            phone.pulls = true;
            phone.lives(6 * HOUR, &mut |task, at| match task {
                Task::Pull { .. } if at < 3 * HOUR => no.clone(),
                Task::Create { report: key, .. } if *key == report(1) => Outcome::Unauthorized,
                task => good.answers(task),
            });
            let session = phone.work.account.as_ref().unwrap().session;
            assert_eq!(session, SessionState::Good, "{no:?}");
            let row = phone.row(1);
            assert_eq!(row.state, OperationState::Paused, "{no:?}");
            assert_eq!(row.reason, unauthorized());
        }
    }
}

#[test]
fn a_feed_whose_cursors_never_live_is_not_asked_at_full_speed() {
    for pages in 1..=3 {
        let mut phone = Phone::with(phone().with_account(feed_is_due));
        phone.pulls = true;
        let (mut page, mut first) = (0, None);
        phone.lives(HOUR, &mut |task, at| match task {
            Task::Pull { after } if after.is_none() || (page < pages && page > 0) => {
                page = if after.is_none() { 1 } else { page + 1 };
                first.get_or_insert(at);
                let answer = crate::api::ChangesAnswer {
                    cursor: format!("d{page}"),
                    complete: false,
                    changes: vec![crate::api::FeedItem::Unknown],
                };
                Outcome::Done(Answer::Changes(answer))
            }
            _ => {
                page = 0;
                Outcome::CursorGone
            }
        });
        assert_eq!(first, Some(0), "the first time it begins anew at once");
        assert!(phone.busiest_minute() <= 12, "{}", phone.busiest_minute());
        assert!(phone.asked.len() > 60, "and is asked again");
    }
}

#[test]
fn a_feed_whose_pages_go_in_a_circle_is_not_read_at_full_speed() {
    for circle in [1, 2, 7, 300] {
        let mut good = Gateway::default();
        let work = phone()
            .and(Operation {
                due: Due::after(morning(), 10 * MINUTE),
                ..create(1)
            })
            .with_account(feed_is_due);
        let mut phone = Phone::with(work);
        phone.pulls = true;
        let mut page = 0;
        phone.lives(6 * HOUR, &mut |task, _| match task {
            Task::Pull { .. } => {
                page = (page + 1) % circle;
                let answer = crate::api::ChangesAnswer {
                    cursor: format!("p{page}"),
                    complete: false,
                    changes: vec![crate::api::FeedItem::Unknown],
                };
                Outcome::Done(Answer::Changes(answer))
            }
            task => good.answers(task),
        });
        let asked = phone.asked.iter().filter(asks_the_feed).count();
        assert!(asked <= 25 * (circle + 1), "{circle}: {asked}");
        assert!(asked > 20, "{circle}: {asked}");
        assert_eq!(phone.sent, [report(1)]);
    }
}

/// After a 410 the same names come again, and lead on.
#[test]
fn a_feed_that_begins_anew_is_read_to_its_end_whatever_its_cursors_are_called() {
    let mut phone = Phone::with(phone().with_account(feed_is_due));
    phone.pulls = true;
    let mut page = 0;
    let mut was_gone = false;
    phone.lives(MINUTE, &mut |task, _| {
        let Task::Pull { after } = task else {
            panic!("{task:?}");
        };
        if page == 5 && !was_gone {
            was_gone = true;
            return Outcome::CursorGone;
        }
        page = if after.is_none() { 1 } else { page + 1 };
        let answer = crate::api::ChangesAnswer {
            cursor: format!("p{page}"),
            complete: page == 9,
            changes: vec![crate::api::FeedItem::Unknown],
        };
        Outcome::Done(Answer::Changes(answer))
    });
    assert_eq!(page, 9);
}
