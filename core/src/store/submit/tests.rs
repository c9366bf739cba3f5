#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{report::Edit, sync::Change};

use super::*;
use crate::store::tests::{NOON, Person, Phone, assert_sound, key, noise, run, whole};

#[test]
fn a_submission_freezes_the_bytes_and_writes_its_operations() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 1_000);
    store.attaches(key(1), 2, 1_000);
    let (_, frozen) = store.freezes(key(1));
    let ids = store.submits(key(1));
    assert_eq!(store.read_body(key(1)).unwrap(), frozen.bytes);
    let operations = store.work(&run()).unwrap().operations;
    assert_eq!(
        operations.iter().map(|row| row.id).collect::<Vec<_>>(),
        [vec![ids.create], ids.uploads].concat()
    );
    assert!(
        operations[1..]
            .iter()
            .all(|row| row.follows == Some(ids.create) && !row.is_free)
    );
    assert!(
        operations
            .iter()
            .all(|row| !row.maybe_sent && row.reason == Some(Reason::NotTried))
    );
}

#[test]
fn what_was_checked_is_what_is_submitted() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let (version, frozen) = store.freezes(key(1));
    // Another process edits between the check and the submission.
    phone
        .open()
        .edit(key(1), Edit::Title("lain".to_owned()), NOON)
        .unwrap();
    assert_eq!(
        store.submit(key(1), version, &frozen, NOON),
        Err(StoreError::Changed)
    );
    let torn = FrozenBody {
        bytes: b"{}".to_vec(),
        ..frozen
    };
    assert_eq!(
        store.submit(key(1), version + 1, &torn, NOON),
        Err(StoreError::HashMismatch)
    );
    assert_eq!(store.phase(key(1)), Phase::Draft);
}

#[test]
fn at_the_limit_of_pages_the_submission_fails_and_the_draft_is_whole() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let long = "isi ".repeat(8_000);
    store.edit(key(1), Edit::Content(long), NOON).unwrap();
    let before = store.draft(key(1)).unwrap();
    let (version, frozen) = store.freezes(key(1));
    store
        .limit_pages(Some(store.page_count().unwrap()))
        .unwrap();
    assert_eq!(
        store.submit(key(1), version, &frozen, NOON),
        Err(StoreError::DiskFull)
    );
    assert_eq!(store.draft(key(1)).unwrap(), before);
    assert_eq!(store.outbox(None).unwrap(), []);
    store.limit_pages(None).unwrap();
    store.submit(key(1), version, &frozen, NOON).unwrap();
    assert_sound(&store);
}

#[test]
fn after_a_rejection_the_same_key_goes_again_with_other_words_and_pictures() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let gone = store.attaches(key(1), 1, 100);
    let kept = store.attaches(key(1), 2, 100);
    let ids = store.submits(key(1));
    store.attempt_to_create(&ids, Reason::Unknown);
    store
        .apply(
            &[Change::Rejected {
                report: key(1),
                problems: Vec::new(),
            }],
            NOON,
        )
        .unwrap();
    assert_eq!(
        store.resend(key(1), NOON),
        Err(StoreError::NotPossible {
            phase: Phase::Rejected
        })
    );
    store.detach(key(1), gone.id, NOON).unwrap();
    store.attaches(key(1), 3, 100);
    store
        .edit(key(1), Edit::Title("Lebih jelas".to_owned()), NOON)
        .unwrap();
    let again = store.submits(key(1));
    assert_eq!(again.create, ids.create);
    let operations = store.work(&run()).unwrap().operations;
    assert_eq!(
        operations.len(),
        3,
        "the words, the kept picture, the new one"
    );
    assert_eq!(
        (operations[0].attempts, operations[0].maybe_sent),
        (0, true)
    );
    assert_eq!(operations[1].attachment, Some(kept.id));
    assert_sound(&store);
}

#[test]
fn a_key_that_is_taken_goes_as_another_report() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 100);
    store.submits(key(1));
    assert_eq!(
        store.supersede(key(1), key(2), NOON),
        Err(StoreError::NotPossible {
            phase: Phase::Queued
        }),
        "what is on its way would arrive twice"
    );
    store
        .apply(
            &[Change::KeyTaken {
                report: key(1),
                foreign: false,
            }],
            NOON,
        )
        .unwrap();
    store.supersede(key(1), key(2), NOON).unwrap();
    let draft = store.draft(key(2)).unwrap();
    assert_eq!(draft.form, store.draft(key(1)).unwrap().form);
    assert_eq!(draft.supersedes, Some(key(1)));
    assert_eq!(whole(&store, &draft.attachments[0]).unwrap(), noise(1, 100));
    store.submits(key(2));
    let open = store.outbox(None).unwrap();
    let of_the_old = open.iter().any(|(row, _)| row.report == key(1));
    assert!(!of_the_old, "the old one waits no more");
    assert_sound(&store);
}

/// Damage has taken a picture of a report that waits; then the service refuses the words. The service would
/// wait for that picture for ever.
#[test]
fn a_refused_report_goes_again_without_the_picture_that_is_lost() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let kept = store.attaches(key(1), 1, 100);
    let lost = store.attaches(key(1), 2, 100);
    let ids = store.submits(key(1));
    store
        .db
        .execute("UPDATE attachment SET present = 0 WHERE id = ?1", [lost.id])
        .unwrap();
    store.attempt_to_create(&ids, Reason::Unknown);
    let refused = Change::Rejected {
        report: key(1),
        problems: Vec::new(),
    };
    store.apply(&[refused], NOON).unwrap();
    let shown = store.report(key(1)).unwrap().unwrap();
    assert_eq!(shown.row.phase, Phase::Rejected);
    let pictures: Vec<_> = shown.attachments.iter().map(|it| it.id).collect();
    assert_eq!(pictures, [kept.id]);
    let again = store.submits(key(1));
    assert_eq!(again.uploads.len(), 1);
    let waits = store.work(&run()).unwrap().operations;
    assert_eq!(waits.len(), 2, "the words and the kept picture");
    assert_sound(&store);
}
