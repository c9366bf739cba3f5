#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{
    api::EventKind,
    calendar::Due,
    report::{Edit, EventKey},
    sync::{Change, Operation, OperationId, OperationKind, OperationState, OperationUpdate},
};

use super::*;
use crate::store::{
    Filter,
    tests::{NOON, Person, Phone, assert_sound, copied, key, run},
};

/// The create of report 1 is answered: its key is taken.
fn taken(store: &mut Store, foreign: bool) {
    let ids = store.accepts(key(1));
    store.hears_taken(key(1), ids.create, foreign);
}

fn ended(id: OperationId, why: Reason) -> OperationUpdate {
    OperationUpdate {
        id,
        state: OperationState::Ended,
        attempts: 1,
        streak: 0,
        due: Due::now(NOON),
        reason: Some(why),
        tried_at: Some(NOON),
    }
}

/// The service refuses the words, so that it can be put away.
fn refused(store: &mut Store, report: ReportKey, create: OperationId) {
    let problems = Vec::new();
    let update = OperationUpdate {
        state: OperationState::Paused,
        ..ended(
            create,
            Reason::Rejected {
                problems: problems.clone(),
            },
        )
    };
    let change = Change::Rejected { report, problems };
    store
        .apply(&[Change::Operation(update), change], NOON)
        .unwrap();
}

fn open(store: &Store) -> Vec<Operation> {
    store.work(&run()).unwrap().operations
}

fn by(store: &Store, number: u8) -> Option<ReportKey> {
    store
        .report(key(number))
        .unwrap()
        .unwrap()
        .row
        .superseded_by
}

#[test]
fn a_report_that_goes_on_as_another_needs_no_decision_and_names_that_one() {
    let (_phone, mut store) = Phone::of("siti");
    taken(&mut store, false);
    store.supersede(key(1), key(2), NOON).unwrap();
    // As long as nobody sent that one, this one still waits for its writer.
    assert_eq!(store.phase(key(1)), Phase::KeyTaken);
    assert_eq!(store.list(Filter::Outbox, 9, None).unwrap().len(), 1);
    assert_eq!(by(&store, 1), Some(key(2)));
    store.submits(key(2));
    assert_eq!(store.phase(key(1)), Phase::Superseded);
    assert!(open(&store).iter().all(|row| row.report == key(2)));
    assert_eq!(by(&store, 1), Some(key(2)));
    let left = store.list(Filter::Outbox, 9, None).unwrap();
    assert!(left.len() == 1 && left[0].key == key(2), "{left:?}");
    assert_eq!(
        store.supersede(key(1), key(3), NOON),
        Err(StoreError::Superseded { by: key(2) })
    );
    // What is at the service can still be taken back.
    store.withdraw(key(1), NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawing);
    assert_sound(&store);
}

#[test]
fn it_needs_one_again_while_that_one_is_put_away_and_when_it_is_erased() {
    let (_phone, mut store) = Phone::of("siti");
    taken(&mut store, true);
    let before = open(&store);
    for _ in 0..2 {
        store.supersede(key(1), key(2), NOON).unwrap();
        let ids = store.submits(key(2));
        assert_eq!(store.phase(key(1)), Phase::Superseded);
        refused(&mut store, key(2), ids.create);
        assert_eq!(store.phase(key(1)), Phase::Superseded);
        store.discard(key(2), NOON).unwrap();
        assert_eq!(store.phase(key(1)), Phase::KeyTaken);
        let foreign = Some(Reason::KeyTaken { foreign: true });
        assert_eq!(open(&store), before, "and says why, as before");
        assert_eq!(open(&store)[0].reason, foreign);
        store.restore(key(2), NOON).unwrap();
        assert_eq!(store.phase(key(1)), Phase::Superseded);
        store.discard(key(2), NOON).unwrap();
        store.erase_draft(key(2)).unwrap();
        assert_eq!(store.phase(key(1)), Phase::KeyTaken);
        assert_eq!(open(&store), before);
    }
    assert_sound(&store);
}

#[test]
fn what_was_not_fetched_before_is_asked_for_again() {
    let (_phone, mut store) = Phone::of("siti");
    taken(&mut store, false);
    assert_eq!(open(&store).len(), 2);
    store.supersede(key(1), key(2), NOON).unwrap();
    let ids = store.submits(key(2));
    assert_eq!(store.phase(key(1)), Phase::Superseded);
    refused(&mut store, key(2), ids.create);
    store.discard(key(2), NOON).unwrap();
    store.erase_draft(key(2)).unwrap();
    let waits = open(&store).iter().filter(|row| row.is_free).count();
    assert_eq!((open(&store).len(), waits), (2, 2));
    assert_sound(&store);
}

#[test]
fn a_report_that_was_taken_back_goes_as_another_once_too() {
    let (_phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    store.withdraw(key(1), NOON).unwrap();
    store.supersede(key(1), key(2), NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawn);
    assert_eq!(by(&store, 1), Some(key(2)));
    assert_eq!(
        store.supersede(key(1), key(3), NOON),
        Err(StoreError::Superseded { by: key(2) })
    );
    assert_sound(&store);
}

#[test]
fn what_goes_on_as_another_and_is_taken_back_too_late_is_asked_about_again() {
    for foreign in [false, true] {
        let (_phone, mut store) = Phone::of("siti");
        taken(&mut store, foreign);
        let create = open(&store)[0].id;
        store.supersede(key(1), key(2), NOON).unwrap();
        let ids = store.submits(key(2));
        store.withdraw(key(1), NOON).unwrap();
        // Of words that are not these: no number of this report is known.
        let asked = open(&store)[0].id;
        let ends = ended(asked, Reason::TooLate);
        let late = Change::TooLate { report: key(1) };
        store.apply(&[Change::Operation(ends), late], NOON).unwrap();
        assert_eq!(store.phase(key(1)), Phase::Queued);
        let asks = &open(&store)[0];
        let waits = (OperationState::Waiting, Some(Reason::TooLate));
        assert_eq!(
            (asks.id, (asks.state, asks.reason.clone())),
            (create, waits)
        );
        store.hears_taken(key(1), create, foreign);
        assert_eq!(store.phase(key(1)), Phase::Superseded);
        assert!(open(&store).iter().all(|row| row.report == key(2)));
        refused(&mut store, key(2), ids.create);
        store.discard(key(2), NOON).unwrap();
        let why = Some(Reason::KeyTaken { foreign });
        assert_eq!(open(&store)[0].reason, why);
        assert_sound(&store);
    }
}

#[test]
fn it_is_found_to_need_a_decision_where_damage_took_the_one_in_its_place() {
    let (phone, mut store) = Phone::of("siti");
    taken(&mut store, false);
    store.supersede(key(1), key(2), NOON).unwrap();
    store.db.execute("DELETE FROM attachment", []).unwrap();
    let gone = "DELETE FROM report WHERE phase = 'draft'";
    store.db.execute(gone, []).unwrap();
    let (store, _) = phone.loses(store, &["loss"]);
    assert_eq!(store.phase(key(1)), Phase::KeyTaken);
    assert!(!open(&store).is_empty());
    assert_sound(&store);
}

/// Of report 1, whose key is taken, this one was written in its place and put away.
fn put_away(store: &mut Store, number: u8) {
    store.supersede(key(1), key(number), NOON).unwrap();
    let ids = store.submits(key(number));
    refused(store, key(number), ids.create);
    store.discard(key(number), NOON).unwrap();
}

#[test]
fn one_that_was_put_away_does_not_come_back_beside_another_that_says_the_same() {
    let (_phone, mut store) = Phone::of("siti");
    taken(&mut store, false);
    put_away(&mut store, 2);
    store.supersede(key(1), key(3), NOON).unwrap();
    let is_taken = Err(StoreError::Superseded { by: key(3) });
    assert_eq!(store.restore(key(2), NOON), is_taken);
    assert_eq!(store.phase(key(2)), Phase::Discarded, "and nothing is lost");
    // Nor where that is forgotten whose place they were to take.
    store.submits(key(3));
    store.erase_report(key(1)).unwrap();
    assert_eq!(store.restore(key(2), NOON), is_taken);
    assert_sound(&store);
}

#[test]
fn of_two_that_were_put_away_one_comes_back() {
    let (_phone, mut store) = Phone::of("siti");
    taken(&mut store, false);
    put_away(&mut store, 2);
    put_away(&mut store, 3);
    store.restore(key(2), NOON).unwrap();
    assert_eq!(by(&store, 1), Some(key(2)));
    let is_taken = Err(StoreError::Superseded { by: key(2) });
    assert_eq!(store.restore(key(3), NOON), is_taken);
    assert_sound(&store);
}

#[test]
fn with_other_words_it_comes_back_as_a_report_of_its_own() {
    let (_phone, mut store) = Phone::of("siti");
    taken(&mut store, false);
    store.supersede(key(1), key(2), NOON).unwrap();
    store.edit(key(2), new_title(), NOON).unwrap();
    store.discard(key(2), NOON).unwrap();
    store.supersede(key(1), key(3), NOON).unwrap();
    store.submits(key(3));
    store.restore(key(2), NOON).unwrap();
    assert_eq!(store.draft(key(2)).unwrap().supersedes, None);
    assert_eq!(by(&store, 1), Some(key(3)));
    store.submits(key(2));
    assert_eq!(store.phase(key(1)), Phase::Superseded);
    assert_sound(&store);
}

fn new_title() -> Edit {
    Edit::Title("Lampu jalan masih mati".to_owned())
}

/// The key of report 1 is taken, it is written anew as report 2, and only then the service says what it has: it is
/// the same.
fn same_after_all(store: &mut Store) {
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 100);
    let ids = store.submits(key(1));
    store.hears_taken(key(1), ids.create, false);
    store.supersede(key(1), key(2), NOON).unwrap();
    let own = String::from_utf8(store.read_body(key(1)).unwrap()).unwrap();
    store
        .apply(&[copied(key(1), &own, &[&picture])], NOON)
        .unwrap();
}

fn submit(store: &mut Store, report: ReportKey) -> Result<(), StoreError> {
    let (version, frozen) = store.freezes(report);
    store.submit(report, version, &frozen, NOON).map(|_| ())
}

#[test]
fn what_arrived_after_all_goes_as_another_only_where_that_says_more() {
    type Writes = fn(&mut Store);
    let title: Writes = |store| {
        store.edit(key(2), new_title(), NOON).unwrap();
    };
    let picture: Writes = |store| {
        store.attaches(key(2), 2, 100);
    };
    for writes in [title, picture] {
        let (_phone, mut store) = Phone::of("siti");
        same_after_all(&mut store);
        assert_eq!(store.phase(key(1)), Phase::Sent);
        let there = Err(StoreError::Superseded { by: key(1) });
        assert_eq!(submit(&mut store, key(2)), there);
        assert_eq!(store.phase(key(2)), Phase::Draft);
        writes(&mut store);
        assert_eq!(submit(&mut store, key(2)), Ok(()));
        assert_eq!(store.phase(key(1)), Phase::Sent);
        assert_sound(&store);
    }
}

#[test]
fn what_arrived_while_another_went_on_in_its_place_goes_on_whole_when_that_is_put_away() {
    let (_phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 100);
    let ids = store.submits(key(1));
    let event = EventKey::from_entropy([9; 16]);
    let reply = store
        .add_event(key(1), event, EventKind::Reply, b"{}", NOON)
        .unwrap();
    store.hears_taken(key(1), ids.create, false);
    store.supersede(key(1), key(2), NOON).unwrap();
    let ids = store.submits(key(2));
    let own = String::from_utf8(store.read_body(key(1)).unwrap()).unwrap();
    let asks = fetch_copy(&store, 1);
    let done = OperationUpdate {
        state: OperationState::Done,
        ..ended(asks, Reason::KeyTaken { foreign: false })
    };
    let same = [Change::Operation(done), copied(key(1), &own, &[&picture])];
    store.apply(&same, NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Superseded);
    refused(&mut store, key(2), ids.create);
    store.discard(key(2), NOON).unwrap();
    assert!(open(&store).iter().any(|row| row.id == asks), "once more");
    store.apply(&same, NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Sent);
    let left = open(&store);
    let waits = |row: &&Operation| row.state == OperationState::Waiting;
    assert_eq!(left.iter().filter(waits).count(), 2, "{left:?}");
    assert!(left.iter().any(|row| row.attachment == Some(picture.id)));
    assert!(left.iter().any(|row| row.id == reply));
    assert_sound(&store);
}

#[test]
fn what_was_taken_back_elsewhere_can_be_sent_as_it_was() {
    let (_phone, mut store) = Phone::of("siti");
    same_after_all(&mut store);
    let gone = "UPDATE report SET removed = 1 WHERE phase = 'sent'";
    store.db.execute(gone, []).unwrap();
    assert_eq!(submit(&mut store, key(2)), Ok(()));
}

/// The operation that asks for what the service has.
fn fetch_copy(store: &Store, number: u8) -> OperationId {
    let shown = store.report(key(number)).unwrap().unwrap();
    let row = shown
        .operations
        .iter()
        .find(|row| row.kind == OperationKind::FetchCopy);
    row.unwrap().id
}
