#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::{fs, iter};

use lapor_engine::{
    report::{Phase, ReportKey},
    sync::{OperationState, UploadUpdate},
};

use super::*;
use crate::{
    client::{Client, Options},
    net::GatewayUrl,
    store::{
        StoreKey,
        tests::{DAY, NOON, Person, Phone, assert_sound, created, key, later, run},
    },
};

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

#[test]
fn what_follows_from_the_end_of_a_job_is_written_once() {
    let phone = Phone::new();
    let (mut store, job) = entrusted(&phone);
    let created = || [created(key(1), "1916449", &[])];
    assert_eq!(store.settle_job(&job.id, &created(), NOON), Ok(true));
    assert_eq!(store.phase(key(1)), Phase::Sent);
    assert_eq!(store.settle_job(&job.id, &created(), NOON), Ok(false));
}

#[test]
fn how_much_of_a_picture_the_os_has_sent_is_for_the_service_to_say() {
    let phone = Phone::new();
    let mut store = phone.open();
    let account = store.signs_in("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 100);
    let ids = store.submits(key(1));
    store.hears_created(key(1), "1916449", &[&picture]);
    let sure = |store: &Store| store.work(&run()).unwrap().uploads[0].offset_is_sure;
    let told = Change::Upload(UploadUpdate {
        attachment: picture.id,
        url: Some("/v1/uploads/1".to_owned()),
        offset: 50,
        offset_is_sure: true,
        restarts: 0,
        chunk: 0,
        cuts: 0,
    });
    assert!(sure(&store));
    let job = of(ids.uploads[0], account);
    assert_eq!(store.entrust(&job, NOON), Ok(Begun::Started));
    assert!(!sure(&store), "from now on it may be sending");
    store.apply(std::slice::from_ref(&told), NOON).unwrap();
    assert_eq!(store.release_job(&job.id, NOON), Ok(true));
    assert!(!sure(&store), "the OS lost it, and not what it had sent");
    store.apply(&[told], NOON).unwrap();
    store
        .begin(ids.uploads[0], &RunId("a run that died".to_owned()), NOON)
        .unwrap();
    assert_eq!(store.recover(&run(), NOON), Ok(1));
    assert!(!sure(&store), "a dead run told nobody how far it came");
}

#[test]
fn an_app_that_opens_with_nothing_under_way_writes_nothing() {
    let phone = Phone::new();
    let mut store = phone.open();
    let other = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    let seen = other.data_version().unwrap();
    assert_eq!(store.recover(&run(), NOON), Ok(0));
    assert_eq!(other.data_version().unwrap(), seen);
}

/// The OS may tell an end again after days, and after a month it does not.
#[test]
fn a_job_that_ended_is_remembered_for_a_month() {
    let phone = Phone::new();
    let (mut store, job) = entrusted(&phone);
    assert_eq!(store.release_job(&job.id, NOON), Ok(true));
    let mut again = |id: &str, days: i64| {
        let other = BackgroundJob {
            id: id.to_owned(),
            ..job.clone()
        };
        assert_eq!(store.entrust(&other, later(days * DAY)), Ok(Begun::Started));
        assert_eq!(store.release_job(id, later(days * DAY)), Ok(true));
        store.settle_job(&job.id, &[], later(days * DAY))
    };
    assert_eq!(again("a", 30), Ok(false));
    assert_eq!(again("b", 31), Err(StoreError::NotFound));
}

/// Which reports the OS gets something of, one after the other, until there is none.
fn handed_to_the_os(phone: &Phone) -> Vec<ReportKey> {
    let mut options = Options::new(phone.home(), Some(StoreKey::new(phone.key, phone.install)));
    options.gateway = Some(GatewayUrl::parse("http://127.0.0.1:1/", false).unwrap());
    let (client, _) = Client::open(options).unwrap();
    let prepared = || client.prepare_background_upload(None).unwrap();
    iter::from_fn(|| prepared().map(|upload| upload.report)).collect()
}

/// What was accepted goes, or nothing in its name; and the others do not wait for it.
#[test]
fn words_that_are_not_what_was_accepted_keep_no_other_from_the_os() {
    let (phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    store.accepts(key(2));
    let words =
        "UPDATE body SET content = x'7b7d' WHERE report = (SELECT id FROM report WHERE key = ?1)";
    store.db.execute(words, [key(1).0]).unwrap();
    drop(store);
    assert_eq!(handed_to_the_os(&phone), [key(2)]);
}

/// Cut short, as no path of this program leaves it.
#[test]
fn a_picture_that_is_not_whole_keeps_no_other_from_the_os() {
    let (phone, mut store) = Phone::of("siti");
    for number in [1, 2] {
        store.writes(key(number));
        let picture = store.attaches(key(number), number.into(), 9_000);
        store.submits(key(number));
        store.hears_created(key(number), &number.to_string(), &[&picture]);
    }
    let cut = "UPDATE attachment_piece SET content = x'00' WHERE id = 64";
    assert_eq!(store.db.execute(cut, []), Ok(1));
    drop(store);
    assert_eq!(handed_to_the_os(&phone), [key(2)]);
    assert_eq!(
        fs::read_dir(phone.home().join("spool")).unwrap().count(),
        1,
        "nothing is left of the other"
    );
}
