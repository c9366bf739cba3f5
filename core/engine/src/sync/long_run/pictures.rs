//! Pictures that never get through: words arrive all the same, and the pictures are tried ever later.

use super::{rates::a_day_of, *};

/// Words arrive, pictures meet `odd`.
fn pictures_meet(name: &str, mut odd: impl FnMut(&Task) -> Outcome) -> Phone {
    let mut good = Gateway::default();
    let phone = a_day_of(name, |task| {
        if is_picture(task) {
            odd(task)
        } else {
            good.answers(task)
        }
    });
    assert_eq!(
        phone.sent.len(),
        2,
        "{name}: words do not wait for pictures"
    );
    assert!(!phone.all_done());
    assert!(
        phone.asked.len() < 4_000,
        "{name}: {} in a day",
        phone.asked.len()
    );
    phone
}

#[test]
fn pictures_that_never_get_through_are_tried_ever_later() {
    let good = Gateway::default();
    let listed = |task: &Task| match task {
        Task::Locate { report, .. } => {
            Outcome::Done(Answer::Report(Box::new(good.listed(*report))))
        }
        _ => panic!("{task:?}"),
    };
    for (name, odd) in [
        ("offset always elsewhere", Outcome::OffsetMoved),
        ("upload always gone", Outcome::UploadGone),
        ("upload always damaged", Outcome::UploadDamaged),
        ("upload always cut", Outcome::Unknown),
        ("upload host is offline", Outcome::Offline),
        ("upload host is a portal", Outcome::NotLapor { status: 200 }),
        ("upload host is not trusted", Outcome::Untrusted),
        (
            "upload always busy",
            Outcome::Busy {
                status: 500,
                retry_after: None,
                marked: true,
            },
        ),
    ] {
        pictures_meet(name, |task| {
            if matches!(task, Task::Locate { .. }) {
                listed(task)
            } else {
                odd.clone()
            }
        });
    }
}

#[test]
fn an_offset_that_wanders_or_stands_still_does_not_spin() {
    let mut flips = 0_u64;
    let phone = pictures_meet("wandering offset", |task| match task {
        Task::UploadOffset { .. } => {
            flips += 1;
            Outcome::Done(Answer::Offset(flips % 2 * 10_000))
        }
        _ => Outcome::OffsetMoved,
    });
    assert!(!phone.asked.is_empty());
    pictures_meet("offset known, chunks refused", |task| match task {
        Task::UploadOffset { .. } => Outcome::Done(Answer::Offset(0)),
        _ => Outcome::OffsetMoved,
    });
    pictures_meet("every chunk is cut at its first byte", |task| match task {
        Task::UploadOffset { .. } => Outcome::Done(Answer::Offset(0)),
        _ => Outcome::Unknown,
    });
}

#[test]
fn a_picture_that_is_never_listed_is_asked_for_ever_later() {
    let mut good = Gateway::default();
    let phone = a_day_of("lagging", |task| match task {
        Task::Locate { report, .. } => {
            let at = |offset| Missing {
                sha256: Sha256Hash([1; 32]),
                upload_url: format!("/v1/uploads/{report}"),
                offset,
                expires_at: None,
            };
            let listed = ReportAnswer {
                attachments: vec![],
                missing: vec![at(upload().bytes)],
                ..good.listed(*report)
            };
            Outcome::Done(Answer::Report(Box::new(listed)))
        }
        _ => good.answers(task),
    });
    let locates = phone
        .asked
        .iter()
        .filter(|one| one.task.code() == "locate")
        .count();
    assert!((20..120).contains(&locates), "{locates}");
    assert!(!phone.all_done(), "done only when the gateway lists it");

    let mut good = Gateway::default();
    let phone = a_day_of("starts over every time", |task| match task {
        Task::Locate { report, .. } => {
            good.has.clear();
            Outcome::Done(Answer::Report(Box::new(good.listed(*report))))
        }
        _ => good.answers(task),
    });
    assert!(!phone.all_done());
    let bytes: u64 = phone
        .asked
        .iter()
        .map(|one| {
            if let Task::UploadChunk { length, .. } = one.task {
                length
            } else {
                0
            }
        })
        .sum();
    assert!(
        bytes < 2 * 60 * upload().bytes,
        "a day of it costs {bytes} bytes"
    );
}
