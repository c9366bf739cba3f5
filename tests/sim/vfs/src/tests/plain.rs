//! The store's own plain files on this disk.

use std::io::ErrorKind;

use crate::{Disk, Fault, plain::PLAIN};

fn replace(disk: &Disk, bytes: &[u8], sync: bool) -> std::io::Result<()> {
    let (fresh, name) = (disk.home().join("word.new"), disk.home().join("word"));
    (PLAIN.create)(&fresh, false)?;
    (PLAIN.append)(&fresh, bytes)?;
    if sync {
        (PLAIN.sync)(&fresh)?;
    }
    (PLAIN.rename)(&fresh, &name)?;
    (PLAIN.sync_folder)(&disk.home())
}

/// What is there after a cut in the middle of a replacement, for every change and some seeds.
fn after_cuts(sync: bool) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for at in 1..=6 {
        for seed in 0..40 {
            let disk = Disk::new();
            disk.put(&disk.home().join("word"), &[1; 1500]).unwrap();
            disk.arm(Fault::Freeze { at, seed });
            let done = replace(&disk, &[2; 1500], sync);
            assert_eq!(done.is_ok(), !disk.is_frozen());
            disk.freeze(seed);
            disk.boot();
            found.push((PLAIN.read)(&disk.home().join("word")).unwrap());
        }
    }
    found
}

#[test]
fn a_replacement_with_its_syncs_is_old_or_new() {
    let found = after_cuts(true);
    assert!(
        found
            .iter()
            .all(|word| *word == [1; 1500] || *word == [2; 1500])
    );
    assert!(found.iter().any(|word| word[0] == 1) && found.iter().any(|word| word[0] == 2));
}

#[test]
fn a_replacement_without_a_sync_is_neither() {
    let found = after_cuts(false);
    assert!(
        found
            .iter()
            .any(|word| *word != [1; 1500] && *word != [2; 1500])
    );
}

#[test]
fn a_name_is_durable_with_its_folder_only() {
    let left = |sync_folder: bool| -> Vec<bool> {
        let found = (0..32).map(|seed| {
            let disk = Disk::new();
            disk.put(&disk.home().join("here"), b"").unwrap();
            let name = disk.home().join("file");
            (PLAIN.create)(&name, true).unwrap();
            (PLAIN.append)(&name, b"word").unwrap();
            (PLAIN.sync)(&name).unwrap();
            if sync_folder {
                (PLAIN.sync_folder)(&disk.home()).unwrap();
            }
            disk.freeze(seed);
            disk.boot();
            (PLAIN.read)(&name).is_ok_and(|bytes| bytes == b"word")
        });
        found.collect()
    };
    assert!(left(true).iter().all(|there| *there));
    assert!(left(false).iter().any(|there| *there) && left(false).iter().any(|there| !there));
}

#[test]
fn a_folder_is_removed_file_by_file() {
    let mut partly = 0;
    for at in 1..=4 {
        let disk = Disk::new();
        for name in ["a", "b", "c"] {
            disk.put(&disk.home().join("old").join(name), b"x").unwrap();
        }
        disk.arm(Fault::Freeze { at, seed: at });
        assert!((PLAIN.remove_folder)(&disk.home().join("old")).is_err());
        disk.boot();
        let left = disk
            .names(&disk.home().join("old"))
            .map_or(0, |names| names.len());
        partly += u32::from(left == 1 || left == 2);
    }
    assert!(partly > 0);
}

#[test]
fn locks_and_the_words_in_them() {
    let disk = Disk::new();
    (PLAIN.make_folder)(&disk.home()).unwrap();
    let path = disk.home().join("lock");
    let first = (PLAIN.lock)(&path, false).unwrap().unwrap();
    let second = (PLAIN.lock)(&path, false).unwrap().unwrap();
    assert!((PLAIN.lock)(&path, true).unwrap().is_none());
    (PLAIN.unlock)(&path, first);
    (PLAIN.unlock)(&path, second);
    let alone = (PLAIN.lock)(&path, true).unwrap().unwrap();
    assert!((PLAIN.lock)(&path, false).unwrap().is_none());
    (PLAIN.put)(&path, alone, b"4711").unwrap();
    disk.kill();
    assert_eq!((PLAIN.read)(&path).unwrap(), b"4711");
    let next = (PLAIN.lock)(&path, true).unwrap().unwrap();
    // What the dead one still does has no effect.
    (PLAIN.put)(&path, alone, b"").unwrap();
    (PLAIN.unlock)(&path, alone);
    assert_eq!((PLAIN.read)(&path).unwrap(), b"4711");
    assert!((PLAIN.lock)(&path, false).unwrap().is_none());
    (PLAIN.unlock)(&path, next);
}

#[test]
fn what_is_not_there_or_in_the_way_is_called_so() {
    let disk = Disk::new();
    (PLAIN.make_folder)(&disk.home().join("a").join("b")).unwrap();
    let kind = |done: std::io::Result<()>| done.unwrap_err().kind();
    assert_eq!(
        kind((PLAIN.remove)(&disk.home().join("x"))),
        ErrorKind::NotFound
    );
    assert_eq!(
        kind((PLAIN.remove)(&disk.home().join("a"))),
        ErrorKind::IsADirectory
    );
    let (from, to) = (disk.home().join("c"), disk.home().join("a"));
    (PLAIN.make_folder)(&from).unwrap();
    assert_eq!(
        kind((PLAIN.rename)(&from, &to)),
        ErrorKind::DirectoryNotEmpty
    );
    assert_eq!(
        kind((PLAIN.create)(&disk.home().join("no").join("x"), true)),
        ErrorKind::NotFound
    );
    disk.lock_storage(true);
    assert_eq!(
        kind((PLAIN.create)(&disk.home().join("x"), true)),
        ErrorKind::PermissionDenied
    );
}
