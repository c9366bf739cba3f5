#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

#[test]
fn a_lock_is_shared_or_held_alone_and_keeps_a_word_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lock");
    let first = Held::shared(&path).unwrap().unwrap();
    let second = Held::shared(&path).unwrap().unwrap();
    assert!(Held::exclusive(&path).unwrap().is_none());
    drop((first, second));
    let mut alone = Held::exclusive(&path).unwrap().unwrap();
    assert!(Held::shared(&path).unwrap().is_none());
    alone.put("a longer word\n").unwrap();
    alone.put("4711\n").unwrap();
    drop(alone);
    let mut next = Held::exclusive(&path).unwrap().unwrap();
    assert_eq!(next.text().unwrap(), "4711\n");
}

#[test]
fn what_was_written_is_read_and_what_is_there_is_not_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("body");
    let mut file = Written::create_new(&path).unwrap();
    file.append(b"one ").unwrap();
    file.append(b"two").unwrap();
    file.sync().unwrap();
    assert_eq!(read(&path).unwrap(), b"one two");
    assert_eq!(length(&path).unwrap(), 7);
    assert!(Written::create_new(&path).is_err());
    assert_eq!(names(folder.path()).unwrap(), ["body"]);
}
