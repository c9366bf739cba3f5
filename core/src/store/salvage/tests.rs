#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;

use lapor_engine::{report::Phase, sync::AccountId};

use super::{Access, old_store};
use crate::store::{
    Filter, LossKind, NewAttachment, Notice, Store, StoreError, StoreKey, folder,
    tests::{DAY, NOON, Person, Phone, key, later, picture, whole},
};

/// Something in the database that no call of the store does.
fn meddles(store: &mut Store, sql: &str) {
    let done = |db: &rusqlite::Connection| Ok::<_, StoreError>(db.execute_batch(sql)?);
    store.write(|db| done(db)).unwrap();
}

fn kinds(losses: &[crate::store::Loss]) -> Vec<LossKind> {
    losses.iter().map(|loss| loss.what).collect()
}

#[test]
fn a_body_that_is_not_what_was_accepted_is_made_again_from_the_words() {
    let (phone, mut store) = Phone::of("siti");
    store.accepts(key(1));
    let accepted = store.read_body(key(1)).unwrap();
    meddles(&mut store, "UPDATE body SET content = x'7b7d'");
    let (store, losses) = phone.loses(store, &["operation"]);
    assert_eq!(losses, []);
    assert_eq!(store.phase(key(1)), Phase::Queued);
    assert_eq!(store.read_body(key(1)).unwrap(), accepted);
}

#[test]
fn a_picture_whose_space_was_given_back_is_not_called_lost() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 9_000);
    store.submits(key(1));
    store.hears_created(key(1), "100", &[]);
    assert_eq!(store.free_pictures(later(30 * DAY)), Ok(9_000));
    let (store, losses) = phone.loses(store, &["operation"]);
    assert_eq!(losses, []);
    let shown = store.report(key(1)).unwrap().unwrap().attachments;
    assert!(shown.len() == 1 && !shown[0].is_lost());
}

#[test]
fn a_draft_loses_the_picture_that_cannot_be_read_and_can_still_be_sent() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    let lost = store.attaches(key(1), 1, 9_000);
    store.writes(key(2));
    let kept = store.attaches(key(2), 2, 9_000);
    meddles(
        &mut store,
        &format!(
            "UPDATE attachment_piece SET content = zeroblob(9000) WHERE id / 64 = {}",
            lost.id
        ),
    );
    let (mut store, losses) = phone.loses(store, &["operation"]);
    assert_eq!(kinds(&losses), [LossKind::Attachment]);
    assert_eq!(store.draft(key(1)).unwrap().attachments, []);
    assert_eq!(whole(&store, &kept).unwrap().len(), 9_000);
    store.submits(key(1));
    assert_eq!(store.phase(key(1)), Phase::Queued);
}

#[test]
fn photos_of_a_draft_are_known_by_how_they_begin() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    for (begins, media_type) in [
        (&[0xff, 0xd8, 0xff, 0xe0][..], "image/jpeg"),
        (&[0x89, b'P', b'N', b'G'][..], "image/png"),
    ] {
        let mut bytes = begins.to_vec();
        bytes.extend([7; 3_000]);
        let new = NewAttachment {
            sha256: lapor_engine::report::Sha256Hash::of(&bytes),
            bytes,
            media_type: media_type.to_owned(),
            ..picture(1, 1)
        };
        store.attach(key(1), &new, NOON).unwrap();
    }
    let (store, losses) = phone.loses(store, &["attachment"]);
    assert_eq!(losses, []);
    let there = store.draft(key(1)).unwrap().attachments;
    let types: Vec<_> = there.iter().map(|row| row.media_type.as_str()).collect();
    assert_eq!(types, ["image/jpeg", "image/png"]);
}

/// Nothing tells whose they are; who is signed in is somebody else.
#[test]
fn reports_of_an_account_that_is_gone_are_kept_and_that_is_told() {
    let phone = Phone::new();
    let mut store = phone.open();
    let siti = store.signs_in("siti");
    store.writes(key(1));
    store.signed_out().unwrap();
    store.signs_in("budi");
    let AccountId(siti) = siti;
    store.db.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    meddles(
        &mut store,
        &format!(
            "DELETE FROM account WHERE id = {siti}; DELETE FROM setting WHERE name = 'account/{siti}'"
        ),
    );
    let (mut store, losses) = phone.loses(store, &["operation"]);
    assert_eq!(kinds(&losses), [LossKind::Account]);
    assert_eq!(store.current_account().unwrap().user, "budi");
    let budi = store.current_account().unwrap().id;
    assert_eq!(store.claim_guest_reports(budi, NOON), Ok(0), "no guest's");
    assert_eq!(store.claim_without_writer(budi, NOON), Ok(1));
}

#[test]
fn a_table_that_the_schema_does_not_name_any_more_is_told() {
    for (table, what, reports) in [
        ("event", LossKind::Event, 1),
        ("report", LossKind::Everything, 0),
    ] {
        let (phone, mut store) = Phone::of("siti");
        store.writes(key(1));
        let hide = format!(
            "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE tbl_name = '{table}'"
        );
        store.db.execute_batch(&hide).unwrap();
        drop(store);
        fs::write(phone.file(folder::DAMAGED), b"").unwrap();
        let (store, notices) = phone.open_noting();
        let [Notice::SetAside { losses, .. }] = &notices[..] else {
            panic!("{notices:?}")
        };
        assert_eq!(kinds(losses), [what]);
        assert_eq!(store.list(Filter::All, 9, None).unwrap().len(), reports);
    }
}

/// Neither its row nor its bytes: only an index still knows that there was one.
#[test]
fn a_picture_of_which_nothing_can_be_read_is_told() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 1_000);
    let (store, losses) = phone.loses(store, &["attachment", "attachment_piece"]);
    assert_eq!(kinds(&losses), [LossKind::Attachment]);
    assert_eq!(losses[0].report, Some(key(1)));
    assert_eq!(store.draft(key(1)).unwrap().attachments, []);
}

/// Here something else lies where SQLite wants the index of its log; on a full disk there is no room for it.
#[test]
fn a_store_that_the_disk_keeps_from_being_read_is_not_called_lost() {
    let (phone, mut store) = Phone::of("siti");
    store.writes(key(1));
    drop(store);
    let key = StoreKey::new(phone.key, phone.install);
    let access = Access {
        key: &key,
        vfs: None,
        plain: false,
    };
    let read = || old_store(&phone.file(folder::DATABASE), access).map(|old| old.is_some());
    assert_eq!(read(), Ok(true));
    let index = phone.file("lapor.db-shm");
    let _ = fs::remove_file(&index);
    std::os::unix::fs::symlink(phone.home(), &index).unwrap();
    assert_eq!(read(), Err(StoreError::DiskFull));
    fs::remove_file(&index).unwrap();
    assert_eq!(read(), Ok(true));
    // And what is not of the disk is: nothing of it can be read at any time.
    fs::write(phone.file(folder::DATABASE), [0x5A; 8_192]).unwrap();
    assert_eq!(read(), Ok(false));
}

/// The new store is this phone's, whoever's the damaged one was.
#[test]
fn the_damaged_store_of_another_phone_becomes_this_phones_own() {
    let mut phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.accepts(key(1));
    drop(store);
    phone.damage_table("operation");
    fs::write(phone.file(folder::DAMAGED), b"").unwrap();
    phone.install = [8; 16];
    let (store, notices) = phone.open_noting();
    assert!(
        matches!(&notices[..], [Notice::SetAside { .. }]),
        "{notices:?}"
    );
    let rows = store.work(&crate::store::tests::run()).unwrap().operations;
    assert!(rows.iter().all(|row| row.maybe_sent) && rows.len() == 1);
}

#[test]
fn a_second_loss_of_who_was_signed_in_is_told_although_the_first_folder_had_the_same_name() {
    let (phone, store) = Phone::of("siti");
    let (mut store, losses) = phone.loses(store, &["account"]);
    assert_eq!(kinds(&losses), [LossKind::Account]);
    let told: Vec<i64> = losses.iter().map(|loss| loss.id).collect();
    store.losses_shown(&told).unwrap();
    // As whoever is forgotten does.
    fs::remove_dir_all(phone.home().join(&losses[0].set_aside)).unwrap();
    store.signs_in("siti");
    let (_, again) = phone.loses(store, &["account"]);
    assert_eq!(kinds(&again), [LossKind::Account]);
    assert_eq!(again[0].set_aside, losses[0].set_aside);
}
