#![allow(clippy::unwrap_used, clippy::expect_used)]

use rusqlite::Connection;

use super::Transaction;

fn database() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(
        "PRAGMA foreign_keys = ON;
         CREATE TABLE report (id INTEGER PRIMARY KEY);
         CREATE TABLE part (report INTEGER NOT NULL REFERENCES report (id) DEFERRABLE INITIALLY DEFERRED);",
    )
    .unwrap();
    db
}

fn reports(db: &Connection) -> i64 {
    db.query_row("SELECT count(*) FROM report", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn what_is_not_committed_is_gone() {
    let db = database();
    let open = Transaction::to_write(&db).unwrap();
    open.execute("INSERT INTO report DEFAULT VALUES", [])
        .unwrap();
    drop(open);
    assert!(db.is_autocommit());
    assert_eq!(reports(&db), 0);
}

#[test]
fn what_is_committed_stays_and_the_next_one_begins() {
    let db = database();
    for expected in 1..=3 {
        let open = Transaction::to_write(&db).unwrap();
        open.execute("INSERT INTO report DEFAULT VALUES", [])
            .unwrap();
        open.commit().unwrap();
        assert!(db.is_autocommit());
        let read = Transaction::to_read(&db).unwrap();
        assert_eq!(reports(&read), expected);
        read.commit().unwrap();
    }
}

#[test]
fn a_commit_that_is_refused_leaves_nothing_open() {
    let db = database();
    let open = Transaction::to_write(&db).unwrap();
    open.execute("INSERT INTO report DEFAULT VALUES", [])
        .unwrap();
    open.execute("INSERT INTO part (report) VALUES (7)", [])
        .unwrap();
    assert!(open.commit().is_err());
    assert!(db.is_autocommit());
    assert_eq!(reports(&db), 0);
}
