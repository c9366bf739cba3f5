#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{thread, time::Duration};

use lapor_engine::{
    api::{AccountAnswer, CreateAnswer, Deadlines, Secret},
    report::{Classification, Edit, Phase, ReportKey, Status, TrackingId},
    sync::OperationState,
};
use tempfile::TempDir;

use super::*;
use crate::{
    client::Options,
    net::GatewayUrl,
    store::{Filter, StoreKey},
};

fn app(home: &TempDir) -> Client {
    let mut options = Options::new(home.path(), Some(StoreKey::new([0x42; 32], [7; 16])));
    options.gateway = Some(GatewayUrl::parse("http://127.0.0.1:1/", false).unwrap());
    Client::open(options).unwrap().0
}

/// Siti has written a report and let it go.
fn accepted(app: &Client) -> ReportKey {
    let (siti, now) = (
        AccountAnswer {
            id: "id-of-siti".to_owned(),
            user: "siti".to_owned(),
            name: "Siti".to_owned(),
            role: "reporter".to_owned(),
            institution: None,
        },
        app.now(),
    );
    let token = |word: &str| Secret::new(word.to_owned());
    let signed_in = app
        .store()
        .signed_in(&siti, &token("access"), &token("refresh"), now);
    signed_in.unwrap();
    let key = app.new_draft().unwrap();
    for edit in [
        Edit::Classification(Some(Classification::Complaint)),
        Edit::Title("Lampu jalan mati".to_owned()),
        Edit::Content("Sudah tiga malam gelap di depan sekolah.".to_owned()),
        Edit::IncidentDate("2026-01-15".to_owned()),
        Edit::Location("Jalan Raya Kuta 10".to_owned()),
    ] {
        app.edit(&key, edit).unwrap();
    }
    app.submit(&key).unwrap();
    key
}

/// Its create is under way, the answer came, and the full disk did not take it.
fn is_answered(app: &Client, report: ReportKey) {
    let run = RunId("run".to_owned());
    let operation = app.outbox(None).unwrap()[0].0.id;
    let now = app.now();
    let mut store = app.store();
    store.begin(operation, &run, now).unwrap();
    let answer = CreateAnswer {
        tracking_id: TrackingId("41".to_owned()),
        revision: 1,
        status: Status::Unverified,
        deadlines: Deadlines::default(),
        missing: Vec::new(),
    };
    let version = store.data_version().unwrap();
    drop(store);
    let created = Change::Created {
        report,
        answer,
        at: now,
    };
    *app.unstored() = Some(Unstored {
        changes: vec![created],
        version,
    });
}

fn phase(app: &Client, key: &ReportKey) -> Phase {
    app.show(key).unwrap().row.phase
}

#[test]
fn what_was_answered_is_stored_once_there_is_room() {
    let home = tempfile::tempdir().unwrap();
    let app = app(&home);
    let key = accepted(&app);
    is_answered(&app, key);
    assert_eq!(phase(&app, &key), Phase::Queued);
    assert!(app.store_unstored(&RunId("run".to_owned())).unwrap());
    assert_eq!(phase(&app, &key), Phase::Sent);
    assert!(!app.has_unstored());
}

/// It may have sent the report again, and heard that it was refused or forgotten.
#[test]
fn what_was_answered_undoes_nothing_that_another_process_has_done_since() {
    let home = tempfile::tempdir().unwrap();
    let app = app(&home);
    let key = accepted(&app);
    is_answered(&app, key);
    let another = self::app(&home);
    another.new_draft().unwrap();
    assert!(app.store_unstored(&RunId("run".to_owned())).unwrap());
    assert!(!app.has_unstored());
    assert_eq!(phase(&app, &key), Phase::Queued, "it is sent once more");
    let state = app.outbox(None).unwrap()[0].0.state;
    assert_eq!(state, OperationState::Waiting);
}

#[test]
fn what_was_answered_and_is_not_stored_yet_is_not_handed_to_the_os() {
    let home = tempfile::tempdir().unwrap();
    let app = app(&home);
    let key = accepted(&app);
    is_answered(&app, key);
    assert_eq!(app.prepare_background_upload(None), Ok(None));
    assert_eq!(phase(&app, &key), Phase::Sent);
}

/// A list is read while a run holds an answer and waits for the store.
#[test]
fn whoever_looks_does_not_hold_the_store_and_wait_for_a_run() {
    let home = tempfile::tempdir().unwrap();
    let app = app(&home);
    accepted(&app);
    thread::scope(|scope| {
        let held = app.unstored();
        let looks = scope.spawn(|| app.list(Filter::All, 10, None).map(|rows| rows.len()));
        thread::sleep(Duration::from_millis(300));
        assert!(app.store.try_lock().is_ok());
        drop(held);
        assert_eq!(looks.join().unwrap(), Ok(1));
    });
}
