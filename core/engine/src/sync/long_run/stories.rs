//! Trouble that ends, and trouble of one that is not the trouble of all.

use super::*;

#[test]
fn from_a_dead_spot_to_tracking_numbers() {
    let mut good = Gateway::default();
    let mut phone = Phone::with(full_outbox());
    phone.lives(DAY, &mut |task, _| good.answers(task));
    assert!(phone.all_done());
    assert_eq!(phone.now, morning(), "a good line is not waited for");
    let order: Vec<&str> = phone.asked.iter().map(|one| one.task.code()).collect();
    assert_eq!(order[..3], ["create", "create", "event"], "words first");
    assert_eq!(phone.sent, [report(1), report(2)]);
    assert!(phone.asked[0].task.operation() == Some(OperationId(1)) && phone.row(1).maybe_sent);
}

#[test]
fn whatever_the_trouble_everything_arrives_soon_after_it_ends() {
    let troubles = [
        (Outcome::Offline, 16 * MINUTE),
        (Outcome::ClockWrong, 16 * MINUTE),
        (Outcome::Untrusted, 16 * MINUTE),
        (Outcome::NotLapor { status: 200 }, 16 * MINUTE),
        (Outcome::Unknown, 2 * MINUTE),
        (
            Outcome::Busy {
                status: 503,
                retry_after: None,
                marked: true,
            },
            6 * MINUTE,
        ),
        (
            Outcome::Busy {
                status: 502,
                retry_after: None,
                marked: false,
            },
            6 * MINUTE,
        ),
        (
            Outcome::Busy {
                status: 200,
                retry_after: None,
                marked: true,
            },
            6 * MINUTE,
        ),
        (
            Outcome::Busy {
                status: 503,
                retry_after: Some(20 * MINUTE),
                marked: true,
            },
            23 * MINUTE,
        ),
    ];
    for (trouble, soon) in troubles {
        for span in [30 * SECOND, 10 * MINUTE, 8 * HOUR, 3 * DAY] {
            let mut good = Gateway::default();
            let mut phone = Phone::with(full_outbox());
            phone.lives(10 * DAY, &mut |task, at| {
                if at < span {
                    trouble.clone()
                } else {
                    good.answers(task)
                }
            });
            assert!(phone.all_done(), "{trouble:?}");
            let late = phone.now.since(morning().plus(span)).unwrap_or(0);
            assert!(late <= soon, "{trouble:?} for {span} ms: {late} ms late");
            assert_eq!(phone.sent.len(), 2, "each arrives once");
        }
    }
}

#[test]
fn a_new_network_is_tried_within_seconds_and_after_hours_of_silence_within_ninety() {
    for (silence, within) in [(20 * SECOND, 3 * SECOND), (8 * HOUR, 90 * SECOND)] {
        let mut phone = Phone::with(full_outbox());
        phone.surroundings.network = Network::None;
        phone.lives(silence, &mut |_, _| Outcome::Offline);
        phone.comes_into(Network::Up);
        let came = phone.now;
        let mut good = Gateway::default();
        phone.lives(DAY, &mut |task, _| good.answers(task));
        assert!(phone.all_done());
        assert!(phone.now.since(came).unwrap() <= within);
    }
}

#[test]
fn a_network_that_goes_is_noted_once_and_one_that_is_only_heard_of_is_no_new_one() {
    let mut phone = Phone::with(full_outbox());
    let changed =
        |phone: &Phone, before, after| network_changed(&phone.work, before, after, phone.now);
    assert_eq!(changed(&phone, Network::Up, Network::None).len(), 1);
    phone.surroundings.network = Network::Up;
    phone.comes_into(Network::None);
    for (before, after) in [
        (Network::None, Network::None),
        (Network::Unknown, Network::None),
        (Network::Up, Network::Up),
        (Network::Up, Network::Unknown),
    ] {
        assert_eq!(changed(&phone, before, after), [], "{before:?} {after:?}");
    }
}

#[test]
fn a_phone_that_is_wrong_about_its_network_sends_all_the_same() {
    let mut phone = Phone::with(full_outbox());
    phone.surroundings.network = Network::None;
    let mut good = Gateway::default();
    phone.lives(DAY, &mut |task, _| good.answers(task));
    assert!(phone.all_done());
    let probes = phone
        .asked
        .iter()
        .filter(|one| one.task == Task::Probe)
        .count();
    assert_eq!(probes, 1, "the line was believed after one probe");
}

/// What the gateway, or something before it, cannot digest about report 1.
#[test]
fn one_report_that_nobody_can_digest_holds_back_no_other() {
    for odd in [
        Outcome::Busy {
            status: 500,
            retry_after: None,
            marked: true,
        },
        Outcome::Busy {
            status: 502,
            retry_after: None,
            marked: false,
        },
        Outcome::Busy {
            status: 200,
            retry_after: None,
            marked: true,
        },
        Outcome::NotLapor { status: 403 },
        Outcome::Unknown,
        Outcome::Refused {
            status: 413,
            code: "body_too_large".to_owned(),
        },
        Outcome::NotFound,
        Outcome::Rejected { problems: vec![] },
        Outcome::KeyTaken { foreign: true },
    ] {
        let mut good = Gateway::default();
        let mut phone = Phone::with(full_outbox());
        phone.lives(DAY, &mut |task, _| match task {
            Task::Create { report: key, .. } if *key == report(1) => odd.clone(),
            _ => good.answers(task),
        });
        assert_eq!(phone.sent, [report(2)], "{odd:?}");
        for id in [2, 4, 5] {
            let row = phone.row(id);
            assert_eq!(row.state, OperationState::Done, "{odd:?}");
            let took = row.tried_at.unwrap().since(morning()).unwrap();
            assert!(
                took <= 2 * MINUTE,
                "{odd:?}: {id} was held back for {took} ms"
            );
        }
        assert!(phone.busiest_minute() <= 60, "{odd:?}");
        assert!(
            !phone.row(1).state.is_finished(),
            "and it is not given up: {odd:?}"
        );
    }
}

#[test]
fn an_upload_host_that_is_down_does_not_keep_a_new_report_waiting() {
    for odd in [
        Outcome::Offline,
        Outcome::Untrusted,
        Outcome::NotLapor { status: 404 },
    ] {
        let mut good = Gateway::default();
        let mut phone = Phone::with(full_outbox());
        let mut gateway = |task: &Task, _: u64| match task {
            Task::UploadOffset { .. } | Task::UploadChunk { .. } => odd.clone(),
            _ => good.answers(task),
        };
        phone.lives(6 * HOUR, &mut gateway);
        let written = phone.now;
        phone.work.operations.push(Operation {
            due: Due::now(written),
            ..create(9)
        });
        phone.lives(HOUR, &mut gateway);
        let row = phone.row(9);
        assert_eq!(row.state, OperationState::Done, "{odd:?}");
        let took = row.tried_at.unwrap().since(written).unwrap();
        assert!(took <= MINUTE, "{odd:?}: {took} ms");
    }
}

#[test]
fn a_token_that_expires_again_and_again_never_asks_for_the_person() {
    let mut good = Gateway::default();
    let mut phone = Phone::with(full_outbox());
    let mut fresh = false;
    phone.lives(DAY, &mut |task, _| match task {
        Task::Refresh => {
            fresh = true;
            good.answers(task)
        }
        // The URL of an upload is its own proof.
        Task::UploadOffset { .. } | Task::UploadChunk { .. } => good.answers(task),
        // Every token is good for one request, which may as well end in a refusal.
        _ if !std::mem::replace(&mut fresh, false) => Outcome::Unauthorized,
        Task::Create { report: key, .. } if *key == report(1) => Outcome::Refused {
            status: 403,
            code: "x".to_owned(),
        },
        _ => good.answers(task),
    });
    assert_ne!(
        phone.work.account.as_ref().unwrap().session,
        SessionState::Ended
    );
    assert_eq!(phone.sent, [report(2)]);
}

#[test]
fn a_restored_server_is_asked_what_it_knows_before_anything_else() {
    let mut good = Gateway::default();
    let work = full_outbox().with_account(|account| account.unverified_keys = vec![report(40)]);
    let mut phone = Phone::with(work.and(Operation {
        state: OperationState::Done,
        ..create(40)
    }));
    phone.lives(DAY, &mut |task, _| match task {
        Task::Known { keys } => Outcome::Done(Answer::Known(KnownAnswer {
            known: vec![],
            withdrawn: vec![],
            unknown: keys.clone(),
        })),
        _ => good.answers(task),
    });
    assert_eq!(phone.asked[0].task.code(), "known");
    assert_eq!(
        phone.sent,
        [report(1), report(2), report(40)],
        "what it forgot goes again, under the same key"
    );
}

#[test]
fn a_report_taken_back_on_a_bad_line_is_never_sent_again() {
    let maybe = Operation {
        maybe_sent: true,
        ..create(1)
    };
    let mut good = Gateway::default();
    let mut phone = Phone::with(phone().and(maybe).and(row(2, OperationKind::Withdraw, 1)));
    phone.lives(DAY, &mut |task, at| {
        if at < HOUR {
            Outcome::Unknown
        } else {
            good.answers(task)
        }
    });
    assert!(
        phone.asked.iter().all(|one| one.task.code() == "withdraw"),
        "{:?}",
        phone.asked.last()
    );
    assert_eq!(phone.row(1).state, OperationState::Ended);
}

#[test]
fn words_written_while_a_picture_goes_are_the_next_request() {
    let mut good = Gateway::default();
    let mut phone = Phone::with(phone().and_upload(picture(1, 1), upload()));
    let task = sent(&phone.work, &phone.surroundings, phone.now);
    phone.work.operations.push(create(2));
    assert!(more_urgent(&phone.work, &phone.surroundings, phone.now));
    phone.sends(task, &mut |_, _| Outcome::Aborted);
    phone.lives(DAY, &mut |task, _| good.answers(task));
    let order: Vec<&str> = phone
        .asked
        .iter()
        .map(|one| one.task.code())
        .take(4)
        .collect();
    assert_eq!(
        order,
        ["upload_chunk", "create", "upload_offset", "upload_chunk"]
    );
    assert!(phone.all_done());
    assert_eq!(phone.work.uploads[0].cuts, 0, "giving way is no cut");
}

#[test]
fn two_reports_that_something_in_between_dislikes_leave_the_others_their_turn() {
    let busy = Outcome::Busy {
        status: 502,
        retry_after: None,
        marked: false,
    };
    for no in [Outcome::NotLapor { status: 403 }, busy, Outcome::Unknown] {
        let mut good = Gateway::default();
        // One that has been in the same trouble before: it does not look like one that has not.
        let another = Operation {
            reason: Some(Reason::NotLapor { status: 200 }),
            ..create(4)
        };
        let reply = row(3, OperationKind::AddEvent, 8);
        let work = phone().and(create(1)).and(create(2)).and(reply);
        let mut phone = Phone::with(work.and(another));
        phone.lives(10 * MINUTE, &mut |task, _| match task {
            Task::Create { report: key, .. } if *key != report(4) => no.clone(),
            task => good.answers(task),
        });
        assert_eq!(phone.row(4).state, OperationState::Done, "{no:?}");
        assert_eq!(phone.row(3).state, OperationState::Done, "{no:?}");
        assert!(!phone.row(1).state.is_finished() && !phone.row(2).state.is_finished());
    }
}

#[test]
fn a_report_that_something_in_between_dislikes_does_not_keep_the_news_away() {
    let mut good = Gateway::default();
    let work = phone()
        .and(create(1))
        .with_account(|account| account.pull_due = Due::now(morning()));
    let mut phone = Phone::with(work);
    phone.lives(10 * MINUTE, &mut |task, _| match task {
        Task::Create { .. } => Outcome::NotLapor { status: 403 },
        task => good.answers(task),
    });
    let asks = |one: &Asked| matches!(one.task, Task::Pull { .. });
    assert!(phone.asked.iter().any(asks));
}

#[test]
fn news_and_questions_that_fail_keep_no_report_away() {
    let busy = Outcome::Busy {
        status: 503,
        retry_after: None,
        marked: true,
    };
    for no in [busy, Outcome::NotLapor { status: 403 }, Outcome::Unknown] {
        for reports in 1..=3 {
            let mut good = Gateway::default();
            let work = phone().with_account(|account| account.pull_due = Due::now(morning()));
            let work = (1..=reports).fold(work, |work, number| work.and(create(number)));
            let mut phone = Phone::with(work);
            // Everything fails for a while, and these for ever.
            phone.lives(2 * HOUR, &mut |task, since| match task {
                Task::Pull { .. } | Task::Probe => no.clone(),
                _ if since < 10 * MINUTE => no.clone(),
                task => good.answers(task),
            });
            for number in 1..=reports {
                let state = phone.row(number).state;
                assert_eq!(state, OperationState::Done, "{number} of {reports}: {no:?}");
            }
        }
    }
}
