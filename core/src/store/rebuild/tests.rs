#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use lapor_engine::{
    report::{Edit, Phase},
    sync::Change,
};

use crate::store::{
    AttachmentRow, Filter, Loss, LossKind, NewAttachment, Store, StoreError,
    tests::{DAY, NOON, Person, Phone, key, later, noise, run, whole},
};

fn losses_of(losses: &[Loss]) -> Vec<(LossKind, Option<lapor_engine::report::ReportKey>)> {
    losses.iter().map(|loss| (loss.what, loss.report)).collect()
}

#[test]
fn accepted_reports_come_back_from_their_frozen_bodies_and_drafts_are_named() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes_about(key(1), "terkirim");
    let picture = store.attaches(key(1), 1, 20_000);
    store.submits(key(1));
    store.hears_created(key(1), "100", &[]);
    store.writes_about(key(2), "antre");
    store.submits(key(2));
    store.writes_about(key(3), "konsep");
    store.writes_about(key(4), "ditarik");
    store.submits(key(4));
    store.withdraw(key(4), NOON).unwrap();
    let bodies = [1, 2].map(|number| store.read_body(key(number)).unwrap());
    let forms = [1, 2].map(|number| store.draft(key(number)).unwrap().form);
    drop(store);
    phone.damage_table("report");

    let (store, losses) = phone.salvaged();
    assert_eq!(losses_of(&losses), [(LossKind::Report, Some(key(3)))]);
    assert_eq!(store.phase(key(1)), Phase::Sent);
    assert_eq!(store.phase(key(2)), Phase::Queued);
    assert_eq!(store.phase(key(4)), Phase::Withdrawn);
    for number in [1, 2] {
        let at = usize::from(number) - 1;
        assert_eq!(store.read_body(key(number)).unwrap(), bodies[at]);
        assert_eq!(store.draft(key(number)).unwrap().form, forms[at]);
    }
    let sent = store.report(key(1)).unwrap().unwrap();
    assert_eq!(sent.row.tracking_id.unwrap().0, "100");
    assert_eq!(whole(&store, &picture).unwrap(), noise(1, 20_000));
    let work = store.work(&run()).unwrap();
    assert!(
        work.operations
            .iter()
            .any(|one| one.report == key(2) && one.maybe_sent),
        "and what waited is on its way"
    );
    assert_eq!(
        work.account.unwrap().unverified_keys,
        [key(1)],
        "its state is asked for"
    );
}

/// What was frozen is not what its writer left: better named than an older version in silence.
#[test]
fn a_report_edited_after_it_was_refused_is_not_taken_from_its_old_body() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes_about(key(1), "dulu");
    store.submits(key(1));
    store
        .db
        .execute("UPDATE report SET phase = 'rejected'", [])
        .unwrap();
    store
        .edit(key(1), Edit::Title("sekarang".to_owned()), NOON)
        .unwrap();
    drop(store);
    phone.damage_table("report");
    let (store, losses) = phone.salvaged();
    assert_eq!(losses_of(&losses), [(LossKind::Report, Some(key(1)))]);
    assert_eq!(store.report(key(1)).unwrap(), None);
}

/// A document of `length` bytes that begins as one.
fn attach_document(store: &mut Store, number: u8, seed: u64, length: usize) -> AttachmentRow {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    bytes.extend(noise(seed, length));
    let new = NewAttachment {
        sha256: lapor_engine::report::Sha256Hash::of(&bytes),
        bytes,
        media_type: "application/pdf".to_owned(),
        width: 0,
        height: 0,
        original_bytes: 0,
        quality: 0,
        thumbnail: Vec::new(),
    };
    store.attach(key(number), &new, NOON).unwrap()
}

#[test]
fn attachments_whose_rows_are_gone_come_back_from_the_body_or_their_bytes() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    let first = store.attaches(key(1), 1, 9_000);
    let second = store.attaches(key(1), 2, 9_000);
    store.submits(key(1));
    store.writes(key(2));
    let document = attach_document(&mut store, 2, 3, 7_000);
    store.writes(key(3));
    // Noise: nothing tells what it is.
    store.attaches(key(3), 4, 5_000);
    drop(store);
    phone.damage_table("attachment");

    let (mut store, losses) = phone.salvaged();
    assert_eq!(losses_of(&losses), [(LossKind::Attachment, Some(key(3)))]);
    let of = |store: &Store, number| store.report(key(number)).unwrap().unwrap().attachments;
    let frozen = of(&store, 1);
    assert_eq!(
        frozen.iter().map(AttachmentRow::digest).collect::<Vec<_>>(),
        [first.digest(), second.digest()]
    );
    assert_eq!(whole(&store, &frozen[1]).unwrap(), noise(2, 9_000));
    let typed = of(&store, 2);
    assert_eq!(typed.len(), 1);
    assert_eq!(typed[0].sha256, document.sha256);
    assert_eq!(typed[0].media_type, "application/pdf");
    assert_eq!(whole(&store, &typed[0]).unwrap().len(), 7_009);
    assert_eq!(
        store.attach_twice(key(2), &typed[0]),
        Err(StoreError::Duplicate {
            attachment: typed[0].id
        })
    );
    assert!(of(&store, 3).is_empty());
}

trait Again {
    fn attach_twice(
        &mut self,
        key: lapor_engine::report::ReportKey,
        there: &AttachmentRow,
    ) -> Result<(), StoreError>;
}

impl Again for Store {
    fn attach_twice(
        &mut self,
        key: lapor_engine::report::ReportKey,
        there: &AttachmentRow,
    ) -> Result<(), StoreError> {
        let bytes = whole(self, there)?;
        let new = NewAttachment {
            sha256: there.sha256,
            bytes,
            media_type: there.media_type.clone(),
            width: 0,
            height: 0,
            original_bytes: 0,
            quality: 0,
            thumbnail: Vec::new(),
        };
        self.attach(key, &new, NOON).map(drop)
    }
}

/// A number below a damaged page that no index knows was given back long ago.
#[test]
fn what_was_erased_is_not_called_lost() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    for number in 1..=3 {
        store.writes(key(number));
        store.attaches(key(number), number.into(), 4_000);
        store.submits(key(number));
    }
    store
        .db
        .execute_batch(
            "DELETE FROM operation WHERE report = 2; DELETE FROM attachment_piece WHERE id / 64 = 2;
             DELETE FROM attachment WHERE report = 2; DELETE FROM body WHERE report = 2;
             DELETE FROM report WHERE id = 2;",
        )
        .unwrap();
    drop(store);
    for table in ["report", "attachment"] {
        let phone = phone.killed_now();
        phone.damage_table(table);
        let (store, losses) = phone.salvaged();
        assert_eq!(losses_of(&losses), [], "{table}");
        assert_eq!(store.list(Filter::All, 10, None).unwrap().len(), 2);
    }
}

/// A week after the service listed it, its room was given back.
#[test]
fn a_picture_that_the_service_has_and_this_phone_no_more_is_not_called_lost() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 9_000);
    store.submits(key(1));
    store.hears_created(key(1), "100", &[]);
    assert_eq!(store.free_pictures(later(30 * DAY)), Ok(9_000));
    let (store, losses) = phone.loses(store, &["attachment"]);
    assert_eq!(losses_of(&losses), []);
    let shown = store.report(key(1)).unwrap().unwrap().attachments;
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].sha256, picture.sha256);
    assert_eq!((shown[0].present, shown[0].stored), (false, true));
    assert_eq!(store.work(&run()).unwrap().operations, []);
}

/// It is not at the service, and nothing of it is here.
#[test]
fn a_picture_that_was_still_to_go_is_called_lost_where_its_bytes_are_gone() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    let picture = store.attaches(key(1), 1, 1_000);
    store.submits(key(1));
    store.hears_created(key(1), "100", &[&picture]);
    let (store, losses) = phone.loses(store, &["attachment", "attachment_piece"]);
    assert_eq!(losses_of(&losses), [(LossKind::Attachment, Some(key(1)))]);
    let shown = store.report(key(1)).unwrap().unwrap().attachments;
    assert!(shown.len() == 1 && shown[0].is_lost());
}

/// Its bytes lie under the number of the report whose place it takes.
#[test]
fn the_pictures_of_a_report_that_takes_the_place_of_another_come_back() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 9_000);
    store.submits(key(1));
    let taken = Change::KeyTaken {
        report: key(1),
        foreign: false,
    };
    store.apply(&[taken], NOON).unwrap();
    store.supersede(key(1), key(2), NOON).unwrap();
    store.submits(key(2));
    let (store, losses) = phone.loses(store, &["attachment"]);
    assert_eq!(losses_of(&losses), []);
    for number in [1, 2] {
        let shown = store.report(key(number)).unwrap().unwrap().attachments;
        assert_eq!(whole(&store, &shown[0]).unwrap(), noise(1, 9_000));
    }
}

/// The last that the service told is three weeks old, and says nothing of what was not sent.
#[test]
fn a_report_that_was_not_sent_bears_the_day_on_which_it_was_accepted() {
    let (phone, mut store) = Phone::of("siti");
    store.apply(&[Change::ServerDate(NOON)], NOON).unwrap();
    store.writes(key(1));
    let (version, frozen) = store.freezes(key(1));
    let accepted = later(21 * DAY);
    store.submit(key(1), version, &frozen, accepted).unwrap();
    let (store, losses) = phone.loses(store, &["report"]);
    assert_eq!(losses_of(&losses), []);
    let shown = store.report(key(1)).unwrap().unwrap().row;
    assert_eq!(shown.phase, Phase::Queued);
    assert_eq!((shown.accepted_at, shown.sent_at), (Some(accepted), None));
}
