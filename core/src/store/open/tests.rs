#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;

use super::*;
use crate::store::{
    Filter, WithdrawStart,
    tests::{Person, Phone, key, run},
};

fn why(phone: &Phone) -> OpenError {
    phone.try_open().map(|_| ()).unwrap_err()
}

#[test]
fn a_store_from_the_future_is_left_alone() {
    let phone = Phone::new();
    let store = phone.open();
    store.db.pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let before = fs::read(phone.file(folder::DATABASE)).unwrap();
    assert_eq!(
        why(&phone),
        OpenError::NewerStore {
            found: 99,
            known: migrations::KNOWN
        }
    );
    assert_eq!(fs::read(phone.file(folder::DATABASE)).unwrap(), before);
}

#[test]
fn on_a_copied_phone_whatever_is_unsent_counts_as_perhaps_sent() {
    let mut phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.submits(key(1));
    store.writes(key(2));
    drop(store);

    phone.install = [8; 16];
    let (mut store, notices) = phone.open_noting();
    assert_eq!(notices, [Notice::CopiedPhone { unsent: 1 }]);
    assert!(store.work(&run()).unwrap().operations[0].maybe_sent);
    // The other phone may have sent it: taking it back asks the service.
    assert_eq!(
        store.withdraw(key(1), Instant(0)),
        Ok(WithdrawStart::Queued)
    );
    drop(store);
    phone.open();
}

#[test]
fn a_home_that_is_a_file_is_not_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("home");
    fs::write(&file, b"").unwrap();
    assert_eq!(why(&Phone::at(&file)), OpenError::NotAFolder);
    assert_eq!(why(&Phone::at(&file.join("below"))), OpenError::NotAFolder);
}

/// Making a store is cut short after each of its files.
#[test]
fn a_store_whose_making_was_cut_short_is_made_to_its_end() {
    let whole = Phone::new();
    drop(whole.open());
    let check = fs::read(whole.file(folder::KEY_CHECK)).unwrap();
    let steps: [fn(&Phone, &[u8]); 5] = [
        |phone, _| fs::create_dir_all(phone.home().join("store")).unwrap(),
        |phone, _| {
            fs::create_dir_all(phone.home().join("store")).unwrap();
            let key = StoreKey::new(phone.key, phone.install);
            key::write(&phone.home().join("store"), &key, [1; 16], false).unwrap();
        },
        |phone, _| {
            fs::create_dir_all(phone.home().join("store")).unwrap();
            let key = StoreKey::new(phone.key, phone.install);
            key::write(&phone.home().join("store"), &key, [1; 16], false).unwrap();
            fs::write(phone.file(folder::DATABASE), b"").unwrap();
        },
        |phone, _| {
            fs::create_dir_all(phone.home().join("store")).unwrap();
            let key = StoreKey::new(phone.key, phone.install);
            key::write(&phone.home().join("store"), &key, [1; 16], false).unwrap();
            let access = Access {
                key: &key,
                vfs: None,
                plain: false,
            };
            let mut db = create(&phone.file(folder::DATABASE), access).unwrap();
            migrations::migrate(&mut db, |_| Ok(())).unwrap();
        },
        // Between two versions: whoever never had a store is told of no migration.
        |phone, _| {
            fs::create_dir_all(phone.home().join("store")).unwrap();
            let key = StoreKey::new(phone.key, phone.install);
            key::write(&phone.home().join("store"), &key, [1; 16], false).unwrap();
            let access = Access {
                key: &key,
                vfs: None,
                plain: false,
            };
            let mut db = create(&phone.file(folder::DATABASE), access).unwrap();
            let step = db.transaction().unwrap();
            (migrations::MIGRATIONS[0].run)(&step).unwrap();
            step.pragma_update(None, "user_version", 1).unwrap();
            step.commit().unwrap();
        },
    ];
    for (step, cut) in steps.iter().enumerate() {
        let phone = Phone::new();
        cut(&phone, &check);
        let mut store = phone.open();
        store.writes(key(1));
        drop(store);
        assert_eq!(
            phone.open().list(Filter::All, 5, None).unwrap().len(),
            1,
            "step {step}"
        );
        let vacuum: i64 = phone
            .open()
            .db
            .query_row("PRAGMA auto_vacuum", [], |row| row.get(0))
            .unwrap();
        assert_eq!(vacuum, 2, "step {step}: space can be given back");
    }
}

#[test]
fn a_database_that_vanished_is_damage_and_its_wal_is_kept() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    let killed = phone.killed_now();
    fs::remove_file(killed.file(folder::DATABASE)).unwrap();
    let (_, notices) = killed.open_noting();
    assert!(
        matches!(&notices[..], [Notice::SetAside { .. }]),
        "{notices:?}"
    );
    assert!(killed.home().join("set-aside-1").join(folder::WAL).exists());

    let emptied = phone.killed_now();
    fs::remove_file(emptied.file(folder::WAL)).unwrap();
    fs::write(emptied.file(folder::DATABASE), b"").unwrap();
    let (_, notices) = emptied.open_noting();
    assert!(
        matches!(&notices[..], [Notice::SetAside { .. }]),
        "cut off to nothing: {notices:?}"
    );
}

#[test]
fn while_another_process_uses_a_damaged_store_it_is_not_moved_away() {
    let phone = Phone::new();
    let store = phone.open();
    fs::write(phone.file(folder::DAMAGED), b"").unwrap();
    assert_eq!(why(&phone), OpenError::Busy);
    drop(store);
    // Alone, and found whole: nothing to set aside.
    phone.open();
    assert!(!phone.file(folder::DAMAGED).exists());
}

#[test]
fn everything_is_set_as_the_design_says() {
    let store = Phone::new();
    let store = store.open();
    let number = |name: &str| -> i64 {
        store
            .db
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
            .unwrap()
    };
    let wal: String = store
        .db
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(wal, "wal");
    for (name, value) in [
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("auto_vacuum", 2),
        ("temp_store", 2),
        ("mmap_size", 0),
        ("cell_size_check", 1),
        ("trusted_schema", 0),
        ("page_size", 4096),
        ("secure_delete", 2),
    ] {
        assert_eq!(number(name), value, "{name}");
    }
}
