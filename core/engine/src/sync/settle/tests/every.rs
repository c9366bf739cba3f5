//! Every outcome of every task, from any state of row, origin and account.

use proptest::{option, prelude::*, sample::select};

use super::*;
use crate::{
    api::{ChangesAnswer, KnownAnswer, MetaAnswer},
    report::Limits,
    sync::Upload,
};

fn outcomes() -> Vec<Outcome> {
    let session = r#"{"access_token":"a","refresh_token":"r","expires_in":9,
        "account":{"id":"1","user":"ayu","name":"Ayu","role":"reporter"}}"#;
    let server_report = r#"{"tracking_id":"1","revision":1,"status":"closed","attachments":[]}"#;
    vec![
        Outcome::Done(Answer::Create(created())),
        Outcome::Done(Answer::Withdrawn),
        Outcome::Done(Answer::Event(EventAnswer {
            event_key: EventKey([1; 16]),
            revision: 1,
            status: Status::Closed,
        })),
        Outcome::Done(Answer::Report(Box::new(
            serde_json::from_str(server_report).unwrap(),
        ))),
        Outcome::Done(Answer::Session(Box::new(
            serde_json::from_str(session).unwrap(),
        ))),
        Outcome::Done(Answer::SignedOut),
        Outcome::Done(Answer::NoChanges),
        Outcome::Done(Answer::Changes(ChangesAnswer {
            cursor: "c".to_owned(),
            complete: false,
            changes: vec![],
        })),
        Outcome::Done(Answer::Known(KnownAnswer {
            known: vec![],
            withdrawn: vec![],
            unknown: vec![],
        })),
        Outcome::Done(Answer::Meta(MetaAnswer {
            limits: Limits::default(),
        })),
        Outcome::Done(Answer::Offset(0)),
        Outcome::Done(Answer::Offset(u64::MAX)),
        Outcome::Offline,
        Outcome::ClockWrong,
        Outcome::Untrusted,
        Outcome::NotLapor { status: 200 },
        Outcome::Busy {
            status: 503,
            retry_after: None,
            marked: true,
        },
        Outcome::Busy {
            status: 502,
            retry_after: Some(60_000),
            marked: false,
        },
        Outcome::Unknown,
        Outcome::Aborted,
        Outcome::Unauthorized,
        Outcome::BadCredentials,
        Outcome::SessionEnded,
        Outcome::Rejected { problems: vec![] },
        Outcome::KeyTaken { foreign: false },
        Outcome::KeyTaken { foreign: true },
        Outcome::Withdrawn,
        Outcome::TooLate,
        Outcome::NotFound,
        Outcome::CursorGone,
        Outcome::OffsetMoved,
        Outcome::UploadGone,
        Outcome::UploadDamaged,
        Outcome::Refused {
            status: 400,
            code: "x".to_owned(),
        },
        Outcome::Incompatible,
        Outcome::Local,
    ]
}

fn tasks() -> Vec<Task> {
    let (operation, report, url) = (OperationId(1), report(1), "u".to_owned());
    vec![
        Task::Create { operation, report },
        Task::Withdraw { operation, report },
        Task::Event { operation, report },
        Task::Locate { operation, report },
        Task::FetchCopy { operation, report },
        Task::UploadOffset {
            operation,
            attachment: 101,
            url: url.clone(),
        },
        Task::UploadChunk {
            operation,
            attachment: 101,
            url,
            offset: 0,
            length: 16_384,
        },
        Task::Probe,
        Task::Refresh,
        Task::Known { keys: vec![report] },
        Task::Pull { after: None },
        Task::Pull {
            after: Some("c".to_owned()),
        },
    ]
}

fn kind_of(task: &Task) -> OperationKind {
    match task {
        Task::Create { .. } => OperationKind::CreateReport,
        Task::Withdraw { .. } => OperationKind::Withdraw,
        Task::Event { .. } => OperationKind::AddEvent,
        _ => OperationKind::UploadAttachment,
    }
}

fn trouble() -> impl Strategy<Value = OriginTrouble> {
    select(vec![
        OriginTrouble::Offline,
        OriginTrouble::NotLapor { status: 200 },
        OriginTrouble::Busy { status: 503 },
        OriginTrouble::Cut,
        OriginTrouble::Incompatible,
    ])
}

/// Outcomes under which nobody of LAPOR! was reached, or nothing was tried at all.
fn is_free_of_charge(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Offline
            | Outcome::ClockWrong
            | Outcome::Untrusted
            | Outcome::NotLapor { .. }
            | Outcome::Incompatible
            | Outcome::Aborted
            | Outcome::Unauthorized
            | Outcome::Local
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_any_outcome_of_any_task_an_open_row_has_a_reason_and_a_due_time(
        task in select(tasks()), outcome in select(outcomes()), attempts in any::<u32>(), streak in any::<u32>(),
        trouble in option::of(trouble()), tries in any::<u32>(), others in any::<bool>(), refreshed in any::<bool>(),
        cuts in any::<u32>(), restarts in any::<u32>(), chunk in any::<u64>(), had_reason in any::<bool>(),
        took_ms in any::<u64>(), wall in any::<i64>(), captive in any::<bool>(),
    ) {
        let now = Instant(wall);
        let mut mine = row(1, kind_of(&task), 1);
        mine.state = OperationState::InFlight;
        mine.maybe_sent = true;
        mine.attempts = attempts;
        mine.streak = streak;
        mine.reason = had_reason.then_some(Reason::Forgotten);
        let mut work = if mine.kind == OperationKind::UploadAttachment {
            phone().and_upload(mine, Upload { cuts, restarts, chunk, ..upload() })
        } else {
            phone().and(mine)
        };
        if others {
            work = work.and(create(2));
        }
        if let Some(what) = trouble {
            work = work.in_trouble(what, Due::now(now));
            work.origin.trouble.as_mut().unwrap().tries = tries;
        }
        work.account.as_mut().unwrap().refreshed = refreshed;
        let mut settling = Settling { now, took_ms, ..settling(&work, &task, &outcome) };
        settling.surroundings.captive = if captive { Captive::Yes } else { Captive::Unknown };
        let changes = settle(&settling);
        prop_assert_eq!(&changes, &settle(&settling), "the same again");

        let rows = changes.iter().filter(|change| matches!(change, Change::Operation(_))).count();
        prop_assert_eq!(rows, usize::from(task.operation().is_some()), "one update of the task's own row: {:?}", changes);
        prop_assert!(changes.iter().filter(|change| matches!(change, Change::Origin(_))).count() <= 1);
        if task.operation().is_none() {
            return Ok(());
        }
        let update = update_of(&changes, 1);
        match update.state {
            OperationState::Done => prop_assert!(matches!(outcome, Outcome::Done(_)), "{:?}", outcome),
            OperationState::InFlight => prop_assert!(false, "settled rows are not under way"),
            OperationState::Ended | OperationState::Waiting | OperationState::Paused => {
                prop_assert!(update.reason.is_some(), "{:?} {:?}", task, outcome);
            }
        }
        if update.state == OperationState::Ended {
            prop_assert!(matches!(outcome, Outcome::Withdrawn | Outcome::TooLate), "given up in silence: {:?}", outcome);
        }
        prop_assert_eq!(update.due.set_at, now);
        prop_assert!(update.due.delay <= DAY, "{:?}", update.due);
        prop_assert_eq!(update.tried_at, Some(now));
        if is_free_of_charge(&outcome) {
            prop_assert_eq!(update.attempts, attempts, "{:?}", outcome);
        } else {
            prop_assert!(update.attempts >= attempts);
        }
        let says_wifi = update.reason == Some(Reason::SignInToWifi);
        prop_assert!(!says_wifi || captive);
        let sent = changes.iter().any(|change| matches!(change, Change::Created { .. } | Change::Withdrawn { .. }));
        prop_assert!(!sent || matches!(outcome, Outcome::Done(_) | Outcome::Withdrawn), "{:?}", outcome);
    }
}
