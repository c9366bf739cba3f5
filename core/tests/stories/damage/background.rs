//! Damage where there is no room to save the rest, and the OS is to carry what can be read.

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use lapor_core::{client::ClientError, engine::report::ReportKey};

use super::{FULL_DISK, PAGE, damage, fill, on_a_small_disk, waits, written_at_length};
use crate::world::*;

/// Left of the disk, bytes: enough for what the OS is handed, and not to save a store.
const ROOM: u64 = 512 << 10;

#[test]
fn a_damaged_report_keeps_no_other_from_the_os() {
    on_a_small_disk("damage::background::on_the_nearly_full_disk");
}

#[test]
#[ignore = "child of another test"]
fn on_the_nearly_full_disk() {
    let Some(disk) = env::var_os(FULL_DISK).map(PathBuf::from) else {
        return;
    };
    let pages = fs::metadata(written_at_length(&World::new()).0)
        .unwrap()
        .len()
        / PAGE;
    let mut handed = Vec::new();
    for page in 1..pages {
        let world = World::new();
        let (database, keys) = written_at_length(&world);
        damage(&database, page);
        let filler = disk.join("filler");
        fill(&filler);
        let file = fs::File::options().write(true).open(&filler).unwrap();
        let full = file.metadata().unwrap().len();
        file.set_len(full - ROOM).unwrap();
        handed.extend(meets_while_preparing(&world, &keys, page));
        fs::remove_file(&filler).unwrap();
    }
    let count = |which: [bool; 3]| handed.iter().filter(|one| **one == which).count();
    assert!(count([false, true, true]) >= 2, "{handed:?}");
    assert!(count([false; 3]) <= 8, "{handed:?}");
}

/// Where preparing meets the damage: which reports does the OS get when the store is open as it is?
fn meets_while_preparing(world: &World, keys: &[ReportKey], page: u64) -> Option<[bool; 3]> {
    let (phone, notices) = world.phone_that_may_not_open("siti").ok()?;
    let is_shown = phone.outbox(None).is_ok() && keys.iter().all(|key| phone.show(key).is_ok());
    let first = phone.prepare_background_upload(None);
    drop(phone);
    if notices.iter().any(waits) || !is_shown || first.err() != Some(ClientError::Corrupt) {
        return None;
    }
    let (phone, notices) = world.phone_that_may_not_open("siti").ok()?;
    assert!(notices.iter().any(waits), "page {page}: {notices:?}");
    let mut handed = BTreeSet::new();
    while let Ok(Some(upload)) = phone.prepare_background_upload(None) {
        assert!(handed.insert(upload.report), "page {page}");
    }
    Some([0, 1, 2].map(|at| handed.contains(&keys[at])))
}
