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
    tests::{NOON, Person, Phone, assert_sound, copy_folder, key, noise, whole},
};

/// Page 1 and those of the schema, wherever they lie in this store.
fn schema_pages(phone: &Phone) -> Vec<u64> {
    let key = crate::store::StoreKey::new(phone.key, phone.install);
    let access = Access {
        key: &key,
        vfs: None,
        plain: false,
    };
    let db = open::connect(&phone.file(folder::DATABASE), access, false).unwrap();
    let below = leaves::below_first(&db).unwrap();
    assert!(below.len() > 1, "a schema of several pages: {below:?}");
    [1].into_iter().chain(below).map(u64::from).collect()
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
    let model = lived_in();
    for page in schema_pages(&model) {
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

/// Its schema grew with the versions, and lies on other pages than a new store's, behind what was
/// written before.
#[test]
fn a_store_that_was_brought_up_to_date_loses_nothing_either() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/store-v1");
    copy_folder(&fixture, folder.path());
    let model = Phone::at(folder.path());
    let (mut store, _) = model.open_noting();
    let own = store.report(key(4)).unwrap().unwrap().row.title;
    // Folded in when it closes, or still in the WAL after a kill.
    store.writes_about(key(100), "kemarin");
    let killed = model.killed_now();
    drop(store);
    let new = lived_in();
    let pages = schema_pages(&model);
    assert_ne!(
        pages,
        schema_pages(&new),
        "nothing is shown by the same pages"
    );
    for page in pages {
        for model in [&model, &killed] {
            let phone = model.killed_now();
            phone.damage_page(page);
            let (mut store, notices) = phone.open_noting();
            for notice in &notices {
                let Notice::SetAside { losses, .. } = notice else {
                    panic!("page {page}: {notices:?}")
                };
                assert_eq!(losses[..], [], "page {page}");
            }
            assert_sound(&store);
            assert_eq!(store.current_account().unwrap().user, "budi");
            assert_eq!(store.report(key(4)).unwrap().unwrap().row.title, own);
            assert_eq!(store.list(Filter::All, 100, None).unwrap().len(), 3);
            store.signs_in("siti");
            assert_eq!(store.list(Filter::All, 100, None).unwrap().len(), 3);
            let detail = store.report(key(2)).unwrap().unwrap();
            let pictures = detail.attachments.iter();
            let bytes: Vec<_> = pictures.map(|it| whole(&store, it).unwrap()).collect();
            assert_eq!(bytes, [noise(21, 30_000), noise(22, 600_000)]);
        }
    }
}
