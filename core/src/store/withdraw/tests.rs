#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::sync::Change;

use super::*;
use crate::store::tests::{NOON, Person, Phone, assert_sound, created, key, run};

#[test]
fn what_never_left_the_phone_is_taken_back_at_once() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    assert_eq!(
        store.withdraw(key(1), NOON),
        Err(StoreError::NotSubmitted {
            phase: Phase::Draft
        })
    );
    store.attaches(key(1), 1, 100);
    store.submits(key(1));
    assert_eq!(store.withdraw(key(1), NOON), Ok(WithdrawStart::Instant));
    assert_eq!(store.phase(key(1)), Phase::Withdrawn);
    assert_eq!(store.work(&run()).unwrap().operations, []);
    assert_eq!(
        store.withdraw(key(1), NOON),
        Err(StoreError::NotPossible {
            phase: Phase::Withdrawn
        })
    );
}

#[test]
fn what_may_have_been_sent_is_taken_back_by_asking() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 100);
    let ids = store.submits(key(1));
    store.begin(ids.create, &run(), NOON).unwrap();
    assert_eq!(store.withdraw(key(1), NOON), Ok(WithdrawStart::Queued));
    assert_eq!(
        store.withdraw(key(1), NOON),
        Ok(WithdrawStart::Queued),
        "asked once"
    );
    let operations = store.work(&run()).unwrap().operations;
    assert_eq!(
        operations.iter().map(|row| row.kind).collect::<Vec<_>>(),
        [OperationKind::Withdraw]
    );

    // The create was on its way, and its answer comes after all: still being taken back.
    store
        .apply(&[created(key(1), "9", &[&picture])], NOON)
        .unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawing);
    store
        .apply(
            &[Change::Withdrawn {
                report: key(1),
                at: NOON,
            }],
            NOON,
        )
        .unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawn);
    assert_eq!(store.work(&run()).unwrap().operations, []);
    assert_sound(&store);
}

#[test]
fn an_attempt_that_ends_after_the_withdrawal_does_not_bring_the_create_back() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let ids = store.submits(key(1));
    store.begin(ids.create, &run(), NOON).unwrap();
    store.withdraw(key(1), NOON).unwrap();
    store.attempt_to_create_ends(ids.create);
    let create = &store.outbox(Some(key(1))).unwrap()[0].0;
    assert_eq!(
        (create.state, create.reason.clone()),
        (OperationState::Ended, Some(Reason::Withdrawn))
    );
    assert_eq!(create.attempts, 1, "that it was tried is kept");
    assert_eq!(
        store.begin(ids.create, &run(), NOON),
        Ok(crate::store::Begun::Gone)
    );
}

impl Store {
    fn attempt_to_create_ends(&mut self, id: lapor_engine::sync::OperationId) {
        let update = lapor_engine::sync::OperationUpdate {
            id,
            state: OperationState::Waiting,
            attempts: 1,
            streak: 1,
            due: lapor_engine::calendar::Due::now(NOON),
            reason: Some(Reason::Unknown),
            tried_at: Some(NOON),
        };
        self.apply(&[Change::Operation(update)], NOON).unwrap();
    }
}
