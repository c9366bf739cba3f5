//! One report off this phone, where the service has it or had it.

use lapor_engine::{
    api::FeedItem,
    report::{EventKey, Status, TrackingId},
};

use super::*;
use crate::store::tests::run;

/// The service tells of everything that it has.
fn hears_of(store: &mut Store, numbers: &[u8]) {
    let told = |number: &u8| FeedItem::Report {
        key: key(*number),
        tracking_id: TrackingId(format!("19{number}")),
        revision: 3,
        status: Status::Verified,
        title: "Judul dari layanan".to_owned(),
        event_keys: Vec::new(),
    };
    let page = Change::Feed {
        account: store.current_account().unwrap().id,
        cursor: Some("next".to_owned()),
        items: numbers.iter().map(told).collect(),
        at: NOON,
    };
    store.apply(&[page], NOON).unwrap();
}

fn listed(store: &Store) -> Vec<ReportKey> {
    let rows = store.list(Filter::All, 50, None).unwrap();
    rows.iter().map(|row| row.key).collect()
}

#[test]
fn a_report_that_was_sent_leaves_the_phone_and_the_news_do_not_bring_it_back() {
    let (_phone, mut store) = Phone::of("siti");
    store.delivers(key(1), "191");
    store.delivers(key(2), "192");
    assert_eq!(store.erasing(key(1)), Ok(Erasing::AtService));
    assert!(store.erase_report(key(1)).unwrap().is_overwritten);
    assert!(!lies_in_the_pages(&store, b"191"));
    hears_of(&mut store, &[1, 2]);
    assert_eq!(listed(&store), [key(2)]);
    assert_sound(&store);
    // Also after the feed was begun anew by a restored service, which has it or has lost it.
    let restored = Change::Epoch {
        epoch: "restored".to_owned(),
        changed: true,
        account: store.current_account().unwrap().id,
    };
    store.apply(&[restored], NOON).unwrap();
    hears_of(&mut store, &[1, 2]);
    assert_eq!(listed(&store), [key(2)]);
    // Learned from the news, it can go as well.
    hears_of(&mut store, &[3]);
    store.erase_report(key(3)).unwrap();
    hears_of(&mut store, &[3]);
    assert_eq!(listed(&store), [key(2)]);
    // Another person's news are theirs, and who was forgotten begins anew.
    store.signs_in("budi");
    hears_of(&mut store, &[1]);
    assert_eq!(listed(&store), [key(1)]);
    store.signs_in("siti");
    store.forget_me().unwrap();
    store.signs_in("siti");
    hears_of(&mut store, &[1]);
    assert_eq!(listed(&store), [key(1)]);
}

#[test]
fn what_still_waits_is_not_erased_and_says_what_to_do() {
    let (_phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    assert_eq!(store.erase_report(key(1)), Err(StoreError::StillToSend));
    store.delivers(key(2), "192");
    let event = EventKey::from_entropy([7; 16]);
    store
        .add_event(
            key(2),
            event,
            lapor_engine::api::EventKind::Reply,
            b"{}",
            NOON,
        )
        .unwrap();
    assert_eq!(store.erasing(key(2)), Err(StoreError::StillToSend));
    assert_eq!(store.erase_report(key(2)), Err(StoreError::StillToSend));
    store.delivers(key(3), "193");
    store.withdraw(key(3), NOON).unwrap();
    assert_eq!(store.erase_report(key(3)), Err(StoreError::StillToSend));
    let done = Change::Withdrawn {
        report: key(3),
        at: NOON,
    };
    store.apply(&[done], NOON).unwrap();
    assert_eq!(store.erasing(key(3)), Ok(Erasing::TakenBack));
    store.erase_report(key(3)).unwrap();
    assert_eq!(listed(&store), [key(2), key(1)]);
    assert_eq!(store.work(&run()).unwrap().operations.len(), 2);
    assert_sound(&store);
}

#[test]
fn a_report_that_went_on_as_another_needs_no_decision_when_that_one_is_erased() {
    let (_phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    let taken = Change::KeyTaken {
        report: key(1),
        foreign: false,
    };
    store.apply(&[taken], NOON).unwrap();
    store.supersede(key(1), key(2), NOON).unwrap();
    store.submits(key(2));
    store.hears_created(key(2), "192", &[]);
    store.erase_report(key(2)).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Superseded);
    assert_eq!(store.erasing(key(1)), Ok(Erasing::OnlyHere));
    store.erase_report(key(1)).unwrap();
    hears_of(&mut store, &[1, 2]);
    assert_eq!(listed(&store), []);
    assert_sound(&store);
}
