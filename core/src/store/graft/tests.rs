#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;

use super::*;
use crate::store::{
    Filter, Notice,
    tests::{NOON, Person, Phone, assert_sound, key, noise, whole},
};

/// Pages of page 1 and of the schema in a store of this version, as SQLite laid them.
fn schema_pages(phone: &Phone) -> Vec<u64> {
    let key = crate::store::StoreKey::new(phone.key, phone.install);
    let access = Access {
        key: &key,
        vfs: None,
        plain: false,
    };
    fill_up(&phone.file(folder::DATABASE), access, 0)
        .unwrap()
        .unwrap()
}

fn lived_in() -> Phone {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    for number in 0..20 {
        store.writes_about(key(number), &format!("laporan {number}"));
        let long = "isi yang panjang ".repeat(60);
        store
            .edit(key(number), lapor_engine::report::Edit::Content(long), NOON)
            .unwrap();
        store.attaches(key(number), number.into(), 20_000);
        if number % 2 == 0 {
            store.submits(key(number));
        }
    }
    drop(store);
    phone
}

#[test]
fn a_damaged_schema_costs_nothing() {
    let pages = schema_pages(&{
        let new = Phone::new();
        drop(new.open());
        new
    });
    assert_eq!(pages[0], 1);
    assert!(pages.len() > 2, "a schema of several pages: {pages:?}");
    let model = lived_in();
    for page in pages {
        let phone = model.killed_now();
        phone.damage_page(page);
        let (store, notices) = phone.open_noting();
        let [
            Notice::SetAside {
                reports_saved: 20,
                losses,
                ..
            },
        ] = &notices[..]
        else {
            panic!("page {page}: {notices:?}")
        };
        assert_eq!(losses[..], [], "page {page}");
        assert_sound(&store);
        assert_eq!(store.current_account().unwrap().server_id, "id-of-siti");
        assert_eq!(store.list(Filter::All, 100, None).unwrap().len(), 20);
        for number in 0..20 {
            let detail = store.report(key(number)).unwrap().unwrap();
            assert_eq!(
                whole(&store, &detail.attachments[0]).unwrap(),
                noise(number.into(), 20_000)
            );
        }
        let names: Vec<_> = fs::read_dir(phone.home().join("store"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert!(!names.contains(&"graft".into()), "{names:?}");
        drop(store);
        assert!(phone.open_noting().1.is_empty());
    }
}

/// What was not yet folded into the database lies in its WAL.
#[test]
fn what_lies_in_the_wal_is_found_under_the_new_schema() {
    let model = lived_in();
    let mut store = model.open();
    store.writes_about(key(100), "kemarin");
    let phone = model.killed_now();
    drop(store);
    phone.damage_page(1);
    let (store, notices) = phone.open_noting();
    assert!(
        matches!(&notices[..], [Notice::SetAside { losses, .. }] if losses.is_empty()),
        "{notices:?}"
    );
    assert_eq!(store.list(Filter::All, 100, None).unwrap().len(), 21);
}
