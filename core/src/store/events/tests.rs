#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::sync::{Change, OperationUpdate};

use super::*;
use crate::store::tests::{NOON, Person, Phone, created, key, run};

fn event(number: u8) -> EventKey {
    EventKey::from_entropy([number; 16])
}

#[test]
fn a_reply_follows_the_report_and_the_reply_before_it() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let refused = store.add_event(key(1), event(1), EventKind::Reply, b"a", NOON);
    assert_eq!(
        refused,
        Err(StoreError::NotSubmitted {
            phase: Phase::Draft
        })
    );
    store.submits(key(1));
    let first = store
        .add_event(key(1), event(1), EventKind::Reply, b"a", NOON)
        .unwrap();
    let second = store
        .add_event(key(1), event(2), EventKind::Rate, b"b", NOON)
        .unwrap();
    assert_eq!(
        store.add_event(key(1), event(2), EventKind::Reply, b"c", NOON),
        Err(StoreError::KeyUsed)
    );
    let free = |store: &Store| -> Vec<OperationId> {
        let operations = store.work(&run()).unwrap().operations;
        operations
            .into_iter()
            .filter(|row| row.is_free && row.kind == OperationKind::AddEvent)
            .map(|row| row.id)
            .collect()
    };
    assert_eq!(free(&store), []);
    store.apply(&[created(key(1), "1", &[])], NOON).unwrap();
    assert_eq!(free(&store), [first]);
    let done = OperationUpdate {
        id: first,
        state: OperationState::Done,
        attempts: 1,
        streak: 0,
        due: lapor_engine::calendar::Due::now(NOON),
        reason: None,
        tried_at: Some(NOON),
    };
    store.apply(&[Change::Operation(done)], NOON).unwrap();
    assert_eq!(free(&store), [second]);
    assert_eq!(store.event_body(event(2)).unwrap(), b"b");
    let shown = store.report(key(1)).unwrap().unwrap().events;
    assert_eq!(
        shown.iter().map(|row| row.state).collect::<Vec<_>>(),
        [OperationState::Done, OperationState::Waiting]
    );
}
