#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::os::unix::fs::MetadataExt;

use super::*;
use crate::store::tests::{NOON, Person, Phone, created, key};

/// The story on a disk that is really full is in `tests/small_disk.rs`.
#[test]
fn the_reserve_is_really_allocated_and_made_again_after_use() {
    let phone = Phone::new();
    let mut store = phone.open();
    let file = phone.file(folder::RESERVE);
    assert!(std::fs::metadata(&file).unwrap().blocks() * 512 >= folder::RESERVE_BYTES as u64);
    store.writes(key(1));
    store.submits(key(1));
    assert!(store.give_up_reserve() && !file.exists());
    store.apply(&[created(key(1), "1", &[])], NOON).unwrap();
    assert!(
        file.exists(),
        "made again as soon as an outcome was written and there is room"
    );
}

#[test]
fn a_reserve_that_was_cut_short_is_made_whole_by_the_next_start() {
    let phone = Phone::new();
    drop(phone.open());
    for (name, bytes) in folder::RESERVES {
        let file = std::fs::File::create(phone.file(name)).unwrap();
        file.set_len(1_000).unwrap();
        drop(phone.open());
        assert_eq!(std::fs::metadata(phone.file(name)).unwrap().len(), bytes);
    }
}
