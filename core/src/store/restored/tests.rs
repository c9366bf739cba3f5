#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod put_together;

use lapor_engine::{
    api::{EventKind, StoredAttachment},
    report::{EventKey, TrackingId},
    sync::{Change, OperationKind},
};

use super::*;
use crate::store::{
    Store,
    tests::{DAY, NOON, Person, Phone, assert_sound, created, fetched, key, later, run},
};

#[test]
fn what_the_service_forgot_goes_again_under_its_key_with_its_old_number() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 100);
    store.submits(key(1));
    store.apply(&[created(key(1), "41", &[])], NOON).unwrap();
    store
        .add_event(
            key(1),
            EventKey::from_entropy([1; 16]),
            EventKind::Reply,
            b"{}",
            NOON,
        )
        .unwrap();
    store.writes(key(2));
    store.submits(key(2));
    store.apply(&[created(key(2), "42", &[])], NOON).unwrap();

    store.writes(key(3));
    store.submits(key(3));
    let Change::Created { report, answer, .. } = created(key(3), "40", &[]) else {
        panic!();
    };
    let month = VERIFY_BACK;
    let long_before = Change::Created {
        report,
        answer,
        at: later(-month - 1),
    };
    store.apply(&[long_before], NOON).unwrap();
    let epoch = |at: i64| Change::Epoch {
        account: siti,
        epoch: format!("e{at}"),
        changed: true,
    };
    // It hears of it late, and what it sent last may be what was lost.
    store.apply(&[epoch(1)], later(10 * month)).unwrap();
    let account = store.work(&run()).unwrap().account.unwrap();
    assert_eq!(
        account.unverified_keys,
        [key(1), key(2)],
        "the third was sent a month before them"
    );
    assert_eq!(
        (account.epoch.as_deref(), account.cursor),
        (Some("e1"), None)
    );

    store
        .apply(
            &[
                Change::Verified {
                    account: siti,
                    keys: vec![key(2)],
                },
                Change::Forgotten {
                    account: siti,
                    keys: vec![key(1)],
                    at: NOON,
                },
            ],
            NOON,
        )
        .unwrap();
    assert_sound(&store);
    let work = store.work(&run()).unwrap();
    assert!(work.account.unwrap().unverified_keys.is_empty());
    let kinds: Vec<_> = work
        .operations
        .iter()
        .map(|row| (row.kind, row.is_free))
        .collect();
    assert_eq!(
        kinds,
        [
            (OperationKind::CreateReport, true),
            (OperationKind::UploadAttachment, false),
            (OperationKind::AddEvent, false)
        ]
    );
    assert_eq!(work.uploads[0].attachment, picture.id);
    assert_eq!(work.uploads[0].url, None);
    assert_eq!(
        store.prior_tracking_id(key(1)).unwrap(),
        Some(TrackingId("41".to_owned()))
    );

    store.apply(&[created(key(1), "77", &[])], NOON).unwrap();
    let detail = store.report(key(1)).unwrap().unwrap();
    assert_eq!(detail.row.tracking_id, Some(TrackingId("77".to_owned())));
    assert_eq!(
        detail.prior_tracking_ids,
        [TrackingId("41".to_owned())],
        "it may have been written down"
    );
    assert_eq!(store.find("#41").unwrap(), [key(1)]);
}

#[test]
fn a_report_of_long_ago_whose_picture_arrived_lately_is_asked_for_too() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    let sent = |number: u8, at| {
        let Change::Created { report, answer, .. } = created(key(number), "40", &[]) else {
            panic!();
        };
        Change::Created { report, answer, at }
    };
    for number in [1, 2, 3] {
        store.writes(key(number));
    }
    let picture = store.attaches(key(1), 1, 100);
    for number in [1, 2, 3] {
        store.submits(key(number));
    }
    let long_before = later(-VERIFY_BACK - 1);
    let words = [sent(1, long_before), sent(2, long_before), sent(3, NOON)];
    store.apply(&words, NOON).unwrap();
    let listed = StoredAttachment {
        sha256: picture.sha256,
        stored: true,
    };
    let arrived = fetched(key(1), "40", vec![listed]);
    store.apply(&[arrived], NOON).unwrap();
    let restored = Change::Epoch {
        account: siti,
        epoch: "e1".to_owned(),
        changed: true,
    };
    store.apply(&[restored], NOON).unwrap();
    let account = store.work(&run()).unwrap().account.unwrap();
    assert_eq!(account.unverified_keys, [key(1), key(3)]);
}

#[test]
fn the_pictures_of_a_report_that_came_through_are_asked_for_once_more() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 100);
    store.submits(key(1));
    store.hears_created(key(1), "41", &[]);
    assert_eq!(store.work(&run()).unwrap().operations, []);
    let verified = Change::Verified {
        account: siti,
        keys: vec![key(1)],
    };
    store.apply(&[verified], NOON).unwrap();
    let work = store.work(&run()).unwrap();
    assert_eq!(work.operations.len(), 1);
    assert_eq!(work.operations[0].reason, Some(Reason::NotTried));
    assert_eq!(
        (work.uploads[0].url.clone(), work.uploads[0].offset_is_sure),
        (None, false)
    );
}

#[test]
fn a_report_that_is_being_taken_back_is_neither_completed_nor_sent_again() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 100);
    store.submits(key(1));
    store.hears_created(key(1), "41", &[]);
    store.withdraw(key(1), NOON).unwrap();
    for answer in [
        Change::Verified {
            account: siti,
            keys: vec![key(1)],
        },
        Change::Forgotten {
            account: siti,
            keys: vec![key(1)],
            at: NOON,
        },
    ] {
        store.apply(&[answer], NOON).unwrap();
        assert_eq!(store.phase(key(1)), Phase::Withdrawing);
        let work = store.work(&run()).unwrap();
        let kinds: Vec<_> = work.operations.iter().map(|row| row.kind).collect();
        assert_eq!(kinds, [OperationKind::Withdraw]);
    }
}

#[test]
fn a_report_of_somebody_else_is_not_sent_from_here() {
    let phone = Phone::new();
    let mut store = phone.open();
    let officer = store.signs_in("made");
    let page = Change::Feed {
        account: officer,
        cursor: None,
        items: vec![lapor_engine::api::FeedItem::Report {
            key: key(9),
            tracking_id: TrackingId("9".to_owned()),
            revision: 1,
            status: lapor_engine::report::Status::Disposed,
            title: "Jembatan retak".to_owned(),
            event_keys: Vec::new(),
        }],
        at: NOON,
    };
    let forgotten = Change::Forgotten {
        account: officer,
        keys: vec![key(9)],
        at: NOON,
    };
    store.apply(&[page, forgotten], NOON).unwrap();
    let seen = store.report(key(9)).unwrap().unwrap();
    assert_eq!(seen.row.phase, Phase::Sent);
    assert_eq!(store.work(&run()).unwrap().operations, []);
}

#[test]
fn after_a_restore_what_was_taken_back_and_may_have_been_sent_is_taken_back_once_more() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    for number in [1, 2] {
        store.writes(key(number));
        let ids = store.submits(key(number));
        if number == 1 {
            store.attempt_to_create(&ids, Reason::Unknown);
        }
        store.withdraw(key(number), NOON).unwrap();
    }
    let buried = Change::Withdrawn {
        report: key(1),
        at: NOON,
    };
    store.apply(&[buried], NOON).unwrap();
    let epoch = |name: &str, changed| Change::Epoch {
        account: siti,
        epoch: name.to_owned(),
        changed,
    };
    store.apply(&[epoch("e1", false)], NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawn);
    store.apply(&[epoch("e2", true)], NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawing);
    assert_eq!(
        store.phase(key(2)),
        Phase::Withdrawn,
        "it never left the phone"
    );
    let work = store.work(&run()).unwrap();
    let kinds: Vec<_> = work
        .operations
        .iter()
        .map(|row| (row.report, row.kind))
        .collect();
    assert_eq!(kinds, [(key(1), OperationKind::Withdraw)]);
}

#[test]
fn after_a_restore_the_last_thirty_days_are_asked_for() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    for (number, days_before) in [(1, 31), (2, 29), (3, 0)] {
        store.writes(key(number));
        store.submits(key(number));
        let Change::Created { report, answer, .. } = created(key(number), "40", &[]) else {
            panic!();
        };
        let at = later(-days_before * DAY);
        let sent = Change::Created { report, answer, at };
        store.apply(&[sent], NOON).unwrap();
    }
    let epoch = Change::Epoch {
        account: siti,
        epoch: "e1".to_owned(),
        changed: true,
    };
    store.apply(&[epoch], NOON).unwrap();
    let account = store.work(&run()).unwrap().account.unwrap();
    assert_eq!(account.unverified_keys, [key(2), key(3)]);
}

fn heard_of(store: &mut Store, number: u8, tracking_id: &str, at: Instant) {
    let Change::Created { report, answer, .. } = created(key(number), tracking_id, &[]) else {
        panic!();
    };
    let told = Change::Created { report, answer, at };
    store.apply(&[told, Change::ServerDate(at)], at).unwrap();
}

/// Which reports are asked for when the service was restored from a backup.
fn asked_for(store: &mut Store, account: AccountId, now: Instant) -> Vec<ReportKey> {
    let work = store.work(&run()).unwrap().account.unwrap();
    let verified = Change::Verified {
        account,
        keys: work.unverified_keys,
    };
    let restored = Change::Epoch {
        account,
        epoch: "restored".to_owned(),
        changed: true,
    };
    store.apply(&[verified, restored], now).unwrap();
    let account = store.work(&run()).unwrap().account.unwrap();
    let mut keys = account.unverified_keys;
    keys.sort();
    keys
}

/// It was sent once more, and that may be lost like any.
#[test]
fn what_was_forgotten_and_went_again_bears_the_day_of_its_second_sending() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.accepts(key(1));
    heard_of(&mut store, 1, "41", later(-100 * DAY));
    let forgotten = Change::Forgotten {
        account: siti,
        keys: vec![key(1)],
        at: NOON,
    };
    store.apply(&[forgotten], NOON).unwrap();
    heard_of(&mut store, 1, "42", NOON);
    store.accepts(key(2));
    heard_of(&mut store, 2, "43", NOON);
    assert_eq!(asked_for(&mut store, siti, later(DAY)), [key(1), key(2)]);
}
