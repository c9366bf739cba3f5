#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use super::*;
use crate::store::{
    NewAttachment,
    tests::{NOON, Person, Phone, key, noise, picture},
};

fn with_thumbnail(seed: u64) -> NewAttachment {
    NewAttachment {
        thumbnail: noise(seed + 1000, 9_000),
        ..picture(seed, 30_000)
    }
}

#[test]
fn a_list_gets_its_small_pictures_in_one_call() {
    let phone = Phone::new();
    let mut store = phone.open();
    for number in 1..=3 {
        store.writes(key(number));
    }
    store.attach(key(1), &with_thumbnail(1), NOON).unwrap();
    store.attach(key(1), &with_thumbnail(2), NOON).unwrap();
    // From before there were any, and then one that has it.
    store.attach(key(3), &picture(3, 100), NOON).unwrap();
    store.attach(key(3), &with_thumbnail(4), NOON).unwrap();
    let list = store.thumbnails(&[key(3), key(2), key(1)]).unwrap();
    assert_eq!(
        list,
        [
            ListThumbnail {
                key: key(3),
                jpeg: noise(1004, 9_000)
            },
            ListThumbnail {
                key: key(1),
                jpeg: noise(1001, 9_000)
            },
        ]
    );
    assert_eq!(store.thumbnail(picture(3, 100).sha256).unwrap(), None);
}

#[test]
fn a_small_picture_goes_with_the_last_row_of_its_picture() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    store.writes(key(2));
    let sha256 = with_thumbnail(1).sha256;
    let first = store.attach(key(1), &with_thumbnail(1), NOON).unwrap();
    let second = store.attach(key(2), &with_thumbnail(1), NOON).unwrap();
    store.detach(key(1), first.id, NOON).unwrap();
    assert!(store.thumbnail(sha256).unwrap().is_some());
    store.detach(key(2), second.id, NOON).unwrap();
    let left: i64 = store
        .db
        .query_row("SELECT count(*) FROM thumbnail", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn nobody_sees_anothers_and_who_is_forgotten_leaves_none() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.signs_in("siti");
    store.writes(key(1));
    store.attach(key(1), &with_thumbnail(1), NOON).unwrap();
    store.signs_in("budi");
    let sha256 = with_thumbnail(1).sha256;
    assert_eq!(store.thumbnail(sha256).unwrap(), None);
    assert_eq!(store.thumbnails(&[key(1)]).unwrap(), []);
    store.signs_in("siti");
    assert!(store.thumbnail(sha256).unwrap().is_some());
    store.forget_me().unwrap();
    let left: i64 = store
        .db
        .query_row("SELECT count(*) FROM thumbnail", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn what_is_no_small_picture_is_refused_whole() {
    let phone = Phone::new();
    let mut store = phone.open();
    store.writes(key(1));
    let large = NewAttachment {
        thumbnail: noise(1, THUMBNAIL_MAX + 1),
        ..picture(1, 100)
    };
    let limit = THUMBNAIL_MAX as u64;
    assert_eq!(
        store.attach(key(1), &large, NOON),
        Err(StoreError::TooLarge { limit })
    );
    assert!(store.draft(key(1)).unwrap().attachments.is_empty());
}
