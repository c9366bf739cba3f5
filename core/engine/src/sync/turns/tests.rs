#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use super::*;
use crate::sync::{
    OperationId, OriginTrouble, Surroundings, Upload, Work, settle,
    story::{
        create, morning, origin_of, phone, picture, report, sent, settling, update_of, upload,
    },
};

fn create_task() -> Task {
    Task::Create {
        operation: OperationId(1),
        report: report(1),
    }
}

fn chunk_task() -> Task {
    Task::UploadChunk {
        operation: OperationId(1),
        attachment: 101,
        url: "u".to_owned(),
        offset: 0,
        length: 9,
    }
}

/// A row that has failed so often while somebody else got through, and another report that waits.
fn beside_another(row: Operation, streak: u32) -> Work {
    let row = Operation { streak, ..row };
    let upload = Upload {
        cuts: 0,
        ..upload()
    };
    let work = match row.attachment {
        Some(_) => phone().and_upload(row, upload),
        None => phone().and(row),
    };
    work.and(create(2))
}

fn after(work: &Work, task: &Task, outcome: &Outcome) -> OperationUpdate {
    update_of(&settle(&settling(work, task, outcome)), 1)
}

/// The shortest and the longest wait of fifty phones, milliseconds.
fn spread(work: &Work, task: &Task, outcome: &Outcome) -> (u64, u64) {
    let delays = (0..50).map(|phone| {
        let work = Work {
            install_secret: [phone; 32],
            ..work.clone()
        };
        after(&work, task, outcome).due.delay
    });
    let delays: Vec<u64> = delays.collect();
    (*delays.iter().min().unwrap(), *delays.iter().max().unwrap())
}

fn busy() -> Outcome {
    Outcome::Busy {
        status: 500,
        retry_after: None,
        marked: true,
    }
}

#[test]
fn what_only_this_report_stumbles_over_is_tried_at_its_own_pace_up_to_the_pace_s_end() {
    let portal = Outcome::NotLapor { status: 200 };
    for (row, task, outcome, first, most) in [
        (create(1), create_task(), busy(), 4 * SECOND, HOUR),
        (
            create(1),
            create_task(),
            Outcome::Unknown,
            2 * SECOND,
            30 * SECOND,
        ),
        (
            create(1),
            create_task(),
            portal.clone(),
            30 * SECOND,
            15 * MINUTE,
        ),
        (
            picture(1, 1),
            chunk_task(),
            Outcome::Offline,
            30 * SECOND,
            15 * MINUTE,
        ),
    ] {
        for (streak, cap) in [(1, first), (2, (2 * first).min(most)), (30, most)] {
            let (least, longest) = spread(&beside_another(row.clone(), streak), &task, &outcome);
            assert!(
                least >= SECOND && longest <= cap && longest > cap / 4 * 3,
                "{outcome:?}, failure {streak}: {least} to {longest} ms of {cap}"
            );
        }
    }
}

#[test]
fn a_picture_that_somebody_else_answers_is_asked_about_at_once_and_then_goes_at_its_own_pace() {
    let alone = |streak| {
        let mut work = beside_another(picture(1, 1), streak);
        work.operations.truncate(1);
        work
    };
    let refused = Outcome::NotLapor { status: 403 };
    for streak in [0, 1, 5] {
        let changes = settle(&settling(&alone(streak), &chunk_task(), &refused));
        let origin = origin_of(&changes).unwrap();
        let doubt = origin.trouble.clone().unwrap();
        assert_eq!((doubt.due.delay, doubt.tries), (0, 0), "{streak}");
        assert_eq!(origin.told(), None, "nothing stands between yet");
        let work = Work {
            origin,
            ..alone(streak)
        };
        let asked = sent(&work, &Surroundings::default(), morning());
        assert_eq!(asked, Task::Probe, "{streak}");
        let narrow = work.origin.narrow.map(|narrow| narrow.bytes);
        let known = (streak > 0).then_some(4);
        assert_eq!(narrow, known, "once may be a portal that begins");
        let row = update_of(&changes, 1);
        assert_eq!((row.streak, row.attempts), (streak + 1, 0));
        let own = row.reason == Some(Reason::Poison { status: 403 });
        assert_eq!(own, streak > 0, "{:?}", row.reason);
    }
    assert_eq!(after(&alone(0), &chunk_task(), &refused).due.delay, 0);
    for (streak, cap) in [(1, 30 * SECOND), (2, MINUTE), (30, 8 * HOUR)] {
        let (least, longest) = spread(&alone(streak), &chunk_task(), &refused);
        assert!(
            least >= SECOND && longest <= cap && longest > cap / 4 * 3,
            "failure {streak}: {least} to {longest} ms of {cap}"
        );
    }
    let question = Task::UploadOffset {
        operation: OperationId(1),
        attachment: 101,
        url: "u".to_owned(),
    };
    let (_, longest) = spread(&alone(30), &question, &refused);
    assert!(longest <= 15 * MINUTE, "a question costs no body");
    let busy = alone(3).in_trouble(OriginTrouble::Busy { status: 503 }, Due::now(morning()));
    let changes = settle(&settling(&busy, &chunk_task(), &refused));
    let told = origin_of(&changes).unwrap();
    assert!(told.told().is_some(), "in trouble before: no new doubt");
    assert_eq!(update_of(&changes, 1).streak, 3);
}

/// Words that a portal answers, and a picture without a line: nothing has to be told apart there.
#[test]
fn only_a_picture_that_somebody_else_answers_leaves_a_doubt() {
    for (row, task, outcome) in [
        (create(1), create_task(), Outcome::NotLapor { status: 200 }),
        (picture(1, 1), chunk_task(), Outcome::Offline),
    ] {
        let changes = settle(&settling(&beside_another(row, 0), &task, &outcome));
        let origin = origin_of(&changes).unwrap();
        let told = origin.told().map(|told| (told.tries, told.due.delay));
        assert_eq!(told, Some((1, 30 * SECOND)), "{outcome:?}");
    }
}

#[test]
fn a_limit_of_size_is_forgotten_after_a_day_and_when_the_smallest_piece_passes() {
    let narrow = |bytes| {
        let mut work = beside_another(picture(1, 1), 0);
        work.origin.narrow = Some(Narrow {
            bytes,
            until: Due::after(morning(), DAY),
        });
        work
    };
    let kept = |bytes, outcome: &Outcome, later: u64| {
        let (work, task) = (narrow(bytes), chunk_task());
        let changes = settle(&Settling {
            now: morning().plus(later),
            ..settling(&work, &task, outcome)
        });
        origin_of(&changes).map_or(work.origin.narrow.clone(), |origin| origin.narrow)
    };
    let passed = Outcome::Done(crate::api::Answer::Offset(9));
    assert!(kept(64_000, &passed, 0).is_some());
    assert!(kept(64_000, &passed, DAY).is_none());
    assert!(kept(4_096, &passed, 0).is_none(), "size was not the matter");
    assert!(kept(4_096, &Outcome::Unknown, 0).is_some());
    assert!(kept(64_000, &Outcome::Offline, DAY - 1).is_some());
    let plain = Outcome::NotLapor { status: 413 };
    let bytes = kept(64_000, &plain, 0).unwrap().bytes;
    assert_eq!(bytes, 4, "half of the nine bytes, said plainly by a 413");
}

#[test]
fn the_first_failure_is_the_gateways_and_costs_the_operation_no_wait() {
    for (outcome, attempts) in [
        (busy(), 1),
        (Outcome::Unknown, 1),
        (Outcome::NotLapor { status: 200 }, 0),
    ] {
        let update = after(&beside_another(create(1), 0), &create_task(), &outcome);
        assert_eq!(
            (update.due.delay, update.streak, update.attempts),
            (0, 1, attempts),
            "{outcome:?}"
        );
    }
}

#[test]
fn while_the_gateway_is_in_trouble_another_report_is_its_next_try() {
    for (what, outcome) in [
        (OriginTrouble::Busy { status: 500 }, busy()),
        (OriginTrouble::Cut, Outcome::Unknown),
        (
            OriginTrouble::NotLapor { status: 200 },
            Outcome::NotLapor { status: 200 },
        ),
    ] {
        let work = beside_another(create(1), 3).in_trouble(what, Due::now(morning()));
        let changes = settle(&settling(&work, &create_task(), &outcome));
        let trouble = origin_of(&changes).unwrap().trouble.unwrap();
        let update = update_of(&changes, 1);
        assert_eq!(update.due.delay, trouble.due.delay + SECOND, "{outcome:?}");
        assert_eq!(update.streak, 3, "it says nothing of the operation");
        let mut alone = work;
        alone.operations.truncate(1);
        let update = after(&alone, &create_task(), &outcome);
        assert_eq!(update.due.delay, 0, "nobody else could go: {outcome:?}");
    }
}

#[test]
fn only_a_report_that_could_go_instead_makes_a_failure_its_own() {
    let reason = |other: Operation| {
        let mut work = beside_another(create(1), 1);
        work.operations[1] = other;
        after(&work, &create_task(), &busy()).reason
    };
    let own = Some(Reason::Poison { status: 500 });
    let gateways = Some(Reason::Busy { status: 500 });
    assert_eq!(reason(create(2)), own);
    let held = Operation {
        is_free: false,
        ..create(2)
    };
    assert_eq!(reason(held), gateways, "it follows something else");
    let paused = |reason, after| Operation {
        state: OperationState::Paused,
        reason: Some(reason),
        due: Due::after(morning(), after),
        ..create(2)
    };
    let refused = || Reason::Refused {
        status: 418,
        code: "teapot".to_owned(),
    };
    let problems = Vec::new();
    let rejected = paused(Reason::Rejected { problems }, 0);
    assert_eq!(reason(rejected), gateways, "it waits for the person");
    assert_eq!(reason(paused(refused(), HOUR)), gateways, "not its day yet");
    assert_eq!(reason(paused(refused(), 0)), own, "its daily try has come");
    assert_eq!(reason(create(1)), gateways, "nobody is besides oneself");
    let first = after(&beside_another(create(1), 0), &create_task(), &busy());
    assert_eq!(first.reason, gateways, "once is nobody's fault");
    let asked = Outcome::Busy {
        status: 500,
        retry_after: Some(5 * SECOND),
        marked: true,
    };
    let asked = after(&beside_another(create(1), 1), &create_task(), &asked);
    assert_eq!(asked.reason, gateways, "who names a time is believed");
    let trouble = beside_another(create(1), 1)
        .in_trouble(OriginTrouble::Busy { status: 500 }, Due::now(morning()));
    assert_eq!(after(&trouble, &create_task(), &busy()).reason, gateways);
}

#[test]
fn words_that_are_not_through_are_the_lines_and_a_picture_s_host_may_be_away_by_itself() {
    let words = beside_another(create(1), 3);
    for outcome in [Outcome::Offline, Outcome::ClockWrong, Outcome::Untrusted] {
        let update = after(&words, &create_task(), &outcome);
        assert_eq!((update.due.delay, update.streak), (0, 3), "{outcome:?}");
        let update = after(&beside_another(picture(1, 1), 3), &chunk_task(), &outcome);
        assert!(update.due.delay >= SECOND, "{outcome:?}");
        assert_eq!(update.streak, 4);
    }
    let cut = after(
        &beside_another(picture(1, 1), 3),
        &chunk_task(),
        &Outcome::Unknown,
    );
    assert_eq!(
        (cut.due.delay, cut.attempts, cut.streak),
        (0, 1, 3),
        "a picture asks for its offset first"
    );
}

#[test]
fn what_cannot_be_read_here_is_tried_ever_later() {
    let delays: Vec<u64> = (0..9)
        .map(|streak| {
            let work = beside_another(picture(1, 1), streak);
            let update = after(&work, &chunk_task(), &Outcome::Local);
            assert_eq!(update.streak, streak + 1);
            update.due.delay / SECOND
        })
        .collect();
    assert_eq!(delays, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
}
