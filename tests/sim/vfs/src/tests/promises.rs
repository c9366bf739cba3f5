//! SQLite's own promises, kept on this disk, and broken where they are not asked for.

use rusqlite::{Connection, Error, ErrorCode, OpenFlags};

use crate::{Disk, Failure, Fault, Kind, Lasts, VFS};

const KEY: &str = "PRAGMA cipher = 'chacha20'; PRAGMA key = 'raw:0101010101010101010101010101010101010101010101010101010101010101';";

fn connect(disk: &Disk, synchronous: &str) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let path = disk.home().join("test.db");
    let db = Connection::open_with_flags_and_vfs(path, flags, VFS)?;
    db.execute_batch(KEY)?;
    db.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA wal_autocheckpoint = 30;
         CREATE TABLE IF NOT EXISTS pair (number INTEGER PRIMARY KEY, left BLOB, right BLOB);"
    ))?;
    Ok(db)
}

fn ready() -> Disk {
    let disk = Disk::new();
    disk.put(&disk.home().join("here"), b"").unwrap();
    disk
}

/// Each transaction writes two rows of two pages each; returns the last that was committed.
fn write_pairs(disk: &Disk, synchronous: &str, count: i64) -> i64 {
    let Ok(db) = connect(disk, synchronous) else {
        return 0;
    };
    let from: i64 = db
        .query_row("SELECT coalesce(max(number), 0) FROM pair", [], |row| {
            row.get(0)
        })
        .unwrap_or(0);
    let mut committed = 0;
    for number in (from + 1..).step_by(2).take(count as usize) {
        let pair = |db: &Connection| -> rusqlite::Result<()> {
            let transaction = db.unchecked_transaction()?;
            for number in [number, number + 1] {
                transaction.execute(
                    "INSERT INTO pair VALUES (?1, zeroblob(3000), randomblob(3000))",
                    [number],
                )?;
            }
            transaction.commit()
        };
        if pair(&db).is_err() {
            break;
        }
        committed = number + 1;
    }
    committed
}

/// The highest row; every pair is whole, and the database is sound.
fn highest(disk: &Disk) -> i64 {
    let db = connect(disk, "FULL").expect("a power cut leaves a database that opens");
    let sound: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(sound, "ok");
    let (count, highest): (i64, i64) = db
        .query_row(
            "SELECT count(*), coalesce(max(number), 0) FROM pair",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(count % 2, 0, "half a transaction");
    assert_eq!(count, highest, "a hole");
    highest
}

fn changes_of(synchronous: &str) -> u64 {
    let disk = ready();
    let before = disk.changes();
    assert_eq!(write_pairs(&disk, synchronous, 40), 80);
    disk.changes() - before
}

#[test]
fn what_was_committed_survives_a_cut_at_every_change_and_nothing_half_done_appears() {
    let all = changes_of("FULL");
    assert!(all > 200, "{all} changes are no story");
    let (mut torn, mut cut_off) = (0, 0);
    for at in 1..=all {
        for seed in 0..2 {
            let disk = ready();
            disk.arm(Fault::Freeze {
                at: disk.changes() + at,
                seed,
            });
            let committed = write_pairs(&disk, "FULL", 40);
            assert!(disk.is_frozen() && disk.struck() == 1);
            torn += u32::from(disk.image().is_torn());
            disk.boot();
            let found = highest(&disk);
            assert!(
                found == committed || found == committed + 2,
                "committed {committed}, found {found} after a cut at {at} with seed {seed}"
            );
            cut_off += u32::from(found == committed);
        }
    }
    assert!(torn > 50, "{torn} torn images");
    assert!(cut_off > 50, "{cut_off} transactions cut off");
}

#[test]
fn without_syncs_a_power_cut_loses_what_was_committed() {
    let all = changes_of("OFF");
    let mut lost = 0;
    for at in 1..=all {
        let disk = ready();
        disk.arm(Fault::Freeze {
            at: disk.changes() + at,
            seed: at,
        });
        let committed = write_pairs(&disk, "OFF", 40);
        disk.boot();
        let found = connect(&disk, "FULL").and_then(|db| {
            db.query_row("SELECT coalesce(max(number), 0) FROM pair", [], |row| {
                row.get::<_, i64>(0)
            })
        });
        lost += u64::from(
            found.is_ok_and(|found| found < committed) || {
                committed > 0 && connect(&disk, "FULL").is_err()
            },
        );
    }
    assert!(
        lost > all / 4,
        "only {lost} of {all} cuts lost something: the disk is too kind"
    );
}

#[test]
fn two_connections_see_each_others_locks_and_writes() {
    let disk = ready();
    let one = connect(&disk, "FULL").unwrap();
    let two = connect(&disk, "FULL").unwrap();
    for db in [&one, &two] {
        db.busy_timeout(std::time::Duration::ZERO).unwrap();
    }
    one.execute_batch("BEGIN IMMEDIATE; INSERT INTO pair VALUES (1, x'01', x'02');")
        .unwrap();
    let busy = two.execute_batch("BEGIN IMMEDIATE").unwrap_err();
    assert_eq!(busy.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    let seen = |db: &Connection| -> i64 {
        db.query_row("SELECT count(*) FROM pair", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(seen(&two), 0);
    one.execute_batch("COMMIT").unwrap();
    assert_eq!(seen(&two), 1);
    // Of two connections the first to go leaves the WAL to the other.
    drop(one);
    assert_eq!(
        disk.names(&disk.home()).unwrap(),
        ["here", "test.db", "test.db-wal"]
    );
    two.execute_batch("INSERT INTO pair VALUES (2, x'01', x'02')")
        .unwrap();
    drop(two);
    assert_eq!(disk.names(&disk.home()).unwrap(), ["here", "test.db"]);
    assert_eq!(seen(&connect(&disk, "FULL").unwrap()), 2);
}

#[test]
fn every_change_may_fail_and_the_database_stays_sound() {
    let all = changes_of("FULL");
    for how in [Failure::Error, Failure::Full] {
        for lasts in [Lasts::Once, Lasts::ForEver] {
            for at in 1..=all {
                let disk = ready();
                disk.arm(Fault::Fail {
                    at: disk.changes() + at,
                    how,
                    lasts,
                });
                let committed = write_pairs(&disk, "FULL", 40);
                disk.heal();
                let found = highest(&disk);
                assert!(
                    found >= committed,
                    "committed {committed}, found {found} at {at}"
                );
            }
        }
    }
}

#[test]
fn failures_have_the_names_that_unix_gives_them() {
    let failing = |how, kind: Kind| -> Error {
        let disk = ready();
        let db = connect(&disk, "FULL").unwrap();
        disk.record();
        db.execute_batch("INSERT INTO pair VALUES (1, x'', x'')")
            .unwrap();
        let at = disk
            .recorded()
            .iter()
            .position(|found| *found == kind)
            .unwrap() as u64
            + 1;
        disk.arm(Fault::Fail {
            at: disk.changes() + at,
            how,
            lasts: Lasts::Once,
        });
        db.execute_batch("INSERT INTO pair VALUES (2, x'', x'')")
            .unwrap_err()
    };
    let code = |error: Error| error.sqlite_error().map(|failure| failure.extended_code);
    assert_eq!(
        code(failing(Failure::Full, Kind::Write)),
        Some(libsqlite3_sys::SQLITE_FULL)
    );
    assert_eq!(
        code(failing(Failure::Error, Kind::Write)),
        Some(libsqlite3_sys::SQLITE_IOERR_WRITE)
    );
    assert_eq!(
        code(failing(Failure::Error, Kind::Sync)),
        Some(libsqlite3_sys::SQLITE_IOERR_FSYNC)
    );
    let disk = ready();
    drop(connect(&disk, "FULL").unwrap());
    disk.lock_storage(true);
    let locked = connect(&disk, "FULL").unwrap_err();
    assert_eq!(locked.sqlite_error_code(), Some(ErrorCode::CannotOpen));
}

#[test]
fn a_full_disk_takes_what_is_removed_and_nothing_more() {
    let disk = ready();
    let spare = disk.home().join("spare");
    disk.put(&spare, &[1; 64 * 4096]).unwrap();
    let db = connect(&disk, "FULL").unwrap();
    disk.fill();
    let fill = |number: i64| {
        db.execute(
            "INSERT INTO pair VALUES (?1, zeroblob(90000), x'')",
            [number],
        )
    };
    let full = fill(1).unwrap_err();
    assert_eq!(full.sqlite_error_code(), Some(ErrorCode::DiskFull));
    (crate::plain::PLAIN.remove)(&spare).unwrap();
    fill(2).unwrap();
}

#[test]
fn one_seed_gives_one_image() {
    let image = |seed| {
        let disk = ready();
        let name = disk.home().join("file");
        let plain = crate::plain::PLAIN;
        (plain.create)(&name, true).unwrap();
        for number in 0..20u8 {
            (plain.append)(&name, &[number; 700]).unwrap();
        }
        disk.freeze(seed);
        disk.image()
    };
    let images: Vec<_> = (0..64).map(image).collect();
    assert!((0..64).all(|seed| image(seed) == images[seed as usize]));
    assert!(images.iter().any(|other| *other != images[0]));
    assert!(images.iter().any(crate::Image::is_torn));
}

#[test]
fn after_a_freeze_nothing_is_answered_and_what_was_open_stays_dead() {
    let disk = ready();
    let db = connect(&disk, "FULL").unwrap();
    db.execute_batch("INSERT INTO pair VALUES (1, x'', x'')")
        .unwrap();
    let life = disk.life();
    disk.arm(Fault::Freeze {
        at: disk.changes() + 2,
        seed: 5,
    });
    assert!(
        db.execute_batch("INSERT INTO pair VALUES (2, x'', x'')")
            .is_err()
    );
    assert!(disk.is_frozen() && disk.life() != life);
    assert!(
        db.execute_batch("INSERT INTO pair VALUES (3, x'', x'')")
            .is_err()
    );
    assert!(connect(&disk, "FULL").is_err());
    assert!((crate::plain::PLAIN.read)(&disk.home().join("here")).is_err());
    disk.boot();
    assert!(
        db.execute_batch("INSERT INTO pair VALUES (4, x'', x'')")
            .is_err()
    );
    let before = disk.image();
    drop(db);
    assert!(
        disk.image() == before,
        "the dead connection wrote as it was closed"
    );
    let again = connect(&disk, "FULL").unwrap();
    let rows: i64 = again
        .query_row("SELECT max(number) FROM pair", [], |row| row.get(0))
        .unwrap();
    assert!(rows == 1 || rows == 2);
}

#[test]
fn a_copy_lives_its_own_life() {
    let disk = ready();
    drop(connect(&disk, "FULL").unwrap());
    let copy = disk.copy();
    assert_ne!(copy.home(), disk.home());
    assert_eq!(write_pairs(&copy, "FULL", 3), 6);
    assert_eq!((highest(&copy), highest(&disk)), (6, 0));
    let before = disk.image();
    write_pairs(&disk, "FULL", 5);
    disk.restore(&before);
    assert_eq!(highest(&disk), 0);
}

#[test]
fn a_bit_that_flips_at_rest_is_noticed() {
    let disk = ready();
    write_pairs(&disk, "FULL", 5);
    let path = disk.home().join("test.db");
    assert!(disk.flip(&path, 3 * 4096 + 100, 3));
    assert!(!disk.flip(&path, 1 << 40, 3));
    let db = connect(&disk, "FULL").unwrap();
    let read = db.query_row(
        "SELECT max(length(hex(left) || hex(right))) FROM pair",
        [],
        |row| row.get::<_, i64>(0),
    );
    assert!(read.is_err());
}

#[test]
fn a_killed_app_loses_nothing_that_it_wrote() {
    let disk = ready();
    let db = connect(&disk, "OFF").unwrap();
    db.execute_batch("INSERT INTO pair VALUES (1, x'', x''), (2, x'', x'')")
        .unwrap();
    disk.kill();
    assert!(
        db.execute_batch("INSERT INTO pair VALUES (3, x'', x'')")
            .is_err()
    );
    drop(db);
    assert_eq!(highest(&disk), 2);
}
