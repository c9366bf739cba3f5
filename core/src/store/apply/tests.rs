#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{
    report::{Limits, TrackingId},
    sync::Origin,
};

use super::*;
use crate::store::tests::{NOON, Person, Phone, assert_sound, created, key, later, run};

#[test]
fn a_created_report_has_its_number_and_its_pictures_have_their_places() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let first = store.attaches(key(1), 1, 100);
    let second = store.attaches(key(1), 2, 100);
    store.submits(key(1));
    store.hears_created(key(1), "1916449", &[&second]);
    let detail = store.report(key(1)).unwrap().unwrap();
    assert_eq!(detail.row.phase, Phase::Sent);
    assert_eq!(
        detail.row.tracking_id,
        Some(TrackingId("1916449".to_owned()))
    );
    assert_eq!(
        detail
            .attachments
            .iter()
            .map(|row| row.stored)
            .collect::<Vec<_>>(),
        [true, false]
    );
    let work = store.work(&run()).unwrap();
    assert_eq!(work.operations.len(), 1, "only the missing picture is left");
    let upload = &work.uploads[0];
    assert_eq!(
        (upload.attachment, upload.offset_is_sure),
        (second.id, true)
    );
    assert_eq!(upload.url, Some(format!("/v1/uploads/{}", second.id)));
    assert_eq!(detail.row.pictures.stored, 1);
    // The last one is listed; then, after a restore, the first one is missing again.
    store.hears_created(key(1), "1916449", &[]);
    assert_eq!(store.work(&run()).unwrap().operations, []);
    store
        .apply(&[created(key(1), "1916449", &[&first])], NOON)
        .unwrap();
    assert_eq!(
        store.work(&run()).unwrap().operations[0].attachment,
        Some(first.id)
    );
    assert_sound(&store);
}

#[test]
fn all_changes_of_an_outcome_or_none() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    let long = "t".repeat(200_000);
    let too_much = Change::Fetched {
        report: key(1),
        answer: Box::new(lapor_engine::api::ReportAnswer {
            tracking_id: TrackingId("1".to_owned()),
            revision: 1,
            status: lapor_engine::report::Status::Verified,
            deadlines: Default::default(),
            attachments: Vec::new(),
            missing: Vec::new(),
            text: long,
        }),
        at: NOON,
    };
    store
        .limit_pages(Some(store.page_count().unwrap()))
        .unwrap();
    let before = store.report(key(1)).unwrap();
    assert_eq!(
        store.apply(&[created(key(1), "1", &[]), too_much.clone()], NOON),
        Err(StoreError::DiskFull)
    );
    assert_eq!(store.report(key(1)).unwrap(), before);
    assert!(
        store.set_pictures_unmetered_only(false).is_ok(),
        "a little fits"
    );
    store.limit_pages(None).unwrap();
    store
        .apply(&[created(key(1), "1", &[]), too_much], NOON)
        .unwrap();
    assert_eq!(
        store.report(key(1)).unwrap().unwrap().server_text.len(),
        200_000
    );
}

#[test]
fn an_outcome_goes_to_the_account_it_was_asked_for() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let ids = store.submits(key(1));
    store.begin(ids.create, &run(), NOON).unwrap();
    // An officer takes the phone while the answer is on its way, and knows the same report.
    let officer = store.signs_in("made");
    let item = lapor_engine::api::FeedItem::Report {
        key: key(1),
        tracking_id: TrackingId("5".to_owned()),
        revision: 2,
        status: lapor_engine::report::Status::Disposed,
        title: "dari umpan".to_owned(),
        event_keys: Vec::new(),
    };
    let feed = Change::Feed {
        account: officer,
        cursor: Some("c".to_owned()),
        items: vec![item],
        at: NOON,
    };
    store.apply(&[feed], NOON).unwrap();
    let done = OperationUpdate {
        id: ids.create,
        state: OperationState::Done,
        attempts: 1,
        streak: 0,
        due: Due::now(NOON),
        reason: None,
        tried_at: Some(NOON),
    };
    store
        .apply(&[Change::Operation(done), created(key(1), "5", &[])], NOON)
        .unwrap();
    let seen = store.report(key(1)).unwrap().unwrap().row;
    assert!(!seen.own && seen.title == "dari umpan" && seen.revision == 2);
    store.signs_in("siti");
    assert_eq!(store.phase(key(1)), Phase::Sent);
}

#[test]
fn what_waits_may_go_sooner_and_what_is_on_the_line_is_left_alone() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let ids = store.submits(key(1));
    let due_of = |store: &Store| {
        let work = store.work(&run()).unwrap();
        let row = work.operations.iter().find(|row| row.id == ids.create);
        row.map(|row| (row.due, row.state, row.reason.clone()))
            .unwrap()
    };
    let sooner = |delay| {
        [Change::Sooner {
            operation: ids.create,
            due: Due::after(NOON, delay),
        }]
    };
    let (_, state, reason) = due_of(&store);
    store.apply(&sooner(2_000), NOON).unwrap();
    assert_eq!(due_of(&store), (Due::after(NOON, 2_000), state, reason));
    store.begin(ids.create, &run(), NOON).unwrap();
    let flying = due_of(&store);
    store.apply(&sooner(9_000), NOON).unwrap();
    assert_eq!(due_of(&store), flying);
}

#[test]
fn origin_limits_and_dates_are_kept() {
    let phone = Phone::new();
    let mut store = phone.open();
    let origin = Origin::default().after(
        lapor_engine::sync::OriginTrouble::Busy { status: 503 },
        Some(9_000),
        NOON,
        b"seed",
    );
    let limits = Limits {
        title_chars: 99,
        ..Limits::default()
    };
    let changes = [
        Change::Origin(origin.clone()),
        Change::Limits(limits.clone()),
        Change::ServerDate(later(5)),
        Change::ServerDate(later(-5)),
    ];
    store.apply(&changes, NOON).unwrap();
    drop(store);
    let store = phone.open();
    assert_eq!(store.origin().unwrap(), origin);
    assert_eq!(store.limits().unwrap(), limits);
    assert_eq!(
        store.last_server_date().unwrap(),
        Some(later(5)),
        "never backwards"
    );
}

#[test]
fn a_run_and_a_screen_are_told_what_was_kept() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    let origin = Origin::default().after(
        lapor_engine::sync::OriginTrouble::Busy { status: 503 },
        Some(9_000),
        NOON,
        b"seed",
    );
    let changes = [Change::Origin(origin.clone()), Change::ServerDate(later(5))];
    store.apply(&changes, NOON).unwrap();
    store.set_pictures_unmetered_only(true).unwrap();
    let work = store.work(&run()).unwrap();
    assert!(work.account.is_some_and(|account| account.id == siti));
    assert_eq!(work.origin, origin);
    assert_eq!(work.install_secret, store.install_secret().unwrap());
    assert_eq!(work.last_server_date, Some(later(5)));
    assert!(work.pictures_unmetered_only);
    let seen = store.viewpoint().unwrap();
    assert_eq!((seen.account.id, &seen.origin), (siti, &origin));
    assert!(seen.pictures_unmetered_only);
    // What says who it is has gone: nobody is taken for signed in.
    settings::forget(&store.db, "current_account").unwrap();
    let seen = store.viewpoint().unwrap();
    assert_eq!((seen.account.id, seen.origin), (AccountId::GUEST, origin));
    assert!(store.work(&run()).unwrap().account.is_none());
}

#[test]
fn a_page_for_somebody_who_was_forgotten_meanwhile_says_nothing_to_anybody() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    let page = Change::Feed {
        account: siti,
        cursor: Some("c".to_owned()),
        items: vec![lapor_engine::api::FeedItem::Report {
            key: key(9),
            tracking_id: TrackingId("9".to_owned()),
            revision: 1,
            status: lapor_engine::report::Status::Verified,
            title: "Jembatan retak".to_owned(),
            event_keys: Vec::new(),
        }],
        at: NOON,
    };
    store.forget_me().unwrap();
    assert_eq!(store.apply(&[page], NOON), Ok(()));
    assert_eq!(store.report(key(9)).unwrap(), None);
    assert_sound(&store);
}

#[test]
fn a_report_that_is_through_stays_so_when_an_older_try_finds_its_key_taken() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    store.hears_created(key(1), "1916449", &[]);
    let taken = Change::KeyTaken {
        report: key(1),
        foreign: false,
    };
    store.apply(&[taken], NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Sent);
}

#[test]
fn where_a_picture_stands_is_kept_whole() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 100);
    store.submits(key(1));
    let update = UploadUpdate {
        attachment: picture.id,
        url: Some("/v1/uploads/7".to_owned()),
        offset: 60,
        offset_is_sure: true,
        restarts: 2,
        chunk: 9_000,
        cuts: 3,
    };
    store.apply(&[Change::Upload(update)], NOON).unwrap();
    let kept = store.work(&run()).unwrap().uploads[0].clone();
    assert_eq!(
        (kept.url.as_deref(), kept.offset, kept.offset_is_sure),
        (Some("/v1/uploads/7"), 60, true)
    );
    assert_eq!((kept.restarts, kept.chunk, kept.cuts), (2, 9_000, 3));
}

#[test]
fn a_date_years_ahead_gives_way_to_the_next_one_and_not_to_one_of_a_little_before() {
    const YEARS: i64 = 10 * 365 * 24 * 3_600_000;
    let phone = Phone::new();
    let mut store = phone.open();
    for (told, kept) in [(YEARS, YEARS), (0, 0), (-3_600_000, 0), (1_000, 1_000)] {
        let at = |millis| Instant(NOON.0 + millis);
        store.apply(&[Change::ServerDate(at(told))], NOON).unwrap();
        assert_eq!(store.last_server_date().unwrap(), Some(at(kept)));
    }
}
