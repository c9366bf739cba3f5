#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;

use super::*;
use crate::store::{
    Notice, OpenError, Store, folder,
    tests::{Person, Phone, key as report},
};

/// A phone with one report, closed.
fn phone_with_a_report() -> Phone {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(report(1));
    store.submits(report(1));
    phone
}

fn why(phone: &Phone) -> OpenError {
    phone.try_open().map(|_| ()).unwrap_err()
}

#[test]
fn a_wrong_key_is_called_wrong_and_touches_nothing() {
    let mut phone = phone_with_a_report();
    let before = fs::read(phone.file(folder::DATABASE)).unwrap();
    phone.key = [1; 32];
    assert_eq!(why(&phone), OpenError::WrongKey);
    assert_eq!(fs::read(phone.file(folder::DATABASE)).unwrap(), before);
    phone.key = [0x5a; 32];
    assert_eq!(
        phone.open().phase(report(1)),
        lapor_engine::report::Phase::Queued
    );
}

#[test]
fn a_damaged_first_page_under_the_right_key_is_damage() {
    let phone = phone_with_a_report();
    phone.damage_page(1);
    let (_, notices) = phone.open_noting();
    assert!(
        matches!(
            &notices[..],
            [Notice::SetAside {
                reports_saved: 1,
                ..
            }]
        ),
        "{notices:?}"
    );
    assert!(
        phone
            .home()
            .join("set-aside-1")
            .join(folder::DATABASE)
            .exists()
    );
}

#[test]
fn a_wrong_key_and_a_damaged_first_page_is_still_a_wrong_key() {
    let mut phone = phone_with_a_report();
    phone.damage_page(1);
    phone.key = [1; 32];
    assert_eq!(why(&phone), OpenError::WrongKey);
}

#[test]
fn without_a_key_no_new_store_takes_the_place_of_one() {
    let phone = phone_with_a_report();
    let mut dice = crate::store::tests::dice(1);
    let options =
        crate::store::OpenOptions::new(phone.home(), None, crate::store::tests::NOON, &mut dice);
    assert_eq!(
        Store::open(options).map(|_| ()).unwrap_err(),
        OpenError::KeyMissing { store_exists: true }
    );
    let empty = tempfile::tempdir().unwrap();
    let options =
        crate::store::OpenOptions::new(empty.path(), None, crate::store::tests::NOON, &mut dice);
    assert_eq!(
        Store::open(options).map(|_| ()).unwrap_err(),
        OpenError::KeyMissing {
            store_exists: false
        }
    );
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn a_lost_key_check_is_made_again_by_a_key_that_opens() {
    for broken in [None, Some(&b"not a key check"[..])] {
        let mut phone = phone_with_a_report();
        match broken {
            None => fs::remove_file(phone.file(folder::KEY_CHECK)).unwrap(),
            Some(bytes) => fs::write(phone.file(folder::KEY_CHECK), bytes).unwrap(),
        }
        phone.key = [1; 32];
        assert_eq!(
            why(&phone),
            OpenError::KeyCheckDamaged,
            "wrong key or damage: nobody can tell"
        );
        phone.key = [0x5a; 32];
        drop(phone.open());
        phone.key = [1; 32];
        assert_eq!(why(&phone), OpenError::WrongKey, "it is there again");
    }
}

#[test]
fn every_flipped_bit_of_the_key_check_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let right = StoreKey::new([3; 32], [0; 16]);
    write(folder.path(), &right, [9; 16], true).unwrap();
    let file = folder.path().join(folder::KEY_CHECK);
    assert_eq!(
        check(&file, &right).unwrap(),
        KeyCheck::Right { made: true }
    );
    assert_eq!(
        check(&file, &StoreKey::new([4; 32], [0; 16])).unwrap(),
        KeyCheck::Wrong
    );
    let whole = fs::read(&file).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(read(&bytes, &right), None, "bit {bit}");
    }
}

#[test]
fn a_key_is_never_printed() {
    assert_eq!(
        format!("{:?}", StoreKey::new([0xAB; 32], [1; 16])),
        "StoreKey(..)"
    );
}
