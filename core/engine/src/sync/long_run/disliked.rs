//! Two pictures that a front end, their host or the line dislikes, and a third one that it does not.

use super::*;

fn busy() -> Outcome {
    Outcome::Busy {
        status: 502,
        retry_after: None,
        marked: false,
    }
}

fn dislikes() -> [Outcome; 8] {
    [
        Outcome::NotLapor { status: 403 },
        Outcome::NotLapor { status: 413 },
        Outcome::NotLapor { status: 200 },
        busy(),
        Outcome::Unknown,
        Outcome::Offline,
        Outcome::Untrusted,
        Outcome::OffsetMoved,
    ]
}

type Which = (&'static str, fn(&Task) -> bool);

/// Which requests of a picture are disliked.
const WHICH: [Which; 4] = [
    ("bytes", |task| matches!(task, Task::UploadChunk { .. })),
    ("host", |task| {
        matches!(task, Task::UploadChunk { .. } | Task::UploadOffset { .. })
    }),
    ("question", |task| matches!(task, Task::UploadOffset { .. })),
    ("all", is_picture),
];

#[test]
fn two_disliked_pictures_leave_a_third_its_turn() {
    let located = |number| Upload {
        url: Some(format!("/v1/uploads/{}", report(number))),
        bytes: 290 * 1024,
        ..upload()
    };
    for (which, is_it) in WHICH {
        for no in dislikes() {
            for sure in [true, false] {
                for from in [0, 10 * SECOND, 20 * MINUTE, 5 * HOUR] {
                    let mut good = Gateway::default();
                    let at = |number| Upload {
                        offset_is_sure: sure,
                        ..located(number)
                    };
                    let work = phone()
                        .and_upload(picture(1, 1), at(1))
                        .and_upload(picture(2, 2), at(2));
                    let mut phone = Phone::with(work);
                    let mut answers = |task: &Task, _| {
                        let disliked = task.operation().is_some_and(|id| id.0 < 3);
                        if disliked && is_it(task) {
                            no.clone()
                        } else {
                            good.answers(task)
                        }
                    };
                    phone.lives(from.max(1), &mut answers);
                    let since = phone.now;
                    phone.work.operations.push(Operation {
                        due: Due::now(since),
                        ..picture(3, 3)
                    });
                    phone.work.uploads.push(Upload {
                        attachment: 103,
                        report: report(3),
                        ..at(3)
                    });
                    phone.lives(DAY, &mut answers);
                    let row = phone.row(3);
                    let told = format!("{which}, {no:?}, sure {sure}, after {from} ms");
                    assert_eq!(row.state, OperationState::Done, "{told}");
                    let took = row.tried_at.unwrap().since(since).unwrap();
                    assert!(took <= 5 * MINUTE, "{told}: {took} ms");
                }
            }
        }
    }
}
