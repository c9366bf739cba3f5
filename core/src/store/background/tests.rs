#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::sync::OperationState;

use super::*;
use crate::store::tests::{DAY, NOON, Person, Phone, assert_sound, key, later, run};

fn of(operation: OperationId, account: AccountId) -> BackgroundJob {
    BackgroundJob {
        id: "5eed".to_owned(),
        account,
        operation,
        nonce: "n".to_owned(),
        upload: None,
        prepared_at: NOON,
    }
}

fn entrusted(phone: &Phone) -> (Store, BackgroundJob) {
    let mut store = phone.open();
    let account = store.signs_in("siti");
    store.writes(key(1));
    let ids = store.submits(key(1));
    let job = of(ids.create, account);
    assert_eq!(store.entrust(&job, NOON), Ok(Begun::Started));
    (store, job)
}

fn state(store: &Store) -> (OperationState, bool) {
    let row = &store.work(&run()).unwrap().operations[0];
    (row.state, row.maybe_sent)
}

#[test]
fn what_the_os_carries_is_not_taken_from_it_for_a_week() {
    let phone = Phone::new();
    let (mut store, job) = entrusted(&phone);
    assert_eq!(store.recover(&run(), later(7 * DAY)), Ok(0));
    assert_eq!(state(&store), (OperationState::InFlight, true));
    assert_eq!(store.begin(job.operation, &run(), NOON), Ok(Begun::Gone));
    assert_eq!(store.entrust(&job, NOON), Ok(Begun::Gone));
    assert_eq!(store.recover(&run(), later(7 * DAY + 1)), Ok(1));
    assert_eq!(state(&store), (OperationState::Waiting, true));
    assert_eq!(store.background_jobs().unwrap(), []);
    assert_eq!(store.settle_job(&job.id, &[], NOON), Ok(false));
    assert_sound(&store);
}

#[test]
fn a_job_is_there_with_its_mark_or_not_at_all() {
    let phone = Phone::new();
    let (store, job) = entrusted(&phone);
    let after = phone.killed_now().open();
    assert_eq!(after.background_jobs().unwrap(), [job]);
    assert_eq!(state(&after), (OperationState::InFlight, true));
    drop(store);
}

#[test]
fn a_job_ends_once() {
    let phone = Phone::new();
    let (mut store, job) = entrusted(&phone);
    assert_eq!(store.release_job(&job.id, NOON), Ok(true));
    assert_eq!(state(&store), (OperationState::Waiting, true));
    assert_eq!(store.release_job(&job.id, NOON), Ok(false));
    assert_eq!(store.settle_job(&job.id, &[], NOON), Ok(false));
    assert_eq!(store.release_job("other", NOON), Err(StoreError::NotFound));
}

#[test]
fn forgetting_a_person_forgets_their_jobs_and_files() {
    let phone = Phone::new();
    let (mut store, job) = entrusted(&phone);
    let path = store
        .spool(&job.id, &super::super::Spooled::Bytes(b"words"))
        .unwrap();
    store.sweep_spool().unwrap();
    assert!(path.exists(), "an open job keeps its file");
    store.forget_me().unwrap();
    assert!(!path.exists());
    assert_eq!(store.background_job(&job.id), Err(StoreError::NotFound));
}
