#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! What goes next. Waiting and doubt have files of their own.

mod doubt;
mod idle;
mod waiting;

use super::*;
use crate::{
    calendar::Due,
    sync::{Captive, Chunks, OperationId, OriginTrouble, RunId, Upload, story::*},
};

const ANY: Surroundings = Surroundings {
    network: Network::Unknown,
    metered: false,
    captive: Captive::Unknown,
};

fn goes(work: &Work) -> &'static str {
    sent(work, &ANY, morning()).code()
}

#[test]
fn the_order_of_work_is_refresh_epoch_words_events_copies_pictures_feed() {
    let mut work = phone()
        .and_upload(picture(1, 9), upload())
        .and(row(2, OperationKind::AddEvent, 8))
        .and(row(4, OperationKind::FetchCopy, 7))
        .and(create(3))
        .with_account(|account| {
            account.session = SessionState::Expired;
            account.unverified_keys = vec![report(1)];
            account.pull_due = Due::now(morning());
        });
    assert_eq!(goes(&work), "refresh");
    work.account.as_mut().unwrap().session = SessionState::Good;
    assert_eq!(
        goes(&work),
        "known",
        "what the server forgot comes before anything it would be built upon"
    );
    work.account.as_mut().unwrap().unverified_keys.clear();
    assert_eq!(goes(&work), "create");
    work.operations
        .retain(|row| row.kind != OperationKind::CreateReport);
    assert_eq!(goes(&work), "event");
    work.operations
        .retain(|row| row.kind != OperationKind::AddEvent);
    assert_eq!(goes(&work), "fetch_copy", "somebody has to decide");
    work.operations
        .retain(|row| row.kind != OperationKind::FetchCopy);
    assert_eq!(goes(&work), "upload_chunk");
    work.operations.clear();
    assert_eq!(goes(&work), "pull");
}

#[test]
fn news_wait_for_pictures_a_minute_and_no_longer() {
    let due = Due::after(morning(), HOUR);
    let work = phone()
        .and_upload(picture(1, 9), upload())
        .with_account(|account| account.pull_due = due);
    let at = |ms| sent(&work, &ANY, morning().plus(HOUR + ms)).code();
    assert_eq!(at(0), "upload_chunk");
    assert_eq!(at(59_999), "upload_chunk");
    assert_eq!(
        at(60_000),
        "pull",
        "a long series of pictures must not hide them"
    );
    let back = Instant(morning().0 - 1);
    assert_eq!(
        sent(&work, &ANY, back).code(),
        "pull",
        "nobody knows how late it is"
    );
}

/// All there, and not yet listed by the gateway.
fn whole(chunk: u64) -> Upload {
    Upload {
        offset: upload().bytes,
        offset_is_sure: true,
        url: Some("/v1/uploads/a".to_owned()),
        chunk,
        ..upload()
    }
}

#[test]
fn on_a_quick_line_bytes_go_before_the_question_whether_all_is_there() {
    let quick = upload().bytes;
    let begun = Upload {
        url: Some("/v1/uploads/b".to_owned()),
        offset_is_sure: true,
        ..upload()
    };
    let work = phone()
        .and_upload(picture(1, 1), whole(quick))
        .and_upload(picture(2, 1), begun.clone());
    assert_eq!(goes(&work), "upload_chunk");
    let work = phone().and_upload(picture(1, 1), whole(quick));
    assert_eq!(goes(&work), "locate", "nothing else wants the line");
    let work = phone()
        .and_upload(picture(1, 1), whole(quick - 1))
        .and_upload(picture(2, 1), begun.clone());
    assert_eq!(
        goes(&work),
        "locate",
        "a slow line has time for the question, and a person waits for its answer"
    );
    let waiting = |count| {
        let all = (1..=count).fold(phone(), |work, number| {
            work.and_upload(picture(number, 1), whole(4 * quick))
        });
        all.and_upload(picture(count + 1, 1), begun.clone())
    };
    assert_eq!(goes(&waiting(7)), "upload_chunk");
    assert_eq!(
        goes(&waiting(8)),
        "locate",
        "two minutes of line, and no more"
    );
}

#[test]
fn pictures_follow_where_one_waits_and_may_go() {
    let work = phone().and(create(1));
    assert!(!pictures_follow(&work, &ANY));
    let mut work = work.and_upload(picture(2, 1), upload());
    assert!(pictures_follow(&work, &ANY));
    work.pictures_unmetered_only = true;
    let paid = Surroundings {
        metered: true,
        ..ANY
    };
    assert!(!pictures_follow(&work, &paid));
    let work = work.in_trouble(OriginTrouble::Offline, Due::now(morning()));
    assert!(
        !pictures_follow(&work, &ANY),
        "nothing is known to be there"
    );
}

#[test]
fn words_go_before_pictures_whatever_came_first() {
    let work = phone().and_upload(picture(1, 1), upload()).and(create(2));
    assert_eq!(
        sent(&work, &ANY, morning()),
        Task::Create {
            operation: OperationId(2),
            report: report(2)
        }
    );
}

#[test]
fn reports_go_in_the_order_of_the_outbox() {
    let work = phone().and(create(4)).and(create(7));
    assert_eq!(
        sent(&work, &ANY, morning()).operation(),
        Some(OperationId(4))
    );
}

#[test]
fn what_is_refused_holds_back_nothing_else() {
    let refused = Operation {
        state: OperationState::Paused,
        due: Due::after(morning(), DAY),
        reason: Some(Reason::Refused {
            status: 403,
            code: "not_allowed".to_owned(),
        }),
        ..create(1)
    };
    let work = phone().and(refused.clone()).and(create(2));
    assert_eq!(
        sent(&work, &ANY, morning()).operation(),
        Some(OperationId(2))
    );
    let work = phone()
        .and_upload(
            Operation {
                kind: OperationKind::UploadAttachment,
                attachment: Some(1),
                ..refused
            },
            upload(),
        )
        .and_upload(picture(2, 2), upload());
    assert_eq!(
        sent(&work, &ANY, morning()).operation(),
        Some(OperationId(2))
    );
}

#[test]
fn an_operation_waits_for_what_it_follows() {
    let reply = Operation {
        follows: Some(OperationId(1)),
        is_free: false,
        ..row(2, OperationKind::AddEvent, 1)
    };
    let later = Operation {
        due: Due::after(morning(), HOUR),
        reason: Some(Reason::Local),
        ..create(1)
    };
    let wake = waits(&phone().and(later).and(reply), &ANY, morning());
    assert_eq!(wake.in_ms, HOUR);
}

#[test]
fn a_report_being_taken_back_is_not_sent_meanwhile() {
    let maybe = Operation {
        maybe_sent: true,
        ..create(1)
    };
    let back = row(2, OperationKind::Withdraw, 1);
    let work = phone()
        .and(maybe.clone())
        .and_upload(picture(3, 1), upload())
        .and(back.clone());
    assert_eq!(goes(&work), "withdraw");
    let later = Operation {
        due: Due::after(morning(), HOUR),
        ..back
    };
    let work = phone()
        .and(maybe)
        .and_upload(picture(3, 1), upload())
        .and(later)
        .and(create(4));
    assert_eq!(
        sent(&work, &ANY, morning()).operation(),
        Some(OperationId(4)),
        "others are not held"
    );
    let wake = waits(
        &Work {
            operations: work.operations[..3].to_vec(),
            ..work
        },
        &ANY,
        morning(),
    );
    assert_eq!(
        wake.in_ms, HOUR,
        "until the gateway has answered, the report stays where it is"
    );
}

#[test]
fn a_picture_is_located_then_asked_for_its_offset_then_sent_then_confirmed() {
    let at = |change: fn(&mut Upload)| {
        let mut upload = upload();
        change(&mut upload);
        sent(&phone().and_upload(picture(1, 1), upload), &ANY, morning())
    };
    assert_eq!(at(|upload| upload.url = None).code(), "locate");
    assert_eq!(
        at(|upload| upload.offset_is_sure = false).code(),
        "upload_offset"
    );
    let Task::UploadChunk { offset, length, .. } = at(|upload| upload.bytes = 1 << 20) else {
        panic!()
    };
    assert_eq!((offset, length), (0, Chunks::FIRST));
    let Task::UploadChunk { offset, length, .. } = at(|upload| upload.offset = upload.bytes - 5)
    else {
        panic!()
    };
    assert_eq!((offset, length), (100 * 1024 - 5, 5), "never past the end");
    assert_eq!(
        at(|upload| upload.offset = upload.bytes).code(),
        "locate",
        "stored only when the gateway lists it"
    );
}

#[test]
fn a_picture_in_the_middle_gives_way_to_words_only() {
    let sending = Operation {
        state: OperationState::InFlight,
        owner: Some(run()),
        ..picture(1, 1)
    };
    let work = phone().and_upload(sending, upload());
    assert!(!more_urgent(&work, &ANY, morning()));
    assert!(more_urgent(&work.clone().and(create(2)), &ANY, morning()));
    assert!(more_urgent(
        &work.clone().and(row(2, OperationKind::AddEvent, 2)),
        &ANY,
        morning()
    ));
    assert!(more_urgent(
        &work.clone().and(row(2, OperationKind::Withdraw, 1)),
        &ANY,
        morning()
    ));
    let later = Operation {
        due: Due::after(morning(), HOUR),
        ..create(2)
    };
    assert!(!more_urgent(&work.clone().and(later), &ANY, morning()));
    let feed = work.with_account(|account| account.pull_due = Due::now(morning()));
    assert!(
        !more_urgent(&feed, &ANY, morning()),
        "the feed can wait for a chunk"
    );
}

#[test]
fn every_account_key_is_verified_in_batches_of_a_hundred() {
    let work =
        phone().with_account(|account| account.unverified_keys = (0..=150).map(report).collect());
    let Task::Known { keys } = sent(&work, &ANY, morning()) else {
        panic!()
    };
    assert_eq!(keys.len(), 100);
}

#[test]
fn a_task_becomes_the_action_of_its_own_row() {
    let work = phone().and(row(3, OperationKind::AddEvent, 8));
    let action = sent(&work, &ANY, morning())
        .action(&work, b"body".to_vec(), None)
        .unwrap();
    let crate::api::Action::Event {
        key,
        event_key,
        body,
    } = action
    else {
        panic!()
    };
    assert_eq!(
        (key, event_key.0, body),
        (report(8), [8; 16], b"body".to_vec())
    );
    assert!(
        Task::Refresh
            .action(
                &Work {
                    account: None,
                    ..phone()
                },
                Vec::new(),
                None
            )
            .is_none()
    );
}

#[test]
fn only_words_are_marked_as_perhaps_sent() {
    let (operation, report) = (OperationId(1), report(1));
    assert!(Task::Create { operation, report }.marks_maybe_sent());
    assert!(Task::Withdraw { operation, report }.marks_maybe_sent());
    assert!(Task::Event { operation, report }.marks_maybe_sent());
    for task in [
        Task::Probe,
        Task::Refresh,
        Task::Pull { after: None },
        Task::Locate { operation, report },
    ] {
        assert!(!task.marks_maybe_sent(), "{task:?}");
    }
}
