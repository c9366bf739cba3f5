#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::sync::{Change, OperationUpdate};

use super::*;
use crate::store::tests::{NOON, Person, Phone, created, key, run};

fn event(number: u8) -> EventKey {
    EventKey::from_entropy([number; 16])
}

#[test]
fn a_reply_follows_the_report_and_the_reply_before_it() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let refused = store.add_event(key(1), event(1), EventKind::Reply, b"a", NOON);
    assert_eq!(
        refused,
        Err(StoreError::NotSubmitted {
            phase: Phase::Draft
        })
    );
    store.submits(key(1));
    let first = store
        .add_event(key(1), event(1), EventKind::Reply, b"a", NOON)
        .unwrap();
    let second = store
        .add_event(key(1), event(2), EventKind::Rate, b"b", NOON)
        .unwrap();
    assert_eq!(
        store.add_event(key(1), event(2), EventKind::Reply, b"c", NOON),
        Err(StoreError::KeyUsed)
    );
    let free = |store: &Store| -> Vec<OperationId> {
        let operations = store.work(&run()).unwrap().operations;
        operations
            .into_iter()
            .filter(|row| row.is_free && row.kind == OperationKind::AddEvent)
            .map(|row| row.id)
            .collect()
    };
    assert_eq!(free(&store), []);
    store.apply(&[created(key(1), "1", &[])], NOON).unwrap();
    assert_eq!(free(&store), [first]);
    let done = OperationUpdate {
        id: first,
        state: OperationState::Done,
        attempts: 1,
        streak: 0,
        due: lapor_engine::calendar::Due::now(NOON),
        reason: None,
        tried_at: Some(NOON),
    };
    store.apply(&[Change::Operation(done)], NOON).unwrap();
    assert_eq!(free(&store), [second]);
    assert_eq!(store.event_body(event(2)).unwrap(), b"b");
    let shown = store.report(key(1)).unwrap().unwrap().events;
    assert_eq!(
        shown.iter().map(|row| row.state).collect::<Vec<_>>(),
        [OperationState::Done, OperationState::Waiting]
    );
}

#[test]
fn what_follows_an_event_that_was_given_up_still_waits_for_the_report() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let ids = store.submits(key(1));
    let add = |store: &mut Store, number: u8| {
        store
            .add_event(key(1), event(number), EventKind::Reply, b"a", NOON)
            .unwrap()
    };
    let (_, second) = (add(&mut store, 1), add(&mut store, 2));
    store.discard_event(event(1)).unwrap();
    let follows = |store: &Store, id: OperationId| {
        let operations = store.work(&run()).unwrap().operations;
        let row = operations.into_iter().find(|row| row.id == id).unwrap();
        (row.follows, row.is_free)
    };
    assert_eq!(follows(&store, second), (Some(ids.create), false));
    store.discard_event(event(2)).unwrap();
    let third = add(&mut store, 3);
    assert_eq!(follows(&store, third), (Some(ids.create), false));
}

#[test]
fn an_event_that_was_given_up_does_not_come_back_with_a_report_that_could_not_be_taken_back() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    store.apply(&[created(key(1), "1", &[])], NOON).unwrap();
    for number in [1, 2] {
        store
            .add_event(key(1), event(number), EventKind::Reply, b"a", NOON)
            .unwrap();
    }
    store.discard_event(event(1)).unwrap();
    store.withdraw(key(1), NOON).unwrap();
    store
        .apply(&[Change::TooLate { report: key(1) }], NOON)
        .unwrap();
    let shown = store.report(key(1)).unwrap().unwrap().events;
    assert_eq!(
        shown.iter().map(|row| row.state).collect::<Vec<_>>(),
        [OperationState::Ended, OperationState::Waiting]
    );
}

#[test]
fn only_an_event_that_was_refused_or_never_on_the_wire_is_given_up() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    store.hears_created(key(1), "1", &[]);
    let given_up = |number: u8, begun: bool, then: Option<OperationState>, store: &mut Store| {
        let id = store
            .add_event(key(1), event(number), EventKind::Reply, b"a", NOON)
            .unwrap();
        if begun {
            store.begin(id, &run(), NOON).unwrap();
        }
        let update = then.map(|state| {
            Change::Operation(OperationUpdate {
                id,
                state,
                attempts: 1,
                streak: 0,
                due: lapor_engine::calendar::Due::now(NOON),
                reason: Some(Reason::Unknown),
                tried_at: Some(NOON),
            })
        });
        store.apply(update.as_slice(), NOON).unwrap();
        store.discard_event(event(number))
    };
    let nothing = Err(StoreError::NothingToGiveUp);
    assert_eq!(given_up(1, false, None, &mut store), Ok(()));
    assert_eq!(given_up(2, true, None, &mut store), nothing);
    let waiting = Some(OperationState::Waiting);
    assert_eq!(
        given_up(3, true, waiting, &mut store),
        nothing,
        "it may have arrived"
    );
    let refused = Some(OperationState::Paused);
    assert_eq!(given_up(4, true, refused, &mut store), Ok(()));
    let done = Some(OperationState::Done);
    assert_eq!(given_up(5, true, done, &mut store), nothing);
}

/// An event that goes on the line and ends so.
fn settles(store: &mut Store, id: OperationId, state: OperationState) {
    store.begin(id, &run(), NOON).unwrap();
    let refused = Reason::Refused {
        status: 409,
        code: "state".to_owned(),
    };
    let update = OperationUpdate {
        id,
        state,
        attempts: 1,
        streak: 0,
        due: lapor_engine::calendar::Due::now(NOON),
        reason: (state == OperationState::Paused).then_some(refused),
        tried_at: Some(NOON),
    };
    store.apply(&[Change::Operation(update)], NOON).unwrap();
}

/// What a person sees of the events of report 1.
fn shown(store: &Store) -> Vec<(OperationState, bool)> {
    let events = store.report(key(1)).unwrap().unwrap().events;
    events
        .into_iter()
        .map(|row| (row.state, row.reason == Some(Reason::Overtaken)))
        .collect()
}

const WAITS: (OperationState, bool) = (OperationState::Waiting, false);
const PAUSED: (OperationState, bool) = (OperationState::Paused, false);
const DONE: (OperationState, bool) = (OperationState::Done, false);
const OVERTAKEN: (OperationState, bool) = (OperationState::Ended, true);

/// The stories with a gateway are in `tests/stories/overtaking.rs`.
#[test]
fn a_rating_that_was_refused_makes_way_for_the_next_and_a_reply_for_none() {
    let (_phone, mut store) = Phone::of("siti");
    store.delivers(key(1), "1");
    let add = |store: &mut Store, number: u8, kind: EventKind| {
        store
            .add_event(key(1), event(number), kind, b"a", NOON)
            .unwrap()
    };
    let reply = add(&mut store, 1, EventKind::Reply);
    let rating = add(&mut store, 2, EventKind::Rate);
    settles(&mut store, reply, OperationState::Paused);
    settles(&mut store, rating, OperationState::Paused);
    assert_eq!(shown(&store), [PAUSED, PAUSED]);
    let next = add(&mut store, 3, EventKind::Rate);
    assert_eq!(shown(&store), [PAUSED, OVERTAKEN, WAITS]);
    // What waits was not refused: it goes first, and the later one after it.
    let last = add(&mut store, 4, EventKind::Rate);
    assert_eq!(shown(&store), [PAUSED, OVERTAKEN, WAITS, WAITS]);
    // Refused when the later one is there already.
    settles(&mut store, next, OperationState::Paused);
    assert_eq!(shown(&store), [PAUSED, OVERTAKEN, OVERTAKEN, WAITS]);
    settles(&mut store, last, OperationState::Done);
    assert_eq!(shown(&store), [PAUSED, OVERTAKEN, OVERTAKEN, DONE]);
}

#[test]
fn only_a_rating_that_was_taken_shows_that_a_refused_closing_is_needed_no_more() {
    let (_phone, mut store) = Phone::of("siti");
    store.delivers(key(1), "1");
    let mut add = |number: u8, kind: EventKind| {
        store
            .add_event(key(1), event(number), kind, b"a", NOON)
            .unwrap()
    };
    let closing = add(1, EventKind::Close);
    let rating = add(2, EventKind::Rate);
    settles(&mut store, closing, OperationState::Paused);
    assert_eq!(shown(&store), [PAUSED, WAITS]);
    settles(&mut store, rating, OperationState::Done);
    assert_eq!(shown(&store), [OVERTAKEN, DONE]);
}

/// The words stand in the outbox of every phone: a version that reads others loses its events.
#[test]
fn kinds_of_events_are_read_from_the_words_that_phones_have_stored() {
    for (kind, stored) in [
        (EventKind::Reply, "reply"),
        (EventKind::FollowUp, "follow_up"),
        (EventKind::Rate, "rate"),
        (EventKind::Close, "close"),
        (EventKind::Support, "support"),
        (EventKind::Forward, "forward"),
    ] {
        assert_eq!(word(kind), stored);
        assert_eq!(parse(stored), Some(kind));
    }
    assert_eq!(parse("shout"), None);
}
