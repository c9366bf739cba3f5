#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod refused;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use lapor_engine::{
    api::EventKind,
    report::{EventKey, Phase},
    sync::{Change, Operation, OperationKind, OperationState, Reason, SessionState},
};

use super::repair;
use crate::store::{
    Filter, LossKind, Notice, Store, rows,
    tests::{NOON, Person, Phone, key, run},
};

fn event(number: u8) -> EventKey {
    EventKey::from_entropy([number; 16])
}

fn replies(store: &mut Store, numbers: &[u8]) {
    for number in numbers {
        store
            .add_event(key(1), event(*number), EventKind::Reply, b"{}", NOON)
            .unwrap();
    }
}

fn states(store: &Store) -> Vec<(EventKey, OperationState)> {
    let report = store.report(key(1)).unwrap().unwrap();
    let events = report.events.iter();
    events.map(|event| (event.key, event.state)).collect()
}

/// That it was given up is kept in two places, and each is made again from the other.
#[test]
fn a_reply_that_was_given_up_stays_so_when_one_page_after_the_other_is_damaged() {
    let (phone, mut store) = Phone::of("siti");
    store.delivers(key(1), "100");
    replies(&mut store, &[1, 2]);
    store.discard_event(event(2)).unwrap();
    for page in ["setting", "operation", "setting", "operation"] {
        store = phone.loses(store, &[page]).0;
        store.signs_in("siti");
        assert_eq!(
            states(&store),
            [
                (event(1), OperationState::Waiting),
                (event(2), OperationState::Ended)
            ],
            "after {page}"
        );
    }
}

#[test]
fn replies_whose_place_in_the_outbox_is_gone_go_in_their_order_and_those_given_up_do_not() {
    let (phone, mut store) = Phone::of("siti");
    store.delivers(key(1), "100");
    replies(&mut store, &[1, 2, 3]);
    store.discard_event(event(2)).unwrap();
    let (store, _) = phone.loses(store, &["operation"]);
    assert_eq!(
        states(&store),
        [
            (event(1), OperationState::Waiting),
            (event(2), OperationState::Ended),
            (event(3), OperationState::Waiting)
        ],
        "none is called done that the service does not have"
    );
    let rows = store.work(&run()).unwrap().operations;
    let replies: Vec<_> = rows
        .iter()
        .filter(|row| row.kind == OperationKind::AddEvent)
        .collect();
    assert!(replies.iter().all(|row| row.maybe_sent));
    let free: Vec<_> = replies.iter().map(|row| row.is_free).collect();
    assert_eq!(free, [true, false], "the later one follows the earlier");
}

#[test]
fn a_report_whose_outbox_is_gone_still_goes_again_when_the_service_forgot_it() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 9_000);
    store.submits(key(1));
    store.hears_created(key(1), "100", &[]);
    let (mut store, _) = phone.loses(store, &["operation"]);
    assert_eq!(store.phase(key(1)), Phase::Sent);
    let account = store.current_account().unwrap().id;
    let forgotten = Change::Forgotten {
        account,
        keys: vec![key(1)],
        at: NOON,
    };
    store.apply(&[forgotten], NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Queued);
    let kinds: Vec<_> = store.work(&run()).unwrap().operations;
    let kinds: Vec<_> = kinds.iter().map(|row| row.kind).collect();
    assert_eq!(
        kinds,
        [OperationKind::CreateReport, OperationKind::UploadAttachment]
    );
}

/// The epoch was in the row that is gone: what the phone calls sent is asked for.
#[test]
fn whose_account_cannot_be_read_has_their_reports_looked_up() {
    let (phone, mut store) = Phone::of("siti");
    store.delivers(key(1), "100");
    let (store, _) = phone.loses(store, &["account"]);
    let account = store.current_account().unwrap();
    assert_eq!(account.session, SessionState::Ended);
    let work = store.work(&run()).unwrap();
    assert_eq!(work.account.unwrap().unverified_keys, [key(1)]);
}

/// On a shared phone the only one with a token may be the one who was there before.
#[test]
fn nobody_is_signed_in_where_nothing_tells_who_was() {
    let (phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    drop(store);
    phone.damage_table("setting");

    let mut losses = Vec::new();
    for _ in 0..3 {
        let (store, notices) = phone.open_noting();
        for notice in notices {
            if let Notice::SetAside { losses: named, .. } = notice {
                losses.extend(named.iter().map(|loss| loss.what));
            }
        }
        if !losses.is_empty() {
            assert_eq!(store.list(Filter::All, 10, None).unwrap(), []);
            break;
        }
        let _met = store.is_sound();
    }
    assert_eq!(losses, [LossKind::Account], "and that is told");
    let mut store = phone.open();
    store.signs_in("siti");
    assert_eq!(store.phase(key(1)), Phase::Queued);
}

/// The outbox of the one who is signed in, of one kind.
fn waiting(store: &Store, kind: OperationKind) -> Vec<Operation> {
    let rows = store.work(&run()).unwrap().operations;
    rows.into_iter().filter(|row| row.kind == kind).collect()
}

#[test]
fn what_was_being_taken_back_is_still_asked_for_when_its_place_in_the_outbox_is_gone() {
    let (phone, mut store) = Phone::of("siti");
    let ids = store.accepts(key(1));
    store.attempt_to_create(&ids, Reason::Unknown);
    store.withdraw(key(1), NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawing);
    let (store, _) = phone.loses(store, &["operation"]);
    assert_eq!(store.phase(key(1)), Phase::Withdrawing);
    let asked = waiting(&store, OperationKind::Withdraw);
    assert_eq!(asked.len(), 1);
    assert!(asked[0].maybe_sent, "it may have been asked for before");
}

#[test]
fn what_was_there_and_cannot_be_taken_back_any_more_is_called_sent_though_its_row_is_gone() {
    let (phone, mut store) = Phone::of("siti");
    store.delivers(key(1), "100");
    store.withdraw(key(1), NOON).unwrap();
    let (mut store, _) = phone.loses(store, &["report"]);
    assert_eq!(store.phase(key(1)), Phase::Withdrawing);
    let late = Change::TooLate { report: key(1) };
    store.apply(&[late], NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Sent);
}

#[test]
fn what_became_a_draft_again_waits_for_its_writer_and_not_in_the_outbox() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 9_000);
    store.submits(key(1));
    store.writes(key(2));
    store.attaches(key(2), 2, 9_000);
    store.submits(key(2));
    store.hears_created(key(2), "100", &[]);
    // The words are there; which picture belonged to them, nothing tells any more.
    let (store, losses) = phone.loses(store, &["body", "attachment"]);
    assert_eq!(store.phase(key(1)), Phase::Draft);
    let bodies = losses.iter().filter(|loss| loss.what == LossKind::Body);
    let bodies: Vec<_> = bodies.map(|loss| loss.report).collect();
    assert_eq!(bodies, [Some(key(1))], "the service has the other");
    assert_eq!(store.work(&run()).unwrap().operations, []);
    let why = "SELECT DISTINCT reason FROM operation WHERE state = 'ended'";
    let why: String = store
        .read(|db| Ok(db.query_row(why, [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(why, rows::reason_text(Some(&Reason::Lost)));
}

#[test]
fn a_picture_still_follows_its_words_when_the_outbox_is_made_again() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 9_000);
    store.submits(key(1));
    let (store, _) = phone.loses(store, &["operation"]);
    let pictures = waiting(&store, OperationKind::UploadAttachment);
    assert_eq!(pictures.len(), 1);
    assert!(!pictures[0].is_free, "the words go first");
    assert_eq!(pictures[0].reason, Some(Reason::Unknown));
}

#[test]
fn a_reply_whose_words_are_gone_is_not_on_its_way() {
    let (phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    replies(&mut store, &[1]);
    let (store, losses) = phone.loses(store, &["event"]);
    let lost: Vec<_> = losses.iter().map(|loss| (loss.what, loss.report)).collect();
    assert_eq!(lost, [(LossKind::Event, Some(key(1)))]);
    assert_eq!(waiting(&store, OperationKind::AddEvent), []);
}

#[test]
fn after_a_salvage_the_feed_is_read_from_its_beginning() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes(key(1));
    let page = Change::Feed {
        account: siti,
        cursor: Some("c7".to_owned()),
        items: Vec::new(),
        at: NOON,
    };
    store.apply(&[page], NOON).unwrap();
    let (store, _) = phone.loses(store, &["operation", "report"]);
    let account = store.work(&run()).unwrap().account.unwrap();
    assert_eq!(account.cursor, None, "it says each thing once");
    assert!(account.pull_due.is_due(NOON));
}

/// The pictures of a lost draft may still lie under its number.
#[test]
fn a_number_that_a_lost_report_had_is_not_given_to_another() {
    let (phone, mut store) = Phone::of("siti");
    for number in 1..=3 {
        store.writes(key(number));
    }
    let (mut store, _) = phone.loses(store, &["report"]);
    store.writes(key(9));
    let number = "SELECT id FROM report ORDER BY id DESC LIMIT 1";
    let number: i64 = store
        .read(|db| Ok(db.query_row(number, [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(number, 4);
}

#[test]
fn too_late_sends_the_pictures_whose_place_in_the_outbox_was_made_again() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 9_000);
    let ids = store.submits(key(1));
    store.attempt_to_create(&ids, Reason::Unknown);
    store.withdraw(key(1), NOON).unwrap();
    let (mut store, _) = phone.loses(store, &["operation"]);
    assert_eq!(waiting(&store, OperationKind::UploadAttachment), []);
    let late = Change::TooLate { report: key(1) };
    store.apply(&[late], NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Queued);
    assert_eq!(waiting(&store, OperationKind::CreateReport).len(), 1);
    assert_eq!(waiting(&store, OperationKind::UploadAttachment).len(), 1);
}

/// What SQLite does to make the outbox of so many reports again, in thousands of its steps.
fn steps_for(reports: u32) -> u64 {
    let (_phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    store
        .db
        .execute(
            "WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
             INSERT INTO report (key, account, phase, sort_at, created_at, edited_at, accepted_at)
             SELECT unhex(printf('%032x', n)), account, phase, sort_at, created_at, edited_at, accepted_at
             FROM n, report r WHERE r.id = 1",
            [reports],
        )
        .unwrap();
    store.db.execute("DELETE FROM operation", []).unwrap();
    let steps = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&steps);
    let count = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        false
    };
    store.db.progress_handler(1_000, Some(count)).unwrap();
    repair(&store.db, &[], NOON).unwrap();
    let made = waiting(&store, OperationKind::CreateReport).len();
    assert_eq!(made, reports as usize);
    steps.load(Ordering::Relaxed)
}

#[test]
fn the_outbox_of_a_busy_phone_is_made_again_in_no_more_time_than_its_reports_take() {
    let (few, many) = (steps_for(200), steps_for(2_000));
    assert!(many < 20 * few, "{few} and {many}");
}
