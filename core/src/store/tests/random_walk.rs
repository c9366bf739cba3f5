//! Any order of what a person does, what a gateway answers, and kills in between, driven by the
//! engine that ships: nothing accepted vanishes, nothing that may have been sent is forgotten.

use std::collections::BTreeMap;

use lapor_engine::{
    api::{
        Answer, ChangesAnswer, EventAnswer, FeedItem, KnownAnswer, Outcome, ReportAnswer,
        StoredAttachment,
    },
    calendar::Instant,
    report::{Edit, Phase, Problem, ReportKey, Status, Subject, TrackingId},
    sync::{Pages, Settling, Step, Surroundings, Task, Work, plan, settle},
};
use proptest::prelude::*;

use super::{NOON, Person, Phone, assert_sound, created, key, run};
use crate::store::{Begun, Filter, Store, StoreError};

/// One thing that happens. Numbers name reports.
#[derive(Debug, Clone)]
enum Happening {
    Write(u8),
    Edit(u8),
    Attach(u8, u64),
    Submit(u8),
    Withdraw(u8),
    Discard(u8),
    Restore(u8),
    Resend(u8),
    Reply(u8, u8),
    /// The engine sends the most urgent thing, and this comes of it.
    Send(Fate),
    /// The process is killed after the mark and before the answer.
    SendAndDie,
    Reopen,
    Time(u32),
    /// The service is restored from a backup.
    NewEpoch,
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Done,
    Offline,
    Unknown,
    Busy,
    Withdrawn,
    TooLate,
    Rejected,
    KeyTaken,
    NotFound,
    Refused,
    Portal,
    Local,
}

fn happening() -> impl Strategy<Value = Happening> {
    let report = 0..4_u8;
    let fate = prop_oneof![
        6 => Just(Fate::Done), 1 => Just(Fate::Offline), 2 => Just(Fate::Unknown), 1 => Just(Fate::Busy),
        1 => Just(Fate::Withdrawn), 1 => Just(Fate::TooLate), 1 => Just(Fate::Rejected),
        1 => Just(Fate::KeyTaken), 1 => Just(Fate::NotFound), 1 => Just(Fate::Refused),
        1 => Just(Fate::Portal), 1 => Just(Fate::Local),
    ];
    prop_oneof![
        3 => report.clone().prop_map(Happening::Write),
        2 => report.clone().prop_map(Happening::Edit),
        2 => (report.clone(), 0..5_u64).prop_map(|(report, seed)| Happening::Attach(report, seed)),
        4 => report.clone().prop_map(Happening::Submit),
        2 => report.clone().prop_map(Happening::Withdraw),
        1 => report.clone().prop_map(Happening::Discard),
        1 => report.clone().prop_map(Happening::Restore),
        1 => report.clone().prop_map(Happening::Resend),
        1 => (report, 0..20_u8).prop_map(|(report, event)| Happening::Reply(report, event)),
        12 => fate.prop_map(Happening::Send),
        1 => Just(Happening::SendAndDie),
        1 => Just(Happening::Reopen),
        3 => (0..100_000_u32).prop_map(Happening::Time),
        1 => Just(Happening::NewEpoch),
    ]
}

/// The walk so far, and what must never be taken back.
struct Walk {
    phone: Phone,
    store: Option<Store>,
    now: Instant,
    /// Reports whose submission returned, with the hash they were frozen with.
    accepted: BTreeMap<ReportKey, lapor_engine::report::Sha256Hash>,
    perhaps_sent: BTreeMap<i64, bool>,
    epoch: u32,
}

impl Walk {
    fn begin() -> Self {
        let phone = Phone::new();
        let mut store = phone.open();
        store.signs_in("siti");
        Self {
            phone,
            store: Some(store),
            now: NOON,
            accepted: BTreeMap::new(),
            perhaps_sent: BTreeMap::new(),
            epoch: 0,
        }
    }

    fn store(&mut self) -> &mut Store {
        self.store.as_mut().unwrap()
    }

    fn happens(&mut self, happening: &Happening) {
        let now = self.now;
        // What is not possible is refused with a typed error, and that is all that it does.
        let refused = |result: Result<(), StoreError>| {
            assert!(
                matches!(
                    result,
                    Ok(())
                        | Err(StoreError::NotFound
                            | StoreError::NotEditable { .. }
                            | StoreError::NotPossible { .. }
                            | StoreError::NotSubmitted { .. }
                            | StoreError::KeyUsed
                            | StoreError::Duplicate { .. })
                ),
                "{result:?}"
            );
        };
        match happening {
            Happening::Write(number) => {
                let account = self.store().current_account().unwrap().id;
                refused(self.store().new_draft(key(*number), account, now));
            }
            Happening::Edit(number) => {
                refused(self.store().edit(
                    key(*number),
                    Edit::Title(format!("judul {}", now.0)),
                    now,
                ));
            }
            Happening::Attach(number, seed) => {
                let new = super::picture(*seed, 600);
                refused(self.store().attach(key(*number), &new, now).map(|_| ()));
            }
            Happening::Submit(number) => self.submit(key(*number)),
            Happening::Withdraw(number) => {
                refused(self.store().withdraw(key(*number), now).map(|_| ()))
            }
            Happening::Discard(number) => refused(self.store().discard(key(*number), now)),
            Happening::Restore(number) => refused(self.store().restore(key(*number), now)),
            Happening::Resend(number) => {
                refused(self.store().resend(key(*number), now).map(|_| ()))
            }
            Happening::Reply(number, event) => {
                let event = lapor_engine::report::EventKey::from_entropy([*event; 16]);
                let kind = lapor_engine::api::EventKind::Reply;
                refused(
                    self.store()
                        .add_event(key(*number), event, kind, b"{}", now)
                        .map(|_| ()),
                );
            }
            Happening::Send(fate) => self.send(Some(*fate)),
            Happening::SendAndDie => self.send(None),
            Happening::Reopen => self.reopen(),
            Happening::NewEpoch => self.epoch += 1,
            Happening::Time(millis) => self.now = Instant(now.0 + i64::from(*millis)),
        }
    }

    fn submit(&mut self, key: ReportKey) {
        let now = self.now;
        let store = self.store();
        let Ok(draft) = store.draft(key) else { return };
        let (version, frozen) = store.freezes(key);
        match store.submit(key, version, &frozen, now) {
            Ok(_) => drop(self.accepted.insert(key, frozen.sha256)),
            Err(error) => {
                assert_eq!(error, StoreError::NotEditable { phase: draft.phase });
            }
        }
    }

    /// A kill: the files as they are, the process gone.
    fn reopen(&mut self) {
        let killed = self.phone.killed_now();
        self.store = None;
        self.phone = killed;
        let mut store = self.phone.open();
        let lock = store.try_engine_lock().unwrap();
        store.recover(&lock.run, self.now).unwrap();
        self.store = Some(store);
    }

    fn send(&mut self, fate: Option<Fate>) {
        let (now, epoch) = (self.now, self.epoch);
        let store = self.store();
        let work = store.work(&run()).unwrap();
        let Step::Send(task) = plan(&work, &Surroundings::default(), now) else {
            return;
        };
        if let Some(operation) = task.operation() {
            assert_eq!(store.begin(operation, &run(), now), Ok(Begun::Started));
            if task.marks_maybe_sent() {
                self.perhaps_sent.insert(operation.0, true);
            }
        }
        let Some(fate) = fate else {
            return self.reopen();
        };
        let known: Vec<ReportKey> = self
            .accepted
            .keys()
            .copied()
            .filter(|key| {
                self.store
                    .as_ref()
                    .unwrap()
                    .outbox(Some(*key))
                    .unwrap()
                    .iter()
                    .any(|(row, _)| row.maybe_sent)
            })
            .collect();
        let outcome = outcome(fate, &task, &work, &known);
        let changes = settle(&Settling {
            work: &work,
            task: &task,
            outcome: &outcome,
            now,
            took_ms: 10,
            surroundings: Surroundings::default(),
            pages: Pages::NONE,
            epoch: Some(format!("epoch {epoch}")),
            server_date: Some(now),
        });
        self.store().apply(&changes, now).unwrap();
    }

    fn holds(&mut self) {
        let (accepted, perhaps_sent) = (self.accepted.clone(), self.perhaps_sent.clone());
        let store = self.store();
        assert_sound(store);
        for (key, hash) in accepted {
            let detail = store
                .report(key)
                .unwrap()
                .expect("an accepted report vanished");
            assert!(
                detail.row.phase != Phase::Draft,
                "an accepted report is a draft again"
            );
            assert_eq!(
                lapor_engine::report::Sha256Hash::of(&store.read_body(key).unwrap()),
                hash
            );
            for operation in detail.operations {
                if perhaps_sent.contains_key(&operation.id.0) {
                    assert!(
                        operation.maybe_sent,
                        "what may have been sent is forgotten: {operation:?}"
                    );
                }
            }
        }
        store.list(Filter::All, 50, None).unwrap();
    }
}

/// What a gateway that is honest about itself answers, or what happens on the way.
fn outcome(fate: Fate, task: &Task, work: &Work, known: &[ReportKey]) -> Outcome {
    match fate {
        Fate::Done => done(task, work, known),
        Fate::Offline => Outcome::Offline,
        Fate::Unknown => Outcome::Unknown,
        Fate::Busy => Outcome::Busy {
            status: 503,
            retry_after: None,
            marked: true,
        },
        Fate::Portal => Outcome::NotLapor { status: 200 },
        Fate::Local => Outcome::Local,
        Fate::NotFound => Outcome::NotFound,
        Fate::Refused => Outcome::Refused {
            status: 418,
            code: "teapot".to_owned(),
        },
        Fate::Withdrawn => Outcome::Withdrawn,
        Fate::TooLate if matches!(task, Task::Withdraw { .. }) => Outcome::TooLate,
        Fate::Rejected if matches!(task, Task::Create { .. }) => Outcome::Rejected {
            problems: vec![Problem {
                subject: Subject::Report,
                code: lapor_engine::report::Code::Invalid,
            }],
        },
        Fate::KeyTaken if matches!(task, Task::Create { .. }) => {
            Outcome::KeyTaken { foreign: false }
        }
        Fate::TooLate | Fate::Rejected | Fate::KeyTaken => Outcome::Unknown,
    }
}

fn done(task: &Task, work: &Work, known: &[ReportKey]) -> Outcome {
    let missing_of = |report: &ReportKey| -> Vec<lapor_engine::api::Missing> {
        let of_it = work
            .uploads
            .iter()
            .filter(|upload| upload.report == *report && upload.offset < upload.bytes);
        of_it
            .map(|upload| lapor_engine::api::Missing {
                sha256: upload.sha256,
                upload_url: format!("/v1/uploads/{}", upload.attachment),
                offset: upload.offset,
                expires_at: None,
            })
            .collect()
    };
    Outcome::Done(match task {
        Task::Create { report, .. } => {
            let lapor_engine::sync::Change::Created { mut answer, .. } = created(*report, "7", &[])
            else {
                unreachable!("created makes nothing else")
            };
            answer.missing = missing_of(report);
            Answer::Create(answer)
        }
        Task::Withdraw { .. } => Answer::Withdrawn,
        Task::Event { operation, .. } => {
            let row = work
                .operations
                .iter()
                .find(|row| row.id == *operation)
                .unwrap();
            Answer::Event(EventAnswer {
                event_key: row.event.unwrap(),
                revision: 2,
                status: Status::Verified,
            })
        }
        Task::Locate { report, .. } | Task::FetchCopy { report, .. } => {
            let missing = missing_of(report);
            let attachments = work
                .uploads
                .iter()
                .filter(|upload| upload.report == *report)
                .map(|upload| StoredAttachment {
                    sha256: upload.sha256,
                    stored: upload.offset >= upload.bytes,
                })
                .collect();
            Answer::Report(Box::new(ReportAnswer {
                tracking_id: TrackingId("7".to_owned()),
                revision: 3,
                status: Status::Unverified,
                deadlines: Default::default(),
                attachments,
                missing,
                text: "{}".to_owned(),
            }))
        }
        Task::UploadOffset { attachment, .. } => {
            let upload = work
                .uploads
                .iter()
                .find(|upload| upload.attachment == *attachment)
                .unwrap();
            Answer::Offset(upload.offset)
        }
        Task::UploadChunk { offset, length, .. } => Answer::Offset(offset + length),
        Task::Pull { .. } => Answer::Changes(ChangesAnswer {
            cursor: "next".to_owned(),
            complete: true,
            changes: known
                .iter()
                .enumerate()
                .map(|(at, key)| item(at, *key))
                .collect(),
        }),
        // Every second one was made after the backup.
        Task::Known { keys } => Answer::Known(KnownAnswer {
            known: Vec::new(),
            withdrawn: keys.iter().copied().step_by(2).collect(),
            unknown: keys.iter().copied().skip(1).step_by(2).collect(),
        }),
        Task::Probe | Task::Refresh => return Outcome::Offline,
    })
}

fn item(at: usize, key: ReportKey) -> FeedItem {
    let status = match at % 4 {
        0 => Status::Verified,
        1 => Status::Withdrawn,
        2 => return FeedItem::Removed { key },
        _ => Status::Other("baru".to_owned()),
    };
    FeedItem::Report {
        key,
        tracking_id: TrackingId("7".to_owned()),
        revision: 9,
        status,
        title: String::new(),
        event_keys: Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_accepted_vanishes_and_nothing_sent_is_forgotten(
        happenings in prop::collection::vec(happening(), 1..120)
    ) {
        let mut walk = Walk::begin();
        for happening in &happenings {
            walk.happens(happening);
            walk.holds();
        }
        walk.reopen();
        walk.holds();
    }
}
