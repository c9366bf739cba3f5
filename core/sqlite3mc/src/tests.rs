#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
//! The database that is linked is the encrypted one, with the switches the store counts on.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, ErrorCode};

const KEY: &str = "raw:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const OTHER_KEY: &str = "raw:ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const CANARY: &str = "jalan berlubang di depan pasar";

fn open(file: &Path, key: Option<&str>) -> Connection {
    crate::link();
    let connection = Connection::open(file).unwrap();
    if let Some(key) = key {
        connection.pragma_update(None, "key", key).unwrap();
    }
    connection
}

fn holds(file: &Path, needle: &[u8]) -> bool {
    let bytes = fs::read(file).unwrap();
    bytes.windows(needle.len()).any(|window| window == needle)
}

/// A store with a picture-sized row, so that more than one page is written.
fn written(folder: &Path, key: Option<&str>) -> std::path::PathBuf {
    let file = folder.join("reports.db");
    let connection = open(&file, key);
    connection
        .pragma_update(None, "journal_mode", "wal")
        .unwrap();
    connection
        .execute_batch("CREATE TABLE report (words TEXT NOT NULL, picture BLOB NOT NULL) STRICT")
        .unwrap();
    let picture = CANARY.repeat(5_000);
    connection
        .execute(
            "INSERT INTO report (words, picture) VALUES (?1, ?2)",
            (CANARY, picture.as_bytes()),
        )
        .unwrap();
    let wal = folder.join("reports.db-wal");
    assert!(fs::metadata(&wal).unwrap().len() > 0);
    assert_eq!(holds(&wal, CANARY.as_bytes()), key.is_none());
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    file
}

#[test]
fn the_linked_database_is_the_one_with_ciphers() {
    assert_eq!(crate::cipher_version(), "SQLite3 Multiple Ciphers 2.6.1");
    assert_eq!(crate::sqlite_version(), "3.54.0");
    assert_eq!(rusqlite::version(), crate::sqlite_version());
}

#[test]
fn nothing_written_under_a_key_is_readable_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), Some(KEY));
    assert!(!holds(&file, CANARY.as_bytes()));
    assert!(!holds(&file, b"SQLite format 3"));
    assert!(!holds(&file, b"CREATE TABLE"));
}

/// The search above can fail: without a key it finds what it looks for.
#[test]
fn the_search_for_plaintext_finds_it_without_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), None);
    assert!(holds(&file, CANARY.as_bytes()));
}

#[test]
fn the_right_key_reads_the_report_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), Some(KEY));
    let words: String = open(&file, Some(KEY))
        .query_row("SELECT words FROM report", [], |row| row.get(0))
        .unwrap();
    assert_eq!(words, CANARY);
}

#[test]
fn a_wrong_key_and_no_key_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), Some(KEY));
    for key in [Some(OTHER_KEY), None] {
        let refused = open(&file, key)
            .query_row("SELECT count(*) FROM report", [], |row| {
                row.get::<_, i64>(0)
            })
            .unwrap_err();
        assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::NotADatabase));
    }
}

#[test]
fn a_changed_byte_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), Some(KEY));
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let read = open(&file, Some(KEY)).query_row("SELECT picture FROM report", [], |row| {
        row.get::<_, Vec<u8>>(0)
    });
    assert!(read.is_err(), "a page that was tampered with was read");
}

#[test]
fn it_is_built_with_the_switches_the_store_counts_on() {
    let connection = Connection::open_in_memory().unwrap();
    let mut statement = connection.prepare("PRAGMA compile_options").unwrap();
    let on: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for wanted in [
        "TEMP_STORE=2",
        "THREADSAFE=1",
        "OMIT_LOAD_EXTENSION",
        "ENABLE_DBSTAT_VTAB",
        "DEFAULT_SYNCHRONOUS=2",
        "DEFAULT_WAL_SYNCHRONOUS=2",
    ] {
        assert!(
            on.iter().any(|option| option == wanted),
            "{wanted} in {on:?}"
        );
    }
    // A quarter of a megabyte that nobody uses.
    assert!(!on.iter().any(|option| option == "ENABLE_FTS5"));
}

#[test]
fn there_is_no_second_cipher_to_open_a_file_with() {
    let connection = Connection::open_in_memory().unwrap();
    for cipher in [
        "aes128cbc",
        "aes256cbc",
        "sqlcipher",
        "rc4",
        "ascon128",
        "aegis",
    ] {
        assert!(
            connection.pragma_update(None, "cipher", cipher).is_err(),
            "{cipher} is compiled in"
        );
    }
    connection
        .pragma_update(None, "cipher", "chacha20")
        .unwrap();
}
