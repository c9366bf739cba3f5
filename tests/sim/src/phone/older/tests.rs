#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use lapor_sim_vfs::Disk;

use lapor_core::engine::calendar::Instant;
use lapor_core::store::{OpenOptions, Store};
use lapor_sim_vfs::VFS;

use super::{Made, make, open};
use crate::phone::opening::{RAW_KEY, fresh, key};

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
    let older = Made::Older { is_named: false };
    assert_eq!(make(&made, 1).unwrap(), older, "no engine ran there");
    assert_eq!(schema(&made, RAW_KEY), schema(&kept, [0x5a; 32]));
    assert_eq!(make(&made, 1).unwrap(), Made::Nothing, "it is so already");
    assert_eq!(make(&made, 2).unwrap(), Made::Nothing, "it is older");
}

#[test]
fn the_store_names_the_older_app_as_the_core_itself_names_one() {
    let disk = Disk::of(fresh(1).expect("a fresh store"));
    let with_store = |look: &mut dyn FnMut(&mut Store)| {
        let (home, key) = (disk.home(), key(1));
        let mut draw = |bytes: &mut [u8]| bytes.fill(7);
        let options = OpenOptions::new(&home, Some(&key), Instant(1_800_000_000_000), &mut draw);
        look(&mut Store::open(options.vfs(Some(VFS))).unwrap().0);
    };
    with_store(&mut |store| store.set_setting("app_version", "9.9.9").unwrap());
    assert_eq!(make(&disk, 2).unwrap(), Made::Older { is_named: true });
    with_store(&mut |store| {
        assert_eq!(
            store.setting("app_version").unwrap().as_deref(),
            Some("0.0.1")
        );
    });
}
