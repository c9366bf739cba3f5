#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::store::tests::{Person, Phone, created, key, later};

#[test]
fn pages_of_a_list_are_newest_first_and_meet_without_a_gap() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    // Three reports of one instant: the order is still one order.
    for number in 0..25 {
        store
            .new_draft(key(number), siti, later(i64::from(number / 3)))
            .unwrap();
    }
    let mut seen = Vec::new();
    let mut before = None;
    loop {
        let page = store.list(Filter::All, 4, before).unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.cursor);
        seen.extend(page.iter().map(|row| row.key));
    }
    assert_eq!(seen, (0..25).rev().map(key).collect::<Vec<_>>());
    assert_eq!(store.list(Filter::Drafts, 50, None).unwrap().len(), 25);
}

#[test]
fn one_call_says_where_each_report_stands() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 1_000);
    let ids = store.submits(key(1));
    store.attempt_to_create(&ids, Reason::Busy { status: 503 });
    let row = store.list(Filter::Outbox, 5, None).unwrap().remove(0);
    let standing = row.standing.unwrap();
    assert_eq!(
        (standing.kind, standing.attempts),
        (OperationKind::CreateReport, 1)
    );
    assert_eq!(standing.reason, Some(Reason::Busy { status: 503 }));
    assert!(standing.tried_at.is_some() && standing.maybe_sent);
    assert_eq!(
        row.pictures,
        Tally {
            total: 1,
            stored: 0,
            lost: 0,
            bytes: 1_000,
            bytes_uploaded: 0
        }
    );
    store
        .apply(&[created(key(1), "1", &[&picture])], later(0))
        .unwrap();
    assert_eq!(store.list(Filter::Outbox, 5, None).unwrap(), []);
    let row = store.list(Filter::Sent, 5, None).unwrap().remove(0);
    assert_eq!(row.standing.unwrap().kind, OperationKind::UploadAttachment);
    assert_eq!(store.counts().unwrap(), [(Phase::Sent, 1)]);
    assert_eq!(store.export_keys().unwrap(), [key(1)]);
}
