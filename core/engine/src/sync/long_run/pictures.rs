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

/// A report that is there, and its picture of 290 KB, whose bytes meet `odd` at the front end while
/// everything else reaches the gateway.
fn bytes_meet(span: u64, mut odd: impl FnMut(u64) -> Option<Outcome>) -> (Phone, Gateway) {
    let mut good = Gateway::default();
    let big = Upload {
        bytes: BIG,
        url: Some(format!("/v1/uploads/{}", report(1))),
        ..upload()
    };
    let mut phone = Phone::with(phone().and_upload(picture(1, 1), big));
    phone.lives(span, &mut front_end(&mut good, &mut odd));
    (phone, good)
}

const BIG: u64 = 290 * 1_024;

fn front_end(
    good: &mut Gateway,
    odd: &mut impl FnMut(u64) -> Option<Outcome>,
) -> impl FnMut(&Task, u64) -> Outcome {
    |task, _| match task {
        Task::UploadChunk { length, .. } => odd(*length).unwrap_or_else(|| good.answers(task)),
        _ => good.answers(task),
    }
}

/// Bodies of pictures and their bytes between two moments since the start.
fn bodies(phone: &Phone, from: u64, until: u64) -> (usize, u64) {
    let lengths = phone.asked.iter().filter_map(|one| match one.task {
        Task::UploadChunk { length, .. } => {
            let at = one.at.since(morning()).unwrap();
            (from..until).contains(&at).then_some(length)
        }
        _ => None,
    });
    let lengths: Vec<u64> = lengths.collect();
    (lengths.len(), lengths.iter().sum())
}

fn odd(status: u16) -> Outcome {
    Outcome::NotLapor { status }
}

#[test]
fn a_picture_that_only_a_front_end_refuses_is_sent_ever_later_and_in_ever_smaller_pieces() {
    for status in [413, 403, 200] {
        let (phone, _) = bytes_meet(4 * DAY, |_| Some(odd(status)));
        let (count, bytes) = bodies(&phone, 0, HOUR);
        assert!(
            count <= 12 && bytes < 3 * BIG,
            "{status}: {count} bodies, {bytes} bytes in the first hour"
        );
        let (count, bytes) = bodies(&phone, 3 * DAY, 4 * DAY);
        assert!(
            (1..=24).contains(&count) && bytes < BIG,
            "{status}: {count} bodies, {bytes} bytes on the fourth day"
        );
        let row = phone.row(1);
        assert_eq!(row.reason, Some(Reason::Poison { status }));
        assert_eq!(row.attempts, 0, "it may be a portal that knows the address");
    }
}

#[test]
fn a_picture_that_the_front_end_of_a_cafe_refuses_goes_on_the_way_home() {
    for refused_for in [HOUR, 2 * DAY] {
        let (mut phone, mut good) = bytes_meet(refused_for, |_| Some(odd(403)));
        phone.comes_into(Network::None);
        phone.now = phone.now.plus(20 * MINUTE);
        phone.comes_into(Network::Up);
        let came = phone.now;
        phone.lives(DAY, &mut |task, _| good.answers(task));
        assert!(phone.all_done());
        let took = phone.now.since(came).unwrap();
        assert!(took < MINUTE, "refused for {refused_for} ms: {took} ms");
    }
}

#[test]
fn a_network_that_comes_and_goes_every_minute_costs_little_where_somebody_refuses_a_picture() {
    let (mut phone, mut good) = bytes_meet(2 * DAY, |_| Some(odd(413)));
    for _ in 0..12 * 60 {
        phone.comes_into(Network::None);
        phone.comes_into(Network::Up);
        phone.lives(MINUTE, &mut front_end(&mut good, &mut |_| Some(odd(413))));
    }
    let (count, bytes) = bodies(&phone, 2 * DAY, 3 * DAY);
    assert!(
        (24..=49).contains(&count) && bytes < 2 * BIG,
        "{count} bodies, {bytes} bytes in half a day"
    );
}

#[test]
fn words_do_not_wait_for_a_picture_that_a_front_end_refuses() {
    for pause in [0, SECOND, 20 * SECOND, MINUTE, 10 * MINUTE, 3 * HOUR] {
        let (mut phone, mut good) = bytes_meet(pause.max(1), |_| Some(odd(413)));
        let written = morning().plus(pause);
        phone.now = written;
        phone.work.operations.push(Operation {
            due: Due::now(written),
            ..create(9)
        });
        let follows = Operation {
            due: Due::now(written),
            ..row(10, OperationKind::AddEvent, 1)
        };
        phone.work.operations.push(follows);
        let mut refused = |_| Some(odd(413));
        phone.lives(30 * SECOND, &mut front_end(&mut good, &mut refused));
        for id in [9, 10] {
            let row = phone.row(id);
            assert_eq!(row.state, OperationState::Done, "after {pause} ms");
            assert_eq!(row.tried_at, Some(written), "after {pause} ms");
        }
    }
}

#[test]
fn a_limit_of_size_in_a_front_end_costs_one_body_and_the_picture_arrives() {
    for limit in [250_u64, 100, 64, 33, 8].map(|kib| kib * 1_024) {
        let (phone, _) = bytes_meet(DAY, |length| (length > limit).then(|| odd(413)));
        assert!(phone.all_done(), "{limit}");
        let (_, bytes) = bodies(&phone, 0, DAY);
        assert!(bytes < BIG * 5 / 2, "{limit}: {bytes} bytes");
        let took = phone.now.since(morning()).unwrap();
        assert!(took < 10 * MINUTE, "{limit}: {took} ms");
    }
}

#[test]
fn a_front_end_that_has_been_mended_is_no_reason_for_small_pieces_any_more() {
    let (mut phone, mut good) = bytes_meet(6 * HOUR, |_| Some(odd(413)));
    phone.lives(DAY, &mut |task, _| good.answers(task));
    let (chunks, _) = bodies(&phone, 0, 2 * DAY);
    let (refused, _) = bodies(&phone, 0, 6 * HOUR);
    assert!(phone.all_done());
    assert!(chunks - refused <= 4, "{} pieces", chunks - refused);
}

#[test]
fn a_portal_in_the_middle_of_a_picture_is_the_lines_trouble_and_nothing_waits_after_it() {
    for span in [40 * SECOND, 10 * MINUTE, 8 * HOUR] {
        for round in 1..=3 {
            let mut good = Gateway::default();
            let mut phone = Phone::with(phone().and_upload(picture(1, 1), upload()));
            phone.work.uploads[0].chunk = 8 * 1_024;
            // In the middle of a picture, more than once: the first bytes after it are through.
            for _ in 0..round {
                let mut left = 1;
                phone.lives(SECOND, &mut |task, _| match task {
                    Task::UploadChunk { .. } if left > 0 => {
                        left -= 1;
                        good.answers(task)
                    }
                    _ => odd(200),
                });
                let until = phone.now.plus(span).since(morning()).unwrap();
                phone.lives(span + 16 * MINUTE, &mut |task, at| {
                    if at < until {
                        odd(200)
                    } else {
                        good.answers(task)
                    }
                });
                if phone.all_done() {
                    break;
                }
            }
            assert!(phone.all_done(), "{span} ms, {round}");
            let row = phone.row(1);
            assert!(row.streak <= 1, "{span}: {}", row.streak);
        }
    }
}

#[test]
fn a_picture_whose_question_is_always_cut_keeps_no_other_picture_away() {
    let at = |number| Upload {
        url: Some(format!("/v1/uploads/{}", report(number))),
        ..upload()
    };
    let located = Upload {
        offset_is_sure: false,
        ..at(1)
    };
    let unlocated = Upload {
        url: None,
        ..located.clone()
    };
    for first in [located, unlocated] {
        let mut good = Gateway::default();
        let work = phone().and_upload(picture(1, 1), first.clone());
        let work = work.and_upload(picture(2, 2), at(2));
        let mut phone = Phone::with(work);
        phone.lives(HOUR, &mut |task, _| match task {
            Task::Locate { report: key, .. } if *key == report(1) => Outcome::Unknown,
            Task::UploadOffset { operation, .. } if *operation == OperationId(1) => {
                Outcome::Unknown
            }
            task => good.answers(task),
        });
        let row = phone.row(2);
        assert_eq!(row.state, OperationState::Done, "{first:?}");
        let took = row.tried_at.unwrap().since(morning()).unwrap();
        assert!(took <= 2 * MINUTE, "{took} ms");
        assert!(!phone.row(1).state.is_finished());
    }
}
