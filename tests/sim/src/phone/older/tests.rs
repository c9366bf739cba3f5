#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use lapor_sim_vfs::Disk;

use super::{make, open};
use crate::phone::opening::{RAW_KEY, fresh};

/// Every table, index and trigger, as it was written down.
fn schema(disk: &Disk, key: [u8; 32]) -> BTreeSet<(String, String, String)> {
    let db = open(&disk.home().join("store").join("lapor.db"), key).expect("it opens");
    let mut all = db
        .prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'")
        .unwrap();
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn what_version_1_left_behind_is_what_is_made_of_a_store_of_today() {
    let kept = Disk::new();
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/store-v1/store");
    for name in ["lapor.db", "key-check"] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        kept.put(&kept.home().join("store").join(name), &bytes)
            .unwrap();
    }
    let made = Disk::of(fresh(1).expect("a fresh store"));
    assert!(make(&made, 1).unwrap());
    assert_eq!(schema(&made, RAW_KEY), schema(&kept, [0x5a; 32]));
    assert!(!make(&made, 1).unwrap(), "it is of version 1 already");
    assert!(!make(&made, 2).unwrap(), "it is older than that already");
}
