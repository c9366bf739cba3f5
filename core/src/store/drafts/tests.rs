#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{report::Place, sync::Change};

use super::*;
use crate::store::tests::{NOON, Person, Phone, created, key, later};

#[test]
fn every_field_is_kept_as_typed_in_any_script() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    let texts = [
        "ꦭꦺꦴꦫ ꦗꦭꦤ꧀",
        "تقرير\u{202e}مقلوب",
        "\u{0}nol dan \u{7f}",
        "😀 1⁄2",
        "' OR 1=1; --",
    ];
    let mut form = store.draft(key(1)).unwrap().form;
    for (at, text) in texts.iter().enumerate() {
        let text = (*text).to_owned();
        let edits = [
            Edit::Title(text.clone()),
            Edit::Content(text.repeat(3_000)),
            Edit::Location(text.clone()),
            Edit::IncidentDate(text.clone()),
            Edit::AreaCode(text.clone()),
            Edit::InstitutionId(text.clone()),
            Edit::CategoryId(text),
            Edit::Anonymous(at % 2 == 0),
            Edit::Secret(at % 2 == 1),
            Edit::Place(Some(Place {
                latitude: -8.65,
                longitude: 115.2,
            })),
        ];
        for edit in edits {
            store.edit(key(1), edit.clone(), NOON).unwrap();
            form.apply(edit);
            assert_eq!(store.draft(key(1)).unwrap().form, form);
        }
    }
    store.edit(key(1), Edit::Place(None), NOON).unwrap();
    assert_eq!(store.draft(key(1)).unwrap().form.place, None);
    let nowhere = Place {
        latitude: f64::NAN,
        longitude: 1.0,
    };
    store
        .edit(key(1), Edit::Place(Some(nowhere)), NOON)
        .unwrap();
    assert_eq!(store.draft(key(1)).unwrap().form.place, None);
}

#[test]
fn a_discarded_draft_comes_back_whole() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    store.attaches(key(1), 3, 1_000);
    let before = store.draft(key(1)).unwrap();
    store.discard(key(1), NOON).unwrap();
    assert_eq!(store.list(crate::store::Filter::All, 5, None).unwrap(), []);
    assert_eq!(
        store
            .list(crate::store::Filter::Discarded, 5, None)
            .unwrap()
            .len(),
        1
    );
    let refused = StoreError::NotEditable {
        phase: Phase::Discarded,
    };
    assert_eq!(store.edit(key(1), Edit::Secret(true), NOON), Err(refused));
    store.restore(key(1), NOON).unwrap();
    let after = store.draft(key(1)).unwrap();
    assert_eq!(
        (after.form, after.attachments),
        (before.form, before.attachments)
    );
    assert_eq!(
        store.restore(key(1), NOON),
        Err(StoreError::NotPossible {
            phase: Phase::Draft
        })
    );
}

#[test]
fn a_refused_report_that_was_put_away_comes_back_as_refused() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let ids = store.submits(key(1));
    store.attempt_to_create(&ids, Reason::Unknown);
    let problem = Problem {
        subject: lapor_engine::report::Subject::Field(lapor_engine::report::Field::Title),
        code: lapor_engine::report::Code::Invalid,
    };
    let rejected = Change::Rejected {
        report: key(1),
        problems: vec![problem.clone()],
    };
    store.apply(&[rejected], NOON).unwrap();
    store.discard(key(1), NOON).unwrap();
    assert_eq!(store.outbox(None).unwrap(), []);
    store.restore(key(1), NOON).unwrap();
    let draft = store.draft(key(1)).unwrap();
    assert_eq!(
        (draft.phase, &draft.problems[..]),
        (Phase::Rejected, &[problem][..])
    );
    // Under its old key, with its old mark.
    let again = store.submits(key(1));
    assert_eq!(again.create, ids.create);
    assert!(store.outbox(None).unwrap()[0].0.maybe_sent);
}

#[test]
fn what_was_accepted_cannot_be_edited() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    let edit = |store: &mut Store| store.edit(key(1), Edit::Title("lain".to_owned()), later(1));
    assert_eq!(
        edit(&mut store),
        Err(StoreError::NotEditable {
            phase: Phase::Queued
        })
    );
    store.apply(&[created(key(1), "1", &[])], NOON).unwrap();
    assert_eq!(
        edit(&mut store),
        Err(StoreError::NotEditable { phase: Phase::Sent })
    );
    assert_eq!(
        store.discard(key(1), NOON),
        Err(StoreError::NotEditable { phase: Phase::Sent })
    );
}
