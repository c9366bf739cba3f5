#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{
    calendar::Due,
    sync::{Change, Operation, OperationId, OperationState, OperationUpdate},
};

use super::*;
use crate::store::{
    Filter,
    tests::{NOON, Person, Phone, assert_sound, key, run},
};

/// The create of report 1 is answered: its key is taken.
fn taken(store: &mut Store, foreign: bool) {
    let ids = store.accepts(key(1));
    answered_taken(store, ids.create, foreign);
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

fn answered_taken(store: &mut Store, create: OperationId, foreign: bool) {
    let update = OperationUpdate {
        state: OperationState::Paused,
        ..ended(create, Reason::KeyTaken { foreign })
    };
    let change = Change::KeyTaken {
        report: key(1),
        foreign,
    };
    store
        .apply(&[Change::Operation(update), change], NOON)
        .unwrap();
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
        answered_taken(&mut store, create, foreign);
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
