#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;

use super::*;
use crate::store::{
    Filter, folder,
    tests::{Person, Phone, assert_sound, key, noise, whole},
};

#[test]
fn forgetting_siti_leaves_nothing_of_hers_and_everything_of_budis() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("budi");
    store.writes_about(key(2), "milik Budi");
    let his = store.attaches(key(2), 8, 200_000);
    store.signs_in("siti");
    store.writes(key(1));
    for seed in 0..20 {
        store.attaches(key(1), seed, 300_000);
    }
    store.submits(key(1));
    store.writes(key(3));

    assert_eq!(
        store.forget_me(),
        Ok(Erased {
            reports: 2,
            attachments: 20,
            unsent: 1
        })
    );
    assert_eq!(store.current_account().unwrap().id, AccountId::GUEST);
    assert!(
        !store
            .accounts()
            .unwrap()
            .iter()
            .any(|row| row.user == "siti")
    );
    assert!(store.read_body(key(1)).is_err());
    assert_sound(&store);
    let size = fs::metadata(phone.file(folder::DATABASE)).unwrap().len();
    assert!(
        size < 1_000_000,
        "the space of 6 MB is given back, the file has {size} bytes"
    );
    assert!(
        fs::metadata(phone.file(folder::WAL)).unwrap().len() < 100_000,
        "the log holds none of it"
    );
    store.signs_in("budi");
    assert_eq!(store.list(Filter::All, 5, None).unwrap().len(), 1);
    assert_eq!(whole(&store, &his).unwrap(), noise(8, 200_000));
}

#[test]
fn a_sweep_that_was_cut_short_goes_on_at_the_next_start() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.attaches(key(1), 1, 600_000);
    // The rows are gone, the bytes are not: killed here.
    store
        .write(|db| {
            erase(db, rows::current_account(db)?)?;
            settings::put_text(db, "current_account", "1")?;
            settings::put_text(db, SWEEP, "1")
        })
        .unwrap();
    let killed = phone.killed_now();
    let store = killed.open();
    let pieces: i64 = store
        .db
        .query_row("SELECT count(*) FROM attachment_piece", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(pieces, 0);
    assert_eq!(store.read(|db| settings::text(db, SWEEP)).unwrap(), None);
    assert!(store.is_sound().unwrap());
}

#[test]
fn what_was_set_aside_is_forgotten_too() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    drop(store);
    phone.damage_page(1);
    let (mut store, _) = phone.open_noting();
    assert!(phone.home().join("set-aside-1").exists());
    store.forget_me().unwrap();
    assert!(!phone.home().join("set-aside-1").exists());
}
