#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::{
    super::{OriginTrouble, Reason, story::*},
    *,
};
use crate::calendar::Due;

const ANY: Surroundings = Surroundings {
    network: super::super::Network::Unknown,
    metered: false,
    captive: super::super::Captive::Unknown,
};

/// Of a line of which only what is stored is known.
const UNKNOWN: Pace = Pace {
    bytes: 0,
    took_ms: 0,
};

fn quick() -> Upload {
    Upload {
        chunk: 8 * upload().bytes,
        ..upload()
    }
}

fn two(first: Upload, second: Upload) -> Work {
    phone()
        .and_upload(picture(1, 1), first)
        .and_upload(picture(2, 1), second)
}

/// The chunk that the plan names first, and what would travel beside the wait for its answer.
fn beside_first(work: &Work) -> Option<Task> {
    let Step::Send(flying) = plan(work, &ANY, morning()) else {
        panic!()
    };
    beside(work, &flying, UNKNOWN, &ANY, morning())
}

#[test]
fn on_a_quick_line_the_next_picture_does_not_wait_for_an_answer() {
    let next = beside_first(&two(quick(), quick())).unwrap();
    let Task::UploadChunk {
        operation, length, ..
    } = next
    else {
        panic!()
    };
    assert_eq!((operation.0, length), (2, upload().bytes));
}

#[test]
fn each_picture_is_measured_by_its_own_length() {
    let small = Upload {
        bytes: upload().bytes / 2,
        ..quick()
    };
    let numbers = |work: &Work| beside_first(work).and_then(|task| task.operation());
    let work = two(quick(), small.clone());
    assert_eq!(numbers(&work).map(|id| id.0), Some(2));
    let work = two(small, quick());
    assert_eq!(numbers(&work).map(|id| id.0), Some(2));
}

#[test]
fn on_a_slow_line_or_one_of_unknown_speed_it_does() {
    let slow = Upload {
        chunk: 8 * upload().bytes - 1,
        ..upload()
    };
    assert_eq!(beside_first(&two(slow.clone(), quick())), None);
    assert_eq!(beside_first(&two(quick(), slow)), None);
    assert_eq!(beside_first(&two(upload(), upload())), None);
}

#[test]
fn the_first_picture_tells_of_its_line_while_it_goes() {
    let work = two(upload(), upload());
    let Step::Send(flying) = plan(&work, &ANY, morning()) else {
        panic!()
    };
    let half = |took_ms| Pace {
        bytes: upload().bytes / 2,
        took_ms,
    };
    // A whole one in an eighth of a minute.
    assert!(beside(&work, &flying, half(3_750), &ANY, morning()).is_some());
    assert_eq!(beside(&work, &flying, half(3_751), &ANY, morning()), None);
    let known = Upload {
        chunk: 8 * upload().bytes - 1,
        ..upload()
    };
    let slow = two(known.clone(), known);
    let told = beside(&slow, &flying, half(1), &ANY, morning());
    assert_eq!(told, None, "what was learned of whole pictures counts more");
}

#[test]
fn the_next_part_of_the_same_picture_waits() {
    let work = two(quick(), quick());
    let Step::Send(Task::UploadChunk {
        operation,
        attachment,
        url,
        offset,
        length,
    }) = plan(&work, &ANY, morning())
    else {
        panic!()
    };
    let part = Task::UploadChunk {
        operation,
        attachment,
        url,
        offset,
        length: length - 1,
    };
    assert_eq!(beside(&work, &part, UNKNOWN, &ANY, morning()), None);
}

#[test]
fn words_and_questions_go_alone() {
    let work = two(quick(), quick());
    let Step::Send(flying) = plan(&work, &ANY, morning()) else {
        panic!()
    };
    let words = work.clone().and(create(3));
    assert_eq!(beside(&words, &flying, UNKNOWN, &ANY, morning()), None);
    let unsure = Upload {
        offset_is_sure: false,
        ..quick()
    };
    assert_eq!(beside_first(&two(quick(), unsure)), None);
    assert_eq!(beside(&work, &Task::Probe, UNKNOWN, &ANY, morning()), None);
}

#[test]
fn while_the_gateway_is_in_trouble_one_thing_is_tried() {
    let work = two(quick(), quick());
    let Step::Send(flying) = plan(&work, &ANY, morning()) else {
        panic!()
    };
    let trouble = work.in_trouble(OriginTrouble::Cut, Due::now(morning()));
    assert_eq!(beside(&trouble, &flying, UNKNOWN, &ANY, morning()), None);
}

#[test]
fn a_picture_that_is_not_due_yet_is_left_alone() {
    let mut work = two(quick(), quick());
    work.operations[1].due = Due::after(morning(), HOUR);
    work.operations[1].reason = Some(Reason::Local);
    assert_eq!(beside_first(&work), None);
}
