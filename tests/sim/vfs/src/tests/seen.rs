//! What a person has once seen in the app stays, whatever the disk does next.

use lapor_core::engine::{
    api::{AccountAnswer, Secret},
    calendar::Instant,
    report::{Classification, Edit, ReportKey, freeze},
    sync::{AccountId, OperationId, RunId},
};
use lapor_core::store::{OpenOptions, Store, StoreKey};

use crate::{Disk, Failure, Fault, Lasts, VFS};

const NOON: Instant = Instant(1_795_000_000_000);
const KEY: ReportKey = ReportKey([1; 16]);

fn open(disk: &Disk) -> Store {
    let key = StoreKey::new([0x42; 32], [7; 16]);
    let mut draw = |bytes: &mut [u8]| bytes.fill(9);
    let home = disk.home();
    let options = OpenOptions::new(&home, Some(&key), NOON, &mut draw);
    Store::open(options.vfs(Some(VFS))).expect("it opens").0
}

fn title(store: &Store) -> String {
    store.draft(KEY).unwrap().form.title
}

/// An edit fails at one change of the disk and at all after it, and the app is opened again.
fn after_a_failing_edit(at: u64, lasts: Lasts) -> Disk {
    let disk = Disk::new();
    let mut store = open(&disk);
    store.new_draft(KEY, AccountId::GUEST, NOON).unwrap();
    store
        .edit(KEY, Edit::Title("Lama".to_owned()), NOON)
        .unwrap();
    disk.arm(Fault::Fail {
        at: disk.changes() + at,
        how: Failure::Error,
        lasts,
    });
    // Most often it fails; nobody is told that it is done then.
    let _ = store.edit(KEY, Edit::Title("Baru".to_owned()), NOON);
    disk.kill();
    drop(store);
    disk.heal();
    disk
}

/// An edit fails by the disk, and before the app is killed this happens. Was the edit told as failed, it
/// must not be there after that.
fn told_as_failed_and_killed(at: u64, lasts: Lasts, before: impl Fn(&Disk, &mut Store)) {
    let disk = Disk::new();
    let mut store = open(&disk);
    store.new_draft(KEY, AccountId::GUEST, NOON).unwrap();
    let edit =
        |store: &mut Store, title: &str| store.edit(KEY, Edit::Title(title.to_owned()), NOON);
    edit(&mut store, "Lama").unwrap();
    disk.arm(Fault::Fail {
        at: disk.changes() + at,
        how: Failure::Error,
        lasts,
    });
    let told = if edit(&mut store, "Baru").is_ok() {
        "Baru"
    } else {
        "Lama"
    };
    assert_eq!(title(&store), told, "at change {at}");
    before(&disk, &mut store);
    // No last connection folds the log: it is read anew.
    disk.kill();
    drop(store);
    disk.heal();
    let after = title(&open(&disk));
    assert_eq!(after, told, "at change {at} {lasts:?}, after the kill");
}

/// A run begins.
fn recovers(store: &mut Store) {
    store.recover(&RunId("next".to_owned()), NOON).unwrap();
}

#[test]
fn what_was_told_as_failed_is_not_done_after_a_kill_either() {
    for at in 1..=12 {
        told_as_failed_and_killed(at, Lasts::Once, |_, _| ());
        told_as_failed_and_killed(at, Lasts::ForEver, |disk, store| {
            // The disk is well again, and something is about to be sent.
            disk.heal();
            recovers(store);
        });
    }
}

#[test]
fn a_call_that_writes_nothing_covers_no_failed_one() {
    for at in 1..=12 {
        told_as_failed_and_killed(at, Lasts::ForEver, |disk, store| {
            disk.heal();
            // No picture waits: nothing is in doubt.
            store.doubt_offsets().unwrap();
            recovers(store);
        });
    }
}

#[test]
fn what_is_on_the_screen_survives_a_power_cut_also_when_it_was_never_synced() {
    let mut new = 0;
    for at in 1..=12 {
        for lasts in [Lasts::Once, Lasts::ForEver] {
            for seed in 0..8 {
                let disk = after_a_failing_edit(at, lasts);
                let store = open(&disk);
                let seen = title(&store);
                disk.freeze(seed);
                drop(store);
                disk.boot();
                assert_eq!(title(&open(&disk)), seen, "{at}, {lasts:?}, {seed}");
                new += u32::from(seen == "Baru");
            }
        }
    }
    assert!(
        new > 0,
        "an edit that was written and not synced was seen at all"
    );
}

#[test]
fn a_disk_without_room_for_even_an_empty_file_keeps_nobody_from_their_drafts() {
    let disk = Disk::new();
    let mut store = open(&disk);
    store.new_draft(KEY, AccountId::GUEST, NOON).unwrap();
    store
        .edit(KEY, Edit::Title("Lama".to_owned()), NOON)
        .unwrap();
    drop(store);
    disk.fill();
    // The reserve is there for that.
    assert_eq!(title(&open(&disk)), "Lama");
}

/// When a chunk was tried is written without a sync, and SQLite reads it back all the same.
#[test]
fn what_only_a_killed_app_had_written_survives_a_power_cut_once_it_was_seen() {
    let tried = |store: &Store| {
        let work = store.work(&RunId("later".to_owned())).unwrap();
        work.operations[0].tried_at
    };
    for seed in 0..8 {
        let disk = Disk::new();
        let mut store = open(&disk);
        let create = accepted(&mut store);
        store.tries(create, Instant(NOON.0 + 1)).unwrap();
        disk.kill();
        drop(store);
        let store = open(&disk);
        assert_eq!(tried(&store), Some(Instant(NOON.0 + 1)), "it was written");
        disk.freeze(seed);
        drop(store);
        disk.boot();
        assert_eq!(tried(&open(&disk)), Some(Instant(NOON.0 + 1)), "{seed}");
    }
}

/// A report on its way; gives the operation that creates it.
fn accepted(store: &mut Store) -> OperationId {
    let siti = AccountAnswer {
        id: "1".to_owned(),
        user: "siti".to_owned(),
        name: "Siti".to_owned(),
        role: "reporter".to_owned(),
        institution: None,
    };
    let token = Secret::new("t".to_owned());
    let account = store.signed_in(&siti, &token, &token, NOON).unwrap();
    store.new_draft(KEY, account, NOON).unwrap();
    for edit in [
        Edit::Classification(Some(Classification::Complaint)),
        Edit::Title("Lampu".to_owned()),
        Edit::Content("Lampu jalan padam.".to_owned()),
        Edit::IncidentDate("2026-11-20".to_owned()),
        Edit::Location("Kuta Utara".to_owned()),
    ] {
        store.edit(KEY, edit, NOON).unwrap();
    }
    let draft = store.draft(KEY).unwrap();
    let frozen = freeze(&draft.form, &[], None);
    let ids = store.submit(KEY, draft.version, &frozen, NOON).unwrap();
    ids.create
}
