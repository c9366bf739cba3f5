//! Pictures: the gateway's offset is the truth.

mod progress;

use super::*;
use crate::{
    api::{Deadlines, Missing, ReportAnswer, StoredAttachment},
    report::{Sha256Hash, TrackingId},
    sync::{Upload, UploadUpdate},
};

const KIB: u64 = 1024;

fn chunk(offset: u64, length: u64) -> Task {
    Task::UploadChunk {
        operation: OperationId(1),
        attachment: 101,
        url: "u".to_owned(),
        offset,
        length,
    }
}

fn head() -> Task {
    Task::UploadOffset {
        operation: OperationId(1),
        attachment: 101,
        url: "u".to_owned(),
    }
}

fn locate() -> Task {
    Task::Locate {
        operation: OperationId(1),
        report: report(1),
    }
}

fn with(upload: Upload) -> Work {
    phone().and_upload(picture(1, 1), upload)
}

fn offset(offset: u64) -> Outcome {
    Outcome::Done(Answer::Offset(offset))
}

fn listed(stored: bool, at: Option<u64>) -> Outcome {
    let sha256 = Sha256Hash([1; 32]);
    let missing = |offset| Missing {
        sha256,
        upload_url: "/v1/uploads/new".to_owned(),
        offset,
        expires_at: None,
    };
    Outcome::Done(Answer::Report(Box::new(ReportAnswer {
        tracking_id: TrackingId("1".to_owned()),
        revision: 1,
        status: Status::Unverified,
        deadlines: Deadlines::default(),
        attachments: vec![StoredAttachment { sha256, stored }],
        missing: at.map(missing).into_iter().collect(),
        text: String::new(),
    })))
}

fn settled(
    upload: Upload,
    task: &Task,
    outcome: &Outcome,
) -> (OperationUpdate, Option<UploadUpdate>) {
    let changes = after(&with(upload), task, outcome);
    let uploads = changes
        .iter()
        .filter(|change| matches!(change, Change::Upload(_)))
        .count();
    (
        update_of(&changes, 1),
        (uploads == 1).then(|| upload_of(&changes)),
    )
}

#[test]
fn a_chunk_that_arrived_moves_on_and_sizes_the_next() {
    let before = Upload {
        cuts: 3,
        chunk: 64 * KIB,
        ..upload()
    };
    let (row, next) = settled(before, &chunk(0, 16 * KIB), &offset(16 * KIB));
    let next = next.unwrap();
    assert_eq!(
        (next.offset, next.offset_is_sure, next.cuts),
        (16 * KIB, true, 0)
    );
    assert_eq!(
        next.chunk,
        512 * KIB,
        "16 KiB in half a second, eightfold of the last size at most"
    );
    assert_eq!(
        (row.state, row.due.delay, row.attempts),
        (OperationState::Waiting, 0, 0)
    );
}

#[test]
fn what_one_picture_learned_of_the_line_the_next_ones_know() {
    let begun = Upload {
        chunk: 9 * KIB,
        ..upload()
    };
    let fresh = Upload {
        chunk: 0,
        ..upload()
    };
    let work = with(upload())
        .and_upload(picture(2, 1), fresh)
        .and_upload(picture(3, 1), begun);
    let changes = after(&work, &chunk(0, 16 * KIB), &offset(16 * KIB));
    let sizes: Vec<(i64, u64)> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Upload(update) => Some((update.attachment, update.chunk)),
            _ => None,
        })
        .collect();
    assert_eq!(sizes, [(102, 1920 * KIB), (101, 1920 * KIB)]);
}

#[test]
fn a_cut_makes_the_offset_unsure_and_counts() {
    let (row, next) = settled(upload(), &chunk(0, 16 * KIB), &Outcome::Unknown);
    let next = next.unwrap();
    assert_eq!((next.offset_is_sure, next.cuts), (false, 1));
    assert_eq!(row.reason, Some(Reason::Unknown));
    let (_, next) = settled(upload(), &head(), &Outcome::Unknown);
    assert_eq!(next, None, "nothing was sent, nothing is unsure");
}

#[test]
fn giving_way_or_a_busy_answer_is_unsure_but_no_cut() {
    for outcome in [
        Outcome::Aborted,
        Outcome::Busy {
            status: 503,
            retry_after: None,
            marked: true,
        },
        Outcome::Offline,
    ] {
        let (_, next) = settled(upload(), &chunk(0, 16 * KIB), &outcome);
        let next = next.expect("who knows how far it came");
        assert_eq!((next.offset_is_sure, next.cuts), (false, 0), "{outcome:?}");
    }
}

#[test]
fn two_cuts_without_progress_halve_the_chunk_and_give_the_line_some_air() {
    let at = |cuts| Upload {
        offset_is_sure: false,
        cuts,
        chunk: 64 * KIB,
        ..upload()
    };
    let (row, next) = settled(at(1), &head(), &offset(0));
    assert_eq!((next.unwrap().chunk, row.due.delay), (64 * KIB, 0));
    let (row, next) = settled(at(2), &head(), &offset(0));
    assert_eq!(next.unwrap().chunk, 32 * KIB);
    assert!(row.due.delay >= SECOND);
    let (row, next) = settled(at(2), &head(), &offset(5));
    let next = next.unwrap();
    assert_eq!(
        (next.chunk, next.cuts, next.offset, row.due.delay),
        (64 * KIB, 0, 5, 0),
        "it did get on"
    );
}

#[test]
fn only_what_was_sent_and_did_not_arrive_tells_of_somebody_between() {
    let asked = |reason| {
        let unsure = Upload {
            offset_is_sure: false,
            ..upload()
        };
        let row = Operation {
            reason,
            ..picture(1, 1)
        };
        let work = phone().and_upload(row, unsure);
        upload_of(&after(&work, &head(), &offset(0))).chunk
    };
    assert_eq!(
        asked(Some(Reason::Aborted)),
        64 * KIB,
        "it gave way to words"
    );
    assert_eq!(asked(Some(Reason::NotTried)), 0, "the phone died");
}

#[test]
fn an_offset_past_the_end_is_the_end() {
    let (_, next) = settled(upload(), &head(), &offset(u64::MAX));
    assert_eq!(next.unwrap().offset, upload().bytes);
}

#[test]
fn an_upload_that_moved_is_asked_for_its_offset() {
    let (row, next) = settled(upload(), &chunk(0, 16 * KIB), &Outcome::OffsetMoved);
    let next = next.unwrap();
    assert_eq!(
        (next.offset_is_sure, next.restarts, next.url),
        (false, 0, upload().url)
    );
    assert_eq!((row.due.delay, row.attempts, row.streak), (0, 1, 1));
    let work = phone().and_upload(
        Operation {
            streak: 3,
            ..picture(1, 1)
        },
        upload(),
    );
    let row = update_of(&after(&work, &chunk(0, 16 * KIB), &Outcome::OffsetMoved), 1);
    assert!(row.due.delay >= SECOND, "the fourth time it can wait");
}

#[test]
fn an_expired_upload_asks_for_a_new_url_and_is_counted() {
    let begun = Upload {
        offset: 50 * KIB,
        ..upload()
    };
    let (row, next) = settled(begun, &chunk(50 * KIB, KIB), &Outcome::UploadGone);
    let next = next.unwrap();
    assert_eq!((next.url, next.offset, next.restarts), (None, 0, 1));
    assert_eq!(row.reason, Some(Reason::UploadExpired));
}

#[test]
fn a_damaged_upload_starts_over_at_its_url() {
    let whole = Upload {
        offset: 99 * KIB,
        ..upload()
    };
    let (row, next) = settled(whole, &chunk(99 * KIB, KIB), &Outcome::UploadDamaged);
    let next = next.unwrap();
    assert_eq!(
        (next.url, next.offset, next.offset_is_sure, next.restarts),
        (upload().url, 0, true, 1)
    );
    assert_eq!(
        (row.reason, row.due.delay),
        (Some(Reason::UploadDamaged), 0)
    );
    let (row, _) = settled(
        Upload {
            restarts: 4,
            ..upload()
        },
        &chunk(0, KIB),
        &Outcome::UploadDamaged,
    );
    assert_eq!(
        row.due.delay,
        4 * 30 * SECOND,
        "the fifth time costs the person bytes: ever later"
    );
}

#[test]
fn a_picture_is_done_only_when_the_gateway_lists_it() {
    let whole = || Upload {
        offset: upload().bytes,
        ..upload()
    };
    let (row, _) = settled(whole(), &locate(), &listed(true, None));
    assert_eq!(row.state, OperationState::Done);
    let (row, _) = settled(whole(), &locate(), &listed(false, Some(upload().bytes)));
    assert_eq!(
        (row.state, row.due.delay),
        (OperationState::Waiting, 30 * SECOND),
        "lagging: asked again"
    );
    let (row, next) = settled(whole(), &locate(), &listed(false, Some(0)));
    assert_eq!(
        (row.state, row.reason),
        (OperationState::Waiting, Some(Reason::UploadDamaged))
    );
    let next = next.unwrap();
    assert_eq!(
        (next.offset, next.restarts, next.url.as_deref()),
        (0, 1, Some("/v1/uploads/new"))
    );
    let (row, _) = settled(whole(), &locate(), &listed(false, None));
    assert_eq!(
        row.state,
        OperationState::Paused,
        "neither stored nor wanted"
    );
    assert!(matches!(row.reason, Some(Reason::Refused { .. })));
}

#[test]
fn a_picture_that_was_only_looked_for_goes_on_at_once() {
    let lost = Upload {
        url: None,
        offset_is_sure: false,
        ..upload()
    };
    let changes = after(&with(lost), &locate(), &listed(false, Some(7)));
    assert!(
        changes
            .iter()
            .any(|change| matches!(change, Change::Fetched { .. })),
        "the store learns where"
    );
    let row = update_of(&changes, 1);
    assert_eq!(
        (row.state, row.due.delay, row.streak),
        (OperationState::Waiting, 0, 0)
    );
}

/// The line is there and has carried it all: what it waited for before is over.
#[test]
fn a_picture_that_the_gateway_is_still_checking_says_so_whatever_it_waited_for_before() {
    let whole = Upload {
        offset: upload().bytes,
        ..upload()
    };
    let after_locating = |upload: Upload, at: u64, before: Reason| {
        let mut work = with(upload);
        work.operations[0].reason = Some(before);
        let changes = after(&work, &locate(), &listed(false, Some(at)));
        update_of(&changes, 1).reason
    };
    for before in [Reason::Offline, Reason::NotTried, Reason::Unknown] {
        let told = after_locating(whole.clone(), upload().bytes, before);
        assert_eq!(told, Some(Reason::BeingChecked));
    }
    let lost = Upload {
        url: None,
        offset_is_sure: false,
        ..upload()
    };
    let goes_on = |before| after_locating(lost.clone(), 7, before);
    assert_eq!(goes_on(Reason::Offline), Some(Reason::NotTried));
    assert_eq!(
        goes_on(Reason::Busy { status: 503 }),
        Some(Reason::NotTried)
    );
    assert_eq!(goes_on(Reason::TooLate), Some(Reason::TooLate));
}
