#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{
    api::StoredAttachment,
    report::TrackingId,
    sync::{Change, Reason},
};

use super::*;
use crate::store::{
    AttachmentRow,
    tests::{NOON, Person, Phone, created, key, run},
};

#[test]
fn every_number_that_a_report_ever_had_stays_known_once() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    for (number, before) in [
        ("1", vec![]),
        ("1", vec![]),
        ("2", vec!["1"]),
        ("3", vec!["1", "2"]),
        ("1", vec!["2", "3"]),
    ] {
        store.hears_created(key(1), number, &[]);
        let detail = store.report(key(1)).unwrap().unwrap();
        let prior: Vec<_> = detail.prior_tracking_ids.iter().map(|id| &*id.0).collect();
        assert_eq!(detail.row.tracking_id, Some(TrackingId(number.to_owned())));
        assert_eq!(prior, before);
    }
}

#[test]
fn a_picture_that_the_answer_to_a_create_passes_over_is_not_called_stored() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 100);
    store.submits(key(1));
    store.apply(&[created(key(1), "1", &[])], NOON).unwrap();
    let row = store.report(key(1)).unwrap().unwrap().attachments[0].clone();
    assert!(!row.stored);
    let work = store.work(&run()).unwrap();
    assert_eq!(
        work.operations[0].attachment,
        Some(picture.id),
        "it is asked after"
    );
    assert_eq!(work.uploads[0].url, None);
}

#[test]
fn a_picture_is_stored_only_when_it_is_listed_so_itself() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let there = store.attaches(key(1), 1, 100);
    let checked = store.attaches(key(1), 2, 100);
    store.submits(key(1));
    store
        .apply(&[created(key(1), "1", &[&there, &checked])], NOON)
        .unwrap();
    let listed = |row: &AttachmentRow, stored| StoredAttachment {
        sha256: row.sha256,
        stored,
    };
    let fetched = Change::Fetched {
        report: key(1),
        answer: Box::new(ReportAnswer {
            tracking_id: TrackingId("1".to_owned()),
            revision: 2,
            status: Status::Verified,
            deadlines: Deadlines::default(),
            attachments: vec![listed(&there, true), listed(&checked, false)],
            missing: Vec::new(),
            text: "{}".to_owned(),
        }),
        at: NOON,
    };
    store.apply(&[fetched], NOON).unwrap();
    let detail = store.report(key(1)).unwrap().unwrap();
    let stored: Vec<bool> = detail.attachments.iter().map(|row| row.stored).collect();
    assert_eq!(stored, [true, false]);
    let left = store.work(&run()).unwrap().operations;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].attachment, Some(checked.id));
    assert_ne!(left[0].reason, Some(Reason::Forgotten));
}
