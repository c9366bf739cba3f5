#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{
    calendar::Due,
    report::TrackingId,
    sync::{Change, OperationUpdate},
};

use super::*;
use crate::store::{
    Store,
    tests::{NOON, Person, Phone, assert_sound, copied, key, run},
};

fn taken(store: &mut Store, foreign: bool) {
    let ids = store.accepts(key(1));
    store.hears_taken(key(1), ids.create, foreign);
}

fn asked(store: &Store) -> Vec<Operation> {
    let mut rows = store.work(&run()).unwrap().operations;
    rows.retain(|row| row.kind == OperationKind::FetchCopy);
    rows
}

fn standing(store: &Store) -> Option<ServiceCopy> {
    let shown = store.report(key(1)).unwrap().unwrap();
    shown.copy.map(|copy| copy.standing)
}

#[test]
fn what_this_account_has_under_the_key_is_asked_for_and_kept() {
    let (_phone, mut store) = Phone::of("siti");
    taken(&mut store, false);
    assert_eq!(standing(&store), Some(ServiceCopy::Awaited));
    let rows = asked(&store);
    assert!(rows.len() == 1 && rows[0].is_free, "{rows:?}");
    let own = String::from_utf8(store.read_body(key(1)).unwrap()).unwrap();
    let others = own.replacen("\"content\":\"", "\"content\":\"Lain. ", 1);
    store.apply(&[copied(key(1), &others, &[])], NOON).unwrap();
    let shown = store.report(key(1)).unwrap().unwrap();
    let copy = shown.copy.unwrap();
    assert_eq!(copy.standing, ServiceCopy::Other);
    assert!(copy.submitted.unwrap().form.content.starts_with("Lain. "));
    // Its number and its status are not this report's.
    assert_eq!((shown.row.tracking_id, shown.row.status), (None, None));
    assert_eq!(shown.row.phase, Phase::KeyTaken);
    assert_sound(&store);
}

#[test]
fn the_same_words_in_other_bytes_have_arrived_and_their_pictures_follow() {
    let (_phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    let [first, second] = [1, 2].map(|seed| store.attaches(key(1), seed, 100));
    let ids = store.submits(key(1));
    store.hears_taken(key(1), ids.create, false);
    let own = String::from_utf8(store.read_body(key(1)).unwrap()).unwrap();
    let spaced = own.replace("\":", "\" : ");
    store
        .apply(&[copied(key(1), &spaced, &[&first, &second])], NOON)
        .unwrap();
    let shown = store.report(key(1)).unwrap().unwrap();
    assert_eq!(shown.row.phase, Phase::Sent);
    assert_eq!(
        shown.row.tracking_id,
        Some(TrackingId("1916449".to_owned()))
    );
    assert!(shown.copy.is_none(), "there is nothing to compare");
    let work = store.work(&run()).unwrap();
    let waiting: Vec<_> = work
        .operations
        .iter()
        .filter_map(|row| row.attachment)
        .collect();
    assert_eq!(waiting, [first.id, second.id]);
    assert!(work.uploads.iter().all(|upload| upload.url.is_some()));
    assert_sound(&store);
}

#[test]
fn of_what_another_account_has_nothing_is_asked() {
    let (_phone, mut store) = Phone::of("siti");
    taken(&mut store, true);
    assert_eq!(asked(&store), []);
    assert_eq!(standing(&store), None);
}

#[test]
fn it_is_asked_for_again_where_damage_took_its_place_in_the_outbox() {
    let (phone, mut store) = Phone::of("siti");
    taken(&mut store, false);
    let gone = "DELETE FROM operation WHERE kind = 'fetch_copy'";
    store.db.execute(gone, []).unwrap();
    let (store, _) = phone.loses(store, &["attachment"]);
    assert_eq!(asked(&store).len(), 1);
    assert_sound(&store);
}

#[test]
fn a_report_that_was_taken_back_too_late_asks_again_only_when_its_key_is_found_taken_again() {
    let (_phone, mut store) = Phone::of("siti");
    taken(&mut store, false);
    store.withdraw(key(1), NOON).unwrap();
    assert_eq!(asked(&store), [], "while it is taken back");
    store
        .apply(&[Change::TooLate { report: key(1) }], NOON)
        .unwrap();
    assert_eq!(asked(&store), [], "nor while its own words are tried again");
    let again = Change::KeyTaken {
        report: key(1),
        foreign: false,
    };
    store.apply(&[again], NOON).unwrap();
    assert_eq!(asked(&store).len(), 1);
    assert_sound(&store);
}

#[test]
fn what_is_found_to_be_the_same_while_it_is_taken_back_has_arrived_when_that_was_too_late() {
    let (_phone, mut store) = Phone::of("siti");
    taken(&mut store, false);
    let asks = asked(&store)[0].id;
    store.begin(asks, &run(), NOON).unwrap();
    store.withdraw(key(1), NOON).unwrap();
    let own = String::from_utf8(store.read_body(key(1)).unwrap()).unwrap();
    let done = Change::Operation(OperationUpdate {
        id: asks,
        state: OperationState::Done,
        attempts: 1,
        streak: 0,
        due: Due::now(NOON),
        reason: None,
        tried_at: Some(NOON),
    });
    let same = [done, copied(key(1), &own, &[])];
    store.apply(&same, NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawing);
    let late = Change::TooLate { report: key(1) };
    let again = Change::KeyTaken {
        report: key(1),
        foreign: false,
    };
    store.apply(&[late, again], NOON).unwrap();
    assert_eq!(asked(&store).len(), 1, "once more");
    store.apply(&same, NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Sent);
    assert_sound(&store);
}

#[test]
fn what_was_corrected_since_it_was_accepted_stays_to_be_compared() {
    let (_phone, mut store) = Phone::of("siti");
    taken(&mut store, false);
    let own = String::from_utf8(store.read_body(key(1)).unwrap()).unwrap();
    // As a refused report may have been when the feed told of its key.
    let corrected = "UPDATE report SET title = 'Lampu jalan masih mati'";
    store.db.execute(corrected, []).unwrap();
    store.apply(&[copied(key(1), &own, &[])], NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::KeyTaken);
    assert!(standing(&store).is_some());
}
