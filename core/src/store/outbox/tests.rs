#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{
    api::EventKind,
    report::EventKey,
    sync::{Change, OperationUpdate, Reason},
};

use super::*;
use crate::store::tests::{NOON, Person, Phone, key, later, run};

#[test]
fn the_mark_is_durable_before_the_first_byte_and_no_error_clears_it() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let ids = store.submits(key(1));
    assert_eq!(store.begin(ids.create, &run(), NOON), Ok(Begun::Started));
    let killed = phone.killed_now();
    let mut after = killed.open();
    let row = after.work(&run()).unwrap().operations[0].clone();
    assert_eq!(
        (row.state, row.maybe_sent, row.owner),
        (OperationState::InFlight, true, Some(run()))
    );
    // Found under a dead run: its outcome is unknown, it waits again.
    let lock = after.try_engine_lock().unwrap();
    assert_eq!(after.recover(&lock.run, NOON), Ok(1));
    let row = after.work(&lock.run).unwrap().operations[0].clone();
    assert_eq!(
        (row.state, row.maybe_sent, row.reason),
        (OperationState::Waiting, true, Some(Reason::Unknown))
    );
    assert!(row.due.is_due(NOON));
}

#[test]
fn that_a_chunk_was_tried_outlives_a_kill_and_makes_no_later_write_less_durable() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 100);
    let ids = store.submits(key(1));
    let tried = later(5_000);
    store.tries(ids.uploads[0], tried).unwrap();
    let killed = phone.killed_now();
    let row = killed.open().work(&run()).unwrap().operations[1].clone();
    assert_eq!((row.tried_at, row.attempts), (Some(tried), 0));
    assert_eq!(row.state, OperationState::Waiting);
    let synchronous = |store: &Store| -> i64 {
        let read = |row: &Row<'_>| row.get(0);
        store.db.query_row("PRAGMA synchronous", [], read).unwrap()
    };
    assert_eq!(synchronous(&store), 2, "FULL again");
    let renamed = "ALTER TABLE operation RENAME COLUMN tried_at TO elsewhere";
    store.db.execute_batch(renamed).unwrap();
    assert!(store.tries(ids.uploads[0], tried).is_err());
    assert_eq!(synchronous(&store), 2, "also where it failed");
}

#[test]
fn a_second_attempt_of_the_same_run_costs_no_write() {
    let phone = Phone::new();
    let mut store = phone.open();
    let other = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 100);
    let ids = store.submits(key(1));
    for id in [ids.create, ids.uploads[0]] {
        store.begin(id, &run(), NOON).unwrap();
        let seen = other.data_version().unwrap();
        assert_eq!(store.begin(id, &run(), NOON), Ok(Begun::Started));
        assert_eq!(other.data_version().unwrap(), seen);
    }
    let uploads = store.outbox(None).unwrap();
    assert!(
        !uploads[1].0.maybe_sent,
        "a picture's offset at the service is the truth"
    );
    let else_run = RunId("another".to_owned());
    assert_eq!(store.begin(ids.create, &else_run, NOON), Ok(Begun::Gone));
    assert_eq!(
        store.begin(OperationId(99), &run(), NOON),
        Err(StoreError::NotFound)
    );
}

#[test]
fn bytes_that_lost_their_hash_are_not_sent() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    store.submits(key(1));
    store
        .db
        .execute("UPDATE body SET content = x'7b7d'", [])
        .unwrap();
    assert_eq!(store.read_body(key(1)), Err(StoreError::Damaged));
    assert_eq!(store.read_body(key(2)), Err(StoreError::NotFound));
}

#[test]
fn a_reply_waits_for_its_report_also_behind_one_that_a_copied_phone_has_sent() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    for number in 1..=2 {
        let event = EventKey::from_entropy([number; 16]);
        store
            .add_event(key(1), event, EventKind::Reply, b"{}", NOON)
            .unwrap();
    }
    let first = &store.work(&run()).unwrap().operations[1];
    let sent_by_the_other = OperationUpdate {
        id: first.id,
        state: OperationState::Done,
        attempts: 0,
        streak: 0,
        due: first.due,
        reason: None,
        tried_at: None,
    };
    let changes = [
        Change::Operation(sent_by_the_other),
        Change::KeyTaken {
            report: key(1),
            foreign: false,
        },
    ];
    store.apply(&changes, NOON).unwrap();
    let left = store.work(&run()).unwrap().operations;
    let replies = |row: &&Operation| row.kind == OperationKind::AddEvent;
    let reply = left.iter().rfind(replies).unwrap();
    assert!(
        !reply.is_free,
        "the service knows other words under its key"
    );
}

#[test]
fn a_chunk_is_told_as_tried_and_after_a_dead_run_its_offset_is_in_doubt() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 100);
    let ids = store.submits(key(1));
    store.hears_created(key(1), "1", &[&picture]);
    store.tries(ids.uploads[0], later(5)).unwrap();
    let work = store.work(&run()).unwrap();
    assert_eq!(work.operations[0].tried_at, Some(later(5)));
    assert!(work.uploads[0].offset_is_sure);
    store.doubt_offsets().unwrap();
    assert!(!store.work(&run()).unwrap().uploads[0].offset_is_sure);
}

#[test]
fn a_mark_that_is_missing_is_set_before_anything_is_sent() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let ids = store.submits(key(1));
    store.begin(ids.create, &run(), NOON).unwrap();
    store
        .db
        .execute("UPDATE operation SET maybe_sent = 0", [])
        .unwrap();
    assert_eq!(store.begin(ids.create, &run(), NOON), Ok(Begun::Started));
    assert!(store.work(&run()).unwrap().operations[0].maybe_sent);
}
