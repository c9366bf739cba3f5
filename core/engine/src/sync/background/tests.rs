#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::{
    calendar::Due,
    sync::{OperationId, RunId, later::Later, story::*},
};

fn goes(work: &Work) -> Vec<&'static str> {
    let around = Surroundings::default();
    for_the_os(work, &around, morning())
        .iter()
        .map(Task::code)
        .collect()
}

#[test]
fn words_go_first_and_a_picture_goes_with_all_that_is_left_of_it() {
    let half = crate::sync::Upload {
        offset: 300,
        bytes: 300_000,
        ..upload()
    };
    let work = phone().and_upload(picture(1, 1), half).and(create(2));
    assert_eq!(goes(&work), ["create", "upload_chunk"]);
    let tasks = for_the_os(&work, &Surroundings::default(), morning());
    let Task::UploadChunk { offset, length, .. } = tasks[1] else {
        panic!("{tasks:?}");
    };
    assert_eq!((offset, length), (300, 299_700));
}

#[test]
fn a_picture_whose_offset_is_not_sure_is_asked_for_first() {
    let unsure = crate::sync::Upload {
        offset_is_sure: false,
        ..upload()
    };
    assert!(goes(&phone().and_upload(picture(1, 1), unsure)).is_empty());
}

#[test]
fn offline_is_no_obstacle_a_gateway_that_wants_peace_is() {
    let later = Due::after(morning(), HOUR);
    let in_trouble = |what| phone().and(create(1)).in_trouble(what, later);
    assert_eq!(goes(&in_trouble(OriginTrouble::Offline)), ["create"]);
    for what in [
        OriginTrouble::Busy { status: 503 },
        OriginTrouble::NotLapor { status: 200 },
        OriginTrouble::Incompatible,
    ] {
        assert!(goes(&in_trouble(what)).is_empty());
    }
}

#[test]
fn without_a_good_token_only_pictures_go() {
    let mut work = phone().and_upload(picture(1, 1), upload()).and(create(2));
    let mut session = |state| {
        work.account.as_mut().unwrap().session = state;
        goes(&work)
    };
    assert_eq!(session(SessionState::Expired), ["upload_chunk"]);
    assert!(session(SessionState::Ended).is_empty());
}

#[test]
fn until_a_restored_gateway_has_said_what_it_has_only_what_is_new_to_it_is_handed_out() {
    let mut work = phone().and_upload(picture(1, 1), upload()).and(create(2));
    work.account.as_mut().unwrap().unverified_keys = vec![report(7)];
    assert_eq!(goes(&work), ["create"]);
    // It cannot be asked for now: as in the app itself, nothing waits for that.
    let later = Later {
        due: Due::after(morning(), HOUR),
        tries: 2,
        status: 500,
    };
    work.origin.later.insert(Kind::Known, later);
    assert_eq!(goes(&work), ["create", "upload_chunk"]);
}

#[test]
fn what_somebody_carries_already_is_not_handed_out_twice() {
    let mut work = phone().and(create(1));
    work.operations[0].state = OperationState::InFlight;
    for owner in ["this run", "os:job"] {
        work.operations[0].owner = Some(RunId(owner.to_owned()));
        assert!(goes(&work).is_empty(), "{owner}");
    }
    assert_eq!(work.operations[0].id, OperationId(1));
}

#[test]
fn what_waits_for_a_network_is_the_os_s_and_what_waits_for_its_time_is_not() {
    let waits = |reason: Reason| {
        let mut row = create(1);
        row.due = Due::after(morning(), HOUR);
        row.reason = Some(reason);
        goes(&phone().and(row))
    };
    assert_eq!(waits(Reason::Offline), ["create"]);
    assert!(waits(Reason::Poison { status: 503 }).is_empty());
}
