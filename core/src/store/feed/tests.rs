#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{
    api::EventKind,
    calendar::Due,
    report::EventKey,
    sync::{Change, OperationKind, OperationState, OperationUpdate, Reason},
};

use super::*;
use crate::store::{
    Store,
    tests::{NOON, Person, Phone, assert_sound, key, run},
};

fn pulls(store: &mut Store, items: &[FeedItem]) {
    let account = store.current_account().unwrap().id;
    let page = Change::Feed {
        account,
        cursor: Some("next".to_owned()),
        items: items.to_vec(),
        at: NOON,
    };
    store.apply(&[page], NOON).unwrap();
    assert_eq!(
        store.work(&run()).unwrap().account.unwrap().cursor.unwrap(),
        "next"
    );
}

fn item(number: u8, status: Status, event_keys: Vec<EventKey>) -> FeedItem {
    FeedItem::Report {
        key: key(number),
        tracking_id: TrackingId(format!("10{number}")),
        revision: 3,
        status,
        title: "judul di server".to_owned(),
        event_keys,
    }
}

#[test]
fn an_item_settles_its_events_and_lets_the_report_itself_be_asked_for() {
    let (_phone, mut store) = Phone::of("siti");
    let ids = store.accepts(key(1));
    let event = EventKey::from_entropy([1; 16]);
    store
        .add_event(key(1), event, EventKind::Reply, b"{}", NOON)
        .unwrap();
    let later = OperationUpdate {
        id: ids.create,
        state: OperationState::Waiting,
        attempts: 9,
        streak: 9,
        due: Due::after(NOON, 3_600_000),
        reason: Some(Reason::Poison { status: 503 }),
        tried_at: Some(NOON),
    };
    store.apply(&[Change::Operation(later)], NOON).unwrap();
    pulls(&mut store, &[item(1, Status::Verified, vec![event])]);
    let row = store.report(key(1)).unwrap().unwrap().row;
    assert_eq!(
        (row.phase, row.status),
        (Phase::Queued, None),
        "a copy of this phone may have sent other words under its key"
    );
    assert_eq!(row.title, "Lampu jalan mati", "what was written here stays");
    let open = store.work(&run()).unwrap().operations;
    assert_eq!(open.len(), 1, "the event is there");
    assert!(open[0].id == ids.create && open[0].due.is_due(NOON));
    assert_sound(&store);
}

#[test]
fn a_report_of_another_phone_becomes_known_and_a_replay_changes_nothing() {
    let (_phone, mut store) = Phone::of("siti");
    pulls(
        &mut store,
        &[item(7, Status::Closed, Vec::new()), FeedItem::Unknown],
    );
    let once = store.report(key(7)).unwrap().unwrap();
    assert!(!once.row.own && once.row.title == "judul di server");
    assert_eq!(store.find("#107").unwrap(), [key(7)]);
    pulls(&mut store, &[item(7, Status::Closed, Vec::new())]);
    assert_eq!(store.report(key(7)).unwrap().unwrap(), once);
    pulls(
        &mut store,
        &[
            FeedItem::Removed { key: key(7) },
            FeedItem::Removed { key: key(8) },
        ],
    );
    assert!(store.report(key(7)).unwrap().unwrap().row.removed);
    assert_eq!(
        store.withdraw(key(7), NOON),
        Err(StoreError::NotPossible { phase: Phase::Sent })
    );
}

#[test]
fn what_was_taken_back_and_is_there_again_is_taken_back_again() {
    let (_phone, mut store) = Phone::of("siti");
    let ids = store.accepts(key(1));
    store.begin(ids.create, &run(), NOON).unwrap();
    store.withdraw(key(1), NOON).unwrap();
    store
        .apply(
            &[Change::Withdrawn {
                report: key(1),
                at: NOON,
            }],
            NOON,
        )
        .unwrap();
    // The service was restored from a backup of before the withdrawal.
    pulls(&mut store, &[item(1, Status::Unverified, Vec::new())]);
    assert_eq!(store.phase(key(1)), Phase::Withdrawing);
    let operations = store.work(&run()).unwrap().operations;
    assert_eq!(
        operations.iter().map(|row| row.kind).collect::<Vec<_>>(),
        [OperationKind::Withdraw]
    );
    pulls(&mut store, &[FeedItem::Removed { key: key(1) }]);
    assert_eq!(store.phase(key(1)), Phase::Withdrawn);
    assert_sound(&store);
}

#[test]
fn a_rating_that_the_feed_names_ends_the_closing_that_was_refused_before_it() {
    let (_phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    store.hears_created(key(1), "101", &[]);
    let (close, rating) = (EventKey([1; 16]), EventKey([2; 16]));
    let closing = store
        .add_event(key(1), close, EventKind::Close, b"a", NOON)
        .unwrap();
    store
        .add_event(key(1), rating, EventKind::Rate, b"b", NOON)
        .unwrap();
    let refused = OperationUpdate {
        id: closing,
        state: OperationState::Paused,
        attempts: 1,
        streak: 0,
        due: Due::now(NOON),
        reason: Some(Reason::Refused {
            status: 409,
            code: "closed".to_owned(),
        }),
        tried_at: Some(NOON),
    };
    store.apply(&[Change::Operation(refused)], NOON).unwrap();
    // The answer to the rating was lost: a copy of this phone had sent it.
    pulls(&mut store, &[item(1, Status::Closed, vec![rating])]);
    let shown = store.report(key(1)).unwrap().unwrap();
    let states: Vec<_> = shown.events.iter().map(|event| event.state).collect();
    assert_eq!(states, [OperationState::Ended, OperationState::Done]);
    assert_eq!(shown.events[0].reason, Some(Reason::Overtaken));
}

#[test]
fn a_full_pull_takes_from_the_screen_what_it_does_not_list() {
    let (_phone, mut store) = Phone::of("made");
    let account = store.current_account().unwrap().id;
    pulls(
        &mut store,
        &[
            item(7, Status::Disposed, vec![]),
            item(8, Status::Disposed, vec![]),
        ],
    );
    // The service goes back to a backup that knows nothing of one of them, and leaves no tombstone.
    store
        .apply(&[Change::FeedBegins { account }], NOON)
        .unwrap();
    pulls(&mut store, &[item(8, Status::Verified, vec![])]);
    let is_gone = |store: &Store, number| store.report(key(number)).unwrap().unwrap().row.removed;
    assert!(!is_gone(&store, 7), "another page may list it yet");
    store.apply(&[Change::FeedEnds { account }], NOON).unwrap();
    assert!(is_gone(&store, 7));
    assert!(!is_gone(&store, 8));
    // Handed to this institution again, it is there again.
    pulls(&mut store, &[item(7, Status::Disposed, vec![])]);
    assert!(!is_gone(&store, 7));
}

#[test]
fn what_was_written_here_stays_whatever_a_full_pull_lists() {
    let (_phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    let account = store.current_account().unwrap().id;
    let whole = [Change::FeedBegins { account }, Change::FeedEnds { account }];
    store.apply(&whole, NOON).unwrap();
    assert!(!store.report(key(1)).unwrap().unwrap().row.removed);
}

#[test]
fn a_report_that_the_service_knows_from_a_copied_phone_is_not_taken_back_without_asking_there() {
    let (_phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    pulls(&mut store, &[item(1, Status::Verified, Vec::new())]);
    let number = |store: &Store| store.report(key(1)).unwrap().unwrap().row.tracking_id;
    assert_eq!(number(&store), Some(TrackingId("101".to_owned())));
    store.withdraw(key(1), NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawing);
}

#[test]
fn a_confirmed_reply_that_the_service_names_no_more_goes_again() {
    let (_phone, mut store) = Phone::of("siti");
    store.delivers(key(1), "101");
    let keys = [1, 2].map(|number| EventKey::from_entropy([number; 16]));
    for event in keys {
        let id = store
            .add_event(key(1), event, EventKind::Reply, b"{}", NOON)
            .unwrap();
        let done = OperationUpdate {
            id,
            state: OperationState::Done,
            attempts: 1,
            streak: 0,
            due: Due::now(NOON),
            reason: None,
            tried_at: Some(NOON),
        };
        store.apply(&[Change::Operation(done)], NOON).unwrap();
    }
    pulls(&mut store, &[item(1, Status::Verified, keys.to_vec())]);
    assert_eq!(store.work(&run()).unwrap().operations, []);
    pulls(&mut store, &[item(1, Status::Verified, vec![keys[0]])]);
    let again = store.work(&run()).unwrap().operations;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].event, Some(keys[1]));
    assert_eq!(
        (again[0].state, again[0].reason.clone()),
        (OperationState::Waiting, Some(Reason::Forgotten))
    );
}

/// A copy of this phone has sent the key with other words.
#[test]
fn what_was_taken_back_here_and_sent_by_a_copy_is_not_called_sent_when_it_is_too_late() {
    let (_phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    store.withdraw(key(1), NOON).unwrap();
    assert_eq!(store.phase(key(1)), Phase::Withdrawn);
    pulls(&mut store, &[item(1, Status::Unverified, Vec::new())]);
    assert_eq!(store.phase(key(1)), Phase::Withdrawing);
    let too_late = Change::TooLate { report: key(1) };
    store.apply(&[too_late], NOON).unwrap();
    assert_eq!(
        store.phase(key(1)),
        Phase::Queued,
        "the create asks whose words they are"
    );
}

#[test]
fn news_of_what_is_being_taken_back_are_heard() {
    let (_phone, mut store) = Phone::of("siti");
    store.delivers(key(1), "101");
    store.withdraw(key(1), NOON).unwrap();
    pulls(&mut store, &[item(1, Status::Verified, vec![])]);
    let row = store.report(key(1)).unwrap().unwrap().row;
    assert_eq!(
        (row.phase, row.status),
        (Phase::Withdrawing, Some(Status::Verified))
    );
}

/// Administrators edit the published text: on the phone of its writer it stays as it was written.
#[test]
fn the_title_that_the_service_shows_replaces_only_that_of_others() {
    let (_phone, mut store) = Phone::of("siti");
    store.writes_about(key(1), "Lampu");
    store.submits(key(1));
    store.hears_created(key(1), "101", &[]);
    pulls(
        &mut store,
        &[
            item(1, Status::Verified, vec![]),
            item(2, Status::Verified, vec![]),
        ],
    );
    let edited = FeedItem::Report {
        key: key(2),
        tracking_id: TrackingId("102".to_owned()),
        revision: 4,
        status: Status::Verified,
        title: "judul baru".to_owned(),
        event_keys: vec![],
    };
    pulls(&mut store, &[edited]);
    let title = |number| store.report(key(number)).unwrap().unwrap().row.title;
    assert_eq!(title(1), "Lampu");
    assert_eq!(title(2), "judul baru");
}
