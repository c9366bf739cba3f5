#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{
    api::FeedItem,
    report::{Edit, ReportKey, Status, TrackingId},
    sync::{AccountId, Change},
    words::Lang,
};

use super::{Loss, LossKind, Verdict};
use crate::store::{
    Notice, Store,
    tests::{NOON, Person, Phone, key},
};

/// Siti's report lay on a page that is damaged, as it was left after it had been refused; Budi is signed in.
fn loses_sitis_report() -> (Phone, Store, Vec<Loss>) {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.submits(key(1));
    store
        .db
        .execute("UPDATE report SET phase = 'rejected'", [])
        .unwrap();
    store
        .edit(key(1), Edit::Title("Lampu mati".to_owned()), NOON)
        .unwrap();
    store.signed_out().unwrap();
    store.signs_in("budi");
    let (store, losses) = phone.loses(store, &["report"]);
    (phone, store, losses)
}

fn listed(store: &Store) -> Vec<(LossKind, Option<ReportKey>)> {
    let losses = store.losses().unwrap();
    losses.iter().map(|loss| (loss.what, loss.report)).collect()
}

fn all(store: &Store) -> i64 {
    let count = |row: &rusqlite::Row<'_>| row.get(0);
    store
        .db
        .query_row("SELECT count(*) FROM loss", [], count)
        .unwrap()
}

#[test]
fn what_was_lost_is_told_to_whom_it_belonged_and_goes_with_them() {
    let (_phone, mut store, losses) = loses_sitis_report();
    assert_eq!(losses.len(), 1);
    assert!(losses[0].is_anothers, "whoever opened is Budi");
    assert_eq!(listed(&store), []);
    store.signed_out().unwrap();
    assert_eq!(listed(&store), [], "nor of whoever has not signed in");
    store.signs_in("siti");
    assert_eq!(listed(&store), [(LossKind::Report, Some(key(1)))]);
    assert!(!store.losses().unwrap()[0].is_anothers);
    assert_eq!(all(&store), 1);
    store.forget_me().unwrap();
    assert_eq!(all(&store), 0);
}

#[test]
fn what_a_guest_lost_is_the_guests_until_somebody_claims_it() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.new_draft(key(1), AccountId::GUEST, NOON).unwrap();
    store.writes(key(2));
    let (mut store, losses) = phone.loses(store, &["report"]);
    assert_eq!(losses.len(), 2);
    assert_eq!(listed(&store).len(), 2);
    let siti = store.signs_in("siti");
    assert_eq!(listed(&store), []);
    store.claim_guest_reports(siti, NOON).unwrap();
    assert_eq!(listed(&store).len(), 2);
}

/// Neither its row nor its bytes, nor the row of a reply: whose they were, the report tells.
#[test]
fn a_picture_and_a_reply_that_are_lost_are_told_to_their_writer_only() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 1_000);
    store.signed_out().unwrap();
    store.signs_in("budi");
    let (mut store, losses) = phone.loses(store, &["attachment", "attachment_piece"]);
    assert_eq!(losses.len(), 1);
    assert_eq!(listed(&store), []);
    store.signs_in("siti");
    assert_eq!(listed(&store), [(LossKind::Attachment, Some(key(1)))]);
}

#[test]
fn a_loss_comes_to_a_verdict_when_the_service_has_told_of_all_it_has() {
    for there in [true, false] {
        let (_phone, mut store, _) = loses_sitis_report();
        let siti = store.signs_in("siti");
        let verdict = |store: &Store| {
            let losses = store.losses().unwrap();
            assert_eq!(losses.len(), 1, "until it is told");
            losses[0].verdict
        };
        assert_eq!(verdict(&store), Verdict::Open);
        let item = FeedItem::Report {
            key: key(if there { 1 } else { 2 }),
            tracking_id: TrackingId("1916450".to_owned()),
            revision: 1,
            status: Status::Unverified,
            title: "Lampu mati".to_owned(),
            event_keys: Vec::new(),
        };
        let page = Change::Feed {
            account: siti,
            cursor: Some("1".to_owned()),
            items: vec![item],
            at: NOON,
        };
        store
            .apply(&[Change::FeedBegins { account: siti }, page], NOON)
            .unwrap();
        let so_far = verdict(&store);
        store
            .apply(&[Change::FeedEnds { account: siti }], NOON)
            .unwrap();
        match there {
            true => assert_eq!([so_far, verdict(&store)], [Verdict::Arrived; 2]),
            false => assert_eq!(
                [so_far, verdict(&store)],
                [Verdict::Open, Verdict::NotThere]
            ),
        }
        let ids: Vec<i64> = store.losses().unwrap().iter().map(|loss| loss.id).collect();
        store.losses_shown(&ids).unwrap();
        assert_eq!(store.losses().unwrap(), []);
    }
}

/// A later damage begins anew: what the service told of before says nothing of it.
#[test]
fn what_is_lost_after_the_service_told_of_everything_is_open() {
    let (phone, mut store, _) = loses_sitis_report();
    let siti = store.signs_in("siti");
    store.writes(key(3));
    store
        .apply(&[Change::FeedEnds { account: siti }], NOON)
        .unwrap();
    let (store, _) = phone.loses(store, &["report"]);
    let losses = store.losses().unwrap();
    assert_eq!(losses.len(), 2);
    for loss in losses {
        assert_eq!(loss.verdict, Verdict::Open, "{loss:?}");
    }
}

/// The tracking id is that of before the service forgot it.
#[test]
fn words_that_the_service_has_forgotten_are_not_told_as_arrived() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 9_000);
    store.submits(key(1));
    store.hears_created(key(1), "100", &[]);
    let account = store.current_account().unwrap().id;
    let forgotten = Change::Forgotten {
        account,
        keys: vec![key(1)],
        at: NOON,
    };
    store.apply(&[forgotten], NOON).unwrap();
    let (store, _) = phone.loses(store, &["body", "attachment"]);
    let losses = store.losses().unwrap();
    let words = losses.iter().find(|loss| loss.what == LossKind::Body);
    assert_eq!(words.map(|loss| loss.verdict), Some(Verdict::Open));
}

/// The app was opened while Siti was signed in, and stays open when Budi takes the phone.
#[test]
fn what_an_opening_told_one_person_names_nothing_of_theirs_to_the_next() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    let (mut store, losses) = phone.loses(store, &["report"]);
    let notice = Notice::SetAside {
        folder: "set-aside-1".to_owned(),
        reports_saved: 0,
        losses,
    };
    let names = |store: &Store| {
        let Ok(Notice::SetAside { losses, .. }) = store.told_now(&notice) else {
            panic!("it is what it was")
        };
        let told = |loss: &Loss| crate::words::lost(loss, Lang::En).contains(&key(1).to_string());
        (losses.len(), losses.iter().any(told))
    };
    assert_eq!(names(&store), (1, true));
    store.signs_in("budi");
    assert_eq!(names(&store), (1, false), "it was somebody else's");
    store.signs_in("siti");
    assert_eq!(names(&store), (1, true));
    store.forget_me().unwrap();
    assert_eq!(names(&store), (0, false), "nobody is left whom it concerns");
}
